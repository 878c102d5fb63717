# SPDX-License-Identifier: MIT
"""MCP on standard input and output: what every line is answered with.

Most conversations here have neither a database nor an exchange.
"""

import glob
import json
import os

import pytest

from harness import server
from harness.wire import (by_id, initialize, notification, request, short,
                          talk)

LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
LATEST = LEGACY[-1]
UNKNOWN = ["2026-07-28", "2023-01-01", "2999-12-31", "1.0", "", "2025-11-25 ",
           "x" * 1000, "2025-11-25\n", "\u202e2025"]
TOOLS = ["get_patient_demographics", "get_patient_observations",
         "get_study_count", "get_study_metadata", "list_studies"]
PARSE, INVALID, METHOD, PARAMS = -32700, -32600, -32601, -32602


def definitions():
    found = {}
    for path in glob.glob(os.path.join(server.TOP, "src", "tools",
                                       "definitions", "*.json")):
        with open(path, encoding="utf-8") as file:
            one = json.load(file)
        found[one["name"]] = one
    return found


def only(told, count=1):
    """Its messages, when so many came and it ended well."""
    assert told.returncode == 0, told.stderr
    assert len(told.messages) == count, told.lines
    return told.messages


def error_of(line, **more):
    """The error that one line is answered with, and the message."""
    message, = only(talk(line, **more))
    assert "error" in message, message
    assert set(message["error"]) <= {"code", "message", "data"}
    assert message["error"]["message"]
    return message["error"]["code"], message


# --- initialize, ping, tools/list ---

@pytest.mark.parametrize("version", LEGACY)
def test_initialize_answers_the_revision_asked_for(version):
    message, = only(talk(initialize(version)))
    result = message["result"]
    assert result["protocolVersion"] == version
    assert set(result) == {"protocolVersion", "capabilities", "serverInfo",
                           "instructions"}
    # Completion had no word of its own at first.
    assert set(result["capabilities"]) == {"tools", "resources", "prompts"} | (
        {"completions"} if version >= "2025-03-26" else set())
    info = result["serverInfo"]
    assert info["name"] == "jhe-mcp" and info["version"]
    # `title` came with 2025-06-18: an older client is not sent it.
    assert ("title" in info) == (version >= "2025-06-18")


@pytest.mark.parametrize("version", UNKNOWN, ids=short)
def test_initialize_at_an_unknown_revision_answers_the_latest(version):
    message, = only(talk(initialize(version)))
    assert message["result"]["protocolVersion"] == LATEST


@pytest.mark.parametrize("broken", [
    {}, {"protocolVersion": 1}, {"protocolVersion": None},
    {"protocolVersion": LATEST},
    {"protocolVersion": LATEST, "capabilities": {}},
    {"protocolVersion": LATEST, "capabilities": [], "clientInfo": {
        "name": "x", "version": "1"}},
    {"protocolVersion": LATEST, "capabilities": {}, "clientInfo": {}},
    {"protocolVersion": LATEST, "capabilities": {}, "clientInfo": {
        "name": 1, "version": "1"}}], ids=short)
def test_initialize_needs_its_three_members(broken):
    code, _ = error_of(request("initialize", broken))
    assert code == PARAMS


def test_initialize_ignores_what_it_does_not_know():
    line = initialize()
    message = json.loads(line)
    message["params"]["clientInfo"].update(icons=[{"src": "x"}], title="T")
    message["params"]["capabilities"] = {"roots": {}, "tasks": {"x": [1]}}
    message["params"]["_meta"] = {"a/b": 1}
    message["extra"] = [[], {}]
    answer, = only(talk(json.dumps(message).encode() + b"\n"))
    assert answer["result"]["protocolVersion"] == LATEST


@pytest.mark.parametrize("version", LEGACY + [None])
def test_ping_answers_an_empty_result(version):
    first = initialize(version) if version else b""
    messages = only(talk(first + request("ping", ident=7)),
                    2 if version else 1)
    assert messages[-1] == {"jsonrpc": "2.0", "id": 7, "result": {}}


@pytest.mark.parametrize("version", LEGACY)
def test_tools_list_gives_the_definitions_as_they_stand(version):
    _, message = only(talk(initialize(version) + request("tools/list")), 2)
    assert set(message["result"]) == {"tools"}
    found = {tool["name"]: tool for tool in message["result"]["tools"]}
    expected = definitions()
    assert set(TOOLS) <= set(expected)
    assert len(found) == len(message["result"]["tools"])
    since = {"title": "2025-06-18", "outputSchema": "2025-06-18",
             "annotations": "2025-03-26"}
    for name, tool in expected.items():
        shown = {key: value for key, value in tool.items()
                 if version >= since.get(key, "")}
        assert found[name] == shown, name
    assert set(found) == set(expected)


def test_tools_list_keeps_its_order():
    order = [[tool["name"] for tool in only(
        talk(initialize() + request("tools/list")), 2)[1]["result"]["tools"]]
             for _ in range(3)]
    assert order[0] == order[1] == order[2]


def test_no_optional_member_is_null():
    """Strict clients refuse a null where a member may be left out."""
    told = talk(initialize() + request("tools/list", ident=1)
                + request("resources/list", ident=2)
                + request("resources/templates/list", ident=3)
                + request("prompts/list", ident=4))

    def walk(value, path):
        if isinstance(value, dict):
            for name, one in value.items():
                assert one is not None or path.endswith("enum"), path + name
                walk(one, path + "." + name)
        elif isinstance(value, list):
            for one in value:
                walk(one, path)

    for message in only(told, 5):
        walk(message, "")


def test_before_initialize_a_request_is_answered_too():
    message, = only(talk(request("tools/list")))
    assert len(message["result"]["tools"]) >= 5


def test_initialize_twice_takes_the_second_revision():
    messages = only(talk(initialize("2025-11-25", 0)
                         + initialize("2024-11-05", 1)
                         + request("tools/list", ident=2)), 3)
    assert messages[1]["result"]["protocolVersion"] == "2024-11-05"
    assert "title" not in messages[2]["result"]["tools"][0]


@pytest.mark.parametrize("method", [
    "tools/list", "resources/list", "resources/templates/list",
    "prompts/list"], ids=short)
def test_a_cursor_nobody_gave_out_is_refused(method):
    code, _ = error_of(request(method, {"cursor": "abc"}))
    assert code == PARAMS


# --- What is refused ---

@pytest.mark.parametrize("method", [
    "no/such", "tools/Call", "tools/call ", "", "prompts/subscribe",
    "completion", "logging/setLevel", "resources/subscribe",
    "server/discover", "notifications/initialized", "x" * 5000,
    "a\u0000b", "\u202e", "rpc.discover"], ids=short)
def test_an_unknown_method_is_refused(method):
    code, message = error_of(request(method, {}, 5))
    assert message["id"] == 5
    # U+0000 in a string is more than our strings can hold.
    assert code == (INVALID if "\0" in method else METHOD)
    assert len(message["error"]["message"]) < 300


@pytest.mark.parametrize("params", [
    None, {}, {"name": 1}, {"name": None}, {"name": "no_such_tool"},
    {"name": "get_study_count ", "arguments": {}},
    {"name": "get_study_count", "arguments": []},
    {"name": "get_study_count", "arguments": "{}"}], ids=short)
def test_a_tool_call_without_tool_or_object_is_a_protocol_error(params):
    code, _ = error_of(request("tools/call", params))
    assert code == PARAMS


@pytest.mark.parametrize("params", [None, {}, {"uri": 1}, {"uri": None}],
                         ids=short)
def test_reading_needs_a_uri(params):
    assert error_of(request("resources/read", params))[0] == PARAMS


@pytest.mark.parametrize("uri", [
    "schema://jupyterhealth/core_nothing", "schema://jupyterhealth/", "",
    "file:///etc/passwd", "schema://jupyterhealth/core_study/../x",
    "schema://jupyterhealth/oauth2_provider_accesstoken", "x" * 3000,
    "omh://schema/", "omh://schema/../x", "jhe://study/", "jhe://study/a",
    "jhe://patient/5", "jhe://patient//summary", "JHE://guide"],
    ids=short)
def test_an_unknown_resource_is_named_and_not_found(uri):
    code, message = error_of(request("resources/read", {"uri": uri}))
    assert code == -32002
    assert message["error"]["data"] == {"uri": uri}


@pytest.mark.parametrize("params", [[], [1], "x", 1, True], ids=short)
def test_params_must_be_an_object(params):
    code, message = error_of(request("ping", params, "p"))
    assert code in (PARAMS, INVALID) and message["id"] == "p"


@pytest.mark.parametrize("line", [
    b"{", b"}", b"x", b"{]", b'{"jsonrpc":"2.0","id":1,"method":"ping"',
    b'{"jsonrpc":"2.0","id":1,"method":"ping"}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping"} {}', b"{'a':1}",
    b'{"a":1,}', b"/* */{}", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":01}',
    b'{"a":1.}', b'{"a":+1}', b'{"a":"\x01"}', b'{"a":"\\x41"}',
    b'{"a":"\\u12g4"}', b"nul", b'\xef\xbb\xbf{}', b"{\x00}",
    b'{"jsonrpc":"2.0","id":1,"method":"ping\xff"}',
    b'{"jsonrpc":"2.0","id":1,"method":"\xc0\xaf"}',
    b'{"jsonrpc":"2.0","id":1,"method":"\xed\xa0\x80"}',
    b'{"jsonrpc":"2.0","id":1,"method":"\xf4\x90\x80\x80"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping"\x00}',
    b'\x00{"jsonrpc":"2.0","id":1,"method":"ping"}'], ids=short)
def test_what_is_no_json_is_a_parse_error_without_id(line):
    told = talk(line + b"\n" + request("ping", ident=2))
    messages = only(told, 2)
    assert messages[0]["error"]["code"] == PARSE
    assert "id" not in messages[0]
    assert messages[1] == {"jsonrpc": "2.0", "id": 2, "result": {}}


@pytest.mark.parametrize("line, has_id", [
    (b'{}', False), (b'1', False), (b'"x"', False), (b'null', False),
    (b'[]', False), (b'[1]', False),
    (b'{"jsonrpc":"2.0","id":1}', True),
    (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', True),
    (b'{"id":1,"method":"ping"}', True),
    (b'{"jsonrpc":2.0,"id":1,"method":"ping"}', True),
    (b'{"jsonrpc":"2.0","id":1,"method":7}', True),
    (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":1e3,"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":"' + b"i" * 300 + b'","method":"ping"}', False),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"x"}', None),
    (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\\ud800"}}',
     True)], ids=short)
def test_what_is_no_request_is_invalid_and_the_next_line_is_heard(
        line, has_id):
    messages = only(talk(line + b"\n" + request("ping", ident=2)), 2)
    assert messages[0]["error"]["code"] == INVALID, messages[0]
    if has_id is not None:
        assert ("id" in messages[0]) == has_id, messages[0]
    if has_id:
        assert messages[0]["id"] == 1
    assert messages[1]["id"] == 2


# --- Ids ---

@pytest.mark.parametrize("ident", [
    b"0", b"1", b"-1", b"9007199254740993", b"9223372036854775807",
    b"-9223372036854775808", b'"1"', b'""', b'"a b"', b'"\\u0041\\n"',
    b'"\xc3\xa9\xf0\x9f\x8f\x83"', b'"\\/"', b'"null"',
    b'"' + b"i" * 254 + b'"'], ids=short)
def test_an_id_comes_back_as_it_came(ident):
    told = talk(b'{"jsonrpc":"2.0","id":' + ident + b',"method":"ping"}\n')
    only(told)
    assert b'"id":' + ident + b"," in told.lines[0]


@pytest.mark.parametrize("ident", [b"18446744073709551616",
                                   b"123456789012345678901234567890"],
                         ids=short)
def test_an_id_beyond_64_bits_comes_back_whole_or_is_refused(ident):
    told = talk(b'{"jsonrpc":"2.0","id":' + ident + b',"method":"ping"}\n')
    message, = only(told)
    if "result" in message:
        assert b'"id":' + ident + b"," in told.lines[0]
    else:
        assert message["error"]["code"] == INVALID
        assert message.get("id", int(ident)) == int(ident)


def test_a_number_and_a_string_are_different_ids():
    messages = only(talk(request("ping", ident=1) + request("ping",
                                                            ident="1")), 2)
    assert sorted(by_id(messages)) == ['"1"', "1"]


def test_an_id_may_be_used_again():
    only(talk(request("ping", ident=1) * 3), 3)


# --- What is never answered ---

@pytest.mark.parametrize("line", [
    notification("notifications/initialized"), notification("no/such"),
    notification("notifications/cancelled"),
    notification("notifications/cancelled", {"requestId": 99}),
    notification("notifications/cancelled", {"requestId": {}}),
    notification("notifications/cancelled", []),
    notification("notifications/progress", {"progress": "x"}),
    notification("ping"), notification("tools/call", {"name": "list_studies"}),
    notification("initialize", {"protocolVersion": LATEST}),
    b'{"jsonrpc":"2.0","id":5,"result":{}}\n',
    b'{"jsonrpc":"2.0","id":5,"error":{"code":-1,"message":"x"}}\n',
    b'{"jsonrpc":"2.0","method":"x","params":{"n":1e999}}\n',
    b"\n", b"\r\n", b"   \n", b"\t\r\n", b""], ids=short)
def test_notifications_answers_and_blank_lines_get_no_answer(line):
    message, = only(talk(line + request("ping", ident=2)))
    assert message == {"jsonrpc": "2.0", "id": 2, "result": {}}


# --- Lines ---

def test_a_line_may_end_with_a_carriage_return_and_white_space():
    line = request("ping", ident=3)
    told = talk(line.replace(b"\n", b"\r\n") + b" \t" + line
                + line.replace(b"\n", b"  \r\n"))
    assert [message["id"] for message in only(told, 3)] == [3, 3, 3]
    assert not any(b"\r" in line for line in told.lines)


def test_a_last_line_without_newline_is_a_line():
    message, = only(talk(request("ping", ident=3).rstrip(b"\n")))
    assert message["id"] == 3


def test_half_a_last_line_is_a_parse_error():
    message, = only(talk(request("ping", ident=3)[:20]))
    assert message["error"]["code"] == PARSE


def padded(ident, size):
    """A ping that is size bytes long with its newline."""
    start = b'{"jsonrpc":"2.0","id":%d,"method":"ping"' % ident
    return start + b" " * (size - len(start) - 2) + b"}\n"


def test_a_line_of_four_mebibytes_is_taken_and_a_longer_one_refused():
    most = 4 * 1024 * 1024
    told = talk(padded(1, most + 1) + padded(2, most + 2) + padded(3, 100)
                + padded(4, 3 * most) + padded(5, 100), timeout=60)
    messages = only(told, 5)
    assert [message.get("id") for message in messages] == [1, None, 3, None,
                                                          5]
    for message in (messages[1], messages[3]):
        assert message["error"]["code"] == INVALID


def test_a_line_without_end_is_refused_once():
    messages = only(talk(b"x" * (9 * 1024 * 1024), timeout=60))
    assert messages[0]["error"]["code"] == INVALID


def test_max_line_is_an_option():
    told = talk(padded(1, 65537) + padded(2, 65538),
                ["-o", "max-line=65536"])
    messages = only(told, 2)
    assert messages[0]["id"] == 1
    assert messages[1]["error"]["code"] == INVALID


@pytest.mark.parametrize("depth, code", [(20, None), (60, None),
                                         (70, INVALID), (100000, INVALID),
                                         (2000000, INVALID)])
def test_nesting_has_a_limit(depth, code):
    line = (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":'
            + b"[" * depth + b"]" * depth + b"}}\n")
    messages = only(talk(line + request("ping", ident=2)), 2)
    assert messages[0].get("error", {}).get("code") == code
    assert messages[1]["id"] == 2


def test_many_members_and_long_strings_have_limits_and_keep_the_id():
    many = request("ping", {"a": [0] * 40000}, 1)
    long = request("ping", {"a": "x" * 2000000}, 2)
    messages = only(talk(many + long + request("ping", ident=3)), 3)
    assert [message.get("id") for message in messages] == [1, 2, 3]
    assert messages[0]["error"]["code"] == INVALID
    assert messages[1]["error"]["code"] == INVALID


def test_a_batch_is_refused_where_the_revision_has_none():
    for version in ("2024-11-05", "2025-06-18", "2025-11-25"):
        batch = b"[" + request("ping", ident=1).strip() + b"]\n"
        messages = only(talk(initialize(version) + batch), 2)
        assert messages[1]["error"]["code"] == INVALID
        assert "id" not in messages[1]


def test_a_batch_is_answered_at_2025_03_26():
    """The one revision whose receivers must take batches."""
    batch = b"[%s,%s,%s]\n" % (
        request("ping", ident=1).strip(), request("ping", ident=2).strip(),
        notification("notifications/initialized").strip())
    told = talk(initialize("2025-03-26") + batch)
    assert told.returncode == 0
    found = []
    for line in told.lines[1:]:
        one = json.loads(line)
        found += one if isinstance(one, list) else [one]
    assert sorted(one.get("id", 0) for one in found) == [1, 2], found
