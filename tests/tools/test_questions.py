# SPDX-License-Identifier: MIT
"""What researchers ask: 36 questions on the demonstration data.

Each is a row: what is called with what, how many bytes the answer may take
(a tenth more is allowed), and what the answer must hold, worked out here from
the stored rows.  All are asked as the demonstration's person, who has been
told the ids.  It takes 41 calls.  QUESTIONS_KEEP names a file to which each
answer is appended with its schema, for another validator.
"""

import json
import os
import select
import statistics
import subprocess
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conftest import UP, Caller, Database, check_schema

PERSON = 10901
CGM, BP, SECOND, PILOT = 30901, 30902, 30903, 30904
WEST = ZoneInfo("America/Los_Angeles")
CONCEPTS = {"blood-glucose": 50001, "blood-pressure": 50002,
            "heart-rate": 50004, "body-weight": 50008, "step-count": 50012,
            "sleep-stage-summary": 50013, "sleep-duration": 50015}
MG = 18.0182


@pytest.fixture(scope="module")
def demonstration():
    up = subprocess.Popen(
        [UP, "--database-only", "--json", "--until-eof", "--demonstration",
         "--generation", "2026"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)
    try:
        assert select.select([up.stdout], [], [], 120)[0], "no database"
        facts = json.loads(up.stdout.readline())
        caller = Caller(facts["JHE_DB_CONN"])
        yield caller, Data(Database(facts["JHE_DB_ADMIN"]))
        caller.close()
    finally:
        up.stdin.close()
        up.wait(30)


class Data:
    """The stored rows, read once, as Python sees them."""

    def __init__(self, db):
        self.db = db
        self.roster = {study: db.column("""
            SELECT patient_id FROM core_studypatient WHERE study_id = %(s)s
            ORDER BY 1""", s=study) for study in (CGM, BP, SECOND, PILOT)}
        self.rows = {}
        for name, concept in CONCEPTS.items():
            self.rows[name] = [self.row(*one) for one in db.rows("""
                SELECT id, subject_patient_id, omh_data -> 'body'
                FROM core_observation WHERE codeable_concept_id = %(c)s
                AND subject_patient_id BETWEEN 40901 AND 40936""", c=concept)]

    @staticmethod
    def row(ident, patient, body):
        frame = body.get("effective_time_frame", {})
        interval = frame.get("time_interval", {})
        start = frame.get("date_time") or interval.get("start_date_time")
        end = interval.get("end_date_time") or start
        return {"id": ident, "patient": patient, "body": body,
                "at": start and datetime.fromisoformat(start),
                "end": end and datetime.fromisoformat(end)}

    def select(self, name, patients, window=None):
        """Of these patients (or this one), in a window of an answer."""
        patients = [patients] if isinstance(patients, int) else patients
        found = [r for r in self.rows[name] if r["patient"] in patients]
        if window:
            low, high = instants(window)
            found = [r for r in found if r["at"] and low <= r["at"] < high]
        return found

    def glucose(self, patients, window):
        """Values in mg/dL with their rows; each reading once."""
        found, seen = [], set()
        for r in self.select("blood-glucose", patients, window):
            one = r["body"]["blood_glucose"]
            if not isinstance(one, dict):
                continue
            value = one["value"] * (MG if one["unit"] == "mmol/L" else 1)
            key = (r["patient"], r["at"], one["value"])
            if key not in seen:
                seen.add(key)
                found.append((value, r))
        return found


def instants(window):
    return [datetime.fromisoformat(window[name]) for name in ("start", "end")]


def rows(table):
    return [dict(zip(table["columns"], row)) for row in table["rows"]]


def near(a, b, by=0.051):
    assert a is not None and abs(a - b) <= by, (a, b)


def share(values, low, high):
    return 100 * sum(low <= v < high for v in values) / len(values)


# --- What the answers must hold. ---------------------------------------------

def is_count(a, data):
    assert a == {"count": 4}


def is_overview(a, data):
    assert [r[0] for r in a["rows"]] == [CGM, BP, SECOND, PILOT]
    assert [r[4] for r in a["rows"]] == [20, 7, 6, 3]


def is_inventory(a, data):
    table = {r["data_type"]: r for r in rows(a["data_types"])}
    assert len(table) == 9 and a["patients"] == 20
    assert a["observations"] == sum(r["observations"] for r in table.values())
    glucose = data.select("blood-glucose", data.roster[CGM])
    assert table["blood-glucose"]["observations"] == len(glucose)
    assert table["blood-glucose"]["refused"] == 1
    assert table["oxygen-saturation"]["pending"] == 1
    assert table["step-count"]["consented"] == 20


def is_recruitment(a, data):
    assert a["patients"] == 20
    months = rows(a["first_consents"])
    assert sum(r["patients"] for r in months) == 20
    assert [r["month"] for r in months] == sorted(r["month"] for r in months)
    expected = dict(data.db.rows("""
        SELECT to_char(first, 'YYYY-MM'), count(*) FROM (
            SELECT min(consented_time) AS first
            FROM core_studypatientscopeconsent c
            JOIN core_studypatient e ON e.id = c.study_patient_id
            WHERE e.study_id = 30901 AND c.consented GROUP BY e.patient_id) x
        GROUP BY 1"""))
    assert {r["month"]: r["patients"] for r in months} == expected


def is_exceptions(a, data):
    found = {r["patient_id"]: r for r in rows(a)}
    assert set(found) == {40904, 40909, 40920}
    assert found[40904]["refused"] == 3
    assert set(found[40904]["refused_types"].replace(" ", "").split(",")) == \
        {"blood-glucose", "sleep-stage-summary", "heart-rate"}
    assert found[40909]["pending_types"] == "oxygen-saturation"


def is_joint(a, data):
    # Glucose and the three of sleep; only 40904 refused any of them.
    assert a["total"] == 19 and len(a["by_type"]["rows"]) == 4


def is_silent(a, data):
    found = {r["patient_id"]: r for r in rows(a)}
    assert set(found) == {40904, 40909, 40920}
    assert found[40920]["last_received"] is None
    assert found[40904]["family_name"] == "Dhar"


def is_worn(a, data):
    found = {r["patient_id"]: r for r in rows(a)}
    assert set(found) == set(data.roster[CGM])
    assert a["expected_per_day"] == 96
    low, high = instants(a["window"])
    for patient, r in found.items():
        mine = [x for x in data.select("blood-glucose", patient, a["window"])]
        assert r["readings"] == len(mine), r
        days = {(x["at"] - low) // timedelta(days=1) for x in mine}
        assert r["days"] == len(days), r
    assert found[40920]["readings"] == 0
    assert found[40903]["complete_pct"] < 70 <= found[40901]["complete_pct"]


def is_weekly(a, data):
    assert len(a["rows"]) in (12, 13)
    assert all(r["patients"] <= 19 for r in rows(a))


def is_thin(a, data):
    found = {r["data_type"]: r for r in rows(a)}
    assert len(found) == 9
    assert found["blood-glucose"]["readings"] == len(
        data.select("blood-glucose", data.roster[CGM], a["window"]))


def is_devices(a, data):
    found = {r["data_source"]: r for r in rows(a)}
    assert set(found) == {"Dexcom", "Oura"}
    assert found["Oura"]["patients"] == 18 + 1


def is_quality(a, data):
    found = {r["problem"]: r for r in rows(a["quality"])}
    assert found["undated"]["readings"] == 6
    assert found["undated"]["patients"] == 1
    assert found["unreadable"]["readings"] == 3
    assert found["future"]["readings"] == 1
    assert found["duplicate"]["patients"] == 2
    assert found["mixed_units"]["patients"] == 1


def is_may(a, data):
    assert [r["patient_id"] for r in rows(a)] == [40914]
    assert rows(a)[0]["family_name"] == "Nguyen"


def is_hers(a, data):
    found = {r["data_type"]: r for r in rows(a)}
    assert len(found) == 9
    assert found["blood-glucose"]["count"] == len(
        data.select("blood-glucose", 40914))
    newest = max(data.select("blood-glucose", 40914), key=lambda r: r["at"])
    assert found["blood-glucose"]["latest"] == \
        f"{newest['body']['blood_glucose']['value']:g} mg/dL"
    assert found["sleep-duration"]["latest"].endswith(" h")


def is_pressures(a, data):
    newest = sorted(data.select("blood-pressure", 40922),
                    key=lambda r: r["at"], reverse=True)[:10]
    assert [r["systolic"] for r in rows(a)] == \
        [r["body"]["systolic_blood_pressure"]["value"] for r in newest]


def is_in_range(a, data):
    values = [v for v, _ in data.glucose(40914, a["window"])]
    one = rows(a)[0]
    assert one["n"] == len(values)
    near(one["mean"], statistics.fmean(values))
    near(one["sd"], statistics.stdev(values))
    shares = a["ranges"]["rows"][0]
    near(sum(shares), 100, 0.3)
    near(shares[2], share(values, 70, 181))
    near(a["derived"]["gmi_pct"], 3.31 + 0.02392 * statistics.fmean(values))
    near(a["derived"]["cv_pct"],
         100 * statistics.stdev(values) / statistics.fmean(values))


def is_day_pattern(a, data):
    hours = {}
    for value, r in data.glucose(40914, a["window"]):
        hours.setdefault(r["at"].astimezone(WEST).hour, []).append(value)
    assert len(a["rows"]) == 24
    for r in rows(a):
        near(r["mean"], statistics.fmean(hours[int(r["bucket"])]))


def is_low(a, data):
    table = {r["patient_id"]: r for r in rows(a["ranges"])}
    low = {r["patient"] for v, r in data.glucose(data.roster[CGM],
                                                 a["window"]) if v < 54}
    column = next(c for c in a["ranges"]["columns"] if c.startswith("<54"))
    assert {p for p, r in table.items() if r[column]} <= low | {40918}
    assert low == {40918}


def is_high_readings(a, data):
    assert a["total"] == 12
    assert all(r["blood_glucose"] > 240 for r in rows(a))


def is_weekly_pressure(a, data):
    expected = {}
    for r in data.select("blood-pressure", 40922, a["window"]):
        week = r["at"].date() - timedelta(r["at"].weekday())
        expected.setdefault(week.isoformat(), []).append(
            r["body"]["systolic_blood_pressure"]["value"])
    got = {r["bucket"]: r for r in rows(a) if r["measure"] == "systolic"}
    assert set(got) == set(expected)
    for week, values in expected.items():
        near(got[week]["mean"], statistics.fmean(values))
        assert got[week]["n"] == len(values)


def is_weekly_pulse(a, data):
    assert len(a["rows"]) in (12, 13)
    expected = {}
    for r in data.select("heart-rate", data.roster[CGM], a["window"]):
        day = r["at"].date()
        week = (day - timedelta(day.weekday())).isoformat()
        expected.setdefault(week, []).append(r["body"]["heart_rate"]["value"])
    for r in rows(a):
        near(r["mean"], statistics.fmean(expected[r["bucket"]]), 0.3)


def is_sleep(a, data):
    found = {r["measure"]: r for r in rows(a)}
    low, high = instants(a["window"])
    hours = [r["body"]["sleep_stage_summary"]["total_sleep_time"]["value"] / 60
             for r in data.select("sleep-stage-summary", 40914)
             if low <= r["at"] < high]
    near(found["total_sleep_time"]["mean"], statistics.fmean(hours))
    assert {"deep_sleep", "rem_sleep", "light_sleep"} <= set(found)
    assert a["unit_of_analysis"] == "night"


def is_nights(a, data):
    expected = {}
    for r in data.select("sleep-duration", 40914):
        expected[r["end"].date().isoformat()] = \
            r["body"]["sleep_duration"]["value"] / 60
    assert len(a["rows"]) >= 28
    for r in rows(a):
        near(r["mean"], expected[r["bucket"]])


def is_days(a, data):
    expected = {}
    for value, r in data.glucose(40914, a["window"]):
        expected.setdefault(r["at"].date().isoformat(), []).append(value)
    assert [r["bucket"] for r in rows(a)] == sorted(expected)
    for r in rows(a):
        near(r["mean"], statistics.fmean(expected[r["bucket"]]))


def is_weekdays(a, data):
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    expected = {}
    for r in data.select("step-count", 40914, a["window"]):
        expected.setdefault(names[r["at"].weekday()], []).append(
            r["body"]["step_count"]["value"])
    assert [r["bucket"] for r in rows(a)] == names
    for r in rows(a):
        near(r["mean"], statistics.fmean(expected[r["bucket"]]), 0.51)
    assert a["unit_of_analysis"] == "daily_total"


def is_cohort(study):
    def one(a, data):
        means, pooled = [], []
        for patient in data.roster[study]:
            values = [v for v, _ in data.glucose(patient, a["window"])]
            pooled += values
            if values:
                means.append(statistics.fmean(values))
        first = rows(a)[0]
        assert first["n"] == len(pooled) and first["patients"] == len(means)
        near(first["mean"], statistics.fmean(pooled))
        between = rows(a["between_patients"])[0]
        near(between["mean_of_means"], statistics.fmean(means))
        near(between["sd_of_means"], statistics.stdev(means))
        near(a["ranges"]["rows"][0][2], share(pooled, 70, 181))
    return one


def is_by_age(a, data):
    assert sum(r["patients"] for r in rows(a)) == 18 + 1
    assert all(r["age_band"][2] == "-" for r in rows(a))
    assert "between_patients" in a


def is_weight(a, data):
    expected = {}
    for r in data.select("body-weight", data.roster[BP], a["window"]):
        one = r["body"]["body_weight"]
        week = (r["at"].date() - timedelta(r["at"].weekday())).isoformat()
        expected.setdefault(week, []).append(
            one["value"] * (0.45359237 if one["unit"] == "lb" else 1))
    assert a["unit"] == "kg"
    got = {r["bucket"]: r for r in rows(a)}
    assert set(got) == set(expected)
    for week, values in expected.items():
        near(got[week]["mean"], statistics.fmean(values))


def is_extreme(a, data):
    found = {r["which"]: r for r in rows(a["extremes"])}
    values = data.glucose(40916, a["window"])
    near(found["max"]["value"], max(v for v, _ in values))
    assert found["max"]["observation_id"] in \
        {r["id"] for v, r in values if v == found["max"]["value"]}


def is_scores(a, data):
    assert a["questionnaire"] == "weekly-symptom-severity-vas"
    assert a["total"] == 7
    dates = [r["authored"] for r in rows(a)]
    assert dates == sorted(dates)
    assert {"cough-severity", "dyspnea-severity",
            "fatigue-severity"} <= set(a["columns"])


def is_cough(a, data):
    assert len(a["rows"]) == 12
    assert all(r["patients"] == 7 and r["n"] == 7 for r in rows(a))


def is_medicines(a, data):
    expected = data.db.value("""
        SELECT count(*) FROM core_fhirauxresource r
        WHERE r.fhir_source_id = 90914 AND r.fhir_data ->> 'status' = 'active'
        AND r.resource_type = 'MedicationRequest'""")
    assert a["total"] == expected
    assert all(r["status"] == "active" for r in rows(a))
    assert "metformin 500 MG tablet" in {r["display"] for r in rows(a)}


def is_frequent(a, data):
    assert a["total"] == 31 and len(a["rows"]) == 10
    metformin = next(r for r in rows(a) if r["code"] == "860975")
    assert metformin["patients"] == 14


def is_a1c(a, data):
    near(rows(a)[0]["value"], 5.4 + 1.4 + 0.1)
    assert [r["date"] for r in rows(a)] == sorted(
        (r["date"] for r in rows(a)), reverse=True)


def is_visits(a, data):
    assert a["total"] == 8
    assert rows(a)[0]["date"] > rows(a)[1]["date"]


def is_local_days(a, data):
    expected = {}
    for value, r in data.glucose(40914, a["window"]):
        day = r["at"].astimezone(WEST).date().isoformat()
        expected.setdefault(day, []).append(value)
    assert {r["bucket"]: r["n"] for r in rows(a)} == \
        {day: len(values) for day, values in expected.items()}


def is_ages(a, data):
    ages = [r["age"] for r in rows(a)]
    assert len(ages) == 20
    assert a["ages"]["min"] == min(ages) and a["ages"]["max"] == max(ages)
    assert a["ages"]["median"] == statistics.median(ages)


# --- The questions: number, words, (tool, arguments, bytes, what holds). ------

# Bytes beyond the measured sample, which had none of these: the note that goes
# with people's words; the mean of patient means beside buckets; lowest and
# highest of a study, which the prompt data_quality_check asks for.
NOTE, BETWEEN, EXTREMES = 56, 150, 173

SUMMARY = ("summarize_patient_observations", {"patient_id": 40914}, 1221,
           is_hers)
CONSENTS = ("get_study_consents", {"study_id": CGM}, 922)
FIND = ("search_patients", {"name": "ngu"}, 233 + NOTE, is_may)
STATISTICS = "get_observation_statistics"
COVERAGE = "get_data_coverage"
HER_CGM = {"patient_id": 40914, "data_type": "blood-glucose", "last": "14d"}

QUESTIONS = [
    (1, "How many studies can I see?",
     ("get_study_count", {}, 11, is_count)),
    (2, "What is the CGM study about, what does it collect, since when?",
     ("list_studies", {}, 543 + NOTE, is_overview),
     ("get_study_metadata", {"study_id": CGM}, 1180, is_inventory)),
    (3, "How many are enrolled and how fast did we recruit?",
     (*CONSENTS, is_recruitment)),
    (4, "Who has refused or not yet answered, and for what?",
     (*CONSENTS, is_exceptions)),
    (5, "How many remain if the analysis needs glucose and sleep consent?",
     ("get_study_consents", {"study_id": CGM, "status": "consented",
      "data_type": "blood-glucose,sleep", "limit": 1}, 536, is_joint)),
    (6, "From whom did nothing arrive for a week? (with names)",
     ("list_study_patients", {"study_id": CGM, "inactive_days": 7,
                              "include": ["name"]}, 494, is_silent)),
    (7, "Who wore the CGM at least 70 % of the last 14 days?",
     (COVERAGE, {"study_id": CGM, "data_type": "blood-glucose",
                 "last": "14d"}, 1579, is_worn)),
    (8, "How did adherence develop by week?",
     (COVERAGE, {"study_id": CGM, "group_by": "week", "last": "12w"}, 821,
      is_weekly)),
    (9, "Which data types are thin or missing?",
     (COVERAGE, {"study_id": CGM, "group_by": "data_type", "last": "30d"},
      890, is_thin)),
    (10, "Which devices are in use and how much do they send?",
     (COVERAGE, {"study_id": CGM, "group_by": "data_source", "last": "30d"},
      453, is_devices)),
    (11, "Duplicates, undated, future, unreadable readings?",
     (COVERAGE, {"study_id": PILOT, "group_by": "data_type"}, 1013,
      is_quality)),
    (12, "Find May Nguyen.", FIND),
    (13, "What do we have on her?", FIND, SUMMARY),
    (14, "Her latest readings of each kind?", SUMMARY),
    (15, "Her last 10 blood pressures",
     ("get_patient_observations", {"patient_id": 40922,
                                   "data_type": "blood-pressure"}, 933,
      is_pressures)),
    (16, "Time in range, GMI, CV, last 14 days",
     (STATISTICS, HER_CGM, 848, is_in_range)),
    (17, "Which time of day is she high?",
     (STATISTICS, {**HER_CGM, "bucket": "hour_of_day",
                   "timezone": "America/Los_Angeles"}, 1136,
      is_day_pattern)),
    (18, "Who had glucose below 54 last week?",
     (STATISTICS, {"study_id": CGM, "data_type": "blood-glucose",
                   "last": "7d", "group_by": "patient"}, 1788, is_low)),
    (19, "Show those readings",
     ("get_patient_observations", {
         "patient_id": 40916, "data_type": "blood-glucose", "last": "14d",
         "above": 240, "limit": 20}, 798, is_high_readings)),
    (20, "Blood pressure of patient X over 12 weeks, mark >= 130/80",
     (STATISTICS, {"patient_id": 40922, "data_type": "blood-pressure",
                   "last": "12w", "bucket": "week"}, 2042,
      is_weekly_pressure)),
    (21, "Mean night heart rate of the study by week",
     (STATISTICS, {"study_id": CGM, "data_type": "heart-rate",
                   "bucket": "week", "last": "12w"}, 934 + BETWEEN,
      is_weekly_pulse)),
    (22, "Sleep of the last month: total, deep, REM, efficiency",
     (STATISTICS, {"patient_id": 40914, "data_type": "sleep-stage-summary",
                   "last": "30d", "unit": "h",
                   "timezone": "America/Los_Angeles"}, 778, is_sleep)),
    (23, "Does a short night go with higher glucose next day?",
     (STATISTICS, {"patient_id": 40914, "data_type": "sleep-duration",
                   "bucket": "day", "last": "30d"}, 978, is_nights),
     (STATISTICS, {"patient_id": 40914, "data_type": "blood-glucose",
                   "bucket": "day", "last": "30d"}, 1631, is_days)),
    (24, "Steps on weekdays against weekends",
     (STATISTICS, {"patient_id": 40914, "data_type": "step-count",
                   "bucket": "weekday", "last": "12w"}, 658, is_weekdays)),
    (25, "Compare time in range of two studies",
     (STATISTICS, {"study_id": CGM, "data_type": "blood-glucose",
                   "last": "14d"}, 804 + EXTREMES, is_cohort(CGM)),
     (STATISTICS, {"study_id": SECOND, "data_type": "blood-glucose",
                   "last": "14d"}, 804 + EXTREMES, is_cohort(SECOND))),
    (26, "Is there a difference by age?",
     (STATISTICS, {"study_id": CGM, "data_type": "step-count",
                   "group_by": "age_band", "last": "12w"}, 866, is_by_age)),
    (27, "Weight trend of the cohort, lb and kg mixed",
     (STATISTICS, {"study_id": BP, "data_type": "body-weight",
                   "bucket": "week", "last": "12w"}, 934 + BETWEEN,
      is_weight)),
    (28, "Highest and lowest value, is it an outlier, which row?",
     (STATISTICS, {**HER_CGM, "patient_id": 40916}, 848, is_extreme)),
    (29, "Her weekly symptom scores",
     ("get_patient_survey_responses", {
         "patient_id": 40922, "questionnaire": "weekly-symptom",
         "last": "7w"}, 726,
      is_scores)),
    (30, "Mean cough score of the cohort by week",
     (STATISTICS, {
         "study_id": BP, "bucket": "week", "data_type":
         "survey:weekly-symptom-severity-vas/cough-severity"}, 838,
      is_cough)),
    (31, "Which medicines does she take now?",
     ("get_fhir_resources", {
         "patient_id": 40914, "resource_type": "medications",
         "status": "active"}, 813, is_medicines)),
    (32, "How many take metformin? Ten most frequent drugs?",
     ("summarize_fhir_resources", {
         "study_id": CGM, "resource_type": "MedicationRequest",
         "group_by": "code", "limit": 10}, 1015, is_frequent)),
    (33, "Last HbA1c against GMI",
     ("get_fhir_resources", {
         "patient_id": 40914, "resource_type": "labs",
         "code": "hemoglobin A1c"}, 737, is_a1c),
     (STATISTICS, HER_CGM, 848, is_in_range)),
    (34, "Recent visits",
     ("get_fhir_resources", {
         "patient_id": 40914, "resource_type": "encounters", "limit": 3},
      813, is_visits)),
    (35, "Readings near midnight: which day in Berkeley?",
     (STATISTICS, {**HER_CGM, "bucket": "day",
                   "timezone": "America/Los_Angeles"}, 1651,
      is_local_days)),
    (36, "Ages of the cohort",
     ("get_patient_demographics", {"study_id": CGM}, 451, is_ages)),
]


def test_there_are_36_in_41_calls():
    assert [q[0] for q in QUESTIONS] == list(range(1, 37))
    assert sum(len(q) - 2 for q in QUESTIONS) <= 41


def keep(tool, args, answer, definitions):
    if os.environ.get("QUESTIONS_KEEP"):
        with open(os.environ["QUESTIONS_KEEP"], "a", encoding="utf-8") as file:
            file.write(json.dumps({
                "name": tool, "arguments": args, "data": answer.data,
                "schema": definitions[tool]["outputSchema"]}) + "\n")


@pytest.mark.parametrize("question", QUESTIONS,
                         ids=[f"{q[0]:02}" for q in QUESTIONS])
def test_question(demonstration, definitions, question):
    call, data = demonstration
    for tool, args, size, holds in question[2:]:
        answer = call(PERSON, tool, args)
        assert answer.ok, answer.raw
        check_schema(answer.data, definitions[tool]["outputSchema"])
        keep(tool, args, answer, definitions)
        holds(answer.data, data)
        got = len(answer.raw[1].encode())
        assert got <= 1.1 * size, f"{got} of {size} bytes: {answer.raw[1]}"
