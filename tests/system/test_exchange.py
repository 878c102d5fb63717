# SPDX-License-Identifier: MIT
"""The test exchange itself: its data and its OAuth server are what the other
tests rely on.  Nothing of the product runs here."""

import json
import os
import re
import subprocess

import pytest

from harness import proc
from harness.exchange import Callback, claims_of, fetch
from harness.postgres import EXCHANGE
from harness.server import Server

TYPES = 15
SECRET_TABLES = [
    "core_jhesetting", "core_patientinvitation", "core_jheclient",
    "core_practitionerclient", "oauth2_provider_accesstoken",
    "oauth2_provider_application", "oauth2_provider_grant",
    "oauth2_provider_idtoken", "oauth2_provider_refreshtoken"]


# The data.

def test_there_is_as_much_as_promised(pg):
    assert pg.value("SELECT count(*) FROM core_organization") == 8
    assert pg.value("SELECT count(*) FROM core_study") == 10
    assert pg.value("SELECT count(*) FROM core_patient") == 52
    assert pg.value("SELECT count(*) FROM core_observation") > 20000
    assert pg.value(
        "SELECT count(DISTINCT codeable_concept_id) FROM core_observation o"
        " WHERE codeable_concept_id BETWEEN 50001 AND 50015") == TYPES
    assert pg.column(
        "SELECT DISTINCT role FROM core_practitionerorganization WHERE role"
        " IN ('manager', 'member', 'viewer') ORDER BY 1") == [
            "manager", "member", "viewer"]


def test_organizations_are_nested(pg):
    rows = dict(pg.query("SELECT id, part_of_id FROM core_organization"))
    assert rows[20003] == 20002 and rows[20002] == 20001
    assert rows[20001] == 0 and rows[0] is None


EXPECTED_STUDIES = {
    "manager_maya": [30001, 30006],
    "member_milo": [30002],
    "viewer_vera": [30003, 30010],
    "two_org_theo": [30003, 30004, 30009, 30010],
    "nowhere_nora": [],
    "patient_pia": [30001, 30004],
    "dual_dora": [30002, 30004, 30009],
    "super_sven": [],
    "inactive_ines": [],
    "root_rita": [30008],
    "portal_paul": [30003],
    "empty_emil": [],
    "weird_wanda": [30007],
    "typed_tina": [],
    "inactive_ivo": [],
    "manager_max": [30001, 30002, 30003, 30004, 30005, 30006, 30009, 30010],
}


@pytest.mark.parametrize("user", EXPECTED_STUDIES)
def test_studies_of_each_user(sees, user):
    assert sees(user).studies() == EXPECTED_STUDIES[user]


def test_people_of_each_kind(sees):
    assert sees("patient_pia").patients() == [40001]
    assert sees("patient_pia").roster(30001) == [40001]
    assert sees("empty_emil").patients() == [40048]
    assert sees("super_sven").patients() == []
    assert sees("inactive_ivo").patients() == []
    assert sees("inactive_ines").observations() == []
    dora = sees("dual_dora").patients()
    assert 40002 in dora and 40030 in dora and 40016 not in dora
    assert sees("dual_dora").roster(30002) == [40002]
    assert sees("weird_wanda").roster(30007) == [40046]


def test_one_who_left_is_listed_but_not_readable(sees):
    maya = sees("manager_maya")
    assert 40043 in maya.roster(30001)
    assert 40043 not in maya.patients()
    assert maya.observations(patient=40043) is None
    milo = sees("member_milo")
    assert 40044 in milo.roster(30002) and 40044 not in milo.patients()
    assert 40045 in maya.patients() and 40045 not in maya.roster(30001)


def test_a_study_shows_requested_codes_only(sees, pg):
    theo = sees("two_org_theo")
    of_study = theo.observations(patient=40030, study=30004)
    everything = theo.observations(patient=40030)
    assert 0 < len(of_study) < len(everything)
    assert pg.column(
        "SELECT DISTINCT codeable_concept_id FROM core_observation"
        " WHERE id = ANY (%s) ORDER BY 1", of_study) == [50004, 50007]
    assert theo.observations(study=30009) == []


def test_claims_narrow_studies_not_patients(sees):
    narrow = sees("manager_maya", claimed=[30006])
    assert narrow.studies() == [30006]
    assert narrow.roster(30001) is None
    assert narrow.patients() == sees("manager_maya").patients()


def test_one_patient_in_two_studies_of_two_organizations(pg):
    assert pg.column(
        "SELECT s.organization_id FROM core_studypatient sp"
        " JOIN core_study s ON s.id = sp.study_id"
        " WHERE sp.patient_id = 40001 ORDER BY 1") == [20001, 20005]


def test_consents_are_given_refused_and_missing(pg):
    rows = dict(pg.query(
        "SELECT c.consented, count(*) FROM core_studypatient sp"
        " JOIN core_studyscoperequest r ON r.study_id = sp.study_id"
        " LEFT JOIN core_studypatientscopeconsent c ON c.study_patient_id ="
        " sp.id AND c.scope_code_id = r.scope_code_id GROUP BY 1"))
    assert min(rows[True], rows[False], rows[None]) > 10


def test_awkward_rows_are_there(pg):
    def count(condition):
        return pg.value(f"SELECT count(*) FROM core_observation"
                        f" WHERE {condition}")

    no_time = ("coalesce(effective_date_time, effective_period_start)"
               " IS NULL")
    assert count(no_time) > 5000 and count(f"NOT ({no_time})") > 5000
    assert count("data_source_id IS NULL") > 1000
    assert count("octet_length(omh_data::text) > 200000") == 1
    assert count("jsonb_typeof(omh_data->'body') = 'array'") == 1
    assert count("omh_data IS NULL") == 1
    assert count("codeable_concept_id IS NULL") == 1
    assert pg.column("SELECT id FROM core_patient WHERE birth_date IS NULL"
                     " AND name_family IS NULL AND name_given IS NULL") \
        == [40010]
    assert pg.value("SELECT age(birth_date) < interval '1 year' FROM"
                    " core_patient WHERE id = 40008")
    assert pg.column("SELECT id FROM core_patient WHERE jhe_user_id IS NULL"
                     " ORDER BY 1") == [40010, 40020]
    units = pg.column(
        "SELECT DISTINCT omh_data#>>'{body,blood_glucose,unit}' FROM"
        " core_observation WHERE codeable_concept_id = 50001 ORDER BY 1")
    assert units == ["mg/dL", "mmol/L"]
    assert len(pg.column(
        "SELECT DISTINCT omh_data#>>'{body,body_temperature,unit}' FROM"
        " core_observation WHERE codeable_concept_id = 50003")) == 3
    assert {"lb", "kg"} <= set(pg.column(
        "SELECT DISTINCT omh_data#>>'{body,body_weight,unit}' FROM"
        " core_observation WHERE codeable_concept_id = 50008"))
    assert pg.value("SELECT name LIKE '%%DROP TABLE%%' FROM core_study"
                    " WHERE id = 30007")


def test_time_columns_agree_with_the_json(pg):
    """Where columns are set and the JSON has plain instants."""
    frame = "omh_data #> '{body,effective_time_frame}'"
    assert pg.query(
        f"SELECT id FROM core_observation WHERE id NOT BETWEEN 60018 AND"
        f" 60036 AND effective_date_time <>"
        f" ({frame} ->> 'date_time')::timestamptz") == []
    assert pg.query(
        f"SELECT id FROM core_observation WHERE effective_period_start <>"
        f" ({frame} #>> '{{time_interval,start_date_time}}')::timestamptz"
        f" OR effective_period_end <>"
        f" ({frame} #>> '{{time_interval,end_date_time}}')::timestamptz") \
        == []
    forms = pg.column(
        f"SELECT DISTINCT (SELECT string_agg(key, '+' ORDER BY key) FROM"
        f" jsonb_object_keys({frame} -> 'time_interval') key)"
        f" FROM core_observation WHERE id > 61000 AND jsonb_typeof("
        f"{frame} -> 'time_interval') = 'object' ORDER BY 1")
    assert forms == ["date+part_of_day", "duration+end_date_time",
                     "duration+start_date_time",
                     "end_date_time+start_date_time"]


def test_a_copy_of_the_database_can_be_written(pg):
    copy = pg.clone("copy_of_the_test")
    try:
        assert copy.execute("DELETE FROM core_observationidentifier") > 1000
        assert pg.value("SELECT count(*) FROM core_observationidentifier") \
            > 1000
    finally:
        copy.drop()


# The role of a researcher.

def test_the_reader_cannot_reach_secrets(pg):
    reader = pg.connect("jhe_mcp_reader")
    try:
        with reader.cursor() as cursor:
            for table in SECRET_TABLES:
                with pytest.raises(Exception, match="permission denied"):
                    cursor.execute(f"SELECT 1 FROM {table}")
            for column in ("password", "identifier"):
                with pytest.raises(Exception, match="permission denied"):
                    cursor.execute(f"SELECT {column} FROM core_jheuser")
            with pytest.raises(Exception, match="read-only|permission"):
                cursor.execute("DELETE FROM core_observation")
            cursor.execute("SELECT table_name FROM information_schema.tables"
                           " WHERE table_schema = 'public' ORDER BY 1")
            tables = [row[0] for row in cursor.fetchall()]
            assert "core_observation" in tables
            cursor.execute("SELECT oid FROM pg_roles WHERE rolname ="
                           " current_user AND NOT rolsuper")
            assert cursor.fetchall()
    finally:
        reader.close()


def test_canaries_lie_where_the_reader_has_no_right(pg, exchange):
    found = pg.column(
        "SELECT string_agg(t::text, ' ') FROM core_jhesetting t UNION ALL"
        " SELECT string_agg(t::text, ' ') FROM core_patientinvitation t"
        " UNION ALL SELECT string_agg(password, ' ') FROM core_jheuser"
        " UNION ALL SELECT string_agg(token, ' ')"
        " FROM oauth2_provider_accesstoken UNION ALL"
        " SELECT string_agg(token, ' ') FROM oauth2_provider_refreshtoken")
    assert len(found) == 5
    assert all(exchange.canary(text) for text in found)
    for table in pg.column("SELECT table_name FROM information_schema.tables"
                           " WHERE table_name LIKE 'core\\_%%'"):
        for column in pg.column(
                "SELECT column_name FROM information_schema.columns WHERE"
                " table_name = %s AND has_column_privilege('jhe_mcp_reader',"
                " table_name::text, column_name, 'SELECT')", table):
            # Bodies of records name people; see tests/tools/test_records.py.
            if (table, column) == ("core_fhirauxresource", "fhir_data"):
                continue
            assert pg.value(f'SELECT count(*) FROM {table} WHERE'
                            f' "{column}"::text LIKE \'%%CANARY%%\'') == 0


# OAuth.

def test_health_and_keys(exchange):
    assert fetch(f"{exchange.base_url}/health")[0] == 200
    status, _, body = fetch(f"{exchange.issuer}/.well-known/jwks.json")
    assert status == 200
    assert [key["alg"] for key in json.loads(body)["keys"]] == ["RS256"]


@pytest.mark.parametrize("knob, plain, slashed", [
    ("slash", 404, 200), ("noslash", 200, 404), ("both", 200, 200),
    ("none", 404, 404)])
def test_discovery(exchange, knob, plain, slashed):
    exchange.set(discovery=knob)
    url = f"{exchange.issuer}/.well-known/openid-configuration"
    status, _, body = fetch(url)
    assert status == plain
    other, _, again = fetch(url + "/")
    assert other == slashed
    for code, text in ((status, body), (other, again)):
        if code == 200:
            found = json.loads(text)
            assert found["issuer"] == exchange.issuer
            assert found["token_endpoint"] == exchange.issuer + "/token/"


def test_login_gives_a_signed_identity(exchange):
    tokens = exchange.login("manager_maya")
    assert tokens["expires_in"] == 1209600
    header, claims = claims_of(tokens["id_token"])
    assert header["alg"] == "RS256" and header["kid"]
    assert claims["sub"] == "10001"
    assert claims["iss"] == exchange.issuer
    assert claims["aud"] == "jhe-universal-mcp"
    assert claims["nonce"] == "nonce-of-the-test"
    assert claims["exp"] - claims["iat"] == 36000
    assert not {"email", "user_type", "user_id",
                "jhe_permissions"} & set(claims)
    assert exchange.userinfo(tokens["access_token"]) == (
        200, {"sub": "10001"})


def test_email_comes_with_its_scope(exchange):
    tokens = exchange.login("manager_maya", scope="openid email")
    assert claims_of(tokens["id_token"])[1]["email"] == \
        "manager_maya@example.com"


def test_optional_claims(exchange, sees):
    exchange.set(claims=True)
    claims = claims_of(exchange.login("two_org_theo")["id_token"])[1]
    assert claims["user_id"] == 10004
    assert claims["user_type"] == "practitioner"
    assert claims["jhe_permissions"]["studies"] == \
        sees("two_org_theo").studies()
    assert [one["role"] for one in
            claims["jhe_permissions"]["organizations"]] == [
                "viewer", "manager"]
    patient = claims_of(exchange.login("patient_pia")["id_token"])[1]
    assert patient["user_type"] == "patient"
    assert "jhe_permissions" not in patient
    untyped = claims_of(exchange.login("portal_paul")["id_token"])[1]
    assert untyped["user_type"] is None


def test_claims_can_be_set_by_hand(exchange):
    exchange.set(claims=True, claims_set={
        "jhe_permissions": {"studies": [30001]}, "user_type": "superuser",
        "sub": "10002"})
    claims = claims_of(exchange.login("manager_maya")["id_token"])[1]
    assert claims["jhe_permissions"] == {"studies": [30001]}
    assert claims["sub"] == "10002"


@pytest.mark.parametrize("user", ["inactive_ines", "inactive_ivo"])
def test_the_inactive_cannot_log_in(exchange, user):
    status, query, _, _ = exchange.authorize(user)
    assert (status, query) == (2, None)


def test_wrong_password(exchange):
    status, query, _, _ = exchange.authorize("manager_maya", password="x")
    assert (status, query) == (2, None)


def test_consent_page(exchange):
    status, query, _, _ = exchange.authorize("manager_maya", "other-public")
    assert status == 0 and "code" in query
    status, query, _, _ = exchange.authorize("manager_maya", "other-public",
                                             CONSENT="deny")
    assert status == 0 and query["error"] == "access_denied"
    assert query["state"] == "st&\"<'%2F"


def test_proof_key_is_required_and_checked(exchange):
    status, _, body = fetch(
        f"{exchange.issuer}/authorize/?response_type=code&client_id="
        "jhe-universal-mcp&redirect_uri=http://localhost:1/callback")
    assert status in (200, 400) and b"code=" not in body
    _, query, _, redirect = exchange.authorize("manager_maya")
    status, _, answer = exchange.token(
        grant_type="authorization_code", code=query["code"],
        client_id="jhe-universal-mcp", redirect_uri=redirect,
        code_verifier="w" * 43)
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_refresh_rotates(exchange):
    first = exchange.login("manager_maya")
    status, _, second = exchange.token(
        grant_type="refresh_token", client_id="jhe-universal-mcp",
        refresh_token=first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert exchange.userinfo(first["access_token"])[0] == 401
    assert exchange.userinfo(second["access_token"])[0] == 200


def test_lifetimes_are_knobs(exchange):
    exchange.set(access_ttl=77, id_ttl=55)
    tokens = exchange.login("manager_maya")
    claims = claims_of(tokens["id_token"])[1]
    assert tokens["expires_in"] == 77
    assert 54 <= claims["exp"] - claims["iat"] <= 56


def test_a_client_without_rs256(exchange):
    _, query, verifier, redirect = exchange.authorize("manager_maya",
                                                      "no-algorithm")
    status, headers, answer = exchange.token(
        grant_type="authorization_code", code=query["code"],
        client_id="no-algorithm", redirect_uri=redirect,
        code_verifier=verifier)
    assert status == 500 and answer["error"] == "server_error"
    assert "signed tokens" in answer["error_description"]
    assert headers["Content-Type"] == "application/json"


def test_a_confidential_client(exchange):
    tokens = exchange.login("manager_maya", "confidential",
                            client_secret="CANARY-client-secret")
    assert claims_of(tokens["id_token"])[1]["aud"] == "confidential"


def test_unknown_scope_comes_back_as_an_error(exchange):
    exchange.set(scopes=["openid"])
    _, query, _, _ = exchange.authorize("manager_maya",
                                        scope="openid email")
    assert query["error"] == "invalid_scope"


def test_failures_and_key_rotation(exchange):
    exchange.set(fail={"/o/token/": 503})
    assert fetch(f"{exchange.issuer}/token/", {"a": "b"})[0] == 503
    exchange.reset()
    before = fetch(f"{exchange.issuer}/.well-known/jwks.json")[2]
    exchange.new_key()
    assert fetch(f"{exchange.issuer}/.well-known/jwks.json")[2] != before


def test_it_counts_what_was_asked(exchange):
    fetch(f"{exchange.base_url}/health")
    assert exchange.requests() == ["GET /health 200"]


# Browser, start and stop.

def test_browser_exit_statuses_and_leftovers(exchange, tmp_path):
    browser = exchange.facts["BROWSER"]
    env = dict(os.environ, TMPDIR=str(tmp_path))
    own = Callback()
    try:
        dead = proc.free_port()
        for url, status in (
                (f"{exchange.base_url}/nowhere", 3),
                (f"http://127.0.0.1:{dead}/", 3),
                (f"{exchange.issuer}/authorize/?client_id=unknown", 3)):
            assert subprocess.run([browser, url], env=env,
                                  check=False).returncode == status
        assert subprocess.run(
            [browser, "x"], env=dict(env, BROWSER_NEVER="1"),
            check=False).returncode == 0
        assert subprocess.run([browser], env=env, check=False,
                              stderr=subprocess.DEVNULL).returncode == 64
    finally:
        own.close()
    assert os.listdir(tmp_path) == []


def test_the_database_alone_stops_with_its_input_and_leaves_nothing():
    process = subprocess.Popen(
        [os.path.join(EXCHANGE, "up"), "--json", "--database-only",
         "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    facts = json.loads(process.stdout.readline())
    assert "JHE_BASE_URL" not in facts
    assert os.path.isdir(facts["EXCHANGE_DIR"])
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()
    assert not os.path.exists(facts["EXCHANGE_DIR"])


def test_after_sigkill_the_janitor_cleans_up():
    process = subprocess.Popen(
        [os.path.join(EXCHANGE, "up"), "--json", "--database-only"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    directory = json.loads(process.stdout.readline())["EXCHANGE_DIR"]
    process.kill()
    process.wait()
    process.stdout.close()
    assert proc.wait_until(lambda: not os.path.exists(directory), 10)
    assert not any(directory in proc.command_of(pid) for pid in proc.pids()
                   if "postgres" in proc.command_of(pid))


# The harness.

PEER = r"""
import json, os, sys
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result":
            {"content": [{"type": "text", "text": message["method"]}]}}),
            flush=True)
if "noise" in sys.argv:
    print("hello")
if "orphan" in sys.argv and os.fork() == 0:
    os.closerange(0, 3)
    import time
    time.sleep(60)
"""


def peer(*words):
    return Server(command=["/usr/bin/python3", "-c", PEER], args=words)


def test_server_speaks_and_ends():
    with peer() as one:
        one.initialize()
        assert one.text(one.call_tool("x")) == "tools/call"
    assert one.returncode == 0
    assert not os.path.exists(one.home)


@pytest.mark.parametrize("word, complaint", [
    ("noise", "no messages on stdout"), ("orphan", "it left processes")])
def test_server_notices(word, complaint):
    one = peer(word)
    one.left_s = 0.5
    with pytest.raises(AssertionError, match=re.escape(complaint)):
        one.close()
