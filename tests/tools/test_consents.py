# SPDX-License-Identifier: MIT
"""get_study_consents, compared with SQL of its own."""

from collections import Counter

import pytest

NAMED = [*range(10001, 10017), 10104, 10143, 10144, 10149]
TOOL = "get_study_consents"
UNKNOWN = 999999
STATUSES = ["exceptions", "consented", "refused", "pending", "all"]


@pytest.fixture(scope="module")
def studies(db):
    return db.column("SELECT id FROM core_study ORDER BY 1") + [UNKNOWN]


def names(db, study):
    """Concept to name of what the study requests, by name."""
    found = db.rows("""
        SELECT c.id, c.coding_code, c.text FROM core_codeableconcept c
        JOIN core_studyscoperequest h ON h.scope_code_id = c.id
        WHERE h.study_id = %(s)s""", s=study)
    found.sort(key=lambda one: (one[1].split(":")[1] if ":" in one[1] else "",
                                one[1]))
    return {one: (code.split(":")[1] if ":" in code else text)
            for one, code, text in found}


def answers(db, listed, study):
    """(patient, concept) to yes or no, and when."""
    return {(patient, concept): (yes, at) for patient, concept, yes, at in
            db.rows("""
        SELECT e.patient_id, k.scope_code_id, k.consented, k.consented_time
        FROM core_studypatient e
        JOIN core_studypatientscopeconsent k ON k.study_patient_id = e.id
        WHERE e.study_id = %(s)s AND e.patient_id = ANY (%(p)s)""",
                    s=study, p=listed)}


def expect(db, listed, study, wanted=None):
    types = {one: name for one, name in names(db, study).items()
             if wanted is None or name in wanted}
    said = answers(db, listed, study)
    rows = []
    for patient in listed:
        yes = [t for t in types if said.get((patient, t), (None,))[0] is True]
        no = [t for t in types if said.get((patient, t), (None,))[0] is False]
        none = [t for t in types if (patient, t) not in said]
        times = [said[patient, t][1] for t in types if (patient, t) in said]
        rows.append({
            "patient_id": patient, "consented": len(yes),
            "refused": len(no), "pending": len(none),
            "refused_types": ",".join(types[t] for t in no) or None,
            "pending_types": ",".join(types[t] for t in none) or None,
            "last_change": max(times).date().isoformat() if times else None})
    return types, said, rows


def fits(row, status):
    return {"exceptions": row["refused"] or row["pending"],
            "consented": not row["refused"] and not row["pending"],
            "refused": row["refused"], "pending": row["pending"],
            "all": True}[status]


def compare(answer, db, listed, study, status, wanted=None):
    types, said, rows = expect(db, listed, study, wanted)
    assert answer.data["study_id"] == study
    assert answer.data["patients"] == len(listed)
    assert answer.data["by_type"]["rows"] == [
        [name, *(sum(said.get((p, t), (None,))[0] is what for p in listed)
                 for what in (True, False, None))]
        for t, name in types.items()]
    want = [row for row in rows if fits(row, status)]
    if status == "consented":
        for row in want:
            for name in ("refused_types", "pending_types", "last_change"):
                del row[name]
    assert answer.rows() == want
    assert answer.data["total"] == len(want)
    return types, said, rows


def test_everybody(call, check, visible, db, studies):
    for person in NAMED:
        if not call(person, "list_studies").ok:
            answer = call(person, TOOL, {"study_id": 30001})
            assert answer.code == "no_profile"
            continue
        for study in studies:
            listed = visible(person).roster(study)
            for status in STATUSES if person in (10001, 10016) else \
                    STATUSES[:1]:
                answer = call(person, TOOL, {"study_id": study,
                                             "status": status})
                if listed is None:
                    assert answer.raw == ("error", "", (
                        f'"not_found: no study {study} that you may see. '
                        'list_studies shows yours."'))
                    continue
                check(TOOL, answer)
                compare(answer, db, listed, study, status)


def test_months(call, visible, db):
    for person in (10001, 10016, 10006):
        for study in visible(person).studies():
            listed = visible(person).roster(study)
            types, said, _ = expect(db, listed, study)
            first = {}
            for (patient, concept), (yes, at) in said.items():
                if yes and concept in types:
                    first[patient] = min(at, first.get(patient, at))
            months = Counter(at.strftime("%Y-%m") for at in first.values())
            answer = call(person, TOOL, {"study_id": study})
            assert answer.data["first_consents"] == {
                "columns": ["month", "patients"],
                "rows": [[m, months[m]] for m in sorted(months)]}


def test_time_zone_of_days(call, db):
    """2026-02-01 09:00Z and some hours is another day elsewhere."""
    def last(zone):
        return {row["last_change"] for row in call(
            10001, TOOL, {"study_id": 30001, "status": "all"},
            zone=zone).rows()}
    here = {db.value("SELECT date(max(consented_time) AT TIME ZONE %(z)s)"
                     " FROM core_studypatientscopeconsent k"
                     " JOIN core_studypatient e ON e.id = k.study_patient_id"
                     " WHERE e.study_id = 30001 AND e.patient_id = 40004",
                     z=zone).isoformat(): zone
            for zone in ("Pacific/Kiritimati", "Pacific/Niue")}
    assert len(here) == 2
    for day, zone in here.items():
        assert day in last(zone)


@pytest.mark.parametrize("types, wanted", [
    ("blood-glucose", {"blood-glucose"}),
    ("Blood glucose,body_weight", {"blood-glucose", "body-weight"}),
    (["heart-rate", "glucose"], {"blood-glucose", "heart-rate"}),
    ("omh:blood-glucose:9.9", {"blood-glucose"}),
    ("vitals", {"heart-rate"})])
@pytest.mark.parametrize("status", STATUSES)
def test_types(call, check, visible, db, types, wanted, status):
    listed = visible(10001).roster(30001)
    answer = call(10001, TOOL, {"study_id": 30001, "data_type": types,
                                "status": status})
    check(TOOL, answer)
    shown = {row[0] for row in answer.data["by_type"]["rows"]}
    if types == "vitals":
        assert wanted <= shown
        wanted = shown
    compare(answer, db, listed, 30001, status, wanted)
    assert "first_consents" not in answer.data


def test_types_not_requested(call, check):
    answer = call(10001, TOOL, {"study_id": 30001, "status": "all",
                                "data_type": "blood-pressure"})
    check(TOOL, answer)
    assert answer.data["by_type"]["rows"] == answer.data["rows"] == []
    assert answer.data["patients"] == 15
    assert answer.data["summary"] == (
        "15 patients; the study requests none of these data types.")
    assert answer.data["notes"] == [
        "Not requested by this study: blood-pressure."]
    answer = call(10001, TOOL, {"study_id": 30001, "data_type": "glucos"})
    assert answer.text == (
        'unknown_type: "glucos" is not a data type. Nearest: blood-glucose. '
        "Requested by this study: blood-glucose, body-weight, heart-rate.")
    answer = call(10001, TOOL, {
        "study_id": 30001, "data_type": "\u202eheart\n'; DROP TABLE x --"})
    assert answer.code == "unknown_type"
    assert "\u202e" not in answer.text and "\n" not in answer.text


def test_other_types(call, check, visible, db):
    """A type without a schema of its own, by its code."""
    answer = call(10003, TOOL, {"study_id": 30010, "status": "all",
                                "data_type": "QuestionnaireResponse"})
    check(TOOL, answer)
    assert len(answer.data["by_type"]["rows"]) == 1
    assert answer.data["total"] == len(visible(10003).roster(30010))


def test_one_patient(call, check, visible, db):
    for person in (10001, 10006, 10016):
        for study in visible(person).studies():
            listed = visible(person).roster(study)
            for patient in range(40000, 40053):
                answer = call(person, TOOL, {"study_id": study,
                                             "patient_id": patient})
                if patient not in listed:
                    assert answer.raw == ("error", "", (
                        f'"not_found: no patient {patient} in study {study} '
                        'that you may see. list_study_patients shows who is '
                        'enrolled."'))
                    continue
                check(TOOL, answer)
                compare(answer, db, [patient], study, "all")
                assert "first_consents" not in answer.data
                row = answer.rows()[0]
                if len(names(db, study)) > 1:
                    assert answer.data["summary"].startswith(
                        f"Patient {patient} consented to {row['consented']} "
                        f"of {len(names(db, study))} types")


def test_unreadable_are_counted(call):
    """40043 is enrolled in 30001 and shares no organization with 10001."""
    answer = call(10001, TOOL, {"study_id": 30001, "status": "all"})
    assert 40043 in [row["patient_id"] for row in answer.rows()]
    assert call(10001, "get_patient_demographics",
                {"patient_id": 40043}).code == "not_found"


@pytest.mark.parametrize("claimed", [[], [30001], [30002, 30004]])
def test_claims(call, check, visible, studies, claimed):
    for person in (10001, 10006, 10007, 10016):
        for study in studies:
            answer = call(person, TOOL, {"study_id": study, "status": "all"},
                          claims=",".join(map(str, claimed)))
            listed = visible(person, claimed).roster(study)
            if listed is None:
                assert answer.code == "not_found"
            else:
                check(TOOL, answer)
                assert [r["patient_id"] for r in answer.rows()] == listed


@pytest.mark.parametrize("limit", [1, 4, 9])
@pytest.mark.parametrize("status", STATUSES)
def test_pages(call, check, visible, db, limit, status):
    listed = visible(10001).roster(30001)
    pages = call.pages(10001, TOOL, {
        "study_id": 30001, "limit": limit, "status": status,
        "data_type": "heart-rate,blood-glucose"}, {"study_id": 30001})
    _, _, rows = expect(db, listed, 30001, {"heart-rate", "blood-glucose"})
    want = [row["patient_id"] for row in rows if fits(row, status)]
    assert [r["patient_id"] for page in pages for r in page.rows()] == want
    for page in pages:
        check(TOOL, page)
        assert page.data["total"] == len(want)
        assert page.data["by_type"] == pages[0].data["by_type"]


def test_summaries(call):
    def said(person=10001, **args):
        return call(person, TOOL, dict({"study_id": 30001}, **args)).data[
            "summary"]
    assert said() == ("6 of 15 patients consented to all 3 types; 3 refused "
                      "something, 8 have not answered everything.")
    assert said(data_type="blood-glucose,heart-rate", status="consented") \
        .endswith(" of 15 patients consented to all 2 of these types.")
    assert said(data_type="blood-glucose") == (
        "9 of 15 patients consented to blood-glucose; 2 refused, 4 have not "
        "answered.")
    assert said(study_id=30006) == \
        "0 patients; the study requests no data types."
    assert said(study_id=30009, person=10004).endswith(
        "the study requests no data types.")
    assert said(patient_id=40009) == (
        "Patient 40009 consented to 1 of 3 types, refused 1, has not "
        "answered 1.")
    answer = call(10006, TOOL, {"study_id": 30001})
    assert answer.data["patients"] == 1
    assert any("your own" in one for one in answer.data["notes"])


@pytest.mark.parametrize("args, code", [
    ({"study_id": 0}, "not_found"), ({"study_id": -1}, "bad_argument"),
    ({"study_id": 2 ** 63}, "bad_argument"), ({}, "bad_argument"),
    ({"study_id": "30001; --"}, "bad_argument"),
    ({"study_id": 1.5}, "bad_argument"),
    ({"study_id": 30001, "patient_id": -1}, "bad_argument"),
    ({"study_id": 30001, "patient_id": 0}, "not_found"),
    ({"study_id": 30001, "patient_id": 2 ** 63}, "bad_argument"),
    ({"study_id": 30001, "patient_id": 2 ** 63 - 1}, "not_found"),
    ({"study_id": 30001, "status": "maybe"}, "bad_argument"),
    ({"study_id": 30001, "data_type": "x" * 10000}, "bad_argument"),
    ({"study_id": 30001, "limit": 501}, "bad_argument"),
    ({"study_id": "30001"}, None), ({"study_id": 30001.0}, None)])
def test_arguments(call, args, code):
    answer = call(10001, TOOL, args)
    if code is None:
        assert answer.data["patients"] == 15
    else:
        assert answer.code == code
