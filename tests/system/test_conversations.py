# SPDX-License-Identifier: MIT
"""One conversation at each revision of the protocol, byte for byte: what a
client of that revision writes, and the lines that it is answered with, in the
order of their members.

The shapes are those that the protocol's specification publishes; what a
revision does not know must not be in it.
"""

import json
import subprocess

import pytest

from harness import server
from harness.wire import initialize, request, run

REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25",
             "2026-07-28"]
MODERN = REVISIONS[-1]
META = "io.modelcontextprotocol/"
ABSENT = object()       # a member that the revision does not have


def since(revision, first, value):
    return value if revision >= first else ABSENT


def compact(value):
    """As the program writes JSON; what is ABSENT is left out."""
    if isinstance(value, dict):
        return "{" + ",".join(
            json.dumps(name, ensure_ascii=False) + ":" + compact(member)
            for name, member in value.items() if member is not ABSENT) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture(scope="module")
def info():
    """Who the server is, at each revision."""
    done = subprocess.run([server.program(), "--version"], check=True,
                          stdout=subprocess.PIPE, text=True)
    version = done.stdout.split()[1]
    return {revision: {
        "name": "jhe-mcp",
        "title": since(revision, "2025-06-18", "JupyterHealth Exchange"),
        "version": version} for revision in REVISIONS}


def asked(revision, method, params=None, ident=1):
    if revision == MODERN:
        params = dict(params or {}, _meta={
            META + "protocolVersion": MODERN,
            META + "clientCapabilities": {},
            META + "clientInfo": {"name": "system-test", "version": "1"}})
    return request(method, params, ident)


def result(info, revision, members, ident=1, cached=None, meta=None):
    """The line of a result; cached: how many ms it holds."""
    modern = revision == MODERN
    told = dict(meta or {})
    if modern:
        told[META + "serverInfo"] = info[revision]
    return compact({"jsonrpc": "2.0", "id": ident, "result": {
        "resultType": "complete" if modern else ABSENT, **members,
        "ttlMs": cached if modern and cached else ABSENT,
        "cacheScope": "private" if modern and cached else ABSENT,
        "_meta": told or ABSENT}})


def error(code, message, ident=1, **data):
    return compact({"jsonrpc": "2.0", "id": ident, "error": {
        "code": code, "message": message, "data": data or ABSENT}})


def told(revision, *lines):
    """What the lines are answered with, without initialize's answer."""
    first = b"" if revision == MODERN else initialize(revision, "first")
    done = run(["stdio"], first + b"".join(lines))
    assert done.returncode == 0, done.stderr
    found = done.stdout.decode("utf-8").split("\n")
    assert found.pop() == ""
    return found if revision == MODERN else found[1:]


def offered(revision):
    return {"tools": {}, "resources": {}, "prompts": {},
            "completions": since(revision, "2025-03-26", {})}


# --- Who is there ---

@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_initialize(info, revision):
    done = run(["stdio"], initialize(revision, "a\u00e9"))
    line, = done.stdout.decode("utf-8").splitlines()
    text = json.loads(line)["result"]["instructions"]
    # The id comes back as it was written: Python writes escapes.
    assert line == compact({"jsonrpc": "2.0", "id": "ID", "result": {
        "protocolVersion": revision, "capabilities": offered(revision),
        "serverInfo": info[revision], "instructions": text}}).replace(
            '"ID"', '"a\\u00e9"')


def test_discover(info):
    line, = told(MODERN, asked(MODERN, "server/discover", ident="d"))
    text = json.loads(line)["result"]["instructions"]
    assert line == result(info, MODERN, {
        "supportedVersions": [MODERN], "capabilities": offered(MODERN),
        "instructions": text}, "d", 300000)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_ping(revision):
    assert told(revision, request("ping", ident=7),
                request("ping", {}, "7")) == [
        '{"jsonrpc":"2.0","id":7,"result":{}}',
        '{"jsonrpc":"2.0","id":"7","result":{}}']


def test_an_unsupported_version():
    line = request("tools/list", {"_meta": {
        META + "protocolVersion": "1900-01-01",
        META + "clientCapabilities": {}}})
    assert told(MODERN, line) == [error(
        -32022, "Unsupported protocol version", supported=[MODERN],
        requested="1900-01-01")]


# --- Lists ---

@pytest.fixture(scope="module")
def definitions():
    """The tools as the newest revision shows them."""
    line, = told(MODERN, asked(MODERN, "tools/list"))
    found = json.loads(line)["result"]["tools"]
    assert len(found) > 5
    return found


@pytest.mark.parametrize("revision", REVISIONS)
def test_tools_list(info, definitions, revision):
    line, = told(revision, asked(revision, "tools/list"))
    assert line == result(info, revision, {"tools": [{
        "name": tool["name"],
        "title": since(revision, "2025-06-18", tool["title"]),
        "description": tool["description"],
        "inputSchema": tool["inputSchema"],
        "outputSchema": since(revision, "2025-06-18",
                              tool["outputSchema"]),
        "annotations": since(revision, "2025-03-26", tool["annotations"])}
        for tool in definitions]}, cached=300000)


@pytest.mark.parametrize("revision", REVISIONS)
def test_prompts_list(info, revision):
    line, = told(revision, asked(revision, "prompts/list"))
    prompts = json.loads(line)["result"]["prompts"]

    def titled(one):
        if revision < "2025-06-18":
            assert "title" not in one
            return {}
        return {"title": one["title"]}

    assert line == result(info, revision, {"prompts": [{
        "name": prompt["name"], **titled(prompt),
        "description": prompt["description"], "arguments": [{
            "name": one["name"], **titled(one),
            "description": one["description"], "required": one["required"]}
            for one in prompt["arguments"]]}
        for prompt in prompts]}, cached=300000)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("method, name, uri", [
    ("resources/list", "resources", "uri"),
    ("resources/templates/list", "resourceTemplates", "uriTemplate")])
def test_resources_list(info, revision, method, name, uri):
    line, = told(revision, asked(revision, method))
    found = json.loads(line)["result"][name]
    assert line == result(info, revision, {name: [{
        uri: one[uri], "name": one["name"],
        "title": one["title"] if revision >= "2025-06-18" else ABSENT,
        "description": one["description"], "mimeType": one["mimeType"]}
        for one in found]}, cached=300000)
    assert ('"title"' in line) == (revision >= "2025-06-18")


# --- Reading, prompting, completing ---

@pytest.mark.parametrize("revision", REVISIONS)
def test_resources_read(info, revision):
    uri = "omh://schema/step-count"
    line, = told(revision, asked(revision, "resources/read", {"uri": uri}))
    text = json.loads(line)["result"]["contents"][0]["text"]
    assert json.loads(text)["$id"] == uri
    assert line == result(info, revision, {"contents": [{
        "uri": uri, "mimeType": "application/schema+json", "text": text}]},
        cached=60000)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_resource_that_is_not_there(revision):
    code = -32602 if revision == MODERN else -32002
    for uri in ("omh://schema/none", "jhe://study/none", "x:y",
                "jhe://patient/5", "schema://jupyterhealth/auth_user"):
        assert told(revision, asked(revision, "resources/read",
                                    {"uri": uri})) == [
            error(code, "Resource not found", uri=uri)]


@pytest.mark.parametrize("revision", REVISIONS)
def test_prompts_get(info, revision):
    line, = told(revision, asked(revision, "prompts/get", {
        "name": "compare_groups", "arguments": {
            "study_a": "30001 Blue Lake", "study_b": "30006",
            "data_type": "steps"}}))
    assert line == result(info, revision, {
        "description": "One data type in two studies.",
        "messages": [{"role": "user", "content": {
            "type": "text", "text": "Compare step-count of the two studies "
            "30001 and 30006 by mean of patient means with sd and number of "
            "patients; name differences in coverage before differences in "
            "values; do not claim significance."}}]})


@pytest.mark.parametrize("revision", REVISIONS)
def test_completion(info, revision):
    lines = told(
        revision,
        asked(revision, "completion/complete", {
            "ref": {"type": "ref/prompt", "name": "patient_summary"},
            "argument": {"name": "period", "value": "1"}}, 1),
        asked(revision, "completion/complete", {
            "ref": {"type": "ref/resource", "uri": "omh://schema/{name}"},
            "argument": {"name": "name", "value": "zz"}}, 2))
    assert lines == [
        result(info, revision, {"completion": {
            "values": ["14d", "12w", "1y"], "total": 3,
            "hasMore": False}}, 1),
        result(info, revision, {"completion": {
            "values": [], "total": 0, "hasMore": False}}, 2)]


# --- Errors ---

@pytest.mark.parametrize("revision", REVISIONS)
def test_errors(revision):
    def one(method, params, code, message):
        assert told(revision, asked(revision, method, params, "e")) == [
            error(code, message, "e")]

    one("no/such", None, -32601, "Method not found: no/such")
    one("tools/call", {"name": "x"}, -32602, "Unknown tool: x")
    one("prompts/get", {"name": "x"}, -32602, "Unknown prompt: x")
    one("prompts/get", {"name": "study_overview"}, -32602,
        "Missing required argument: study_id")
    one("tools/list", {"cursor": "x"}, -32602,
        "Invalid params: no such cursor")


@pytest.mark.parametrize("revision", REVISIONS)
def test_lines_that_are_no_messages(revision):
    """An error without an id has no member id, at any revision."""
    broken, wrong, array = told(revision, b"{\n", b"5\n", b"[]\n")
    for line, code in ((broken, -32700), (wrong, -32600), (array, -32600)):
        answer = json.loads(line)
        assert list(answer) == ["jsonrpc", "error"]
        assert list(answer["error"]) == ["code", "message"]
        assert answer["error"]["code"] == code
        assert line == compact(answer)


# --- Batches ---

def test_a_batch():
    lines = told("2025-03-26", b'[{"jsonrpc":"2.0","id":1,"method":"ping"},'
                 b'{"jsonrpc":"2.0","method":"notifications/x"},'
                 b'{"jsonrpc":"2.0","id":"b","method":"no/such"}]\n')
    assert lines == ['[{"jsonrpc":"2.0","id":1,"result":{}},'
                     + error(-32601, "Method not found: no/such", "b") + "]"]


# --- Calls of tools, which need a database ---

class Raw(server.Server):
    """Keeps the lines as they came."""

    def _take(self, line):
        self.raw = getattr(self, "raw", [])
        self.raw.append(line)
        super()._take(line)


@pytest.fixture(scope="module")
def talking(exchange_session):
    one = Raw(exchange_session, user="manager_maya")
    one.initialize()
    assert not one.call_tool("get_study_count").get("isError")
    yield one
    one.close()


def block(text, *audience):
    return {"type": "text", "text": text,
            "annotations": {"audience": list(audience)}}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("name, arguments", [
    ("get_study_count", {}), ("list_studies", {"limit": 1}),
    ("get_study_metadata", {"study_id": 999999})])
def test_a_call(info, talking, revision, name, arguments):
    if revision != MODERN:
        talking.initialize(revision)
    params = {"name": name, "arguments": arguments}
    if revision == MODERN:
        params["_meta"] = {META + "protocolVersion": MODERN,
                           META + "clientCapabilities": {}}
    answer = talking.request("tools/call", params)
    line = talking.raw[-1].decode("utf-8").rstrip("\n")
    got = answer["result"]
    text = got["content"][0]["text"]
    meta = {"jhe-mcp/provenance": got["_meta"]["jhe-mcp/provenance"]}
    if got.get("isError"):
        assert text.startswith("not_found: no study 999999 ")
        members = {"content": [block(text, "user", "assistant")],
                   "isError": True}
    else:
        table = got["content"][1]["text"]
        assert compact(json.loads(table)) == table
        members = {"content": [block(text, "user", "assistant"),
                               block(table, "assistant")],
                   "structuredContent": since(revision, "2025-06-18",
                                              json.loads(table))}
    assert line == result(info, revision, members, answer["id"], meta=meta)
