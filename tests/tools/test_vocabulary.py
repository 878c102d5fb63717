# SPDX-License-Identifier: MIT
"""get_omh_schema: the data types that are known, and their schemas."""

import pytest

from conftest import check_schema

NAMES = {
    "blood-glucose": ["Blood glucose", "glucose", "CGM", "blood_glucose",
                      "omh:blood-glucose:4.0", "omh:blood-glucose:3.0"],
    "sleep-stage-summary": ["ieee:sleep-stage-summary:1.0",
                            "Sleep Stage Summary"],
    "step-count": ["steps", "STEP-COUNT"],
}


@pytest.fixture(scope="module")
def person(people):
    return people[0]


@pytest.fixture
def valid(definitions):
    """It is what the output schema says; its list has no pages."""
    def check(tool, answer):
        assert answer.ok, answer.raw
        check_schema(answer.data, definitions[tool]["outputSchema"])
        assert next(iter(answer.data)) == "summary"
    return check


def test_all_types(call, db, person, valid):
    answer = call(person, "get_omh_schema")
    valid("get_omh_schema", answer)
    rows = {row["data_type"]: row for row in answer.rows()}
    assert len(rows) == 15
    # Every code that the exchange has seeded is one of them.
    for code in db.column("SELECT coding_code FROM core_codeableconcept"
                          " WHERE coding_code ~ '^(omh|ieee):'"
                          " AND id BETWEEN 50001 AND 50016"):
        name = code.split(":")[1]
        assert rows[name]["code"].split(":")[:2] == code.split(":")[:2]
    assert rows["blood-pressure"] == {
        "data_type": "blood-pressure", "code": "omh:blood-pressure:4.0",
        "measures": "systolic, diastolic", "unit": "mmHg",
        "analysed_as": "reading", "other_names": "bp"}
    assert rows["physical-activity"]["measures"] == (
        "distance, kcal_burned, met_value")
    assert rows["physical-activity"]["unit"] == "m, kcal, MET"
    assert rows["rr-interval"]["other_names"] is None
    assert {row["analysed_as"] for row in rows.values()} == {
        "reading", "daily_total", "night"}


@pytest.mark.parametrize("name", [
    (name, other) for name, others in NAMES.items()
    for other in [name, *others]], ids=lambda pair: pair[1])
def test_a_type_by_any_of_its_names(call, person, valid, name):
    wanted, asked = name
    answer = call(person, "get_omh_schema", {"name": asked})
    valid("get_omh_schema", answer)
    assert answer.data["name"] == wanted
    assert answer.data["schema"]["$id"] == "omh://schema/" + wanted
    assert "columns" not in answer.data


@pytest.mark.parametrize("name, part", [
    ("glucos", "Nearest: blood-glucose."), ("qqqqqqqq", "without a name"),
    ("QuestionnaireResponse", "without a name"), ("'; --", "lists all"),
    ("a\nb\u202e", '"a b"')])
def test_a_name_that_is_none(call, person, name, part):
    answer = call(person, "get_omh_schema", {"name": name})
    assert answer.code == "unknown_type" and part in answer.text


@pytest.mark.parametrize("args", [
    {"name": "x" * 81}, {"data_type": "steps"}, {"name": {}}])
def test_bad_arguments(call, person, args):
    answer = call(person, "get_omh_schema", args)
    assert not answer.ok


@pytest.mark.parametrize("disclosure", ["aggregate", "pseudonymous"])
def test_in_every_disclosure(call, person, disclosure):
    assert call(person, "get_omh_schema", disclosure=disclosure).ok
