# SPDX-License-Identifier: MIT
"""tool-list, hide-tool and disclosure: what is listed and what can be run;
and the consent gate, from the option to the database."""

import json
import os

import pytest

from harness.server import TOP

OK, USAGE, CONFIG = 0, 1, 78
ORIGINAL = ["get_study_count", "list_studies", "get_study_metadata",
            "get_patient_demographics", "get_patient_observations"]


def every():
    folder = os.path.join(TOP, "src/tools/definitions")
    return {name[:-5] for name in os.listdir(folder)}


def listed(server):
    return [tool["name"] for tool in
            server.request("tools/list")["result"]["tools"]]


def start(start_server, *options, user="manager_maya"):
    server = start_server(user=user, args=["stdio", *(
        word for option in options for word in ("-o", option))])
    server.initialize()
    return server


def unknown(server, name, **arguments):
    answer = server.request("tools/call",
                            {"name": name, "arguments": arguments})
    return answer.get("error", {}).get("code") == -32602


def test_all_are_listed(start_server):
    assert set(listed(start(start_server))) <= every()
    assert set(ORIGINAL) <= set(listed(start(start_server, "tool-list=all")))


def test_the_original_five(start_server):
    server = start(start_server, "tool-list=original")
    assert listed(server) == ORIGINAL
    assert unknown(server, "whoami")
    assert not unknown(server, "get_study_count")


@pytest.mark.parametrize("value", [
    "whoami list_studies", "list_studies,whoami", "whoami, list_studies"])
def test_names(start_server, value):
    server = start(start_server, f"tool-list={value}")
    assert listed(server) == ["whoami", "list_studies"]


def test_hidden_ones_cannot_be_called(start_server):
    server = start(start_server, "hide-tool=list_studies,whoami")
    names = listed(server)
    assert "list_studies" not in names and "whoami" not in names
    assert unknown(server, "whoami") and unknown(server, "list_studies")
    never = server.request("tools/call", {"name": "never_was"})["error"]
    hidden = server.request("tools/call", {"name": "whoami"})["error"]
    assert json.dumps(hidden).replace("whoami", "X") == json.dumps(
        never).replace("never_was", "X")
    assert not unknown(server, "get_study_count")


def test_commands_hide_them_too(shell):
    done = shell.run("tools", "-o", "hide-tool=list_studies")
    assert done.code == OK and "list_studies" not in done.out
    done = shell.run("tools", "list_studies", "-o", "hide-tool=list_studies")
    assert done.code == USAGE
    assert shell.terminal("login").code == OK
    done = shell.run("call", "list_studies", "-o", "hide-tool=list_studies")
    assert (done.code, done.out) == (USAGE, "")


def test_the_command_whoami_does_without(shell):
    assert shell.terminal("login").code == OK
    done = shell.run("whoami", "-o", "hide-tool=get_study_count")
    assert done.code == OK and "Studies" not in done.out
    assert "cannot be counted" in done.err


@pytest.mark.parametrize("option", ["hide-tool=list_studie", "tool-list=none",
                                    "hide-tool=all", "hide-tool=,"])
def test_a_name_that_no_tool_has(shell, option):
    done = shell.run("tools", "-o", option)
    assert (done.code, done.out) == (CONFIG, "")
    assert option.split("=")[0] in done.err


def test_aggregate(start_server):
    server = start(start_server, "disclosure=aggregate")
    names = listed(server)
    assert not {"get_patient_observations", "list_study_patients",
                "search_patients"} & set(names)
    assert unknown(server, "get_patient_observations", patient_id=40001)
    result = server.call_tool("get_patient_demographics", patient_id=40001)
    assert result["isError"]
    assert "aggregates only" in result["content"][0]["text"]
    result = server.call_tool("whoami")
    assert result["structuredContent"]["limits"]["minimum_cell"] == 5


def test_pseudonymous(start_server):
    server = start(start_server, "disclosure=pseudonymous")
    result = server.call_tool("get_patient_demographics", study_id=30001,
                              include=["name", "contact"])
    text = json.dumps(result)
    assert "Family" not in text and "@" not in text
    result = server.call_tool("get_patient_observations", patient_id=40001,
                              verbosity="full")
    assert result["isError"]


def counted(server, **options):
    result = server.call_tool("get_patient_observations", patient_id=40001)
    return (result["structuredContent"]["total"],
            result["structuredContent"].get("withheld", {}).get("consent", 0))


def test_the_gate_is_in_force(start_server, pg):
    everything = pg.value("SELECT count(*) FROM core_observation"
                          " WHERE subject_patient_id = 40001")
    open_ = pg.value("""
        SELECT count(*) FROM core_observation o
        WHERE subject_patient_id = 40001 AND EXISTS (
            SELECT FROM core_studypatientscopeconsent k
            JOIN core_studypatient e ON e.id = k.study_patient_id
            WHERE e.patient_id = 40001 AND k.consented
            AND k.scope_code_id = o.codeable_concept_id)""")
    assert open_ < everything
    server = start(start_server)
    assert counted(server) == (everything, 0)
    server = start(start_server, "consent-gate=yes")
    assert counted(server) == (open_, everything - open_)
    # The administrator's own settings do not undo it.
    url = pg.url() + "&options=-c%20jhe_mcp.consent_gate%3Doff"
    server = start(start_server, "consent-gate=yes", f"database={url}")
    assert counted(server) == (open_, everything - open_)


def test_provenance_in_each_revision(start_server):
    server = start(start_server)
    for _ in range(2):
        answer = server.request("tools/call", {
            "name": "get_study_count", "arguments": {}})
        told = answer["result"]["_meta"]["jhe-mcp/provenance"]
        assert told["tool"] == "get_study_count"
        assert len(told["request_id"]) == 26
    again = server.request("tools/call", {
        "name": "list_studies", "arguments": {}})["result"]["_meta"]
    again = again["jhe-mcp/provenance"]["request_id"]
    # The first ten are milliseconds, the rest is random.
    assert again != told["request_id"]
    assert again[:10] >= told["request_id"][:10]
