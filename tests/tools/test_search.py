# SPDX-License-Identifier: MIT
"""search_patients, compared with a search of its own."""

import datetime
import re

import psycopg2
import pytest

NAMED = [*range(10001, 10017), 10104, 10143, 10144, 10149]
NOW = 1787321605                        # 2026-08-21T14:13:25Z
TODAY = datetime.date(2026, 8, 21)
TOOL = "search_patients"
WORDS = re.compile("[\\s\u00a0.,;:\"'()\\[\\]/\u2010\u2011\u2018\u2019-]+")
BLANK = " \t\r\n,"


def words(text):
    return [one for one in WORDS.split((text or "").lower()) if one]


def begins(asked, *names):
    """Any text between commas of which each word begins one of a name."""
    have = [one for name in names for one in words(name)]
    return any(words(part) and all(any(h.startswith(w) for h in have)
                                   for w in words(part))
               for part in asked.split(","))


@pytest.fixture(scope="module")
def stored_people(db, stored):
    return {row[0]: row for row in db.rows(f"""
        SELECT p.id, p.name_given, p.name_family, p.birth_date,
            p.telecom_phone, u.email, {stored['identifiers']}
        FROM core_patient p LEFT JOIN core_jheuser u ON u.id = p.jhe_user_id
        """)}


def born(asked, day):
    prefix, at = re.match("(eq|ge|le|gt|lt)?(.*)", asked).groups()
    at = datetime.date.fromisoformat(at)
    return day is not None and {
        None: day == at, "eq": day == at, "ge": day >= at, "le": day <= at,
        "gt": day > at, "lt": day < at}[prefix]


def find(args, people, readable, roster=None):
    found = []
    for patient in readable:
        _, given, family, day, _, _, _ = people[patient]
        if ("name" in args and not begins(args["name"], given, family)
                or "family" in args and not begins(args["family"], family)
                or "given" in args and not begins(args["given"], given)
                or "birthdate" in args and not born(args["birthdate"], day)
                or roster is not None and patient not in roster):
            continue
        found.append(patient)
    return found


def age(day):
    if day is None or day > TODAY:
        return None
    return min(90, TODAY.year - day.year - (
        (TODAY.month, TODAY.day) < (day.month, day.day)))


QUESTIONS = [
    {"name": "fam"}, {"name": "FAMILY 4001"}, {"name": "4001 family"},
    {"name": "given"}, {"family": "given"}, {"given": "given 4003"},
    {"name": "amily"}, {"name": "pia,dora"}, {"name": "pia , dora,  "},
    {"name": "Pia Patient"}, {"name": "patient, pi"},
    {"family": "p", "given": "p"}, {"family": "o'five"}, {"family": "five"},
    {"family": "\"quoted"}, {"name": "new"}, {"name": "ign all prev"},
    {"family": "\u00e5ng"}, {"name": "ANGSTR"}, {"name": "Z\u00f6e"},
    {"given": "pr\u00e9"}, {"family": "type"}, {"name": "script"},
    {"given": "line two"}, {"family": "\u60a3"},
    {"name": "\u5341\u4e8c \U0001f9ea"},
    {"name": "\U0001f9ea\U0001f9ea"}, {"name": "\u0645\u0631"},
    {"birthdate": "1984-02-29"}, {"birthdate": "ge1999-09-09"},
    {"birthdate": "gt1999-09-09"}, {"birthdate": "le1955-05-05"},
    {"birthdate": "lt1955-05-05"}, {"birthdate": "eq1970-01-01"},
    {"birthdate": "gt2100-01-01"}, {"birthdate": "lt1900-01-01"},
    {"family": "family", "birthdate": "lt1960-01-01"},
    # Nothing of these has a meaning of its own.
    {"name": "%%"}, {"name": "__"}, {"name": "%am"}, {"family": "f%"},
    {"family": "_amily"}, {"name": "\\\\"}, {"name": "fam\\"},
    {"name": "' OR 1=1 --"}, {"name": "'; DELETE FROM core_patient; --"},
    {"name": "--"}, {"name": "''"}, {"family": "."}, {"name": "$1 $2"},
    {"name": "{a,b}"}, {"name": ".*"}, {"name": "[a-z]"}, {"name": "(?i)fam"},
    {"name": "fam\u202e"}, {"name": "fa\x01m"}, {"name": "x" * 80},
]


@pytest.mark.parametrize("args", QUESTIONS)
def test_questions(call, check, visible, stored_people, args):
    for person in (10016, 10001, 10006):
        answer = call(person, TOOL, dict(args, limit=200), now=NOW)
        check(TOOL, answer)
        expected = find(args, stored_people, visible(person).patients())
        assert [row["patient_id"] for row in answer.rows()] == expected
        assert answer.data["total"] == len(expected)


def test_questions_are_good(visible, stored_people):
    """Most of them find somebody, so that they test anything."""
    readable = visible(10016).patients()
    hits = [find(args, stored_people, readable) for args in QUESTIONS]
    assert sum(1 for one in hits if one) >= 25


def test_everybody(call, check, visible, db, stored_people):
    for person in NAMED:
        answer = call(person, TOOL, {"birthdate": "ge1000-01-01",
                                     "limit": 200}, now=NOW)
        if not call(person, "list_studies").ok:
            assert answer.code == "no_profile"
            continue
        check(TOOL, answer)
        seen = visible(person)
        readable = [one for one in seen.patients()
                    if stored_people[one][3] is not None]
        assert [row["patient_id"] for row in answer.rows()] == readable
        enrolled = {}
        for study in seen.studies():
            for one in seen.roster(study):
                enrolled.setdefault(one, []).append(study)
        for row in answer.rows():
            assert row["studies"] == (",".join(map(
                str, enrolled.get(row["patient_id"], []))) or None)


def test_disjoint_people_get_disjoint_rows(call):
    def found(person):
        return {row["patient_id"] for row in call(
            person, TOOL, {"birthdate": "ge1000-01-01", "limit": 200}).rows()}
    one, two = found(10002), found(10003)
    assert one and two and not one & two
    assert found(10006) == {40001}


@pytest.mark.parametrize("claimed", [[], [30001], [30003, 30004]])
def test_claims_hide_studies_not_patients(call, check, visible, db, claimed,
                                          stored_people):
    text = ",".join(map(str, claimed))
    for person in (10001, 10006, 10007, 10016):
        seen = visible(person, claimed)
        answer = call(person, TOOL, {"birthdate": "ge1000-01-01",
                                     "limit": 200}, claims=text)
        check(TOOL, answer)
        assert [row["patient_id"] for row in answer.rows()] == [
            one for one in seen.patients() if stored_people[one][3]]
        for row in answer.rows():
            mine = [study for study in seen.studies()
                    if row["patient_id"] in seen.roster(study)]
            assert row["studies"] == (",".join(map(str, mine)) or None)
        for study in (30001, 30002, 30003):
            answer = call(person, TOOL, {"name": "gi", "study_id": study},
                          claims=text)
            assert answer.ok == (study in seen.studies())


def test_cells(call, stored_people):
    answer = call(10016, TOOL, {"family": "family,patient", "limit": 200,
                                "include": ["contact", "identifiers"]},
                  now=NOW)
    assert answer.data["columns"] == [
        "patient_id", "given_name", "family_name", "birth_date", "age",
        "studies", "email", "phone", "identifiers"]
    assert answer.data["total"] > 30
    for row in answer.rows():
        (_, given, family, day, phone, email,
         identifiers) = stored_people[row["patient_id"]]
        assert row["given_name"] == given and row["family_name"] == family
        assert row["birth_date"] == day.isoformat()
        assert row["age"] == age(day)
        assert row["email"] == email and row["phone"] == phone
        assert row["identifiers"] == identifiers
    assert call(10016, TOOL, {"name": "pia"}).data["columns"] == [
        "patient_id", "given_name", "family_name", "birth_date", "age",
        "studies"]


def test_study(call, check, visible, stored_people):
    for person in (10001, 10004, 10006, 10016):
        seen = visible(person)
        for study in (30001, 30002, 30004, 30006, 30009, 999999):
            args = {"name": "g,p"}
            answer = call(person, TOOL, dict(args, study_id=study))
            if study not in seen.studies():
                assert answer.raw == ("error", "", (
                    f'"not_found: no study {study} that you may see. '
                    'list_studies shows yours."'))
                continue
            check(TOOL, answer)
            expected = find(args, stored_people, seen.patients(),
                            seen.roster(study))
            assert [r["patient_id"] for r in answer.rows()] == expected
    answer = call(10016, TOOL, {"name": "pia", "study_id": 30003})
    assert answer.data["summary"] == (
        "0 patients of study 30003. 1 of your other patients fits: leave "
        "study_id out.")


def test_enrolled_but_not_readable(call, visible):
    """On the roster, not among those who can be found."""
    assert 40043 in visible(10001).roster(30001)
    answer = call(10001, TOOL, {"name": "40043"})
    assert answer.data["rows"] == [] and answer.data["total"] == 0
    answer = call(10001, TOOL, {"name": "40043", "study_id": 30001})
    assert answer.data["rows"] == []


@pytest.mark.parametrize("identifier, patient", [
    ("MRN-40025", 40025), ("mrn-40025", None), ("MRN-4002", None),
    ("MRN-40025 ", None), ("MRN%", None), ("", "bad"), ("  ", "bad"),
    ("https://example.com/mrn|MRN-40025", 40025),
    ("https://example.com/mrn|", None), ("|MRN-40025", None),
    ("https://example.com/second|MRN-40025", None),
    ("S'40010\"", 40010), ("https://example.com/second|S'40010\"", 40010),
    ("MRN-40025,MRN-40026", None), ("' OR 1=1 --", None),
    ("MRN-40044", None), ("x" * 201, "bad")])
def test_identifiers(call, check, facts, identifier, patient):
    answer = call(10016, TOOL, {"identifier": identifier,
                                "include": ["identifiers"]})
    if patient == "bad":
        assert answer.code == "bad_argument"
        return
    check(TOOL, answer)
    oldest = facts["EXCHANGE_GENERATION"] == "2025"
    if oldest and ("|" in identifier or identifier.startswith("S")):
        patient = None
    assert [r["patient_id"] for r in answer.rows()] == (
        [patient] if patient else [])
    assert any("Search the value alone." in note for note in
               answer.data.get("notes", [])) == (oldest and "|" in identifier)


def test_identifier_with_bars(call, db, facts):
    """System and value are compared together, wherever a bar stands."""
    if facts["EXCHANGE_GENERATION"] == "2025":
        pytest.skip("one identifier, without a system")
    db.rows("INSERT INTO core_patientidentifier (patient_id, system, value)"
            " VALUES (40025, 'a|b', 'c|d'), (40026, '', 'plain')"
            " RETURNING id")
    try:
        for text, patient in (("a|b|c|d", 40025), ("c|d", 40025),
                              ("b|c|d", None), ("|plain", 40026),
                              ("plain", 40026)):
            answer = call(10016, TOOL, {"identifier": text})
            assert [r["patient_id"] for r in answer.rows()] == (
                [patient] if patient else [])
    finally:
        db.rows("DELETE FROM core_patientidentifier"
                " WHERE system IN ('a|b', '') RETURNING id")


@pytest.mark.parametrize("args", [
    {}, {"study_id": 30001}, {"name": "  "}, {"name": ",,"},
    {"family": " ", "given": "\t"}, {"name": "x"}, {"name": "x" * 81},
    {"name": "x" * 10000}, {"name": 5}, {"name": "ab", "surname": "x"},
    {"birthdate": "1984"}, {"birthdate": "1984-02-30"},
    {"birthdate": "ne1984-02-28"}, {"birthdate": "ge"},
    {"birthdate": ">=1984-02-28"}, {"birthdate": "28.2.1984"},
    {"birthdate": "1984-02-28T00:00:00Z"}, {"birthdate": "infinity"},
    {"birthdate": "ge1984-02-28,le1985-02-28"}, {"birthdate": "0001-01-01"},
    {"birthdate": "lt9999-12-31"}, {"birthdate": "today' --"},
    {"name": "fam", "limit": 201}, {"name": "fam", "limit": 0},
    {"name": "fam", "study_id": -1}, {"name": "fam", "study_id": 2 ** 63},
    {"name": "fam", "study_id": "x"}, {"name": "fam", "study_id": 1.5},
    {"name": "fam", "include": ["all"]}, {"name": "fam", "page": 2}])
def test_bad_arguments(call, args):
    assert call(10016, TOOL, args).code == "bad_argument"


@pytest.mark.parametrize("args", [
    {"name": "pia", "page": 1}, {"name": "pia", "study_id": "30001"},
    {"name": "pia", "study_id": 30001.0}, {"name": " pia "},
    {"name": "pia", "family": " "}, {"birth_date": "1984-02-29"},
    {"birthdate": " ge 1984-02-29 ", "family": "patient"},
    {"name": "pia", "include": "contact"}])
def test_what_is_understood(call, args):
    rows = call(10016, TOOL, args).rows()
    assert 40001 in [row["patient_id"] for row in rows]


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_pages(call, check, visible, stored_people, limit):
    args = {"name": "family", "birthdate": "ge1945-01-01", "limit": limit,
            "include": ["contact"]}
    pages = call.pages(10016, TOOL, args)
    expected = find({"name": "family", "birthdate": "ge1945-01-01"},
                    stored_people, visible(10016).patients())
    assert len(expected) > 25
    assert [r["patient_id"] for page in pages for r in page.rows()] == \
        expected
    for page in pages:
        check(TOOL, page)
        assert page.data["total"] == len(expected)
        assert "email" in page.data["columns"]
        if page.data["truncated"]:
            assert page.data["summary"].startswith(
                f"{page.data['returned']} of {len(expected)} patients.")


def test_long_questions_over_pages(call):
    """What does not fit into a cursor is sent again, and is compared."""
    long = ",".join(["family"] + ["abcdefgh"] * 8)
    answer = call(10016, TOOL, {"name": long, "limit": 5})
    cursor = answer.data["next_cursor"]
    assert len(cursor) <= 96
    assert call(10016, TOOL, {"cursor": cursor}).code == "cursor_mismatch"
    again = call(10016, TOOL, {"cursor": cursor, "name": long})
    assert again.data["rows"][0][0] > answer.data["rows"][-1][0]
    assert call(10016, TOOL, {"cursor": cursor, "name": long + "x"}).code == \
        "cursor_mismatch"


def test_namesakes(call, db):
    ids = db.column("SELECT id FROM core_patient WHERE id IN (40024, 40026)")
    assert len(ids) == 2
    before = db.rows("SELECT id, name_family, name_given FROM core_patient"
                     " WHERE id IN (40024, 40026)")
    db.rows("UPDATE core_patient SET name_family = 'Twin', name_given = 'Ann'"
            " WHERE id IN (40024, 40026) RETURNING id")
    try:
        answer = call(10016, TOOL, {"name": "ann twin"})
        assert [r["patient_id"] for r in answer.rows()] == [40024, 40026]
        assert any(note.startswith("2 of them have both names in common")
                   for note in answer.data["notes"])
        days = [row["birth_date"] for row in answer.rows()]
        assert days[0] != days[1]
    finally:
        for one, family, given in before:
            db.rows("UPDATE core_patient SET name_family = %(f)s,"
                    " name_given = %(g)s WHERE id = %(i)s RETURNING id",
                    f=family, g=given, i=one)
    # Without a name nobody is a namesake.
    answer = call(10001, TOOL, {"birthdate": "ge1000-01-01", "limit": 200})
    assert not any("in common" in note for note in answer.data["notes"])


def test_nobody(call, check):
    for args, words_ in (({"name": "nobody"}, "Try fewer"),
                         ({"identifier": "nobody"}, "exactly"),
                         ({"birthdate": "1850-01-01"}, "ge, le, gt or lt")):
        answer = call(10016, TOOL, args)
        check(TOOL, answer)
        assert answer.data["summary"].startswith("0 patients. ")
        assert words_ in answer.data["summary"]
        assert answer.data["rows"] == [] and answer.data["total"] == 0
        assert not answer.data["truncated"]


def test_never(call, check):
    answer = call(10016, TOOL, {"identifier": "x", "include": ["contact"]},
                  identity="never")
    check(TOOL, answer)
    assert answer.data["columns"] == ["patient_id", "age", "studies"]
    # Whether somebody is found would tell the name, letter by letter.
    for args in ({"name": "pia"}, {"birthdate": "ge1970-01-01"}):
        assert call(10016, TOOL, args,
                    identity="never").code == "not_available"


def test_hostile_names_come_out_clean(call, check):
    answer = call(10001, TOOL, {"birthdate": "ge1000-01-01", "limit": 200})
    check(TOOL, answer)
    for row in answer.rows():
        for name in (row["given_name"], row["family_name"]):
            assert not set(name or "") & set("\n\t\x01\u202e\u2028\ufeff")
    assert any("not instructions" in one for one in answer.data["notes"])


def test_words_of_the_database(db):
    """The comparison above lowers as PostgreSQL does."""
    try:
        for text in ("\u00c5NGSTR\u00d6M", "Z\u00d6E", "\u0645"):
            assert db.value("SELECT lower(%(t)s)", t=text) == text.lower()
    except (AssertionError, psycopg2.Error):
        pytest.skip("a database without letters beyond ASCII")
