# SPDX-License-Identifier: MIT
"""Requests that take their time: progress, cancellation, subscriptions and
batches, while a login is waited for, while the database works, while one
worker takes over from another or dies."""

import json
import os
import signal
import time

import pytest

from harness import proc, server
from harness.person import browse, waits_for_login
from test_revisions import MODERN, batch, meta
from harness.wire import notification, request

ALL = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", MODERN]
LOCKED = """SELECT pid FROM pg_stat_activity
            WHERE usename = 'jhe_mcp_reader' AND wait_event_type = 'Lock'"""
COUNT = {"name": "get_study_count"}


class Recorder(server.Server):
    """It keeps the lines, too, each as JSON with the time it came."""

    def __init__(self, *arguments, **options):
        self.lines = []
        super().__init__(*arguments, **options)

    def _take(self, line):
        super()._take(line)
        try:
            self.lines.append((time.monotonic(), json.loads(line)))
        except ValueError:
            pass                    # among the violations

    def arrays(self):
        return [line for _, line in self.lines if isinstance(line, list)]

    def wait_for_array(self, count=1, timeout=20):
        assert proc.wait_until(lambda: len(self.arrays()) >= count,
                               timeout), self.stderr
        return self.arrays()[count - 1]

    def progress(self, token):
        return [(when, line["params"]) for when, line in self.lines
                if isinstance(line, dict)
                and line.get("method") == "notifications/progress"
                and line["params"]["progressToken"] == token]

    def unread(self):
        """Answers that came and were not asked for by answer()."""
        return [one for many in self._answers.values() for one in many]

    def signed_in(self, version="2025-03-26"):
        self.initialize(version)
        assert not self.call_tool("get_study_count").get("isError")
        return self


class Lock:
    """While it is held no tool's statement comes to an end."""

    def __init__(self, pg):
        self.pg = pg
        self.connection = pg.connect()
        self.connection.autocommit = False

    def hold(self):
        with self.connection.cursor() as cursor:
            cursor.execute("LOCK TABLE core_study, core_jheuser"
                           " IN ACCESS EXCLUSIVE MODE")

    def release(self):
        self.connection.rollback()

    def waiter(self):
        """Pid of the backend that waits for it."""
        assert proc.wait_until(lambda: self.pg.column(LOCKED))
        return self.pg.column(LOCKED)[0]

    def is_waited_for(self):
        return self.waiter() > 0

    def is_left_by(self, pid, timeout=5):
        """Others may come: who connects anew waits for it as well."""
        return proc.wait_until(lambda: pid not in self.pg.column(LOCKED),
                               timeout, 0.005)


@pytest.fixture
def lock(pg):
    one = Lock(pg)
    yield one
    one.connection.close()


@pytest.fixture
def start(exchange, program):
    started = []

    def make(**options):
        options.setdefault("user", "manager_maya")
        one = Recorder(exchange, **options)
        started.append(one)
        return one

    yield make
    for one in started:
        if one.returncode is None:
            one.close()


def call(ident, token=None, version="2025-03-26", **arguments):
    """tools/call of get_study_count as a line."""
    params = dict(COUNT, arguments=arguments)
    inner = meta() if version == MODERN else {}
    if token is not None:
        inner["progressToken"] = token
    if inner:
        params["_meta"] = inner
    return request("tools/call", params, ident)


def cancel(ident):
    return notification("notifications/cancelled", {"requestId": ident,
                                                    "reason": "a test"})


def count_of(answer):
    """What get_study_count said, at any revision."""
    return json.loads(answer["result"]["content"][1]["text"])["count"]


def is_unavailable(answer):
    return answer["error"]["code"] == -32603 and \
        answer["error"]["message"].startswith("unavailable: ")


# --- Progress ---

@pytest.mark.parametrize("version", ALL)
def test_progress_is_told_while_the_database_works(start, lock, version):
    one = start().signed_in(version if version != MODERN else "2025-11-25")
    lock.hold()
    one.send_raw(call(11, "p", version) + call(12, 7, version)
                 + call(13, None, version))
    time.sleep(5)
    lock.release()
    for ident in (11, 12, 13):
        assert count_of(one.answer(ident)) == 2
    answered = len(one.lines)
    time.sleep(2.2)
    assert len(one.lines) == answered, "progress after the answer"
    for token in ("p", 7):
        told = one.progress(token)
        assert 2 <= len(told) <= 3, told
        values = [params["progress"] for _, params in told]
        assert values == sorted(set(values))
        shape = {"progressToken", "progress"}
        if version > "2024-11-05":
            shape.add("message")
        assert all(set(params) == shape for _, params in told)
        # JSON has one kind of number, but a token is what it was.
        assert {type(params["progressToken"]) for _, params in told} == {
            type(token)}
    tokens = {line["params"]["progressToken"] for _, line in one.lines
              if line.get("method") == "notifications/progress"}
    assert tokens == {"p", 7}


def test_progress_goes_on_growing_from_worker_to_worker(start, exchange):
    """A login takes a while; the one that runs the call is another worker
    than the one that read it, if the database was away meanwhile."""
    one = start(env={"BROWSER_NEVER": "1"})
    one.initialize()
    first = one.child("worker")
    one.send_raw(call(1, "p"))
    url = waits_for_login(one)
    time.sleep(4.5)
    for pid in exchange.pg.backends():
        exchange.pg.execute("SELECT pg_terminate_backend(%s)", pid)
    time.sleep(4.5)
    assert browse(exchange, url) == 0
    assert count_of(one.answer(1)) == 2
    told = [params["progress"] for _, params in one.progress("p")]
    assert len(told) >= 3
    assert all(a < b for a, b in zip(told, told[1:])), told
    assert not proc.alive(first) or one.child("worker") != first


def test_progress_is_told_although_requests_keep_coming(start, lock):
    one = start().signed_in()
    lock.hold()
    one.send_raw(call(1, "p"))
    for number in range(40):
        time.sleep(0.1)
        one.send_raw(call(f"more-{number}"))
    lock.release()
    assert count_of(one.answer(1)) == 2
    assert one.progress("p")
    for number in range(40):
        assert count_of(one.answer(f"more-{number}")) == 2


# --- Cancellation ---

@pytest.mark.parametrize("version", ["2024-11-05", "2025-11-25", MODERN])
def test_cancelling_ends_the_statement_within_300_ms_and_only_it(
        start, lock, pg, capsys, version):
    one = start().signed_in(version if version != MODERN else "2025-11-25")
    lock.hold()
    one.send_raw(call(1, None, version) + call("1", None, version)
                 + call(2, None, version))
    pid = lock.waiter()
    began = time.monotonic()
    one.send_raw(cancel(1))
    assert lock.is_left_by(pid)
    took_ms = 1000 * (time.monotonic() - began)
    with capsys.disabled():
        print(f"\nat {version} the statement was gone after {took_ms:.0f} ms",
              end="")
    assert took_ms < 300
    assert pid not in pg.backends()
    # The others were read, not begun: they go on in another worker.
    lock.release()
    assert count_of(one.answer("1")) == 2
    assert count_of(one.answer(2)) == 2
    assert one.request("tools/list")["result"]
    assert one.unread() == []


def test_ids_of_other_types_and_unknown_ones_cancel_nothing(start, lock):
    one = start().signed_in()
    lock.hold()
    one.send_raw(call(1) + call(2))
    assert lock.is_waited_for()
    for ident in ("1", 3, None, 1.0, 1.5, {}, [1], True, "x" * 300):
        one.notify("notifications/cancelled", {"requestId": ident})
    one.notify("notifications/cancelled", {})
    one.notify("notifications/cancelled", [1])
    one.send_raw(b'{"jsonrpc":"2.0","method":"notifications/cancelled",'
                 b'"params":{"requestId":1,"requestId":2}}\n')
    assert one.request("ping")["result"] == {}
    assert lock.is_waited_for()
    lock.release()
    assert count_of(one.answer(1)) == 2
    assert count_of(one.answer(2)) == 2


def test_initialize_is_not_cancelled(start):
    one = start()
    one.send_raw(request("initialize", {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"}}, 1) + cancel(1))
    assert one.answer(1)["result"]["protocolVersion"] == "2025-11-25"
    assert one.request("ping")["result"] == {}


def test_a_call_that_waits_for_a_login_is_cancelled(start, exchange):
    one = start(env={"BROWSER_NEVER": "1"})
    one.initialize()
    one.send_raw(call(1, "p") + call(2))
    url = waits_for_login(one)
    one.send_raw(cancel(1))
    assert one.request("ping")["result"] == {}
    assert browse(exchange, url) == 0
    assert count_of(one.answer(2)) == 2
    assert one.unread() == [] and one.progress("p") == []


def test_cancelled_again_and_again_it_goes_on(start, lock):
    one = start().signed_in()
    for number in range(5):
        # The worker that was cancelled has no connection any more.
        assert not one.call_tool("get_study_count").get("isError")
        lock.hold()
        one.send_raw(call(number))
        pid = lock.waiter()
        one.send_raw(cancel(number))
        assert lock.is_left_by(pid)
        lock.release()
    one.send_raw(call("last"))
    assert count_of(one.answer("last")) == 2
    assert one.unread() == []


# --- Subscriptions ---

def listen(ident):
    return request("subscriptions/listen", {
        "_meta": meta(), "notifications": {"toolsListChanged": True}}, ident)


def acknowledged(one):
    return [line["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"]
            for _, line in one.lines if isinstance(line, dict)
            and line.get("method")
            == "notifications/subscriptions/acknowledged"]


def test_a_subscription_stays_from_worker_to_worker(start, lock):
    one = start()
    one.send_raw(listen("s") + listen(5))
    one.signed_in()
    lock.hold()
    one.send_raw(call(1))
    assert lock.is_waited_for()
    before = one.child("worker")
    one.send_raw(cancel(1))         # the worker loses its connection
    lock.release()
    assert not one.call_tool("get_study_count").get("isError")
    assert one.child("worker") != before
    assert sorted(acknowledged(one), key=str) == [5, "s"]
    one.send_raw(cancel(5))
    assert one.request("ping")["result"] == {}
    assert one.unread() == []
    assert one.close() == 0
    assert [answer["id"] for answer in one.unread()] == ["s"]
    assert acknowledged(one) == ["s", 5]


def test_a_subscription_ends_with_an_error_when_the_worker_dies(start):
    one = start().signed_in()
    one.send_raw(listen("s"))
    assert proc.wait_until(lambda: acknowledged(one))
    os.kill(one.child("worker"), signal.SIGKILL)
    assert is_unavailable(one.answer("s"))
    assert not one.call_tool("get_study_count").get("isError")


# --- Batches ---

def test_a_batch_is_answered_when_its_last_call_is(start, lock):
    one = start().signed_in()
    lock.hold()
    one.send_raw(batch(call(1, "p"), request("ping", ident="ping"), call(2),
                       notification("no/such")))
    assert lock.is_waited_for()
    # Whatever else is asked does not wait for it.
    assert one.request("tools/list")["result"]
    one.send_raw(batch(request("ping", ident="other")))
    assert one.wait_for_array()[0]["id"] == "other"
    time.sleep(2.2)
    assert one.progress("p"), "progress is told outside of the array"
    lock.release()
    array = one.wait_for_array(2)
    assert sorted(str(answer["id"]) for answer in array) == ["1", "2",
                                                              "ping"]
    for answer in array:
        if answer["id"] != "ping":
            assert count_of(answer) == 2
    time.sleep(0.3)
    assert len(one.arrays()) == 2


def test_a_batch_waits_for_the_login_and_for_another_worker(start, exchange):
    """The worker that reads it has no database: it passes it on."""
    one = start(env={"BROWSER_NEVER": "1"})
    one.initialize("2025-03-26")
    one.send_raw(batch(call(1), request("ping", ident=2), call(3),
                       b'{"jsonrpc":"2.0","id":4}', b"5"))
    url = waits_for_login(one)
    one.send_raw(cancel(3))
    for pid in exchange.pg.backends():
        exchange.pg.execute("SELECT pg_terminate_backend(%s)", pid)
    time.sleep(0.5)
    assert browse(exchange, url) == 0
    array = one.wait_for_array()
    assert [answer.get("id") for answer in array if "error" in answer] == [
        4, None]
    good = {answer["id"]: answer for answer in array if "result" in answer}
    assert sorted(good) == [1, 2]
    assert count_of(good[1]) == 2
    assert len(one.arrays()) == 1


def test_what_a_batch_has_answered_is_not_done_again(start, lock):
    """Its first call is done, its second is cancelled as it runs, the last
    is done by the next worker: one array with both."""
    one = start().signed_in()
    lock.hold()
    one.send_raw(batch(request("resources/read", {
        "uri": "schema://jupyterhealth/core_patient"}, "done"),
        call("slow"), call("late"), call("later")))
    pid = lock.waiter()
    one.send_raw(cancel("slow"))
    assert lock.is_left_by(pid)
    one.send_raw(cancel("late"))
    lock.release()
    array = one.wait_for_array()
    assert [answer["id"] for answer in array] == ["done", "later"]
    assert array[0]["result"]["contents"] and count_of(array[1]) == 2
    assert one.request("ping")["result"] == {}
    assert one.close() == 0
    assert len(one.arrays()) == 1


def test_all_of_a_batch_cancelled_is_not_answered(start, lock):
    one = start().signed_in()
    lock.hold()
    one.send_raw(batch(call(1), call(2)))
    pid = lock.waiter()
    one.send_raw(cancel(2) + batch(cancel(1)))
    assert lock.is_left_by(pid)
    lock.release()
    one.send_raw(batch(call(3), cancel(3)))
    assert not one.call_tool("get_study_count").get("isError")
    assert one.arrays() == [] and one.unread() == []


def test_a_batch_of_too_many_calls_is_refused_as_one(start):
    one = start().signed_in()
    one.send_raw(batch(*[call(number) for number in range(65)]))
    array = one.wait_for_array()
    assert [answer["id"] for answer in array] == list(range(65))
    assert {answer["error"]["code"] for answer in array} == {-32603}
    one.send_raw(batch(*[call(number) for number in range(64)]))
    array = one.wait_for_array(2)
    assert [count_of(answer) for answer in array] == [2] * 64


def test_each_of_a_batch_is_answered_once_when_the_worker_dies(start, lock):
    one = start().signed_in()
    lock.hold()
    one.send_raw(batch(call(1), request("ping", ident="ping"), call(2),
                       request("no/such", ident="no")) + call(3))
    assert lock.is_waited_for()
    os.kill(one.child("worker"), signal.SIGKILL)
    for ident in (1, "ping", 2, "no", 3):
        assert is_unavailable(one.answer(ident)), ident
    lock.release()
    one.send_raw(batch(call(1)))
    assert count_of(one.wait_for_array()[0]) == 2
    one._answers.pop("1")
    assert one.close() == 0
    assert one.unread() == []


def test_batches_and_requests_at_once_are_answered_exactly_once(start):
    one = start().signed_in()
    expected = []
    for number in range(30):
        idents = [f"{number}-{n}" for n in range(number % 3 + 1)]
        expected += idents + [f"{number}-ping", number]
        one.send_raw(batch(*[call(ident) for ident in idents],
                           request("ping", ident=f"{number}-ping"))
                     + request("tools/list", {"_meta": meta()}, number))
        if number % 5 == 4:
            one.answer(number)
            assert proc.wait_until(
                lambda: len(one.arrays()) == number + 1, 20)
    assert proc.wait_until(lambda: len(one.arrays()) == 30, 20)
    for ident in expected:
        if isinstance(ident, str) or ident % 5 != 4:
            one.answer(ident, 5)
    assert one.unread() == []
