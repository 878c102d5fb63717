# SPDX-License-Identifier: MIT
"""What the rows of core_observation say, worked out in Python from the raw
JSON and without the product: times, values, units, order."""

import json
import os
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from conftest import SQL
from test_rules import Direct, expand, stored

UTC = timezone.utc
SLEEP = ("sleep_stage_summary",)

# name: [(column, path)], by the Open mHealth schemas.
TYPES = {
    "blood-glucose": [("blood_glucose", ("blood_glucose",))],
    "blood-pressure": [("systolic", ("systolic_blood_pressure",)),
                       ("diastolic", ("diastolic_blood_pressure",))],
    "body-temperature": [("body_temperature", ("body_temperature",))],
    "body-weight": [("body_weight", ("body_weight",))],
    "forced-expiratory-volume-1-second": [
        ("forced_expiratory_volume_1_second",
         ("forced_expiratory_volume_1_second",))],
    "forced-vital-capacity": [("forced_vital_capacity",
                               ("forced_vital_capacity",))],
    "heart-rate": [("heart_rate", ("heart_rate",))],
    "oxygen-saturation": [("oxygen_saturation", ("oxygen_saturation",))],
    "physical-activity": [("activity_name", ("activity_name",)),
                          ("distance", ("distance",)),
                          ("kcal_burned", ("kcal_burned",)),
                          ("met_value", ("met_value",))],
    "respiratory-rate": [("respiratory_rate", ("respiratory_rate",))],
    "rr-interval": [("rr_interval", ("rr_interval",))],
    "sleep-duration": [("sleep_duration", ("sleep_duration",))],
    "sleep-episode": [
        ("total_sleep_time", ("total_sleep_time",)),
        ("latency_to_sleep_onset", ("latency_to_sleep_onset",)),
        ("latency_to_arising", ("latency_to_arising",)),
        ("wake_after_sleep_onset", ("wake_after_sleep_onset",)),
        ("efficiency_pct", ("sleep_maintenance_efficiency_percentage",)),
        ("awakenings", ("number_of_awakenings",))],
    "sleep-stage-summary": [
        ("total_sleep_time", SLEEP + ("total_sleep_time",)),
        ("light_sleep", SLEEP + ("light_sleep_duration",)),
        ("deep_sleep", SLEEP + ("deep_sleep_duration",)),
        ("rem_sleep", SLEEP + ("rem_sleep_duration",)),
        ("awake", SLEEP + ("awake_duration",)),
        ("efficiency_pct", SLEEP + ("sleep_efficiency_percentage",)),
        ("awakenings", SLEEP + ("number_of_awakenings",))],
    "step-count": [("step_count", ("step_count",))],
}

TO_KG = {"kg": 1, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}
SECONDS = {"ps": 1e-12, "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "sec": 1,
           "min": 60, "h": 3600, "d": 86400, "wk": 604800}
PARTS = {"night": 0, "morning": 6, "afternoon": 12, "evening": 18}


def statement(name):
    """(its text with the rules in it, its example) as psycopg2 takes it."""
    with open(os.path.join(SQL, *name.split("/")), encoding="utf-8") as f:
        text = f.read()
    example = re.search(r"^-- Example: (.*)$", text, re.M).group(1)
    text = re.sub(r"^(--|\\).*$", "", text, flags=re.M)
    return "".join(
        part if part.startswith("'") else expand(part)
        for part in re.split(r"('[^']*')", text)), example


# --- Times, from the JSON ----------------------------------------------------

def instant(text):
    """(UTC instant, offset) of an RFC 3339 text; None if it is none."""
    if not isinstance(text, str):
        return None
    match = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
        r"(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?", text, re.ASCII)
    if not match:
        return None
    year, month, day, hour, minute = map(int, match.group(1, 2, 3, 4, 5))
    second = int(match.group(6) or 0)
    micro = round(int((match.group(7) or "0").ljust(9, "0")) / 1000)
    hours, minutes = int(match.group(10) or 0), int(match.group(11) or 0)
    if hours > 15 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    if match.group(9) == "-":
        offset = -offset
    try:
        local = datetime(year, month, day, hour, minute, second)
        return (local + timedelta(microseconds=micro) - offset).replace(
            tzinfo=UTC), offset
    except (ValueError, OverflowError):
        return None


def months_later(moment, months):
    whole = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(whole, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1)


def shifted(found, duration, sign):
    """The instant a duration later (1) or earlier (-1); None."""
    moment, offset = found
    if not isinstance(duration, dict):
        return None
    value, unit = duration.get("value"), duration.get("unit")
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    try:
        if unit in SECONDS:
            return moment + sign * timedelta(
                seconds=float(value) * SECONDS[unit])
        if unit in ("Mo", "yr", "Yr"):
            local = (moment + offset).replace(tzinfo=None)
            months = int(value) * (1 if unit == "Mo" else 12)
            return (months_later(local, sign * months) - offset).replace(
                tzinfo=UTC)
    except (OverflowError, ValueError):
        pass
    return None


def frame_times(document):
    """(start, end) of a document, each may be None."""
    body = document.get("body") if isinstance(document, dict) else None
    frame = body.get("effective_time_frame") if isinstance(body, dict) \
        else None
    if not isinstance(frame, dict):
        return None, None
    if "date_time" in frame:
        found = instant(frame["date_time"])
        return (found[0] if found else None), None
    interval = frame.get("time_interval")
    if not isinstance(interval, dict):
        return None, None
    start = instant(interval.get("start_date_time"))
    end = instant(interval.get("end_date_time"))
    if "start_date_time" in interval and "end_date_time" in interval:
        return (start[0], end[0]) if start and end else (None, None)
    if "duration" in interval and "start_date_time" in interval:
        other = shifted(start, interval["duration"], 1) if start else None
        return (start[0], other) if other else (None, None)
    if "duration" in interval and "end_date_time" in interval:
        other = shifted(end, interval["duration"], -1) if end else None
        return (other, end[0]) if other else (None, None)
    day, part = interval.get("date"), interval.get("part_of_day")
    found = instant(day + "T00:00Z") if isinstance(day, str) else None
    if not found or part not in PARTS:
        return None, None
    start = found[0] + timedelta(hours=PARTS[part])
    try:
        return start, start + timedelta(hours=6)
    except OverflowError:
        return start, None


def recorded_offset(document):
    try:
        frame = document["body"]["effective_time_frame"]
        interval = frame.get("time_interval", {})
        text = frame.get("date_time") or interval.get("start_date_time") \
            or interval.get("end_date_time")
    except (KeyError, TypeError, AttributeError):
        return timedelta(0)
    found = instant(text)
    return found[1] if found else timedelta(0)


def shown(moment, zone=UTC):
    """A time as results have it."""
    if moment is None:
        return None
    local = moment.astimezone(zone)
    text = local.strftime("%Y-%m-%dT%H:%M").rjust(16, "0")
    if local.second or local.microsecond:
        text += local.strftime(":%S")
    if local.microsecond:
        text += ("." + local.strftime("%f")).rstrip("0")
    if zone is UTC:
        return text + "Z"
    offset = local.strftime("%z")
    return text + offset[:3] + ":" + offset[3:]


# --- Values ------------------------------------------------------------------

def measured(document, path):
    """(number or text, unit) at a path below body; None, None."""
    at = document.get("body") if isinstance(document, dict) else None
    for name in path:
        at = at.get(name) if isinstance(at, dict) else None
    if path == ("activity_name",):
        return (at, None) if isinstance(at, str) else (None, None)
    unit = "MET" if path == ("met_value",) else None
    if isinstance(at, dict):
        unit = at.get("unit") if isinstance(at.get("unit"), str) else None
        at = at.get("value")
    if isinstance(at, bool) or not isinstance(at, (int, Decimal)):
        return None, None
    return at, unit


class Row:
    def __init__(self, columns):
        (self.id, self.patient, self.code, self.source, text, self.status,
         at, start, end) = columns
        self.document = None if text is None else json.loads(
            text, parse_float=Decimal)
        if at is not None or start is not None:
            self.start, self.end = at or start, end
        else:
            self.start, self.end = frame_times(self.document)
        parts = (self.code or "").split(":")
        self.type = parts[1] if len(parts) == 3 and parts[1] in TYPES \
            else None
        header = self.document.get("header") \
            if isinstance(self.document, dict) else None
        self.modality = header.get("modality") \
            if isinstance(header, dict) else None


def all_rows(connection):
    cursor = connection.cursor()
    cursor.execute("SET timezone = 'UTC'")
    # Years that Python cannot have are not in the test data.
    cursor.execute(
        "SELECT o.id, o.subject_patient_id, c.coding_code, d.name,"
        " {payload}::text, o.status, {at}, {start}, {end}"
        " FROM core_observation o"
        " LEFT JOIN core_codeableconcept c ON c.id = o.codeable_concept_id"
        " LEFT JOIN core_datasource d ON d.id = o.data_source_id".format(
            **stored(Direct(connection))))
    return [Row(r) for r in cursor.fetchall()]


def in_order(rows, newest=True):
    dated = sorted((r for r in rows if r.start is not None),
                   key=lambda r: (r.start, r.id), reverse=newest)
    undated = sorted((r for r in rows if r.start is None),
                     key=lambda r: r.id, reverse=newest)
    return dated + undated
