# SPDX-License-Identifier: MIT
"""Processes killed at any moment of the first login: there is no cache or a
whole one, no process stays, no request waits for ever."""

import json
import os
import signal
import time

import pytest

from harness import built, proc
from harness.person import browse, waits_for_login

ROUNDS = 16         # for the master; each kill comes a little later
WHOLE_LOGIN_S = 0.75


def check_cache(server):
    """None, or one with which the next start needs no browser."""
    left = set(os.listdir(server.cache_dir)) if os.path.isdir(
        server.cache_dir) else set()
    for name in left - {"token_cache.json", "token_cache.lock"}:
        # Only what the next writer takes away, and nobody else can read.
        assert name.startswith("token_cache.json."), left
        path = os.path.join(server.cache_dir, name)
        assert os.stat(path).st_mode & 0o077 == 0
    cache = server.cache()
    if cache is None:
        return None
    for member in ("access_token", "refresh_token", "id_token", "expires_at",
                   "exchange", "issuer", "client_id", "person"):
        assert cache[member], json.dumps(cache)[:100]
    assert server.cache_modes() == ("0o700", "0o600")
    return cache


def kill_when_seen(server, word, nth, timeout=5):
    """SIGKILL to the nth process of a kind that this master starts."""
    seen, end = [], time.monotonic() + timeout
    while time.monotonic() < end:
        for pid, command in server.children().items():
            if word in command and pid not in seen:
                seen.append(pid)
                if len(seen) == nth:
                    os.kill(pid, signal.SIGKILL)
                    return pid
    raise AssertionError(f"no {word} number {nth}: {server.stderr}")


def signs_in(server, timeout=20):
    result = server.call_tool("get_study_count", timeout=timeout)
    assert result.get("structuredContent") == {"count": 2}, server.stderr


@pytest.mark.parametrize("part", range(4))
def test_a_master_killed_at_any_moment(start_server, exchange, part):
    exchange.set(delay={"/o/token/": 0.05})
    caches = []
    for number in range(part, ROUNDS, 4):
        one = start_server(user="manager_maya")
        one.initialize()
        one.start_request("tools/call", {"name": "get_study_count"})
        time.sleep(number * WHOLE_LOGIN_S / ROUNDS)
        one.kill()
        caches.append(check_cache(one))
        one.close()         # asserts that no process stayed
    assert len(caches) == ROUNDS // 4


def test_a_master_killed_as_it_writes_the_cache(start_server, exchange):
    """As soon as there is a file, and a little later."""
    for number in range(6):
        one = start_server(user="manager_maya")
        one.initialize()
        one.start_request("tools/call", {"name": "get_study_count"})

        def writes():
            return os.path.isdir(one.cache_dir) and set(os.listdir(
                one.cache_dir)) - {"token_cache.lock"}

        assert proc.wait_until(writes, every=0)
        time.sleep(0.0005 * number)
        one.kill()
        check_cache(one)
        one.close()


@pytest.mark.parametrize("nth", [1, 2])
def test_a_broker_that_is_killed_ends_the_wait_with_words(
        start_server, exchange, nth):
    """The first one discovers, the second one exchanges the code."""
    exchange.set(delay={"/o/token/": 0.2, "/o/.well-known/openid-"
                        "configuration/": 0.2})
    for _ in range(2):
        one = start_server(user="manager_maya")
        one.initialize()
        ident = one.start_request("tools/call", {"name": "get_study_count"})
        kill_when_seen(one, "broker", nth)
        result = one.answer(ident, 5)["result"]
        assert result["isError"]
        assert one.text(result).startswith("unavailable: ")
        assert proc.wait_until(lambda: "SIGKILL" in one.stderr)
        assert check_cache(one) is None
        signs_in(one)
        assert check_cache(one)
        one.close()


def test_a_gate_that_is_killed_does_not_end_the_wait(start_server, exchange):
    """Killed before it told of the callback, the page can be opened again;
    killed after it, the login goes on without it."""
    for pause_s in (0, 0.003, 0.3):
        exchange.set(delay={"/o/token/": 0.5})
        one = start_server(user="manager_maya", env={"BROWSER_TIMEOUT": "5"})
        one.initialize()
        ident = one.start_request("tools/call", {"name": "get_study_count"})
        url = waits_for_login(one)
        gate = one.child("gate")
        time.sleep(pause_s)
        try:
            os.kill(gate, signal.SIGKILL)
        except ProcessLookupError:
            pass
        # Without a sandbox there are sanitizers, and everything is slow.
        if proc.wait_until(lambda: one.cache() is not None,
                           2.5 if built.sandboxed() else 10):
            answer = one.answer(ident)
        else:
            assert one.unclaimed() == []
            assert one.request("ping")["result"] == {}
            assert browse(exchange, url) == 0
            answer = one.answer(ident)
        assert answer["result"]["structuredContent"] == {"count": 2}
        assert check_cache(one)
        one.close()


def test_a_worker_killed_amid_a_login_is_replaced(start_server, exchange):
    """The request is answered once, and the login goes on for the next."""
    exchange.set(delay={"/o/token/": 0.05})
    for number in range(6):
        one = start_server(user="manager_maya")
        one.may_be_cut = True
        one.initialize()
        ident = one.start_request("tools/call", {"name": "get_study_count"})
        assert one.request("ping")["result"] == {}
        time.sleep(number * 0.08)
        for pid, command in one.children().items():
            if "worker" in command:
                os.kill(pid, signal.SIGKILL)
        answer = one.answer(ident, 15)
        assert ("error" in answer) or answer["result"][
            "structuredContent"] == {"count": 2}
        signs_in(one)
        assert one.stderr.count("open this address") == 1
        assert check_cache(one)
        assert one.unclaimed() == []
        one.close()


def test_all_children_killed_again_and_again(start_server, exchange):
    """Whatever dies, the program serves or says why, and can sign in."""
    one = start_server(user="manager_maya")
    one.may_be_cut = True
    one.initialize()
    for number in range(6):
        one.start_request("tools/call", {"name": "get_study_count"})
        end = time.monotonic() + 0.05 * number
        while time.monotonic() < end:
            for pid in one.children():
                if number % 2 and time.monotonic() > end - 0.02:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            time.sleep(0.01)
    assert one.request("ping", timeout=10)["result"] == {}
    signs_in(one)
    assert check_cache(one)
    # None was answered twice.  (A request that a worker had read and not
    # yet announced when it was killed is one that nobody knows of.)
    ids = [answer["id"] for answer in one.unclaimed()]
    assert len(set(ids)) == len(ids) <= 6
