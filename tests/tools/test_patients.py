# SPDX-License-Identifier: MIT
"""get_patient_demographics."""

import datetime
import statistics

import pytest

NAMED = [*range(10001, 10017), 10104, 10143, 10144, 10149]
NOW = 1787321605                        # 2026-08-21T14:13:25Z
TODAY = datetime.date(2026, 8, 21)
TOOL = "get_patient_demographics"
UNKNOWN = 999999


def age(born, today=TODAY, cap=90):
    if born is None or born > today:
        return None
    return min(cap, today.year - born.year - (
        (today.month, today.day) < (born.month, born.day)))


@pytest.fixture(scope="module")
def born(db):
    return dict(db.rows("SELECT id, birth_date FROM core_patient"))


def test_rosters(call, check, visible, db, born):
    studies = db.column("SELECT id FROM core_study ORDER BY 1") + [UNKNOWN]
    for person in NAMED:
        if not call(person, "list_studies").ok:
            continue
        for study in studies:
            answer = call(person, TOOL, {"study_id": study}, now=NOW)
            expected = visible(person).roster(study)
            if expected is None:
                assert answer.raw == ("error", "", (
                    f'"not_found: no study {study} that you may see. '
                    'list_studies shows yours."'))
                continue
            check(TOOL, answer)
            ages = [age(born[one]) for one in expected]
            assert answer.data["rows"] == [
                [one, years] for one, years in zip(expected, ages)]
            assert answer.data["total"] == len(expected)
            known = [one for one in ages if one is not None]
            assert answer.data["ages"]["known"] == len(known)
            assert answer.data["ages"]["missing"] == len(ages) - len(known)
            if known:
                assert answer.data["ages"]["min"] == min(known)
                assert answer.data["ages"]["max"] == max(known)
                assert answer.data["ages"]["median"] == \
                    statistics.median(known)


def test_one_patient(call, check, visible, db, born):
    for person in NAMED:
        if not call(person, "list_studies").ok:
            continue
        readable = visible(person).patients()
        for patient in [*sorted(born), UNKNOWN]:
            answer = call(person, TOOL, {"patient_id": patient}, now=NOW)
            if patient not in readable:
                assert answer.raw == ("error", "", (
                    f'"not_found: no patient {patient} whose data you may '
                    'see. search_patients finds ids; a roster row with '
                    'readable=false has no data for you."'))
                continue
            check(TOOL, answer)
            assert answer.rows()[0]["patient_id"] == patient
            assert answer.rows()[0]["age"] == age(born[patient])


def test_lines(call, born):
    answer = call(10007, TOOL, {"study_id": 30009}, now=NOW)
    lines = answer.text.split("\n")
    assert lines[0] == "Study 30009 - 2 patient(s):"
    assert lines[1].startswith("  Patient 40050: Age ")
    assert "mail" not in answer.text
    answer = call(10001, TOOL, {"study_id": 30001, "include": ["contact"]},
                  now=NOW)
    assert "  Patient 40008: Age 0 years, Email: patient_40008@example.com" \
        in answer.text.split("\n") or "Patient 40008: Age N/A" in answer.text
    years = age(born[40010])
    assert "  Patient 40010: Age %s, Email: No email" % (
        "N/A" if years is None else f"{years} years") in \
        answer.text.split("\n")


def test_only_what_is_asked(call, check):
    columns = {"name": ["given_name", "family_name"],
               "birth_date": ["birth_date"], "contact": ["email", "phone"],
               "identifiers": ["identifiers"]}
    for first in columns:
        for second in columns:
            answer = call(10001, TOOL, {"study_id": 30001,
                                        "include": [first, second]})
            check(TOOL, answer)
            expected = ["patient_id", "age"]
            for one in columns:
                if one in (first, second):
                    expected += columns[one]
            assert answer.data["columns"] == expected


def test_cells(call, db, stored):
    answer = call(10016, TOOL, {
        "study_id": 30002,
        "include": ["identifiers", "name", "contact", "birth_date"]})
    for one in answer.rows():
        found = db.rows("""
            SELECT p.name_given, p.name_family, p.birth_date::text, u.email,
                p.telecom_phone FROM core_patient p
            LEFT JOIN core_jheuser u ON u.id = p.jhe_user_id
            WHERE p.id = %(id)s""", id=one["patient_id"])[0]
        assert tuple(one.values())[2:7] == found
        assert one["identifiers"] == db.value(
            f"SELECT {stored['identifiers']} FROM core_patient p"
            " WHERE p.id = %(id)s", id=one["patient_id"])


@pytest.mark.parametrize("args", [{"study_id": 30003}, {"patient_id": 40025}])
def test_what_identifiers_lack(call, check, db, facts, args):
    """The oldest generation has no systems: the values, and a note."""
    answer = call(10016, TOOL, dict(args, include=["identifiers"]))
    check(TOOL, answer)
    found = {one["patient_id"]: one["identifiers"] for one in answer.rows()}
    lacks = facts["EXCHANGE_GENERATION"] == "2025"
    assert found[40025] == ("" if lacks else
                            "https://example.com/mrn|") + "MRN-40025"
    assert found.get(40023) is None
    # An empty one there is none.
    assert not lacks or found.get(40003) is None
    notes = answer.data.get("notes", [])
    assert any(one.startswith("not_available: the systems of identifiers.")
               for one in notes) == lacks
    for answer in (call(10016, TOOL, dict(args, include=["name"])),
                   call(10016, TOOL, dict(args, include=["identifiers"]),
                        identity="never")):
        assert "not_available" not in answer.raw[1]


def test_odd_names(call, check):
    answer = call(10001, TOOL, {"study_id": 30001, "include": ["name"]})
    check(TOOL, answer)
    for one in answer.rows():
        for name in (one["given_name"], one["family_name"]):
            assert not set(name or "") & set("\n\t\x01\u202e\u2028\ufeff")
    assert any("not instructions" in note for note in answer.data["notes"])
    assert len(answer.text.split("\n")) == 1 + answer.data["returned"]


def test_never(call, check):
    answer = call(10001, TOOL, {
        "study_id": 30001, "include": ["name", "birth_date", "contact"]},
        identity="never", now=NOW)
    check(TOOL, answer)
    assert answer.data["columns"] == ["patient_id", "age"]
    assert answer.data["ages"]["max"] == 90
    assert max(one["age"] or 0 for one in answer.rows()) == 90
    assert "example.com" not in answer.raw[1] + answer.raw[2]


def test_always(call, check):
    answer = call(10001, TOOL, {"study_id": 30001}, identity="always")
    check(TOOL, answer)
    assert answer.data["columns"] == ["patient_id", "age", "email", "phone"]
    assert "Patient 40004: " in answer.text
    assert "Email: patient_40004@example.com" in answer.text


@pytest.mark.parametrize("limit", [1, 4, 15])
def test_pages(call, check, visible, limit):
    args = {"study_id": 30001, "limit": limit, "include": ["name"]}
    pages = call.pages(10001, TOOL, args)
    assert [one["patient_id"] for page in pages for one in page.rows()] == \
        visible(10001).roster(30001)
    for page in pages:
        check(TOOL, page)
        assert "given_name" in page.data["columns"]
        assert page.data["total"] == 15


def test_ages_over_89(call, db, born):
    """40013 was born in 1899: given as 90, unless all is given always."""
    args = {"patient_id": 40013}
    answer = call(10001, TOOL, args, now=NOW)
    assert answer.rows()[0]["age"] == 90
    assert answer.data["summary"] == "Patient 40013 is 90 years old."
    assert "Ages over 89 are given as 90." in answer.data["notes"]
    assert "126" not in answer.raw[1] + answer.raw[2]
    answer = call(10001, TOOL, args, identity="always", now=NOW)
    assert answer.rows()[0]["age"] == age(born[40013], cap=200) == 126
    answer = call(10001, TOOL, {"patient_id": 40001}, now=NOW)
    assert "notes" not in answer.data


def test_birthdays(call, db, born):
    """40012 was born on 29 February 2000, 40001 in 1984."""
    def years(patient, day):
        now = datetime.datetime.fromisoformat(day + "T12:00:00+00:00")
        return call(10001, TOOL, {"patient_id": patient},
                    now=int(now.timestamp())).rows()[0]["age"]
    assert years(40012, "2027-02-28") == 26
    assert years(40012, "2027-03-01") == 27
    assert years(40012, "2028-02-28") == 27
    assert years(40012, "2028-02-29") == 28
    for patient in (40001, 40004, 40015):
        day = born[patient].replace(year=2032)
        assert years(patient, day.isoformat()) == 2032 - day.year + \
            day.year - born[patient].year
        before = day - datetime.timedelta(days=1)
        assert years(patient, before.isoformat()) == \
            2032 - born[patient].year - 1


def test_which_id(call):
    assert call(10001, TOOL, {}).code == "bad_argument"
    assert call(10001, TOOL, {"study_id": 30001, "patient_id": 40001}).code \
        == "bad_argument"


def test_organizations(call):
    def names(person):
        return call(person, TOOL, {"patient_id": 40001}).rows()[0][
            "organizations"]
    assert names(10001) == "Blue Lake University"
    assert names(10004) == "Green Valley Cardiology"
    assert names(10006) == "Blue Lake University, Green Valley Cardiology"
