# SPDX-License-Identifier: MIT
"""`jhe-mcp stdio` from its start to its end: many requests at once, clients
that do not read, descriptors of every kind, signals, the time to answer."""

import os
import signal
import socket
import statistics
import subprocess
import threading
import time

import pytest

from harness import built, proc
from harness.server import program as program_path
from harness.wire import (Pipes, by_id, call, environment, initialize,
                          messages_of, notification, request, sign_in_url,
                          talk)

MIB = 1024 * 1024


def ping(ident):
    return request("ping", ident=ident)


def resident(pid):
    """Bytes of memory a process has; one that has just ended has none."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Lock:
    """While it is held no tool's statement comes to an end."""

    def __init__(self, pg):
        self.pg = pg
        self.connection = pg.connect()
        self.connection.autocommit = False

    def hold(self):
        with self.connection.cursor() as cursor:
            cursor.execute("LOCK TABLE core_jheuser, core_study"
                           " IN ACCESS EXCLUSIVE MODE")

    def release(self):
        self.connection.rollback()

    def is_waited_for(self):
        return self.pg.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename ="
            " 'jhe_mcp_reader' AND wait_event_type = 'Lock'") > 0


@pytest.fixture
def lock(pg):
    one = Lock(pg)
    yield one
    one.connection.close()


@pytest.fixture
def signed_in(start_server):
    """signed_in(...): a Server whose person has signed in."""
    def start(**options):
        options.setdefault("user", "manager_maya")
        one = start_server(**options)
        one.initialize()
        assert not one.call_tool("get_study_count").get("isError")
        return one
    return start


# --- Many at once ---

def test_each_of_many_requests_is_answered_exactly_once():
    data = initialize(ident="first")
    for number in range(600):
        data += ping(number)
        data += notification("no/such", {"n": number})
        if number % 10 == 0:
            data += request("tools/list", ident=f"list-{number}")
        if number % 50 == 0:
            data += b"no json\n\n"
    told = talk(data)
    assert told.returncode == 0
    found = by_id(told.messages)
    assert len(found.pop("null", found.pop(None, []))) == 12
    assert len(found) == 1 + 600 + 60
    assert all(len(answers) == 1 for answers in found.values())


def test_a_request_may_come_a_byte_at_a_time():
    with Pipes() as one:
        for byte in ping(4):
            one.write(bytes([byte]))
        assert one.line()["id"] == 4


def test_calls_over_64_are_refused_and_the_others_answered_after_the_login(
        start_server, exchange):
    one = start_server(user="manager_maya", env={"BROWSER_NEVER": "1"})
    one.initialize()
    idents = [f"call-{number}" for number in range(70)]
    for ident in idents:
        one.start_request("tools/call", {"name": "get_study_count"}, ident)
    refused = [one.answer(ident) for ident in idents[64:]]
    assert {answer["error"]["code"] for answer in refused} == {-32603}
    assert one.request("ping")["result"] == {}
    assert proc.wait_until(lambda: sign_in_url(one.stderr))
    browser = dict(os.environ, **exchange.browser_environment("manager_maya"))
    assert subprocess.run([browser["BROWSER"], sign_in_url(one.stderr)],
                          env=browser, check=False).returncode == 0
    for ident in idents[:64]:
        answer = one.answer(ident)
        assert answer["result"]["structuredContent"] == {"count": 2}
    assert one.unclaimed() == []


def test_a_cancelled_call_is_not_answered_and_the_next_is(signed_in, lock):
    one = signed_in()
    lock.hold()
    running = one.start_request("tools/call", {"name": "get_study_count"})
    waiting = one.start_request("tools/call", {"name": "list_studies"})
    assert proc.wait_until(lock.is_waited_for)
    one.notify("notifications/cancelled", {"requestId": running})
    one.notify("notifications/cancelled", {"requestId": waiting,
                                           "reason": "no need"})
    assert one.request("ping")["result"] == {}
    lock.release()
    assert one.call_tool("get_study_count")["structuredContent"] == {
        "count": 2}
    assert one.unclaimed() == []


# --- A client that does not read ---

def test_a_client_that_does_not_read_is_waited_for_in_bounded_memory():
    count = 2500        # some 25 MB of answers to 10 MB of requests
    more = {"_meta": {"x": "y" * 4000}}
    with Pipes() as one:
        one.write(initialize())
        one.line()
        sent = []

        def write():
            for number in range(1, count + 1):
                one.write(request("tools/list", more, number))
                sent.append(number)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()

        def is_stuck():
            before = len(sent)
            time.sleep(0.3)
            return len(sent) == before

        assert proc.wait_until(is_stuck, 20)
        assert len(sent) < count, "it read on for ever"
        for pid in [one.pid, *one.children()]:
            # Sanitizers take several times as much.
            assert not built.sandboxed() or resident(
                pid) < 48 * MIB, proc.command_of(pid)
        seen = [one.line()["id"] for _ in range(count)]
        writer.join(10)
        one.process.stdin.close()
        assert one.process.stdout.read() == b""
        assert seen == list(range(1, count + 1))
        assert one.ends() == 0


def test_a_client_that_closes_its_end_ends_it():
    with Pipes() as one:
        one.write(initialize())
        one.line()
        one.process.stdout.close()
        one.write(ping(1))
        assert one.ends() == 0


def test_a_full_disk_behind_stdout_ends_it():
    with open("/dev/full", "wb") as full:
        with Pipes(stdout=full) as one:
            one.write(ping(1))
            assert one.ends() in (0, 1)


# --- The end of input ---

def test_end_of_input_ends_it_at_once():
    with Pipes() as one:
        one.write(initialize())
        one.line()
        assert one.children()
        start = time.monotonic()
        one.process.stdin.close()
        assert one.ends() == 0
        assert time.monotonic() - start < 1
        assert one.process.stdout.read() == b""


def test_end_of_input_waits_for_a_call_at_work(signed_in, lock):
    one = signed_in()
    lock.hold()
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lock.is_waited_for)
    one.end_input()
    time.sleep(0.5)
    lock.release()
    answer = one.answer(ident, 10)
    assert answer["result"]["structuredContent"] == {"count": 2}
    assert one.close() == 0


def test_end_of_input_waits_no_longer_than_a_statement_may_take(signed_in,
                                                                lock):
    one = signed_in(args=["stdio", "-o", "statement-timeout=1"])
    lock.hold()
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lock.is_waited_for)
    one.end_input()
    assert one.text(one.answer(ident, 5)["result"]).startswith("too_slow: ")
    assert one.close(timeout=3) == 0


def test_end_of_input_ends_the_wait_for_a_login(start_server):
    one = start_server(env={"BROWSER_NEVER": "1"})
    one.initialize()
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: sign_in_url(one.stderr))
    one.end_input()
    result = one.answer(ident, 5)["result"]
    assert result["isError"] and one.text(result).startswith("login_needed: ")
    assert one.close(timeout=3) == 0


def test_a_call_and_the_end_of_input_at_once_open_no_browser(exchange):
    told = talk(initialize() + call("get_study_count", 1),
                JHE_BASE_URL=exchange.base_url,
                JHE_DB_CONN=exchange.pg.url())
    assert told.returncode == 0
    result = told.messages[1]["result"]
    assert result["isError"]
    assert result["content"][0]["text"].startswith("login_needed: ")
    assert sign_in_url(told.stderr) is None


def test_a_stored_login_answers_a_call_that_the_end_of_input_follows(
        signed_in, exchange, tmp_path):
    signed_in(home=str(tmp_path)).close()
    told = talk(initialize() + call("get_study_count", 1)
                + call("list_studies", 2),
                TOKEN_CACHE_DIR=str(tmp_path / ".jhe_mcp"),
                JHE_BASE_URL=exchange.base_url,
                JHE_DB_CONN=exchange.pg.url())
    assert told.returncode == 0
    results = {message["id"]: message for message in told.messages}
    assert results[1]["result"]["structuredContent"] == {"count": 2}
    assert results[2]["result"]["structuredContent"]["total"] == 2


# --- Signals ---

@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_ends_it(number):
    with Pipes() as one:
        one.write(initialize())
        one.line()
        assert one.children()
        os.kill(one.pid, getattr(signal, number))
        assert one.ends(3) == 0


def test_a_signal_ends_it_while_it_starts():
    for delay_ms in (0, 1, 2, 4, 8, 16):
        with Pipes() as one:
            one.write(initialize())
            time.sleep(delay_ms / 1000)
            os.kill(one.pid, signal.SIGTERM)
            # Before it can tell signals apart it dies of them.
            assert one.ends(3) in (0, -signal.SIGTERM)
            messages_of(one.process.stdout.read())


def test_a_signal_ends_it_with_a_call_at_work(signed_in, lock):
    one = signed_in()
    lock.hold()
    one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lock.is_waited_for)
    one.signal(signal.SIGTERM)
    assert one.process.wait(4) == 0
    assert one.close() == 0
    # The statement is not left to run without anybody who waits for it.
    assert proc.wait_until(lambda: not lock.is_waited_for(), 5)


def test_a_signal_ends_it_amid_a_login(start_server):
    one = start_server(env={"BROWSER_NEVER": "1"})
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: sign_in_url(one.stderr))
    one.signal(signal.SIGTERM)
    assert one.process.wait(4) == 0
    assert one.cache() is None
    assert one.close() == 0


# --- Descriptors ---

def test_one_socket_may_be_input_and_output():
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            one = Pipes(stdin=theirs, stdout=theirs)
        with one:
            file = ours.makefile("rb")
            ours.sendall(initialize() + request("tools/list"))
            assert messages_of(file.readline())[0]["id"] == 0
            assert messages_of(file.readline())[0]["id"] == 1
            ours.shutdown(socket.SHUT_WR)
            assert file.read() == b""
            assert one.ends() == 0


def test_files_may_be_input_and_output(tmp_path):
    asked, told = tmp_path / "in", tmp_path / "out"
    asked.write_bytes(initialize() + ping(1) * 500)
    with open(asked, "rb") as stdin, open(told, "wb") as stdout:
        with Pipes(stdin=stdin, stdout=stdout) as one:
            assert one.ends() == 0
    assert len(messages_of(told.read_bytes())) == 501


def test_more_answers_than_are_kept_go_to_a_file(tmp_path):
    """Nothing tells of a file that it can be written again."""
    count = 2000        # some 20 MB
    asked, told = tmp_path / "in", tmp_path / "out"
    asked.write_bytes(initialize() + b"".join(
        request("tools/list", ident=number + 1) for number in range(count)))
    with open(asked, "rb") as stdin, open(told, "wb") as stdout:
        with Pipes(stdin=stdin, stdout=stdout) as one:
            assert one.ends(30) == 0
    found = [message["id"] for message in messages_of(told.read_bytes())]
    assert found == list(range(count + 1))


def test_output_may_be_appended_to_a_file(tmp_path):
    told = tmp_path / "out"
    told.write_bytes(b"before\n")
    with open(told, "ab") as stdout:
        with Pipes(stdout=stdout) as one:
            one.write(ping(1))
            one.process.stdin.close()
            assert one.ends() == 0
    before, rest = told.read_bytes().split(b"\n", 1)
    assert before == b"before" and len(messages_of(rest)) == 1


def test_descriptors_shared_with_others_stay_blocking():
    """O_NONBLOCK would hold for the terminal or pipe of every process."""
    read_end, write_end = os.pipe()
    with Pipes(stdout=write_end) as one:
        one.write(initialize())
        assert messages_of(os.read(read_end, 65536))[0]["id"] == 0
        assert os.get_blocking(write_end) and os.get_blocking(read_end)
        one.process.stdin.close()
        assert one.ends() == 0
    os.close(read_end)
    os.close(write_end)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-",
                                    "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_it_starts_without_standard_descriptors(closed, tmp_path):
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" stdio {closed}', program_path()],
        input=ping(1), env=environment(str(tmp_path)), timeout=10,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0
    answered = "<&-" not in closed and ">&-" not in closed.replace("2>&-", "")
    assert len(messages_of(done.stdout)) == answered


# --- Nothing there, and the time it takes ---

def test_without_database_and_exchange_all_but_calls_is_answered_at_once():
    """Both accept a connection and then say nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as mute:
        port = mute.getsockname()[1]
        with Pipes(env={
                "JHE_BASE_URL": f"http://127.0.0.1:{port}",
                "JHE_DB_CONN": f"postgresql://x@127.0.0.1:{port}/x"}) as one:
            start = time.monotonic()
            one.write(initialize() + request("tools/list", ident=1)
                      + request("resources/list", ident=2) + ping(3)
                      + request("resources/read", {
                          "uri": "schema://jupyterhealth/permission_model"},
                          4))
            answers = [one.line() for _ in range(5)]
            assert time.monotonic() - start < 1
            assert sorted(one["id"] for one in answers) == [0, 1, 2, 3, 4]
            assert all("result" in one for one in answers)


def test_the_first_answer_comes_within_milliseconds(capsys):
    took = {"initialize": [], "tools/list": []}
    for _ in range(20):
        start = time.monotonic()
        with Pipes() as one:
            for line, name in ((initialize(), "initialize"),
                               (request("tools/list"), "tools/list")):
                one.write(line)
                one.line()
                took[name].append(1000 * (time.monotonic() - start))
            one.process.stdin.close()
            assert one.ends() == 0
    with capsys.disabled():
        for name, times in took.items():
            print(f"\n{name} answered after {statistics.median(times):.1f} ms"
                  f" (median of 20 starts, {min(times):.1f} to"
                  f" {max(times):.1f}; target 15)", end="")
    if built.sandboxed():       # sanitizers take their time
        assert statistics.median(took["initialize"]) < 100
        assert statistics.median(took["tools/list"]) < 150
