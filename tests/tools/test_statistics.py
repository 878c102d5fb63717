# SPDX-License-Identifier: MIT
"""get_observation_statistics against statistics of the raw rows."""

import random
import statistics
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import pytest

import raw
import reckon
from reckon import Reckoning, check_row, near

TOOL = "get_observation_statistics"
UTC = timezone.utc
WEST = ZoneInfo("America/Los_Angeles")
INDIA = ZoneInfo("Asia/Kolkata")
BUCKETS = ["hour", "day", "week", "month", "hour_of_day", "weekday"]
# A patient with each type, and somebody who may read them.
ONE_OF = {"blood-glucose": 40004, "blood-pressure": 40016,
          "body-temperature": 40038, "body-weight": 40005,
          "forced-expiratory-volume-1-second": 40023,
          "forced-vital-capacity": 40024, "heart-rate": 40006,
          "oxygen-saturation": 40025, "physical-activity": 40039,
          "respiratory-rate": 40026, "rr-interval": 40031,
          "sleep-duration": 40024, "sleep-episode": 40027,
          "sleep-stage-summary": 40028, "step-count": 40007}
ALL = 10016
ODD = {40046, 40047, 40050}


@pytest.fixture(scope="module")
def world(db, stored):
    class World:
        statuses = dict(db.rows("SELECT id, status FROM core_observation"))
        rows = raw.load(db, stored)

        known = {}

        def reckon(self, patients, name, **more):
            key = (frozenset(patients), name)
            if more or key not in self.known:
                rows = [r for r in self.rows if r.patient in key[0]]
                found = Reckoning(rows, name, self.statuses, **more)
                if more:
                    return found
                self.known[key] = found
            return self.known[key]
    return World()


def compare(answer, wanted, by=None, column=None, decimals=1):
    """All groups of a result that fits on one page."""
    assert not answer.data["truncated"]
    groups = wanted.groups(by or (lambda v: None))
    seen = set()
    single = {label for label, _, _ in groups}
    for row in answer.rows():
        key = (row.get("measure", next(iter(single), None)),
               row.get("bucket"), row.get(column))
        assert key in groups, key
        check_row(row, groups[key], decimals)
        seen.add(key)
    assert seen == set(groups)
    assert answer.data["total"] == len(groups)


@pytest.mark.parametrize("name", sorted(ONE_OF))
def test_each_type(call, check, world, name):
    patient = ONE_OF[name]
    wanted = world.reckon([patient], name)
    assert wanted.values
    answer = call(ALL, TOOL, {"patient_id": patient, "data_type": name,
                              "detail": "full"})
    check(TOOL, answer)
    compare(answer, wanted, decimals=1)
    data = answer.data
    assert data["data_type"] == name
    assert data["unit_of_analysis"] == (
        "night" if name in reckon.NIGHT else
        "daily_total" if name in reckon.TOTAL else "reading")
    texts = " ".join(data.get("notes", []))
    assert ("without a time" in texts) == bool(wanted.undated)
    assert ("entered in error" in texts) == bool(wanted.erroneous)
    assert ("main sleep" in texts) == bool(wanted.naps)
    # The rows with the extremes have them.
    for row in answer.rows(data["extremes"]):
        numbers = [v for v in wanted.values if wanted.label(v) ==
                   row.get("measure", wanted.label(v))]
        best = (min if row["which"] == "min" else max)(
            v.value for v in numbers)
        near(row["value"], best)
        if row["observation_id"] is not None:
            near(next(v.value for v in numbers
                      if v.id == row["observation_id"]), best)


@pytest.mark.parametrize("measure", ["systolic", "rem_sleep", "distance",
                                     "awakenings", "kcal_burned"])
def test_one_measure(call, check, world, measure):
    name = next(n for n, (_, found) in reckon.types().items()
                if measure in dict(found))
    answer = call(ALL, TOOL, {"patient_id": ONE_OF[name], "data_type": name,
                              "measure": measure})
    check(TOOL, answer)
    wanted = world.reckon([ONE_OF[name]], name)
    check_row(answer.rows()[0],
              [v for v in wanted.values if v.measure == measure])
    assert answer.data["unit"] == (reckon.usual(measure) or "count")


@pytest.mark.parametrize("bucket", BUCKETS)
@pytest.mark.parametrize("zone", [UTC, WEST, INDIA, None],
                         ids=["UTC", "west", "India", "recorded"])
@pytest.mark.parametrize("name", ["blood-glucose", "heart-rate", "step-count",
                                  "sleep-duration"])
def test_buckets(call, check, world, name, zone, bucket):
    patient = ONE_OF[name]
    window = raw.Window(date(2026, 5, 2), date(2026, 5, 20), zone)
    answer = call(ALL, TOOL, dict(window.args(), patient_id=patient,
                                  data_type=name, bucket=bucket, limit=500))
    check(TOOL, answer)
    wanted = world.reckon([patient], name, window=window, bucket=bucket)
    compare(answer, wanted)
    if name == "step-count" and bucket in ("hour", "hour_of_day"):
        assert answer.data["unit_of_analysis"] == "reading"


@pytest.mark.parametrize("name,unit,decimals", [
    ("blood-glucose", "mmol/L", 2), ("body-temperature", "F", 1),
    ("body-temperature", "K", 1), ("body-weight", "lb", 1),
    ("body-weight", "g", 1), ("sleep-duration", "min", 1),
    ("blood-pressure", "kPa", 1)])
def test_units(call, check, world, db, name, unit, decimals):
    study = {"body-temperature": 30005, "blood-pressure": 30002,
             "sleep-duration": 30003}.get(name, 30001)
    patients = [p for p in db.column(
        "SELECT patient_id FROM core_studypatient WHERE study_id = %(s)s",
        s=study) if p not in ODD]
    some = patients[:20]
    answer = call(ALL, TOOL, {"patient_ids": some, "data_type": name,
                              "unit": unit, "group_by": "patient"})
    check(TOOL, answer)
    assert answer.data["unit"] == unit
    seen = {p for p in some if p in {r["patient_id"]
                                     for r in answer.rows()}}
    units = {m: unit for m, _ in reckon.types()[name][1]}
    compare(answer, world.reckon(seen, name, units=units),
            by=lambda v: v.patient, column="patient_id", decimals=decimals)


def cohort(world, visible, db, person, study, name):
    """Patients and whether the study requests the type."""
    seen = visible(person)
    readable = set(seen.patients()) & set(seen.roster(study) or [])
    requested = db.column("""
        SELECT c.coding_code FROM core_studyscoperequest r
        JOIN core_codeableconcept c ON c.id = r.scope_code_id
        WHERE r.study_id = %(s)s""", s=study)
    kind = reckon.types()[name][0]
    return readable if any(":".join(c.split(":")[:2]) == kind
                           for c in requested) else set()


@pytest.mark.parametrize("name", ["blood-glucose", "blood-pressure",
                                  "heart-rate", "sleep-stage-summary",
                                  "step-count", "rr-interval"])
def test_studies(call, check, world, visible, db, people, name):
    studies = db.column("SELECT id FROM core_study ORDER BY id")
    for person in people:
        seen = visible(person)
        team = db.column("""
            SELECT s.id FROM core_study s
            JOIN core_practitionerorganization m
                ON m.organization_id = s.organization_id
            JOIN core_practitioner p ON p.id = m.practitioner_id
            WHERE p.jhe_user_id = %(u)s""", u=person)
        for study in studies:
            if person > 10100 and person % 7 and study != 30001:
                continue
            args = {"study_id": study, "data_type": name, "detail": "full"}
            answer = call(person, TOOL, args)
            if study not in seen.studies():
                assert answer.text == (
                    f"not_found: no study {study} that you may see. "
                    "list_studies shows yours.")
                continue
            if study not in team:
                assert answer.code == "not_available"
                continue
            check(TOOL, answer)
            readable = cohort(world, visible, db, person, study, name)
            if readable & ODD:
                continue
            wanted = world.reckon(readable, name)
            compare(answer, wanted)
            check_between(answer, wanted)


def check_between(answer, wanted):
    means = wanted.between()
    if not means:
        assert "between_patients" not in answer.data
        return
    rows = answer.rows(answer.data["between_patients"])
    assert len(rows) == len(means)
    for row in rows:
        one = means[row.get("measure", next(iter(means)))]
        assert row["patients"] == len(one)
        near(row["mean_of_means"], statistics.fmean(one))
        near(row["sd_of_means"], statistics.stdev(one)
             if len(one) > 1 else None)
        if "median" in row:
            near(row["median"], statistics.median(one))
            near(row["min"], min(one))
            near(row["max"], max(one))


@pytest.mark.parametrize("by,column", [("patient", "patient_id"),
                                       ("data_source", "data_source"),
                                       ("age_band", "age_band")])
def test_groups(call, check, world, visible, db, by, column):
    births = dict(db.rows("SELECT id, birth_date FROM core_patient"))
    names = dict(db.rows("SELECT id, name FROM core_datasource"))
    readable = cohort(world, visible, db, ALL, 30001, "blood-glucose")

    def band(value):
        born = births[value.patient]
        today = datetime.now(UTC).date()
        if born is None or born > today:
            return "unknown"
        age = today.year - born.year - (
            (today.month, today.day) < (born.month, born.day))
        if age < 18:
            return "<18"
        return "90+" if age >= 90 else "18-29" if age < 30 else \
            f"{age // 10 * 10}-{age // 10 * 10 + 9}"

    def source(value):
        return "not recorded" if value.source is None else \
            names[value.source] or f"data source {value.source}"

    key = {"patient": lambda v: v.patient, "data_source": source,
           "age_band": band}[by]
    for name, bucket in (("blood-glucose", "none"), ("body-weight", "none"),
                         ("blood-glucose", "day")):
        answer = call(ALL, TOOL, {"study_id": 30001, "data_type": name,
                                  "group_by": by, "bucket": bucket,
                                  "limit": 500})
        check(TOOL, answer)
        wanted = world.reckon(
            cohort(world, visible, db, ALL, 30001, name), name,
            bucket=bucket)
        compare(answer, wanted, by=key, column=column)
    assert readable


def test_patients_make_the_study(call, world, visible, db):
    """The parts add up to the whole."""
    answer = call(ALL, TOOL, {"study_id": 30001, "limit": 500,
                              "data_type": "blood-glucose",
                              "group_by": "patient"})
    whole = call(ALL, TOOL, {"study_id": 30001,
                             "data_type": "blood-glucose"})
    assert sum(r["n"] for r in answer.rows()) == whole.rows()[0]["n"]
    for row in answer.rows():
        one = call(ALL, TOOL, {"patient_id": row["patient_id"],
                               "data_type": "blood-glucose"})
        assert {k: one.rows()[0][k] for k in ("n", "mean", "sd", "p50")} == \
            {k: row[k] for k in ("n", "mean", "sd", "p50")}


def shares(values, cuts):
    counts = [0] * (len(cuts) + 1)
    for v in values:
        counts[sum(v >= c for c in cuts)] += 1
    return [100 * c / len(values) for c in counts]


@pytest.mark.parametrize("cuts", [[70, 181], [100], [0, 90.5, 120, 1000],
                                  list(range(60, 180, 10))])
def test_ranges(call, check, world, cuts):
    answer = call(ALL, TOOL, {"patient_id": 40004, "ranges": cuts,
                              "data_type": "blood-glucose"})
    check(TOOL, answer)
    values = [v.value for v in
              world.reckon([40004], "blood-glucose").values]
    got = answer.data["ranges"]["rows"][0]
    assert len(got) == len(cuts) + 1
    for a, b in zip(got, shares(values, cuts)):
        near(a, b)
    assert answer.data["ranges"]["columns"][0] == f"<{cuts[0]:g}"


@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
@pytest.mark.parametrize("patient", [40004, 40005, 40010])
def test_glucose(call, check, world, patient, unit):
    """Patients whose id ends in 0 or 5 store mmol/L: one judgement."""
    answer = call(ALL, TOOL, {"patient_id": patient, "unit": unit,
                              "data_type": "blood-glucose"})
    check(TOOL, answer)
    values = [v.value for v in
              world.reckon([patient], "blood-glucose").values]
    got = answer.data["ranges"]["rows"][0]
    for a, b in zip(got, shares(values, [54, 70, 181, 251])):
        near(a, b)
    assert abs(sum(got) - 100) <= 0.3
    mean = statistics.fmean(values)
    derived = answer.data["derived"]
    near(derived["gmi_pct"], 3.31 + 0.02392 * mean)
    near(derived["cv_pct"], 100 * statistics.stdev(values) / mean)
    assert derived["sufficient"] is False
    assert 0 < derived["active_pct"] <= 100


def test_pressure(call, check, world):
    answer = call(ALL, TOOL, {"patient_id": 40016,
                              "data_type": "blood-pressure"})
    check(TOOL, answer)
    counts = [0, 0, 0, 0]
    for _, values in world.reckon([40016], "blood-pressure").rows:
        s, d = values["systolic"], values["diastolic"]
        counts[0 if s < 120 and d < 80 else 1 if s < 130 and d < 80 else
               2 if s < 140 and d < 90 else 3] += 1
    for a, b in zip(answer.data["ranges"]["rows"][0], counts):
        near(a, 100 * b / sum(counts))
    kilo = call(ALL, TOOL, {"patient_id": 40016, "unit": "kPa",
                            "data_type": "blood-pressure"})
    assert kilo.data["ranges"]["rows"] == answer.data["ranges"]["rows"]


def test_sort(call):
    args = {"study_id": 30001, "data_type": "body-weight",
            "group_by": "patient"}
    for sort, key in (("mean_desc", lambda r: -r["mean"]),
                      ("mean_asc", lambda r: r["mean"]),
                      ("n_asc", lambda r: r["n"]),
                      ("key", lambda r: r["patient_id"])):
        rows = call(ALL, TOOL, dict(args, sort=sort)).rows()
        assert [key(r) for r in rows] == sorted(key(r) for r in rows)


def test_pages(call, check):
    args = {"study_id": 30001, "data_type": "blood-glucose",
            "bucket": "hour", "group_by": "data_source", "limit": 37,
            "ranges": [70.5, 181], "timezone": "America/Los_Angeles"}
    pages = call.pages(ALL, TOOL, args,
                       again={"data_type": "blood-glucose"})
    whole = call(ALL, TOOL, dict(args, limit=500))
    assert len(pages) > 2
    for page in pages:
        check(TOOL, page)
        assert page.data["total"] == whole.data["total"]
    rows = [row for page in pages for row in page.data["rows"]]
    assert rows == whole.data["rows"]
    rows = [row for page in pages for row in page.data["ranges"]["rows"]]
    assert rows == whole.data["ranges"]["rows"]


def test_random(call, check, world):
    """Any zone, window, bucket and type."""
    chance = random.Random(7)
    for _ in range(40):
        name = chance.choice(sorted(ONE_OF))
        zone = chance.choice([UTC, WEST, INDIA, None,
                              ZoneInfo("Pacific/Kiritimati")])
        start = date(2026, 5, chance.randint(1, 20))
        end = date(2026, chance.choice([5, 6]), chance.randint(21, 30))
        window = raw.Window(start, end, zone)
        bucket = chance.choice(["none", "day", "week", "month", "weekday",
                                "hour_of_day"])
        patient = ONE_OF[name]
        answer = call(ALL, TOOL, dict(window.args(), patient_id=patient,
                                      data_type=name, bucket=bucket,
                                      limit=500))
        check(TOOL, answer)
        compare(answer, world.reckon([patient], name, window=window,
                                     bucket=bucket))
