# SPDX-License-Identifier: MIT
"""summarize_patient_observations and get_patient_date_range, against what
raw.py works out of the stored rows."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import raw
from raw import DAY, NOW, UTC, Window

TOOL = "summarize_patient_observations"
RANGE = "get_patient_date_range"
SEE_ALL = 10016
WEST = ZoneInfo("America/Los_Angeles")
YORK = ZoneInfo("America/New_York")


def seconds(moment):
    return int(moment.timestamp())


def clean(text):
    return " ".join("".join(
        c for c in text if c not in "\u202e\u200b\u200f\ufeff").split())


def instant(row, zone):
    if zone is None:
        local, offset = row.at(None), row.offset
    else:
        local = row.start.astimezone(zone)
        offset = local.utcoffset()
        local = local.replace(tzinfo=None)
    text = local.strftime("%Y-%m-%dT%H:%M").rjust(16, "0")
    if local.second or local.microsecond:
        text += local.strftime(":%S")
    if local.microsecond:
        text += ("." + local.strftime("%f")).rstrip("0")
    if zone is UTC or (zone is None and not offset):
        return text + "Z"
    sign = "-" if offset < timedelta(0) else "+"
    minutes = int(abs(offset).total_seconds()) // 60
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


def check_summary(answer, mine, window, have_source):
    """All but `latest`: mine are all rows of the patient."""
    inside = [r for r in mine if window.has(r)]
    assert answer.data["total"] == len(inside)
    assert answer.data["undated"] == sum(r.start is None for r in mine)
    dated = [r for r in inside if r.start is not None]
    if dated:
        first = min(dated, key=lambda r: r.start)
        last = max(dated, key=lambda r: r.start)
        if window.zone is not None:
            assert answer.data["first"] == instant(first, window.zone)
            assert answer.data["last"] == instant(last, window.zone)
    else:
        assert answer.data["first"] is answer.data["last"] is None
    kinds = defaultdict(list)
    for r in inside:
        kinds[r.kind].append(r)
    got = sorted([one["count"], one["days"], one["first"] or "",
                  one["last"] or ""] for one in answer.rows())
    want = []
    for found in kinds.values():
        days = {r.day(window.zone) for r in found if r.start is not None}
        want.append([len(found), len(days),
                     min(days).isoformat() if days else "",
                     max(days).isoformat() if days else ""])
    assert got == sorted(want), answer.raw
    counts = [one["count"] for one in answer.rows()]
    assert counts == sorted(counts, reverse=True)
    for one in answer.rows():
        found = [r for r in inside if r.kind is None
                 if one["data_type"] is None] or \
            [r for r in inside if r.name == one["data_type"]]
        if len({r.kind for r in found}) == 1 and \
                len(found) == one["count"]:
            names = {clean(r.source_name) for r in found if r.source_name}
            assert set(filter(None, (one["sources"] or "").split(", "))) \
                == {part for n in names for part in n.split(", ") if part}


def test_patients_of_many(call, check, visible, rows, people):
    dice = random.Random(3)
    now = datetime(2026, 6, 20, 14, 20, 5, tzinfo=UTC)
    for _ in range(120):
        person = dice.choice([SEE_ALL, *people])
        patients = visible(person).patients()
        if not patients:
            continue
        patient = dice.choice(patients)
        zone = dice.choice([UTC, UTC, None, WEST])
        day = date(2026, 4, 20) + dice.randrange(50) * DAY
        window = dice.choice([
            Window(None, None, zone), Window(day, day + 9 * DAY, zone),
            Window(datetime(2026, 5, 1, 3, 4, 5, tzinfo=UTC), None, zone),
            Window(None, day, zone)])
        mine = [r for r in rows if r.patient == patient]
        # Python has no zones at the ends of the calendar.
        if zone is not UTC and any(
                r.start and r.start.year in (1, 9999) for r in mine):
            continue
        answer = call(person, TOOL, {"patient_id": patient,
                                     **window.args()}, now=seconds(now))
        check(TOOL, answer)
        check_summary(answer, mine, window, True)
        if window.start is window.end is None and zone is UTC:
            answer = call(person, RANGE, {"patient_id": patient},
                          now=seconds(now))
            check(RANGE, answer)
            dated = [r for r in mine if r.start is not None]
            assert answer.data["count"] == len(mine)
            if dated:
                assert answer.data["earliest"] == instant(
                    min(dated, key=lambda r: r.start), UTC)
                assert answer.data["latest"] == instant(
                    max(dated, key=lambda r: r.start), UTC)
            else:
                assert answer.data["earliest"] is None
                assert answer.data["latest"] is None


def test_all_patients(call, check, visible, rows):
    """Every patient that one person reads, odd bodies and all."""
    by_patient = defaultdict(list)
    for r in rows:
        by_patient[r.patient].append(r)
    for patient in visible(SEE_ALL).patients():
        answer = call(SEE_ALL, TOOL, {"patient_id": patient})
        check(TOOL, answer)
        check_summary(answer, by_patient[patient], Window(), True)


def latest(answer):
    return {one["data_type"]: one["latest"] for one in answer.rows()}


def test_latest(call, check, rows, scene, member):
    def ask(patient, **args):
        answer = call(member, TOOL, {"patient_id": patient, **args},
                      now=seconds(NOW))
        check(TOOL, answer)
        return answer
    # The newest begins in the future, but it is the newest.
    assert latest(ask(49001)) == {"blood-glucose": "5 mg/dL"}
    assert latest(ask(49001, end="2026-04-01T12:00:00Z")) == {
        "blood-glucose": "171 mg/dL"}
    # One without a value that can be read.
    answer = ask(49001, end="2026-04-01T07:15:00Z",
                 start="2026-04-01T06:45:00Z")
    assert latest(answer) == {"blood-glucose": None}
    assert latest(ask(49002)) == {"blood-glucose": "5.5 mmol/L"}
    answer = ask(49003)
    assert latest(answer) == {"blood-pressure": "124/78 mmHg"}
    assert (answer.data["total"], answer.data["undated"]) == (7, 2)
    assert answer.rows()[0]["days"] == 5
    answer = ask(49003, timezone="recorded")
    assert (answer.rows()[0]["first"], answer.rows()[0]["last"]) == (
        "2026-03-27", "2026-03-31")
    assert answer.data["first"] == "2026-03-27T23:30-07:00"
    if any(r.patient == 49005 for r in rows):
        answer = ask(49005, timezone="America/New_York")
        one = answer.rows()[0]
        assert one["latest"] == "6.5 h"
        assert (one["days"], one["first"], one["last"]) == (
            6, "2026-03-06", "2026-03-11")
        # The night of the change is no other day in UTC.
        assert ask(49005).rows()[0]["days"] == 6
    if any(r.patient == 49006 for r in rows):
        assert latest(ask(49006)) == {"body-weight": "68 kg"}
        assert latest(ask(49006, end="2026-03-10")) == {
            "body-weight": "150.5 lb"}


def test_words(call, rows, scene, member):
    def ask(patient, **args):
        return call(member, TOOL, {"patient_id": patient, **args},
                    now=seconds(NOW)).data
    assert ask(49003)["summary"] == (
        "7 observations of 1 type, 2026-03-28 to 2026-04-01.")
    found = ask(49003, data_type="heart-rate")
    assert found["summary"] == (
        "0 heart-rate observations of patient 49003; the patient has 7 "
        "blood-pressure from 2026-03-28 to 2026-04-01.")
    assert found["rows"] == [] and found["total"] == 0
    assert ask(49009)["summary"] == (
        "0 observations of patient 49009; there is none of any type.")
    found = ask(49003, data_type="vitals", last="30d")
    assert any(note.startswith("Nothing in this window of: ") and
               "heart-rate" in note for note in found["notes"])
    assert any(note.startswith("2 undated observations are in no window")
               for note in found["notes"])
    answer = call(member, TOOL, {"patient_id": 49003,
                                 "data_type": "glucos"})
    assert answer.text == (
        'unknown_type: "glucos" is not a data type. Nearest: blood-glucose. '
        "With data for this patient: blood-pressure.")
    answer = call(member, TOOL, {"patient_id": 49003,
                                 "timezone": "Mars/Olympus"})
    assert answer.code == "bad_argument"


def test_nights_are_not_added(call, db, rows):
    """The note on three records of one night, where there are three."""
    nights = {"sleep-duration", "sleep-episode", "sleep-stage-summary"}
    found = defaultdict(set)
    for r in rows:
        if r.kind in raw.NIGHTS:
            found[r.patient].add(r.name)
    for patient, names in found.items():
        answer = call(SEE_ALL, TOOL, {"patient_id": patient})
        if not answer.ok:
            continue
        said = [n for n in answer.data.get("notes", [])
                if "describe the same nights" in n]
        assert bool(said) == (len(names & nights) > 1)
        assert all(name in said[0] for name in names) if said else True


@pytest.mark.parametrize("tool", [TOOL, RANGE])
def test_strangers(call, visible, people, tool):
    seen = {p: set(visible(p).patients()) for p in people}
    everybody = set.union(*seen.values())
    for person in people:
        for patient in sorted(everybody - seen[person])[:3]:
            answer = call(person, tool, {"patient_id": patient})
            assert answer.code == "not_found"
            assert answer.text.replace(str(patient), "999999") == \
                call(person, tool, {"patient_id": 999999}).text
        for patient in sorted(seen[person])[:1]:
            assert call(person, tool, {"patient_id": patient}).ok


@pytest.mark.parametrize("odd", [-1, 2 ** 63, 1.5, "x", "", True, [], None])
@pytest.mark.parametrize("tool", [TOOL, RANGE])
def test_odd_ids(call, tool, odd):
    assert call(SEE_ALL, tool, {"patient_id": odd}).code == "bad_argument"
    for one in (0, 2 ** 63 - 1, "0", 7.0):
        assert call(SEE_ALL, tool, {"patient_id": one}).code == "not_found"


def test_aggregate(call, scene, member):
    for tool in (TOOL, RANGE, "count_patient_observations"):
        assert call(member, tool, {"patient_id": 49001},
                    disclosure="aggregate",
                    minimum=5).code == "not_available"
