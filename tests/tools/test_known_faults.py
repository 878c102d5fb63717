# SPDX-License-Identifier: MIT
"""What other servers for the exchange were seen to get wrong: one test a
fault.  Each says what went wrong there."""

import pytest

ALL = 10016                 # manager of most organizations
STATISTICS = "get_observation_statistics"


def every(answer):
    assert answer.ok, answer.raw
    return answer.rows()


def test_a_roster_broke_at_the_page(call, visible):
    expected = visible(10001).roster(30001)
    pages = call.pages(10001, "list_study_patients",
                       {"study_id": 30001, "limit": 4},
                       again={"study_id": 30001})
    found = [one["patient_id"] for page in pages for one in page.rows()]
    assert len(pages) > 2 and sorted(found) == sorted(expected)


def test_the_parts_did_not_add_up(call):
    """Counts by patient had types the study does not request."""
    whole = call(10004, "count_study_observations", {"study_id": 30004})
    parts = call(10004, "count_study_observations",
                 {"study_id": 30004, "by_patient": True, "limit": 500})
    assert whole.data["count"] == sum(r["count"] for r in every(parts)) > 0


def test_a_study_held_what_it_does_not_request(call):
    """Blood pressure of people in a study of heart rate."""
    types = call(10004, "get_study_metadata",
                 {"study_id": 30004}).data["data_types"]["rows"]
    assert {row[0] for row in types} == {"heart-rate", "rr-interval"}
    answer = call(10004, STATISTICS, {"study_id": 30004,
                                      "data_type": "blood-pressure"})
    assert answer.data["rows"] == []


@pytest.mark.parametrize("tool,args", [
    ("get_study_metadata", {"study_id": 30001}),
    ("list_study_patients", {"study_id": 30001}),
    ("get_patient_demographics", {"patient_id": 40004}),
    ("summarize_patient_observations", {"patient_id": 40004}),
    ("count_patient_observations", {"patient_id": 40004}),
    ("get_patient_date_range", {"patient_id": 40004})])
def test_forbidden_looked_unlike_unknown(call, tool, args):
    """One said 403, another null, a third showed a stranger's age."""
    name, known = next(iter(args.items()))
    forbidden = call(10003, tool, args)
    unknown = call(10003, tool, {name: 999999})
    assert forbidden.code == "not_found"
    assert forbidden.text.replace(str(known), "999999") == unknown.text


def test_times_were_compared_as_text(call):
    """Stored with offsets from -07:00 to +05:30."""
    answer = call(ALL, "get_patient_observations",
                  {"patient_id": 40005, "data_type": "heart-rate",
                   "limit": 200, "timezone": "UTC"})
    times = [row["effective_at"] for row in every(answer)]
    assert len(times) == 100 and times == sorted(times, reverse=True)
    offsets = {row["effective_at"][-6:] for row in every(call(
        ALL, "get_patient_observations",
        {"patient_id": 40005, "data_type": "heart-rate", "limit": 200,
         "timezone": "recorded"}))}
    assert len(offsets) > 1


def test_several_values_were_null(call):
    pressure = call(10002, "get_patient_observations",
                    {"patient_id": 40016, "data_type": "blood-pressure"})
    for row in every(pressure):
        assert row["systolic"] > row["diastolic"] > 0
    sleep = call(10003, "get_patient_observations",
                 {"patient_id": 40024, "data_type": "sleep-stage-summary"})
    assert all(row["total_sleep_time"] and row["deep_sleep"]
               for row in every(sleep))


def test_records_had_no_status_source_or_modality(call):
    answer = call(ALL, "get_patient_observations",
                  {"patient_id": 40004, "limit": 200})
    said = set(answer.data["columns"]) | set(answer.data["common"])
    assert {"status", "source", "modality"} <= said


def test_identifiers_were_not_shown(call):
    found = call(ALL, "search_patients",
                 {"identifier": "MRN-40004", "include": ["identifiers"]})
    assert [one["patient_id"] for one in every(found)] == [40004]
    assert "MRN-40004" in str(found.rows()[0]["identifiers"])


def test_organizations_and_consents_were_not_told(call):
    who = call(ALL, "whoami").data
    assert len(who["organizations"]["rows"]) == 5
    assert {row[3] for row in who["organizations"]["rows"]} == \
        {"manager", "member", "viewer"}
    assert call(ALL, "get_study_consents", {"study_id": 30001}).data["rows"]


def test_clinical_records_were_not_there(call, facts):
    answer = call(ALL, "summarize_fhir_resources", {"patient_id": 40004})
    if facts["EXCHANGE_GENERATION"] in ("2025", "2026a"):
        assert answer.code == "not_available"
    else:
        assert {"Condition", "MedicationRequest", "Encounter"} <= \
            {one["resource_type"] for one in every(answer)}


def test_one_type_and_one_version_at_a_time(call, db):
    """omh:heart-rate:1.0 and :2.0 are one type, and two types one call."""
    both = call(ALL, "count_patient_observations", {
        "patient_id": 40050, "data_type": "heart-rate"}).data["count"]
    assert both == db.value("""
        SELECT count(*) FROM core_observation o
        JOIN core_codeableconcept c ON c.id = o.codeable_concept_id
        WHERE o.subject_patient_id = 40050
        AND c.coding_code LIKE 'omh:heart-rate:%%'""")
    two = call(ALL, "count_patient_observations", {
        "patient_id": 40004, "data_type": "heart-rate,blood-glucose"})
    assert two.data["count"] == 500


def test_units_were_mixed(call):
    """40005 is stored in mmol/L, 40004 in mg/dL."""
    for patient in (40004, 40005):
        in_mg, in_mmol = (call(ALL, STATISTICS, {
            "patient_id": patient, "data_type": "blood-glucose",
            "unit": unit}) for unit in ("mg/dL", "mmol/L"))
        mg, mmol = (one.rows()[0]["mean"] for one in (in_mg, in_mmol))
        assert abs(mg / mmol - 18.0182) < 0.05


def test_undated_came_first(call, db):
    """Rows without a time were "the latest", and ended date ranges."""
    latest = call(ALL, "get_patient_observations",
                  {"patient_id": 40030, "data_type": "rr-interval"})
    assert all(row["effective_at"] for row in every(latest))
    found = call(ALL, "get_patient_date_range", {"patient_id": 40030}).data
    assert found["earliest"] < found["latest"]


@pytest.mark.parametrize("odd", [
    "2026-W01-1", "20260101", "2026-1-1", "2026-02-30", "2026-13-01",
    "yesterday", "2026", "01/02/2026", "2026-01-01T25:00Z"])
def test_odd_dates_were_taken(call, odd):
    assert call(ALL, "count_patient_observations",
                {"patient_id": 40004, "start": odd}).code == "bad_argument"


def test_unknown_filters_were_ignored(call):
    """A mistyped date filter gave everything."""
    answer = call(ALL, "count_patient_observations",
                  {"patient_id": 40004, "strat": "2026-05-01"})
    assert answer.code == "bad_argument" and "start" in answer.text


def test_errors_of_the_database_were_shown(call):
    for tool, args in (
            ("search_patients", {"name": "'; SELECT 1/0 --"}),
            ("get_patient_observations", {
                "patient_id": 40004, "data_type": "\\';--"})):
        answer = call(ALL, tool, args)
        assert "syntax" not in answer.text and "SQL" not in answer.text


def test_the_person_was_that_of_the_first_request(call):
    """Two people in turn through one process."""
    for _ in range(3):
        assert call(10001, "get_study_count").data != \
            call(ALL, "get_study_count").data
        assert call(10005, "get_study_count").data == {"count": 0}
