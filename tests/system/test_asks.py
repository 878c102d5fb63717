# SPDX-License-Identifier: MIT
"""Completion and the resources that are of somebody: what a person is
offered, by our own SQL, and that asking opens no browser."""

import json
import urllib.parse
import zoneinfo

import pytest

from harness.visible import user_id
from harness.wire import talk, request

STUDY = {"type": "ref/prompt", "name": "study_overview"}
PATIENT = {"type": "ref/prompt", "name": "cgm_report"}
STUDY_URI = "jhe://study/{study_id}"
PATIENT_URI = "jhe://patient/{patient_id}/summary"
NAMED = ["manager_maya", "two_org_theo", "patient_pia", "dual_dora",
         "nowhere_nora", "weird_wanda"]


def params(ref, name, value):
    return {"ref": ref, "argument": {"name": name, "value": value}}


def complete(one, ref, name, value):
    answer = one.request("completion/complete", params(ref, name, value))
    return answer["result"]["completion"]


def studies(one, value):
    found = complete(one, STUDY, "study_id", value)
    assert found == complete(one, {"type": "ref/resource", "uri": STUDY_URI},
                             "study_id", value)
    return found


def patients(one, value):
    found = complete(one, PATIENT, "patient_id", value)
    if PATIENT_URI in templates(one):
        assert found == complete(one, {
            "type": "ref/resource", "uri": PATIENT_URI}, "patient_id", value)
    return found


def templates(one):
    answer = one.request("resources/templates/list")["result"]
    return [entry["uriTemplate"] for entry in answer["resourceTemplates"]]


def ids(found):
    return [int(value.split(" ")[0]) for value in found["values"]]


def read(one, uri):
    return one.request("resources/read", {"uri": uri})


@pytest.fixture
def signed_in(start_server):
    """A server whose user has signed in."""
    def start(user, **more):
        one = start_server(user=user, **more)
        one.initialize()
        one.call_tool("get_study_count")
        return one
    return start


@pytest.mark.parametrize("user", NAMED)
def test_the_studies_of_each_person(signed_in, sees, pg, user):
    one = signed_in(user)
    visible = sees(user).studies()
    assert ids(studies(one, "")) == visible
    assert ids(studies(one, "3000")) == [
        study for study in visible if str(study).startswith("3000")]
    for study in visible:
        name = pg.value("SELECT name FROM core_study WHERE id = %s", study)
        if not name.isascii() or name != " ".join(name.split()):
            continue
        label = f"{study} {name}".strip()
        assert studies(one, label)["values"] == [label]
        assert study in ids(studies(one, name[1:9].upper()))


@pytest.mark.parametrize("user", NAMED)
def test_the_patients_of_each_person(signed_in, sees, pg, user):
    one = signed_in(user)
    visible = sees(user).patients()
    for nothing in ("", "a", "4", " ", "no such name"):
        assert patients(one, nothing) == {
            "values": [], "total": 0, "hasMore": False}
    found = patients(one, "40")
    assert ids(found) == visible[:20]
    assert found["total"] == len(visible)
    assert found["hasMore"] == (len(visible) > 20)
    assert all(value.isdigit() for value in found["values"])


def test_a_name_of_two_characters_finds_patients(signed_in, sees, pg):
    one = signed_in("manager_max")
    visible = sees("manager_max").patients()
    with pg.connection.cursor() as cursor:
        cursor.execute("SELECT id, name_given, name_family FROM core_patient"
                       " WHERE name_given ~ '^[A-Z][a-z]+$'"
                       " AND name_family ~ '^[A-Z][a-z]+$' ORDER BY id")
        people = cursor.fetchall()
    assert len(people) >= 5
    for patient, given, family in people:
        label = f"{patient} {given} {family}"
        for typed in (given, family.lower(), label, f"{given} {family}"[:-1]):
            found = patients(one, typed)
            assert set(ids(found)) <= set(visible)
            assert (label in found["values"]) == (patient in visible) or (
                found["hasMore"])


@pytest.mark.parametrize("options, name, digits", [
    (["-o", "identity-fields=never"], 0, True),
    (["-o", "disclosure=pseudonymous"], 0, True),
    (["-o", "disclosure=aggregate"], 0, False),
    (["-o", "identity-fields=always"], 1, True)])
def test_names_are_offered_only_where_they_are_given(signed_in, pg, options,
                                                     name, digits):
    one = signed_in("manager_maya", args=["stdio", *options])
    given, family = [pg.value(
        f"SELECT name_{part} FROM core_patient WHERE id = 40001")
        for part in ("given", "family")]
    assert patients(one, given)["total"] == name
    values = patients(one, "40001")["values"]
    assert values == ([] if not digits else [
        f"40001 {given} {family}" if name else "40001"])


def test_nobody_is_signed_in_and_no_browser_is_opened(start_server,
                                                      exchange):
    one = start_server()
    one.initialize()
    for _ in range(3):
        assert studies(one, "")["values"] == []
        assert patients(one, "ann")["values"] == []
    assert complete(one, PATIENT, "timezone", "berlin")["values"] == [
        "Europe/Berlin"]
    assert not [line for line in exchange.requests() if "authorize" in line]


def test_a_batch_with_completions():
    """Without a person they are answered at once, with the rest."""
    from harness.wire import initialize
    lines = [request("completion/complete", params(STUDY, "study_id", ""), 1),
             request("ping", ident=2),
             request("completion/complete", params(PATIENT, "timezone",
                                                   "utc"), 3)]
    told = talk(initialize("2025-03-26") + b"["
                + b",".join(line.strip() for line in lines) + b"]\n")
    answers = {one["id"]: one["result"] for one in told.messages[1:]}
    assert answers == {
        1: {"completion": {"values": [], "total": 0, "hasMore": False}},
        2: {},
        3: {"completion": {"values": ["UTC"], "total": 1,
                           "hasMore": False}}}


def test_typed_text_is_data(signed_in):
    one = signed_in("manager_maya")
    for typed in ("%", "_", "'; DROP", "\\", "\u202e", "x" * 5000, "40%",
                  "3000_"):
        assert studies(one, typed)["values"] == []
        assert patients(one, typed)["values"] == []


def test_time_zones_are_those_of_everybody(signed_in, pg):
    one = signed_in("manager_maya")
    found = set()
    for letter in "abcdefghijklmnopqrstuvwxyz":
        found |= set(complete(one, PATIENT, "timezone", letter)["values"])
    found -= {"recorded"}
    assert len(found) > 330
    assert found <= zoneinfo.available_timezones()
    with pg.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        assert found <= {row[0] for row in cursor.fetchall()}


# --- Resources that are answers of tools ---

@pytest.mark.parametrize("user", ["manager_maya", "patient_pia"])
def test_a_study_as_a_resource_is_the_tools_answer(signed_in, sees, user):
    one = signed_in(user)
    visible = sees(user).studies()
    assert visible
    for study in (30001, 30002, 30006, 39999):
        uri = f"jhe://study/{study}"
        answer = read(one, uri)
        if study not in visible:
            assert answer["error"] == {
                "code": -32002, "message": "Resource not found",
                "data": {"uri": uri}}
            continue
        content, = answer["result"]["contents"]
        assert content["uri"] == uri
        assert content["mimeType"] == "application/json"
        told = one.call_tool("get_study_metadata", study_id=study)
        found = json.loads(content["text"])
        found.pop("as_of")
        told["structuredContent"].pop("as_of")
        assert found == told["structuredContent"]


def test_what_completion_offers_can_be_read(signed_in):
    one = signed_in("manager_maya")
    label, = studies(one, "blue")["values"]
    for written in (label, urllib.parse.quote(label, safe=""),
                    urllib.parse.quote_plus(label)):
        answer = read(one, "jhe://study/" + written)
        found = json.loads(answer["result"]["contents"][0]["text"])
        assert found["study_id"] == 30001


def test_a_patients_summary_is_the_tools_answer(signed_in, sees):
    one = signed_in("manager_maya")
    tools = [tool["name"] for tool in
             one.request("tools/list")["result"]["tools"]]
    if "summarize_patient_observations" not in tools:
        pytest.skip("there is no such tool yet")
    for patient in (40001, 40002, 40045, 49999):
        uri = f"jhe://patient/{patient}/summary"
        answer = read(one, uri)
        if patient not in sees("manager_maya").patients():
            assert answer["error"]["code"] == -32002
            continue
        found = json.loads(answer["result"]["contents"][0]["text"])
        told = one.call_tool("summarize_patient_observations",
                             patient_id=patient)["structuredContent"]
        found.pop("as_of")
        told.pop("as_of")
        assert found == told


def test_in_aggregate_there_is_no_patient_to_read(signed_in):
    one = signed_in("manager_maya",
                    args=["stdio", "-o", "disclosure=aggregate"])
    answer = read(one, "jhe://patient/40001/summary")
    assert answer["error"]["code"] == -32002
    assert PATIENT_URI not in templates(one) and STUDY_URI in templates(one)


def test_a_template_goes_with_its_tool(signed_in):
    one = signed_in("manager_maya", args=[
        "stdio", "-o", "hide-tool=get_study_metadata"])
    assert STUDY_URI not in templates(one) and PATIENT_URI in templates(one)
    assert read(one, "jhe://study/30001")["error"]["code"] == -32002


def test_the_tables_of_resources(signed_in, pg):
    """Each that is listed has the columns that the login may read."""
    one = signed_in("manager_maya")
    uris = [entry["uri"] for entry in
            one.request("resources/list")["result"]["resources"]
            if entry["name"].startswith("core_")]
    assert len(uris) == 17
    for uri in uris:
        found = json.loads(read(one, uri)["result"]["contents"][0]["text"])
        table = uri.rsplit("/", 1)[1]
        assert found["table"] == table and found["columns"]
        with pg.connection.cursor() as cursor:
            cursor.execute("""
                SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND column_name <> 'password'
                AND has_column_privilege('jhe_mcp_reader',
                    'public.' || table_name, column_name, 'SELECT')
                ORDER BY ordinal_position""", (table,))
            assert [column["name"] for column in found["columns"]] == [
                row[0] for row in cursor.fetchall()]


def test_the_person_of_a_completion_is_who_is_signed_in(signed_in, pg):
    """A patient finds themself and nobody else."""
    one = signed_in("patient_pia")
    given = pg.value("SELECT name_given FROM core_patient c"
                     " WHERE c.jhe_user_id = %s", user_id(pg, "patient_pia"))
    assert ids(patients(one, given)) == [40001]
    assert ids(patients(one, "40")) == [40001]


# --- A sign-in that is stored ---

def authorized(exchange):
    return [line for line in exchange.requests() if "authorize" in line]


def test_a_stored_sign_in_serves_the_first_completion(start_server, exchange,
                                                      tmp_path, sees):
    home = str(tmp_path)
    one = start_server(user="manager_maya", home=home)
    one.initialize()
    one.call_tool("get_study_count")
    one.close()
    exchange.forget()
    two = start_server(user="manager_maya", home=home)
    two.initialize()
    assert ids(studies(two, "")) == sees("manager_maya").studies()
    assert ids(patients(two, "40001")) == [40001]
    assert not authorized(exchange)


def test_an_expired_sign_in_is_refreshed_for_a_completion(start_server,
                                                          exchange, tmp_path,
                                                          sees):
    home = str(tmp_path)
    one = start_server(user="manager_maya", home=home)
    one.initialize()
    one.call_tool("get_study_count")
    one.close()
    cache = one.cache()
    assert "expires_at" in cache
    cache["expires_at"] = 1000
    with open(one.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    exchange.forget()
    two = start_server(user="manager_maya", home=home)
    two.initialize()
    assert ids(studies(two, "")) == sees("manager_maya").studies()
    assert not authorized(exchange)
    assert [line for line in exchange.requests() if "token" in line]


def test_a_call_among_completions_signs_in_and_none_waits_for_it(
        start_server, exchange, sees):
    one = start_server(user="manager_maya")
    one.initialize()
    asked = [one.start_request("completion/complete",
                               params(STUDY, "study_id", ""))
             for _ in range(3)]
    call = one.start_request("tools/call", {"name": "get_study_count",
                                            "arguments": {}})
    asked += [one.start_request("completion/complete",
                                params(STUDY, "study_id", ""))
              for _ in range(3)]
    for ident in asked:
        assert one.answer(ident)["result"]["completion"]["values"] in (
            [], ["30001 Blue Lake Glucose", "30006 Empty Study"])
    assert not one.answer(call)["result"].get("isError")
    assert ids(studies(one, "")) == sees("manager_maya").studies()


def test_nobody_comes_and_completions_stay_empty(start_server, exchange):
    """A page that is open in a browser is left alone, and not waited for."""
    one = start_server(env={"BROWSER_NEVER": "1"},
                       args=["stdio", "-o", "login-timeout=10"])
    one.initialize()
    call = one.start_request("tools/call", {"name": "get_study_count",
                                            "arguments": {}})
    for _ in range(5):
        assert studies(one, "")["values"] == []
    assert one.answer(call)["result"]["isError"]
    for _ in range(5):
        assert studies(one, "")["values"] == []


@pytest.mark.parametrize("user, told", [
    ("patient_pia", True), ("manager_maya", False), ("dual_dora", False)])
def test_that_somebody_is_a_participant_is_told_by_whoami(signed_in, user,
                                                          told):
    """The instructions cannot: nobody had signed in when they were given."""
    one = signed_in(user)
    answer = one.call_tool("whoami")["structuredContent"]
    assert ("You are speaking with a participant about their own data."
            in answer.get("notes", [])) == told
