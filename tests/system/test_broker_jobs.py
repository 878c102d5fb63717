# SPDX-License-Identifier: MIT
"""The broker's jobs that bring no sign-in: ending one, and a look; and what
userinfo adds to a refresh."""

import time
import urllib.parse
from email.utils import formatdate

import pytest

from harness.fake_exchange import FakeExchange, Key, reply, slowly
from test_broker import (CLIENT, FAILURES, OAUTH, REFRESH, job, pytestmark,
                         short)

REVOKE, CHECK = 4, 5
SECRET = "CANARY-client-secret"

assert pytestmark


@pytest.fixture
def fake():
    one = FakeExchange()
    one.base = f"http://127.0.0.1:{one.port}"
    yield one
    one.close()


@pytest.fixture(scope="module")
def key():
    return Key()


# --- Ending a sign-in (RFC 7009) ----------------------------------------------

def revoke(base, **more):
    fields = dict(job_revocation_endpoint=base + "/o/revoke_token/",
                  job_token="REFRESH-1", job_access_token="ACCESS-1")
    fields.update(more)
    return job(base, REVOKE, **fields)


def test_revoke(exchange):
    tokens = exchange.login("manager_maya")
    result = revoke(exchange.base_url, job_token=tokens["refresh_token"],
                    job_access_token=tokens["access_token"])
    assert result.order == ["BOOT_READY", "BROK_REVOKED"]
    assert result.exit == "exit code 0" and result.log == ""
    assert exchange.userinfo(tokens["access_token"])[0] == 401
    assert exchange.token(
        grant_type="refresh_token", client_id=CLIENT,
        refresh_token=tokens["refresh_token"])[0] == 400


def test_revoke_unknown_tokens(exchange):
    assert revoke(exchange.base_url).order[-1] == "BROK_REVOKED"


def test_revoke_as_an_unknown_client(exchange):
    result = revoke(exchange.base_url, job_client_id="nobody")
    assert result.failure == "OAUTH"
    assert OAUTH[result.BROK_FAILED["oauth_error"]] == "INVALID_CLIENT"


def test_what_revoke_sends(fake):
    fake.answers["/o/revoke_token/"] = reply(200, "", "text/html")
    result = revoke(fake.base, job_client_secret=SECRET, log_level=3)
    assert result.order[-1] == "BROK_REVOKED"
    sent = [dict(urllib.parse.parse_qsl(body))
            for _, _, body in fake.requests]
    assert sent == [
        {"token": "REFRESH-1", "client_id": CLIENT, "client_secret": SECRET,
         "token_type_hint": "refresh_token"},
        {"token": "ACCESS-1", "client_id": CLIENT, "client_secret": SECRET,
         "token_type_hint": "access_token"}]
    for word in (SECRET, "REFRESH-1", "ACCESS-1"):
        assert word not in result.log


@pytest.mark.parametrize("more, count", [
    ({"job_token": ""}, 1), ({"job_access_token": ""}, 1),
    ({"job_token": "", "job_access_token": ""}, 0)], ids=short)
def test_revoke_what_there_is(fake, more, count):
    fake.answers["/o/revoke_token/"] = reply(200, "")
    assert revoke(fake.base, **more).order[-1] == "BROK_REVOKED"
    assert len(fake.requests) == count


@pytest.mark.parametrize("answer, failure", [
    (reply(503, "<h1>no</h1>", "text/html"), "HTTP_STATUS"),
    (reply(404, "no", "text/html"), "HTTP_STATUS"),
    (reply(302, "", Location="/login"), "HTTP_STATUS"),
    (reply(400, {"error": "unsupported_token_type"}), "OAUTH"),
    (b"", "CONNECTION"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "CONNECTION"),
], ids=short)
def test_revoke_fails(fake, answer, failure):
    fake.answers["/o/revoke_token/"] = answer
    result = revoke(fake.base)
    assert result.failure == failure
    # What failed once is not tried with the other.
    assert len(fake.requests) == 1


def test_revoke_elsewhere(fake):
    result = revoke(fake.base, job_revocation_endpoint="http://127.0.0.1:1/x")
    assert result.failure == "FOREIGN_ENDPOINT"
    assert fake.requests == []


# --- A look -------------------------------------------------------------------

def check(base, **more):
    fields = dict(boot_connections=4, job_code="", job_verifier="v" * 43,
                  job_redirect_uri="http://localhost:8765/callback")
    fields.update(more)
    return job(base, CHECK, **fields)


@pytest.mark.parametrize("offered", ["slash", "both", "noslash", "none"],
                         ids=short)
def test_check(exchange, offered):
    exchange.set(discovery=offered)
    result = check(exchange.base_url)
    assert result.order == ["BOOT_READY", "BROK_REPORT"]
    report = result.BROK_REPORT
    assert report["found"] == (offered != "none")
    assert report["issuer"] == exchange.issuer
    assert (report["discovery"], report["keys"], report["client"]) == (
        0, 0, 0)
    assert report["nkeys"] == 1
    assert abs(report["date_s"] - report["our_date_s"]) <= 2
    assert abs(report["our_date_s"] - time.time()) < 30
    # Nothing was signed in to, nothing granted.
    assert [line for line in exchange.requests() if "/o/token/" in line] == [
        "POST /o/token/ 400"]


@pytest.mark.parametrize("more, error", [
    ({"job_client_id": "nobody"}, "INVALID_CLIENT"),
    ({"job_client_id": "confidential"}, "INVALID_CLIENT"),
    ({"job_client_id": "confidential", "job_client_secret": "x"},
     "INVALID_CLIENT"),
    ({"job_client_id": "confidential", "job_client_secret": SECRET},
     "INVALID_GRANT"),
    ({"job_client_id": "no-algorithm"}, "INVALID_GRANT")], ids=short)
def test_check_client(exchange, more, error):
    report = check(exchange.base_url, **more).BROK_REPORT
    assert OAUTH[report["client_error"]] == error
    assert (report["client"] == 0) == (error == "INVALID_GRANT")


def well(fake, key, **headers):
    base = fake.base
    fake.answers.update({
        "/o/.well-known/openid-configuration/": reply(200, {
            "issuer": base + "/o",
            "authorization_endpoint": base + "/o/authorize/",
            "token_endpoint": base + "/o/token/",
            "jwks_uri": base + "/o/.well-known/jwks.json"}, **headers),
        "/o/.well-known/jwks.json": reply(200, {"keys": [key.jwk()]}),
        "/o/token/": reply(400, {"error": "invalid_grant"})})


@pytest.mark.parametrize("change, part, failure, status", [
    ({"/o/.well-known/openid-configuration/":
      reply(503, "no", "text/html")}, "discovery", "HTTP_STATUS", 503),
    ({"/o/.well-known/openid-configuration/": reply(200, "<html>")},
     "discovery", "FORMAT", 200),
    ({"/o/.well-known/jwks.json": reply(404, "no")}, "keys", "KEYS", 404),
    ({"/o/.well-known/jwks.json": reply(200, {"keys": []})}, "keys", "KEYS",
     200),
    ({"/o/token/": reply(500, "no", "text/html")}, "client", "HTTP_STATUS",
     500),
    ({"/o/token/": reply(200, {"access_token": "CANARY-x"})}, "client",
     "FORMAT", 200),
    ({"/o/token/": b""}, "client", "CONNECTION", 0),
], ids=short)
def test_check_goes_on(fake, key, change, part, failure, status):
    """What fails is told, and the rest is looked at."""
    well(fake, key)
    fake.answers.update(change)
    report = check(fake.base).BROK_REPORT
    for name in ("discovery", "keys", "client"):
        if name == part:
            assert FAILURES[report[name]] == failure
            assert report[name + "_status"] == status
        else:
            assert report[name] == 0, (name, report)


@pytest.mark.parametrize("value, want", [
    (formatdate(1700000000, usegmt=True), 1700000000),
    ("nonsense", 0), ("", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777)], ids=short)
def test_check_date(fake, key, value, want):
    well(fake, key, Date=value)
    assert check(fake.base).BROK_REPORT["date_s"] == want


def test_check_of_one_that_is_slow(fake, key):
    well(fake, key)
    fake.answers["/o/.well-known/jwks.json"] = slowly(
        reply(200, {"keys": []}), 5)
    start = time.monotonic()
    report = check(fake.base, boot_request_timeout_ms=500).BROK_REPORT
    assert FAILURES[report["keys"]] == "TIMEOUT"
    assert report["client"] == 0
    assert time.monotonic() - start < 4


# --- Userinfo -----------------------------------------------------------------

def refresh(fake, userinfo, **more):
    fake.answers["/o/token/"] = reply(200, {
        "access_token": "ACCESS-2", "token_type": "Bearer",
        "expires_in": 600})
    fake.answers["/o/userinfo/"] = userinfo
    more.setdefault("job_userinfo_endpoint", fake.base + "/o/userinfo/")
    return job(fake.base, REFRESH, job_token="REFRESH-1", boot_connections=3,
               **more)


@pytest.fixture
def keyed(fake, key):
    well(fake, key)
    return fake


def test_userinfo(keyed):
    heads = []

    def answer(connection, lines, _):
        heads.append(lines)
        connection.sendall(reply(200, {
            "sub": "10001", "email": "a@example.com", "user_id": 10001,
            "user_type": "practitioner",
            "jhe_permissions": {"studies": [30001]}}))

    result = refresh(keyed, answer)
    assert result.order == ["BOOT_READY", "BROK_PERSON", "BROK_TOKENS"]
    person = result.BROK_PERSON
    assert (person["person"], person["studies"]) == (10001, [30001])
    assert person["email"] == "a@example.com"
    assert result.BROK_TOKENS["id_token"] == ""
    assert "Authorization: Bearer ACCESS-2" in heads[0]
    # To nobody else.
    assert [path for _, path, _ in keyed.requests] == [
        "/o/.well-known/jwks.json", "/o/token/", "/o/userinfo/"]


@pytest.mark.parametrize("answer", [
    reply(401, {"error": "invalid_token"}), reply(500, "no", "text/html"),
    reply(302, "", Location="/login"), reply(200, "<html>", "text/html"),
    reply(200, {}), reply(200, {"sub": "me"}), reply(200, {"sub": 10001}),
    reply(200, {"sub": "10001", "user_id": 10002}),
    reply(200, {"sub": "10001", "jhe_permissions": {"studies": ["a"]}}),
    reply(200, {"sub": "10001",
                "jhe_permissions": {"studies": list(range(1, 4099))}}),
    reply(200, '{"sub":"10001","sub":"10002"}'), b"",
], ids=short)
def test_userinfo_that_is_not_believed(keyed, answer):
    """The tokens are not lost for it."""
    result = refresh(keyed, answer)
    assert result.order == ["BOOT_READY", "BROK_TOKENS"]
    assert result.BROK_TOKENS["access_token"] == "ACCESS-2"
    assert result.BROK_TOKENS["has_person"] == 0


def test_userinfo_elsewhere(keyed):
    result = refresh(keyed, reply(200, {}),
                     job_userinfo_endpoint="http://127.0.0.1:1/userinfo")
    assert result.BROK_TOKENS["has_person"] == 0
    assert "/o/userinfo/" not in [path for _, path, _ in keyed.requests]
