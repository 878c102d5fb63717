# SPDX-License-Identifier: MIT
"""Signing in at exchanges that are down, slow, odd or set up otherwise."""

import json
import os
import time

import pytest

from harness import proc
from harness.fake_exchange import FakeExchange, reply
from harness.person import browse, waiting_server, waits_for_login
from harness.wire import sign_in_url

DISCOVERY = "/o/.well-known/openid-configuration"


def first_answer(server, timeout=20):
    """(isError, text) of the first call's answer."""
    server.initialize()
    result = server.call_tool("get_study_count", timeout=timeout)
    return result.get("isError", False), server.text(result)


def test_an_exchange_that_is_down_is_said_to_be_unavailable(start_server):
    one = start_server(env={
        "JHE_BASE_URL": f"http://127.0.0.1:{proc.free_port()}"})
    start = time.monotonic()
    failed, text = first_answer(one)
    assert failed and text.startswith("unavailable: ")
    assert "exchange-url" in text
    assert time.monotonic() - start < 3
    assert one.cache() is None


def test_an_exchange_that_comes_back_signs_in(start_server, exchange):
    exchange.set(fail={f"{DISCOVERY}/": 500, DISCOVERY: 500,
                       "/o/token/": 500})
    one = start_server(user="manager_maya")
    assert first_answer(one)[0]
    exchange.reset()
    result = one.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2


@pytest.mark.parametrize("url", [
    "http://no-such-host.invalid", "http://127.0.0.1:1",
    "http://[::1]:1", "https://127.0.0.1:1"])
def test_an_address_without_an_exchange_is_unavailable(start_server, url):
    one = start_server(env={"JHE_BASE_URL": url})
    failed, text = first_answer(one)
    assert failed and text.startswith("unavailable: ")
    assert proc.wait_until(lambda: url in one.stderr, 2)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503])
def test_a_token_endpoint_that_fails_ends_the_wait_with_words(
        start_server, exchange, status):
    """The answer is HTML; none of it reaches the client."""
    exchange.set(fail={"/o/token/": status})
    one = start_server(user="manager_maya")
    failed, text = first_answer(one)
    assert failed and text.split(":")[0] in ("unavailable", "login_needed")
    assert "<h1>" not in text and "knob" not in text
    assert proc.wait_until(lambda: str(status) in one.stderr)
    assert one.cache() is None


def test_keys_that_cannot_be_had_end_the_wait_with_words(start_server,
                                                         exchange):
    exchange.set(fail={"/o/.well-known/jwks.json": 404})
    one = start_server(user="manager_maya")
    failed, text = first_answer(one)
    assert failed and text.startswith("unavailable: ")
    assert "key" in one.stderr
    assert one.cache() is None


def test_a_slow_exchange_is_waited_for(start_server, exchange):
    exchange.set(delay={f"{DISCOVERY}/": 1, "/o/token/": 1})
    one = start_server(user="manager_maya")
    assert first_answer(one) == (False, 'You have access to 2 studies\n'
                                 '{"count":2}')


def test_a_slower_one_is_not(start_server, exchange):
    exchange.set(delay={"/o/token/": 4})
    one = start_server(user="manager_maya",
                       args=["stdio", "-o", "http-timeout=1"])
    start = time.monotonic()
    failed, text = first_answer(one)
    assert failed and text.startswith("unavailable: ")
    assert time.monotonic() - start < 3.5
    assert "http-timeout" in one.stderr
    assert proc.wait_until(lambda: not any(
        "broker" in command for command in one.children().values()), 3)


@pytest.mark.parametrize("offered", ["slash", "noslash", "both", "none"])
def test_discovery_is_found_wherever_it_is(start_server, exchange, offered):
    exchange.set(discovery=offered)
    one = start_server(user="manager_maya")
    assert not first_answer(one)[0]
    assert one.cache()["issuer"] == exchange.issuer


def test_a_url_with_slashes_at_its_end_is_the_same(start_server, exchange):
    one = start_server(user="manager_maya", env={
        "JHE_BASE_URL": exchange.base_url + "//"})
    assert not first_answer(one)[0]
    assert one.cache()["exchange"] == exchange.base_url


def test_another_issuer_needs_the_option(start_server, exchange):
    """An exchange that signs under another name than it is reached by."""
    exchange.set(issuer="https://exchange.example.org/o", discovery="none")
    one = start_server(user="manager_maya")
    failed, text = first_answer(one)
    assert failed and text.startswith("unavailable: ")
    assert "issuer" in one.stderr
    one = start_server(user="manager_maya", args=[
        "stdio", "-o", "issuer=https://exchange.example.org/o"])
    assert not first_answer(one)[0]
    assert one.cache()["issuer"] == "https://exchange.example.org/o"


def test_a_key_made_anew_is_fetched(start_server, exchange):
    assert not first_answer(start_server(user="manager_maya"))[0]
    exchange.new_key()
    assert not first_answer(start_server(user="manager_maya"))[0]


def test_a_discovery_document_that_points_elsewhere_is_refused(
        start_server):
    fake = FakeExchange()
    base = f"http://127.0.0.1:{fake.port}"
    document = {"issuer": f"{base}/o",
                "authorization_endpoint": f"{base}/o/authorize/",
                "token_endpoint": "http://evil.example/o/token/",
                "jwks_uri": f"{base}/o/.well-known/jwks.json"}
    fake.answers[DISCOVERY + "/"] = fake.answers[DISCOVERY] = reply(
        200, document)
    try:
        one = start_server(env={"JHE_BASE_URL": base, "BROWSER_NEVER": "1"})
        failed, text = first_answer(one)
        assert failed and text.startswith("unavailable: ")
        assert "elsewhere" in one.stderr and "evil" not in text
        assert sign_in_url(one.stderr) is None
    finally:
        fake.close()


def test_scopes_that_discovery_lists_are_asked_for(start_server):
    fake = FakeExchange()
    base = f"http://127.0.0.1:{fake.port}"
    document = {"issuer": f"{base}/o", "scopes_supported": [
        "openid", "email", "offline_access"],
                "authorization_endpoint": f"{base}/o/authorize/",
                "token_endpoint": f"{base}/o/token/",
                "jwks_uri": f"{base}/o/.well-known/jwks.json"}
    fake.answers[DISCOVERY + "/"] = fake.answers[DISCOVERY] = reply(
        200, document)
    try:
        one = start_server(env={"JHE_BASE_URL": base, "BROWSER_NEVER": "1"})
        one.initialize()
        one.start_request("tools/call", {"name": "get_study_count"})
        assert "scope=openid%20email&" in waits_for_login(one).replace(
            "+", "%20")
    finally:
        fake.close()


# --- Who signs in ---

def test_a_wrong_password_ends_nothing(start_server, exchange):
    server, ident, url = waiting_server(start_server)
    assert browse(exchange, url, LOGIN_PASS="wrong") == 2
    assert server.request("ping")["result"] == {}
    assert browse(exchange, url) == 0
    assert "structuredContent" in server.answer(ident)["result"]


def test_an_inactive_user_cannot_sign_in(start_server, exchange):
    server, ident, url = waiting_server(start_server)
    assert browse(exchange, url, "inactive_ines") == 2
    assert server.unclaimed() == [] and server.cache() is None


def test_claims_narrow_what_is_shown(start_server, exchange):
    exchange.set(claims=True, claims_set={
        "jhe_permissions": {"studies": [30001], "organizations": []}})
    one = start_server(user="manager_maya")
    one.initialize()
    listed = one.call_tool("list_studies")["structuredContent"]
    assert [row[0] for row in listed["rows"]] == [30001]
    assert one.call_tool("get_study_metadata", study_id=30006)["isError"]
    assert one.cache()["person"]["studies"] == [30001]
    # The next start keeps to it.
    exchange.reset()
    again = start_server(home=one.home)
    assert not first_answer(again)[0]
    assert again.call_tool("get_study_count")["structuredContent"] == {
        "count": 1}


def test_claims_do_not_widen(start_server, exchange):
    exchange.set(claims=True, claims_set={"jhe_permissions": {
        "studies": [30001, 30002, 30003, 99999], "organizations": [
            {"id": 20002, "name": "x", "role": "manager"}]},
        "is_superuser": True, "user_type": "superuser"})
    one = start_server(user="manager_maya")
    one.initialize()
    listed = one.call_tool("list_studies")["structuredContent"]
    assert [row[0] for row in listed["rows"]] == [30001]


@pytest.mark.parametrize("claims", [
    {"user_id": 10016}, {"sub": "0"}, {"sub": "10001x"}, {"sub": ""},
    {"sub": "-1"}, {"jhe_permissions": {"studies": "all"}},
    {"jhe_permissions": {"studies": ["30001"]}},
    {"jhe_permissions": {"studies": list(range(1, 5000))}}],
    ids=lambda claims: json.dumps(claims)[:40])
def test_claims_that_contradict_or_are_odd_sign_nobody_in(
        start_server, exchange, claims):
    exchange.set(claims=True, claims_set=claims)
    one = start_server(user="manager_maya")
    failed, text = first_answer(one)
    assert failed, text
    assert text.split(":")[0] in ("unavailable", "login_needed")
    assert one.cache() is None
    if "4999" in json.dumps(claims):
        assert "4096" in text


# --- Clients ---

def test_an_application_without_rs256_is_told_of(start_server):
    one = start_server(user="manager_maya",
                       env={"JHE_CLIENT_ID": "no-algorithm"})
    failed, text = first_answer(one)
    assert failed and "RS256" in text
    assert "RS256" in one.stderr


def test_a_client_that_is_not_registered_is_told_of(start_server, exchange):
    """The exchange shows its error in the browser and sends nobody back."""
    server, _, url = waiting_server(
        start_server, env={"JHE_CLIENT_ID": "no-such-client",
                           "BROWSER_NEVER": "1"})
    assert browse(exchange, url) == 3
    assert server.request("ping")["result"] == {}


def test_a_confidential_client_uses_the_secret_of_its_file(start_server,
                                                           tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("CANARY-client-secret\n")
    secret.chmod(0o600)
    one = start_server(user="manager_maya",
                       env={"JHE_CLIENT_ID": "confidential"}, args=[
                           "stdio", "-o", f"client-secret-file={secret}",
                           "-o", "log-level=debug"])
    assert not first_answer(one)[0]
    assert "CANARY" not in one.stderr
    assert "CANARY" not in json.dumps(one.cache())


def test_a_confidential_client_with_a_wrong_secret_is_told_of(start_server):
    one = start_server(user="manager_maya", env={
        "JHE_CLIENT_ID": "confidential", "JHE_CLIENT_SECRET": "CANARY-wrong"})
    failed, text = first_answer(one)
    assert failed and text.startswith("login_needed: ")
    assert "client-id" in text and "secret" in text
    assert "CANARY" not in text + one.stderr


def test_a_secret_others_may_read_is_refused(program, tmp_path, exchange):
    from harness.wire import run
    secret = tmp_path / "secret"
    secret.write_text("CANARY-client-secret\n")
    secret.chmod(0o644)
    done = run(["stdio", "-o", f"client-secret-file={secret}"])
    assert done.returncode == 78
    assert b"client-secret-file" in done.stderr
    assert b"CANARY" not in done.stderr


# --- Two programs, one port ---

def test_two_programs_need_the_port_in_turn(start_server, exchange,
                                            callback_port):
    """The second says whose turn it is, and works when it is over."""
    first, ident, url = waiting_server(start_server, port=callback_port)
    second = start_server(user="manager_maya", port=callback_port)
    failed, text = first_answer(second)
    assert failed and "callback-port" in text
    assert browse(exchange, url) == 0
    first.answer(ident)
    result = second.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2
    assert os.path.exists(second.cache_path)
