# SPDX-License-Identifier: MIT
"""Rosters, consents and searches under the options of privacy."""

import os

import pytest

from conftest import Caller

ROSTER = "list_study_patients"
CONSENTS = "get_study_consents"
SEARCH = "search_patients"
AGES = "get_patient_demographics"
META = "get_study_metadata"


@pytest.fixture(scope="module")
def gated(facts):
    os.environ["TOOLS_CONSENT_GATE"] = "1"
    try:
        one = Caller(facts["JHE_DB_CONN"])
    finally:
        del os.environ["TOOLS_CONSENT_GATE"]
    yield one
    one.close()


def newest(db, study, consented):
    """Patient to the newest last_updated, of types with consent or of all."""
    return dict(db.rows("""
        SELECT e.patient_id, to_char(max(g.last_updated) AT TIME ZONE 'UTC',
            'YYYY-MM-DD"T"HH24:MI') FROM core_studypatient e
        JOIN core_observation g ON g.subject_patient_id = e.patient_id
        WHERE e.study_id = %(s)s AND (NOT %(c)s OR g.codeable_concept_id IN (
            SELECT k.scope_code_id FROM core_studypatientscopeconsent k
            WHERE k.study_patient_id = e.id AND k.consented))
        GROUP BY 1""", s=study, c=consented))


def test_gate_of_the_roster(gated, call, check, visible, db):
    held_back = 0
    for study in visible(10016).studies():
        answer = gated(10016, ROSTER, {"study_id": study})
        check(ROSTER, answer)
        readable = set(visible(10016).patients())
        open_, all_ = newest(db, study, True), newest(db, study, False)
        listed = [row["patient_id"] for row in answer.rows()]
        assert listed == visible(10016).roster(study)
        for row in answer.rows():
            one = row["patient_id"]
            shown = row["last_received"]
            if one not in readable or one not in open_:
                assert shown is None
            else:
                assert shown.startswith(open_[one])
        held = sum(1 for one in listed if one in readable
                   and all_.get(one) != open_.get(one))
        assert answer.data.get("withheld", {}).get("consent", 0) == held
        held_back += held
        assert "withheld" not in call(10016, ROSTER,
                                      {"study_id": study}).data
    assert held_back > 0


def test_gate_of_a_study(gated, check, db):
    answer = gated(10001, META, {"study_id": 30001})
    check(META, answer)
    rows = db.rows("""
        SELECT c.coding_code, count(*), count(*) FILTER (WHERE EXISTS (
            SELECT FROM core_studypatientscopeconsent k
            WHERE k.study_patient_id = e.id AND k.consented
            AND k.scope_code_id = g.codeable_concept_id))
        FROM core_studypatient e
        JOIN core_observation g ON g.subject_patient_id = e.patient_id
        JOIN core_studyscoperequest h ON h.study_id = e.study_id
            AND h.scope_code_id = g.codeable_concept_id
        JOIN core_codeableconcept c ON c.id = h.scope_code_id
        WHERE e.study_id = 30001 AND EXISTS (
            SELECT FROM core_patientorganization o
            WHERE o.patient_id = e.patient_id AND o.organization_id = 20001)
        GROUP BY 1""")
    assert {row["data_type"]: row["observations"]
            for row in answer.rows(answer.data["data_types"])} == {
        code.split(":")[1]: seen for code, _, seen in rows}
    assert answer.data["withheld"]["consent"] == sum(
        everything - seen for _, everything, seen in rows) > 0


@pytest.mark.parametrize("tool, args", [
    (ROSTER, {"study_id": 30001}), (SEARCH, {"name": "family"}),
    (SEARCH, {"identifier": "MRN-40025"}), (AGES, {"patient_id": 40001}),
    (CONSENTS, {"study_id": 30001, "patient_id": 40001})])
def test_aggregate_refuses(call, tool, args):
    answer = call(10001, tool, args, disclosure="aggregate")
    assert answer.code == "not_available"


def test_aggregate_consents(call, check, visible, db):
    cells = hidden = 0
    for study in visible(10016).studies():
        for status in ("exceptions", "all", "refused"):
            answer = call(10016, CONSENTS, {"study_id": study,
                                            "status": status},
                          disclosure="aggregate")
            check(CONSENTS, answer)
            assert answer.data["rows"] == [] and answer.data["total"] == 0
            assert not answer.data["truncated"]
            for _, *counts in answer.data["by_type"]["rows"]:
                cells += 3
                hidden += counts.count(None)
                assert counts.count(None) != 1
                assert all(n is None or n == 0 or n >= 5 for n in counts)
            for month, patients in answer.data["first_consents"]["rows"]:
                assert patients >= 5
    assert 0 < hidden < cells
    open_ = call(10001, CONSENTS, {"study_id": 30001})
    aggregate = call(10001, CONSENTS, {"study_id": 30001},
                     disclosure="aggregate")
    assert open_.data["summary"].startswith("6 of 15 patients")
    assert aggregate.data["summary"] == "15 patients; 3 data types."
    assert "40004" not in aggregate.raw[1] + aggregate.raw[2]


def test_minimum_is_for_cohorts(call, check):
    """Of one patient, and of oneself, nothing is too small."""
    answer = call(10001, CONSENTS, {"study_id": 30001, "patient_id": 40009},
                  minimum=5)
    check(CONSENTS, answer)
    assert answer.data == dict(call(10001, CONSENTS, {
        "study_id": 30001, "patient_id": 40009}).data,
        as_of=answer.data["as_of"])
    for tool in (CONSENTS, AGES):
        answer = call(10006, tool, {"study_id": 30001}, minimum=5)
        check(tool, answer)
        assert answer.data == dict(call(10006, tool, {
            "study_id": 30001}).data, as_of=answer.data["as_of"])
    answer = call(10001, CONSENTS, {"study_id": 30001}, minimum=5)
    assert ["blood-glucose", 9, None, None] in \
        answer.data["by_type"]["rows"]
    assert answer.data["withheld"]["small_groups"] > 0


def test_aggregate_ages(call, check, visible):
    for study in visible(10016).studies():
        answer = call(10016, AGES, {"study_id": study},
                      disclosure="aggregate")
        check(AGES, answer)
        assert answer.data["rows"] == [] and answer.data["total"] == 0
        ages = answer.data.get("ages")
        listed = len(visible(10016).roster(study))
        if 0 < listed < 5:
            assert ages is None
            assert answer.data["summary"].startswith("Too few")
            assert "0 patient" in answer.text
        if ages is not None:
            assert "min" not in ages and "max" not in ages
            assert ages["known"] == 0 or ages["known"] >= 5
            assert ages["missing"] == 0 or ages["missing"] >= 5
    answer = call(10016, AGES, {"study_id": 30005}, disclosure="aggregate")
    assert "median age" in answer.data["summary"] or \
        "median" not in answer.data["summary"]


def test_pseudonymous(call, check):
    shown = {"disclosure": "pseudonymous", "identity": "always"}
    answer = call(10001, ROSTER, {
        "study_id": 30001, "include": ["name", "birth_date", "contact",
                                       "identifiers"]}, **shown)
    check(ROSTER, answer)
    assert answer.data["columns"] == ["patient_id", "age", "consented",
                                      "requested", "last_received",
                                      "readable"]
    assert max(row["age"] or 0 for row in answer.rows()) == 90
    assert any("no names" in one for one in answer.data["notes"])
    assert call(10001, ROSTER, {"study_id": 30001, "sort": "name"},
                **shown).code == "not_available"
    for args in ({"name": "pia"}, {"family": "p"}, {"given": "p"},
                 {"birthdate": "1984-02-29"},
                 {"identifier": "MRN-40001", "name": "pia"}):
        assert call(10001, SEARCH, args, **shown).code == "not_available"
    answer = call(10001, SEARCH, {"identifier": "MRN-40001",
                                  "include": ["name"]}, **shown)
    check(SEARCH, answer)
    assert answer.data["columns"] == ["patient_id", "age", "studies"]
    assert "Pia" not in answer.raw[1] + answer.raw[2]
    answer = call(10001, AGES, {"patient_id": 40001, "include": ["name"]},
                  **shown)
    assert answer.data["columns"] == ["patient_id", "age", "organizations"]
