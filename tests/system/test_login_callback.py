# SPDX-License-Identifier: MIT
"""The port the browser returns to: what strangers send there neither signs
anybody in nor ends the wait of the person who does."""

import re
import socket
import time

import pytest

from harness import proc
from harness.person import (Person, browse, visit, waiting_server,
                            waits_for_login, with_query)
from harness.wire import short


@pytest.fixture
def waiting(start_server, callback_port):
    """(server, id of a call, URL, where the callback is)."""
    server, ident, url = waiting_server(start_server, port=callback_port)
    return server, ident, url, f"http://localhost:{callback_port}/callback"


def still_waits(server, ident, url, exchange):
    """The wait went on: the printed address works, the call is answered."""
    assert server.request("ping")["result"] == {}
    assert server.unclaimed() == []
    assert browse(exchange, url) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    assert server.cache()["person"]["sub"] in (10001, "10001")


def raw(port, data, host="127.0.0.1", shut=True):
    """What comes back for bytes as they are."""
    got = b""
    with socket.create_connection((host, port), 20) as one:
        try:
            one.sendall(data)
            if shut:
                one.shutdown(socket.SHUT_WR)
            while more := one.recv(65536):
                got += more
        except ConnectionError:
            pass
        return got


@pytest.mark.parametrize("query", [
    "?code=x&state=wrong", "?code=x", "?state=x", "", "?", "?code=&state=",
    "?error=access_denied", "?error=access_denied&state=wrong",
    "?error=server_error&state=wrong", "?code=x&state=",
    "?code=" + "x" * 5000 + "&state=y", "?code=x&code=y&state=z",
    "?state=%00&code=%00", "?code=%zz&state=%zz", "?" + "a=b&" * 500,
    "?code=x&state=<script>alert(1)</script>"], ids=short)
def test_a_callback_with_a_wrong_state_ends_nothing(waiting, exchange,
                                                    query):
    server, ident, url, callback = waiting
    status, page = visit(callback + query)
    assert status >= 400
    assert "<script>alert" not in page
    still_waits(server, ident, url, exchange)


def test_a_code_of_somebody_else_is_not_taken(waiting, exchange,
                                              callback_port):
    """An attacker's own code, sent to the person's port: with the attacker's
    state it is turned away."""
    server, ident, url, _ = waiting
    foreign = Person("manager_max").agree(with_query(
        url, state="the-attackers-own-state"))
    assert "code=" in foreign
    assert visit(foreign)[0] >= 400
    still_waits(server, ident, url, exchange)


def test_a_code_with_our_state_but_another_challenge_signs_nobody_in(
        waiting, exchange):
    """Code injection: PKCE and the nonce bind a code to its request."""
    server, ident, url, _ = waiting
    other = with_query(url, code_challenge="A" * 43, nonce="other")
    back = Person("manager_max").agree(other)
    assert visit(back)[0] >= 400
    result = server.answer(ident)["result"]
    assert result["isError"]
    assert server.cache() is None
    # The next call may sign in.
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(server, 2)) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_code_for_another_nonce_signs_nobody_in(waiting):
    """The challenge is ours, the ID token is not of this request."""
    server, ident, url, _ = waiting
    back = Person("manager_max").agree(with_query(url, nonce="other"))
    assert visit(back)[0] >= 400
    result = server.answer(ident)["result"]
    assert result["isError"]
    assert "another sign-in" in server.stderr
    assert server.cache() is None


def test_a_code_that_came_too_late_is_said_to_be_refused(waiting, exchange):
    """By the exchange: none of our checks has failed."""
    server, ident, url, _ = waiting
    exchange.set(code_ttl=1)
    back = Person("manager_maya").agree(url)
    time.sleep(1.2)
    status, page = visit(back)
    assert status == 502
    assert "The exchange could not complete the sign-in" in page
    assert "not valid any more (invalid_grant)" in page
    assert "Ask your question again" in page
    result = server.answer(ident)["result"]
    assert result["isError"]
    assert server.text(result).startswith("login_needed: the exchange ")
    assert "Ask again" in server.text(result)
    assert "invalid_grant" in server.stderr and server.cache() is None
    exchange.reset()
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(server, 2)) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_callback_of_another_issuer_is_turned_away(waiting, exchange):
    server, ident, url, _ = waiting
    back = Person("manager_maya").agree(url)
    status, _ = visit(with_query(back, iss="https://evil.example/o"))
    assert status >= 400
    assert visit(with_query(back, iss=exchange.issuer))[0] == 200
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_callback_is_good_once(waiting, exchange):
    server, ident, url, _ = waiting
    exchange.set(delay={"/o/token/": 1.5})
    back = Person("manager_maya").agree(url)
    with socket.create_connection(("127.0.0.1", int(re.search(
            r":(\d+)/", back).group(1)))) as first:
        first.sendall(f"GET {back[back.index('/callback'):]} HTTP/1.1\r\n"
                      "Host: localhost\r\n\r\n".encode())
        time.sleep(0.5)
        assert visit(back)[0] >= 400
        assert visit(with_query(back, code="other"))[0] >= 400
        assert first.recv(100).startswith(b"HTTP/1.1 200 ")
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    with pytest.raises(ConnectionRefusedError):
        visit(back)


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/callback/",
                                  "/callbackx?code=x", "/robots.txt",
                                  "/../etc/passwd", "/%63allback",
                                  "/.well-known/x.json"], ids=short)
def test_other_paths_are_not_found(waiting, exchange, path):
    server, ident, url, callback = waiting
    assert visit(callback.replace("/callback", path))[0] >= 400
    still_waits(server, ident, url, exchange)


@pytest.mark.parametrize("data", [
    b"", b"\n", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
    b"\x00" * 1000, b"A" * 200000, b"GET / HTTP/9.9\r\n\r\n",
    b"POST /callback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"\r\ncode=", b"GET /callback?code=x&state=y HTTP/1.1\r\n\r\n",
    b"GET /callback HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
    b"GET /callback HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'], ids=short)
def test_garbage_ends_nothing(waiting, exchange, callback_port, data):
    server, ident, url, _ = waiting
    answer = raw(callback_port, data)
    assert not answer.startswith(b"HTTP/1.1 2")
    still_waits(server, ident, url, exchange)


def test_a_page_from_another_site_cannot_name_our_port(waiting, exchange,
                                                       callback_port):
    """DNS rebinding: the Host is not localhost."""
    server, ident, url, _ = waiting
    back = Person("manager_maya").agree(url)
    target = back[back.index("/callback"):]
    answer = raw(callback_port, f"GET {target} HTTP/1.1\r\nHost: "
                 "evil.example\r\nConnection: close\r\n\r\n".encode(),
                 shut=False)
    assert answer.split(b" ")[1][:1] == b"4"
    assert visit(back)[0] == 200
    server.answer(ident)


def test_silent_connections_hold_the_browser_up_for_seconds_only(
        waiting, exchange, callback_port):
    server, ident, url, _ = waiting
    silent = [socket.create_connection(("127.0.0.1", callback_port))
              for _ in range(12)]
    assert proc.wait_until(lambda: len(
        [1 for command in server.children().values()
         if "gate" in command]) == 8)
    time.sleep(0.3)
    gates = [pid for pid, command in server.children().items()
             if "gate" in command]
    assert len(gates) == 8, "more than eight at a time"
    start = time.monotonic()
    assert server.request("ping")["result"] == {}
    assert time.monotonic() - start < 0.5
    # Gates give a silent connection ten seconds.
    assert browse(exchange, url, BROWSER_TIMEOUT="25") == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    for one in silent:
        one.close()


def test_a_flood_of_connections_ends_nothing(waiting, exchange,
                                             callback_port):
    server, ident, url, _ = waiting
    for number in range(150):
        with socket.create_connection(("127.0.0.1", callback_port)) as one:
            if number % 3:
                one.sendall(b"GET /callback?code=x&state=y HTTP/1.1\r\nHo")
    still_waits(server, ident, url, exchange)


def test_each_gate_meets_one_connection(waiting, callback_port):
    server, _, _, callback = waiting
    with socket.create_connection(("127.0.0.1", callback_port)):
        gate = server.child("gate")
        visit(callback + "?code=x&state=y")
        assert proc.alive(gate)
    assert proc.wait_until(lambda: not proc.alive(gate))
    assert proc.wait_until(lambda: not any(
        "gate" in command for command in server.children().values()))


def test_a_denied_consent_does_not_end_the_wait(start_server, exchange):
    server, ident, url = waiting_server(
        start_server, env={"BROWSER_NEVER": "1",
                           "JHE_CLIENT_ID": "other-public"})
    assert browse(exchange, url, CONSENT="deny") == 4
    assert server.request("ping")["result"] == {}
    assert server.unclaimed() == []
    assert browse(exchange, url) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_pages_say_what_happened_and_run_nothing(waiting, exchange,
                                                 callback_port):
    """No page loads, runs, frames or caches anything, or tells the code."""
    server, ident, url, callback = waiting
    back = Person("manager_maya").agree(url)
    answers = []
    for target in (callback + "?code=secret-code&state=x", back):
        path = target[target.index("/callback"):]
        answers.append(raw(callback_port, f"GET {path} HTTP/1.1\r\nHost: "
                           f"localhost:{callback_port}\r\n\r\n".encode(),
                           shut=False).decode())
    server.answer(ident)
    for answer in answers:
        head, _, page = answer.partition("\r\n\r\n")
        head = head.lower()
        assert "content-security-policy: default-src 'none'" in head
        assert "cache-control: no-store" in head
        assert "referrer-policy: no-referrer" in head
        assert "connection: close" in head
        assert "code=" not in page and "secret-code" not in page
        assert "<script" not in page
    assert answers[1].startswith("HTTP/1.1 200 ")


# --- The port ---

@pytest.mark.parametrize("family, host", [(socket.AF_INET, "127.0.0.1"),
                                          (socket.AF_INET6, "::1"),
                                          (socket.AF_INET, "0.0.0.0")])
def test_a_port_that_a_stranger_has_is_named_with_its_option(
        start_server, exchange, callback_port, family, host):
    with socket.create_server((host, callback_port), family=family):
        one = start_server(user="manager_maya", port=callback_port)
        one.initialize()
        result = one.call_tool("get_study_count")
        assert result["isError"]
        text = one.text(result)
        assert text.startswith("login_needed: ")
        assert "callback-port" in text and str(callback_port) in text
        assert proc.wait_until(
            lambda: f"port {callback_port}" in one.stderr, 2)
        assert "callback-port" in one.stderr
    # Once it is free, the next call signs in.
    result = one.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2


def test_a_port_that_was_just_used_can_be_used_again(start_server,
                                                     callback_port):
    """The connection of the login before is still in TIME_WAIT."""
    for _ in range(2):
        one = start_server(user="manager_maya", port=callback_port)
        one.initialize()
        result = one.call_tool("get_study_count")
        assert result["structuredContent"]["count"] == 2
        one.close()


def test_only_loopback_is_listened_on(waiting, callback_port):
    found = set()
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            for line in file.read().splitlines()[1:]:
                words = line.split()
                address, _, port = words[1].partition(":")
                if words[3] == "0A" and int(port, 16) == callback_port:
                    found.add(address)
    assert found == {"0100007F", "0" * 24 + "01000000"}
