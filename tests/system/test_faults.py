# SPDX-License-Identifier: MIT
"""Faults and moments: what breaks around a client, when, what its user sees
and what remains.  The table of it is printed at the end, and written to
tests/faults.txt below TOP_BUILDDIR.

Each request is answered exactly once and in time, with words that name the
side that failed; then the next call works; nothing is left behind.

JHE_TEST_SEED repeats the random moments of a run, as far as a machine can.
"""

import json
import os
import random
import re
import signal
import textwrap
import time

import pytest

from harness import built, proc
from harness.fake_exchange import Key, reply
from harness.person import Person, visit, waits_for_login
from harness.postgres import Own
from harness.relay import Relay
from harness.wire import Pipes, initialize, request, sign_in_url

SEED = int(os.environ.get("JHE_TEST_SEED") or random.SystemRandom().getrandbits(
    32))
DISCOVERY = "/o/.well-known/openid-configuration/"
KEYS = "/o/.well-known/jwks.json"
TOKEN = "/o/token/"
LOAD = [("tools/call", {"name": "get_study_count", "arguments": {}}),
        ("tools/call", {"name": "list_studies", "arguments": {}}),
        ("tools/call", {"name": "get_study_metadata",
                        "arguments": {"study_id": 30001}}),
        ("tools/call", {"name": "get_study_metadata",
                        "arguments": {"study_id": 30006}}),
        ("resources/read", {
            "uri": "schema://jupyterhealth/permission_model"}),
        ("tools/list", {}), ("resources/list", {}), ("ping", {})]
TABLE = []


def row(broken, when, answers, remained, again=0):
    """What the user saw is counted from the answers themselves."""
    seen = {}
    for answer in answers:
        seen[said(answer)] = seen.get(said(answer), 0) + 1
    cells = [f"{n} × {text}" if len(answers) > 1 else text
             for text, n in sorted(seen.items(), key=lambda one: -one[1])]
    if again:
        cells.append(f"{again} of them again, as that error")
    TABLE.append((broken, when, "; ".join(cells), remained))


@pytest.fixture(scope="module", autouse=True)
def table(request):
    yield
    widths = (26, 27, 44, 32)
    lines = [f"seed {SEED}", ""]
    for cells in [("what was broken", "when", "what the user saw",
                   "what remained")] + TABLE:
        wrapped = [textwrap.wrap(cell, width) or [""]
                   for cell, width in zip(cells, widths)]
        for n in range(max(map(len, wrapped))):
            lines.append(" | ".join(
                (part[n] if n < len(part) else "").ljust(width)
                for part, width in zip(wrapped, widths)).rstrip())
        lines.append("-+-".join("-" * width for width in widths))
    text = "\n".join(lines) + "\n"
    top = os.environ.get("TOP_BUILDDIR")
    if top:
        os.makedirs(os.path.join(top, "tests"), exist_ok=True)
        with open(os.path.join(top, "tests", "faults.txt"), "w",
                  encoding="utf-8") as file:
            file.write(text)
    manager = request.config.pluginmanager.getplugin("capturemanager")
    with manager.global_and_fixture_disabled():
        print("\n" + text)


# --- What was answered ---

def is_result(answer):
    return "result" in answer and not answer["result"].get("isError")


def text_of(answer):
    """The words of a refusal, whatever its shape."""
    if "error" in answer:
        return answer["error"]["message"]
    return answer["result"]["content"][0]["text"]


def said(answer):
    if is_result(answer):
        return "its result"
    text = re.sub(r"https?://\S+", "ADDRESS", text_of(answer))
    return '"' + text.split(". ")[0].rstrip(".") + '"'


class Load:
    """Requests, some always in flight; each id is new.

    No order of steps makes a write to a pipe and the word of it one: a
    worker that is killed between them has its answer told a second time, as
    an error.  That is counted, and told in the table."""

    def __init__(self, server, width=8):
        self.server = server
        self.width = width
        self.idents = []
        self.again = 0          # answered a second time, by an error
        self.kills = 0          # in as many instants that may be

    def open(self):
        return [ident for ident in self.idents[-10 * self.width:]
                if not self.server.answers(ident)]

    def send(self, n=1):
        for _ in range(n):
            method, params = LOAD[len(self.idents) % len(LOAD)]
            self.idents.append(self.server.start_request(
                method, params, f"load-{len(self.idents)}"))

    def run(self, seconds, events=()):
        """events: [(second, function), ...]"""
        events = sorted(events, key=lambda event: event[0])
        start = time.monotonic()
        while events or time.monotonic() < start + seconds:
            while events and time.monotonic() >= start + events[0][0]:
                events.pop(0)[1]()
            missing = self.width - len(self.open())
            if missing > 0:
                self.send(missing)
            time.sleep(0.001)
        return self

    def end(self, timeout=20):
        """All answers; each exactly once."""
        assert proc.wait_until(lambda: not self.missing(), timeout), (
            f"seed {SEED}: never answered: {self.missing()} of "
            f"{len(self.idents)}\n{self.server.stderr}")
        time.sleep(0.2)
        for ident in self.idents:
            found = self.server.answers(ident)
            # Killed after it wrote an answer, before it could say so.
            if len(found) == 2 and is_result(found[0]) and not is_result(
                    found[1]) and text_of(found[1]).startswith(DIED):
                self.again += 1
            else:
                assert len(found) == 1, f"seed {SEED}: {found}"
        assert self.again <= self.kills, f"seed {SEED}: {self.again}"
        return [self.server.answers(ident)[0] for ident in self.idents]

    def missing(self):
        return [ident for ident in self.idents
                if not self.server.answers(ident)]


def only(answers, *beginnings):
    """What was refused was refused with one of these words."""
    for answer in answers:
        if not is_result(answer):
            assert text_of(answer).startswith(beginnings), answer
    return answers


DIED = "unavailable: the process that worked on this request ended"
LOST = "unavailable: the connection to the exchange's database was lost"
DOWN = "unavailable: the exchange's database cannot be reached"
SILENT = "too_slow: the exchange's database did not answer"


def signed_in(start_server, **options):
    options.setdefault("user", "manager_maya")
    one = start_server(**options)
    one.may_be_cut = True
    one.initialize()
    works(one)
    one.fds = descriptors(one)
    return one


def works(server, timeout=20):
    result = server.call_tool("get_study_count", timeout=timeout)
    assert result.get("structuredContent") == {"count": 2}, (
        server.text(result), server.stderr)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def nothing_left(server):
    """After the fault it works and holds no more than before it; after its
    end there is nothing.  close() looks at processes and output."""
    works(server)

    def settled():
        kinds = " ".join(server.children().values())
        return kinds.count("worker") == 1 and "broker" not in kinds

    assert proc.wait_until(settled, 15), server.children()
    if hasattr(server, "fds"):
        assert proc.wait_until(lambda: descriptors(server) <= server.fds, 5)
    left = set(os.listdir(server.cache_dir)) if os.path.isdir(
        server.cache_dir) else set()
    assert left <= {"token_cache.json", "token_cache.lock"}
    home = set(os.listdir(server.home)) - {".jhe_mcp"}
    server.left_s = 8
    server.close()
    assert not home, home


# --- Processes killed at random moments ---

def kill(server, word):
    """All of a kind that there are now."""
    for pid, command in server.children().items():
        if word in command:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


@pytest.mark.parametrize("width", [1, 8, 40])
def test_workers_killed_under_load(start_server, width):
    chance = random.Random(SEED + width)
    one = signed_in(start_server)
    load = Load(one, width)
    moments = [chance.uniform(0, 6) for _ in range(8)]
    load.kills = len(moments)
    load.run(6.5, [(at, lambda: kill(one, "worker")) for at in moments])
    answers = only(load.end(), DIED, DOWN)
    nothing_left(one)
    row("worker, killed 8 times", f"at random, {width} in flight", answers,
        "session and sign-in; the next call works", load.again)


def test_a_worker_killed_with_requests_in_its_input(start_server):
    one = signed_in(start_server)
    load = Load(one, 60)
    load.kills = 1
    load.send(60)
    time.sleep(0.02)
    kill(one, "worker")
    answers = only(load.end(), DIED, DOWN)
    nothing_left(one)
    row("worker, killed once", "60 requests in its input", answers,
        "session and sign-in; the next call works")


def test_a_worker_killed_with_its_answers_unread():
    """A client that is busy reads nothing while it dies; what was answered
    at once is owed as much as a call."""
    count = 40
    with Pipes() as one:
        one.write(initialize())
        one.line()
        worker = [pid for pid, command in (
            (pid, proc.command_of(pid)) for pid in one.children())
            if "worker" in command]
        for number in range(count):
            one.write(request("tools/list", ident=number))
        time.sleep(0.5)
        os.kill(min(worker), signal.SIGKILL)
        time.sleep(0.5)
        lines = []
        while len({line.get("id") for line in lines}) < count:
            text = one.process.stdout.readline()
            assert text, "its output ended"
            try:
                lines.append(json.loads(text))
            except ValueError:          # the line that was cut
                assert len(lines) < count
        one.process.stdin.close()
        rest = one.process.stdout.read()
        one.ends()
    assert not rest.strip()
    assert sorted(line["id"] for line in lines) == list(range(count))
    row("worker, killed once", "40 answers that the client has not read",
        only(lines, DIED), "what was written; one line may be cut")


def test_workers_killed_as_they_start(start_server, exchange):
    """Around the hand-over from the bare one to the connected one."""
    chance = random.Random(SEED + 1)
    first = signed_in(start_server)
    answers, again = [], 0
    for _ in range(10):
        one = start_server(user="manager_maya", home=first.home)
        one.may_be_cut = True
        load = Load(one, 4)
        load.kills = 2          # workers there are
        load.send(4)
        load.run(0.3, [(chance.uniform(0, 0.25), lambda: kill(
            one, "worker"))])
        answers += only(load.end(), DIED, DOWN)
        again += load.again
        works(one)
        one.close()
    nothing_left(first)
    row("worker, killed once", "in the first quarter of a second, 10 times",
        answers, "the next call works", again)


def expire(server):
    cache = server.cache()
    cache["expires_at"] = time.time() - 5
    with open(server.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)


def test_brokers_killed_at_random(start_server, exchange):
    """In a refresh, and in a login."""
    chance = random.Random(SEED + 2)
    first = signed_in(start_server)
    answers, logins = [], 0
    for _ in range(12):
        expire(first)
        one = start_server(user="manager_maya", home=first.home)
        one.initialize()
        load = Load(one)
        load.send(8)
        time.sleep(chance.uniform(0, 0.25))
        kill(one, "broker")
        answers += only(load.end(), "unavailable: jhe-mcp failed")
        works(one)
        logins += sign_in_url(one.stderr) is not None
        one.close()
    nothing_left(first)
    row("broker, killed once", "at random in a refresh, 12 times", answers,
        f"the stored sign-in; {logins} of 12 had to sign in again, whose "
        "tokens were replaced and not yet here")


def test_gates_killed_at_random(start_server, exchange):
    chance = random.Random(SEED + 3)
    answers = []
    for _ in range(8):
        one = start_server(user="manager_maya", env={"BROWSER_NEVER": "1"})
        one.initialize()
        load = Load(one)
        load.send(8)
        back = Person("manager_maya").agree(waits_for_login(one))
        end = time.monotonic() + chance.uniform(0, 0.03)
        with Background(lambda: visit(back)):
            while time.monotonic() < end:
                pass
            kill(one, "gate")
        if not proc.wait_until(lambda: one.cache() is not None, 2):
            again = Person("manager_maya").agree(waits_for_login(one))
            with Background(lambda: visit(again)):
                assert proc.wait_until(lambda: one.cache() is not None)
        answers += load.end()
        assert all(map(is_result, answers))
        nothing_left(one)
    row("gate, killed once", "at random in a callback, 8 times", answers,
        "the wait: the page is opened again where it had not told yet")


class Background:
    """Something that may fail, in a thread."""

    def __init__(self, function):
        import threading
        self.thread = threading.Thread(target=self._run, args=(function,),
                                       daemon=True)

    @staticmethod
    def _run(function):
        try:
            function()
        except (OSError, IndexError, ValueError):
            pass

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.thread.join(20)


def test_all_children_killed_at_random(start_server):
    chance = random.Random(SEED + 4)
    one = signed_in(start_server)
    load = Load(one)
    load.kills = 6
    load.run(5, [(chance.uniform(0, 4.5), lambda: kill(one, ""))
                 for _ in range(6)])
    answers = only(load.end(), DIED, DOWN)
    nothing_left(one)
    row("all children, 6 times", "at random, 8 in flight", answers,
        "session and sign-in; the next call works", load.again)


# --- PostgreSQL ---

@pytest.fixture(scope="module")
def own():
    one = Own.start_exchange()
    yield one
    one.stop()


@pytest.fixture
def with_own(start_server, exchange, own):
    """with_own(...): signed in at the exchange, rows from a database that
    may be stopped."""
    def make(**options):
        first = signed_in(start_server)
        return signed_in(start_server, home=first.home,
                         env={"JHE_DB_CONN": own.url()}, **options)
    return make


def freeze(pids, number=signal.SIGSTOP):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def thaw(pids):
    freeze(pids, signal.SIGCONT)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_postgresql_restarted_under_load(with_own, own, mode):
    one = with_own()
    load = Load(one)

    def restart():
        own.stop_server(mode)
        own.start_server()

    load.run(5, [(0.7, restart)])
    answers = only(load.end(), LOST, DOWN)
    nothing_left(one)
    row(f"PostgreSQL restarted ({mode})", "under load, 8 in flight", answers,
        "sign-in and session; one connection, made anew")


def test_postgresql_stopped(with_own, own):
    one = with_own()
    load = Load(one)
    own.stop_server("immediate")
    try:
        load.run(2)
        answers = only(load.end(), LOST, DOWN)
    finally:
        own.start_server()
    nothing_left(one)
    row("PostgreSQL stopped", "before the calls", answers,
        "all that needs no rows; when it is back, the next call works")


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_backends_ended_at_random_under_load(with_own, own, how):
    """Killed, PostgreSQL restarts itself."""
    chance = random.Random(SEED + 5)
    one = with_own()
    load = Load(one)

    def end():
        for pid in own.backends():
            if how == "kill":
                os.kill(pid, signal.SIGKILL)
            else:
                own.execute("SELECT pg_terminate_backend(%s)", pid)
        own.close()

    def end_if_up():
        try:
            end()
        except Exception:       # amid its own restart
            own.close()

    load.run(5, [(chance.uniform(0, 4), end_if_up) for _ in range(4)])
    answers = only(load.end(), LOST, DOWN)
    nothing_left(one)
    row(f"PostgreSQL's backend ({how})", "at random, 8 in flight, 4 times",
        answers, "sign-in and session; one connection, made anew")


SLOW = ["stdio", "-o", "statement-timeout=1", "-o", "connect-timeout=1"]


@pytest.mark.parametrize("amid", [False, True])
def test_postgresql_hangs(with_own, own, amid):
    """It is there and says nothing: nor does it end a statement in time."""
    one = with_own(args=SLOW)
    load = Load(one)
    stopped = []
    lock = own.connect()
    lock.autocommit = False
    if amid:
        with lock.cursor() as cursor:
            cursor.execute("LOCK TABLE core_jheuser IN ACCESS EXCLUSIVE MODE")
        load.send(8)
        assert proc.wait_until(lambda: own.value(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
            " 'Lock' AND usename = 'jhe_mcp_reader'") > 0)
    stopped = own.backends()
    freeze(stopped)
    try:
        if not amid:
            load.send(8)
        answers = only(load.end(15), SILENT, DOWN, LOST)
        assert any(text_of(answer).startswith(SILENT) for answer in answers
                   if not is_result(answer))
    finally:
        thaw(stopped)
        lock.close()
    nothing_left(one)
    row("PostgreSQL's backend hangs",
        "amid a statement" if amid else "before the calls", answers,
        "sign-in and session; the hanging connection is given up")


def test_postgresql_hangs_as_a_whole(with_own, own):
    one = with_own(args=SLOW)
    load = Load(one)
    with open(os.path.join(own.directory, "data", "postmaster.pid"),
              encoding="utf-8") as file:
        server = int(file.readline())
    stopped = [server] + proc.descendants(server)
    own.close()
    freeze(stopped)
    try:
        load.send(8)
        answers = only(load.end(30), SILENT, DOWN, LOST)
        start = time.monotonic()
        result = one.call_tool("get_study_count", timeout=20)
        assert one.text(result).startswith((DOWN, LOST, "unavailable: "))
        assert one.request("ping")["result"] == {}
        assert time.monotonic() - start < 15
    finally:
        thaw(stopped)
    nothing_left(one)
    row("PostgreSQL hangs as a whole", "before the calls", answers,
        "sign-in and session; when it goes on, the next call works")


# --- The exchange ---

@pytest.fixture
def relay(exchange):
    one = Relay(exchange)
    yield one
    one.close()


class Stranger:
    """Other keys than those that sign."""

    def __init__(self):
        self.answer = reply(200, {"keys": [Key("another").jwk()]})

    def __call__(self, connection, *_):
        connection.sendall(self.answer)


def break_path(relay, path, how):
    if how == "gone":
        relay.go()
    elif how == "silent":
        relay.answers[path] = relay.silence
    elif how == "another issuer":
        relay.exchange.set(issuer="https://elsewhere.example/o",
                           refresh_id_token=True)
    elif how == "other keys":
        relay.exchange.set(refresh_id_token=True)
        relay.answers[KEYS] = Stranger()
    else:
        relay.answers[path] = getattr(relay, how)


def mend(relay, how):
    relay.mend()
    relay.exchange.reset()
    if how == "gone":
        relay.come_back()


WORDS = {"gone": "is gone", "silent": "is silent (http-timeout=1)",
         "html": "answers HTML", "error": "answers 500",
         "half": "answers by half"}
FAULTS = ["gone", "silent", "html", "error", "half", "another issuer",
          "other keys"]
EXCHANGE = ("unavailable: the exchange",)
IN_TIME = ["stdio", "-o", "http-timeout=1", "-o", "connect-timeout=1"]


def named(how):
    return "the exchange " + WORDS.get(how, "has " + how)


@pytest.mark.parametrize("how", [one for one in FAULTS
                                 if one != "other keys"])
def test_the_exchange_fails_before_a_login(start_server, relay, how):
    one = start_server(exchange=relay, user="manager_maya", args=IN_TIME)
    one.initialize()
    break_path(relay, DISCOVERY, how)
    load = Load(one)
    load.send(8)
    answers = only(load.end(10), *EXCHANGE)
    assert sign_in_url(one.stderr) is None and one.cache() is None
    mend(relay, how)
    nothing_left(one)
    row(named(how), "before a login", answers,
        "nothing; then the next call signs in")


@pytest.mark.parametrize("how", FAULTS)
def test_the_exchange_fails_amid_a_login(start_server, relay, how):
    """The person has agreed, the code is not yet exchanged."""
    one = start_server(exchange=relay, user="manager_maya", args=IN_TIME,
                       env={"BROWSER_NEVER": "1"})
    one.initialize()
    load = Load(one)
    load.send(8)
    person = Person("manager_maya")
    back = person.agree(waits_for_login(one))
    break_path(relay, TOKEN, how)
    status, page = visit(back)
    answers = only(load.end(10), *EXCHANGE)
    title = re.search("<h1>(.*?)</h1>", page).group(1)
    assert status == 502 and title in (
        "The exchange could not complete the sign-in",
        "The sign-in was not accepted")
    assert one.cache() is None
    mend(relay, how)
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert visit(person.agree(waits_for_login(one, 2)))[0] == 200
    assert is_result(one.answer(ident))
    nothing_left(one)
    row(named(how), "amid a login", answers,
        f"in the browser \"{title}\"; the next call signs in")


@pytest.mark.parametrize("how", FAULTS)
def test_the_exchange_fails_in_a_refresh(start_server, relay, how):
    first = signed_in(start_server, exchange=relay)
    expire(first)
    before = first.cache()
    one = start_server(exchange=relay, user="manager_maya", home=first.home,
                       args=IN_TIME)
    one.initialize()
    if how == "another issuer":         # that discovery does not tell
        relay.exchange.set(discovery="none")
    break_path(relay, TOKEN, how)
    load = Load(one)
    load.send(8)
    answers = only(load.end(10), *EXCHANGE)
    assert sign_in_url(one.stderr) is None
    assert one.cache() == before
    mend(relay, how)
    works(one)
    # Only where the exchange had made the change is the person asked.
    asked = sign_in_url(one.stderr) is not None
    assert asked == (how in ("half", "another issuer", "other keys"))
    nothing_left(first)
    row(named(how), "in a refresh", answers,
        "the stored sign-in" + ("; its token was replaced by an answer that "
        "could not be accepted: the next call signs in" if asked
        else ", refreshed by the next call"))


@pytest.mark.parametrize("how", FAULTS)
def test_the_exchange_fails_while_nothing_is_asked_of_it(start_server, relay,
                                                         how):
    one = signed_in(start_server, exchange=relay, args=IN_TIME)
    for path in (DISCOVERY, TOKEN, KEYS):
        if how != "gone" or path == DISCOVERY:
            break_path(relay, path, how)
    answers = Load(one).run(0.3).end()
    assert all(map(is_result, answers))
    mend(relay, how)
    nothing_left(one)
    row(named(how), "while somebody is signed in", answers,
        "all: nothing is asked of it")


def test_the_table_is_whole():
    """Every fault that is promised has a row."""
    broken = " ".join(cells[0] for cells in TABLE)
    for word in ("worker", "broker", "gate", "all children",
                 "PostgreSQL restarted", "PostgreSQL stopped", "backend",
                 "hangs", *map(named, FAULTS)):
        assert word in broken or not TABLE, word
    assert built.sandboxed() or TABLE
