# SPDX-License-Identifier: MIT
"""Arguments, cursors and errors that all tools share."""

import pytest

STUDY = {"study_id": 30001}


@pytest.mark.parametrize("args", [
    {"limit": 0}, {"limit": 501}, {"limit": 1.5}, {"limit": "ten"},
    {"limit": True}, {"limit": [5]}, {"limit": 2 ** 63}, {"limit": 10 ** 30},
    {"limit": -1}, {"query": "x"}, {"query": "x" * 81}, {"query": 5},
    {"organization_id": -1}, {"organization_id": {}}, {"cursor": "x" * 121},
    {"page": 2}, {"foo": 1}, {"studyId": 1}])
def test_refused(call, args):
    assert call(10016, "list_studies", args).code == "bad_argument"


@pytest.mark.parametrize("args", [
    {}, {"limit": None}, {"limit": "50"}, {"limit": 50.0}, {"page": 1},
    {"page": "1"}, {"query": None}, {"organization_id": None},
    {"cursor": None}, {"cursor": ""}])
def test_accepted(call, args):
    assert call(10016, "list_studies", args).data["total"] == 8


@pytest.mark.parametrize("tool, args", [
    ("get_study_metadata", {"studyId": 30001}),
    ("get_study_metadata", {"study_id": "30001"}),
    ("get_study_metadata", {"study_id": 30001.0, "counts": "true"}),
    ("get_patient_demographics", {"patientId": 40001}),
    ("get_patient_demographics", {"study_id": 30001, "include": "name"}),
    ("get_patient_demographics", {"study_id": 30001,
                                  "include": "name,contact"}),
    ("get_patient_observations", {"patient_id": 40001,
                                  "data_type": ["blood-glucose"]}),
    ("get_patient_observations", {"patient_id": 40001,
                                  "since": "2026-01-01",
                                  "until": "2026-06-01"})])
def test_lenient(call, check, tool, args):
    check(tool, call(10001, tool, args))


def test_nearest_name(call):
    assert call(10001, "get_patient_demographics", {"patient": 1}).text == (
        'bad_argument: "patient" is not an argument of '
        'get_patient_demographics; did you mean patient_id?')
    assert call(10001, "get_study_count", {"x": 1}).text == (
        'bad_argument: "x" is not an argument of get_study_count; '
        'it takes none.')


def first_cursor(call, person=10001, **options):
    return call(person, "get_patient_demographics",
                dict(STUDY, limit=2, include=["name"]),
                **options).data["next_cursor"]


def test_cursor_belongs(call):
    cursor = first_cursor(call)
    tool = "get_patient_demographics"
    assert call(10001, tool, {"cursor": cursor}).ok
    assert call(10016, tool, {"cursor": cursor}).code == "bad_cursor"
    assert call(10001, "list_studies", {"cursor": cursor}).code == \
        "bad_cursor"
    for at in range(0, len(cursor), 7):
        other = "A" if cursor[at] != "A" else "B"
        damaged = cursor[:at] + other + cursor[at + 1:]
        assert call(10001, tool, {"cursor": damaged}).code == "bad_cursor"
    assert call(10001, tool, {"cursor": cursor[:-1]}).code == "bad_cursor"


def test_cursor_remembers(call):
    cursor = first_cursor(call)
    tool = "get_patient_demographics"
    for same in ({}, STUDY, {"limit": 2}, {"include": ["name"]},
                 {"include": "name"}):
        answer = call(10001, tool, dict(same, cursor=cursor))
        assert answer.ok and answer.data["returned"] == 2
        assert "given_name" in answer.data["columns"]
    for other, name in (({"study_id": 30006}, "study_id"),
                        ({"limit": 3}, "limit"),
                        ({"include": ["contact"]}, "include"),
                        ({"patient_id": 40001}, "patient_id")):
        answer = call(10001, tool, dict(other, cursor=cursor))
        assert answer.text == (
            f"cursor_mismatch: {name} differs from the call that gave this "
            "cursor. Send only the id and cursor.")


def test_cursor_expires(call):
    now = 1787321605
    cursor = first_cursor(call, now=now)
    tool = "get_patient_demographics"
    assert call(10001, tool, {"cursor": cursor}, now=now + 3600).ok
    assert call(10001, tool, {"cursor": cursor}, now=now + 3601).code == \
        "bad_cursor"


def test_cursor_after_losing_sight(call):
    """What a cursor remembers is no permission."""
    cursor = first_cursor(call)
    assert call(10001, "get_patient_demographics", {"cursor": cursor},
                claims="30006").code == "not_found"


def test_definitions(definitions):
    assert len(definitions) == 20
    for one in definitions.values():
        assert len(one["description"]) <= 2048
        for name in ("anyOf", "$ref", "oneOf"):
            assert name not in str(one["inputSchema"])
