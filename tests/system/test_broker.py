# SPDX-License-Identifier: MIT
"""The broker, its sandbox on, against the real exchange and a false one.

Driven by tests/ipc/broker_driver, which is its master.
"""

import json
import os
import re
import socket
import subprocess
import time

import pytest

from harness.fake_exchange import (FakeExchange, Key, after, at_hash, b64,
                                   reply, slowly)

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
DRIVER = os.path.join(BUILD, "tests/ipc/broker_driver")
BROKER = os.path.join(BUILD, "libexec/jhe-mcp/broker")
CLIENT = "jhe-universal-mcp"
NONCE = "nonce-of-the-test"
DISCOVER, CODE, REFRESH = 1, 2, 3

pytestmark = pytest.mark.skipif(
    not os.access(DRIVER, os.X_OK) or not os.access(BROKER, os.X_OK),
    reason="broker_driver or the broker is not built")


def names_of(enum, prefix):
    """{number: name} of an enum of ipc.h, so that tests speak of names."""
    with open(os.path.join(TOP, "src/ipc/ipc.h"), encoding="utf-8") as file:
        text = file.read()
    body = re.search(r"enum " + enum + r" \{(.*?)\};", text, re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    names, number = {}, 0
    for entry in body.split(","):
        name, _, value = entry.strip().partition("=")
        if not name:
            continue
        number = int(value) if value else number
        names[number] = name.strip()[len(prefix):]
        number += 1
    return names


FAILURES = names_of("ipc_brok_code", "IPC_BROK_")
STAGES = names_of("ipc_stage", "IPC_STAGE_")
REASONS = names_of("ipc_reason", "IPC_REASON_")
OAUTH = names_of("ipc_oauth_error", "IPC_OAUTH_")


def short(value):
    """Names of parametrized tests."""
    return re.sub(r"[^ -~]", "?", str(value))[:40]


class Result:
    def __init__(self, output, log):
        answer = json.loads(output)
        self.exit, self.exit_ms = answer["exit"], answer["exit_ms"]
        # A build for sanitizers says so at each start.
        self.log = "".join(line for line in log.splitlines(True)
                           if "THE SANDBOX IS OFF" not in line)
        self.messages = {m["message"]: m for m in answer["messages"]}
        self.order = [m["message"] for m in answer["messages"]]

    def __getattr__(self, name):
        return self.messages[name]

    @property
    def failure(self):
        assert self.order[-1] == "BROK_FAILED", self.order
        return FAILURES[self.BROK_FAILED["code"]]

    @property
    def stage(self):
        assert self.order == ["BOOT_FAILED"], self.order
        return (STAGES[self.BOOT_FAILED["stage"]],
                REASONS[self.BOOT_FAILED["reason"]])


def run(fields):
    text = "".join(f"{name} {value}\n" for name, value in fields.items())
    done = subprocess.run([DRIVER, BROKER], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    return Result(done.stdout, done.stderr)


def job(base, kind, host=None, **more):
    scheme, rest = base.split("://")
    fields = {
        "boot.host": host or rest.rsplit(":", 1)[0].strip("[]"),
        "boot.port": rest.rsplit(":", 1)[1],
        "boot.tls": int(scheme == "https"),
        "job.kind": kind,
        "job.exchange_url": base,
        "job.issuer": base + "/o",
        "job.token_endpoint": base + "/o/token/",
        "job.jwks_uri": base + "/o/.well-known/jwks.json",
        "job.client_id": CLIENT,
    }
    for name, value in more.items():
        name = name.replace("boot_", "boot.", 1).replace("job_", "job.", 1)
        fields[name] = value
    return run({n: v for n, v in fields.items() if v != ""})


# --- The real exchange -------------------------------------------------------

@pytest.mark.parametrize("offered", ["slash", "both", "noslash"], ids=short)
def test_discovery(exchange, offered):
    exchange.set(discovery=offered)
    result = job(exchange.base_url, DISCOVER)
    found = result.BROK_ENDPOINTS
    assert result.exit == "exit code 0"
    assert found["found"] == 1
    assert found["issuer"] == exchange.issuer
    assert found["authorization_endpoint"] == exchange.issuer + "/authorize/"
    assert found["token_endpoint"] == exchange.issuer + "/token/"
    assert found["jwks_uri"] == exchange.issuer + "/.well-known/jwks.json"
    assert found["userinfo_endpoint"] == exchange.issuer + "/userinfo/"


def test_discovery_absent(exchange):
    exchange.set(discovery="none")
    result = job(exchange.base_url, DISCOVER)
    assert result.BROK_ENDPOINTS["found"] == 0
    assert result.BROK_ENDPOINTS["token_endpoint"] == ""


def code_job(exchange, user="manager_maya", client=CLIENT, **more):
    status, query, verifier, redirect = exchange.authorize(user, client)
    assert status == 0 and "code" in query, (status, query)
    fields = dict(job_code=query["code"], job_verifier=verifier,
                  job_redirect_uri=redirect, job_nonce=NONCE,
                  job_client_id=client)
    fields.update(more)
    return job(exchange.base_url, CODE, **fields)


def test_code(exchange):
    result = code_job(exchange)
    assert result.order == ["BOOT_READY", "BROK_PERSON", "BROK_TOKENS"]
    assert result.exit == "exit code 0"
    assert result.BROK_PERSON["person"] == 10001
    assert result.BROK_PERSON["narrowed"] == 0
    tokens = result.BROK_TOKENS
    assert tokens["has_person"] == 1
    assert tokens["expires_in_s"] == 1209600
    status, who = exchange.userinfo(tokens["access_token"])
    assert status == 200 and who["sub"] == "10001"
    assert tokens["refresh_token"] and tokens["id_token"].count(".") == 2
    assert result.log == ""


def test_code_with_claims(exchange):
    exchange.set(claims=True)
    person = code_job(exchange).BROK_PERSON
    assert person["person"] == 10001
    assert person["user_type"] == "practitioner"
    assert person["narrowed"] == 1
    assert sorted(person["studies"]) == [30001, 30006]


def test_code_of_a_patient_is_not_narrowed(exchange):
    exchange.set(claims=True)
    person = code_job(exchange, "patient_pia").BROK_PERSON
    assert person["person"] == 10006
    assert person["narrowed"] == 0 and person["studies"] == []


def test_confidential_client(exchange):
    secret = "CANARY-client-secret"
    good = code_job(exchange, client="confidential", job_client_secret=secret)
    assert good.BROK_PERSON["person"] == 10001
    bad = code_job(exchange, client="confidential",
                   job_client_secret="CANARY-wrong", log_level=3)
    assert bad.failure == "OAUTH"
    assert OAUTH[bad.BROK_FAILED["oauth_error"]] == "INVALID_CLIENT"
    assert bad.BROK_FAILED["http_status"] == 401
    assert exchange.canary(bad.log) is None


@pytest.mark.parametrize("change, error", [
    ({"job_code": "nonsense"}, "INVALID_GRANT"),
    ({"job_verifier": "v" * 43}, "INVALID_GRANT"),
    ({"job_redirect_uri": "http://localhost:1/callback"}, "INVALID_REQUEST"),
    ({"job_client_id": "nobody"}, "INVALID_CLIENT"),
], ids=short)
def test_code_refused(exchange, change, error):
    result = code_job(exchange, **change)
    assert result.failure == "OAUTH"
    assert OAUTH[result.BROK_FAILED["oauth_error"]] == error
    assert result.exit == "exit code 0"


def test_application_without_rs256(exchange):
    result = code_job(exchange, client="no-algorithm")
    assert result.failure == "UNSIGNED"


@pytest.mark.parametrize("change, failure", [
    ({"job_issuer": "http://127.0.0.1/o"}, "ID_ISSUER"),
    ({"job_issuer": ""}, "ID_ISSUER"),
    ({"job_nonce": "another"}, "ID_NONCE"),
    ({"job_nonce": ""}, "ID_NONCE"),
], ids=short)
def test_code_id_token_refused(exchange, change, failure):
    result = code_job(exchange, **change)
    assert result.failure == failure
    assert "BROK_TOKENS" not in result.messages


def test_too_many_studies(exchange):
    exchange.set(claims=True, claims_set={
        "jhe_permissions": {"studies": list(range(1, 4097))}})
    assert len(code_job(exchange).BROK_PERSON["studies"]) == 4096
    exchange.set(claims=True, claims_set={
        "jhe_permissions": {"studies": list(range(1, 4098))}})
    assert code_job(exchange).failure == "TOO_MANY_STUDIES"


def test_refresh(exchange):
    tokens = exchange.login("manager_maya")
    result = job(exchange.base_url, REFRESH,
                 job_token=tokens["refresh_token"])
    # This version of the exchange sends no ID token with a refresh.
    assert result.order == ["BOOT_READY", "BROK_TOKENS"]
    assert result.BROK_TOKENS["has_person"] == 0
    assert result.BROK_TOKENS["id_token"] == ""
    access = result.BROK_TOKENS["access_token"]
    assert access != tokens["access_token"]
    assert exchange.userinfo(access)[0] == 200
    again = job(exchange.base_url, REFRESH,
                job_token=tokens["refresh_token"])
    assert OAUTH[again.BROK_FAILED["oauth_error"]] == "INVALID_GRANT"


def test_key_rotation(exchange):
    exchange.new_key()
    assert code_job(exchange).BROK_PERSON["person"] == 10001


@pytest.mark.parametrize("path, kind", [
    ("/o/.well-known/openid-configuration/", DISCOVER),
    ("/o/token/", REFRESH),
], ids=short)
def test_exchange_fails(exchange, path, kind):
    exchange.set(fail={path: 503})
    result = job(exchange.base_url, kind, job_token="x")
    assert result.failure == "HTTP_STATUS"
    assert result.BROK_FAILED["http_status"] == 503


def test_exchange_is_slow(exchange):
    exchange.set(delay={"/o/token/": 3})
    start = time.monotonic()
    result = job(exchange.base_url, REFRESH, job_token="x",
                 boot_request_timeout_ms=500)
    assert result.failure == "TIMEOUT"
    assert time.monotonic() - start < 2.5


# --- No connection -----------------------------------------------------------

def test_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = job(f"http://127.0.0.1:{port}", DISCOVER)
    assert result.stage == ("CONNECT", "EXCHANGE_DOWN")
    assert result.exit == "exit code 1"


def test_no_such_name():
    result = job("http://no-such-exchange.invalid:80", DISCOVER)
    assert result.stage == ("RESOLVE", "EXCHANGE_DOWN")


def test_connect_timeout():
    """A server whose queue is full drops further connections."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        time.sleep(0.1)
        start = time.monotonic()
        result = job(f"http://127.0.0.1:{port}", DISCOVER,
                     boot_connect_timeout_ms=400)
        assert result.stage == ("CONNECT", "EXCHANGE_DOWN")
        assert 0.3 < time.monotonic() - start < 2
        for one in waiting:
            one.close()


# --- A false exchange --------------------------------------------------------

@pytest.fixture
def fake():
    one = FakeExchange()
    yield one
    one.close()


def base_of(fake, host="127.0.0.1"):
    return f"{'https' if fake.tls else 'http'}://{host}:{fake.port}"


def document(base, **more):
    return dict({
        "issuer": base + "/o",
        "authorization_endpoint": base + "/o/authorize/",
        "token_endpoint": base + "/o/token/",
        "jwks_uri": base + "/o/.well-known/jwks.json",
        "scopes_supported": ["openid", "email"],
    }, **more)


DISCOVERY = "/o/.well-known/openid-configuration"


def test_discovery_with_all_members(fake):
    base = base_of(fake)
    fake.answers[DISCOVERY + "/"] = reply(200, document(
        base, revocation_endpoint=base + "/o/revoke_token/"))
    found = job(base, DISCOVER).BROK_ENDPOINTS
    assert found["scope_email"] == 1
    assert found["userinfo_endpoint"] == ""
    assert found["revocation_endpoint"] == base + "/o/revoke_token/"
    assert len(fake.requests) == 1


@pytest.mark.parametrize("elsewhere", [
    "http://127.0.0.2:{port}/o/token/", "https://127.0.0.1:{port}/o/token/",
    "http://127.0.0.1:1/o/token/", "http://127.0.0.1.evil.example/o/token/",
], ids=short)
@pytest.mark.parametrize("member", [
    "token_endpoint", "authorization_endpoint", "jwks_uri",
    "userinfo_endpoint", "revocation_endpoint"], ids=short)
def test_foreign_endpoint(fake, member, elsewhere):
    base = base_of(fake)
    fake.answers[DISCOVERY + "/"] = reply(200, document(
        base, **{member: elsewhere.format(port=fake.port)}))
    assert job(base, DISCOVER).failure == "FOREIGN_ENDPOINT"


@pytest.mark.parametrize("job_field", ["job_token_endpoint", "job_jwks_uri",
                                       "job_exchange_url"], ids=short)
def test_foreign_job(fake, job_field):
    fake.answers["/o/.well-known/jwks.json"] = reply(
        200, {"keys": [Key().jwk()]})
    result = job(base_of(fake), REFRESH, job_token="x",
                 **{job_field: "http://127.0.0.1:1/"})
    assert result.failure == "FOREIGN_ENDPOINT"


PAGE = reply(200, "<!DOCTYPE html><title>welcome</title>", "text/html")


def test_html_at_one_spelling(fake):
    base = base_of(fake)
    fake.answers[DISCOVERY + "/"] = reply(302, "", Location=base + "/login")
    fake.answers[DISCOVERY] = reply(200, document(base))
    assert job(base, DISCOVER).BROK_ENDPOINTS["found"] == 1
    assert all("/login" not in path for _, path, _ in fake.requests)


WHOLE = reply(200, document("http://127.0.0.1:1"))


@pytest.mark.parametrize("answer, failure", [
    (PAGE, "FORMAT"),
    (reply(200, ""), "FORMAT"),
    (reply(200, "[]"), "FORMAT"),
    (reply(200, "{}"), "FORMAT"),
    (reply(200, '{"issuer": 1}'), "FORMAT"),
    (reply(200, b"\xff\xfe"), "FORMAT"),
    (reply(200, '{"a":' * 100 + "1" + "}" * 100), "TOO_LARGE"),
    (reply(200, " " * (1024 * 1024 + 1)), "TOO_LARGE"),
    (reply(500, "broken"), "HTTP_STATUS"),
    (WHOLE[:-20], "CONNECTION"),
    (WHOLE[:30], "FORMAT"),
    (b"", "CONNECTION"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "FORMAT"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
     "FORMAT"),
    (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200000 + b"\r\n\r\n", None),
    (slowly(WHOLE, 30), "TIMEOUT"),
    (after(WHOLE, 5), "TIMEOUT"),
], ids=short)
def test_bad_answers(fake, answer, failure):
    fake.answers[DISCOVERY + "/"] = answer
    fake.answers[DISCOVERY] = answer
    result = job(base_of(fake), DISCOVER, boot_request_timeout_ms=700)
    assert result.exit == "exit code 0"
    if failure:
        assert result.failure == failure, result.log
    else:
        assert result.order[-1] == "BROK_FAILED"


def test_endless_answer(fake):
    def forever(connection, *_):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x" * 65536)

    fake.answers[DISCOVERY + "/"] = forever
    assert job(base_of(fake), DISCOVER).failure == "TOO_LARGE"


@pytest.mark.parametrize("status", [301, 302, 307, 308], ids=short)
def test_redirects_are_not_followed(fake, status):
    base = base_of(fake)
    away = reply(status, "", Location=base + "/elsewhere")
    fake.answers["/elsewhere"] = reply(200, document(base))
    fake.answers["/o/.well-known/jwks.json"] = reply(
        200, {"keys": [Key().jwk()]})
    fake.answers["/o/token/"] = away
    fake.answers[DISCOVERY] = fake.answers[DISCOVERY + "/"] = away
    assert job(base, DISCOVER).BROK_ENDPOINTS["found"] == 0
    result = job(base, REFRESH, job_token="x")
    assert result.failure == "HTTP_STATUS"
    assert result.BROK_FAILED["http_status"] == status
    assert "/elsewhere" not in [path for _, path, _ in fake.requests]


def test_server_gone_between_ready_and_job(fake):
    """Idle connections that the server closed are not used."""
    class Impatient(FakeExchange):
        def _answer(self, connection):
            connection.settimeout(0.1)
            super()._answer(connection)

    impatient = Impatient()
    result = job(base_of(impatient), DISCOVER, hold_ms=500)
    impatient.close()
    assert result.failure == "CONNECTION"


def test_slow_last_answer_dies_with_master(fake):
    fake.answers[DISCOVERY + "/"] = after(WHOLE, 4)
    result = job(base_of(fake), DISCOVER, hangup_ms=200)
    assert result.exit_ms < 2500


def test_names_and_families():
    six = FakeExchange(socket.AF_INET6)
    base = f"http://[::1]:{six.port}"
    six.answers[DISCOVERY + "/"] = reply(200, document(base))
    assert job(base, DISCOVER).BROK_ENDPOINTS["found"] == 1
    six.close()
    four = FakeExchange()
    base = f"http://localhost:{four.port}"
    four.answers[DISCOVERY + "/"] = reply(200, document(base))
    assert job(base, DISCOVER).BROK_ENDPOINTS["found"] == 1
    four.close()


# --- Forged tokens -----------------------------------------------------------

KEY = Key()
OTHER = Key()               # the same kid
SMALL = Key(bits=1024)


def claims(base, **more):
    now = int(time.time())
    all_of_them = dict({
        "iss": base + "/o", "sub": "10001", "aud": CLIENT, "nonce": NONCE,
        "iat": now, "exp": now + 600}, **more)
    return {k: v.value() if isinstance(v, Now) else v
            for k, v in all_of_them.items() if v != "ABSENT"}


def offer(fake, token, key=KEY, **more):
    fake.answers["/o/.well-known/jwks.json"] = reply(
        200, {"keys": [key.jwk()]})
    answer = {"access_token": "CANARYaccess", "token_type": "Bearer",
              "expires_in": 3600, "refresh_token": "r", "scope": "openid",
              "id_token": token}
    answer.update(more)
    answer = {k: v for k, v in answer.items() if v is not None}
    fake.answers["/o/token/"] = reply(200, answer)


def code(fake, **more):
    fields = dict(job_code="c", job_verifier="v" * 43, job_nonce=NONCE,
                  job_redirect_uri="http://localhost:8765/callback")
    fields.update(more)
    return job(base_of(fake), CODE, **fields)


def test_good_token(fake):
    offer(fake, KEY.token(claims(
        base_of(fake), email="a@example.com", user_id=10001,
        at_hash=at_hash("CANARYaccess"),
        jhe_permissions={"studies": [3, 5], "organizations": []})))
    result = code(fake, job_client_secret="a b&c=%")
    assert result.BROK_PERSON == {
        "message": "BROK_PERSON", "person": 10001, "narrowed": 1,
        "user_type": "", "email": "a@example.com", "studies": [3, 5]}
    assert result.BROK_TOKENS["access_token"] == "CANARYaccess"
    body = [b for m, p, b in fake.requests if m == "POST"][0]
    assert body.split("&") == [
        "grant_type=authorization_code", "client_id=jhe-universal-mcp",
        "client_secret=a%20b%26c%3D%25", "code=c",
        "redirect_uri=http%3A%2F%2Flocalhost%3A8765%2Fcallback",
        "code_verifier=" + "v" * 43]


def test_refresh_with_id_token(fake):
    offer(fake, KEY.token(claims(base_of(fake), nonce="ABSENT",
                                 at_hash="of-another")))
    result = job(base_of(fake), REFRESH, job_token="CANARYrefresh")
    assert result.order == ["BOOT_READY", "BROK_PERSON", "BROK_TOKENS"]
    assert result.BROK_PERSON["person"] == 10001
    offer(fake, OTHER.token(claims(base_of(fake))))
    result = job(base_of(fake), REFRESH, job_token="CANARYrefresh")
    assert result.failure == "ID_SIGNATURE"


def test_refresh_keeps_nothing_else(fake):
    offer(fake, None, refresh_token=None, scope=None, expires_in=None)
    tokens = job(base_of(fake), REFRESH, job_token="r").BROK_TOKENS
    assert tokens["refresh_token"] == "" and tokens["expires_in_s"] == 0


@pytest.mark.parametrize("header, failure", [
    ({"alg": "none"}, "ID_FORMAT"),         # its signature is empty
    ({"alg": "None"}, "ID_ALGORITHM"),
    ({"alg": "HS256"}, "ID_ALGORITHM"),
    ({"alg": "RS384"}, "ID_ALGORITHM"),
    ({"alg": "PS256"}, "ID_ALGORITHM"),
    ({"alg": None}, "ID_FORMAT"),
    ({"alg": 5}, "ID_FORMAT"),
    ({"kid": "no-such"}, "KEYS"),
    ({"kid": 5}, "ID_FORMAT"),
    ({"crit": ["exp"]}, "ID_ALGORITHM"),
    ({"jwk": KEY.jwk(), "kid": "mine"}, "KEYS"),
], ids=short)
def test_forged_header(fake, header, failure):
    offer(fake, KEY.token(claims(base_of(fake)), **header))
    assert code(fake).failure == failure


def test_kid_may_be_absent(fake):
    offer(fake, KEY.token(claims(base_of(fake)), kid=None))
    assert code(fake).BROK_PERSON["person"] == 10001


def test_forged_keys(fake):
    base = base_of(fake)
    offer(fake, OTHER.token(claims(base)))
    assert code(fake).failure == "ID_SIGNATURE"
    offer(fake, SMALL.token(claims(base)), key=SMALL)
    assert code(fake).failure == "KEYS"
    offer(fake, KEY.token(claims(base)))
    for keys in ({}, {"keys": []}, {"keys": {}}, [], "no",
                 {"keys": [KEY.jwk(use="enc")]}, {"keys": [KEY.jwk(kty="EC")]},
                 {"keys": [KEY.jwk(), OTHER.jwk()]},
                 {"keys": [KEY.jwk()] * 100}):
        fake.answers["/o/.well-known/jwks.json"] = reply(200, keys)
        assert code(fake).failure == "KEYS", keys
    fake.answers["/o/.well-known/jwks.json"] = reply(404, "no", "text/html")
    assert code(fake).failure == "KEYS"
    # A refresh token is not spent on an exchange whose keys are missing.
    fake.requests.clear()
    assert job(base, REFRESH, job_token="r").failure == "KEYS"
    assert [method for method, _, _ in fake.requests] == ["GET"]


class Now:
    """A time in claims, from when the token is made."""

    def __init__(self, seconds, form=int):
        self.seconds, self.form = seconds, form

    def __repr__(self):
        return f"{self.form.__name__}(now{self.seconds:+})"

    def value(self):
        return self.form(int(time.time()) + self.seconds)


@pytest.mark.parametrize("change, failure", [
    ({"iss": "http://evil.example/o"}, "ID_ISSUER"),
    ({"iss": "ABSENT"}, "ID_FORMAT"),
    ({"aud": "other"}, "ID_AUDIENCE"),
    ({"aud": []}, "ID_AUDIENCE"),
    ({"aud": ["other", CLIENT]}, "ID_AUDIENCE"),
    ({"aud": [CLIENT], "azp": "other"}, "ID_AUDIENCE"),
    ({"aud": [1]}, "ID_FORMAT"),
    ({"aud": "ABSENT"}, "ID_FORMAT"),
    ({"exp": Now(-100)}, "ID_EXPIRED"),
    ({"exp": "ABSENT"}, "ID_FORMAT"),
    ({"exp": Now(600, str)}, "ID_FORMAT"),
    ({"exp": Now(600.5, float)}, "ID_FORMAT"),
    ({"exp": 10 ** 30}, "ID_FORMAT"),
    ({"exp": -1}, "ID_FORMAT"),
    ({"iat": Now(900), "exp": Now(1900)}, "ID_EXPIRED"),
    ({"nbf": Now(900)}, "ID_EXPIRED"),
    ({"nonce": "other"}, "ID_NONCE"),
    ({"nonce": "ABSENT"}, "ID_NONCE"),
    ({"at_hash": "AAAA"}, "ID_ACCESS_HASH"),
    ({"sub": "manager"}, "ID_SUBJECT"),
    ({"sub": 10001}, "ID_FORMAT"),
    ({"sub": "0"}, "ID_SUBJECT"),
    ({"sub": "-1"}, "ID_SUBJECT"),
    ({"sub": "+1"}, "ID_SUBJECT"),
    ({"sub": "010001"}, "ID_SUBJECT"),
    ({"sub": " 10001"}, "ID_SUBJECT"),
    ({"sub": "9223372036854775808"}, "ID_SUBJECT"),
    ({"user_id": 10002}, "ID_SUBJECT"),
    ({"user_id": "10001"}, "ID_FORMAT"),
    ({"jhe_permissions": None}, "ID_FORMAT"),
    ({"jhe_permissions": []}, "ID_FORMAT"),
    ({"jhe_permissions": {"studies": None}}, "ID_FORMAT"),
    ({"jhe_permissions": {"studies": ["1"]}}, "ID_FORMAT"),
    ({"jhe_permissions": {"studies": [1.5]}}, "ID_FORMAT"),
    ({"jhe_permissions": {"studies": [0]}}, "ID_FORMAT"),
    ({"jhe_permissions": {"studies": [2 ** 63]}}, "ID_FORMAT"),
], ids=short)
def test_forged_claims(fake, change, failure):
    offer(fake, KEY.token(claims(base_of(fake), **change)))
    assert code(fake).failure == failure


@pytest.mark.parametrize("change", [
    {"iat": Now(-90), "exp": Now(-30)},
    {"aud": [CLIENT]}, {"aud": [CLIENT, "x"], "azp": CLIENT},
    {"jhe_permissions": {}}, {"user_type": None}, {"email": None},
    {"iat": Now(30)}, {"unknown": {"a": [1, {}]}},
], ids=short)
def test_odd_but_good_claims(fake, change):
    offer(fake, KEY.token(claims(base_of(fake), **change)))
    person = code(fake).BROK_PERSON
    assert person["person"] == 10001 and person["narrowed"] == 0


@pytest.mark.parametrize("token", [
    "", "a", "a.b", "...", "a.b.c", "e30.e30.e30", "e30.e30.e30.e30",
    "é.e30.e30", "A" * 300000], ids=short)
def test_no_token_at_all(fake, token):
    offer(fake, token)
    assert code(fake).failure in ("ID_FORMAT", "TOO_LARGE")


def test_text_of_claims(fake):
    good = json.dumps(claims(base_of(fake)))
    for payload, failure in [
            (good[:-1] + ', "sub": "10002"}', "ID_FORMAT"),
            (good[:-1] + ', "s\\u0075b": "10002"}', "ID_FORMAT"),
            (good[:-1] + ', "a\\u0000": 1}', "ID_FORMAT"),
            (good[:-1] + ', "a": NaN}', "ID_FORMAT"),
            (good + " {}", "ID_FORMAT"), (good + "\0", "ID_FORMAT"),
            ("[" + good + "]", "ID_FORMAT"), (good[:-1], "ID_FORMAT"),
            (good[:-1] + ', "a": ' + "[" * 40 + "]" * 40 + "}", "ID_FORMAT"),
            (good + " \n", None)]:
        offer(fake, KEY.token(None, payload=payload.encode()))
        result = code(fake)
        assert (result.order[-1] == "BROK_TOKENS" if failure is None
                else result.failure == failure), payload


def test_signature_text(fake):
    good = KEY.token(claims(base_of(fake)))
    head, payload, signature = good.split(".")
    raised = signature[:-1] + chr(ord(signature[-1]) + 1)
    for token, failure in [
            (good + "=", "ID_FORMAT"), (good + "AAA", "ID_FORMAT"),
            (good + "AAAA", "ID_SIGNATURE"), (good[:-2], "ID_SIGNATURE"),
            (f"{head}.{payload}.{raised}", "ID_FORMAT"),
            (f"{head}.{payload}.{b64(bytes(256))}", "ID_SIGNATURE"),
            (f"{head}.{payload}=.{signature}", "ID_SIGNATURE"),
            (f"{head}.{b64(b'{}')}.{signature}", "ID_SIGNATURE")]:
        offer(fake, token)
        assert code(fake).failure == failure, token[-20:]


@pytest.mark.parametrize("more, failure", [
    ({"id_token": None}, "NO_ID_TOKEN"),
    ({"id_token": 5}, "FORMAT"),
    ({"access_token": None}, "FORMAT"),
    ({"access_token": ""}, "FORMAT"),
    ({"access_token": "a\r\nX: y"}, "FORMAT"),
    ({"access_token": "a" * 5000}, "TOO_LARGE"),
    ({"refresh_token": "ä"}, "FORMAT"),
    ({"token_type": "mac"}, "FORMAT"),
    ({"token_type": None}, "FORMAT"),
    ({"expires_in": "3600"}, "FORMAT"),
    ({"expires_in": -1}, "FORMAT"),
    ({"expires_in": 2 ** 40}, "FORMAT"),
], ids=short)
def test_token_answers(fake, more, failure):
    offer(fake, KEY.token(claims(base_of(fake))), **more)
    assert code(fake).failure == failure


@pytest.mark.parametrize("status, body, failure, error", [
    (400, {"error": "invalid_grant", "error_description": "CANARY"},
     "OAUTH", "INVALID_GRANT"),
    (200, {"error": "invalid_scope"}, "OAUTH", "INVALID_SCOPE"),
    (400, {"error": "<script>CANARY"}, "OAUTH", "OTHER"),
    (400, {"error": 5}, "HTTP_STATUS", "NONE"),
    (500, {"error": "server_error"}, "OAUTH", "SERVER_ERROR"),
    (500, {"error": "server_error", "error_description":
           "This application does not support signed tokens."},
     "UNSIGNED", "SERVER_ERROR"),
    (500, "<html>CANARY", "HTTP_STATUS", "NONE"),
], ids=short)
def test_refusals(fake, status, body, failure, error):
    offer(fake, None)
    fake.answers["/o/token/"] = reply(status, body)
    result = code(fake, log_level=3)
    assert result.failure == failure
    assert OAUTH[result.BROK_FAILED["oauth_error"]] == error
    assert result.BROK_FAILED["http_status"] == status
    assert "CANARY" not in result.log


def test_large_id_token_is_verified_and_left_out(fake):
    offer(fake, KEY.token(claims(base_of(fake), padding="x" * 60000)))
    result = code(fake)
    assert result.BROK_PERSON["person"] == 10001
    assert result.BROK_TOKENS["id_token"] == ""


# --- TLS ---------------------------------------------------------------------

class Authority:
    """A throw-away CA by openssl."""

    def __init__(self, directory):
        self.directory = directory
        self.file = self.path("ca.pem")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                     "-keyout", self.path("ca.key"), "-out", self.file,
                     "-subj", "/CN=test authority", "-days", "2")

    def path(self, name):
        return os.path.join(self.directory, name)

    @staticmethod
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, text=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)

    def certificate(self, name, days="2"):
        """(certificate, key) for a name such as DNS:localhost."""
        base = self.path(re.sub(r"\W", "_", name + days))
        with open(base + ".ext", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={name}\n")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                     base + ".key", "-out", base + ".csr", "-subj", "/CN=x")
        self.openssl("x509", "-req", "-in", base + ".csr", "-CA", self.file,
                     "-CAkey", self.path("ca.key"), "-out", base + ".pem",
                     "-days", days, "-extfile", base + ".ext",
                     "-set_serial", str(len(os.listdir(self.directory))))
        return base + ".pem", base + ".key"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(str(tmp_path_factory.mktemp("ca")))


def secure(certificate, host, ca_file, **more):
    one = FakeExchange(certificate=certificate)
    base = base_of(one, host)
    one.answers[DISCOVERY + "/"] = reply(200, document(base))
    one.answers["/o/.well-known/jwks.json"] = reply(
        200, {"keys": [KEY.jwk()]})
    result = job(base, DISCOVER, boot_ca_file=ca_file, **more)
    one.close()
    return result


def test_tls(authority):
    certificate = authority.certificate("DNS:localhost")
    found = secure(certificate, "localhost", authority.file).BROK_ENDPOINTS
    assert found["token_endpoint"].startswith("https://localhost:")
    certificate = authority.certificate("IP:127.0.0.1")
    found = secure(certificate, "127.0.0.1", authority.file).BROK_ENDPOINTS
    assert found["found"] == 1


def test_tls_two_requests(authority):
    one = FakeExchange(certificate=authority.certificate("DNS:localhost"))
    base = base_of(one, "localhost")
    offer(one, KEY.token(claims(base)))
    result = job(base, CODE, boot_ca_file=authority.file, job_code="c",
                 job_nonce=NONCE, job_verifier="v" * 43,
                 job_redirect_uri="http://localhost:8765/callback")
    one.close()
    assert result.BROK_PERSON["person"] == 10001


def test_tls_refused(authority, tmp_path):
    good = authority.certificate("DNS:localhost")
    other = Authority(str(tmp_path))
    assert secure(good, "localhost", other.file).failure == "TLS"
    assert secure(good, "127.0.0.1", authority.file).failure == "TLS"
    elsewhere = authority.certificate("DNS:elsewhere.example")
    assert secure(elsewhere, "localhost", authority.file).failure == "TLS"
    expired = authority.certificate("DNS:localhost", days="-1")
    assert secure(expired, "localhost", authority.file).failure == "TLS"


def test_tls_against_plain_http(fake, authority):
    result = job(f"https://localhost:{fake.port}", DISCOVER,
                 boot_ca_file=authority.file)
    assert result.failure == "TLS"


def test_ca_file(authority, tmp_path):
    certificate = authority.certificate("DNS:localhost")
    missing = secure(certificate, "localhost", str(tmp_path / "none.pem"))
    assert missing.stage == ("CA_FILE", "INTERNAL")
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate\n")
    assert secure(certificate, "localhost", str(empty)).stage == (
        "CA_FILE", "INTERNAL")
    # The system's bundle does not know this authority.
    assert secure(certificate, "localhost", "").failure == "TLS"
