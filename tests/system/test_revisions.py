# SPDX-License-Identifier: MIT
"""Every revision of the protocol on standard input and output: what each
method is answered with, message by message, and both eras in one process.

The shapes are written down by hand.  No database and no exchange here, but
for the results of tools at the end.
"""

import json

import pytest

from harness import server
from harness.wire import initialize, notification, request, run

LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
MODERN = "2026-07-28"
ALL = LEGACY + [MODERN]
PARSE, INVALID, METHOD, PARAMS = -32700, -32600, -32601, -32602
NOT_FOUND, VERSION = -32002, -32022
META = "io.modelcontextprotocol/"
MODEL = "schema://jupyterhealth/permission_model"

# A member of each kind of object, and the revision that brought it.
INFO = {"name": "", "version": "", "title": "2025-06-18"}
TOOL = {"name": "", "description": "", "inputSchema": "",
        "annotations": "2025-03-26", "title": "2025-06-18",
        "outputSchema": "2025-06-18"}
RESOURCE = {"uri": "", "name": "", "description": "", "mimeType": "",
            "title": "2025-06-18"}
TEMPLATE = {"uriTemplate": "", "name": "", "description": "", "mimeType": "",
            "title": "2025-06-18"}
PROMPT = {"name": "", "description": "", "arguments": "",
          "title": "2025-06-18"}
ARGUMENT = {"name": "", "description": "", "required": "",
            "title": "2025-06-18"}
OFFERED = {"tools": "", "resources": "", "prompts": "",
           "completions": "2025-03-26"}
ALWAYS = {"resultType": MODERN, "_meta": MODERN}
# A tool's result says where it comes from.
TOLD = {**ALWAYS, "_meta": ""}
TOLD_META = {"jhe-mcp/provenance": "", META + "serverInfo": MODERN}
CACHED = {"ttlMs": MODERN, "cacheScope": MODERN, **ALWAYS}


def members(kind, version):
    return {name for name, since in kind.items() if version >= since}


def meta(version=MODERN, **more):
    """The _meta of a request that speaks for itself."""
    found = {META + "protocolVersion": version,
             META + "clientCapabilities": {}}
    found.update({META + name: value for name, value in more.items()})
    return {name: value for name, value in found.items()
            if value is not None}


def said(data, **more):
    """The messages, or arrays of them, that a conversation brings."""
    done = run(["stdio"], data, **more)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"" or done.stdout.endswith(b"\n")
    return [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]


def ask(version, method, params=None, ident=1):
    """The answer to one request at a revision."""
    if version == MODERN:
        params = dict(params or {}, _meta=meta())
        answers = said(request(method, params, ident))
    else:
        answers = said(initialize(version, ident="first")
                       + request(method, params, ident))[1:]
    assert len(answers) == 1, answers
    assert answers[0]["jsonrpc"] == "2.0" and answers[0]["id"] == ident
    return answers[0]


def result_of(version, method, params=None):
    """The result; what every result of the revision has is looked at."""
    answer = ask(version, method, params)
    assert set(answer) == {"jsonrpc", "id", "result"}, answer
    result = answer["result"]
    if version == MODERN:
        assert result["resultType"] == "complete"
        assert set(result["_meta"]) == {META + "serverInfo"}
        assert set(result["_meta"][META + "serverInfo"]) == set(INFO)
    return result


def error_of(version, method, params=None):
    answer = ask(version, method, params)
    assert set(answer) == {"jsonrpc", "id", "error"}, answer
    assert set(answer["error"]) <= {"code", "message", "data"}
    return answer["error"]


def is_private(result, version, ttl_ms):
    if version == MODERN:
        assert result["cacheScope"] == "private"
        assert result["ttlMs"] == ttl_ms


# --- Each method at each revision ---

@pytest.mark.parametrize("version", LEGACY)
def test_initialize(version):
    answer, = said(initialize(version))
    result = answer["result"]
    assert set(result) == {"protocolVersion", "capabilities", "serverInfo",
                           "instructions"}
    assert result["protocolVersion"] == version
    assert result["capabilities"] == {
        name: {} for name in members(OFFERED, version)}
    assert set(result["serverInfo"]) == members(INFO, version)


def test_the_instructions_are_the_same_everywhere_and_not_cut():
    """Clients cut them behind 2 048 characters."""
    found = {said(initialize(version))[0]["result"]["instructions"]
             for version in LEGACY}
    found.add(result_of(MODERN, "server/discover")["instructions"])
    text, = found
    assert 1500 < len(text) <= 2048 and text.isascii()


@pytest.mark.parametrize("version", LEGACY)
def test_ping(version):
    assert result_of(version, "ping") == {}


@pytest.mark.parametrize("version", ALL)
def test_tools_list(version):
    result = result_of(version, "tools/list")
    assert set(result) == {"tools"} | members(CACHED, version)
    is_private(result, version, 300000)
    for tool in result["tools"]:
        assert members({**TOOL, "outputSchema": "9"}, version) <= set(tool)
        assert set(tool) <= members(TOOL, version), tool["name"]
        assert tool["inputSchema"]["type"] == "object"
        if "outputSchema" in tool:
            assert tool["outputSchema"]["type"] == "object"


def test_tools_list_differs_in_nothing_else():
    lists = {version: result_of(version, "tools/list")["tools"]
             for version in ALL}
    for version, tools in lists.items():
        assert tools == [
            {name: value for name, value in tool.items()
             if name in members(TOOL, version)} for tool in lists[MODERN]]


@pytest.mark.parametrize("version", ALL)
def test_resources_list(version):
    result = result_of(version, "resources/list")
    assert set(result) == {"resources"} | members(CACHED, version)
    is_private(result, version, 300000)
    for resource in result["resources"]:
        assert set(resource) == members(RESOURCE, version)


@pytest.mark.parametrize("version", ALL)
def test_resource_templates_list(version):
    result = result_of(version, "resources/templates/list")
    assert set(result) == {"resourceTemplates"} | members(CACHED, version)
    is_private(result, version, 300000)
    for template in result["resourceTemplates"]:
        assert set(template) == members(TEMPLATE, version)
    assert [template["uriTemplate"] for template
            in result["resourceTemplates"]] == [
        "jhe://study/{study_id}", "jhe://patient/{patient_id}/summary",
        "omh://schema/{name}", "schema://jupyterhealth/{table}"]


def test_no_list_has_an_id_of_a_study_or_a_patient():
    resources = result_of(MODERN, "resources/list")["resources"]
    uris = [resource["uri"] for resource in resources]
    assert len(set(uris)) == len(uris)
    assert not [uri for uri in uris if uri.startswith((
        "jhe://study", "jhe://patient"))]


@pytest.mark.parametrize("version", ALL)
def test_prompts_list(version):
    result = result_of(version, "prompts/list")
    assert set(result) == {"prompts"} | members(CACHED, version)
    is_private(result, version, 300000)
    assert [prompt["name"] for prompt in result["prompts"]] == [
        "study_overview", "recruitment_status", "patient_summary",
        "cgm_report", "data_quality_check", "compare_groups"]
    for prompt in result["prompts"]:
        assert set(prompt) == members(PROMPT, version)
        for argument in prompt["arguments"]:
            assert set(argument) == members(ARGUMENT, version)


@pytest.mark.parametrize("version", ALL)
def test_prompts_get(version):
    result = result_of(version, "prompts/get", {
        "name": "recruitment_status",
        "arguments": {"study_id": "30006 CGM & Wearables Demo"}})
    assert set(result) == {"description", "messages"} | members(ALWAYS,
                                                               version)
    message, = result["messages"]
    assert set(message) == {"role", "content"}
    assert message["role"] == "user"
    assert set(message["content"]) == {"type", "text"}
    assert message["content"]["type"] == "text"
    assert message["content"]["text"].startswith(
        "Report consent and activity of study 30006: get_study_consents, ")


PROMPT_REF = {"type": "ref/prompt", "name": "cgm_report"}
TABLE_REF = {"type": "ref/resource", "uri": "schema://jupyterhealth/{table}"}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("ref, name, value, values", [
    (PROMPT_REF, "timezone", "los_ang", ["America/Los_Angeles"]),
    (PROMPT_REF, "timezone", "no such", []),
    (PROMPT_REF, "patient_id", "am", []),       # nobody is signed in
    (PROMPT_REF, "other", "", []),
    (TABLE_REF, "table", "core_study", [
        "core_study", "core_studypatient", "core_studyscoperequest",
        "core_studypatientscopeconsent", "core_studydatasource"])])
def test_completion(version, ref, name, value, values):
    result = result_of(version, "completion/complete", {
        "ref": ref, "argument": {"name": name, "value": value}})
    assert set(result) == {"completion"} | members(ALWAYS, version)
    assert result["completion"] == {
        "values": values, "total": len(values), "hasMore": False}


def test_a_completion_has_100_values_at_most():
    found = result_of("2025-06-18", "completion/complete", {
        "ref": PROMPT_REF, "argument": {"name": "timezone", "value": ""},
        "context": {"arguments": {"patient_id": "5"}}})["completion"]
    assert len(found["values"]) == 100 and found["total"] > 300
    assert found["hasMore"] is True


@pytest.mark.parametrize("version", ALL)
def test_resources_read(version):
    result = result_of(version, "resources/read", {"uri": MODEL})
    assert set(result) == {"contents"} | members(CACHED, version)
    is_private(result, version, 60000)
    content, = result["contents"]
    assert set(content) == {"uri", "mimeType", "text"}
    assert content["uri"] == MODEL
    assert json.loads(content["text"])


@pytest.mark.parametrize("version", ALL)
def test_a_resource_that_is_not_there(version):
    error = error_of(version, "resources/read", {"uri": "schema://x/y"})
    assert error == {"code": PARAMS if version == MODERN else NOT_FOUND,
                     "message": "Resource not found",
                     "data": {"uri": "schema://x/y"}}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("method, params", [
    ("tools/call", {}), ("tools/call", {"name": "no_such_tool"}),
    ("tools/call", {"name": 5}),
    ("tools/call", {"name": "get_study_count", "arguments": [1]}),
    ("resources/read", {}), ("resources/read", {"uri": 5}),
    ("tools/list", {"cursor": "tools.100"}), ("tools/list", {"cursor": ""}),
    ("tools/list", {"cursor": 5}), ("resources/list", {"cursor": "x"}),
    ("resources/templates/list", {"cursor": "x"}),
    ("prompts/list", {"cursor": "x"}), ("prompts/list", {"cursor": ""}),
    ("prompts/get", {}), ("prompts/get", {"name": "no_such_prompt"}),
    ("prompts/get", {"name": "study_overview"}),
    ("prompts/get", {"name": "study_overview", "arguments": []}),
    ("prompts/get", {"name": "study_overview",
                     "arguments": {"study_id": ""}}),
    ("prompts/get", {"name": "study_overview",
                     "arguments": {"study_id": 30006}}),
    ("prompts/get", {"name": "study_overview",
                     "arguments": {"study_id": "CGM"}}),
    ("completion/complete", {}),
    ("completion/complete", {"ref": {"type": "ref/prompt", "name": "x"},
                             "argument": {"name": "x", "value": ""}}),
    ("completion/complete", {"ref": {"type": "ref/resource", "uri": MODEL},
                             "argument": {"name": "x", "value": ""}}),
    ("completion/complete", {"ref": {"type": "ref/prompt",
                                     "name": "cgm_report"},
                             "argument": {"name": "timezone"}})])
def test_params_that_are_refused(version, method, params):
    assert error_of(version, method, params)["code"] == PARAMS


# --- Methods that a revision does not have, or we do not offer ---

@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("method", [
    "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
    "tasks/list", "no/such",
    "sampling/createMessage", "roots/list", "elicitation/create"])
def test_what_is_not_offered_is_not_found(version, method):
    params = {"level": "info", "name": "x", "uri": MODEL}
    assert error_of(version, method, params)["code"] == METHOD


@pytest.mark.parametrize("method", ["initialize", "ping",
                                    "notifications/initialized"])
def test_what_went_with_the_session_is_not_found(method):
    params = {"protocolVersion": "2025-11-25", "capabilities": {},
              "clientInfo": {"name": "x", "version": "1"}}
    assert error_of(MODERN, method, params)["code"] == METHOD


@pytest.mark.parametrize("version", LEGACY)
@pytest.mark.parametrize("method", ["server/discover",
                                    "subscriptions/listen"])
def test_what_came_after_the_session_is_not_found(version, method):
    assert error_of(version, method,
                    {"notifications": {}})["code"] == METHOD


# --- 2026-07-28: a request that speaks for itself ---

def test_discover():
    result = result_of(MODERN, "server/discover")
    info = result.pop("_meta")[META + "serverInfo"]
    assert info["name"] == "jhe-mcp"
    assert result.pop("instructions")
    assert result == {
        "resultType": "complete", "supportedVersions": [MODERN],
        "capabilities": {name: {} for name in OFFERED},
        "ttlMs": 300000, "cacheScope": "private"}


def refusal(line_meta, method="tools/list"):
    answer, = said(request(method, {"_meta": line_meta}, "r"))
    assert answer["id"] == "r"
    return answer["error"]


@pytest.mark.parametrize("version", [
    "1900-01-01", "2025-11-25", "2027-01-01", "", "2026-07-28 ",
    "x" * 2000, "\u202e"])
@pytest.mark.parametrize("method", ["server/discover", "tools/list",
                                    "no/such"])
def test_a_version_that_requests_may_not_name(version, method):
    error = refusal(meta(version), method)
    assert error["code"] == VERSION
    assert error["data"] == {"supported": [MODERN], "requested": version}


def test_the_versions_of_the_refusal_are_those_of_discover():
    listed = result_of(MODERN, "server/discover")["supportedVersions"]
    assert refusal(meta("1900-01-01"))["data"]["supported"] == listed


@pytest.mark.parametrize("bad", [
    meta(clientCapabilities=None), meta(clientCapabilities=[]),
    meta(clientCapabilities="x"), meta(version=None), meta(version=20260728),
    meta(clientInfo="x"), meta(clientInfo={"name": "x"}),
    meta(clientInfo={"version": "x"}), meta(clientInfo={"name": 1,
                                                        "version": "1"}),
    meta(logLevel="verbose"), meta(logLevel=3), meta(logLevel="INFO"),
    {META + "logLevel": "info"},
    {META + "clientInfo": {"name": "x", "version": "1"}}])
@pytest.mark.parametrize("method", ["server/discover", "tools/list",
                                    "tools/call"])
def test_a_meta_that_is_not_as_demanded(bad, method):
    assert refusal(bad, method)["code"] == PARAMS


@pytest.mark.parametrize("good", [
    meta(), meta(clientInfo={"name": "x", "version": "1", "title": "X",
                             "icons": []}),
    meta(clientCapabilities={"elicitation": {"url": {}}, "roots": {
        "listChanged": True}}),
    *(meta(logLevel=level) for level in (
        "debug", "info", "notice", "warning", "error", "critical", "alert",
        "emergency")),
    dict(meta(), traceparent="00-0af7651916cd43dd8448eb211c80319c-1-01",
         progressToken=1.5, other=None)])
def test_a_meta_that_is(good):
    """No log is offered: a level brings no notification."""
    answer, = said(request("tools/list", {"_meta": good}))
    assert answer["result"]["resultType"] == "complete"


@pytest.mark.parametrize("other", [
    {"progressToken": 1}, {}, None, 5, [],
    {"protocolVersion": MODERN}, {"a.b/protocolVersion": MODERN},
    {META + "related-task": {"taskId": "x"}}])
def test_any_other_meta_belongs_to_the_session(other):
    answer, = said(request("tools/list", {"_meta": other}))
    assert set(answer["result"]) == {"tools"}


@pytest.mark.parametrize("key", ["protocolVersion", "clientCapabilities",
                                 "clientInfo", "logLevel"])
def test_a_member_of_the_meta_may_not_be_given_twice(key):
    inner = json.dumps(meta(clientInfo={"name": "x", "version": "1"},
                            logLevel="info"))
    line = (f'{{"jsonrpc":"2.0","id":1,"method":"tools/list","params":'
            f'{{"_meta":{inner[:-1]},"{META}{key}":{{}}}}}}}}\n')
    answer, = said(line.encode())
    assert answer["error"]["code"] == INVALID


# --- 2026-07-28: subscriptions ---

def listen(wanted, ident):
    return request("subscriptions/listen",
                   {"_meta": meta(), "notifications": wanted}, ident)


def cancel(ident, **more):
    return notification("notifications/cancelled",
                        dict(more, requestId=ident))


@pytest.mark.parametrize("wanted, ident", [
    ({}, 1), ({"toolsListChanged": True}, "1"),
    ({"toolsListChanged": True, "promptsListChanged": True,
      "resourcesListChanged": False, "resourceSubscriptions": [MODEL],
      "else": 5}, "\u00e9")])
def test_a_subscription_is_acknowledged_empty_and_ended_at_the_end(wanted,
                                                                   ident):
    """As we have nothing to tell of, all is left out; the request stays."""
    key = {META + "subscriptionId": ident}
    started, other, cancelled, result = said(
        listen(wanted, ident) + request("tools/list", {"_meta": meta()}, 9))
    assert started == {
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": {"_meta": key, "notifications": {}}}
    assert other["id"] == 9
    assert cancelled == {
        "jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": ident, "_meta": key}}
    assert result["id"] == ident
    info = result["result"]["_meta"].pop(META + "serverInfo")
    assert info["name"] == "jhe-mcp"
    assert result["result"] == {"resultType": "complete", "_meta": key}


def test_a_subscription_that_is_cancelled_is_not_answered():
    messages = said(listen({}, 1) + listen({}, "1") + cancel(1)
                    + cancel(1) + cancel("2"))
    assert [message.get("method", message.get("id")) for message in messages
            ] == ["notifications/subscriptions/acknowledged",
                  "notifications/subscriptions/acknowledged",
                  "notifications/cancelled", "1"]


@pytest.mark.parametrize("wanted", [
    None, [], "x", {"toolsListChanged": 1}, {"promptsListChanged": "yes"},
    {"resourcesListChanged": []}, {"resourceSubscriptions": MODEL},
    {"resourceSubscriptions": [1]}])
def test_a_subscription_to_no_such_thing_is_refused(wanted):
    answer, = said(listen(wanted, 1))
    assert answer["error"]["code"] == PARAMS


def test_subscriptions_have_a_limit():
    messages = said(b"".join(listen({}, number) for number in range(10)))
    refused = [message for message in messages if "error" in message]
    assert [message["id"] for message in refused] == [8, 9]
    assert {message["error"]["code"] for message in refused} == {-32603}
    assert sum(message.get("method") == "notifications/cancelled"
               for message in messages) == 8


# --- Both eras in one process ---

def test_eras_may_be_mixed():
    modern = {"_meta": meta()}
    answers = said(
        request("server/discover", modern, "probe")
        + initialize("2024-11-05", ident=0)
        + request("tools/list", None, 1) + request("tools/list", modern, 2)
        + request("ping", None, 3) + request("ping", modern, 4)
        + initialize("2025-06-18", ident=5)
        + request("tools/list", modern, 6) + request("tools/list", None, 7)
        + request("resources/read", {"uri": "x:y"}, 8)
        + request("resources/read", {"uri": "x:y", **modern}, 9))
    found = {answer["id"]: answer for answer in answers}
    assert len(found) == len(answers) == 11
    assert found["probe"]["result"]["supportedVersions"] == [MODERN]
    assert set(found[1]["result"]) == {"tools"}
    assert "title" not in found[1]["result"]["tools"][0]
    assert found[2]["result"]["ttlMs"] and found[6]["result"]["ttlMs"]
    assert found[3]["result"] == {}
    assert found[4]["error"]["code"] == METHOD
    assert set(found[7]["result"]) == {"tools"}
    assert "title" in found[7]["result"]["tools"][0]
    assert found[8]["error"]["code"] == NOT_FOUND
    assert found[9]["error"]["code"] == PARAMS


# --- Batches ---

def batch(*lines):
    return b"[" + b",".join(line.strip() for line in lines) + b"]\n"


def in_batch(*lines):
    """What a batch brings in a session that has batches."""
    return said(initialize("2025-03-26", "first") + batch(*lines)
                + request("ping", ident="last"))[1:-1]


def test_a_batch_is_answered_by_one_array():
    answers, = in_batch(
        request("ping", ident=1), notification("no/such"),
        request("tools/list", ident="1"), request("no/such", ident=2),
        b'{"jsonrpc":"2.0","id":7,"result":{}}',
        request("resources/read", {"uri": MODEL}, 3))
    found = {json.dumps(answer["id"]): answer for answer in answers}
    assert sorted(found) == ['"1"', "1", "2", "3"] and len(answers) == 4
    assert found["1"]["result"] == {}
    assert "annotations" in found['"1"']["result"]["tools"][0]
    assert found["2"]["error"]["code"] == METHOD
    assert found["3"]["result"]["contents"][0]["uri"] == MODEL


@pytest.mark.parametrize("lines", [
    [notification("notifications/initialized")],
    [notification("no/such")] * 3, [cancel(5), cancel("x")],
    [b'{"jsonrpc":"2.0","id":7,"result":{}}'] * 2,
    [b'{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}',
     notification("no/such")]])
def test_a_batch_that_nobody_waits_for_is_not_answered(lines):
    assert in_batch(*lines) == []


def test_an_empty_batch_is_refused_by_one_error():
    answer, = in_batch()
    assert answer["error"]["code"] == INVALID and "id" not in answer


@pytest.mark.parametrize("broken", [
    b"", b"{", b'{"a":NaN}', b'"\xff"', b"nul", b'{"a":1,}'])
def test_a_batch_that_is_no_json_is_refused_by_one_error(broken):
    answer, = in_batch(request("ping", ident=1), broken)
    assert answer["error"]["code"] == PARSE and "id" not in answer


@pytest.mark.parametrize("bad, ident", [
    (b"1", None), (b"null", None), (b"{}", None), (b"[]", None),
    (b'[{"jsonrpc":"2.0","id":5,"method":"ping"}]', None),
    (b'{"jsonrpc":"2.0","id":5}', 5),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', None),
    (b'{"jsonrpc":"2.0","id":5,"id":6,"method":"ping"}', None),
    (b'{"jsonrpc":"2.0","id":5,"method":"ping","params":{"n":1e999}}', 5),
    (b'{"jsonrpc":"2.0","id":5,"method":"ping","params":{"s":"\\ud800"}}',
     5),
    (initialize("2025-11-25", 5), 5),
    (request("tools/list", {"_meta": meta()}, 5), 5)])
def test_what_is_wrong_with_one_message_is_not_wrong_with_the_batch(bad,
                                                                    ident):
    answers, = in_batch(request("ping", ident="a"), bad,
                        request("ping", ident="b"))
    assert len(answers) == 3
    assert answers[0]["id"] == "a" and answers[2]["id"] == "b"
    assert answers[1]["error"]["code"] == INVALID
    assert answers[1].get("id") == ident


def test_initialize_in_a_batch_changes_nothing():
    answers = said(initialize("2025-03-26", 0)
                   + batch(initialize("2025-11-25", 1))
                   + batch(request("ping", ident=2)))
    assert answers[1][0]["error"]["code"] == INVALID
    assert answers[2] == [{"jsonrpc": "2.0", "id": 2, "result": {}}]


@pytest.mark.parametrize("version", [None, "2024-11-05", "2025-06-18",
                                     "2025-11-25"])
@pytest.mark.parametrize("line", [
    batch(request("ping", ident=1)), batch(), batch(notification("x")),
    batch(request("tools/list", {"_meta": meta()}, 1))])
def test_elsewhere_a_batch_is_refused_by_one_error(version, line):
    answers = said((initialize(version) if version else b"") + line)
    assert answers[-1]["error"]["code"] == INVALID
    assert "id" not in answers[-1]
    assert len(answers) == (2 if version else 1)


def test_a_batch_of_many_messages_has_the_limits_of_a_line():
    answers, = in_batch(*[request("ping", ident=n) for n in range(4000)])
    assert [answer["id"] for answer in answers] == list(range(4000))
    refused, = in_batch(*[request("ping", ident=n) for n in range(5000)])
    assert refused["error"]["code"] == INVALID and "id" not in refused


def test_a_batch_of_large_answers_has_a_limit():
    """Each is answered, in one array of bounded size."""
    answers, = in_batch(*[request("tools/list", ident=n)
                          for n in range(4000)])
    assert [answer["id"] for answer in answers] == list(range(4000))
    good = [answer for answer in answers if "result" in answer]
    assert len(good) > 50
    assert {answer["error"]["code"] for answer in answers[len(good):]
            } == {-32603}


# --- The results of tools, which need a database ---

def tool_result(one, version, name, **arguments):
    params = {"name": name, "arguments": arguments}
    if version == MODERN:
        params["_meta"] = meta()
    return one.request("tools/call", params)["result"]


@pytest.fixture(scope="module")
def served(exchange_session):
    """One process for all revisions, with somebody signed in."""
    one = server.Server(exchange_session, user="manager_maya")
    one.initialize()
    assert not one.call_tool("get_study_count").get("isError")
    yield one
    one.close()


@pytest.mark.parametrize("version", ALL)
def test_the_result_of_a_tool(served, version):
    if version != MODERN:
        served.initialize(version)
    result = tool_result(served, version, "get_study_count")
    assert set(result) == {"content"} | members(
        {"structuredContent": "2025-06-18", **TOLD}, version)
    assert set(result["_meta"]) == members(TOLD_META, version)
    text, structured = result["content"]
    for block in (text, structured):
        assert set(block) == {"type", "text", "annotations"}
        assert block["type"] == "text"
    assert json.loads(structured["text"]) == {"count": 2}
    assert result.get("structuredContent", {"count": 2}) == {"count": 2}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("name, arguments", [
    ("get_study_metadata", {}), ("get_study_metadata", {"study_id": "x"}),
    ("get_study_count", {"extra": 1})])
def test_bad_arguments_are_an_error_of_the_tool(served, version, name,
                                                arguments):
    if version != MODERN:
        served.initialize(version)
    result = tool_result(served, version, name, **arguments)
    assert set(result) == {"content", "isError"} | members(TOLD, version)
    assert result["isError"] is True
    block, = result["content"]
    assert set(block) == {"type", "text", "annotations"}


@pytest.mark.parametrize("version", ALL)
def test_a_resource_of_the_database(served, version):
    if version != MODERN:
        served.initialize(version)
    params = {"uri": "schema://jupyterhealth/core_study"}
    if version == MODERN:
        params["_meta"] = meta()
    result = served.request("resources/read", params)["result"]
    assert set(result) == {"contents"} | members(CACHED, version)
    is_private(result, version, 60000)
    assert json.loads(result["contents"][0]["text"])
