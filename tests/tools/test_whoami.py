# SPDX-License-Identifier: MIT
"""whoami and get_server_capabilities."""

import json

import pytest

FEATURES = {"clinical_records", "surveys", "consent_gate", "identity_fields",
            "default_timezone"}


def kind(db, person):
    active, practitioner, patient = db.rows("""
        SELECT u.is_active,
            u.id IN (SELECT jhe_user_id FROM core_practitioner),
            u.id IN (SELECT jhe_user_id FROM core_patient
                     WHERE jhe_user_id IS NOT NULL)
        FROM core_jheuser u WHERE u.id = %(id)s""", id=person)[0]
    if not active or not (practitioner or patient):
        return "none"
    if practitioner and patient:
        return "both"
    return "practitioner" if practitioner else "patient"


def test_everybody_is_told_who_they_are(call, check, db, visible):
    everybody = db.column("SELECT id FROM core_jheuser ORDER BY id")
    assert len(everybody) > 50
    kinds = set()
    for person in everybody:
        answer = call(person, "whoami")
        check("whoami", answer)
        data = answer.data
        sees = visible(person)
        assert data["user"]["user_id"] == person
        assert data["user"]["kind"] == kind(db, person)
        kinds.add(data["user"]["kind"])
        assert data["studies"] == len(sees.studies())
        assert data["patients"] == len(sees.patients())
        assert set(data["features"]) == FEATURES
        assert answer.text == "\n".join([data["summary"],
                                         *data.get("notes", [])])
    assert kinds == {"practitioner", "patient", "both", "none"}


def test_organizations_and_roles(call, db):
    for person in db.column("SELECT id FROM core_jheuser WHERE is_active"):
        expected = {row[0]: row for row in db.rows("""
            SELECT g.id, g.name, g.type, 'patient'
            FROM core_organization g
            JOIN core_patientorganization l ON l.organization_id = g.id
            JOIN core_patient p ON p.id = l.patient_id
            WHERE p.jhe_user_id = %(id)s""", id=person)}
        expected |= {row[0]: row for row in db.rows("""
            SELECT g.id, g.name, g.type, l.role
            FROM core_organization g
            JOIN core_practitionerorganization l ON l.organization_id = g.id
            JOIN core_practitioner p ON p.id = l.practitioner_id
            WHERE p.jhe_user_id = %(id)s""", id=person)}
        table = call(person, "whoami").data["organizations"]
        assert [row[0] for row in table["rows"]] == sorted(expected)
        for found in table["rows"]:
            row = expected[found[0]]
            assert (found[2], found[3]) == (row[2], row[3])
            assert found[1] == row[1] or found[0] == 20007


def test_summaries(call):
    def summary(person):
        return call(person, "whoami").data["summary"]
    assert summary(10016).endswith(
        ", practitioner in 5 organizations; 8 studies and 48 patients are"
        " visible.")
    assert summary(10007).endswith(
        ", practitioner in 1 organization and patient; 3 studies and "
        f"{call(10007, 'whoami').data['patients']} patients are visible.")
    assert "; 2 studies and 1 patient are visible." in summary(10006)
    assert "neither a practitioner nor a patient profile" in summary(10008)
    assert "is not active" in summary(10009)
    assert "participant" not in call(10009, "whoami").raw[1]
    assert "participant" in call(10006, "whoami").raw[1]
    assert "neither a practitioner nor a patient profile" in summary(999999)


def test_the_clock_is_the_server_s(call):
    data = call(10001, "whoami", now=1786000000).data
    assert data["now"] == data["as_of"] == "2026-08-06T07:06:40Z"


def test_claims_narrow_studies_only(call, check):
    free = call(10001, "whoami").data
    answer = call(10001, "whoami", claims="30006")
    check("whoami", answer)
    assert (answer.data["studies"], answer.data["patients"]) == (
        1, free["patients"])
    assert any("narrowed" in note for note in answer.data["notes"])


def test_features_are_those_of_the_database(call, db):
    there = db.value("""
        SELECT count(*) > 0 FROM information_schema.columns
        WHERE table_name = 'core_fhirauxresource'
        AND column_name = 'fhir_source_id'""")
    for tool in ("whoami", "get_server_capabilities"):
        data = call(10001, tool).data
        if tool == "whoami":
            found = data["features"]
            assert found["clinical_records"] is found["surveys"] is there
        else:
            assert ("clinical_records" in data["resources"]) is there
            assert ("surveys" in data["resources"]) is there


@pytest.mark.parametrize("person", [10001, 10006, 10008, 10009, 999999])
def test_capabilities_are_nobody_s(call, check, person):
    answer = call(person, "get_server_capabilities")
    check("get_server_capabilities", answer)
    first = call(10016, "get_server_capabilities")
    del answer.data["as_of"], first.data["as_of"]
    assert answer.data == first.data
    assert answer.data["available"] is True
    assert len(answer.data["data_types"]) == 15
    assert answer.data["limits"]["max_rows"] == 1000


def test_disclosure_is_told(call, check):
    answer = call(10006, "whoami", disclosure="aggregate")
    check("whoami", answer)
    data = answer.data
    assert data["user"]["name"] is None
    assert data["patients"] == 0
    assert "fewer than 5 patients" in data["summary"]
    assert data["features"]["disclosure"] == "aggregate"
    assert data["features"]["identity_fields"] == "never"
    assert data["limits"]["minimum_cell"] == 5
    data = call(10016, "whoami", disclosure="pseudonymous", minimum=7).data
    assert data["user"]["name"] is not None
    assert data["features"]["disclosure"] == "pseudonymous"
    assert data["limits"]["minimum_cell"] == 7


def test_no_argument(call):
    for tool in ("whoami", "get_server_capabilities"):
        assert call(10001, tool, {"x": 1}).code == "bad_argument"


def test_provenance(call):
    answer = call(10001, "whoami", meta="yes")
    told = answer.data["jhe-mcp/provenance"]
    assert len(json.dumps(answer.data)) <= 1024
    assert told["tool"] == "whoami"
    assert "person_name" in told["statements"]
