# SPDX-License-Identifier: MIT
"""Statistics of raw rows, worked out in Python: for test_statistics*.py.

raw.py reads the rows.  What one value is, which rows are the same, units,
percentiles and groups are written here a second time, from the manual page.
"""

import statistics
from collections import defaultdict
from datetime import timedelta

import raw
from raw import UTC, observed

OMH, IEEE = "omh:", "ieee:"
NIGHT = {"sleep-duration", "sleep-episode", "sleep-stage-summary"}
TOTAL = {"step-count", "physical-activity"}
MEANS = {"efficiency_pct", "met_value"}
HOUR = 3600

# By quantity: unit -> (factor, offset) to the first.
SCALES = [
    {"mg/dL": (1, 0), "mmol/L": (18.0182, 0)},
    {"mmHg": (1, 0), "kPa": (7.500616827, 0)},
    {"C": (1, 0), "F": (5 / 9, -160 / 9), "K": (1, -273.15)},
    {"beats/min": (1, 0)}, {"breaths/min": (1, 0)}, {"%": (1, 0)},
    {"h": (1, 0), "min": (1 / 60, 0), "sec": (1 / HOUR, 0),
     "ms": (1 / HOUR / 1000, 0), "d": (24, 0)},
    {"kg": (1, 0), "lb": (0.45359237, 0), "oz": (0.028349523125, 0),
     "g": (0.001, 0)},
    {"L": (1, 0), "mL": (0.001, 0)},
    {"m": (1, 0), "km": (1000, 0), "mi": (1609.344, 0), "ft": (0.3048, 0)},
    {"kcal": (1, 0), "kJ": (1 / 4.184, 0)}, {"steps": (1, 0)},
    {"MET": (1, 0)}]
LONE = {"beats/min", "breaths/min", "%", "steps", "MET"}
USUAL = {"blood_glucose": "mg/dL", "systolic": "mmHg", "diastolic": "mmHg",
         "body_temperature": "C", "body_weight": "kg",
         "forced_expiratory_volume_1_second": "L",
         "forced_vital_capacity": "L", "heart_rate": "beats/min",
         "oxygen_saturation": "%", "distance": "m", "kcal_burned": "kcal",
         "met_value": "MET", "respiratory_rate": "breaths/min",
         "rr_interval": "ms", "efficiency_pct": "%", "step_count": "steps",
         "awakenings": None}


def usual(measure):
    return USUAL.get(measure, "h")


def types():
    """{name: (kind, [(measure, path)])} of numbers."""
    return {name: ((IEEE if name == "sleep-stage-summary" else OMH) + name,
                   [m for m in found if m[0] != "activity_name"])
            for name, found in observed.TYPES.items()}


def convert(value, unit, to):
    """The value in another unit; None if the stored one is not known."""
    if to is None:
        return float(value) if unit is None else None
    scale = next(s for s in SCALES if to in s)
    if unit is None and to in LONE:
        unit = to
    if unit not in scale:
        return None
    if unit == to:
        return float(value)
    factor, offset = scale[unit]
    back, shift = scale[to]
    return (float(value) * factor + offset - shift) / back


class Value:
    """One value of one measure: a reading, or a patient's day or night."""

    def __init__(self, row, measure, value, zone, nightly):
        self.patient, self.source = row.patient, row.source
        self.measure, self.value, self.id = measure, value, row.id
        body = row.body if isinstance(row.body, dict) else {}
        said = body.get("descriptive_statistic")
        self.statistic = said.lower()[:40] if isinstance(said, str) else ""
        self.moment = row.end if nightly and row.end is not None \
            else row.start
        offset = row.end_offset if nightly else row.offset
        self.local = None if self.moment is None else \
            row.local(self.moment, zone, offset)

    @property
    def day(self):
        return self.local.date()


class Reckoning:
    """rows: raw.Row of the wanted patients; statuses: {id: status}."""

    def __init__(self, rows, name, statuses, window=None, units=None,
                 bucket="none"):
        self.window = window or raw.Window()
        self.zone, self.bucket = self.window.zone, bucket
        kind, self.measures = types()[name]
        self.units = {m: (units or {}).get(m, usual(m))
                      for m, _ in self.measures}
        self.nightly = name in NIGHT
        self.daily = name in TOTAL and bucket not in ("hour", "hour_of_day")
        rows = [r for r in rows if r.kind == kind]
        bounded = self.window.start is not None or self.window.end is not None
        dated = bounded or self.nightly or self.daily or bucket != "none"
        self.undated = [r for r in rows if r.start is None and dated
                        and statuses[r.id] != "entered-in-error"]
        rows = [r for r in rows if r.start is not None or not dated]
        rows = [r for r in rows if self.within(r)]
        self.erroneous = [r for r in rows
                          if statuses[r.id] == "entered-in-error"]
        rows = [r for r in rows if statuses[r.id] != "entered-in-error"]
        self.naps = [r for r in rows if self.nightly and isinstance(
            r.body, dict) and r.body.get("is_main_sleep") is False]
        naps = {r.id for r in self.naps}
        rows = [r for r in rows if r.id not in naps]
        self.unreadable, self.copies = [], []
        self.rows = self.once(rows)
        self.values = self.whole([
            Value(r, m, v, self.zone, self.nightly)
            for r, found in self.rows for m, v in found.items()
            if v is not None])
        kinds = {(v.measure, v.statistic) for v in self.values}
        self.mixed = len(kinds) > len({measure for measure, _ in kinds})

    def within(self, row):
        if self.nightly and self.bucket != "none" and row.end is not None:
            row = Moved(row)
        return self.window.has(row)

    def once(self, rows):
        seen, found = {}, []
        for row in sorted(rows, key=lambda r: r.id):
            values = {}
            for measure, path in self.measures:
                value, unit = observed.measured(row.document, path)
                values[measure] = None
                if value is not None and abs(value) < 10 ** 100:
                    values[measure] = convert(value, unit,
                                              self.units[measure])
            if all(v is None for v in values.values()):
                self.unreadable.append(row)
                continue
            said = row.body.get("descriptive_statistic")
            key = (row.patient, row.source, row.start,
                   row.end if self.nightly or self.daily else None,
                   said if isinstance(said, str) else "",
                   tuple(None if v is None else round(v, 9)
                         for v in values.values()),
                   None if row.start is not None else row.id)
            if key in seen:
                self.copies.append(row)
            else:
                seen[key] = row
                found.append((row, values))
        return found

    def whole(self, values):
        if not (self.nightly or self.daily):
            return values
        parts = defaultdict(list)
        for v in values:
            parts[v.patient, v.source, v.statistic, v.measure,
                  v.day].append(v)
        found = []
        for part in parts.values():
            one = max(part, key=lambda v: v.moment)
            one.value = sum(v.value for v in part)
            if one.measure in MEANS:
                one.value /= len(part)
            found.append(one)
        return found

    def key(self, value):
        at = value.local
        if self.bucket == "none":
            return None
        if self.bucket == "hour_of_day":
            return str(at.hour)
        if self.bucket == "weekday":
            return ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
                    "Sun"][at.weekday()]
        if self.bucket == "day":
            return at.date().isoformat()
        if self.bucket == "week":
            return (at.date() - timedelta(at.weekday())).isoformat()
        if self.bucket == "month":
            return at.date().isoformat()[:7]
        text = at.strftime("%Y-%m-%dT%H:00")
        if self.zone is None:
            return text
        if self.zone is UTC:
            return text + "Z"
        off = at - value.moment.replace(tzinfo=None)
        minutes = round(off.total_seconds() / 60)
        return text + "%s%02d:%02d" % ("-" if minutes < 0 else "+",
                                       *divmod(abs(minutes), 60))

    def groups(self, by=lambda v: None):
        found = defaultdict(list)
        for v in self.values:
            found[self.label(v), self.key(v), by(v)].append(v)
        return found

    def label(self, value):
        """The measure, with its statistic where they are mixed."""
        if self.mixed and value.statistic:
            return f"{value.measure} ({value.statistic})"
        return value.measure

    def between(self):
        """{label: means of the patients}"""
        found = defaultdict(lambda: defaultdict(list))
        for v in self.values:
            found[self.label(v)][v.patient].append(v.value)
        return {label: [statistics.fmean(one) for one in means.values()]
                for label, means in found.items()}


class Moved:
    """A row with its end for its time."""

    def __init__(self, row):
        self.row, self.start, self.offset = row, row.end, row.end_offset

    def at(self, zone):
        return self.row.local(self.start, zone, self.offset)


def percentile(values, fraction):
    values = sorted(values)
    place = (len(values) - 1) * fraction
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def near(got, wanted, decimals=1):
    """Rounded to so many decimals, or to three digits of a small number."""
    if wanted is None or got is None:
        assert got is wanted, (got, wanted)
        return
    slack = 0.51 * 10 ** -decimals
    if 0 < abs(wanted) < 1:
        slack = max(slack, abs(wanted) * 0.01)
    assert abs(got - wanted) <= slack + abs(wanted) * 1e-9, (got, wanted)


def check_row(row, values, decimals=1):
    """A row of the result against its values."""
    numbers = [v.value for v in values]
    assert row["n"] == len(numbers)
    near(row["mean"], statistics.fmean(numbers), decimals)
    if "sd" in row:
        near(row["sd"], statistics.stdev(numbers)
             if len(numbers) > 1 else None, decimals)
    for name, fraction in (("p5", .05), ("p25", .25), ("p50", .5),
                           ("p75", .75), ("p95", .95), ("min", 0),
                           ("max", 1)):
        if name in row:
            near(row[name], percentile(numbers, fraction), decimals)
    if "patients" in row:
        assert row["patients"] == len({v.patient for v in values})
