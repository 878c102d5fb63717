# SPDX-License-Identifier: MIT
"""count_patient_observations and count_study_observations, against what
raw.py works out of the stored rows; and the consent gate."""

import os
import random
import re
from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

import raw
from conftest import Caller
from raw import DAY, NOW, UTC, Window

PATIENT = "count_patient_observations"
STUDY = "count_study_observations"
SEE_ALL = 10016


@pytest.fixture(scope="module")
def gated(facts):
    """As call, with the consent gate."""
    os.environ["TOOLS_CONSENT_GATE"] = "1"
    try:
        one = Caller(facts["JHE_DB_CONN"])
    finally:
        del os.environ["TOOLS_CONSENT_GATE"]
    yield one
    one.close()


def seconds(moment):
    return int(moment.timestamp())


def codes(db, study):
    return set(db.column("""
        SELECT scope_code_id FROM core_studyscoperequest
        WHERE study_id = %(s)s""", s=study))


def some_window(dice):
    day = date(2026, 4, 20) + dice.randrange(50) * DAY
    return dice.choice([
        Window(), Window(day, day + 9 * DAY), Window(day, None),
        Window(datetime(2026, 5, 1, 3, 4, 5, tzinfo=UTC), None),
        Window(None, day)])


def test_patients_of_many(call, check, visible, rows, people):
    dice = random.Random(4)
    now = datetime(2026, 6, 20, 14, 20, 5, tzinfo=UTC)
    for _ in range(80):
        person = dice.choice([SEE_ALL, *people])
        patients = visible(person).patients()
        if not patients:
            continue
        patient, window = dice.choice(patients), some_window(dice)
        name = dice.choice([None, "blood-glucose", "heart-rate", "steps"])
        args = {"patient_id": patient, **window.args()}
        if name:
            args["data_type"] = name
        answer = call(person, PATIENT, args, now=seconds(now))
        check(PATIENT, answer)
        wanted = {"steps": "step-count"}.get(name, name)
        assert answer.data["count"] == sum(
            r.patient == patient and window.has(r) and
            (name is None or r.kind == "omh:" + wanted) for r in rows)
        assert ("window" in answer.data) == (len(window.args()) > 0)


def test_studies_of_many(call, check, db, visible, rows, people):
    dice = random.Random(5)
    now = datetime(2026, 6, 20, 14, 20, 5, tzinfo=UTC)
    for _ in range(60):
        person = dice.choice([SEE_ALL, *people])
        seen = visible(person)
        if not seen.studies():
            continue
        study, window = dice.choice(seen.studies()), some_window(dice)
        listed = set(seen.roster(study))
        readable = sorted(listed & set(seen.patients()))
        mine = codes(db, study)
        counts = Counter(r.patient for r in rows if r.patient in readable
                         and r.concept in mine and window.has(r))
        args = {"study_id": study, **window.args()}
        answer = call(person, STUDY, args, now=seconds(now))
        check(STUDY, answer)
        assert answer.data["count"] == sum(counts.values())
        assert "rows" not in answer.data
        assert answer.data.get("withheld", {}).get("unreadable", 0) == \
            len(listed) - len(readable)
        pages = call.pages(person, STUDY, {
            **args, "by_patient": True, "limit": 3}, {"study_id": study},
                           now=seconds(now))
        found = [row for page in pages for row in page.data["rows"]]
        assert found == [[p, counts[p]] for p in readable]
        for page in pages:
            check(STUDY, page)
            assert page.data["count"] == sum(counts.values())
            assert page.data["total"] == len(readable)


def test_patients_add_up(call, db, visible):
    """A study's total is the sum over its patients and requested types."""
    seen = visible(SEE_ALL)
    readable = set(seen.patients())
    for study in seen.studies():
        names = sorted({":".join(code.split(":")[:2]) for code in db.column(
            """
            SELECT c.coding_code FROM core_studyscoperequest r
            JOIN core_codeableconcept c ON c.id = r.scope_code_id
            WHERE r.study_id = %(s)s AND c.coding_code LIKE '%%:%%:%%'""",
            s=study)})
        versions = db.value("""
            SELECT count(*) FROM core_codeableconcept c
            WHERE split_part(coding_code, ':', 1) || ':' ||
                split_part(coding_code, ':', 2) = ANY (%(n)s)
            AND c.id NOT IN (SELECT scope_code_id
                FROM core_studyscoperequest WHERE study_id = %(s)s)""",
                            n=names, s=study)
        if versions or not names:
            continue
        whole = call(SEE_ALL, STUDY, {
            "study_id": study, "data_type": ",".join(names)})
        if not whole.ok:
            continue
        parts = 0
        for patient in set(seen.roster(study)) & readable:
            one = call(SEE_ALL, PATIENT, {
                "patient_id": patient, "data_type": ",".join(names)})
            # Nothing of a name that is in no table of ours is an error.
            if one.ok:
                parts += one.data["count"]
            else:
                assert one.code == "unknown_type"
                parts = None
                break
        assert parts is None or parts == whole.data["count"]


def test_scene(call, check, rows, scene, member):
    now = seconds(NOW)
    answer = call(member, STUDY, {"study_id": scene.STUDY,
                                  "by_patient": True}, now=now)
    check(STUDY, answer)
    assert answer.data["rows"] == [
        [49001, 69], [49002, 24], [49003, 7], [49004, 0], [49005, 0],
        [49006, 0], [49007, 0], [49008, 0]]
    assert answer.data["count"] == 100
    answer = call(member, STUDY, {"study_id": scene.STUDY, "last": "1d",
                                  "data_type": "glucose"}, now=now)
    assert answer.data["summary"] == (
        "39 blood-glucose observations of 8 patients in this window.")
    assert answer.data["count"] == 39
    answer = call(member, STUDY, {"study_id": scene.STUDY,
                                  "data_type": "steps"}, now=now)
    assert answer.data["count"] == 0
    assert answer.data["summary"] == (
        "0 step-count observations of 8 patients; the study has 93 "
        "blood-glucose, 7 blood-pressure and requests blood-glucose, "
        "blood-pressure, heart-rate.")
    answer = call(member, STUDY, {"study_id": scene.STUDY,
                                  "data_type": "no-such"}, now=now)
    assert answer.code == "unknown_type"
    assert "Requested by this study: blood-glucose" in answer.text


def test_zone_of_the_server(call, scene, member):
    """Days are of default-timezone, as these tools have no timezone."""
    args = {"patient_id": 49003, "start": "2026-03-27", "end": "2026-03-27"}
    assert call(member, PATIENT, args, now=seconds(NOW)).data["count"] == 0
    answer = call(member, PATIENT, args, now=seconds(NOW),
                  zone="America/Los_Angeles")
    assert answer.data["count"] == 1
    assert answer.data["window"]["timezone"] == "America/Los_Angeles"


def test_consent_gate(call, gated, check, db, rows, scene, member):
    concepts = dict(db.rows("""
        SELECT split_part(coding_code, ':', 2), min(id)
        FROM core_codeableconcept WHERE coding_code LIKE 'omh:%%'
        GROUP BY 1"""))
    consents = [(4900, "blood-glucose", True), (4901, "blood-glucose", False),
                (4902, "blood-pressure", True)]
    for enrolment, name, yes in consents:
        db.rows("""
            INSERT INTO core_studypatientscopeconsent (study_patient_id,
                scope_code_id, scope_actions, consented, consented_time)
            VALUES (%(e)s, %(c)s, 'rs', %(y)s, now()) RETURNING 1""",
                e=enrolment, c=concepts[name], y=yes)
    now = seconds(NOW)
    args = {"study_id": scene.STUDY, "by_patient": True}
    answer = gated(member, STUDY, args, now=now)
    check(STUDY, answer)
    assert answer.data["rows"][:3] == [[49001, 69], [49002, 0], [49003, 7]]
    assert answer.data["count"] == 76
    assert answer.data["withheld"]["consent"] == 24
    assert call(member, STUDY, args, now=now).data["count"] == 100
    for patient, count, held in ((49001, 69, 0), (49002, 0, 24),
                                 (49003, 7, 0)):
        answer = gated(member, PATIENT, {"patient_id": patient}, now=now)
        check(PATIENT, answer)
        assert answer.data["count"] == count
        assert answer.data.get("withheld", {}).get("consent", 0) == held
        tool = "summarize_patient_observations"
        answer = gated(member, tool, {"patient_id": patient}, now=now)
        check(tool, answer)
        assert answer.data["total"] == count
        assert answer.data.get("withheld", {}).get("consent", 0) == held
        assert "mmol" not in answer.raw[1]
    tool = "get_data_coverage"
    answer = gated(member, tool, {"study_id": scene.STUDY, "last": "3d"},
                   now=now)
    check(tool, answer)
    found = {one["patient_id"]: one["readings"] for one in answer.rows()}
    assert (found[49001], found[49002]) == (66, 0)
    assert answer.data["withheld"]["consent"] == 24
    assert "mixed_units" not in answer.raw[1]
    # In another study nobody consented to anything here.
    answer = gated(member, tool, {"patient_id": 49002, "last": "3d"},
                   now=now)
    assert answer.data["rows"] == [] or answer.rows()[0]["readings"] == 0
    # Nor is it told that there are types which are held back.
    args = {"patient_id": 49002, "group_by": "data_type"}
    assert len(call(member, tool, args, now=now).rows()) == 1
    answer = gated(member, tool, args, now=now)
    assert answer.data["rows"] == []
    assert "glucose" not in answer.raw[1]
    assert answer.data["withheld"]["consent"] == 24


def test_disjoint(call, visible, people):
    seen = {p: set(visible(p).studies()) for p in people}
    everything = set.union(*seen.values())
    for person in people:
        for study in sorted(everything - seen[person])[:3]:
            answer = call(person, STUDY, {"study_id": study,
                                          "by_patient": True})
            assert answer.code == "not_found"
            assert answer.text.replace(str(study), "999999") == \
                call(person, STUDY, {"study_id": 999999}).text


def test_claims_narrow(call, scene, member):
    args = {"study_id": scene.STUDY}
    assert call(member, STUDY, args, claims=str(scene.STUDY)).ok
    assert call(member, STUDY, args, claims="30001").code == "not_found"
    assert call(member, STUDY, args, claims="").code == "not_found"


@pytest.mark.parametrize("odd", [-1, 2 ** 63, 1.5, "x", "", True, [], None])
def test_odd_ids(call, odd):
    assert call(SEE_ALL, PATIENT, {"patient_id": odd}).code == \
        "bad_argument"
    assert call(SEE_ALL, STUDY, {"study_id": odd}).code == "bad_argument"
    for one in (0, 2 ** 63 - 1, "0", 7.0):
        assert call(SEE_ALL, PATIENT, {"patient_id": one}).code == \
            "not_found"
        assert call(SEE_ALL, STUDY, {"study_id": one}).code == "not_found"


def test_aggregate(call, scene, member):
    options = {"disclosure": "aggregate", "minimum": 5}
    answer = call(member, STUDY, {"study_id": scene.STUDY}, **options)
    # Three have data of the eight who are enrolled.
    assert answer.code == "not_available"
    assert "fewer than 5 patients" in answer.text
    for minimum, ok in ((3, True), (4, False)):
        answer = call(member, STUDY, {"study_id": scene.STUDY},
                      minimum=minimum)
        assert answer.ok is ok, answer.raw
    assert call(member, STUDY, {"study_id": scene.STUDY, "by_patient": True},
                **options).code == "not_available"
    # Of what is not in the window no number is told: pressures are one's own.
    empty = {"study_id": scene.STUDY, "start": "2001-01-01",
             "end": "2001-01-02"}
    text = call(member, STUDY, empty, **options).data["summary"]
    assert "; the study requests " in text and "blood-pressure" in text
    assert not re.search(r"\d blood|\d heart", text), text
    # Undated readings are of one patient.
    assert "undated" not in call(member, STUDY, empty, **options).raw[1]
    assert "undated" in call(member, STUDY, empty).raw[1]
    for bound in ({"start": "2026-03-25T10:00:00Z"}, {"last": "24h"}):
        assert call(member, STUDY, {"study_id": scene.STUDY, **bound},
                    **options).code == "bad_argument"


def test_a_participant_s_own(call, db):
    """What a participant has is not the study's."""
    person, study = db.rows("""
        SELECT p.jhe_user_id, sp.study_id FROM core_patient p
        JOIN core_studypatient sp ON sp.patient_id = p.id
        JOIN core_jheuser u ON u.id = p.jhe_user_id AND u.is_active
        WHERE NOT EXISTS (SELECT FROM core_practitioner a
                          WHERE a.jhe_user_id = p.jhe_user_id)
        ORDER BY 1, 2""")[0]
    for tool in (STUDY, "get_data_coverage"):
        answer = call(person, tool, {"study_id": study, "start": "2001-01-01",
                                     "end": "2001-01-02",
                                     "data_type": "blood-glucose"})
        if answer.ok and answer.data["summary"].startswith("0 "):
            assert "the study has" not in answer.data["summary"]
            assert "; you have " in answer.data["summary"]
        else:
            assert not answer.ok or answer.data["rows"], answer.raw
