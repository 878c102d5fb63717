# SPDX-License-Identifier: MIT
"""The rules that read the time of an observation, on times of every kind, and
the plan of the statement that uses them."""

import json
import random
import re
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest

from conftest import rule_files
from observed import SECONDS, UTC, all_rows, frame_times, statement
from test_rules import expand


@pytest.fixture(scope="module")
def rows(facts):
    connection = psycopg2.connect(facts["JHE_DB_ADMIN"])
    yield all_rows(connection)
    connection.close()


def odd_frames():
    """Time frames that are right, wrong and nearly right."""
    rng = random.Random(1752)
    times = [
        "2026-06-04T01:00:00Z", "2026-06-04T01:00Z", "2026-06-04 01:00:00",
        "2026-06-04T01:00:00.123456-03:30", "2026-06-04t01:00:00z",
        "2026-02-28T23:59:59.9999995Z", "2024-02-29T12:00:00+14:00",
        "2026-02-29T12:00:00Z", "2026-02-30T12:00:00Z", "2026-04-31T12:00Z",
        "1900-02-29T00:00Z", "2000-02-29T00:00Z", "2026-13-01T00:00Z",
        "2026-00-01T00:00Z", "2026-01-00T00:00Z", "2026-01-32T00:00Z",
        "0000-01-01T00:00Z", "0001-01-01T00:00Z", "9999-12-31T23:59:59Z",
        "2026-06-04T24:00:00Z", "2026-06-04T23:60:00Z",
        "2026-06-04T23:59:60Z", "2026-06-04T23:59:61Z", "2026-06-04",
        "2026-06-04T", "2026-06-04T10", "2026-06-04T10:00:00+0530",
        "2026-06-04T10:00:00+05", "2026-06-04T10:00:00+5",
        "2026-06-04T10:00:00+16:00", "2026-06-04T10:00:00-15:59",
        "2026-06-04T10:00:00+05:60", "2026-06-04T10:00:00 UTC",
        "2026-06-04T10:00:00Z ", " 2026-06-04T10:00:00Z",
        "2026-06-04T10:00:00.Z", "2026-06-04T10:00:00,5Z",
        "2026-06-04T10:00:00.1234567890Z", "infinity", "-infinity", "now",
        "epoch", "today", "", "Z", "20260604T100000Z", "2026-6-4T10:00Z",
        "2026-06-04T10:00:00Z\n", "12026-06-04T10:00Z", "-2026-06-04T10:00Z",
        "\u0662\u0660\u0662\u0666-06-04T10:00:00Z", 5, None, True, [], {},
    ]
    durations = [{"value": v, "unit": u} for u in list(SECONDS) + [
        "Mo", "yr", "Yr", "fortnight", "", None, 5] for v in (
            1, 0, -1, 1.9, 36, "1", None, True, [1])]
    durations += [{"value": 9e99, "unit": u} for u in ("ps", "wk", "Yr")]
    durations += [None, [], "1 h", {}, {"value": 1}, {"unit": "h"}]
    frames = [{"date_time": t} for t in times]
    for t in times:
        frames.append({"time_interval": {
            "start_date_time": t, "end_date_time": "2026-06-05T00:00:00Z"}})
        frames.append({"time_interval": {
            "start_date_time": "2026-06-01T00:00:00Z", "end_date_time": t}})
        frames.append({"time_interval": {"start_date_time": t}})
        frames.append({"time_interval": {"end_date_time": t}})
        for part in ("night", "evening", "noon", None, 5):
            day = t[:10] if isinstance(t, str) else t
            frames.append({"time_interval": {"date": day,
                                             "part_of_day": part}})
    for d in durations:
        for t in ("2026-01-31T23:30:00-07:00", "2024-02-29T10:00:00Z",
                  "bad", None):
            frames.append({"time_interval": {"start_date_time": t,
                                             "duration": d}})
            frames.append({"time_interval": {"end_date_time": t,
                                             "duration": d}})
    frames += [None, "yesterday", 5, [], {}, {"time_interval": None},
               {"time_interval": []}, {"time_interval": {}},
               {"date_time": None, "time_interval": {
                   "start_date_time": "2026-06-01T00:00:00Z",
                   "end_date_time": "2026-06-02T00:00:00Z"}}]
    for _ in range(2000):
        text = list(rng.choice([t for t in times if isinstance(t, str)]) or
                    "x")
        text[rng.randrange(len(text))] = rng.choice("0123456789-:+ TZ.")
        frames.append({"date_time": "".join(text)})
    return frames


@pytest.mark.newest
def test_times_of_every_kind(reader):
    """No stored value fails, and each gives what the schemas say."""
    frames = odd_frames()
    documents = [json.dumps({"body": {"effective_time_frame": f}})
                 for f in frames]
    cursor = reader.cursor()
    cursor.execute("SET timezone = 'America/Los_Angeles'")
    cursor.execute(
        "SELECT o.n, extract(epoch FROM %s)::text,"
        " extract(epoch FROM %s)::text, %s, %s"
        " FROM (SELECT n, d::jsonb AS omh_data,"
        " NULL::timestamptz AS effective_date_time,"
        " NULL::timestamptz AS effective_period_start,"
        " NULL::timestamptz AS effective_period_end"
        " FROM unnest(%%s::text[]) WITH ORDINALITY u (d, n)) o ORDER BY n"
        % tuple(expand(":observation_" + n).replace("%", "%%") for n in
                ("time", "end", "offset", "end_offset")), (documents,))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    different = []
    for n, start, end, _, _ in cursor.fetchall():
        wanted = frame_times(json.loads(documents[n - 1],
                                        parse_float=Decimal))
        for found, want in zip((start, end), wanted):
            if want is not None:
                want = Decimal((want - epoch) // timedelta(
                    microseconds=1)) / 1000000
            if found is not None:
                found = Decimal(found)
            if want is None or found is None:
                same = want is None and found is None
            else:
                same = abs(want - found) <= Decimal("0.000001")
            # Python's calendar ends before ours does.
            if not same and not (want is None and not -62135596800 <= found
                                 <= 253402300799):
                different.append((frames[n - 1], start, end, wanted))
    assert different == []


def test_columns_and_json_agree(rows):
    """Where the exchange has and filled its columns, the JSON says the
    same."""
    filled = [r for r in rows if isinstance(r.document, dict)
              and frame_times(r.document)[0] is not None]
    assert len(filled) > 15000
    for r in filled:
        assert frame_times(r.document) == (r.start, r.end), r.id


@pytest.mark.newest
def test_no_column_makes_it_fail(admin):
    """Infinity and years beyond calendars in the columns."""
    cursor = admin.cursor()
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    text, example = statement("observation/page.sql")
    cursor.execute(text)
    cursor.execute("""
        UPDATE core_observation SET last_updated = 'infinity',
            effective_date_time = CASE id %% 4 WHEN 0 THEN 'infinity'
                WHEN 1 THEN '-infinity' WHEN 2 THEN '290000-01-01Z'
                ELSE '4000-01-01Z BC' END::timestamptz,
            effective_period_end = CASE id %% 3 WHEN 0 THEN 'infinity'
                WHEN 1 THEN '294276-01-01Z' END::timestamptz
        WHERE subject_patient_id = 40004 AND id %% 5 = 0""" % ())
    cursor.execute("EXECUTE observation_page (%s)" % re.sub(
        r"\b11\b", "1000", example.replace(
            "'{omh:blood-glucose}'", "NULL")))
    names = [d[0] for d in cursor.description]
    found = [dict(zip(names, r)) for r in cursor.fetchall()]
    assert len(found) == found[0]["total"] > 500
    assert found[0]["undated"] > 100
    assert [r["id"] for r in found if r["id"] % 5 == 0
            and r["start_us"] is not None] == []
    admin.rollback()


@pytest.mark.newest
def test_plan_needs_no_scan_of_all(reader):
    """Whatever the parameters turn out to be."""
    text, example = statement("observation/page.sql")
    cursor = reader.cursor()
    cursor.execute("SET plan_cache_mode = force_generic_plan")
    cursor.execute(text)
    cursor.execute("EXPLAIN EXECUTE observation_page (%s)" % example)
    plan = "\n".join(r[0] for r in cursor.fetchall())
    assert "on core_observation" in plan
    assert "Seq Scan on core_observation" not in plan


def test_rules_are_where_they_belong():
    assert {"observation_time", "observation_end", "observation_frame",
            "observation_offset", "observation_end_offset"} <= set(
                rule_files())
