# SPDX-License-Identifier: MIT
"""Databases that are down, come back, refuse or are not an exchange's."""

import json
import socket
import time

import pytest

from harness import proc
from harness.postgres import Own
from harness.wire import initialize, request

READER = "jhe_mcp_reader"


@pytest.fixture(scope="module")
def own():
    one = Own.start_exchange()
    yield one
    one.stop()


@pytest.fixture
def login(start_server, tmp_path_factory, exchange):
    """The home of manager_maya, signed in."""
    home = str(tmp_path_factory.mktemp("home"))
    one = start_server(user="manager_maya", home=home)
    one.initialize()
    one.call_tool("get_study_count")
    one.close()
    return home


@pytest.fixture
def start(start_server, login):
    """start(database): a server that needs no browser."""
    def make(database, **options):
        one = start_server(home=login, env={"JHE_DB_CONN": database},
                           **options)
        one.initialize()
        return one
    return make


def count_of(server, **more):
    result = server.call_tool("get_study_count", **more)
    assert not result.get("isError"), (server.text(result), server.stderr)
    return result["structuredContent"]["count"]


def refusal_of(server, within_s=3):
    start = time.monotonic()
    result = server.call_tool("get_study_count")
    assert result.get("isError"), result
    assert time.monotonic() - start < within_s
    return server.text(result)


def linked(own, tmp_path):
    """A host directory that leads to the database once it is linked."""
    link = tmp_path / "pg"
    return link, f"postgresql://{READER}@/exchange?host={link}"


# --- Down, and up again ---

def test_without_its_database_a_call_is_answered_quickly_and_works_later(
        start, own, tmp_path):
    link, url = linked(own, tmp_path)
    one = start(url)
    for _ in range(2):
        text = refusal_of(one)
        assert text.startswith("unavailable: ")
        assert "try again" in text
    assert one.request("tools/list")["result"]["tools"]
    link.symlink_to(own.directory)
    assert count_of(one) == 2
    assert "no database server answers" in one.stderr
    assert one.stderr.count("no database server answers") < 10


def test_it_connects_by_itself_when_the_database_comes(start, own, tmp_path):
    link, url = linked(own, tmp_path)
    one = start(url)
    time.sleep(0.3)
    link.symlink_to(own.directory)
    assert proc.wait_until(lambda: own.backends(), 5)
    assert count_of(one) == 2


def test_half_a_line_goes_along_with_the_client(start, own, tmp_path):
    """What was read before the hand-over and what comes after it."""
    link, url = linked(own, tmp_path)
    one = start(url)
    line = json.dumps({"jsonrpc": "2.0", "id": "across", "method": "ping",
                       "params": {"x": "é" * 200000}},
                      ensure_ascii=False).encode() + b"\n"
    one.send_raw(line[:150001])
    # The oldest; younger ones try to connect.
    bare = min(pid for pid, command in one.children().items()
               if "worker" in command)
    link.symlink_to(own.directory)
    assert proc.wait_until(lambda: not proc.alive(bare), 5)
    one.send_raw(line[150001:])
    assert one.answer("across", 5)["result"] == {}
    assert count_of(one) == 2


def test_calls_that_wait_for_the_connection_move_to_it(start, own, tmp_path):
    """Twenty at once, of which none has begun, and a line behind them."""
    link, url = linked(own, tmp_path)
    link.symlink_to(own.directory)
    one = start(url)
    idents = [one.start_request("tools/call", {"name": "get_study_count"},
                                f"call-{number}") for number in range(20)]
    one.send_raw(request("ping", ident="behind"))
    for ident in idents:
        assert one.answer(ident)["result"]["structuredContent"] == {
            "count": 2}
    assert one.answer("behind")["result"] == {}
    assert one.unclaimed() == []


def test_a_database_that_restarts_between_calls_is_not_noticed(start, own):
    one = start(own.url())
    assert count_of(one) == 2
    own.stop_server()
    own.start_server()
    assert proc.wait_until(lambda: "connection was lost" in one.stderr)
    assert count_of(one) == 2


def test_a_database_that_stops_is_unavailable_until_it_is_back(start, own):
    one = start(own.url())
    assert count_of(one) == 2
    own.stop_server("immediate")
    try:
        for _ in range(2):
            assert refusal_of(one).startswith("unavailable: ")
        assert one.request("ping")["result"] == {}
    finally:
        own.start_server()
    assert count_of(one) == 2


def test_a_backend_that_ends_amid_a_statement_answers_it_once(start, own):
    one = start(own.url())
    assert count_of(one) == 2
    lock = own.connect()
    lock.autocommit = False
    with lock.cursor() as cursor:
        cursor.execute("LOCK TABLE core_jheuser, core_study"
                       " IN ACCESS EXCLUSIVE MODE")
    first = one.start_request("tools/call", {"name": "get_study_count"})
    second = one.start_request("tools/call", {"name": "list_studies"})
    assert proc.wait_until(lambda: own.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = %s"
        " AND wait_event_type = 'Lock'", READER) > 0)
    for pid in own.backends():
        own.execute("SELECT pg_terminate_backend(%s)", pid)
    result = one.answer(first, 5)["result"]
    lock.close()
    assert result["isError"]
    assert one.text(result).startswith("unavailable: ")
    # The one that had not begun moved along.
    answer = one.answer(second, 5)
    assert answer["result"]["structuredContent"]["total"] == 2
    assert one.unclaimed() == []


def test_a_backend_that_ends_between_calls_is_replaced(start, own):
    one = start(own.url())
    for number in range(3):
        assert count_of(one) == 2
        for pid in own.backends():
            own.execute("SELECT pg_terminate_backend(%s)", pid)
        # A call that comes before it is noticed would be answered with it.
        assert proc.wait_until(lambda: one.stderr.count(
            "connection was lost") == number + 1)
    assert count_of(one) == 2


def test_a_statement_that_takes_too_long_is_given_up(start, own):
    one = start(own.url(), args=["stdio", "-o", "statement-timeout=1"])
    assert count_of(one) == 2
    lock = own.connect()
    lock.autocommit = False
    with lock.cursor() as cursor:
        cursor.execute("LOCK TABLE core_study IN ACCESS EXCLUSIVE MODE")
    text = refusal_of(one)
    lock.close()
    assert text.startswith("too_slow: ")
    assert count_of(one) == 2


def test_one_connection_is_made_and_given_back(start, own):
    """And it cannot write, whoever the login is."""
    one = start(own.url())
    count_of(one)
    assert len(own.backends()) == 1
    assert own.column(
        "SELECT application_name FROM pg_stat_activity WHERE usename = %s",
        READER) == ["jhe-mcp"]
    one.close()
    assert proc.wait_until(lambda: own.backends() == [])


def test_without_a_login_the_database_is_left_alone_but_connected(
        start_server, own):
    """The connection is there before the first call."""
    one = start_server(env={"JHE_DB_CONN": own.url(), "BROWSER_NEVER": "1"})
    one.initialize()
    assert proc.wait_until(lambda: len(own.backends()) == 1)
    one.close()


# --- Refused ---

def first_refusal(one, *logged):
    text = refusal_of(one)
    assert text.startswith("unavailable: ")
    for words in logged:
        assert proc.wait_until(lambda: words in one.stderr, 2), one.stderr
    assert "FATAL" not in text + one.stderr
    assert one.request("ping")["result"] == {}
    return text


def test_a_missing_database_is_named(start, own):
    one = start(own.url(dbname="no_such_db"))
    assert "option database" in first_refusal(
        one, "no_such_db", "no database of this name")


def test_a_role_that_does_not_exist_is_refused(start, own):
    one = start(own.url(user="no_such_role"))
    assert "option database" in first_refusal(one, "refused the login")


@pytest.fixture
def with_password(own):
    own.execute("DROP ROLE IF EXISTS with_password")
    own.execute("CREATE ROLE with_password LOGIN PASSWORD 'CANARY-right'"
                " IN ROLE jhe_mcp_reader")
    own.execute("ALTER ROLE with_password INHERIT")
    own.allow("local all with_password scram-sha-256")
    yield "postgresql://with_password%s@/exchange?host=" + own.directory
    own.execute("DROP ROLE with_password")


@pytest.mark.parametrize("password", [":CANARY-wrong", ""])
def test_a_wrong_password_is_refused_and_not_told(start, with_password,
                                                  password):
    one = start(with_password % password)
    text = first_refusal(one, "refused the login")
    assert "option database" in text and "CANARY" not in text + one.stderr


def test_a_right_password_is_used_and_not_told(start, with_password):
    one = start(with_password % ":CANARY-right",
                args=["stdio", "-o", "log-level=debug"])
    assert count_of(one) == 2
    assert "CANARY" not in one.stderr
    for pid in [one.pid, *one.children()]:
        assert "CANARY" not in proc.command_of(pid)
    one.close()


def test_a_password_on_the_command_line_is_hidden(start_server, login,
                                                  with_password):
    """Everybody on a computer may see the words of everybody's programs."""
    url = with_password % ":CANARY-right"
    for words in (["-o", "database=" + url], ["-odatabase=" + url],
                  ["--option=database=" + url]):
        one = start_server(home=login, env={"JHE_DB_CONN": None},
                           args=["stdio", *words])
        one.initialize()
        assert count_of(one) == 2
        for pid in [one.pid, *one.children()]:
            assert "CANARY" not in proc.command_of(pid)
        assert "database=****" in proc.command_of(one.pid)
        one.close()


def test_a_database_that_is_no_exchange_is_refused(start, own):
    one = start(own.url(dbname="postgres"))
    assert "not a JupyterHealth Exchange" in first_refusal(
        one, "is not that of a JupyterHealth Exchange")


def test_a_role_without_grants_is_told_what_it_lacks(start, own):
    own.execute("DROP ROLE IF EXISTS without_grants")
    own.execute("CREATE ROLE without_grants LOGIN")
    try:
        one = start(own.url(user="without_grants"))
        assert "SELECT" in first_refusal(one, "lacks a privilege", "core_")
        one.close()
    finally:
        own.execute("DROP ROLE without_grants")


def test_a_table_that_was_not_granted_is_named(start, own):
    own.execute(f"REVOKE SELECT ON core_studypatient FROM {READER}")
    try:
        one = start(own.url())
        first_refusal(one, "lacks a privilege", "core_studypatient")
    finally:
        own.execute(f"GRANT SELECT ON core_studypatient TO {READER}")
    assert count_of(one) == 2


def test_a_role_with_too_many_connections_waits_for_one(start, own):
    own.execute(f"ALTER ROLE {READER} CONNECTION LIMIT 0")
    try:
        one = start(own.url())
        assert "try again" in first_refusal(one, "takes no connections")
    finally:
        own.execute(f"ALTER ROLE {READER} CONNECTION LIMIT -1")
    assert count_of(one) == 2


@pytest.mark.parametrize("conninfo", [
    "host=/nowhere no_such_word=1", "postgresql://[::1/x", "host='x",
    "service=no_such_service", "port=99999999 host=/nowhere"])
def test_a_conninfo_that_is_not_understood_is_told_of(start, conninfo):
    one = start(conninfo)
    first_refusal(one, "database")


def test_a_superuser_is_warned_of_and_sees_no_more(start, own):
    one = start(own.url(user="postgres"))
    assert count_of(one) == 2
    assert proc.wait_until(lambda: "superuser" in one.stderr)
    result = one.call_tool("get_study_metadata", study_id=30003)
    assert result["isError"]


def test_a_host_that_does_not_answer_is_given_up(start):
    """It takes the connection and says nothing; the client is answered."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        one = start(f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x",
                    args=["stdio", "-o", "connect-timeout=1"])
        assert refusal_of(one, 6).startswith("unavailable: ")
        start_s = time.monotonic()
        assert one.request("ping")["result"] == {}
        assert time.monotonic() - start_s < 0.5


def test_the_end_of_input_does_not_wait_for_a_database(start_server, login):
    one = start_server(home=login, env={
        "JHE_DB_CONN": "postgresql://x@127.0.0.1:9/x"})
    one.send_raw(initialize() + request("tools/call", {
        "name": "get_study_count", "arguments": {}}, "last"))
    one.end_input()
    assert one.answer("last", 5)["result"]["isError"]
    assert one.close(timeout=3) == 0
