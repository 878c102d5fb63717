# SPDX-License-Identifier: MIT
"""The older generations of the exchange's database: the same people see the
same, and what a generation does not have is said.  The newest is everywhere
else; statements and single tools are tried on all of them in tests/sql and
tests/tools."""

import json

import pytest

from harness.asker import Asker
from harness.exchange import Exchange
from harness.visible import Visible, stored, user_id
from test_visibility import check_person, once

# What the tables are known by, as administrators of such exchanges know them.
OLDER = {
    "2026b": {
        "words": "June 2026",
        "there": ["core_observation.omh_data", "core_observation.ow_key",
                  "core_patientidentifier.value", "core_study.last_updated",
                  "core_fhirauxresource.fhir_source_id",
                  "core_practitionerclient.label",
                  "core_practitioner.settings"],
        "absent": ["core_observation.effective_date_time",
                   "core_observation.effective_period_start",
                   "core_observation.effective_period_end",
                   "core_observation.value_attachment_data",
                   "core_patient.identifier"]},
    "2026a": {
        "words": "early 2026",
        "there": ["core_observation.value_attachment_data",
                  "core_observation.ow_key", "core_patientidentifier.value",
                  "core_practitioner.telecom_phone",
                  "core_practitioner.settings",
                  "core_patient.aux_fhir_data",
                  "core_fhirauxresource.patient_id",
                  "core_studyclient.study_id", "core_jhesetting.key"],
        "absent": ["core_observation.omh_data",
                   "core_observation.effective_date_time",
                   "core_study.last_updated",
                   "core_organization.last_updated",
                   "core_datasource.last_updated", "core_fhirsource.id",
                   "core_fhirauxresource.fhir_source_id",
                   "core_practitionerclient.id", "core_patient.identifier",
                   "core_practitioner.birth_date"]},
    "2025": {
        "words": "autumn 2025",
        "there": ["core_observation.value_attachment_data",
                  "core_patient.identifier", "core_practitioner.birth_date",
                  "core_practitioner.telecom_phone"],
        "absent": ["core_observation.omh_data", "core_observation.ow_key",
                   "core_observation.effective_date_time",
                   "core_patientidentifier.id", "core_practitioner.settings",
                   "core_study.last_updated",
                   "core_organization.last_updated",
                   "core_datasource.last_updated", "core_fhirsource.id",
                   "core_fhirauxresource.id", "core_jhesetting.id",
                   "core_jheclient.id", "core_studyclient.id",
                   "core_clientdatasource.id", "core_patientinvitation.id",
                   "core_practitionerclient.id"]},
}
USERS = ["manager_maya", "patient_pia", "dual_dora", "super_sven",
         "weird_wanda", "manager_max"]
PREFIX = "schema://jupyterhealth/"


@pytest.fixture(scope="module", params=OLDER)
def old(request):
    """An exchange of an older generation, with its OAuth server."""
    one = Exchange.start(EXCHANGE_GENERATION=request.param,
                         PG_TIMEZONE="America/Los_Angeles")
    one.known = OLDER[request.param]
    yield one
    one.stop()


def test_the_exchange_is_of_that_generation(old):
    """Or the other tests are worth nothing."""
    there = set(old.pg.column(
        "SELECT table_name || '.' || column_name FROM"
        " information_schema.columns WHERE table_schema = 'public'"))
    assert set(old.known["there"]) <= there
    assert not set(old.known["absent"]) & there
    nullable = dict(old.pg.query(
        "SELECT column_name::text, is_nullable = 'YES' FROM"
        " information_schema.columns WHERE table_name = 'core_observation'"))
    assert nullable["codeable_concept_id"] == ("omh_data" in nullable)
    assert nullable.get("value_attachment_data", False) is False
    assert old.pg.value("SELECT count(*) FROM core_observation") > 20000
    twice = old.pg.value(
        "SELECT count(*) FROM (SELECT FROM core_studydatasource"
        " GROUP BY study_id, data_source_id HAVING count(*) > 1) x")
    assert (twice > 0) == (old.known["words"] == "autumn 2025")


@pytest.mark.parametrize("user", USERS)
def test_a_person_sees_exactly_what_is_theirs(start_server, old, user):
    asker = Asker(start_server(exchange=old, user=user))
    asker.ask("get_study_count")
    check_person(asker, once(Visible(old.pg, user_id(old.pg, user))),
                 (old.pg.column("SELECT id FROM core_study ORDER BY 1"),
                  old.pg.column("SELECT id FROM core_patient ORDER BY 1")),
                 whole=True)
    asker.server.close()
    log = asker.server.stderr
    assert Exchange.canary(log) is None
    assert f": exchange of {old.known['words']}\n" in log


def test_documents_and_identifiers(start_server, old):
    """As they are stored, wherever that is."""
    asker = Asker(start_server(exchange=old, user="manager_max"))
    where = stored(old.pg)
    wanted = dict(old.pg.query(
        f"SELECT id, {where['payload']} FROM core_observation o"
        " WHERE subject_patient_id = 40016 ORDER BY id LIMIT 30"))
    page, _ = asker.ask("get_patient_observations", patient_id=40016,
                        verbosity="full", observation_ids=list(wanted))
    assert {one["observation_id"]: one["body"] for one in
            page["observations"]} == {
                ident: one["body"] for ident, one in wanted.items()}
    rows, _ = asker.table("get_patient_demographics", study_id=30002,
                          include=["identifiers"])
    for row in rows:
        assert row["identifiers"] == old.pg.value(
            f"SELECT {where['identifiers']} FROM core_patient p"
            " WHERE id = %s", row["patient_id"])
    assert any(row["identifiers"] for row in rows)
    page, _ = asker.ask("get_patient_demographics", study_id=30002,
                        include=["identifiers"])
    said = [one for one in page.get("notes", [])
            if one.startswith("not_available: ")]
    assert len(said) == (old.known["words"] == "autumn 2025")


def test_sources_are_listed_once(start_server, old):
    asker = Asker(start_server(exchange=old, user="manager_max"))
    for study in (30001, 30003):
        page, _ = asker.ask("get_study_metadata", study_id=study)
        found = [row[0] for row in page["data_sources"]["rows"]]
        assert found == old.pg.column(
            "SELECT DISTINCT data_source_id FROM core_studydatasource"
            " WHERE study_id = %s ORDER BY 1", study)


def test_resources(start_server, old):
    """The columns that are there, and a note for a table that is not."""
    server = start_server(exchange=old, user="manager_max")
    server.initialize()
    listed = server.request("resources/list")["result"]["resources"]
    reader = old.pg.connect("jhe_mcp_reader").cursor()
    for resource in listed:
        answer = server.request("resources/read", {"uri": resource["uri"]})
        content, = answer["result"]["contents"]
        name = resource["uri"][len(PREFIX):]
        if not resource["uri"].startswith(PREFIX) or (
                name == "permission_model"):
            continue
        described = json.loads(content["text"])
        reader.execute("SELECT column_name::text FROM"
                       " information_schema.columns WHERE table_name = %s",
                       [name])
        columns = sorted(row[0] for row in reader.fetchall())
        assert sorted(one["name"] for one in described["columns"]) == columns
        assert described["table"] == name
        assert ("note" in described) == (columns == [])
        if not columns:
            assert name in ("core_patientidentifier", "core_fhirsource",
                            "core_fhirauxresource")
            assert described["relationships"] == []
            assert described["note"].startswith("not_available: ")


def test_the_exchange_is_migrated_under_a_running_program(start_server, pg):
    """Back to an older generation and on again: at most one question is not
    answered, and says that it can be asked again."""
    clone = pg.clone("migrated")
    try:
        server = start_server(user="manager_max",
                              env={"JHE_DB_CONN": clone.url()})
        asker = Asker(server)
        question = "get_study_metadata", {"study_id": 30003}
        before, _ = asker.ask(question[0], **question[1])
        for command, words in (
                ("ALTER TABLE core_observation RENAME omh_data"
                 " TO value_attachment_data;"
                 "ALTER TABLE core_observation DROP effective_date_time,"
                 " DROP effective_period_start, DROP effective_period_end;"
                 "ALTER TABLE core_fhirauxresource RENAME TO gone;",
                 "early 2026"),
                ("ALTER TABLE core_observation RENAME value_attachment_data"
                 " TO omh_data;"
                 "ALTER TABLE gone RENAME TO core_fhirauxresource",
                 "June 2026")):
            clone.execute(command)
            _, error = asker.ask(question[0], **question[1])
            assert error.startswith("unavailable: ")
            after, error = asker.ask(question[0], **question[1])
            assert error is None
            assert dict(after, as_of=0) == dict(before, as_of=0)
            assert f": exchange of {words}\n" in server.stderr
        server.close()
    finally:
        clone.drop()
