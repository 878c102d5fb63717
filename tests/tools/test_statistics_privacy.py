# SPDX-License-Identifier: MIT
"""What get_observation_statistics must not tell: values of single patients
where a server gives aggregates only, and what the consent gate holds back."""

import json

import pytest

from conftest import Caller
from reckon import near
from test_statistics_cases import (AGGREGATE, ALL, NEW, RITA, TOOL, Maker,
                                   ask, body)

STUDY, RATE = 30008, 50004
WHEN = {"start": "2026-08-01", "end": "2026-08-01"}
OPTIONS = dict(AGGREGATE)


@pytest.fixture
def make(db, stored):
    maker = Maker(db, stored["payload"].split(".")[1])
    yield maker
    maker.clear()


@pytest.fixture
def gated(facts, monkeypatch):
    monkeypatch.setenv("TOOLS_CONSENT_GATE", "1")
    one = Caller(facts["JHE_DB_CONN"])
    yield one
    one.close()


def crowd(make, n):
    """n patients with one odd reading each."""
    values = []
    for i in range(n):
        patient = make.patient(NEW + i, 0, STUDY)
        values.append(50.037 + 7.001 * i)
        make.row(patient, RATE, body("heart_rate", values[-1], "beats/min",
                                     "2026-08-01T10:00:00Z"))
    return values


def of_study(call, check, **more):
    answer = call(RITA, TOOL, dict(WHEN, study_id=STUDY,
                                   data_type="heart-rate", **more), **OPTIONS)
    check(TOOL, answer)
    return answer


def numbers(value):
    """All numbers anywhere below."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [n for one in value for n in numbers(one)]
    return [value] if isinstance(value, (int, float)) else []


@pytest.mark.parametrize("more", [{}, {"detail": "full"},
                                  {"detail": "short"}, {"bucket": "week"},
                                  {"bucket": "day", "detail": "full"},
                                  {"group_by": "age_band"}])
def test_no_value_of_one_patient(call, check, make, more):
    """Of five patients with a reading each no reading comes back."""
    values = crowd(make, 5)
    answer = of_study(call, check, **more)
    (row,) = answer.rows()
    assert row["patients"] == 5 and row["p50"] is None
    near(row["mean"], sum(values) / 5)
    assert not {"min", "max", "p5", "p25", "p75", "p95"} & set(row)
    assert "extremes" not in answer.data
    between = answer.rows(answer.data["between_patients"])[0]
    assert between.get("median") is None
    assert not {"min", "max"} & set(between)
    mean = sum(values) / 5
    for value in values:
        assert not [n for n in numbers(answer.data) if abs(n - value) < 0.06
                    and abs(n - mean) > 0.06], (value, answer.raw)
    assert "No median of fewer than 20 patients is given." in (
        answer.data["notes"])


def test_median_of_many(call, check, make):
    values = crowd(make, 20)
    answer = of_study(call, check, detail="full")
    near(answer.rows()[0]["p50"], (values[9] + values[10]) / 2)
    near(answer.rows(answer.data["between_patients"])[0]["median"],
         (values[9] + values[10]) / 2)
    assert not any("median" in n for n in answer.data.get("notes", []))
    # A larger minimum asks for more.
    answer = call(RITA, TOOL, dict(WHEN, study_id=STUDY,
                                   data_type="heart-rate"),
                  disclosure="aggregate", minimum=6)
    assert answer.rows()[0]["p50"] is None


def test_ranges_are_no_oracle(call, check, make):
    crowd(make, 6)
    args = dict(WHEN, study_id=STUDY, data_type="heart-rate", ranges=[51])
    answer = call(RITA, TOOL, args, **OPTIONS)
    assert answer.code == "not_available" and "ranges" in answer.text
    assert call(RITA, TOOL, args).ok
    for study, kind in ((30001, "blood-glucose"), (30002, "blood-pressure")):
        args = {"study_id": study, "data_type": kind}
        assert "ranges" in call(ALL, TOOL, args).data
        answer = call(ALL, TOOL, args, **OPTIONS)
        check(TOOL, answer)
        assert answer.rows() and "ranges" not in answer.data


def test_open_window_tells_no_last_day(call, check):
    args = {"study_id": 30006, "data_type": "blood-glucose"}
    ends = {"start": "2026-05-02", "end": "2026-05-20"}
    seen = set()
    for study in (30001, 30006):
        args["study_id"] = study
        for more in ({}, {"start": ends["start"]}, {"end": ends["end"]},
                     ends):
            free = call(ALL, TOOL, dict(args, **more))
            shut = call(ALL, TOOL, dict(args, **more), **OPTIONS)
            if not shut.ok or not shut.rows():
                continue
            check(TOOL, shut)
            wanted = dict(free.data["derived"])
            if more != ends:
                seen.add("active_pct" in wanted)
                wanted.pop("active_pct", None)
                wanted.pop("sufficient", None)
            assert shut.data["derived"] == wanted
    assert True in seen


def test_counts_of_what_is_left_out(call, check, make):
    """One patient's error, copy or nonsense is not counted in a note."""
    crowd(make, 6)
    frame = "2026-08-01T11:00:00Z"
    make.row(NEW, RATE, body("heart_rate", "fast", "beats/min", frame))
    make.row(NEW, RATE, body("heart_rate", 70, "beats/min", frame),
             status="entered-in-error")
    make.row(NEW, RATE, {"heart_rate": {"value": 71, "unit": "beats/min"}})
    for _ in range(2):
        make.row(NEW, RATE, body("heart_rate", 72, "beats/min", frame))
    open_ = call(RITA, TOOL, dict(WHEN, study_id=STUDY,
                                  data_type="heart-rate"))
    told = " ".join(open_.data["notes"])
    for words in ("cannot be read", "in error", "without a time", "twice"):
        assert words in told
    shut = of_study(call, check)
    told = " ".join(shut.data["notes"])
    for words in ("cannot be read", "in error", "without a time", "twice"):
        assert words not in told
    assert "withheld" not in shut.data


# --- Consent -----------------------------------------------------------------

def test_other_types_are_behind_the_gate(call, check, make, gated):
    """Nothing of one type: what else there is only as far as it is open."""
    patient = make.patient(NEW)
    make.row(patient, RATE, body("heart_rate", 61, "beats/min",
                                 "2026-08-01T10:00:00Z"))
    free = ask(call, check, patient, "body-weight")
    assert "heart-rate" in free.data["summary"]
    held = ask(gated, check, patient, "body-weight")
    assert held.data["summary"] == (
        f"0 body-weight readings of patient {patient}.")
    assert "heart" not in held.raw[1] + held.raw[2]
    held = gated(ALL, TOOL, {"patient_id": patient, "data_type": "glucos"})
    assert held.code == "unknown_type" and "heart" not in held.text


def test_held_rows_are_only_held(call, check, make, gated):
    patient = make.patient(NEW)
    frame = "2026-08-01T10:00:00Z"
    make.row(patient, RATE, body("heart_rate", 61, "beats/min", frame),
             status="entered-in-error")
    make.row(patient, RATE, body("heart_rate", "fast", "beats/min", frame))
    make.row(patient, RATE, {"heart_rate": {"value": 62,
                                            "unit": "beats/min"}})
    free = ask(call, check, patient, "heart-rate", start="2026-01-01")
    assert len(free.data["notes"]) >= 3
    held = ask(gated, check, patient, "heart-rate", start="2026-01-01")
    assert held.data["withheld"] == {"consent": 3}
    told = " ".join(held.data.get("notes", []))
    for words in ("cannot be read", "in error", "without a time"):
        assert words not in told


# --- Hostile rows ------------------------------------------------------------

@pytest.mark.parametrize("born", ["-infinity", "infinity", "9999-12-31",
                                  "0044-03-15 BC", None])
@pytest.mark.parametrize("kind", ["heart-rate", "survey:x/y"])
def test_births_beyond_all_calendars(call, check, make, stored, born, kind):
    """One such patient takes nothing from the study of the others."""
    crowd(make, 2)
    try:
        make.db.rows("UPDATE core_patient SET birth_date = %(b)s::date WHERE"
                     " id = %(p)s RETURNING 1", b=born, p=NEW)
    except Exception as error:
        if "not-null" in str(error):
            pytest.skip("each patient has a day of birth")
        raise
    answer = call(RITA, TOOL, dict(WHEN, study_id=STUDY, data_type=kind,
                                   group_by="age_band"))
    if not answer.ok and answer.code == "not_available":
        return
    check(TOOL, answer)
    if kind == "heart-rate":
        wanted = "90+" if born and "BC" in born else "unknown"
        assert wanted in [row["age_band"] for row in answer.rows()]
        assert len(answer.rows()) == 2


def test_kinds_without_end(call, check, make):
    """Where each value says to be of another kind, there are no kinds."""
    patient = make.patient(NEW)
    values = list(range(60, 100))
    for i, value in enumerate(values):
        make.row(patient, RATE, body(
            "heart_rate", value, "beats/min", f"2026-08-01T10:{i:02}:00Z",
            descriptive_statistic=f"kind {i}" if i else "median"))
    answer = ask(call, check, patient, "heart-rate", detail="full")
    (row,) = answer.rows()
    assert row["measure"] == "heart_rate (mixed)" and row["n"] == len(values)
    near(row["mean"], sum(values) / len(values))
    extremes = answer.rows(answer.data["extremes"])
    assert [one["value"] for one in extremes] == [60, 99]
    assert any("as mixed" in note for note in answer.data["notes"])
    # Eight are told apart.
    answer = ask(call, check, patient, "heart-rate",
                 end="2026-08-01T10:08:00Z")
    assert len(answer.rows()) == 8
    assert not any("as mixed" in note for note in answer.data["notes"])


def test_rows_beside_the_table(call, check, make):
    """Sources of the same day are told apart, but not without end."""
    patient, first = make.patient(NEW), 79000
    sources = range(first, first + 110)
    try:
        make.db.rows("""
            INSERT INTO core_datasource SELECT (jsonb_populate_record(
                NULL::core_datasource, to_jsonb(d) || jsonb_build_object(
                'id', n, 'name', 'Source ' || n))).*
            FROM core_datasource d, unnest(%(s)s) n
            WHERE d.id = 70004 RETURNING 1""", s=list(sources))
        for source in sources:
            make.row(patient, 50012, body(
                "step_count", source, "steps", ("2026-08-01T08:00:00Z",
                                                "2026-08-01T09:00:00Z")),
                     source)
        answer = call(ALL, TOOL, {"patient_ids": [patient], "limit": 500,
                                  "data_type": "step-count",
                                  "detail": "full"})
        check(TOOL, answer)
        assert answer.data["total"] == 110
        assert len(answer.data["between_patients"]["rows"]) == 100
        assert len(answer.data["extremes"]["rows"]) == 200
        assert any("only the first 100" in n for n in answer.data["notes"])
    finally:
        make.clear()
        make.db.rows("DELETE FROM core_datasource WHERE id = ANY (%(s)s)"
                     " RETURNING 1", s=list(sources))


# --- Surveys -----------------------------------------------------------------

def test_answer_that_is_no_list(call, check, db):
    """As stored by hand: an answer that stands alone is one answer."""
    found = db.rows("""
        SELECT column_name FROM information_schema.columns
        WHERE table_name = 'core_fhirauxresource'
        AND column_name = 'fhir_source_id'""")
    if not found:
        return
    key, source, authored = db.rows("""
        SELECT r.id, r.fhir_data::text, r.fhir_data ->> 'authored'
        FROM core_fhirauxresource r
        JOIN core_fhirsource s ON s.id = r.fhir_source_id
        WHERE r.resource_type = 'QuestionnaireResponse'
        AND s.patient_id = 40004 ORDER BY r.id LIMIT 1""")[0]
    data = json.loads(source)
    link = data["item"][0]["linkId"]
    name = f"survey:weekly-symptom-severity-vas/{link}"
    args = {"start": authored[:10], "end": authored[:10]}
    try:
        for answers, n, bad in (([{"valueInteger": 3}], 1, 0),
                                ({"valueInteger": 3}, 1, 0),
                                ({"valueString": "3"}, 0, 1), (7, 0, 1),
                                ([[{"valueInteger": 3}]], 0, 1), ([], 0, 0)):
            data["item"][0]["answer"] = answers
            db.rows("UPDATE core_fhirauxresource SET fhir_data = %(d)s::jsonb"
                    " WHERE id = %(i)s RETURNING 1", d=json.dumps(data),
                    i=key)
            answer = ask(call, check, 40004, name, **args)
            rows = answer.rows()
            assert (rows[0]["n"] if rows else 0) == n, answers
            assert answer.data.get("withheld", {}).get("unreadable", 0) == (
                bad), answers
            if n:
                near(rows[0]["mean"], 3)
    finally:
        db.rows("UPDATE core_fhirauxresource SET fhir_data = %(d)s::jsonb"
                " WHERE id = %(i)s RETURNING 1", d=source, i=key)
