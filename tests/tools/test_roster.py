# SPDX-License-Identifier: MIT
"""list_study_patients, compared with SQL of its own."""

import datetime

import pytest

NAMED = [*range(10001, 10017), 10104, 10143, 10144, 10149]
NOW = 1788221500                        # 2026-09-01T00:11:40Z
TOOL = "list_study_patients"
UNKNOWN = 999999
DAY = 86400

ENROLLED = """
    SELECT e.patient_id, a.name_family, a.name_given, a.birth_date::text,
        (SELECT count(*) FROM core_studyscoperequest h
         WHERE h.study_id = e.study_id) AS asked,
        (SELECT count(*) FROM core_studyscoperequest h,
            core_studypatientscopeconsent k
         WHERE h.study_id = e.study_id AND k.study_patient_id = e.id
         AND k.scope_code_id = h.scope_code_id AND k.consented) AS agreed,
        (SELECT max(g.last_updated) FROM core_observation g
         WHERE g.subject_patient_id = e.patient_id) AS last
    FROM core_studypatient e JOIN core_patient a ON a.id = e.patient_id
    WHERE e.study_id = %(study)s
"""


def shown(at):
    if at is None:
        return None
    at = at.astimezone(datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M" + (":%S" if at.second else "") + "Z")


def expect(db, visible, person, study, claimed=None):
    """Patient to what is stored of them, of those listed; None: not found."""
    seen = visible(person, claimed)
    listed = seen.roster(study)
    if listed is None:
        return None
    readable = set(seen.patients())
    found = {}
    for (one, family, given, born, asked, agreed,
            last) in db.rows(ENROLLED, study=study):
        if one in listed:
            found[one] = {"family": family, "given": given, "born": born,
                          "asked": asked, "agreed": agreed,
                          "readable": one in readable,
                          "last": last if one in readable else None}
    return found


@pytest.fixture(scope="module")
def studies(db):
    return db.column("SELECT id FROM core_study ORDER BY 1") + [UNKNOWN]


def is_not_found(answer, study):
    assert answer.raw == ("error", "", (
        f'"not_found: no study {study} that you may see. '
        'list_studies shows yours."'))


def compare(answer, expected):
    hidden = any(not one["readable"] for one in expected.values())
    assert ("readable" in answer.data["columns"]) == hidden
    for row in answer.rows():
        one = expected[row["patient_id"]]
        assert row["consented"] == one["agreed"]
        assert row["requested"] == one["asked"]
        assert row["last_received"] == shown(one["last"])
        assert row.get("readable", True) == one["readable"]


def test_everybody(call, check, visible, db, studies):
    for person in NAMED:
        if not call(person, "list_studies").ok:
            answer = call(person, TOOL, {"study_id": 30001})
            assert answer.code == "no_profile"
            continue
        for study in studies:
            answer = call(person, TOOL, {"study_id": study}, now=NOW)
            expected = expect(db, visible, person, study)
            if expected is None:
                is_not_found(answer, study)
                continue
            check(TOOL, answer)
            assert [row["patient_id"] for row in answer.rows()] == \
                sorted(expected)
            assert answer.data["total"] == len(expected)
            assert answer.data["study_id"] == study
            compare(answer, expected)


@pytest.mark.parametrize("claimed", [[], [30001], [30001, 30009], [30002]])
def test_claims(call, check, visible, db, studies, claimed):
    for person in (10001, 10004, 10006, 10007, 10016):
        for study in studies:
            answer = call(person, TOOL, {"study_id": study},
                          claims=",".join(map(str, claimed)))
            expected = expect(db, visible, person, study, claimed)
            if expected is None:
                is_not_found(answer, study)
            else:
                check(TOOL, answer)
                assert [row["patient_id"] for row in answer.rows()] == \
                    sorted(expected)


def test_disjoint_people_get_disjoint_rows(call):
    def listed(person):
        return {row["patient_id"] for study in
                call(person, "list_studies").rows() for row in
                call(person, TOOL, {"study_id": study["study_id"]}).rows()}
    one, two = listed(10001), listed(10003)
    assert one and two and one - {40049} and not one & two - {40049}


@pytest.mark.parametrize("args", [
    {"consent": "complete"}, {"consent": "incomplete"}, {"inactive_days": 1},
    {"inactive_days": 30}, {"inactive_days": 3650},
    {"inactive_days": 30, "consent": "incomplete"}])
def test_filters(call, check, visible, db, studies, args):
    now = NOW + 20 * DAY
    then = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
    for person in (10001, 10002, 10016, 10006):
        for study in studies[:-1]:
            expected = expect(db, visible, person, study)
            if expected is None:
                continue
            wanted, unknown = [], 0
            for one in sorted(expected):
                e = expected[one]
                if (args.get("consent", "any") != "any" and
                        (e["agreed"] == e["asked"]) !=
                        (args["consent"] == "complete")):
                    continue
                if "inactive_days" in args:
                    if not e["readable"]:
                        unknown += 1
                        continue
                    span = datetime.timedelta(days=args["inactive_days"])
                    if e["last"] is not None and e["last"] > then - span:
                        continue
                wanted.append(one)
            answer = call(person, TOOL, dict(args, study_id=study), now=now)
            check(TOOL, answer)
            assert [row["patient_id"] for row in answer.rows()] == wanted
            assert answer.data["total"] == len(wanted)
            assert answer.data["summary"].startswith(
                f"{len(wanted)} of {len(expected)} patient")
            compare(answer, expected)
            assert answer.data.get("withheld", {}).get("unreadable", 0) == \
                unknown


def test_edge_of_inactivity(call, db):
    """Exactly so many days ago is so many days."""
    last = db.value("SELECT max(last_updated) FROM core_observation"
                    " WHERE subject_patient_id = 40004")
    at = int(last.timestamp())
    assert at == last.timestamp()

    def listed(now):
        return 40004 in [row["patient_id"] for row in call(
            10001, TOOL, {"study_id": 30001, "inactive_days": 3},
            now=now).rows()]
    assert listed(at + 3 * DAY) and not listed(at + 3 * DAY - 1)


def test_summaries(call, db):
    last = db.value("""SELECT max(last_updated) FROM core_observation g
        JOIN core_studypatient e ON e.patient_id = g.subject_patient_id
        WHERE e.study_id = 30005""")
    at = int(last.timestamp())
    answer = call(10016, TOOL, {"study_id": 30005}, now=at + 60)
    assert answer.data["summary"].endswith(
        " with complete consent; data from all within 24 hours.")
    assert "notes" not in answer.data
    assert answer.text == answer.data["summary"]
    answer = call(10016, TOOL, {"study_id": 30005, "inactive_days": 7},
                  now=at + 60)
    assert answer.data["summary"].endswith(
        " patients sent nothing for 7 days or more.")
    assert answer.data["notes"] == [
        "last_received is when the exchange stored the data, not when they "
        "were measured."]
    assert call(10001, TOOL, {"study_id": 30006}).data["summary"] == \
        "0 patients."
    answer = call(10006, TOOL, {"study_id": 30001})
    assert [row["patient_id"] for row in answer.rows()] == [40001]
    assert any("only you are listed" in one for one in answer.data["notes"])


def place(expected, sort):
    def key(one):
        e = expected[one]
        if sort == "last_received":
            return (e["last"] is not None, e["last"] or 0, one)
        if sort == "name":
            family, given = e["family"] or "", e["given"] or ""
            return (family == "", family.lower(), given == "",
                    given.lower(), one)
        return one
    return sorted(expected, key=key)


@pytest.mark.parametrize("sort", ["patient_id", "last_received", "name"])
@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_pages(call, check, visible, db, sort, limit):
    for person, study in ((10001, 30001), (10016, 30009), (10002, 30002)):
        expected = expect(db, visible, person, study)
        args = {"study_id": study, "sort": sort, "limit": limit,
                "include": ["name"]}
        pages = call.pages(person, TOOL, args, {"study_id": study}, now=NOW)
        found = [row["patient_id"] for page in pages for row in page.rows()]
        assert sorted(found) == sorted(expected)
        if sort != "name":
            assert found == place(expected, sort)
        for page in pages:
            check(TOOL, page)
            assert page.data["total"] == len(expected)
            assert page.data["truncated"] == (page is not pages[-1])
            assert page.data["columns"] == pages[0].data["columns"]
            compare(page, expected)


def test_order_of_names(call, db):
    """Plain names in the order of the database, empty ones last."""
    rows = call(10016, TOOL, {"study_id": 30003, "sort": "name",
                              "include": ["name"]}).rows()
    assert [row["patient_id"] for row in rows] == db.column("""
        SELECT a.id FROM core_patient a JOIN core_studypatient e
        ON e.patient_id = a.id WHERE e.study_id = 30003
        ORDER BY lower(a.name_family), lower(a.name_given), a.id""")
    rows = call(10001, TOOL, {"study_id": 30001, "sort": "name",
                              "include": ["name"]}).rows()
    assert [row["patient_id"] for row in rows][-2:] == [40010, 40011]


def test_same_times_and_names(call, db, facts):
    """Ties are broken by the id, without loss, on every page size."""
    with_ties = {"last_received": [], "name": []}
    for sort, found in with_ties.items():
        for limit in (1, 3):
            pages = call.pages(
                10016, TOOL, {"study_id": 30002, "sort": sort,
                              "limit": limit}, {"study_id": 30002})
            ids = [r["patient_id"] for page in pages for r in page.rows()]
            assert len(ids) == len(set(ids)) == pages[0].data["total"]
            found.append(ids)
        assert found[0] == found[1]


def test_cursor_of_somebody_else(call):
    answer = call(10001, TOOL, {"study_id": 30001, "limit": 1})
    cursor = answer.data["next_cursor"]
    assert call(10016, TOOL, {"study_id": 30001, "cursor": cursor}).code == \
        "bad_cursor"
    assert call(10001, TOOL, {"study_id": 30006, "cursor": cursor}).code == \
        "cursor_mismatch"
    assert call(10001, TOOL, {"study_id": 30001, "cursor": cursor,
                              "sort": "name"}).code == "cursor_mismatch"
    assert call(10001, "search_patients", {"cursor": cursor}).code == \
        "bad_cursor"


def test_only_what_is_asked(call, check):
    columns = {"name": ["given_name", "family_name"],
               "birth_date": ["birth_date"], "contact": ["email", "phone"],
               "identifiers": ["identifiers"]}
    base = call(10016, TOOL, {"study_id": 30005}).data["columns"]
    assert base == ["patient_id", "age", "consented", "requested",
                    "last_received"]
    for first in columns:
        for second in columns:
            answer = call(10016, TOOL, {"study_id": 30005,
                                        "include": [first, second]})
            check(TOOL, answer)
            assert answer.data["columns"] == base + [
                name for one in columns if one in (first, second)
                for name in columns[one]]


def test_never(call, check):
    args = {"study_id": 30001, "include": ["name", "contact"]}
    answer = call(10001, TOOL, args, identity="never")
    check(TOOL, answer)
    assert not {"given_name", "email"} & set(answer.data["columns"])
    assert "example.com" not in answer.raw[1] + answer.raw[2]
    assert any("no names" in one for one in answer.data["notes"])
    assert max(row["age"] or 0 for row in answer.rows()) == 90
    answer = call(10001, TOOL, {"study_id": 30001, "sort": "name"},
                  identity="never")
    assert answer.code == "not_available"


def test_hostile_names(call, check):
    answer = call(10001, TOOL, {"study_id": 30001, "include": ["name"]})
    check(TOOL, answer)
    for row in answer.rows():
        for name in (row["given_name"], row["family_name"]):
            assert not set(name or "") & set("\n\t\x01\u202e\u2028\ufeff")
    assert any("not instructions" in one for one in answer.data["notes"])


@pytest.mark.parametrize("study, code", [
    (0, "not_found"), (-1, "bad_argument"), (2 ** 63, "bad_argument"),
    (2 ** 63 - 1, "not_found"), ("30001", None), (30001.0, None),
    (30001.5, "bad_argument"), ("x", "bad_argument"), ("", "bad_argument"),
    (None, "bad_argument"), ([30001], "bad_argument"),
    ("30001 OR 1=1", "bad_argument"), (True, "bad_argument")])
def test_ids(call, study, code):
    answer = call(10001, TOOL, {"study_id": study})
    if code is None:
        assert answer.data["total"] == 15
    else:
        assert answer.code == code


@pytest.mark.parametrize("args", [
    {"inactive_days": 0}, {"inactive_days": 3651}, {"consent": "some"},
    {"sort": "age"}, {"limit": 0}, {"limit": 501}, {"include": ["sex"]},
    {"studyid": 3}, {"patient_id": 40001}])
def test_bad_arguments(call, args):
    assert call(10001, TOOL, dict({"study_id": 30001}, **args)).code == \
        "bad_argument"
