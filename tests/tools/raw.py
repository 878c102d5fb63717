# SPDX-License-Identifier: MIT
"""Every observation as it is stored, and what follows from it, worked out in
Python: for the tests of tools that count.  Shares no SQL with the product."""

import importlib.util
import json
import os
import sys
import types
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import ceil, floor

from conftest import TOP

UTC = timezone.utc
DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
NIGHTS = {"omh:sleep-duration", "omh:sleep-episode",
          "ieee:sleep-stage-summary"}
DAILY = NIGHTS | {"omh:step-count", "omh:physical-activity"}
RECORDS = "http://hl7.org/fhir/resource-types"


def borrowed():
    """observed.py of ../sql, without the neighbours it has there."""
    aside = {name: sys.modules.get(name) for name in ("conftest",
                                                      "test_rules")}
    sys.modules["conftest"] = types.SimpleNamespace(SQL="")
    sys.modules["test_rules"] = types.SimpleNamespace(
        Direct=None, expand=None, stored=None)
    try:
        path = os.path.join(TOP, "tests", "sql", "observed.py")
        spec = importlib.util.spec_from_file_location("observed", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        for name, module in aside.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


observed = borrowed()


class Row:
    """One observation; kind is "namespace:name", None without a code."""

    def __init__(self, columns):
        (self.id, self.patient, self.concept, self.code, self.system,
         self.source, self.source_name, text, at, start, end) = columns
        self.document = None if text is None else json.loads(
            text, parse_float=Decimal)
        if at is not None or start is not None:
            self.start, self.end = at or start, end
        else:
            self.start, self.end = observed.frame_times(self.document)
        self.body = self.document.get("body") \
            if isinstance(self.document, dict) else None
        self.kind = None
        if self.code is not None:
            parts = self.code.lower().split(":")
            self.kind = ":".join(parts[:2])
        self.offset = observed.recorded_offset(self.document)
        self.end_offset = self.offset
        try:
            interval = self.body["effective_time_frame"]["time_interval"]
            found = observed.instant(interval["end_date_time"])
            if found:
                self.end_offset = found[1]
        except (KeyError, TypeError):
            pass

    def local(self, moment, zone, offset):
        try:
            if zone is None:
                return moment.replace(tzinfo=None) + offset
            return moment.astimezone(zone).replace(tzinfo=None)
        except OverflowError:       # at the ends of the calendar
            return moment.replace(tzinfo=None)

    def at(self, zone):
        return self.local(self.start, zone, self.offset)

    def day(self, zone):
        """The day it counts for: of a night the one on which it ends."""
        if self.kind in NIGHTS and self.end is not None \
                and self.end > self.start:
            return self.local(self.end, zone, self.end_offset).date()
        return self.at(zone).date()

    @property
    def name(self):
        return self.kind.split(":")[-1] if self.kind else None

    def measures(self):
        space = "ieee:" if self.name == "sleep-stage-summary" else "omh:"
        if self.name in observed.TYPES and self.kind == space + self.name:
            return observed.TYPES[self.name]
        return None

    def readable(self):
        known = self.measures()
        if known is not None:
            return any(value is not None and value != "" for value, _ in (
                observed.measured(self.document, path) for _, path in known))
        if not isinstance(self.body, dict):
            return False
        for name, one in self.body.items():
            if name != "effective_time_frame" and isinstance(one, dict) \
                    and "value" in one and is_value(one["value"]):
                return True
        return is_value(self.body.get("value"))

    def unit(self):
        """Of the first number of its type."""
        for name, path in self.measures() or []:
            if name == "activity_name":
                continue
            at = self.body
            for part in path:
                at = at.get(part) if isinstance(at, dict) else None
            unit = at.get("unit") if isinstance(at, dict) else None
            return unit if isinstance(unit, str) else None
        return None

    def rest(self):
        """What a duplicate has the same."""
        body = self.body
        if isinstance(body, dict):
            body = {k: v for k, v in body.items()
                    if k != "effective_time_frame"}
        return json.dumps(body, default=lambda d: float(d), sort_keys=True)


def is_value(value):
    return isinstance(value, (int, Decimal, str)) \
        and not isinstance(value, bool)


def load(db, stored, patients=None):
    found = db.rows(f"""
        SELECT o.id, o.subject_patient_id, c.id, c.coding_code,
            c.coding_system, o.data_source_id, d.name,
            {stored['payload']}::text, {stored['at']}, {stored['start']},
            {stored['end']}
        FROM core_observation o
        LEFT JOIN core_codeableconcept c ON c.id = o.codeable_concept_id
        LEFT JOIN core_datasource d ON d.id = o.data_source_id
        WHERE %(p)s::bigint[] IS NULL OR o.subject_patient_id = ANY (%(p)s)
        ORDER BY o.id""", p=patients)
    return [Row(one) for one in found]


class Window:
    """start and end: a date, an instant, or None; zone None: recorded."""

    def __init__(self, start=None, end=None, zone=UTC):
        self.start, self.end, self.zone = start, end, zone

    def has(self, row):
        if row.start is None:
            return self.start is None and self.end is None
        for bound, sign in ((self.start, 1), (self.end, -1)):
            if bound is None:
                continue
            if isinstance(bound, datetime):
                if sign > 0 and row.start < bound or \
                        sign < 0 and row.start >= bound:
                    return False
            else:
                day = row.at(self.zone).date()
                if sign > 0 and day < bound or sign < 0 and day > bound:
                    return False
        return True

    def midnight(self, day):
        zone = self.zone or UTC
        return datetime(day.year, day.month, day.day, tzinfo=zone) \
            .astimezone(UTC)

    def args(self):
        out = {}
        for name, bound in (("start", self.start), ("end", self.end)):
            if isinstance(bound, datetime):
                out[name] = bound.strftime("%Y-%m-%dT%H:%M:%SZ")
            elif bound is not None:
                out[name] = bound.isoformat()
        if self.zone is None:
            out["timezone"] = "recorded"
        elif self.zone is not UTC:
            out["timezone"] = self.zone.key
        return out


class Coverage:
    """rows: those of the patients and types asked about, all times."""

    def __init__(self, rows, patients, kinds, window, now, by="patient",
                 expected=None, one=False):
        self.window, self.now, self.by = window, now, by
        self.patients, self.one = patients, one
        self.zone = window.zone
        dated = [r for r in rows if r.start is not None]
        self.rows = [r for r in dated if window.has(r)
                     and r.start <= now + DAY]
        self.span()
        self.gaps()
        self.kinds = [k for k in sorted(kinds) if kinds[k] != RECORDS
                      or any(r.kind == k for r in self.rows)]
        self.expect(expected)
        self.problems = self.quality(rows, dated)
        self.groups = {key: self.group(key) for key in self.keys()}

    def span(self):
        w = self.window
        lower, upper = w.start, w.end
        self.by_instant = isinstance(lower, datetime)
        if lower is None:
            lower = min([r.start for r in self.rows] + [self.now])
        elif not self.by_instant:
            lower = w.midnight(lower)
        if upper is None:
            upper = self.now
        elif not isinstance(upper, datetime):
            upper = w.midnight(upper + DAY)
        self.lower, self.upper = lower, min(upper, self.now)
        zone = self.zone or UTC
        self.first = lower.astimezone(zone).date() if w.start is None \
            or self.by_instant else w.start
        self.last = (self.upper - timedelta(microseconds=1)) \
            .astimezone(zone).date()
        self.whole = self.first
        if w.start is not None and w.midnight(self.first) < lower:
            self.whole += DAY
        self.days = max(1, ceil((self.upper - lower) / DAY)
                        if self.by_instant
                        else (self.last - self.first).days + 1)

    def clamped(self, row):
        return min(max(row.day(self.zone), self.first), self.last)

    def part(self, row):
        if self.by in ("week", "month"):
            return self.clamped(row)
        if not self.by_instant:
            return (self.clamped(row) - self.first).days
        if row.kind in DAILY:
            day = (row.day(self.zone) - self.whole).days
            return min(max(day, 0), self.days - 1)
        return floor((row.start - self.lower) / DAY)

    def gaps(self):
        runs = defaultdict(list)
        for r in sorted(self.rows, key=lambda r: (r.start, r.id)):
            runs[r.patient, r.kind, r.source].append(r)
        self.steps, self.copies = defaultdict(list), []
        for run in runs.values():
            for a, b in zip(run, run[1:]):
                gap = (b.start - a.start).total_seconds()
                if gap > 0:
                    self.steps[b.kind].append(
                        round(gap) if gap >= 60 else gap)
            same = defaultdict(list)
            for r in run:
                same[r.start, r.end, r.rest()].append(r)
            for found in same.values():
                self.copies += sorted(found, key=lambda r: r.id)[1:]

    def expect(self, asked):
        self.expected, self.by_days = {}, set()
        counts = Counter(r.kind for r in self.rows)
        for kind in self.kinds:
            steps = sorted(self.steps[kind])
            if asked is not None:
                self.expected[kind] = asked
            elif kind in DAILY:
                self.expected[kind] = 1
                self.by_days.add(kind)
            elif steps:
                rate = 86400 / steps[(len(steps) - 1) // 2]
                self.expected[kind] = round(rate) if rate >= 2 else \
                    1 if abs(rate - 1) < 0.15 else \
                    round(rate, 2) if rate >= 0.01 else rate
            elif counts[kind]:
                self.expected[kind] = None
        self.known = [k for k in self.kinds
                      if not counts[k] or self.expected[k] is not None]

    def key(self, row):
        if self.by == "patient":
            return row.patient
        if self.by == "data_type":
            return row.kind
        if self.by == "data_source":
            return row.source
        day = self.clamped(row)
        return day - timedelta(days=day.weekday()) if self.by == "week" \
            else day.replace(day=1)

    def keys(self):
        if not self.kinds:
            return []
        if self.by == "patient":
            return sorted(self.patients)
        if self.by == "data_type":
            return self.kinds
        if self.by == "data_source":
            return sorted({r.source for r in self.rows},
                          key=lambda n: n or 0)
        found, day = [], self.first
        while day <= self.last:
            found.append(day - timedelta(days=day.weekday())
                         if self.by == "week" else day.replace(day=1))
            day += DAY
        return sorted(set(found))

    def after(self, key):
        if self.by == "week":
            return key + 7 * DAY
        return (key + 31 * DAY).replace(day=1)

    def group(self, key):
        rows = [r for r in self.rows if self.key(r) == key]
        days, length = self.days, (self.upper - self.lower) / DAY
        pairs = len(self.known)
        if self.by in ("week", "month"):
            after = self.after(key)
            days = max(1, (min(after, self.last + DAY) -
                           max(key, self.whole)).days)
            length = (min(self.upper, self.window.midnight(after)) -
                      max(self.lower, self.window.midnight(key))) / DAY
            pairs *= len(self.patients)
        elif self.by == "data_type":
            pairs = len(self.patients) if key in self.known else 0
        parts = defaultdict(set)
        whole, cells = defaultdict(set), Counter()
        for r in rows:
            parts[r.patient].add(self.part(r))
            whole[r.patient, r.kind].add(self.part(r))
            cells[r.patient, r.kind] += 1
        complete = 0
        for (patient, kind), n in cells.items():
            if kind in self.by_days:
                complete += min(1, len(whole[patient, kind]) / days)
            elif self.expected[kind] is not None:
                complete += min(1, n / (self.expected[kind] *
                                        max(length, 1 / 24)))
        share = sum(min(1, len(one) / days) for one in parts.values())
        if self.by != "patient":
            share /= max(1, len(self.patients))
        count = len({self.part(r) for r in rows}) \
            if self.by == "data_source" \
            else sum(len(one) for one in parts.values())
        last = max((r.day(self.zone) for r in rows), default=None)
        name = rows[0].source_name if rows else None
        return {"name": name and " ".join(name.split()),
                "patients": len(parts), "days": count,
                "days_pct": 100 * share, "readings": len(rows),
                "per_day": len(rows) / count if count else 0,
                "complete_pct": 100 * complete / pairs if pairs else None,
                "longest_gap_h": self.longest(rows) / 3600,
                "last": last.isoformat() if last else None}

    def longest(self, rows):
        times = sorted(r.start for r in rows)
        if not times:
            return (self.upper - self.lower).total_seconds()
        gaps = [min(times[0], self.upper) - self.lower,
                self.upper - times[-1]]
        gaps += [b - a for a, b in zip(times, times[1:])]
        return max(gaps).total_seconds()

    def quality(self, rows, dated):
        commonest = {}
        units = defaultdict(Counter)
        for r in self.rows:
            if r.unit() is not None:
                units[r.kind][r.unit()] += 1
        for kind, found in units.items():
            commonest[kind] = min(found, key=lambda u: (-found[u], u))
        problems = {
            "undated": [r for r in rows if r.start is None],
            "future": [r for r in dated if r.start > self.now + DAY],
            "unreadable": [r for r in self.rows if not r.readable()],
            "duplicate": self.copies,
            "mixed_units": [r for r in self.rows if r.unit() is not None
                            and r.unit() != commonest[r.kind]]}
        return [[name, len(found), len({r.patient for r in found}),
                 min(r.id for r in found)]
                for name, found in problems.items() if found]


# --- Data of its own, for what the test data do not have. -------------------

class Scene:
    """Patients 49001 to 49009 of a study 39001 in the organization of 30001:
    copies of what is there, so that each generation gets its own columns."""

    STUDY, MINE = 39001, (49001, 49009)

    def __init__(self, db, payload):
        self.db, self.payload = db, payload.split(".")[1]
        self.next = 4900000
        self.organization = db.value(
            "SELECT organization_id FROM core_study WHERE id = 30001")
        self.copy("core_study", 30001, id=self.STUDY, name="Scene")
        for i, patient in enumerate(range(49001, 49010)):
            self.copy("core_patient", 40001, id=patient, jhe_user_id=None,
                      name_family=f"Scene{i}")
            db.rows("""
                INSERT INTO core_patientorganization (patient_id,
                    organization_id)
                VALUES (%(p)s, %(o)s) RETURNING 1""",
                    p=patient, o=self.organization)
            if patient < 49009:
                db.rows("""
                    INSERT INTO core_studypatient (id, study_id, patient_id)
                    VALUES (%(i)s, %(s)s, %(p)s) RETURNING 1""",
                        i=4900 + i, s=self.STUDY, p=patient)

    def copy(self, table, pattern, **changes):
        self.db.rows(f"""
            INSERT INTO {table}
            SELECT (jsonb_populate_record(x, %(c)s::jsonb)).*
            FROM {table} x WHERE x.id = %(p)s RETURNING 1""",
                     c=json.dumps(changes), p=pattern)

    def request(self, *concepts):
        for concept in concepts:
            self.db.rows("""
                INSERT INTO core_studyscoperequest (study_id, scope_code_id,
                    scope_actions)
                VALUES (%(s)s, %(c)s, 'rs') RETURNING 1""",
                         s=self.STUDY, c=concept)

    def add(self, patient, concept, body, source=None, **columns):
        """As after a bulk load, unless columns are given."""
        self.next += 1
        pattern = self.db.value("SELECT min(id) FROM core_observation")
        self.copy("core_observation", pattern, **{
            "id": self.next, "subject_patient_id": patient,
            "codeable_concept_id": concept, "data_source_id": source,
            "effective_date_time": None, "effective_period_start": None,
            "effective_period_end": None, "ow_key": None,
            self.payload: {"header": {"uuid": str(self.next)}, "body": body},
            **columns})
        return self.next

    def remove(self):
        for sql in (
                "DELETE FROM core_studypatientscopeconsent WHERE"
                " study_patient_id BETWEEN 4900 AND 4909",
                "DELETE FROM core_observation WHERE subject_patient_id"
                " BETWEEN 49001 AND 49009",
                "DELETE FROM core_studyscoperequest WHERE study_id = 39001",
                "DELETE FROM core_studypatient WHERE study_id = 39001",
                "DELETE FROM core_study WHERE id = 39001",
                "DELETE FROM core_patientorganization WHERE patient_id"
                " BETWEEN 49001 AND 49009",
                "DELETE FROM core_patient WHERE id BETWEEN 49001 AND 49009"):
            self.db.rows(sql + " RETURNING 1")


def point(moment, **measures):
    return {**measures, "effective_time_frame": {"date_time": moment}}


def interval(start, end, **measures):
    return {**measures, "effective_time_frame": {"time_interval": {
        "start_date_time": start, "end_date_time": end}}}


def unit(value, name):
    return {"value": value, "unit": name}


NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def build(db, stored):
    """The scene that test_coverage, test_summary and test_counts share."""
    scene = Scene(db, stored["payload"])
    ids = dict(db.rows("SELECT split_part(coding_code, ':', 2), min(id)"
                       " FROM core_codeableconcept WHERE coding_system"
                       " LIKE '%%w3id%%' GROUP BY 1"))
    sources = db.column("SELECT id FROM core_datasource ORDER BY id")[:2]
    glucose = ids["blood-glucose"]
    pulse, pressure = ids["heart-rate"], ids["blood-pressure"]
    scene.request(glucose, pulse, pressure)

    def iso(moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    # 49001: glucose every hour for three days but for a gap of ten hours.
    for hour in range(72):
        if not 30 <= hour < 39:
            moment = NOW - timedelta(hours=71 - hour, minutes=30)
            scene.add(49001, glucose, point(
                iso(moment), blood_glucose=unit(100 + hour, "mg/dL")),
                sources[0])
    again = point(iso(NOW - timedelta(minutes=30)),
                  blood_glucose=unit(171, "mg/dL"))
    scene.add(49001, glucose, again, sources[0])
    scene.add(49001, glucose, again, sources[1])
    scene.add(49001, glucose, {"blood_glucose": unit(5, "mg/dL")}, sources[0])
    scene.add(49001, glucose, point("2026-02-30T10:00:00Z",
                                    blood_glucose=unit(5, "mg/dL")))
    scene.add(49001, glucose, point(iso(NOW + 40 * DAY),
                                    blood_glucose=unit(5, "mg/dL")))
    scene.add(49001, glucose, point(iso(NOW - timedelta(hours=5)),
                                    blood_glucose="high"), sources[1])
    # 49002: mmol/L among mg/dL, columns filled in, another offset.
    for hour in range(0, 48, 2):
        moment = NOW - timedelta(hours=hour, minutes=10)
        scene.add(49002, glucose, point(
            iso(moment), blood_glucose=unit(5.5, "mmol/L") if hour < 10
            else unit(99, "mg/dL")), sources[0],
            effective_date_time=moment.isoformat())
    # 49003: pressures, a body that is an array, one that is a text.
    for day in range(5):
        scene.add(49003, pressure, point(
            f"2026-03-{27 + day}T23:30:00-07:00",
            systolic_blood_pressure=unit(124, "mmHg"),
            diastolic_blood_pressure=unit(78, "mmHg")), sources[1])
    scene.add(49003, pressure, [{"systolic_blood_pressure": 1}],
              sources[1])
    scene.add(49003, pressure, "120/80")
    # 49004: what the study did not request.
    add_wearables(scene, ids, sources)
    return scene


def add_wearables(scene, ids, sources):
    if "step-count" in ids:
        for day in range(1, 11):
            for source in sources:
                scene.add(49004, ids["step-count"], interval(
                    f"2026-03-{day + 21:02}T00:00:00Z",
                    f"2026-03-{day + 21:02}T23:59:59Z",
                    step_count=unit(8000 + day, "steps")), source)
        # Today's interval ends in the future.
        scene.add(49004, ids["step-count"], interval(
            "2026-04-01T00:00:00Z", "2026-04-01T23:59:59Z",
            step_count=unit(4000, "steps")), sources[0])
    if "sleep-duration" in ids:
        # Over midnight and, on the 8th, over the clock change of New York.
        for day in range(5, 11):
            first = "-05:00" if day <= 7 else "-04:00"
            second = "-05:00" if day < 7 else "-04:00"
            scene.add(49005, ids["sleep-duration"], interval(
                f"2026-03-{day:02}T23:30:00{first}",
                f"2026-03-{day + 1:02}T07:00:00{second}",
                sleep_duration=unit(390, "min")), sources[1])
    if "body-weight" in ids:
        for week in range(4):
            scene.add(49006, ids["body-weight"], point(
                f"2026-03-{1 + 7 * week:02}T07:00:00Z", body_weight=unit(
                    150.5, "lb") if week == 1 else unit(68, "kg")))
