# SPDX-License-Identifier: MIT
"""get_data_coverage, against what raw.py works out of the stored rows."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import raw
from raw import DAY, NOW, UTC, Coverage, Window

TOOL = "get_data_coverage"
SEE_ALL = 10016
BERLIN = ZoneInfo("Europe/Berlin")
WEST = ZoneInfo("America/Los_Angeles")
YORK = ZoneInfo("America/New_York")
BYS = ("patient", "data_type", "data_source", "week", "month")


def seconds(moment):
    return int(moment.timestamp())


def requested(db, study):
    """{kind: system} of a study."""
    return {":".join(code.lower().split(":")[:2]): system
            for code, system in db.rows("""
                SELECT c.coding_code, c.coding_system
                FROM core_studyscoperequest r
                JOIN core_codeableconcept c ON c.id = r.scope_code_id
                WHERE r.study_id = %(s)s ORDER BY c.id DESC""", s=study)}


def codes(db, study):
    return set(db.column("""
        SELECT scope_code_id FROM core_studyscoperequest
        WHERE study_id = %(s)s""", s=study))


def shown(by, key):
    if by == "data_type":
        return key.split(":")[-1]
    if by == "week":
        return key.isoformat()
    return key.strftime("%Y-%m") if by == "month" else key


def close(got, expected):
    """Equal, as far as it is shown."""
    if expected is None or got is None:
        return got is expected
    if isinstance(expected, (str, int)):
        return got == expected
    return abs(got - expected) <= 0.0501


def compare(answer, want, by):
    """The rows and the quality of an answer that has all rows."""
    assert not answer.data["truncated"]
    key = {"patient": "patient_id"}.get(by, by)
    if by == "data_source":
        # Names need not be unique.
        got = sorted(([one["readings"], one[key] or "", one]
                      for one in answer.rows()), key=lambda x: x[:2])
        wanted = sorted(([one["readings"], one["name"] or "", one]
                         for one in want.groups.values()),
                        key=lambda x: x[:2])
        assert [one[:2] for one in got] == [one[:2] for one in wanted]
        for (_, _, one), (_, _, group) in zip(got, wanted):
            del one[key]
            assert all(close(v, group[k]) for k, v in one.items()), (
                one, group)
        assert answer.data["quality"]["rows"] == want.problems
        return
    got = {one.pop(key): one for one in answer.rows()}
    assert list(sorted(got, key=str)) == sorted(
        (shown(by, k) for k in want.groups), key=str), answer.raw
    for k, group in want.groups.items():
        for name, value in got[shown(by, k)].items():
            assert close(value, group[name]), (k, name, value, group,
                                               answer.raw)
    assert answer.data["quality"]["rows"] == want.problems
    assert answer.data["total"] == len(want.groups)


def windows(random):
    """Windows of each kind, around the test data (May 2026 and later)."""
    day = date(2026, 5, 1) + random.randrange(40) * DAY
    moment = datetime(2026, 5, 3, 7, 20, 5, tzinfo=UTC) \
        + random.randrange(700) * timedelta(hours=1)
    zone = random.choice([UTC, None, BERLIN, WEST])
    return random.choice([
        Window(day, day + random.randrange(60) * DAY, zone),
        Window(moment, moment + random.randrange(1, 900) *
               timedelta(hours=1), zone),
        Window(day, None, zone),
        Window(None, day + 30 * DAY, zone),
        Window(moment, None, zone)])


def test_studies_of_many(call, check, db, visible, rows, people):
    dice = random.Random(1)
    now = datetime(2026, 6, 20, 14, 20, 5, tzinfo=UTC)
    for _ in range(60):
        person = dice.choice([SEE_ALL, *people])
        seen = visible(person)
        studies = seen.studies()
        if not studies:
            continue
        study = dice.choice(studies)
        readable = sorted(set(seen.roster(study)) & set(seen.patients()))
        mine = codes(db, study)
        window, by = windows(dice), dice.choice(BYS)
        if window.start and window.midnight(
                window.start) > now if not isinstance(
                    window.start, datetime) else window.start > now:
            continue
        expected = dice.choice([None, None, None, 4, 0.5])
        args = {"study_id": study, "group_by": by, "limit": 500,
                **window.args()}
        if expected:
            args["expected_per_day"] = expected
        answer = call(person, TOOL, args, now=seconds(now))
        check(TOOL, answer)
        want = Coverage(
            [r for r in rows if r.patient in readable
             and r.concept in mine], readable, requested(db, study), window,
            now, by, expected)
        compare(answer, want, by)


def test_patients_of_many(call, check, db, visible, rows, people):
    dice = random.Random(2)
    now = datetime(2026, 6, 20, 14, 20, 5, tzinfo=UTC)
    for _ in range(60):
        person = dice.choice([SEE_ALL, *people])
        patients = visible(person).patients()
        if not patients:
            continue
        patient = dice.choice(patients)
        mine = [r for r in rows if r.patient == patient and r.code]
        window, by = windows(dice), dice.choice(BYS)
        if dice.random() < 0.3:
            window = Window(None, None, window.zone)
        first = window.start if not isinstance(window.start, date) or \
            isinstance(window.start, datetime) else \
            window.midnight(window.start)
        if first is not None and first > now:
            continue
        if min([r.start for r in mine if r.start] + [now]).year < 2020:
            continue
        answer = call(person, TOOL, {
            "patient_id": patient, "group_by": by, "limit": 500,
            **window.args()}, now=seconds(now))
        check(TOOL, answer)
        kinds = {r.kind: r.system for r in sorted(
            mine, key=lambda r: -r.concept)}
        want = Coverage(mine, [patient], kinds, window, now, by, one=True)
        compare(answer, want, by)


def scene_rows(rows, db, scene):
    mine = codes(db, scene.STUDY)
    return [r for r in rows if 49001 <= r.patient <= 49008
            and r.concept in mine]


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("zone", [UTC, None, WEST, BERLIN])
def test_scene(call, check, db, rows, scene, member, by, zone):
    for window in (Window(NOW - 14 * DAY, NOW, zone),
                   Window(date(2026, 3, 25), date(2026, 4, 1), zone),
                   Window(date(2026, 3, 31), date(2026, 4, 20), zone)):
        args = {"study_id": scene.STUDY, "group_by": by, **window.args()}
        answer = call(member, TOOL, args, now=seconds(NOW))
        check(TOOL, answer)
        want = Coverage(scene_rows(rows, db, scene), range(49001, 49009),
                        requested(db, scene.STUDY), window, NOW, by)
        compare(answer, want, by)


def test_scene_in_words(call, check, scene, member):
    """The numbers, by hand."""
    answer = call(member, TOOL, {
        "study_id": scene.STUDY, "data_type": "blood-glucose",
        "last": "3d"}, now=seconds(NOW))
    check(TOOL, answer)
    assert answer.data["expected_per_day"] == 24
    assert answer.data["data_types"] == ["blood-glucose"]
    assert "usual spacing of 1 hour." in answer.data["notes"][0]
    found = {one["patient_id"]: one for one in answer.rows()}
    assert len(found) == 8
    assert found[49003] == {
        "patient_id": 49003, "days": 0, "days_pct": 0, "readings": 0,
        "per_day": 0, "complete_pct": 0, "longest_gap_h": 72, "last": None}
    assert found[49001] == {
        "patient_id": 49001, "days": 3, "days_pct": 100, "readings": 66,
        "per_day": 22, "complete_pct": 91.7, "longest_gap_h": 10,
        "last": "2026-04-01"}
    assert found[49002]["complete_pct"] == 33.3
    assert found[49002]["longest_gap_h"] == 25.8
    problems = {one["problem"]: one for one in
                answer.rows(answer.data["quality"])}
    assert {k: (v["readings"], v["patients"]) for k, v in
            problems.items()} == {
        "undated": (2, 1), "future": (1, 1), "unreadable": (1, 1),
        "duplicate": (1, 1), "mixed_units": (5, 1)}
    order = [one["complete_pct"] for one in answer.rows()]
    assert order == sorted(order)
    assert answer.data["summary"] == (
        "8 patients; median 0% of expected readings; 1 of 8 reach 70%.")


def test_default_window(call, scene, member):
    answer = call(member, TOOL, {"study_id": scene.STUDY}, now=seconds(NOW))
    assert answer.data["window"] == {
        "start": "2026-03-02T12:00Z", "end": "2026-04-01T12:00Z",
        "timezone": "UTC", "days": 30}
    assert "Last 30 days, as no window was given." in answer.data["summary"]
    answer = call(member, TOOL, {"patient_id": 49001}, now=seconds(NOW))
    assert answer.data["window"]["start"] is None
    assert answer.rows()[0]["days"] == 4


@pytest.mark.parametrize("sort", ["least", "most", "key"])
@pytest.mark.parametrize("by", BYS)
def test_pages(call, check, scene, member, sort, by):
    args = {"study_id": scene.STUDY, "group_by": by, "sort": sort,
            "start": "2026-02-10", "end": "2026-04-01"}
    whole = call(member, TOOL, args, now=seconds(NOW))
    check(TOOL, whole)
    pages = call.pages(member, TOOL, {**args, "limit": 2},
                       {"study_id": scene.STUDY}, now=seconds(NOW))
    assert [row for page in pages for row in page.data["rows"]] == \
        whole.data["rows"]
    for page in pages:
        check(TOOL, page)
        assert page.data["total"] == whole.data["total"]
        assert page.data["summary"] == whole.data["summary"]
        assert page.data["quality"] == whole.data["quality"]


def test_weeks_stay_in_order(call, scene, member):
    answer = call(member, TOOL, {
        "study_id": scene.STUDY, "group_by": "week", "start": "2026-03-01",
        "end": "2026-04-01"}, now=seconds(NOW))
    weeks = [one["week"] for one in answer.rows()]
    assert weeks == ["2026-02-23", "2026-03-02", "2026-03-09",
                     "2026-03-16", "2026-03-23", "2026-03-30"]
    assert answer.rows()[1]["readings"] == 0


def test_nights_and_devices(call, db, rows, scene, member):
    """Nights count for the day they end on; two devices are one day."""
    if any(r.patient == 49005 for r in rows):
        answer = call(member, TOOL, {
            "patient_id": 49005, "start": "2026-03-05", "end": "2026-03-11",
            "timezone": "America/New_York"}, now=seconds(NOW))
        one = answer.rows()[0]
        assert (one["days"], one["readings"], one["last"]) == \
            (6, 6, "2026-03-11")
        assert one["complete_pct"] == 85.7
        assert answer.data["expected_per_day"] == 1
        answer = call(member, TOOL, {
            "patient_id": 49005, "start": "2026-03-05", "end": "2026-03-11",
            "timezone": "recorded"}, now=seconds(NOW))
        assert answer.rows()[0]["days"] == 6
    if any(r.patient == 49004 for r in rows):
        answer = call(member, TOOL, {
            "patient_id": 49004, "start": "2026-03-22", "end": "2026-04-01"},
            now=seconds(NOW))
        one = answer.rows()[0]
        assert (one["days"], one["readings"]) == (11, 21)
        assert one["complete_pct"] == 100
        assert answer.data["quality"]["rows"] == []


def test_one_patient_of_a_study(call, db, rows, scene, member):
    window = Window(date(2026, 3, 25), date(2026, 4, 1))
    answer = call(member, TOOL, {
        "study_id": scene.STUDY, "patient_id": 49001, "group_by":
        "data_type", **window.args()}, now=seconds(NOW))
    want = Coverage([r for r in scene_rows(rows, db, scene)
                     if r.patient == 49001], [49001],
                    requested(db, scene.STUDY), window, NOW, "data_type")
    compare(answer, want, "data_type")
    # Not enrolled, though readable.
    answer = call(member, TOOL, {"study_id": scene.STUDY,
                                 "patient_id": 49009})
    assert answer.code == "not_found" and "49009" in answer.text


def test_wrong_questions(call, scene, member):
    def error(**args):
        return call(member, TOOL, args, now=seconds(NOW))
    assert error().text == (
        "bad_argument: give study_id or patient_id. search_patients and "
        "list_studies find ids.")
    answer = error(study_id=scene.STUDY, data_type="glucos")
    assert answer.code == "unknown_type"
    assert "Nearest: blood-glucose. Requested by this study:" in answer.text
    answer = error(study_id=scene.STUDY, start="1950-01-01",
                   group_by="week")
    assert answer.text.startswith("too_broad: weekly rows of this window ")
    assert error(study_id=scene.STUDY, timezone="Europe/Nowhere").code == \
        "bad_argument"
    assert error(study_id=scene.STUDY, expected_per_day=0).code == \
        "bad_argument"
    assert error(study_id=scene.STUDY, start="2026-09-01").code == \
        "bad_argument"


def test_nothing_is_no_error(call, check, scene, member):
    answer = call(member, TOOL, {
        "study_id": scene.STUDY, "data_type": "body-temperature"},
        now=seconds(NOW))
    check(TOOL, answer)
    assert answer.data["rows"] == []
    assert answer.data["summary"].startswith(
        "0 body-temperature readings of 8 patients in this window; the "
        "study has ")
    assert "requests blood-" in answer.data["summary"]
    answer = call(member, TOOL, {
        "study_id": scene.STUDY, "data_type": "heart-rate"},
        now=seconds(NOW))
    assert [one["readings"] for one in answer.rows()] == [0] * 8


@pytest.mark.parametrize("odd", [0, 1, 999999, 2 ** 63 - 1])
def test_unknown_and_foreign(call, scene, odd):
    for args in ({"study_id": odd}, {"patient_id": odd}):
        answer = call(SEE_ALL, TOOL, args)
        assert answer.code == "not_found" and str(odd) in answer.text


@pytest.mark.parametrize("odd", [-1, 2 ** 63, 1.5, "x", "", True, []])
def test_no_ids(call, odd):
    for name in ("study_id", "patient_id"):
        assert call(SEE_ALL, TOOL, {name: odd}).code == "bad_argument"


def test_disjoint(call, visible, people):
    """Two people without a common patient get no common row."""
    seen = {p: set(visible(p).patients()) for p in people}
    pairs = [(a, b) for a in people for b in people
             if a < b and seen[a] and seen[b] and not seen[a] & seen[b]]
    assert pairs
    for a, b in pairs[:6]:
        for one, other in ((a, b), (b, a)):
            patient = min(seen[one])
            args = {"patient_id": patient}
            assert call(one, TOOL, args).ok
            assert call(other, TOOL, args).text == call(
                other, TOOL, {"patient_id": 999999}).text.replace(
                    "999999", str(patient))


def test_a_participant_sees_self(call, check, db, visible, people):
    for person in people:
        seen = visible(person)
        mine = seen.patients()
        for study in seen.studies():
            listed = seen.roster(study)
            if len(mine) != 1 or listed != mine:
                continue
            answer = call(person, TOOL, {"study_id": study})
            check(TOOL, answer)
            assert {one["patient_id"] for one in answer.rows()} <= set(mine)


def test_aggregate(call, scene, member):
    args = {"study_id": scene.STUDY, "start": "2026-03-25",
            "end": "2026-04-01"}
    options = {"disclosure": "aggregate", "minimum": 5,
               "now": seconds(NOW)}
    assert call(member, TOOL, {**args, "group_by": "patient"},
                **options).code == "not_available"
    assert call(member, TOOL, {"patient_id": 49001},
                **options).code == "not_available"
    answer = call(member, TOOL, {**args, "group_by": "data_type"},
                  **options)
    assert answer.ok, answer.raw
    # Of eight, so that neither fewer nor those without are told.
    assert all(one["patients"] in (None, 0, 8) for one in answer.rows())
    # The last day is that of one patient.
    assert all(one["last"] is None for one in answer.rows())
    empty = call(member, TOOL, {"study_id": scene.STUDY, "group_by": "week",
                                "start": "2001-01-01", "end": "2001-01-08"},
                 **options)
    assert "; the study requests " in empty.data["summary"]
    assert "the study has" not in empty.data["summary"]
    for problem in answer.rows(answer.data["quality"]):
        assert problem["example_observation_id"] is None
        assert problem["patients"] >= 5
