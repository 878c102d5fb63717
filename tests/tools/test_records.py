# SPDX-License-Identifier: MIT
"""get_fhir_resources and summarize_fhir_resources, against Python that reads
the stored JSON by itself."""

import collections
import datetime
import json
import re

import pytest

TOOL = "get_fhir_resources"
SUMMARY = "summarize_fhir_resources"
TYPES = ["Condition", "MedicationRequest", "MedicationDispense", "Encounter",
         "Observation", "Procedure", "Immunization", "AllergyIntolerance",
         "DiagnosticReport", "DocumentReference", "QuestionnaireResponse",
         "ServiceRequest", "Goal", "Patient", "Provenance"]
PEOPLE = [10001, 10002, 10003, 10004, 10005, 10006, 10007, 10010, 10011,
          10012, 10013, 10016, 112, 143, 149, 150]
GOOD, SURVEYED, BAD = 40012, 40049, 40050
NONE = ("not_available: this exchange's database has no clinical records "
        "(older generation). Device data: summarize_patient_observations.")
DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d:\d\d(?:\.\d+)?"
    r"(?:Z|[+-]\d\d:\d\d))?)?)?")
UTC = datetime.timezone.utc


def an_id(n):
    return f"55000000-0000-4000-8000-{n:012d}"


@pytest.fixture(scope="session")
def records(db):
    """(id, patient, type, body) of all; None if there is no such table."""
    if not db.value("""
            SELECT count(*) FROM information_schema.columns
            WHERE table_name = 'core_fhirauxresource'
            AND column_name = 'fhir_source_id'"""):
        return None
    return db.rows("""
        SELECT a.id::text, b.patient_id, a.resource_type, a.fhir_data
        FROM core_fhirauxresource a, core_fhirsource b
        WHERE b.id = a.fhir_source_id""")


@pytest.fixture
def there(records):
    if records is None:
        pytest.skip("this generation has no clinical records")
    return records


def when(body):
    """The date as written, by the order of the manual."""
    if not isinstance(body, dict):
        return None
    for path in ["recordedDate", "authoredOn", "authored",
                 "effectiveDateTime", "effectivePeriod.start",
                 "effectiveInstant", "performedDateTime",
                 "performedPeriod.start", "occurrenceDateTime",
                 "occurrencePeriod.start", "occurredDateTime",
                 "occurredPeriod.start", "onsetDateTime",
                 "onsetPeriod.start", "whenHandedOver", "whenPrepared",
                 "date", "actualPeriod.start", "period.start", "startDate",
                 "recorded", "created", "issued", "statusDate"]:
        value = body
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return dated(value if isinstance(value, str)
                         else json.dumps(value))
    return None


def dated(text):
    found = DATE.fullmatch(text)
    if not found:
        return None
    try:
        datetime.date(*[int(part or 1) for part in found.groups()[:3]])
    except ValueError:
        return None
    return text


def starts(text):
    """The instant a date begins, in UTC; years past 9999 are not needed."""
    if text is None:
        return None
    if len(text) > 10:
        return datetime.datetime.fromisoformat(
            text.replace("Z", "+00:00")).astimezone(UTC)
    return datetime.datetime.fromisoformat(
        text + "-01-01"[len(text) - 4:]).replace(tzinfo=UTC)


def ends(text):
    """The first instant after it."""
    begin = starts(text)
    if begin is None:
        return None
    if len(text) > 10:
        return begin + datetime.timedelta(microseconds=1)
    year, month, day = [int(part) for part in
                        (text + "-01-01"[len(text) - 4:]).split("-")]
    if text.startswith("9999"):
        return datetime.datetime.max.replace(tzinfo=UTC)
    if len(text) == 4:
        return datetime.datetime(year + 1, 1, 1, tzinfo=UTC)
    if len(text) == 7:
        return datetime.datetime(year + month // 12, month % 12 + 1, 1,
                                 tzinfo=UTC)
    return begin + datetime.timedelta(days=1)


def shown(text):
    """A date as a cell has it."""
    if text is None or len(text) <= 10:
        return text
    at = starts(text)
    form = "%Y-%m-%dT%H:%M"
    if at.second or at.microsecond:
        form += ":%S"
    fraction = f".{at.microsecond:06d}".rstrip("0.") if at.microsecond else ""
    return f"{at.year:04d}" + at.strftime(form)[4:] + fraction + "Z"


def newest(rows):
    """Ids, newest first, undated last."""
    def key(one):
        at = starts(when(one[3]))
        return (at is not None, at or 0, one[0])
    return [one[0] for one in sorted(rows, key=key, reverse=True)]


def of(records, patient, kind=None):
    return [one for one in records if one[1] == patient
            and kind in (None, one[2])]


def ask(call, person, patient, kind, **more):
    return call(person, TOOL, dict(more, patient_id=patient,
                                   resource_type=kind))


# --- Who sees what ------------------------------------------------------------

def test_none_in_older_databases(call, records):
    if records is not None:
        pytest.skip("this generation has clinical records")
    for tool, args in [(TOOL, {"resource_type": "Condition"}), (SUMMARY, {}),
                       ("get_patient_survey_responses", {})]:
        for patient in (40004, 999999):
            answer = call(10016, tool, dict(args, patient_id=patient))
            assert answer.text == NONE and not answer.ok
        assert call(10008, tool, dict(args, patient_id=40004)).code == \
            "no_profile"


@pytest.mark.parametrize("person", PEOPLE)
def test_patients_of_everybody(call, check, visible, there, person, db):
    readable = set(visible(person).patients())
    for patient in db.column("SELECT id FROM core_patient ORDER BY 1"):
        answer = ask(call, person, patient, "Condition", limit=200)
        total = call(person, SUMMARY, {"patient_id": patient, "limit": 200})
        if patient not in readable:
            for one in (answer, total):
                assert one.raw[:2] == ("error", "")
                assert one.text == (
                    f"not_found: no patient {patient} whose data you may see."
                    " search_patients finds ids; a roster row with "
                    "readable=false has no data for you.")
            continue
        check(TOOL, answer)
        check(SUMMARY, total)
        assert [one["resource_id"] for one in answer.rows()] == \
            newest(of(there, patient, "Condition"))
        assert {one["resource_type"]: one["resources"]
                for one in total.rows()} == \
            collections.Counter(one[2] for one in of(there, patient))


def test_two_people_share_nothing(call, visible, there):
    """Each of two people with disjoint rights sees own rows only."""
    one, other = (set(visible(person).patients())
                  for person in (10002, 10013))
    assert not one & other

    def ids(person, patients):
        return {row["resource_id"] for patient in patients
                for kind in TYPES
                for answer in [ask(call, person, patient, kind, limit=200)]
                if answer.ok for row in answer.rows()}
    everyone = one | other
    first, second = ids(10002, everyone), ids(10013, everyone)
    assert an_id(302) in second and an_id(301) not in first | second
    assert not first & second


@pytest.mark.parametrize("person", PEOPLE)
def test_studies_of_everybody(call, check, visible, there, person, db):
    for study in db.column("SELECT id FROM core_study") + [999999]:
        answer = call(person, SUMMARY, {"study_id": study, "limit": 200})
        roster = visible(person).roster(study)
        if roster is None:
            assert answer.text == (
                f"not_found: no study {study} that you may see. "
                "list_studies shows yours.")
            continue
        if study not in visible(person).pg.column(
                """SELECT s.id FROM core_study s, core_practitioner t,
                   core_practitionerorganization u
                   WHERE t.id = u.practitioner_id
                   AND u.organization_id = s.organization_id
                   AND t.jhe_user_id = %(u)s""", u=person):
            assert answer.code == "not_available"
            continue
        check(SUMMARY, answer)
        readable = set(roster) & set(visible(person).patients())
        mine = [one for one in there if one[1] in readable]
        found = {one["resource_type"]: one for one in answer.rows()}
        assert set(found) == {one[2] for one in mine}
        for kind, one in found.items():
            rows = [row for row in mine if row[2] == kind]
            assert one["resources"] == len(rows)
            assert one["patients"] == len({row[1] for row in rows})
            days = sorted(filter(None, (when(row[3]) for row in rows)))
            assert one["first"] == (days[0][:10] if days else None)
            assert one["last"] == (max(day[:10] for day in days)
                                   if days else None)
        assert answer.data.get("withheld", {}).get("unreadable", 0) == \
            len(set(roster) - readable)


def test_subject_is_not_looked_at(call, there):
    """Each record of 55-clinical says that it is of patient 40044."""
    assert call(10002, TOOL, {"patient_id": 40044, "resource_type":
                              "Condition"}).code == "not_found"
    own = ask(call, 144, 40044, "Condition")
    assert own.ok and own.data["total"] == 0


@pytest.mark.parametrize("patient", [0, 999999, 2**63 - 1, 40044, 40043])
def test_unknown_patients(call, there, patient):
    for tool, args in [(TOOL, {"resource_type": "Condition"}), (SUMMARY, {}),
                       ("get_patient_survey_responses", {})]:
        answer = call(10001, tool, dict(args, patient_id=patient))
        assert answer.code == "not_found", answer.raw


@pytest.mark.parametrize("patient", [-1, 2**63, 1.5, "x", "", True, [1], {}])
def test_odd_ids(call, patient):
    for tool, args in [(TOOL, {"resource_type": "Condition"}), (SUMMARY, {}),
                       ("get_patient_survey_responses", {})]:
        answer = call(10001, tool, dict(args, patient_id=patient))
        assert answer.code == "bad_argument"


def test_numbers_as_text(call, there):
    assert ask(call, 10016, "40012", "conditions").data["total"] == \
        len(of(there, GOOD, "Condition"))


def test_claims_do_not_hide_patients(call, there):
    answer = call(10016, TOOL, {"patient_id": GOOD, "resource_type":
                                "Condition"}, claims="")
    assert answer.data["total"] == len(of(there, GOOD, "Condition"))
    assert call(10016, SUMMARY, {"study_id": 30001},
                claims="30002").code == "not_found"


# --- What rows say ------------------------------------------------------------

@pytest.mark.parametrize("patient", [40004, GOOD, SURVEYED, BAD])
@pytest.mark.parametrize("kind", TYPES)
def test_dates_and_order(call, check, there, patient, kind):
    answer = ask(call, 10016, patient, kind, limit=200)
    check(TOOL, answer)
    bodies = {one[0]: one[3] for one in of(there, patient, kind)}
    assert [one["resource_id"] for one in answer.rows()] == \
        newest(of(there, patient, kind))
    for one in answer.rows():
        assert one["date"] == shown(when(bodies[one["resource_id"]]))


EXPECTED = {
    101: ("2026-07-11", "860975", "metformin 500 MG tablet", "active",
          "1 tablet twice a day"),
    102: ("2026-06-11T16:30Z", "860992", "lisinopril 10 MG tablet", "active",
          "10 mg daily oral; for High blood pressure"),
    103: ("2026", "861009", "atorvastatin 20 MG tablet", "stopped", None),
    104: ("2026-05", None, "insulin glargine", "Active", None),
    105: (None, None, "aspirin", "draft", None),
    106: ("2026-07-12T10:00Z", None, "metformin 500 MG tablet", "completed",
          "quantity 60 tablets; supply 30 days"),
    107: ("2025-11", None, "ibuprofen", "recorded", "as needed"),
    108: (None, "855332", "warfarin 5 MG tablet", "active", None),
    109: ("2024-01-01", "855332", "warfarin 5 MG tablet", "completed", None),
    110: ("2024-01-02", None, None, "completed", None),
    111: ("2020-02-29", "44054006", "Diabetes, type 2", "active",
          "onset 2019; moderate; confirmed; Problem List Item"),
    112: ("2026-01-03", "10509002", "Acute bronchitis", "resolved",
          "onset 2026-01-03 to 2026-01-20; until 2026-01-20"),
    113: (None, None, "Knee pain, left", "Active", "onset 41 years"),
    121: ("2026-03-02T15:00Z", None, "Annual physical", "finished",
          "ambulatory; for check-up; at Blue Lake Clinic; "
          "until 2026-03-02T15:40:00Z"),
    122: ("2026-02-12T07:30Z", "IMP", "inpatient encounter", "completed",
          "for chest pain; discharge home"),
    131: ("2026-07-01", "4548-4", "HbA1c", "final", 7.1, "%",
          "High; range 4 % to 5.6 %"),
    132: ("2026-07-01T08:00Z", "85354-9", "Blood pressure panel", "final",
          "124/78", "mmHg", None),
    133: ("2026-06-30T05:00Z", None, "Apgar", "preliminary", None, None,
          "Color 2; Pulse good"),
    134: ("2026-06-29T12:00:00.5Z", "5778-6", None, "final", "Yellow", None,
          None),
    135: ("2026-06-28", None, "Troponin", "final", "<0.01", "ng/mL", None),
    136: ("2026-06-27", None, "Culture", "final", "No growth after 48 h",
          None, None),
    137: ("2026-06-26", None, "Test", "final", False, None, None),
    138: ("2026-06-25T00:00Z", None, "Lost", "cancelled", None, None,
          "no value: Unknown"),
    139: ("2026-06-24", None, "Dilution", "final", "1 / 128", None, None),
    141: ("2024-05-05T08:00Z", None, "Colonoscopy", "completed",
          "outcome normal; until 2024-05-05T09:00:00Z"),
    142: ("2001-07", "80146002", "Appendectomy", "completed", None),
    143: ("2025-10-01", "140", "Influenza, seasonal", "completed",
          "dose 2; 0.5 mL; left arm"),
    144: ("2010", None, "Penicillin", "active",
          "Hives, Swelling (severe); criticality high; medication"),
    145: ("2026-04-04", None, "Lipid panel", "final",
          "Normal.; Report (application/pdf)"),
    146: ("2026-02-13T10:00Z", None, "Discharge note", "current",
          "note.txt (text/plain)"),
    147: ("2026-03-03", None, "MRI of the knee", "active", "routine"),
    148: ("2026-01-01", None, "Diabetes care", "active",
          "Plan; until 2026-12-31"),
    149: ("2026-01-01", None, "Team A", "active", None),
    150: ("2026-01-01", None, "Walk daily", "active", "due 2026-12-31"),
    151: ("2025", None, "PPO", "active", "Insurer"),
    152: (None, None, "Pump", "active", "Maker"),
    153: (None, None, None, None, "female"),
    154: (None, None, None, None, None),
    155: (None, None, "sister", None, None),
    156: (None, None, None, "active", "Room 5"),
    157: ("2026-01-01T00:00Z", None, "import", None, None),
}


def test_flattened(call, check, there):
    kinds = {one[0]: one[2] for one in there}
    for n, expected in EXPECTED.items():
        answer = ask(call, 10016, GOOD, kinds[an_id(n)],
                     resource_ids=[an_id(n)])
        check(TOOL, answer)
        row = answer.data["rows"][0]
        assert row[0] == an_id(n)
        wanted = list(expected)
        if "detail" not in answer.data["columns"]:
            assert wanted.pop() is None
        assert row[1:] == wanted, n


@pytest.mark.parametrize("word, kind", [
    ("Condition", "Condition"), ("conditions", "Condition"),
    ("DIAGNOSES", "Condition"), ("diagnosis", "Condition"),
    ("medications", "MedicationRequest"),
    ("medication requests", "MedicationRequest"),
    ("drugs", "MedicationRequest"), ("encounters", "Encounter"),
    ("visits", "Encounter"), ("labs", "Observation"),
    ("lab_results", "Observation"), ("vitals", "Observation"),
    ("vital-signs", "Observation"), ("allergies", "AllergyIntolerance"),
    ("immunizations", "Immunization"), ("vaccines", "Immunization"),
    ("procedures", "Procedure"), ("surveys", "QuestionnaireResponse"),
    ("care plans", "CarePlan"), ("documents", "DocumentReference"),
    ("medicationdispense", "MedicationDispense"),
    ("Medication", "Medication"), ("goals", "Goal")])
def test_words_for_types(call, check, there, word, kind):
    answer = ask(call, 10016, GOOD, word)
    check(TOOL, answer)
    assert answer.data["resource_type"] == kind
    answer = call(10016, SUMMARY, {"patient_id": GOOD,
                                   "resource_type": word})
    check(SUMMARY, answer)
    assert all(one["resource_type"] == kind for one in answer.rows())


def test_labs_and_vitals(call, there):
    def ids(kind):
        return {int(one["resource_id"][-3:]) for one in
                ask(call, 10016, GOOD, kind).rows()
                if one["resource_id"].startswith("55000000")}
    assert ids("vitals") == {132}
    assert ids("labs") == {131, 133, 134, 135, 136, 137, 138, 139}
    assert ids("Observation") == ids("labs") | {132}


@pytest.mark.parametrize("kind", ["", "x", "glucose", "Bundle", "'; --",
                                  "Condition\u202e", "a" * 3000])
def test_unknown_types(call, kind):
    for person in (10016, 10005):
        answer = ask(call, person, GOOD, kind)
        assert answer.code == "unknown_type"
        assert len(answer.text) < 500


# --- Filters ------------------------------------------------------------------

@pytest.mark.parametrize("kind, args, expected", [
    ("Condition", {"code": "44054006"}, {111}),
    ("Condition", {"code": "e11.9"}, {111}),
    ("Condition", {"code": "E11"}, set()),
    ("Condition", {"code": "WITHOUT comp"}, {111}),
    ("Condition", {"code": "diabetes"}, {111}),
    ("Condition", {"code": "%"}, set()),
    ("Condition", {"code": "_"}, set()),
    ("Condition", {"code": "' OR 1=1 --"}, set()),
    ("Condition", {"status": "active"}, {111, 113}),
    ("Condition", {"status": "ACTIVE, resolved"}, {111, 112, 113}),
    ("Condition", {"status": "acti"}, set()),
    ("MedicationRequest", {"code": "metformin"}, {101}),
    ("MedicationRequest", {"code": "atorva"}, {103}),
    ("MedicationRequest", {"status": "active"}, {101, 102, 104}),
    ("labs", {"code": "a1c"}, {131}),
    ("Condition", {"start": "2020-01-01", "end": "2020-12-31"}, {111}),
    ("Condition", {"start": "2020-02-29", "end": "2020-02-29"}, {111}),
    ("Condition", {"start": "2020-03-01", "end": "2025-12-31"}, set()),
    # Any day of the month or year that is said.
    ("MedicationRequest", {"start": "2026-05-31", "end": "2026-05-31"},
     {103, 104}),
    ("MedicationRequest", {"end": "2026-01-15"}, {103, 109, 110}),
    ("MedicationRequest", {"code": "WARFARIN"}, {109}),
    ("MedicationRequest", {"end": "2025-12-31"}, {109, 110}),
    ("Encounter", {"start": "2026-02-12T07:30:00Z",
                   "end": "2026-02-12T07:30:01Z"}, {122}),
    ("Encounter", {"start": "2026-02-12T07:30:00.1Z",
                   "end": "2026-02-13"}, set()),
    ("Encounter", {"start": "2026-02-12T00:00:00Z",
                   "end": "2026-02-12T07:30:00Z"}, set()),
    ("Encounter", {"start": "2026-02-12", "end": "2026-02-12"}, {122}),
])
def test_filters(call, check, there, kind, args, expected):
    answer = ask(call, 10016, GOOD, kind, **args)
    check(TOOL, answer)
    found = {int(one["resource_id"][-3:]) for one in answer.rows()
             if one["resource_id"].startswith("55000000")}
    assert found == expected
    # The two that each patient of the organization has besides.
    assert answer.data["total"] - len(found) in (0, 2)
    if answer.data["total"] == 0:
        assert answer.data["summary"].startswith("0 ")
        assert "the records are " in answer.data["summary"]


@pytest.mark.parametrize("start, end", [
    ("2026-01-01", "2026-03-31"), ("2026-02-05", "2026-02-05"),
    ("2020-02-28", "2020-02-28"), (None, "2026-02-01"),
    ("2026-02-06", None), ("2026-02-05T12:00:00Z", "2026-02-06T00:00:00Z")])
def test_windows(call, there, start, end):
    def instant(text, last):
        if text is None:
            return None
        if len(text) > 10:
            return datetime.datetime.fromisoformat(text.replace("Z",
                                                                "+00:00"))
        day = datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)
        return day + datetime.timedelta(days=last)
    lower, upper = instant(start, 0), instant(end, 1)
    args = {name: value for name, value in [("start", start), ("end", end)]
            if value}
    for patient in (40004, GOOD, BAD):
        for kind in TYPES:
            rows = of(there, patient, kind)
            inside = [row for row in rows if when(row[3]) is not None
                      and (lower is None or ends(when(row[3])) > lower)
                      and (upper is None or starts(when(row[3])) < upper)]
            answer = ask(call, 10016, patient, kind, limit=200, **args)
            assert [one["resource_id"] for one in answer.rows()] == \
                newest(inside)
            undated = sum(when(row[3]) is None for row in rows)
            notes = " ".join(answer.data.get("notes", []))
            assert (f"{undated} undated record" in notes) == (undated > 0)
            counted = call(10016, SUMMARY, dict(
                args, patient_id=patient, resource_type=kind))
            assert sum(one["resources"] for one in counted.rows()) == \
                len(inside)


def test_partial_dates_in_a_zone(call, there):
    """A day is a day wherever; an instant is in the day of the zone."""
    def total(day, zone):
        return call(10016, TOOL, {
            "patient_id": GOOD, "resource_type": "Encounter",
            "start": day, "end": day}, zone=zone).data["total"]
    # At 2026-02-12T07:30Z, and two at 2026-02-11T17:00Z.
    assert total("2026-02-11", "UTC") == 2
    assert total("2026-02-11", "America/Los_Angeles") == 3
    assert total("2026-02-12", "Asia/Tokyo") == 3
    for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo"):
        answer = call(10016, TOOL, {
            "patient_id": GOOD, "resource_type": "Condition",
            "start": "2020-02-29", "end": "2020-02-29"}, zone=zone)
        assert [one["date"] for one in answer.rows()] == ["2020-02-29"]
    answer = call(10016, TOOL, {
        "patient_id": GOOD, "resource_type": "Encounter",
        "code": "inpatient"}, zone="America/Los_Angeles")
    assert answer.rows()[0]["date"] == "2026-02-11T23:30-08:00"


@pytest.mark.parametrize("args", [
    {"start": "2026-02-30"}, {"start": "2026-03-01", "end": "2026-02-01"},
    {"last": "14d", "start": "2026-01-01"}, {"start": "1899-12-31"},
    {"last": "14x"}, {"limit": 0}, {"limit": 201}, {"verbosity": "fat"},
    {"resource_ids": ["x"]}, {"resource_ids": [an_id(1)] * 21},
    {"resource_ids": [an_id(1) + ",;"]}, {"resource_ids": [5]},
    {"resource_ids": [an_id(1).replace("-", "_")]}, {"code": "x" * 81},
    {"patient": 1}, {"page": 2}])
def test_bad_arguments(call, args):
    answer = call(10016, TOOL, dict(
        args, patient_id=GOOD, resource_type="Condition"))
    assert answer.code == "bad_argument"


def test_summary_needs_one_id(call):
    assert call(10016, SUMMARY).text == (
        "bad_argument: give study_id or patient_id. search_patients and "
        "list_studies find ids.")
    assert call(10016, SUMMARY, {"study_id": 30001, "patient_id": GOOD}
                ).code == "bad_argument"


# --- Pages --------------------------------------------------------------------

@pytest.mark.parametrize("patient, kind, limit", [
    (BAD, "Condition", 1), (BAD, "Condition", 3), (BAD, "Observation", 5),
    (GOOD, "Observation", 2), (GOOD, "MedicationRequest", 4)])
@pytest.mark.parametrize("verbosity", ["slim", "full"])
def test_pages(call, check, there, patient, kind, limit, verbosity):
    args = {"patient_id": patient, "resource_type": kind, "limit": limit,
            "verbosity": verbosity, "start": "1900-01-01"}
    if patient == BAD:
        del args["start"]
    pages = call.pages(10016, TOOL, args, again={
        "patient_id": patient, "resource_type": kind})
    found = []
    for page in pages:
        check(TOOL, page)
        found += ([one["id"] for one in page.data["resources"]]
                  if verbosity == "full"
                  else [one["resource_id"] for one in page.rows()])
        assert page.data["returned"] <= limit
    rows = of(there, patient, kind)
    if patient == GOOD:
        rows = [row for row in rows if when(row[3])]
    assert found == newest(rows)
    assert all(page.data["total"] == len(rows) for page in pages)


def test_pages_remember_all_filters(call, there):
    args = {"patient_id": GOOD, "resource_type": "labs", "limit": 2,
            "status": "final", "code": "t"}
    pages = call.pages(10016, TOOL, args, again={
        "patient_id": GOOD, "resource_type": "labs"})
    assert len(pages) > 1
    rows = [one for page in pages for one in page.rows()]
    assert len(rows) == pages[0].data["total"]
    assert all(one["status"] == "final" for one in rows)
    other = call(10016, TOOL, {
        "patient_id": GOOD, "resource_type": "labs", "status": "cancelled",
        "cursor": pages[0].data["next_cursor"]})
    assert other.code == "cursor_mismatch"
    other = call(10016, TOOL, {
        "patient_id": GOOD, "resource_type": "Condition",
        "cursor": pages[0].data["next_cursor"]})
    assert other.code == "cursor_mismatch"
    other = call(10016, SUMMARY, {
        "patient_id": GOOD, "cursor": pages[0].data["next_cursor"]})
    assert other.code == "bad_cursor"


def test_a_page_after_a_record_that_went(call, there, db):
    source = db.value("SELECT id FROM core_fhirsource WHERE patient_id = "
                      "%(p)s LIMIT 1", p=GOOD)
    new = "66000000-0000-4000-8000-000000000001"
    db.rows("""INSERT INTO core_fhirauxresource (id, fhir_source_id,
        resource_type, fhir_data, ref_indexed, last_updated) VALUES (%(id)s,
        %(s)s, 'Condition', '{"recordedDate": "2026-11-01"}', false, now())
        RETURNING id""", id=new, s=source)
    args = {"patient_id": GOOD, "resource_type": "Condition"}
    try:
        first = call(10016, TOOL, dict(args, limit=1))
        assert first.rows()[0]["resource_id"] == new
    finally:
        db.rows("DELETE FROM core_fhirauxresource WHERE id = %(id)s "
                "RETURNING id", id=new)
    assert call(10016, TOOL, dict(
        args, cursor=first.data["next_cursor"])).code == "bad_cursor"


# --- Records by id, and as they are -------------------------------------------

def test_by_id(call, check, there):
    wanted = [an_id(111), an_id(113), an_id(112)]
    answer = ask(call, 10016, GOOD, "Condition", resource_ids=wanted)
    check(TOOL, answer)
    assert {one["resource_id"] for one in answer.rows()} == set(wanted)
    for form in (",".join(wanted), wanted[0].upper()):
        assert ask(call, 10016, GOOD, "Condition",
                   resource_ids=form).data["total"] == form.count(",") + 1
    answer = ask(call, 10016, GOOD, "Condition",
                 resource_ids=[an_id(111), an_id(400)])
    assert any(an_id(400) in note for note in answer.data["notes"])
    # Another's, another type's and nobody's: one text.
    texts = {ask(call, 10016, GOOD, "Condition", resource_ids=[one]).text
             .replace(one, "ID")
             for one in (an_id(302), an_id(101), an_id(999))}
    assert texts == {"not_found: no Condition record ID that you may see. "
                     "get_fhir_resources shows ids."}


def test_full(call, check, there):
    for kind in {one[2] for one in of(there, GOOD)}:
        answer = ask(call, 10016, GOOD, kind, verbosity="full", limit=200)
        if kind in ("Patient", "Practitioner", "RelatedPerson"):
            # The one place where a record may name people.
            assert answer.ok and "CANARY" in answer.raw[1]
            continue
        check(TOOL, answer)
        assert "rows" not in answer.data
        for one in answer.data["resources"]:
            stored = next(row[3] for row in there if row[0] == one["id"])
            assert one.pop("resourceType") == kind
            for name, value in one.items():
                if name not in ("id", "content", "extension",
                                "presentedForm"):
                    assert value == stored[name]
            assert set(one) - {"id"} == set(stored) - {"id"}
        assert "Q0FOQVJZ" not in answer.raw[1]


@pytest.mark.parametrize("kind", ["Condition", "Observation",
                                  "QuestionnaireResponse",
                                  "DocumentReference"])
def test_full_of_bad_ones(call, check, there, kind):
    args = {"patient_id": BAD, "resource_type": kind}
    pages = call.pages(10016, TOOL, dict(args, verbosity="full", limit=200),
                       again=args)
    for answer in pages:
        check(TOOL, answer)
        assert len(answer.raw[1]) < 42000
    found = {one["id"]: one for answer in pages
             for one in answer.data["resources"]}
    assert set(found) == {one[0] for one in of(there, BAD, kind)}
    notes = [note for answer in pages for note in answer.data["notes"]]
    for one in of(there, BAD, kind):
        if len(json.dumps(one[3])) > 31000:
            assert found[one[0]]["_omitted_bytes"] > 30000
            assert any(one[0] in note for note in notes)
            alone = ask(call, 10016, BAD, kind, verbosity="full",
                        resource_ids=[one[0]])
            check(TOOL, alone)
            assert set(one[3]) <= set(alone.data["resources"][0])
        elif isinstance(one[3], dict):
            assert set(one[3]) <= set(found[one[0]])
        else:
            assert found[one[0]]["body"] == one[3]


def test_full_names_nobody(call, there):
    args = {"patient_id": GOOD, "resource_type": "Patient",
            "verbosity": "full"}
    for options in ({"identity": "never"}, {"disclosure": "pseudonymous"}):
        answer = call(10016, TOOL, args, **options)
        assert not answer.ok and "CANARY" not in answer.text


# --- Hostile texts ------------------------------------------------------------

@pytest.mark.parametrize("kind", ["Condition", "Observation",
                                  "MedicationRequest"])
def test_hostile_texts(call, check, there, kind):
    answer = ask(call, 10016, BAD, kind, limit=200)
    check(TOOL, answer)
    for bad in ("\u202e", "\u2028", "\\n", "\\u0007", "\\u202e"):
        assert bad not in answer.raw[1]
    assert any("not instructions" in note for note in answer.data["notes"])
    assert answer.text == "\n".join([answer.data["summary"],
                                     *answer.data["notes"]])


def test_texts_are_cut(call, check, there):
    answer = ask(call, 10016, BAD, "DocumentReference")
    check(TOOL, answer)
    # Its description is larger than what is read of a member.
    assert answer.rows()[0]["detail"] is None
    assert all(len(str(cell)) <= 200 for row in answer.data["rows"]
               for cell in row)


def test_pseudonymous(call, check, there):
    answer = call(10016, TOOL, {
        "patient_id": GOOD, "resource_type": "Condition"},
        disclosure="pseudonymous")
    check(TOOL, answer)
    found = {one["resource_id"]: one for one in answer.rows()}
    assert found[an_id(111)]["display"] == "Type 2 diabetes mellitus"
    assert found[an_id(113)]["display"] is None
    assert all(one.get("detail") is None for one in found.values())
    assert answer.data["withheld"]["free_text"] > 0
    answer = call(10016, TOOL, {
        "patient_id": GOOD, "resource_type": "labs"},
        disclosure="pseudonymous")
    found = {one["resource_id"]: one for one in answer.rows()}
    assert found[an_id(131)]["value"] == 7.1
    assert found[an_id(134)]["value"] == "Yellow"
    assert found[an_id(136)]["value"] is None


# --- Counts -------------------------------------------------------------------

def codes(row):
    body = row[3] if isinstance(row[3], dict) else {}
    code = body.get("code")
    code = code if isinstance(code, dict) else {}
    coding = code.get("coding")
    first = coding[0] if isinstance(coding, list) and coding else {}
    text = code.get("text")
    text = text if isinstance(text, str) else None
    if first.get("code"):
        return first["code"], None
    return None, (text or "").lower() or None


@pytest.mark.parametrize("study", [30001, 30003, 30004, 30009])
def test_codes_of_a_study(call, check, visible, there, study):
    answer = call(10016, SUMMARY, {
        "study_id": study, "resource_type": "Condition", "group_by": "code",
        "limit": 200})
    check(SUMMARY, answer)
    readable = set(visible(10016).roster(study)) & \
        set(visible(10016).patients())
    groups = collections.defaultdict(list)
    for row in there:
        if row[1] in readable and row[2] == "Condition":
            groups[codes(row)].append(row)
    assert answer.data["total"] == len(groups)
    got = collections.Counter((one["code"], one["resources"],
                               one["patients"]) for one in answer.rows())
    assert got == collections.Counter(
        (key[0], len(rows), len({row[1] for row in rows}))
        for key, rows in groups.items())
    order = [(-one["patients"], -one["resources"]) for one in answer.rows()]
    assert order == sorted(order)


@pytest.mark.parametrize("by", ["resource_type", "code", "status", "month"])
@pytest.mark.parametrize("where", [{"study_id": 30001}, {"patient_id": BAD}])
def test_groups_add_up(call, check, there, visible, by, where):
    pages = call.pages(10016, SUMMARY, dict(where, group_by=by, limit=3),
                       again=where)
    whole = call(10016, SUMMARY, dict(where, group_by=by, limit=200))
    rows = [row for page in pages for row in page.data["rows"]]
    assert rows == whole.data["rows"]
    for page in pages:
        check(SUMMARY, page)
        assert page.data["total"] == len(rows)
    patients = {BAD}
    if "study_id" in where:
        patients = set(visible(10016).roster(30001)) & \
            set(visible(10016).patients())
    assert sum(one["resources"] for one in whole.rows()) == \
        sum(row[1] in patients for row in there)
    if by == "month":
        months = [one["month"] for one in whole.rows() if one["month"]]
        assert months == sorted(months)
        assert set(months) == {when(row[3])[:7] for row in there
                               if row[1] in patients
                               and len(when(row[3]) or "") >= 7}


def test_aggregate(call, check, there):
    assert call(10016, TOOL, {"patient_id": GOOD, "resource_type":
                              "Condition"}, disclosure="aggregate",
                minimum=5).code == "not_available"
    assert not call(10016, SUMMARY, {"patient_id": GOOD},
                    disclosure="aggregate", minimum=5).ok
    args = {"study_id": 30001, "resource_type": "MedicationRequest",
            "group_by": "code", "limit": 200}
    answer = call(10016, SUMMARY, args, disclosure="aggregate", minimum=5)
    check(SUMMARY, answer)
    assert answer.data["suppressed_groups"] >= 2
    assert all(one["patients"] >= 5 for one in answer.rows())
    assert "first" not in answer.data["columns"]
    # Those without a code are one group: words tell nothing apart.
    plain = call(10016, SUMMARY, args, disclosure="pseudonymous")
    assert len(answer.data["rows"]) + answer.data["suppressed_groups"] == \
        len(plain.data["rows"])
    assert any("publish" in note for note in plain.data["notes"])


def test_consent_gate(db, there):
    """The rules, with the session's setting as the worker makes it."""
    import os
    import subprocess
    top = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    consented = set(db.column("""
        SELECT e.patient_id FROM core_studypatientscopeconsent k
        JOIN core_studypatient e ON e.id = k.study_patient_id
        JOIN core_codeableconcept c ON c.id = k.scope_code_id
        WHERE c.coding_code = 'QuestionnaireResponse' AND k.consented"""))
    for gate in ("on", "off"):
        for patient in (40004, SURVEYED):
            text = subprocess.run(
                ["psql", "-X", "-q", "-A", "-t", "-F", " ", "-c",
                 f"SET jhe_mcp.consent_gate = '{gate}'", "-f",
                 "record/surveys.sql", "-c",
                 f"EXECUTE record_surveys (10016, NULL, {patient}, NULL, "
                 "NULL, NULL, NULL, NULL, 'UTC', NULL, 1)",
                 db.connection.dsn], check=True, text=True,
                cwd=os.path.join(top, "src", "db", "sql"),
                stdout=subprocess.PIPE).stdout
            total, held = map(int, text.split()[1:3])
            have = len(of(there, patient, "QuestionnaireResponse"))
            if gate == "on" and patient not in consented:
                assert (total, held) == (0, have)
            else:
                assert total > 0 and held == 0
