# SPDX-License-Identifier: MIT
"""get_observation_statistics on rows made for it: devices, units, clocks,
copies, hostile values; and who may ask what."""

import json
import os
from datetime import datetime, timedelta, timezone

import pytest

from conftest import Caller
from reckon import near

TOOL = "get_observation_statistics"
ALL, MAYA, MILO, PIA, RITA = 10016, 10001, 10002, 10006, 10010
NEW = 41900
FIRST_ID = 990000
UTC = timezone.utc


def body(measure, value, unit, when, **more):
    frame = {"date_time": when} if isinstance(when, str) else {
        "time_interval": {"start_date_time": when[0],
                          "end_date_time": when[1]}}
    one = value if unit is None else {"value": value, "unit": unit}
    return dict({measure: one, "effective_time_frame": frame}, **more)


class Maker:
    """Patients and rows that are taken away again."""

    def __init__(self, db, payload):
        self.db, self.payload, self.next = db, payload, FIRST_ID

    def patient(self, number, organization=20001, study=30001):
        self.db.rows("""
            INSERT INTO core_patient SELECT (jsonb_populate_record(
                NULL::core_patient, to_jsonb(p) || jsonb_build_object('id',
                %(id)s, 'jhe_user_id', null))).*
            FROM core_patient p WHERE p.id = 40004 RETURNING 1""", id=number)
        self.db.rows("""
            INSERT INTO core_patientorganization (patient_id, organization_id)
            VALUES (%(p)s, %(o)s) RETURNING 1""", p=number, o=organization)
        self.db.rows("""
            INSERT INTO core_studypatient (study_id, patient_id)
            VALUES (%(s)s, %(p)s) RETURNING 1""", s=study, p=number)
        return number

    def row(self, patient, concept, what, source=70004, status="final"):
        self.next += 1
        text = what if isinstance(what, str) else json.dumps(
            {"header": {"modality": "sensed"}, "body": what})
        self.db.rows(f"""
            INSERT INTO core_observation (id, subject_patient_id,
                codeable_concept_id, data_source_id, {self.payload}, status,
                last_updated)
            VALUES (%(id)s, %(p)s, %(c)s, %(d)s, %(t)s::jsonb, %(s)s, now())
            RETURNING 1""", id=self.next, p=patient, c=concept, d=source,
                     t=text, s=status)
        return self.next

    def clear(self):
        for table, column in (("core_observation", "subject_patient_id"),
                              ("core_studypatient", "patient_id"),
                              ("core_patientorganization", "patient_id"),
                              ("core_patient", "id")):
            self.db.rows(f"DELETE FROM {table} WHERE {column} BETWEEN"
                         f" {NEW} AND {NEW + 99} RETURNING 1")


@pytest.fixture
def make(db, stored):
    maker = Maker(db, stored["payload"].split(".")[1])
    yield maker
    maker.clear()


def ask(call, check, patient, data_type, person=ALL, **more):
    answer = call(person, TOOL, dict(more, patient_id=patient,
                                     data_type=data_type))
    check(TOOL, answer)
    return answer


def test_two_devices_are_never_added(call, check, make):
    patient = make.patient(NEW)
    for day, ring, phone in ((1, 5000, 5200), (2, 6000, None)):
        for source, steps in ((70004, ring), (70002, phone)):
            if steps is not None:
                for hour in (8, 9):
                    make.row(patient, 50012, body(
                        "step_count", steps // 2, "steps",
                        (f"2026-08-0{day}T0{hour}:00:00Z",
                         f"2026-08-0{day}T0{hour}:30:00Z")), source)
    answer = ask(call, check, patient, "step-count", bucket="day")
    assert [(r["data_source"], r["bucket"], r["mean"])
            for r in answer.rows()] == [
        ("Beta Cuff", "2026-08-01", 5200), ("Gamma Ring", "2026-08-01", 5000),
        ("Gamma Ring", "2026-08-02", 6000)]
    assert any("never added" in n for n in answer.data["notes"])
    # Where the devices take turns there is nothing to tell apart.
    make.db.rows("DELETE FROM core_observation WHERE data_source_id = 70004"
                 " AND subject_patient_id = %(p)s AND id < %(i)s RETURNING 1",
                 p=patient, i=FIRST_ID + 5)
    answer = ask(call, check, patient, "step-count")
    assert "data_source" not in answer.data["columns"]
    assert answer.rows()[0]["n"] == 2
    near(answer.rows()[0]["mean"], 5600)


def test_copies_count_once(call, check, make):
    patient = make.patient(NEW)
    same = body("blood_glucose", 100, "mg/dL", "2026-08-01T10:00:00Z")
    first = make.row(patient, 50001, same, 70001)
    make.row(patient, 50001, same, 70001)
    make.row(patient, 50001, body("blood_glucose", 100, "mg/dL",
                                  "2026-08-01T12:00:00+02:00"), 70001)
    make.row(patient, 50001, same, 70002)
    make.row(patient, 50001, body("blood_glucose", 130, "mg/dL",
                                  "2026-08-01T10:00:00Z"), 70001)
    answer = ask(call, check, patient, "blood-glucose")
    assert answer.rows()[0]["n"] == 3
    near(answer.rows()[0]["mean"], 110)
    assert any(n.startswith("2 stored twice") for n in answer.data["notes"])
    low = answer.rows(answer.data["extremes"])[0]
    assert low["observation_id"] == first


def test_mixed_units_are_one(call, check, make):
    patient = make.patient(NEW)
    for day, value, unit in ((1, 80, "kg"), (2, 176.36981, "lb"),
                             (3, 80000, "g"), (4, 12.6, "stone"),
                             (5, 81, None)):
        make.row(patient, 50008, body(
            "body_weight", value if unit else {"value": value}, unit,
            f"2026-08-0{day}T07:00:00Z"))
    answer = ask(call, check, patient, "weight")
    row = answer.rows()[0]
    assert (row["n"], row["min"], row["max"]) == (3, 80, 80)
    assert answer.data["withheld"] == {"unreadable": 2}
    pounds = ask(call, check, patient, "weight", unit="pounds")
    near(pounds.rows()[0]["mean"], 176.4)
    assert pounds.data["unit"] == "lb"


def test_statistics_are_told_apart(call, check, make):
    patient = make.patient(NEW)
    for minute, value, said in ((0, 60, None), (1, 70, None),
                                (2, 50, "average"), (3, 52, "Average")):
        more = {"descriptive_statistic": said} if said else {}
        make.row(patient, 50004, body("heart_rate", value, "beats/min",
                                      f"2026-08-01T10:0{minute}:00Z", **more))
    answer = ask(call, check, patient, "heart-rate")
    assert [(r["measure"], r["n"], r["mean"]) for r in answer.rows()] == [
        ("heart_rate", 2, 65), ("heart_rate (average)", 2, 51)]
    assert any("descriptive_statistic" in n for n in answer.data["notes"])
    alone = ask(call, check, patient, "heart-rate",
                start="2026-08-01T10:02:00Z")
    assert "measure" not in alone.data["columns"]


def test_nights_over_midnight_and_the_change_of_clocks(call, check, make):
    patient = make.patient(NEW)
    for start, end, hours in (
            ("2026-03-07T23:00:00-08:00", "2026-03-08T07:00:00-07:00", 7),
            ("2026-03-08T23:30:00-07:00", "2026-03-09T06:30:00-07:00", 6),
            ("2026-03-10T00:30:00-07:00", "2026-03-10T06:30:00-07:00", 5)):
        make.row(patient, 50015, body("sleep_duration", hours, "h",
                                      (start, end)))
    args = {"bucket": "day", "timezone": "America/Los_Angeles",
            "start": "2026-03-08", "end": "2026-03-10"}
    answer = ask(call, check, patient, "sleep-duration", **args)
    assert [(r["bucket"], r["mean"]) for r in answer.rows()] == [
        ("2026-03-08", 7), ("2026-03-09", 6), ("2026-03-10", 5)]
    assert "A night belongs to the day on which it ends." in \
        answer.data["notes"]
    # Without buckets a night is in the window in which it begins.
    del args["bucket"]
    answer = ask(call, check, patient, "sleep-duration", **args)
    assert answer.rows()[0]["n"] == 2
    recorded = ask(call, check, patient, "sleep-duration", bucket="day",
                   timezone="recorded")
    assert [r["bucket"] for r in recorded.rows()] == [
        "2026-03-08", "2026-03-09", "2026-03-10"]


def test_hours_of_the_change_of_clocks(call, check, make):
    patient = make.patient(NEW)
    start = datetime(2025, 11, 2, 7, 30, tzinfo=UTC)
    for n in range(5):
        make.row(patient, 50004, body(
            "heart_rate", 60 + n, "beats/min",
            (start + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ")))
    answer = ask(call, check, patient, "heart-rate", bucket="hour",
                 timezone="America/Los_Angeles")
    assert [r["bucket"] for r in answer.rows()] == [
        "2025-11-02T00:00-07:00", "2025-11-02T01:00-07:00",
        "2025-11-02T01:00-08:00", "2025-11-02T02:00-08:00",
        "2025-11-02T03:00-08:00"]
    hours = ask(call, check, patient, "heart-rate", bucket="hour_of_day",
                timezone="America/Los_Angeles")
    assert [(r["bucket"], r["n"]) for r in hours.rows()] == [
        ("0", 1), ("1", 2), ("2", 1), ("3", 1)]
    days = ask(call, check, patient, "heart-rate", bucket="day",
               timezone="America/Los_Angeles")
    assert [(r["bucket"], r["n"]) for r in days.rows()] == [("2025-11-02", 5)]


def test_naps_and_parts_of_a_night(call, check, make):
    patient = make.patient(NEW)
    for start, end, minutes, main, share in (
            ("01T22:00", "02T01:00", 170, True, 90),
            ("02T02:00", "02T06:00", 230, None, 80),
            ("02T13:00", "02T14:00", 55, False, 99)):
        more = {} if main is None else {"is_main_sleep": main}
        make.row(patient, 50014, body(
            "total_sleep_time", minutes, "min",
            (f"2026-08-{start}:00Z", f"2026-08-{end}:00Z"),
            sleep_maintenance_efficiency_percentage={"value": share,
                                                     "unit": "%"}, **more))
    answer = ask(call, check, patient, "sleep-episode", unit="min")
    found = {r["measure"]: (r["n"], r["mean"]) for r in answer.rows()}
    assert found == {"total_sleep_time": (1, 400), "efficiency_pct": (1, 85)}
    assert any("not the main sleep" in n for n in answer.data["notes"])
    assert "efficiency_pct is in %, not min." in answer.data["notes"]


def test_means_of_patients(call, check, make):
    """The patient with most readings does not count more."""
    many, few = make.patient(NEW), make.patient(NEW + 1)
    for n in range(30):
        make.row(many, 50001, body("blood_glucose", 200, "mg/dL",
                                   f"2026-08-01T{n // 2:02}:"
                                   f"{n % 2 * 30:02}:00Z"))
    for n in range(2):
        make.row(few, 50001, body("blood_glucose", 100, "mg/dL",
                                  f"2026-08-01T0{n}:00:00Z"))
    answer = call(ALL, TOOL, {"patient_ids": [many, few],
                              "data_type": "blood-glucose"})
    check(TOOL, answer)
    near(answer.rows()[0]["mean"], (30 * 200 + 2 * 100) / 32)
    between = answer.rows(answer.data["between_patients"])[0]
    assert (between["patients"], between["mean_of_means"]) == (2, 150)
    near(between["sd_of_means"], 70.7)
    assert "mean of patient means 150.0" in answer.data["summary"]


def test_enough_glucose(call, check, make):
    patient = make.patient(NEW)
    at = datetime(2026, 8, 1, tzinfo=UTC)
    for n in range(24 * 12 * 14):
        if n % 4 != 3:
            make.row(patient, 50001, body(
                "blood_glucose", 150 if n % 2 else 250, "mg/dL",
                at.strftime("%Y-%m-%dT%H:%M:%SZ")))
        at += timedelta(minutes=5)
    window = {"start": "2026-08-01", "end": "2026-08-14"}
    answer = ask(call, check, patient, "cgm", **window)
    derived = answer.data["derived"]
    near(derived["active_pct"], 75)
    assert derived["sufficient"] is True
    wider = ask(call, check, patient, "cgm", start="2026-07-30",
                end="2026-08-14").data["derived"]
    near(wider["active_pct"], 75 * 14 / 16)
    assert wider["sufficient"] is False
    week = ask(call, check, patient, "cgm", start="2026-08-01",
               end="2026-08-07").data["derived"]
    assert week["sufficient"] is False
    few = make.patient(NEW + 1)
    for n in range(20):
        make.row(few, 50001, body("blood_glucose", 100 + n, "mg/dL",
                                  f"2026-08-{n // 2 + 1:02}T"
                                  f"{8 + n % 2 * 6:02}:00:00Z"))
    answer = ask(call, check, few, "cgm")
    assert set(answer.data["derived"]) == {"cv_pct"}
    assert any("not readings of a continuous" in n
               for n in answer.data["notes"])


def test_bulk_rows_are_in_windows(call, check, make):
    """No effective_* columns: made so by every bulk load."""
    patient = make.patient(NEW)
    for day in range(1, 29):
        make.row(patient, 50004, body("heart_rate", day, "beats/min",
                                      f"2026-02-{day:02}T12:00:00-07:00"))
    answer = ask(call, check, patient, "heart-rate", start="2026-02-05",
                 end="2026-02-07", timezone="America/Denver")
    row = answer.rows()[0]
    assert (row["n"], row["min"], row["max"]) == (3, 5, 7)


HOSTILE = [
    None, "null", '"text"', "42", "[]", '{"body": null}', '{"body": []}',
    '{"body": {"heart_rate": {"value": 1e400, "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": -1e4000, "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": 1e99, "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": 1e-400, "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": "NaN", "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": "Infinity", "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": [72], "unit": "beats/min"}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": ["beats/min"]}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": "beats/min"},'
    ' "descriptive_statistic": {"a": 1}, "effective_time_frame":'
    ' {"date_time": "2026-02-30T25:61:61Z"}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": "beats/min"},'
    ' "descriptive_statistic": "\'; DROP TABLE core_study; --",'
    ' "effective_time_frame": {"date_time": "20zz-01-01T00:00:00Z"}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": "beats/min"},'
    ' "effective_time_frame": {"date_time": "2026-13-01T00:00:00Z"}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": "beats/min"},'
    ' "effective_time_frame": {"date_time": ["2026-01-01T00:00:00Z"]}}}',
    '{"body": {"heart_rate": {"value": 72, "unit": "beats/min"},'
    ' "effective_time_frame": {"date_time": "2026-01-01T00:00:00+99:99"}}}']


def test_hostile_rows(call, check, make):
    patient = make.patient(NEW)
    for text in HOSTILE:
        if text is not None or make.payload == "omh_data":
            make.row(patient, 50004, text or "null")
    make.row(patient, 50004, body("heart_rate", 70, "beats/min",
                                  "2026-08-01T10:00:00Z"))
    for more in ({}, {"bucket": "day"}, {"bucket": "hour"},
                 {"bucket": "hour_of_day", "timezone": "recorded"},
                 {"start": "2026-01-01"}, {"group_by": "data_source"},
                 {"start": "2026-01-01", "timezone": "recorded"},
                 {"group_by": "patient", "sort": "mean_desc"},
                 {"ranges": [-1e300, 0, 1e300]}):
        answer = ask(call, check, patient, "heart-rate", **more)
        text = answer.raw[1]
        assert "Infinity" not in text and "NaN" not in text
    answer = ask(call, check, patient, "heart-rate", start="2026-01-01")
    assert answer.rows()[0]["n"] == 1


def test_odd_patient(call, check, db):
    """Every kind of nonsense that the exchange holds."""
    for (code,) in db.rows("SELECT DISTINCT coding_code FROM"
                           " core_codeableconcept"):
        answer = call(ALL, TOOL, {"patient_id": 40050, "data_type": code})
        if answer.ok:
            check(TOOL, answer)
        else:
            assert answer.code in ("unknown_type", "bad_argument")
    versions = ask(call, check, 40050, "omh:heart-rate:7.7")
    assert versions.rows()


# --- Arguments ---------------------------------------------------------------

@pytest.mark.parametrize("args,code,words", [
    ({"data_type": "cgm"}, "bad_argument", "give study_id or patient_id"),
    ({"data_type": "cgm", "patient_id": 40004, "study_id": 30001},
     "bad_argument", "exclude each other"),
    ({"data_type": "glucos", "patient_id": 40004}, "unknown_type",
     "Nearest: blood-glucose. With data for this patient: blood-glucose"),
    ({"data_type": "glucos", "study_id": 30001}, "unknown_type",
     "Requested by this study: blood-glucose"),
    ({"data_type": "unknown-thing", "patient_id": 40050}, "unknown_type",
     "get_patient_observations shows its readings"),
    ({"data_type": "vitals", "patient_id": 40004}, "bad_argument",
     "one type"),
    ({"data_type": "cgm,bp", "patient_id": 40004}, "bad_argument",
     "one type"),
    ({"data_type": "cgm", "patient_id": 40004, "unit": "kg"}, "unknown_unit",
     "blood-glucose cannot be given in kg. Possible: mg/dL, mmol/L."),
    ({"data_type": "sleep-duration", "patient_id": 40024, "measure": "rem"},
     "unknown_measure", "sleep-duration has only sleep_duration. Stages are "
     "in sleep-stage-summary."),
    ({"data_type": "physical-activity", "patient_id": 40039,
      "measure": "activity_name"}, "unknown_measure", "distance"),
    ({"data_type": "cgm", "patient_id": 40004, "bucket": "hour",
      "start": "2024-01-01", "end": "2025-12-31"}, "too_broad",
     "hourly buckets of 2 years are 17,520 groups. Use bucket=day or a "
     "shorter window."),
    ({"data_type": "cgm", "patient_id": 40004, "ranges": [181, 70]},
     "bad_argument", "ascending"),
    ({"data_type": "cgm", "patient_id": 40004, "ranges": ["x"]},
     "bad_argument", "not a number"),
    ({"data_type": "cgm", "patient_id": 40004, "ranges": list(range(13))},
     "bad_argument", "too many"),
    ({"data_type": "sleep-stage-summary", "patient_id": 40028,
      "ranges": [1]}, "bad_argument", "one measure"),
    ({"data_type": "cgm", "patient_id": 40004, "timezone": "Mars/Base"},
     "bad_argument", "is not known"),
    ({"data_type": "cgm", "patient_id": 40004, "start": "2026-02-30"},
     "bad_argument", "is not a date"),
    ({"data_type": "cgm", "patient_id": 40004, "bucket": "minute"},
     "bad_argument", "hour_of_day"),
    ({"data_type": "survey:", "patient_id": 40004}, "unknown_type",
     "survey:<questionnaire>/<item>"),
    ({"data_type": "survey:x", "patient_id": 40004}, "unknown_type",
     "survey:<questionnaire>/<item>"),
    ({"data_type": "", "patient_id": 40004}, "bad_argument", ""),
    ({"patient_id": 40004}, "bad_argument", "data_type is missing"),
])
def test_refused(call, args, code, words):
    answer = call(ALL, TOOL, args)
    assert answer.code == code, answer.raw
    assert words in answer.text, answer.text


def test_strings_and_lists_are_understood(call, check):
    plain = call(ALL, TOOL, {"patient_ids": [40004, 40005],
                             "data_type": "blood-glucose",
                             "ranges": [70.5, 181]})
    check(TOOL, plain)
    for args in ({"patient_ids": "40004,40005", "data_type": "omh:"
                  "blood-glucose:3.0", "ranges": "70.5,181"},
                 {"patient_ids": ["40005", 40004], "data_type":
                  ["Blood glucose"], "ranges": ["70.5", 181]}):
        answer = call(ALL, TOOL, args)
        same = dict(answer.data, as_of="")
        assert same == dict(plain.data, as_of="")


@pytest.mark.parametrize("id_", [0, -1, 1, 2 ** 63 - 1, 2 ** 63, 2 ** 70,
                                 "40004x", 1.5, None, True, [], {}, "0"])
@pytest.mark.parametrize("name", ["patient_id", "study_id"])
def test_ids(call, name, id_):
    answer = call(MILO, TOOL, {name: id_, "data_type": "cgm"})
    assert not answer.ok
    assert answer.code in ("not_found", "bad_argument")


# --- Who ---------------------------------------------------------------------

def test_foreign_and_unknown_are_the_same(call, visible):
    mine, theirs = set(visible(MAYA).patients()), set(visible(MILO).patients())
    foreign = min(theirs - mine)
    answer = call(MAYA, TOOL, {"patient_id": foreign, "data_type": "bp"})
    nobody = call(MAYA, TOOL, {"patient_id": 49999, "data_type": "bp"})
    assert answer.text.replace(str(foreign), "49999") == nobody.text
    unknown = call(MAYA, TOOL, {"patient_id": foreign, "data_type": "glucos"})
    assert unknown.text == answer.text
    both = call(MAYA, TOOL, {"patient_ids": [foreign, min(mine)],
                             "data_type": "heart-rate",
                             "group_by": "patient"})
    assert both.ok and {r["patient_id"] for r in both.rows()} <= mine
    assert any("1 of these patients has no data that you may see" in n
               for n in both.data["notes"])


def test_disjoint_people(call, visible):
    """Two people with no patient in common: no row in common."""
    seen = {}
    for person in (MAYA, MILO):
        study = visible(person).studies()[0]
        rows = call(person, TOOL, {"study_id": study, "limit": 500,
                                   "data_type": "heart-rate",
                                   "group_by": "patient"})
        seen[person] = {r["patient_id"] for r in rows.rows()} \
            if rows.ok else set()
        assert seen[person] <= set(visible(person).patients())
    only = set(visible(MAYA).patients()) & set(visible(MILO).patients())
    assert seen[MAYA] & seen[MILO] <= only


def test_patient_asks(call, check):
    own = call(PIA, TOOL, {"patient_id": 40001, "data_type": "cgm"})
    check(TOOL, own)
    assert own.rows()[0]["n"] > 0
    assert call(PIA, TOOL, {"patient_id": 40004,
                            "data_type": "cgm"}).code == "not_found"
    assert call(PIA, TOOL, {"study_id": 30001,
                            "data_type": "cgm"}).code == "not_available"
    assert call(PIA, TOOL, {"study_id": 30002,
                            "data_type": "cgm"}).code == "not_found"


def test_claims_hide_studies(call):
    args = {"study_id": 30001, "data_type": "cgm"}
    assert call(MAYA, TOOL, args, claims="30001").ok
    assert call(MAYA, TOOL, args, claims="30006").code == "not_found"
    assert call(MAYA, TOOL, {"patient_id": 40004, "data_type": "cgm"},
                claims="").ok


def test_nothing_is_no_error(call, check):
    answer = ask(call, check, 40004, "blood-pressure")
    assert answer.data["summary"].startswith(
        "0 blood-pressure readings of patient 40004; the patient has ")
    assert answer.data["total"] == 0 and answer.rows() == []
    answer = ask(call, check, 40004, "blood-glucose", start="2020-01-01",
                 end="2020-01-02")
    assert "in this window" in answer.data["summary"]
    assert " blood-glucose from 2026-05-01" in answer.data["summary"]
    answer = call(ALL, TOOL, {"study_id": 30001, "data_type": "bp"})
    check(TOOL, answer)
    assert "the study requests blood-glucose" in answer.data["summary"]


def test_consent_gate(facts, check, db, visible):
    os.environ["TOOLS_CONSENT_GATE"] = "1"
    try:
        gated = Caller(facts["JHE_DB_CONN"])
    finally:
        del os.environ["TOOLS_CONSENT_GATE"]
    open_ = Caller(facts["JHE_DB_CONN"])
    try:
        for study, concept, name in ((30001, 50001, "blood-glucose"),
                                     (30003, 50015, "sleep-duration")):
            given = set(db.column("""
                SELECT e.patient_id FROM core_studypatient e
                JOIN core_studypatientscopeconsent k
                    ON k.study_patient_id = e.id
                WHERE e.study_id = %(s)s AND k.scope_code_id = %(c)s
                AND k.consented""", s=study, c=concept))
            args = {"study_id": study, "data_type": name, "limit": 500,
                    "group_by": "patient"}
            free = open_(ALL, TOOL, args)
            held = gated(ALL, TOOL, args)
            check(TOOL, held)
            rows = [r for r in free.data["rows"] if r[0] in given]
            assert held.data["rows"] == rows
            lost = set(r[0] for r in free.data["rows"]) - given
            count = db.value("""
                SELECT count(*) FROM core_observation
                WHERE subject_patient_id = ANY (%(p)s)
                AND codeable_concept_id = %(c)s""", p=sorted(lost),
                             c=concept)
            assert held.data.get("withheld", {}).get("consent", 0) == count
            assert lost
    finally:
        gated.close()
        open_.close()


# --- Disclosure --------------------------------------------------------------

AGGREGATE = {"disclosure": "aggregate", "minimum": 5}


def test_aggregate(call, check):
    args = {"study_id": 30001, "data_type": "blood-glucose"}
    answer = call(ALL, TOOL, dict(args, detail="full"), **AGGREGATE)
    check(TOOL, answer)
    assert not {"min", "max"} & set(answer.data["columns"])
    assert "extremes" not in answer.data
    assert not {"min", "max"} & set(
        answer.data["between_patients"]["columns"])
    for more in ({"group_by": "patient"},):
        assert not call(ALL, TOOL, dict(args, **more), **AGGREGATE).ok
    assert not call(ALL, TOOL, {"patient_id": 40004, "data_type": "cgm"},
                    **AGGREGATE).ok
    assert not call(ALL, TOOL, {"patient_ids": [40004], "data_type": "cgm"},
                    **AGGREGATE).ok


def test_aggregate_hides_small_groups(call, check):
    args = {"study_id": 30001, "data_type": "blood-glucose",
            "group_by": "age_band"}
    free = call(ALL, TOOL, args)
    few = call(ALL, TOOL, args, **AGGREGATE)
    check(TOOL, few)
    shown = {r["age_band"]: r["patients"] for r in few.rows()}
    every = {r["age_band"]: r["patients"] for r in free.rows()}
    assert all(n >= 5 for n in shown.values())
    hidden = {k: n for k, n in every.items() if k not in shown}
    assert few.data.get("suppressed_groups", 0) == len(hidden)
    if any(n < 5 for n in every.values()):
        assert len(hidden) > 1 and sum(hidden.values()) >= 5
    assert few.data["total"] == len(shown)
    assert any("fewer than 5" in n for n in free.data["notes"])


def test_aggregate_of_too_few(call, check, make):
    """A study of two tells nothing at all."""
    for n in range(2):
        patient = make.patient(NEW + n, 0, 30008)
        make.row(patient, 50004, body("heart_rate", 61 + n, "beats/min",
                                      "2026-08-01T10:00:00Z"))
    for more in ({}, {"bucket": "month"}, {"group_by": "age_band"}):
        args = dict(more, study_id=30008, data_type="heart-rate",
                    start="2026-08-01", end="2026-08-01")
        assert call(RITA, TOOL, args).rows()
        answer = call(RITA, TOOL, args, **AGGREGATE)
        check(TOOL, answer)
        assert answer.rows() == [] and answer.data["total"] == 0
        assert "between_patients" not in answer.data
        assert answer.data["suppressed_groups"] >= 1
        text = answer.raw[1] + answer.raw[2]
        assert "61" not in text and "62" not in text


# --- Surveys -----------------------------------------------------------------

def test_surveys(call, check, db):
    name = "survey:weekly-symptom-severity-vas/cough-severity"
    if not db.rows("SELECT FROM information_schema.columns WHERE table_name ="
                   " 'core_fhirauxresource' AND column_name ="
                   " 'fhir_source_id'"):
        answer = call(ALL, TOOL, {"patient_id": 40004, "data_type": name})
        assert answer.code == "not_available"
        return
    # 40049 has answers of every odd form.
    stored = db.rows("""
        SELECT s.patient_id, r.fhir_data ->> 'authored',
            (r.fhir_data #> '{item,0,answer,0,valueInteger}')::integer
        FROM core_fhirauxresource r JOIN core_fhirsource s
            ON s.id = r.fhir_source_id
        WHERE r.resource_type = 'QuestionnaireResponse'
        AND s.patient_id BETWEEN 40001 AND 40015""")
    some = sorted({row[0] for row in stored})
    answer = call(ALL, TOOL, {"patient_ids": some, "data_type": name,
                              "bucket": "day"})
    check(TOOL, answer)
    days = {}
    for patient, day, value in stored:
        days.setdefault(day, []).append((patient, value))
    assert len(answer.rows()) == len(days)
    for row in answer.rows():
        found = days[row["bucket"]]
        assert row["n"] == len(found)
        assert row["patients"] == len({p for p, _ in found})
        near(row["mean"], sum(v for _, v in found) / len(found))
    one = call(ALL, TOOL, {"patient_id": 40004, "data_type": name.upper()
                           .replace("SURVEY", "survey")
                           .replace("COUGH-SEVERITY", "cough-severity"),
                           "start": "2026-03-04", "end": "2026-03-04",
                           "timezone": "Asia/Tokyo"})
    check(TOOL, one)
    assert one.rows()[0]["n"] == len(
        [s for s in stored if s[0] == 40004 and s[1] == "2026-03-04"])
    nothing = call(ALL, TOOL, {"patient_id": 40004,
                               "data_type": "survey:weekly/no-such-item"})
    check(TOOL, nothing)
    assert nothing.data["summary"].startswith("0 survey answers")
