# SPDX-License-Identifier: MIT
"""Disclosure modes, small groups and provenance, over all tools."""

import json
import re

import pytest

from conftest import Caller

MODES = ["identified", "pseudonymous", "aggregate"]
PATIENT = 40001
STUDY = 30001
# What each tool is asked, as far as it needs arguments; by whom: 10016.
ARGUMENTS = {
    "get_study_metadata": {"study_id": STUDY},
    "list_study_patients": {"study_id": STUDY},
    "get_study_consents": {"study_id": STUDY},
    "search_patients": {"identifier": "x"},
    "get_patient_demographics": {"study_id": STUDY},
    "summarize_patient_observations": {"patient_id": PATIENT},
    "get_data_coverage": {"study_id": STUDY, "group_by": "data_type"},
    "get_observation_statistics": {"study_id": STUDY,
                                   "data_type": "blood-glucose"},
    "get_patient_observations": {"patient_id": PATIENT},
    "summarize_fhir_resources": {"study_id": STUDY},
    "get_fhir_resources": {"patient_id": PATIENT,
                           "resource_type": "Condition"},
    "get_patient_survey_responses": {"patient_id": PATIENT},
    "count_patient_observations": {"patient_id": PATIENT},
    "count_study_observations": {"study_id": STUDY},
    "get_patient_date_range": {"patient_id": PATIENT},
}
OF_PATIENTS = {"list_study_patients", "search_patients",
               "summarize_patient_observations", "get_patient_observations",
               "get_fhir_resources", "get_patient_survey_responses",
               "count_patient_observations", "get_patient_date_range"}


@pytest.fixture(scope="module")
def ask(call, built):
    """ask(tool, disclosure=...) of those tools that there are."""
    def one(tool, args=None, person=10016, **options):
        if tool not in built:
            pytest.skip(f"{tool} is not there")
        return call(person, tool, dict(ARGUMENTS.get(tool, {}), **args or {}),
                    **options)
    return one


@pytest.fixture(scope="module")
def built(definitions):
    return set(definitions)


def clinical(answer):
    """An exchange of an older generation has no such records."""
    return not answer.ok and answer.code == "not_available" and (
        "clinical" in answer.text or "survey" in answer.text)


@pytest.mark.parametrize("tool", sorted(ARGUMENTS))
@pytest.mark.parametrize("mode", MODES)
def test_each_tool_in_each_mode(ask, check, tool, mode):
    answer = ask(tool, disclosure=mode)
    if clinical(answer):
        return
    if mode == "aggregate" and tool in OF_PATIENTS:
        assert answer.code == "not_available"
        assert "aggregates only" in answer.text
    else:
        check(tool, answer)


@pytest.mark.parametrize("tool", sorted(
    name for name, args in ARGUMENTS.items()
    if name not in OF_PATIENTS and name != "get_study_metadata"
    and name != "count_study_observations"))
def test_aggregate_refuses_a_patient_s_id(ask, tool):
    args = {"patient_id": PATIENT}
    answer = ask(tool, args, disclosure="aggregate")
    assert answer.code in ("not_available", "bad_argument")


def identities(db, study):
    """Every name, address and number of a study's patients."""
    found = set()
    for row in db.rows("""
            SELECT p.name_family, p.name_given, p.birth_date::text,
                p.telecom_phone, u.email
            FROM core_patient p JOIN core_studypatient e ON e.patient_id = p.id
            LEFT JOIN core_jheuser u ON u.id = p.jhe_user_id
            WHERE e.study_id = %(study)s""", study=study):
        found |= {text for text in row if text and len(text) > 5}
    # Of Pia Patient, in every other sentence.
    return found - {"Patient"}


@pytest.mark.parametrize("mode", ["pseudonymous", "aggregate", "never"])
@pytest.mark.parametrize("tool", sorted(ARGUMENTS))
def test_nobody_is_named(ask, db, definitions, tool, mode):
    args = {}
    if tool not in definitions:
        pytest.skip(f"{tool} is not there")
    if "include" in definitions[tool]["inputSchema"]["properties"]:
        args["include"] = ["name", "birth_date", "contact", "identifiers"]
    answer = ask(tool, args, **({"identity": "never"} if mode == "never"
                                else {"disclosure": mode}))
    for text in identities(db, STUDY):
        assert text not in answer.raw[1] and text not in answer.text, text


def test_pseudonymous_searches_by_identifier_only(ask):
    for name in ("name", "family", "given", "birthdate"):
        answer = ask("search_patients", {name: "1990-01-01"},
                     disclosure="pseudonymous")
        assert answer.code == "not_available", name
    answer = ask("get_patient_observations", {"verbosity": "full"},
                 disclosure="pseudonymous")
    assert answer.code == "not_available"


def test_never_searches_by_identifier_only(ask):
    for name in ("name", "family", "given", "birthdate"):
        answer = ask("search_patients", {name: "1990-01-01"},
                     identity="never")
        assert answer.code == "not_available", name
    assert ask("search_patients", identity="never").ok


def test_aggregate_gives_no_numbers_of_few(call, check, db):
    """10016 sees all of these studies; some have fewer than 5 patients."""
    sizes = dict(db.rows("SELECT study_id, count(*) FROM core_studypatient"
                         " GROUP BY 1"))
    rows = call(10016, "list_studies", disclosure="aggregate").rows()
    assert {0} < {sizes.get(row["study_id"], 0) for row in rows}
    for row in rows:
        size = sizes.get(row["study_id"], 0)
        assert row["patients"] == (None if 0 < size < 5 else size)
        answer = call(10016, "get_study_metadata",
                      {"study_id": row["study_id"]}, disclosure="aggregate")
        check("get_study_metadata", answer)
        assert answer.data["patients"] == (0 if 0 < size < 5 else size)
        for one in answer.rows(answer.data["data_types"]):
            assert one["patients"] in (None, 0) or one["patients"] >= 5
            assert one["patients"] in (None, size) or (
                size - one["patients"] >= 5)
            assert one["first"] is None and one["last"] is None
            consents = [one["consented"], one["refused"], one["pending"]]
            shown = [n for n in consents if n is not None]
            assert all(n == 0 or n >= 5 for n in shown)
            # What is left of all patients is nobody, or at least five.
            left = size - sum(shown)
            assert left == 0 or left >= 5 or not any(shown)


def test_minimum_cell_without_aggregate(call):
    answer = call(10016, "list_studies", minimum=10)
    assert all(row["patients"] is None or row["patients"] == 0
               or row["patients"] >= 10 for row in answer.rows())
    assert answer.data["withheld"]["small_groups"] > 0


def test_study_numbers_are_not_a_participant_s(call, check, built):
    """10006 takes part in study 30001, and is no practitioner."""
    for tool in ("get_observation_statistics", "summarize_fhir_resources"):
        if tool not in built:
            continue
        answer = call(10006, tool, ARGUMENTS[tool])
        if answer.ok:
            # Their own rows, and nobody else's.
            check(tool, answer)
            assert "your own" in json.dumps(answer.data) or all(
                row.get("patients", 1) in (None, 0, 1)
                for row in answer.rows())
        else:
            assert answer.code == "not_available", answer.raw


def test_consent_gate(facts, call, db, monkeypatch):
    """What the gate holds back is what our own SQL finds without consent."""
    monkeypatch.setenv("TOOLS_CONSENT_GATE", "1")
    gated = Caller(facts["JHE_DB_CONN"])
    try:
        for patient in (PATIENT, 40004, 40005):
            total, open_ = db.rows("""
                SELECT count(*), count(*) FILTER (WHERE EXISTS (
                    SELECT FROM core_studypatientscopeconsent k
                    JOIN core_studypatient e ON e.id = k.study_patient_id
                    WHERE e.patient_id = o.subject_patient_id AND k.consented
                    AND k.scope_code_id = o.codeable_concept_id))
                FROM core_observation o WHERE subject_patient_id = %(id)s""",
                id=patient)[0]
            args = {"patient_id": patient}
            free = call(10016, "get_patient_observations", args).data
            shut = gated(10016, "get_patient_observations", args).data
            assert free["total"] == total and "withheld" not in free
            assert shut["total"] == open_
            if total > open_:
                assert shut["withheld"]["consent"] == total - open_
    finally:
        gated.close()


# --- Provenance ---------------------------------------------------------------

ULID = re.compile("[0-9A-HJKMNP-TV-Z]{26}$")


@pytest.mark.parametrize("tool", sorted(ARGUMENTS))
def test_provenance_of_each(ask, db, tool):
    answer = ask(tool, meta="yes")
    assert len(answer.raw[1].encode()) <= 1024
    told = answer.data["jhe-mcp/provenance"]
    assert told["tool"] == tool
    assert isinstance(told["elapsed_ms"], int)
    assert told["server"].startswith("jhe-mcp ")
    if answer.ok:
        for name, value in ARGUMENTS[tool].items():
            if name.endswith("_id"):
                assert told["filters"][name] == value
        assert told["statements"]
    for text in identities(db, STUDY):
        assert text not in answer.raw[1]


def test_provenance_repeats_no_words(call, built):
    if "search_patients" in built:
        answer = call(10016, "search_patients", {"name": "nguyen"},
                      meta="yes")
        assert "nguyen" not in answer.raw[1].lower()
    answer = call(10016, "list_studies", {"query": "glucose"}, meta="yes")
    assert "glucose" not in answer.raw[1]
    answer = call(10016, "get_patient_observations", {
        "patient_id": PATIENT, "data_type": "glucose,bp", "last": "10y"},
                  meta="yes")
    told = answer.data["jhe-mcp/provenance"]
    assert told["filters"]["data_type"] == ["omh:blood-glucose",
                                            "omh:blood-pressure"]
    assert told["filters"]["window"]["timezone"] == "UTC"
    assert told["rows"]["matched"] >= told["rows"]["returned"]
    # Of an error nothing is repeated that was asked.
    answer = call(10016, "get_patient_observations", {
        "patient_id": PATIENT, "data_type": "May Nguyen"}, meta="yes")
    assert not answer.ok and "Nguyen" not in answer.raw[1]


def test_provenance_stays_short(call):
    ids = list(range(2 ** 62, 2 ** 62 + 50))
    answer = call(10016, "get_patient_observations", {
        "patient_id": PATIENT, "observation_ids": ids}, meta="yes")
    assert len(answer.raw[1].encode()) <= 1024


# --- Differences --------------------------------------------------------------

def visible_sizes(db):
    return dict(db.rows("SELECT study_id, count(*) FROM core_studypatient"
                        " GROUP BY 1"))


@pytest.mark.parametrize("minimum", [0, 5, 8])
def test_no_difference_tells_a_small_group(call, built, db, minimum):
    """The whole less what is shown of its parts is nobody, or enough."""
    if "get_observation_statistics" not in built:
        pytest.skip("get_observation_statistics is not there")
    least = max(minimum, 5)
    asked = 0
    for study in sorted(visible_sizes(db)):
        for kind in ("blood-glucose", "heart-rate", "body-weight",
                     "blood-pressure", "step-count"):
            args = {"study_id": study, "data_type": kind}
            whole = call(10016, "get_observation_statistics", args,
                         disclosure="aggregate", minimum=minimum)
            if not whole.ok:
                continue
            totals = [row["patients"] for row in whole.rows()]
            assert all(n == 0 or n >= least for n in totals)
            for other in ({"group_by": "age_band"},
                          {"group_by": "data_source"}, {"bucket": "month"},
                          {"bucket": "weekday"}):
                parts = call(10016, "get_observation_statistics",
                             dict(args, limit=500, **other),
                             disclosure="aggregate", minimum=minimum)
                assert parts.ok, parts.raw
                shown = [row["patients"] for row in parts.rows()]
                assert all(n >= least for n in shown)
                assert not {"min", "max", "p5", "p25", "p75", "p95"} & set(
                    parts.data["columns"])
                assert all(row.get("p50") is None or
                           row["patients"] >= 4 * least
                           for row in parts.rows())
                assert not {"extremes", "ranges"} & set(parts.data)
                assert "patient_id" not in parts.data["columns"]
                # Each has one age: the bands part the patients.
                if "age_band" in parts.data["columns"] and totals:
                    left = max(totals) - sum(shown)
                    assert left <= 0 or left >= least or not shown
                asked += 1
    assert asked > 10


def test_pages_hide_the_same(call, built):
    """Suppression looks at all groups, whatever the page."""
    if "get_observation_statistics" not in built:
        pytest.skip("get_observation_statistics is not there")
    args = {"study_id": STUDY, "data_type": "blood-glucose",
            "bucket": "hour_of_day"}
    options = {"disclosure": "aggregate"}
    whole = call(10016, "get_observation_statistics",
                 dict(args, limit=100), **options)
    pages = call.pages(10016, "get_observation_statistics",
                       dict(args, limit=5), {"data_type": "blood-glucose"},
                       **options)
    assert [row for page in pages for row in page.data["rows"]] == (
        whole.data["rows"])
    assert {page.data.get("suppressed_groups") for page in pages} == {
        whole.data.get("suppressed_groups")}
