# SPDX-License-Identifier: MIT
"""The program in front of a second provider: npm's oidc-provider, stricter
than the exchange's own and of other make.

Skipped where npm's registry is out of reach; the reason is told.
"""

import json
import os
import subprocess
import sys
import time

import pytest

from harness import doctor, proc, shell
from harness.exchange import claims_of, fetch
from harness.person import (Person, browse, query_of, visit, waiting_server,
                            waits_for_login, with_query)
from harness.server import TOP, program as program_path

sys.path.insert(0, os.path.join(TOP, "tests", "interop"))

import npm                                                  # noqa: E402
from provider import Provider                               # noqa: E402

CLIENT = "jhe-universal-mcp"
# An access token that lives so long is used for ten seconds.
SHORT_S = 4
USED_S = 10


@pytest.fixture(scope="module")
def provider_session(exchange_session):
    npm.skip_or_fail()
    one = Provider(exchange_session)
    yield one
    one.stop()


@pytest.fixture
def provider(provider_session):
    provider_session.reset()
    yield provider_session
    provider_session.reset()


@pytest.fixture
def start(start_server, provider):
    """start_server with this provider, on any port."""
    def begin(**options):
        options.setdefault("exchange", provider)
        options.setdefault("port", proc.free_port())
        options.setdefault("user", "manager_maya")
        return start_server(**options)
    return begin


@pytest.fixture
def signed_in(start):
    def begin(**options):
        one = start(**options)
        one.initialize()
        assert count(one) == 2
        return one
    return begin


def count(server):
    result = server.call_tool("get_study_count")
    assert not result.get("isError"), result
    return result["structuredContent"]["count"]


def expire(server):
    """Ends a server, and makes its access token one that is over; gives what
    was stored."""
    stored = server.cache()
    server.close()
    with open(server.cache_path, "w", encoding="utf-8") as file:
        json.dump(dict(stored, expires_at=int(time.time()) - 5), file)
    return stored


def refresh(provider, token):
    """What the token endpoint says to a refresh token: (status, JSON)."""
    status, _, body = provider.token(
        grant_type="refresh_token", refresh_token=token, client_id=CLIENT)
    return status, body


# --- What it is ---

def test_it_is_strict(provider):
    status, _, body = fetch(
        provider.issuer + "/.well-known/openid-configuration")
    found = json.loads(body)
    assert status == 200 and found["issuer"] == provider.issuer
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["scopes_supported"] == ["openid", "email"]
    for name in ("authorization", "token", "userinfo", "revocation",
                 "introspection"):
        assert found[name + "_endpoint"].startswith(provider.issuer + "/")


def test_it_ends_the_tokens_of_a_code_that_comes_twice(provider):
    status, query, verifier, redirect = provider.authorize("manager_maya")
    assert status == 0 and query["iss"] == provider.issuer
    form = dict(grant_type="authorization_code", code=query["code"],
                client_id=CLIENT, redirect_uri=redirect,
                code_verifier=verifier)
    status, _, tokens = provider.token(**form)
    assert status == 200
    assert provider.userinfo(tokens["access_token"])[1]["sub"] == "10001"
    status, _, body = provider.token(**form)
    assert (status, body["error"]) == (400, "invalid_grant")
    assert provider.userinfo(tokens["access_token"])[0] == 401
    assert refresh(provider, tokens["refresh_token"])[0] == 400


@pytest.mark.parametrize("change", [
    {"code_verifier": "v" * 43}, {"code_verifier": ""},
    {"redirect_uri": "http://localhost:1/callback"}, {"code": "unknown"},
    {"client_id": "web-only"}, {"client_id": "unknown"}], ids=str)
def test_it_gives_no_tokens_for_what_does_not_fit(provider, change):
    _, query, verifier, redirect = provider.authorize("manager_maya")
    status, headers, body = provider.token(**dict(
        dict(grant_type="authorization_code", code=query["code"],
             client_id=CLIENT, redirect_uri=redirect,
             code_verifier=verifier), **change))
    assert status in (400, 401) and "access_token" not in body
    assert headers["Cache-Control"] == "no-store"


# --- Signing in ---

@pytest.mark.parametrize("user", ["manager_maya", "manager_max", "patient_pia",
                                  "dual_dora", "nowhere_nora"])
def test_its_users_are_the_exchanges(start, sees, user):
    server = start(user=user)
    server.initialize()
    result = server.call_tool("list_studies", limit=100)
    assert not result.get("isError"), result
    table = result["structuredContent"]
    at = table["columns"].index("study_id") if table["rows"] else 0
    assert [row[at] for row in table["rows"]] == sees(user).studies()
    assert int(server.cache()["person"]["sub"]) == sees(user).user


def test_the_callback_names_the_issuer(start, provider):
    server, ident, url = waiting_server(start)
    back = Person("manager_maya").agree(url)
    assert query_of(back)["iss"] == provider.issuer
    assert visit(back)[0] == 200
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    assert provider.log("grant") == ["grant authorization_code ok"]


def test_more_claims_are_taken(signed_in, provider):
    provider.set(claims=True)
    server = signed_in()
    _, claims = claims_of(server.cache()["id_token"])
    assert claims["user_id"] == 10001
    assert claims["user_type"] == "practitioner"


def test_the_email_scope_is_asked_for_where_it_is_offered(start):
    _, _, url = waiting_server(start)
    assert query_of(url)["scope"].split() == ["openid", "email"]


def test_a_client_with_a_secret(signed_in, provider):
    server = signed_in(env={"JHE_CLIENT_ID": "confidential",
                            "JHE_CLIENT_SECRET": "CANARY-client-secret"})
    assert provider.log("grant") == ["grant authorization_code ok"]
    assert "CANARY" not in json.dumps(server.cache()) + server.stderr


# --- What goes wrong ---

@pytest.mark.parametrize("iss", ["http://127.0.0.1:9/o", "none"])
def test_a_callback_of_another_issuer_is_refused(start, exchange, provider,
                                                 iss):
    """RFC 9207, section 2.4: also without one, where one is promised."""
    server, ident, url = waiting_server(start)
    provider.set(iss=iss)
    back = Person("manager_maya").agree(url)
    assert "code=" in back
    assert visit(back)[0] >= 400
    assert provider.log("grant") == [] and server.cache() is None
    # The wait goes on.
    provider.reset()
    assert server.unclaimed() == []
    assert browse(exchange, url) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_person_who_declines(start, exchange):
    server, ident, url = waiting_server(start)
    assert browse(exchange, url, CONSENT="deny") == 4
    assert server.unclaimed() == [] and server.cache() is None
    assert browse(exchange, url) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2


def test_a_wrong_password(start, exchange):
    server, ident, url = waiting_server(start)
    assert browse(exchange, url, LOGIN_PASS="wrong") == 2
    assert server.unclaimed() == []
    assert browse(exchange, url) == 0
    assert "result" in server.answer(ident)


@pytest.mark.parametrize("change", [
    {"code_challenge_method": "plain"}, {"code_challenge_method": None},
    {"code_challenge": None, "code_challenge_method": None},
    {"response_type": "token"}, {"scope": "email"}], ids=str)
def test_the_provider_refuses_what_is_not_strict(start, provider, change):
    """Which reaches us as an error in the callback, or not at all."""
    _, _, url = waiting_server(start)
    back = Person("manager_maya").agree(with_query(url, **change))
    assert back is None or "error=" in back
    assert provider.log("grant") == []


def test_a_code_that_is_too_old(start, provider):
    provider.set(code_ttl=1)
    server, ident, url = waiting_server(start)
    back = Person("manager_maya").agree(url)
    time.sleep(2.5)
    assert visit(back)[0] >= 400
    assert server.cache() is None
    result = server.answer(ident)["result"]
    assert result["isError"]
    assert proc.wait_until(lambda: "invalid_grant" in server.stderr)
    assert "invalid_grant" in provider.log("grant")[0]


@pytest.mark.parametrize("client,exit_status", [
    ("unknown-client", 3), ("web-only", 3)])
def test_what_is_not_registered_never_comes_back(start, exchange, client,
                                                 exit_status):
    """An unknown client, another port: the error is the provider's page."""
    server, _, url = waiting_server(start, env={
        "JHE_CLIENT_ID": client, "BROWSER_NEVER": "1"})
    assert browse(exchange, url) == exit_status
    assert server.unclaimed() == [] and server.cache() is None


@pytest.mark.parametrize("client,words", [
    ("signs-es256", "RS256"), ("confidential", "client")])
def test_a_client_that_cannot_be_served(start, exchange, client, words):
    """Another algorithm; a secret that we were not given."""
    server, ident, url = waiting_server(start, env={
        "JHE_CLIENT_ID": client, "BROWSER_NEVER": "1"})
    assert browse(exchange, url) == 4
    answer = server.answer(ident)
    assert answer["result"]["isError"]
    assert words in server.text(answer["result"]), answer
    assert server.cache() is None


# --- Time passes ---

@pytest.fixture
def again(start, tmp_path):
    """A server that finds what the last one stored, and no person."""
    def begin(**env):
        server = start(home=str(tmp_path),
                       env=dict({"BROWSER_NEVER": "1"}, **env))
        server.initialize()
        return server
    return begin


def test_a_refresh_in_the_middle_of_a_session(signed_in, provider):
    provider.set(access_ttl=SHORT_S)
    server = signed_in()
    before = server.cache()
    time.sleep(USED_S + 0.5)
    assert count(server) == 2
    assert provider.log("grant") == ["grant authorization_code ok",
                                     "grant refresh_token ok"]
    after = server.cache()
    for name in ("access_token", "refresh_token", "id_token"):
        assert after[name] != before[name], name
    assert claims_of(after["id_token"])[1]["iat"] > claims_of(
        before["id_token"])[1]["iat"]
    assert after["person"] == before["person"]


def test_a_refresh_at_the_start_needs_no_browser(signed_in, again, provider,
                                                 tmp_path):
    before = expire(signed_in(home=str(tmp_path)))
    server = again()
    assert count(server) == 2
    assert provider.log("grant")[1:] == ["grant refresh_token ok"]
    assert server.cache()["refresh_token"] != before["refresh_token"]
    assert server.cache()["expires_at"] > time.time() + 86400


def test_a_refresh_token_that_stays_is_kept(signed_in, again, provider,
                                            tmp_path):
    provider.set(rotate=False)
    first = expire(signed_in(home=str(tmp_path)))
    server = again()
    assert count(server) == 2
    second = expire(server)
    assert count(again()) == 2
    assert provider.log("grant")[1:] == ["grant refresh_token ok"] * 2
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]


def test_two_servers_refresh_once(signed_in, again, provider, tmp_path):
    """A second use of the same refresh token would end all tokens."""
    server = signed_in(home=str(tmp_path))
    for _ in range(3):
        expire(server)
        started = [again() for _ in range(3)]
        asked = [(one, one.start_request(
            "tools/call", {"name": "get_study_count"}))
            for one in started for _ in range(2)]
        for one, ident in asked:
            result = one.answer(ident)["result"]
            assert not result.get("isError"), result
        for one in started[1:]:
            one.close()
        server = started[0]
    assert provider.log("grant") == ["grant authorization_code ok"] + [
        "grant refresh_token ok"] * 3
    assert provider.log("revoked") == []


def test_a_stolen_refresh_token_ends_both_and_a_person_signs_in(
        signed_in, again, provider, exchange, tmp_path):
    stolen = expire(signed_in(home=str(tmp_path)))["refresh_token"]
    server = again()
    assert count(server) == 2
    # The thief comes second: the provider sees the reuse, and ends it all.
    status, body = refresh(provider, stolen)
    assert (status, body.get("error")) == (400, "invalid_grant")
    assert provider.log("revoked")
    own = expire(server)["refresh_token"]
    server = again()
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(server)) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    grants = provider.log("grant")
    assert len(grants) == 5, grants
    assert grants[3].startswith("grant refresh_token invalid_grant")
    assert grants[4] == "grant authorization_code ok"
    assert server.cache()["refresh_token"] not in (stolen, own)


def test_a_thief_who_comes_first(signed_in, again, provider, exchange,
                                 tmp_path):
    """Ours is the second use: all tokens end, also the thief's."""
    stored = expire(signed_in(home=str(tmp_path)))
    status, gained = refresh(provider, stored["refresh_token"])
    assert status == 200
    server = again()
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(server)) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
    assert refresh(provider, gained["refresh_token"])[0] == 400


def test_logout_ends_the_tokens_there(signed_in, provider, tmp_path):
    server = signed_in(home=str(tmp_path))
    token = server.cache()["refresh_token"]
    server.close()
    done = subprocess.run(
        [program_path(), "logout"], check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path),
             "TOKEN_CACHE_DIR": server.cache_dir, "JHE_CLIENT_ID": CLIENT,
             "JHE_BASE_URL": provider.base_url,
             "JHE_DB_CONN": provider.pg.url()})
    assert done.returncode == 0, done.stdout
    assert "POST /o/revoke_token/ 200" in provider.log()
    assert server.cache() is None
    assert refresh(provider, token)[0] == 400


# --- Doctor ---

@pytest.mark.parametrize("client, status", [
    ("jhe-universal-mcp", "pass"), ("web-only", "fail")])
def test_doctor_knows_the_redirect_before_a_sign_in(
        provider, program, tmp_path, client, status):
    one = shell.Shell(provider, tmp_path, "manager_maya", proc.free_port())
    report = doctor.run(one, f"client-id={client}")
    assert report.failed == (["redirect"] if status == "fail" else [])
    assert f":{one.port}/callback" in report.one("redirect",
                                                 status)["evidence"]
