# SPDX-License-Identifier: MIT
"""A hostile program where a child's was: the master names what it did, kills
it, and serves on with the real one.  (Every row of the message table is
tried in tests/ipc; here it is the whole program.)"""

import json
import os
import shutil
import signal
import struct
import subprocess
import time

import pytest

from harness import proc
from harness.person import browse, waiting_server
from harness.proc import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
COMPILER = os.environ.get("CC", "cc").split()

pytestmark = pytest.mark.skipif(
    shutil.which(COMPILER[0]) is None, reason="needs a C compiler")

# Numbers of src/ipc/messages.def.
READY, FAILED, CALLBACK, BROK_JOB, TOKENS = 5, 6, 21, 30, 33
HANDOVER, BEGIN, END, CONNECT, BYE, SESSION = 46, 48, 49, 51, 52, 53
HELLO, ADOPT = 1, 40
SESSION_SIZE = 24 + 16 + 128 + 64 + 32768       # as of payloads.def


def message(kind, payload=b"", size=None):
    return struct.pack("=II", kind, len(payload) if size is None
                       else size) + payload


def send(data):
    return b"S" + struct.pack("=Q", len(data)) + data


def send_with_fd(data):
    return b"F" + struct.pack("=Q", len(data)) + data


def step(letter, number=0):
    return letter + struct.pack("=Q", number)


RECEIVE_BOOT = step(b"R", 2)        # BOOT_HELLO and the BOOT_ of its kind
GET_READY = RECEIVE_BOOT + step(b"H")
GET_BUSY = GET_READY + step(b"R", 1)
EMPTY = bytes(8)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """compiled(n, skip): hostile.c for n starts after the first ones."""
    made = {}

    def make(starts, skip):
        key = starts, skip
        if key not in made:
            made[key] = str(tmp_path_factory.mktemp("hostile") / "hostile")
            subprocess.run(
                [*COMPILER, "-O1", f"-DSTART={starts}", f"-DSKIP={skip}",
                 "-o", made[key],
                 os.path.join(HERE, "harness", "hostile.c")], check=True)
        return made[key]
    return make


@pytest.fixture
def installed(tmp_path, compiled, program):
    """installed(name, plan, starts, skip): path of jhe-mcp in a private
    copy, in which that child is hostile at first."""
    def make(name, plan, starts=1, skip=0):
        source = os.path.dirname(os.path.dirname(program))
        copy = tmp_path / f"copy-{name}"
        children = copy / "libexec" / "jhe-mcp"
        children.mkdir(parents=True)
        (copy / "bin").mkdir()
        shutil.copy(program, copy / "bin" / "jhe-mcp")
        for child in ("worker", "gate", "broker"):
            shutil.copy(os.path.join(source, "libexec", "jhe-mcp", child),
                        children / child)
        target = str(children / name)
        os.rename(target, target + ".real")
        shutil.copy(compiled(starts, skip), target)
        with open(target + ".plan", "wb") as file:
            file.write(plan)
        return str(copy / "bin" / "jhe-mcp")
    return make


BREAKS = {
    # What it does, and what the log must say of it.
    "one byte": (send(b"\x01"), "malformed"),
    "half a header": (send(b"\x05\0\0\0"), "malformed"),
    "an unknown type": (send(message(9999, EMPTY)), "unknown"),
    "type 0": (send(message(0, EMPTY)), "unknown"),
    "a size that is not the payload's": (
        send(message(READY, EMPTY, size=9)), "BOOT_READY"),
    "a payload too short": (send(message(READY, bytes(4))), "BOOT_READY"),
    "a payload too long": (send(message(READY, bytes(16))), "BOOT_READY"),
    "200 kilobytes": (send(message(READY, bytes(200000))), ""),
    "a message of the master": (send(message(HELLO, bytes(16))),
                                "BOOT_HELLO"),
    "a message of another child": (
        send(message(CALLBACK, bytes(8 + 128 + 2048 + 512))),
        "GATE_CALLBACK"),
    "a message before it is ready": (send(message(BYE, EMPTY)), "WORK_BYE"),
    "a descriptor nobody asked for": (
        send_with_fd(message(READY, EMPTY)), "BOOT_READY"),
    "ready twice": (step(b"H") + step(b"H"), "BOOT_READY"),
    "ready and a hand-over of nothing": (
        step(b"H") + send(message(HANDOVER, bytes(SESSION_SIZE))),
        "WORK_HANDOVER"),
}

BREAKS_BUSY = {
    "tokens": (send(message(TOKENS, bytes(8 + 512 + 8192 + 53248))),
               "BROK_TOKENS"),
    "the end of what never began": (
        send(message(END, struct.pack("=II", 1, 0) + b"1" + bytes(255))),
        "WORK_END"),
    "129 beginnings": (step(b"N", 129) + send(message(
        BEGIN, struct.pack("=II", 2, 0) + b"77" + bytes(254))), "WORK_BEGIN"),
    "a number out of range": (send(message(CONNECT, b"\1" + bytes(7))),
                              "WORK_CONNECT"),
    "bytes behind the end of a text": (
        send(message(BEGIN, struct.pack("=II", 1, 0) + b"1"
                     + b"x" * 255)), "WORK_BEGIN"),
    "a text without end": (send(message(
        SESSION, bytes(24) + b"x" * (SESSION_SIZE - 24))), "WORK_SESSION"),
    "a hand-over without descriptors": (
        send(message(HANDOVER, bytes(SESSION_SIZE))), "WORK_HANDOVER"),
    "a hand-over with one descriptor": (
        send_with_fd(message(HANDOVER, bytes(SESSION_SIZE))),
        "WORK_HANDOVER"),
    "goodbye twice": (send(message(BYE, EMPTY, size=9)), "WORK_BYE"),
    "a second start": (step(b"H"), "BOOT_READY"),
}


def named(one, words):
    """One line says who was killed, and for what."""
    def said():
        return [line for line in one.stderr.splitlines()
                if "protocol violation" in line and words in line]

    assert proc.wait_until(said, 3), one.stderr
    assert len(said()) == 1
    assert " killed: " in said()[0]


@pytest.mark.parametrize("what", BREAKS)
def test_a_worker_that_breaks_a_rule_as_it_starts_is_named_and_replaced(
        start_server, installed, what):
    plan, words = BREAKS[what]
    one = start_server(command=[installed("worker", RECEIVE_BOOT + plan)],
                       env={"BROWSER_NEVER": "1"})
    one.initialize(timeout=5)
    named(one, words if words != "malformed" and words != "unknown" else "")
    assert one.request("tools/list")["result"]["tools"]


@pytest.mark.parametrize("what", BREAKS_BUSY)
def test_a_worker_that_breaks_a_rule_at_work_is_named_and_replaced(
        start_server, installed, what):
    plan, words = BREAKS_BUSY[what]
    one = start_server(command=[installed("worker", GET_BUSY + plan)],
                       env={"BROWSER_NEVER": "1"})
    one.initialize(timeout=5)
    named(one, words)
    assert one.request("tools/list")["result"]["tools"]


@pytest.mark.parametrize("plan, said", [
    (step(b"X", 0), "exit code 0"), (step(b"X", 3), "exit code 3"),
    (RECEIVE_BOOT + step(b"A", signal.SIGSEGV), "SIGSEGV"),
    (RECEIVE_BOOT + step(b"A", signal.SIGSYS), "sandbox"),
    (GET_BUSY + step(b"A", signal.SIGABRT), "SIGABRT"),
    (GET_BUSY + step(b"C"), "SIGKILL"), (step(b"C"), "SIGKILL")],
    ids=["exit", "exit3", "segv", "sys", "abort", "deaf", "deaf-at-once"])
def test_a_worker_that_dies_is_named_by_its_end_and_replaced(
        start_server, installed, plan, said):
    one = start_server(command=[installed("worker", plan)],
                       env={"BROWSER_NEVER": "1"})
    one.initialize(timeout=20)
    assert proc.wait_until(lambda: said in one.stderr, 3), one.stderr


@pytest.mark.parametrize("plan", [RECEIVE_BOOT + step(b"H", 1),
                                  step(b"X", 75)], ids=["hash", "status"])
def test_a_worker_of_another_version_asks_for_a_restart(
        start_server, installed, plan):
    """That is an upgrade, not an attack: it says so and ends."""
    one = start_server(command=[installed("worker", plan)],
                       env={"BROWSER_NEVER": "1"})
    ended = proc.wait_until(lambda: one.process.poll() is not None, 3)
    if not ended:
        one.kill()
    one.close()
    assert ended, "it took the worker for one of its own"
    assert one.returncode > 0 and "restart" in one.stderr


def test_a_flood_of_allowed_messages_does_not_stop_the_master(start_server,
                                                              installed):
    """20 000 wishes for a login of a client that never asked for one."""
    wish = send(message(50, EMPTY))
    one = start_server(command=[installed("worker", GET_BUSY + step(
        b"N", 20000) + wish + step(b"X", 9))], env={"BROWSER_NEVER": "1"})
    one.initialize(timeout=10)
    assert "exit code 9" in one.stderr
    assert one.stderr.count("open this address") <= 1


def test_workers_that_are_hostile_for_ever_end_the_program(start_server,
                                                           installed):
    """With a status that a client sees, instead of a fork without end."""
    one = start_server(command=[installed("worker", send(b"x"), 1000)],
                       env={"BROWSER_NEVER": "1"})
    assert one.process.wait(10) not in (0, None)
    one.close()
    assert "again and again" in one.stderr


# --- The login's children ---

BREAKS_GATE = {
    "as it starts": (send(message(TOKENS, EMPTY)), "BROK_TOKENS"),
    "callback too early": (RECEIVE_BOOT + send(message(
        CALLBACK, bytes(8 + 128 + 2048 + 512))), "GATE_CALLBACK"),
    "text without end": (GET_BUSY + send(message(
        CALLBACK, bytes(8) + b"x" * (128 + 2048 + 512))), "GATE_CALLBACK"),
    "error out of range": (GET_BUSY + send(message(
        CALLBACK, b"\xff" * 4 + bytes(4 + 128 + 2048 + 512))),
        "GATE_CALLBACK"),
    "two callbacks": (GET_BUSY + step(b"N", 2) + send(message(
        CALLBACK, bytes(8 + 128 + 2048 + 512))), "GATE_CALLBACK"),
    "a worker's message": (GET_BUSY + send(message(BYE, EMPTY)), "WORK_BYE"),
}


@pytest.mark.parametrize("what", BREAKS_GATE)
def test_a_gate_that_breaks_a_rule_is_named_and_the_login_goes_on(
        start_server, exchange, installed, what):
    plan, words = BREAKS_GATE[what]
    one, ident, url = waiting_server(
        start_server, command=[installed("gate", plan)],
        env={"BROWSER_NEVER": "1"})
    assert browse(exchange, url) == 4
    named(one, words)
    assert one.unclaimed() == []
    assert browse(exchange, url) == 0
    assert one.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_gate_that_says_nothing_is_given_up(start_server, exchange,
                                              installed):
    """Eight of them would fill the places; they have five seconds."""
    port = free_port()
    exchange.allow_port(port)
    one, ident, url = waiting_server(
        start_server, command=[installed("gate", RECEIVE_BOOT)], port=port,
        env={"BROWSER_NEVER": "1"})
    start = time.monotonic()
    assert browse(exchange, url, BROWSER_TIMEOUT="15") == 4
    assert 3 < time.monotonic() - start < 9
    assert browse(exchange, url) == 0
    assert one.answer(ident)["result"]["structuredContent"]["count"] == 2


PERSON = struct.pack("=qqII", 10016, 0, 0, 0) + bytes(32 + 256 + 8 * 4096)
ALL_TOKENS = struct.pack("=II", 3600, 1) + bytes(512) + b"a".ljust(
    4096, b"\0") + bytes(4096 + 53248)
NO_PERSON = struct.pack("=II", 3600, 0) + ALL_TOKENS[8:]

BREAKS_BROKER = {
    "as it starts": (send(message(BYE, EMPTY)), "WORK_BYE"),
    "endpoints without end": (GET_BUSY + send(message(
        31, bytes(8) + b"x" * 6 * 512)), "BROK_ENDPOINTS"),
    "a person twice": (GET_BUSY + step(b"N", 2) + send(message(32, PERSON)),
                       "BROK_PERSON"),
    "tokens that deny the person": (
        GET_BUSY + send(message(32, PERSON)) + send(message(
            TOKENS, NO_PERSON)), "BROK_TOKENS"),
    "a failure without a code": (GET_BUSY + send(message(34, bytes(16))),
                                 "BROK_FAILED"),
    "too many studies": (GET_BUSY + send(message(
        32, struct.pack("=qqII", 1, 0, 1, 5000) + PERSON[24:])),
        "BROK_PERSON"),
}


@pytest.mark.parametrize("what", BREAKS_BROKER)
def test_a_broker_that_breaks_a_rule_is_named_and_the_next_call_signs_in(
        start_server, installed, what):
    plan, words = BREAKS_BROKER[what]
    one = start_server(user="manager_maya",
                       command=[installed("broker", plan)])
    one.initialize()
    result = one.call_tool("get_study_count", timeout=10)
    assert result["isError"]
    assert one.text(result).startswith("unavailable: ")
    named(one, words)
    assert one.cache() is None
    result = one.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2


ENDPOINTS = struct.pack("=II", 1, 0) + b"".join(
    b"http://127.0.0.1/o".ljust(512, b"\0") for _ in range(4)) + bytes(1024)
LIES = {
    "endpoints": send(message(31, ENDPOINTS)),
    "tokens of nobody": send(message(TOKENS, NO_PERSON)),
    "tokens": send(message(32, PERSON)) + send(message(TOKENS, ALL_TOKENS)),
    "a person and endpoints": send(message(32, PERSON)) + send(
        message(31, ENDPOINTS)),
}


def signs_in_after_it(one):
    """The program lives, and the next login is a real one."""
    assert one.request("ping")["result"] == {}
    result = one.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2


@pytest.mark.parametrize("what", ["tokens of nobody", "tokens"])
def test_discovery_cannot_be_answered_with_tokens(start_server, installed,
                                                  what):
    one = start_server(user="manager_maya", command=[
        installed("broker", GET_BUSY + LIES[what])])
    one.initialize()
    result = one.call_tool("get_study_count", timeout=10)
    assert result["isError"]
    assert one.cache() is None
    signs_in_after_it(one)


@pytest.mark.parametrize("what", ["endpoints", "tokens of nobody",
                                  "a person and endpoints"])
def test_a_code_cannot_be_answered_without_tokens_and_a_person(
        start_server, installed, what):
    one = start_server(user="manager_maya", command=[
        installed("broker", GET_BUSY + LIES[what], 1, 1)])
    one.initialize()
    result = one.call_tool("get_study_count", timeout=10)
    assert result["isError"]
    assert one.cache() is None
    signs_in_after_it(one)


@pytest.mark.parametrize("what", ["endpoints", "a person and endpoints",
                                  "tokens"])
def test_a_refresh_cannot_change_the_person_or_be_answered_otherwise(
        start_server, installed, tmp_path, what):
    """Whoever comes out of it, it is not the one the broker names."""
    home = str(tmp_path / "home")
    os.mkdir(home)
    first = start_server(user="manager_maya", home=home)
    first.initialize()
    first.call_tool("get_study_count")
    first.close()
    cache = first.cache()
    cache["expires_at"] = time.time() - 10
    with open(first.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    one = start_server(user="manager_maya", home=home, command=[
        installed("broker", GET_BUSY + LIES[what], 1, 1)])
    one.initialize()
    result = one.call_tool("get_study_count", timeout=20)
    assert result.get("isError") or result["structuredContent"]["count"] == 2
    signs_in_after_it(one)
    assert one.cache()["person"]["sub"] in (10001, "10001")
