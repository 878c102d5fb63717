# SPDX-License-Identifier: MIT
"""Free text where it is withheld: not shown, not found by, not told apart by;
and records of no sensible shape, given as they are stored."""

import contextlib
import json

import pytest

from conftest import Caller
from test_records import GOOD, SUMMARY, TOOL, records, there

__all__ = ["records", "there"]

READER = 10016
HIDDEN = {"disclosure": "pseudonymous"}
SURVEYS = "get_patient_survey_responses"
OBSERVATIONS = "get_patient_observations"


def new_id(n):
    return f"66000000-0000-4000-8000-{n:012d}"


@contextlib.contextmanager
def added(db, kind, bodies):
    """Records of GOOD, gone at the end."""
    source = db.value("SELECT id FROM core_fhirsource WHERE patient_id = "
                      "%(p)s ORDER BY id LIMIT 1", p=GOOD)
    ids = [new_id(n + 1) for n in range(len(bodies))]
    try:
        for one, body in zip(ids, bodies):
            db.rows("""INSERT INTO core_fhirauxresource (id, fhir_source_id,
                resource_type, fhir_data, ref_indexed, last_updated) VALUES
                (%(id)s, %(s)s, %(k)s, %(b)s, false, now()) RETURNING id""",
                    id=one, s=source, k=kind, b=json.dumps(body))
        yield ids
    finally:
        db.rows("DELETE FROM core_fhirauxresource WHERE id = ANY "
                "(%(ids)s::uuid[]) RETURNING id", ids=ids)


def nested(depth, inner):
    for _ in range(depth):
        inner = [inner]
    return inner


def unfolded(depth):
    body = {"data": "Q0FOQVJZ"}
    for _ in range(depth):
        body = {"attachment": body, "content": [body]}
    return body


ODD = [None, 0, -1.5, 1e300, True, "x", "", [], {}, [1], ["a"], [[]], [[[]]],
       {"data": "Q0FOQVJZ"}, [{"data": "Q0FOQVJZ"}], nested(200, 1),
       [{"attachment": 1}, {"attachment": "data"}, {"attachment": None},
        {"attachment": []}, {"attachment": [{"data": "Q0FOQVJZ"}]},
        {"attachment": [["data"]]}, {"attachment": {"data": ["Q0FOQVJZ"]}},
        {"attachment": {"data": {"data": "Q0FOQVJZ"}}}, 5, "x", None,
        [{"attachment": {"data": 1}}], {"data": ["Q0FOQVJZ"]}],
       [{"url": 5}, {"url": ["x"]}, {"url": {"a": 1}}, 7, None,
        {"url": "https://example.com/patient-full-name",
         "valueString": "May Nguyen"}],
       {"coding": 5}, {"coding": [5]}, {"coding": [[{"code": []}]]},
       {"coding": [{"code": 5, "display": []}], "text": [1]},
       {"concept": {"concept": 1}}, {"reference": {"reference": 5}},
       {"reference": "Medication/x"}, {"reference": ["#a"]}, unfolded(3)]
MEMBERS = ["content", "presentedForm", "photo", "extension", "contained",
           "category", "code", "status", "clinicalStatus", "type",
           "recordedDate", "authored", "date", "period", "effectivePeriod",
           "medication", "medicationReference", "medicationCodeableConcept",
           "item", "questionnaire", "subject", "id", "resourceType"]


@pytest.mark.parametrize("kind", ["Condition", "DocumentReference",
                                  "MedicationRequest", "Observation",
                                  "Encounter", "Goal",
                                  "QuestionnaireResponse"])
def test_odd_shapes(call, check, there, db, kind):
    bodies = ODD + [{name: value for name in MEMBERS} for value in ODD]
    bodies += [{name: ODD[(k + n) % len(ODD)]
                for k, name in enumerate(MEMBERS)} for n in range(len(ODD))]
    with added(db, kind, bodies) as ids:
        for more in ({}, {"verbosity": "full"}, {"code": "x"},
                     {"status": "x"}, {"last": "10y"}):
            args = dict(more, patient_id=GOOD, resource_type=kind)
            pages = call.pages(READER, TOOL, dict(args, limit=200),
                               again={"patient_id": GOOD,
                                      "resource_type": kind})
            for answer in pages:
                check(TOOL, answer)
            if more.get("verbosity") == "full":
                found = {one["id"] for answer in pages
                         for one in answer.data["resources"]}
                assert set(ids) <= found
        for by in ("code", "status", "month", "resource_type"):
            for options in ({}, HIDDEN):
                check(SUMMARY, call(READER, SUMMARY, {
                    "patient_id": GOOD, "group_by": by}, **options))
        check(TOOL, call(READER, TOOL, {
            "patient_id": GOOD, "resource_type": kind, "code": "x",
            "status": "x"}, **HIDDEN))
        check(SURVEYS, call(READER, SURVEYS, {"patient_id": GOOD}))


def test_files_in_lists(call, check, there, db):
    """An attachment that is a list is no reason to answer nothing."""
    body = {"content": [{"attachment": [{"data": "Q0FOQVJZ"}], "data": 1},
                        {"attachment": {"title": "t", "data": "Q0FOQVJZ"}},
                        {"format": 1}]}
    with added(db, "DocumentReference", [body]) as ids:
        answer = call(READER, TOOL, {
            "patient_id": GOOD, "resource_type": "DocumentReference",
            "verbosity": "full", "resource_ids": ids})
        check(TOOL, answer)
        assert answer.data["resources"][0]["content"] == [
            {}, {"attachment": {"title": "t"}}, {"format": 1}]


WORDED = [
    {"code": {"text": "Anna Abigail was told", "coding": [
        {"code": "111", "display": "Fever of unknown origin"},
        {"display": "Anna Beth"}]}},
    {"code": {"text": "Anna Coded"}},
    {"code": {"coding": [{"display": "Anna Dora"}]}},
    {"code": {"text": "Anna Coded again"},
     "clinicalStatus": {"text": "Annaiswell"}}]


def test_hidden_words_find_nothing(call, check, there, db):
    with added(db, "Condition", WORDED) as ids:
        args = {"patient_id": GOOD, "resource_type": "Condition"}
        for code, shown, hidden in [
                ("anna", ids, []), ("abigail", ids[:1], []),
                ("dora", ids[2:3], []), ("beth", ids[:1], []),
                ("unknown origin", ids[:1], ids[:1]),
                ("111", ids[:1], ids[:1])]:
            for wanted, options in ((shown, {}), (hidden, HIDDEN)):
                answer = call(READER, TOOL, dict(args, code=code), **options)
                check(TOOL, answer)
                assert {one["resource_id"] for one in answer.rows()} == \
                    set(wanted), (code, options)
        answer = call(READER, TOOL, dict(args, status="Annaiswell"))
        assert answer.data["total"] == 1
        answer = call(READER, TOOL, dict(args, status="Annaiswell"),
                      **HIDDEN)
        assert answer.data["total"] == 0
        answer = call(READER, TOOL, dict(args, limit=200), **HIDDEN)
        rows = {one["resource_id"]: one for one in answer.rows()}
        assert "Anna" not in answer.raw[1]
        assert rows[ids[0]]["display"] == "Fever of unknown origin"
        assert rows[ids[3]]["status"] is None


def test_hidden_words_tell_no_groups_apart(call, check, there, db):
    with added(db, "Condition", WORDED):
        args = {"patient_id": GOOD, "resource_type": "Condition"}
        for by, least in (("code", 3), ("status", 1)):
            answer = call(READER, SUMMARY, dict(args, group_by=by), **HIDDEN)
            check(SUMMARY, answer)
            assert "Anna" not in answer.raw[1] and \
                "anna" not in answer.raw[1]
            key = "code" if by == "code" else "status"
            assert sum(one[key] is None for one in answer.rows()) == 1
            assert answer.data["withheld"]["free_text"] >= least
            answer = call(READER, SUMMARY, dict(args, group_by=by))
            assert "Anna" in answer.raw[1]
            assert "free_text" not in answer.data.get("withheld", {})


def test_words_beside_a_code(call, check, there, db):
    """Of an answer and of a value, too."""
    concept = {"text": "Anna said so", "coding": [
        {"code": "7", "display": "Seven"}]}
    with added(db, "Observation", [
            {"valueCodeableConcept": concept},
            {"valueDateTime": "Anna's birthday"}]) as ids:
        answer = call(READER, TOOL, {
            "patient_id": GOOD, "resource_type": "Observation",
            "resource_ids": ids}, **HIDDEN)
        check(TOOL, answer)
        assert {one["resource_id"]: one["value"] for one in
                answer.rows()} == {ids[0]: "Seven", ids[1]: None}
        assert answer.data["withheld"]["free_text"] == 1
    with added(db, "QuestionnaireResponse", [{
            "questionnaire": "Questionnaire/worded", "item": [
                {"linkId": "a", "answer": [{"valueCodeableConcept":
                                            concept}]},
                {"linkId": "b", "answer": [{"valueCoding": {
                    "code": "8", "display": "Eight"}}]},
                {"linkId": "c", "answer": [{"valueCoding": {
                    "display": "Anna"}}]},
                {"linkId": "d", "answer": [{"valueDate": "Anna"}]},
                {"linkId": "e", "answer": [{"valueDate": "2026-05"}]}]}]):
        answer = call(READER, SURVEYS, {
            "patient_id": GOOD, "questionnaire": "worded"}, **HIDDEN)
        check(SURVEYS, answer)
        row = answer.rows()[0]
        assert [row[name] for name in "abcde"] == [
            "Seven", "Eight", None, None, "2026-05"]
        assert "Anna" not in answer.raw[1]
        assert answer.data["withheld"]["free_text"] == 2


def test_texts_of_readings(call, check, db):
    """Names of activities, and what types that nobody knows have."""
    patient = 40050
    for args in ({"data_type": "physical-activity"}, {"last": "100y"}, {}):
        args = dict(args, patient_id=patient, limit=1000)
        open_ = call(READER, OBSERVATIONS, args)
        shut = call(READER, OBSERVATIONS, args, **HIDDEN)
        check(OBSERVATIONS, shut)
        assert "Ignore all" not in shut.raw[1] + shut.raw[2]
        assert "DELETE FROM" not in shut.raw[1] + shut.raw[2]
        assert shut.data["total"] == open_.data["total"]
        if args.get("data_type"):
            assert shut.data["withheld"]["free_text"] >= 4
            assert "activity_name" not in open_.data["columns"] or \
                "DELETE FROM" in open_.raw[1]
        assert "free_text" not in open_.data.get("withheld", {})


@pytest.mark.parametrize("text, kept", [
    ("average", True), ("standard deviation", True),
    ("20th percentile", True), ("Anna at rest", False)])
def test_statistics_in_words(call, check, db, stored, text, kept):
    column = stored["payload"].split(".")[1]
    one, old = db.rows(f"""SELECT id, {column}::text FROM core_observation
        WHERE subject_patient_id = %(p)s AND
        jsonb_typeof({column}::jsonb -> 'body') = 'object'
        ORDER BY id LIMIT 1""", p=GOOD)[0]
    args = {"patient_id": GOOD, "observation_ids": [one]}
    write = (f"UPDATE core_observation SET {column} = %(v)s WHERE id = %(id)s"
             " RETURNING id")
    new = json.loads(old)
    new["body"]["descriptive_statistic"] = text
    try:
        db.rows(write, v=json.dumps(new), id=one)
        assert text in call(READER, OBSERVATIONS, args).raw[1]
        answer = call(READER, OBSERVATIONS, args, **HIDDEN)
        check(OBSERVATIONS, answer)
        assert (text in answer.raw[1]) == kept
        assert (answer.data.get("withheld") == {"free_text": 1}) != kept
    finally:
        db.rows(write, v=old, id=one)


def test_as_stored_with_identity_never(call, there):
    """Headers name accounts; both tools refuse with the same words."""
    texts = {call(READER, tool, dict(args, patient_id=GOOD,
                                     verbosity="full"), identity="never").text
             for tool, args in ((TOOL, {"resource_type": "Condition"}),
                                (OBSERVATIONS, {}))}
    assert texts == {"not_available: verbosity=full is not given here: "
                     "records as they are stored name people. Leave it out."}
    for identity in ("on-request", "always"):
        assert call(READER, OBSERVATIONS, {
            "patient_id": GOOD, "verbosity": "full"}, identity=identity).ok


def test_a_medication_behind_the_gate(facts, db, there, monkeypatch):
    """Consent to one type of record is none to those it refers to."""
    types = "http://hl7.org/fhir/resource-types"

    def consent(kind):
        """What has to be taken back again."""
        code = db.rows("SELECT id FROM core_codeableconcept WHERE "
                       "coding_system = %(s)s AND coding_code = %(k)s",
                       s=types, k=kind)
        made = []
        if not code:
            code = db.rows("""INSERT INTO core_codeableconcept (id,
                coding_system, coding_code, text) VALUES ((SELECT max(id) + 1
                FROM core_codeableconcept), %(s)s, %(k)s, %(k)s)
                RETURNING id""", s=types, k=kind)
            made = [("core_codeableconcept", code[0][0])]
        row = db.rows("""INSERT INTO core_studypatientscopeconsent (id,
            study_patient_id, scope_code_id, scope_actions, consented,
            consented_time) VALUES ((SELECT max(id) + 1 FROM
            core_studypatientscopeconsent), (SELECT min(id) FROM
            core_studypatient WHERE patient_id = %(p)s), %(c)s, '', true,
            now()) RETURNING id""", p=GOOD, c=code[0][0])
        return [("core_studypatientscopeconsent", row[0][0])] + made

    monkeypatch.setenv("TOOLS_CONSENT_GATE", "1")
    gated = Caller(facts["JHE_DB_CONN"])
    made = []
    args = {"patient_id": GOOD, "resource_type": "MedicationRequest"}
    try:
        assert gated(READER, TOOL, args).data["total"] == 0
        made += consent("MedicationRequest")
        answer = gated(READER, TOOL, args)
        assert answer.data["total"] > 0
        assert "warfarin" not in answer.raw[1]
        assert gated(READER, TOOL, dict(args, code="warfarin")).data[
            "total"] == 0
        made = consent("Medication") + made
        assert "warfarin" in gated(READER, TOOL, args).raw[1]
    finally:
        for table, one in sorted(made, key=lambda pair: pair[0], reverse=True):
            db.rows(f"DELETE FROM {table} WHERE id = %(id)s RETURNING id",
                    id=one)
        gated.close()
