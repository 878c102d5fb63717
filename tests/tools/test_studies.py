# SPDX-License-Identifier: MIT
"""get_study_count, list_studies and get_study_metadata."""

import datetime

import pytest

NAMED = [*range(10001, 10017), 10104, 10143, 10144, 10149]
UNKNOWN = 999999


def test_everybody_sees_their_studies(call, check, visible, people):
    assert len(people) > 50
    for person in people:
        expected = visible(person).studies()
        answer = call(person, "get_study_count")
        check("get_study_count", answer)
        assert answer.data == {"count": len(expected)}
        assert answer.text == f"You have access to {len(expected)} studies"
        answer = call(person, "list_studies")
        check("list_studies", answer)
        assert [one["study_id"] for one in answer.rows()] == expected
        assert answer.data["total"] == len(expected)


def test_list_lines(call):
    answer = call(10003, "list_studies")
    assert answer.text == (
        "Accessible studies (2):\n"
        "  Study 30003: Sleep and Breath (Organization: Sleep & Breath Lab)\n"
        "  Study 30010: Questionnaires Only (Organization: "
        "Sleep & Breath Lab)")
    assert call(10005, "list_studies").text == "No studies found"


def test_list_cells(call, db):
    for one in call(10016, "list_studies").rows():
        found = db.rows("""
            SELECT d.name, d.organization_id, g.name,
                (SELECT count(*) FROM core_studypatient e
                 WHERE e.study_id = d.id), d.description
            FROM core_study d, core_organization g
            WHERE g.id = d.organization_id AND d.id = %(id)s""",
                        id=one["study_id"])[0]
        assert tuple(one.values())[1:] == found
    for one in call(10006, "list_studies").rows():
        assert one["patients"] is None


def test_list_filters(call, visible):
    def ids(**args):
        return [one["study_id"] for one in
                call(10016, "list_studies", args).rows()]
    assert ids(query="BLUE lake") == [30001]
    assert ids(query="nights") == [30003]
    assert ids(query="%%") == ids(query="__") == ids(query="\\\\") == []
    assert ids(query="' OR 1=1 --") == []
    assert ids(organization_id=20005) == [30004, 30009]
    assert ids(organization_id=20007) == ids(organization_id=0) == []
    assert ids(organization_id=20005, query="cardio") == [30004]


@pytest.mark.parametrize("limit", [1, 2, 3, 8])
def test_list_pages(call, check, visible, limit):
    pages = call.pages(10016, "list_studies", {"limit": limit})
    expected = visible(10016).studies()
    assert [one["study_id"] for page in pages for one in page.rows()] == \
        expected
    for page in pages:
        check("list_studies", page)
        assert page.data["total"] == len(expected)
        assert page.data["truncated"] == ("next_cursor" in page.data)
        assert page.data["truncated"] == (page is not pages[-1])
        assert page.data["returned"] <= limit


def test_odd_texts(call, check):
    answer = call(10013, "list_studies")
    check("list_studies", answer)
    study = answer.rows()[0]
    assert '"Seven"' in study["name"] and "\u202e" not in study["name"]
    assert "\n" not in study["description"]
    assert len(study["description"]) <= 160
    assert any("not instructions" in note for note in answer.data["notes"])
    assert len(answer.text.split("\n")) == 2
    answer = call(10013, "get_study_metadata", {"study_id": 30007})
    check("get_study_metadata", answer)
    assert len(answer.text.split("\n")) == 6


def roster(visible, person, study):
    found = visible(person).roster(study)
    return set(found) if found is not None else None


def test_metadata_of_everybody(call, check, visible, db):
    studies = db.column("SELECT id FROM core_study ORDER BY 1") + [UNKNOWN]
    for person in NAMED:
        if not call(person, "list_studies").ok:
            continue
        for study in studies:
            answer = call(person, "get_study_metadata", {"study_id": study})
            if study not in visible(person).studies():
                assert answer.raw[2] == (
                    f'"not_found: no study {study} that you may see. '
                    'list_studies shows yours."')
                assert answer.raw[:2] == ("error", "")
                continue
            check("get_study_metadata", answer)
            compare(answer, person, study, visible, db)


def compare(answer, person, study, visible, db):
    enrolled = roster(visible, person, study)
    readable = enrolled & set(visible(person).patients())
    found = {one["data_type"]: one for one in
             answer.rows(answer.data["data_types"])}
    codes = db.rows("""
        SELECT c.id, c.coding_code, c.text FROM core_studyscoperequest h
        JOIN core_codeableconcept c ON c.id = h.scope_code_id
        WHERE h.study_id = %(study)s""", study=study)
    assert len(found) == len(codes)
    total = 0
    for concept, code, text in codes:
        one = found[code.split(":")[1] if ":" in code else text]
        rows = db.rows("""
            SELECT subject_patient_id FROM core_observation
            WHERE codeable_concept_id = %(c)s
            AND subject_patient_id = ANY (%(p)s)""",
                       c=concept, p=list(readable))
        assert one["observations"] == len(rows)
        assert one["patients"] == len(set(rows))
        total += len(rows)
        answers = dict(db.rows("""
            SELECT k.consented, count(*) FROM core_studypatientscopeconsent k
            JOIN core_studypatient e ON e.id = k.study_patient_id
            WHERE e.study_id = %(s)s AND k.scope_code_id = %(c)s
            AND e.patient_id = ANY (%(p)s) GROUP BY 1""",
                               s=study, c=concept, p=list(enrolled)))
        assert one["consented"] == answers.get(True, 0)
        assert one["refused"] == answers.get(False, 0)
        assert one["pending"] == len(enrolled) - sum(answers.values())
    assert answer.data["observations"] == total
    assert answer.data["patients"] == len(enrolled)
    assert answer.data.get("withheld", {}).get("unreadable", 0) == \
        len(enrolled - readable)
    lines = answer.text.split("\n")
    assert lines[0] == f"Study ID: {study}"
    assert lines[4:] == [f"Patients: {len(enrolled)}",
                         f"Observations: {total}"]


UNITS = {"sec": "seconds", "min": "minutes", "h": "hours", "d": "days"}


def when(columns, frame):
    """The time of a row in the simple forms; None for the others."""
    for column in columns:
        if column is not None:
            return column
    try:
        interval = frame.get("time_interval", {})
        text = frame.get("date_time") or interval.get("start_date_time") \
            or interval["end_date_time"]
        found = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        if text == interval.get("end_date_time"):
            found -= datetime.timedelta(**{
                UNITS[interval["duration"]["unit"]]:
                interval["duration"]["value"]})
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=datetime.timezone.utc)
    return found


@pytest.mark.parametrize("study", [30001, 30002, 30003])
def test_first_and_last(call, visible, db, stored, study):
    answer = call(10016, "get_study_metadata", {"study_id": study})
    for one in answer.rows(answer.data["data_types"]):
        times = [when(row[:2], row[2]) for row in db.rows(f"""
            SELECT {stored['at']}, {stored['start']},
                {stored['payload']}->'body'->'effective_time_frame'
            FROM core_observation o
            JOIN core_codeableconcept c ON c.id = o.codeable_concept_id
            WHERE c.coding_code LIKE %(code)s
            AND EXISTS (SELECT FROM core_studyscoperequest h WHERE
                h.study_id = %(study)s AND h.scope_code_id = c.id)
            AND o.subject_patient_id = ANY (%(p)s)""",
            code=f"%:{one['data_type']}:%", study=study,
            p=list(set(visible(10016).patients())
                   & set(visible(10016).roster(study))))]
        times = [t.astimezone(datetime.timezone.utc).date().isoformat()
                 for t in times if t is not None]
        assert (one["first"], one["last"]) == (min(times), max(times))


def test_days_of_the_zone(call):
    def first(**options):
        answer = call(10016, "get_study_metadata", {"study_id": 30001},
                      **options)
        return {one["data_type"]: one["first"] for one in
                answer.rows(answer.data["data_types"])}["blood-glucose"]
    assert first() == first(zone="UTC")
    assert {first(zone="Pacific/Kiritimati"),
            first(zone="Pacific/Niue")} - {first()}


@pytest.mark.parametrize("time", [
    "294276-12-31 23:59:59Z", "infinity", "-infinity", "0044-03-15Z BC"])
def test_a_time_outside_the_calendar_is_no_date(call, db, stored, time):
    """It is counted, and spoils nothing else; in any zone."""
    if "o.effective_date_time" not in stored["at"]:
        pytest.skip("this generation has no such column")

    def dates(zone):
        answer = call(10016, "get_study_metadata", {"study_id": 30001},
                      zone=zone)
        return answer.rows(answer.data["data_types"])
    before = dates("Asia/Tokyo")
    row, was = db.rows("""
        SELECT o.id, o.effective_date_time::text FROM core_observation o
        JOIN core_studypatient sp ON sp.patient_id = o.subject_patient_id
        JOIN core_studyscoperequest r ON r.study_id = sp.study_id
            AND r.scope_code_id = o.codeable_concept_id
        WHERE sp.study_id = 30001 AND sp.patient_id = ANY (%(p)s)
        AND o.effective_date_time BETWEEN '2026-03-01' AND '2026-04-01'
        LIMIT 1""", p=list(range(40004, 40012)))[0]
    change = """UPDATE core_observation
        SET effective_date_time = %(time)s::timestamptz WHERE id = %(id)s
        RETURNING id"""
    try:
        db.rows(change, time=time, id=row)
        assert dates("Asia/Tokyo") == before
        assert dates("America/Los_Angeles")
    finally:
        db.rows(change, time=was, id=row)


def test_without_counts(call, check):
    answer = call(10001, "get_study_metadata",
                  {"study_id": 30001, "counts": False})
    check("get_study_metadata", answer)
    assert "observations" not in answer.data
    assert answer.data["data_types"]["columns"] == [
        "data_type", "consented", "refused", "pending"]


def test_sources(call, db):
    answer = call(10016, "get_study_metadata", {"study_id": 30003})
    assert [tuple(row) for row in answer.data["data_sources"]["rows"]] == \
        db.rows("""
            SELECT DISTINCT d.id, d.name, d.type FROM core_datasource d,
            core_studydatasource l
            WHERE l.data_source_id = d.id AND l.study_id = 30003
            ORDER BY d.id""")


def test_claims_hide(call):
    def ids(claims):
        return [one["study_id"] for one in
                call(10016, "list_studies", claims=claims).rows()]
    assert ids("30001,30003,30007") == [30001, 30003]
    assert ids("") == []
    assert call(10016, "get_study_count", claims="30001").data["count"] == 1
    answer = call(10016, "get_study_metadata", {"study_id": 30003},
                  claims="30001")
    assert answer.code == "not_found"
    assert call(10006, "get_study_count", claims="30004").data["count"] == 1


@pytest.mark.parametrize("person", [10008, 10009, 10014, 10015, 424242])
def test_no_profile(call, person):
    for tool, args in [("get_study_count", {}), ("list_studies", {}),
                       ("get_study_metadata", {"study_id": 30001}),
                       ("get_patient_demographics", {"study_id": 30001}),
                       ("get_patient_demographics", {"patient_id": 40001}),
                       ("get_patient_observations", {"patient_id": 40001})]:
        assert call(person, tool, args).code == "no_profile"
