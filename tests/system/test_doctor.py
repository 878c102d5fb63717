# SPDX-License-Identifier: MIT
"""jhe-mcp doctor: each thing broken in turn is found, and its cure named."""

import os
import re
import socket
import time
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.built import sandboxed
from harness.doctor import ORDER, SELDOM, Report, only
from harness.doctor import run as harness_run
from harness.fake_exchange import FakeExchange, Key, reply

INTERRUPTED = 130


@pytest.fixture
def doctor(shell):
    def run(*options, **more):
        return harness_run(shell, *options, **more)

    return run


# --- All is well -------------------------------------------------------------

def test_all_is_well(shell, doctor):
    report = doctor()
    assert report.failed == []
    assert {one["check"] for one in report.all} == set(ORDER) - set(SELDOM)
    assert [one["check"] for one in report.all
            if one["status"] == "warn"] == ["sign-in"]
    assert "doctor --login" in report.one("sign-in", "warn")["cure"]
    shell.signed_in()
    report = doctor()
    assert report.done.json["warn"] == 0 and report.failed == []
    assert "user 10001" in report.one("sign-in", "pass")["evidence"]
    evidence = {one["check"]: one["evidence"] for one in report.all}
    assert evidence["configuration"] == ("exchange-url (environment), "
                                         "client-id (environment), "
                                         "database (environment)")
    assert shell.exchange.issuer in evidence["exchange"]
    assert re.fullmatch(r"PostgreSQL 1[4-9]\.\d+", evidence["server"])
    assert "jhe_mcp_reader" in evidence["role"]
    assert "2026" in evidence["generation"]
    if sandboxed():
        assert re.match(r"on: [23] filters and no new privileges in process "
                        r"\d+", evidence["sandbox"])
    shell.change_cache(expires_at=1)
    assert "renewed" in doctor().one("sign-in", "pass")["evidence"]


def test_it_is_for_people(shell):
    done = shell.run("doctor")
    assert done.err == ""
    lines = done.out.splitlines()
    assert re.fullmatch(r"1\d passed, 1 warning, \d failures?", lines[-1])
    assert re.match(r"PASS  configuration  exchange-url", lines[0])
    cure = lines[next(i for i, line in enumerate(lines)
                      if line.startswith("WARN  sign-in")) + 1]
    assert cure.startswith(" " * 21 + "jhe-mcp doctor --login")


def test_it_changes_nothing(shell, doctor):
    before = shell.signed_in().cache()
    files = sorted(os.listdir(shell.cache_dir))
    os.chmod(shell.cache_dir, 0o755)
    doctor()
    assert os.stat(shell.cache_dir).st_mode & 0o777 == 0o755
    assert shell.cache() == before
    assert sorted(os.listdir(shell.cache_dir)) == files


# --- Configuration -----------------------------------------------------------

@pytest.mark.parametrize("twin, keyword", [
    ("JHE_BASE_URL", "exchange-url"), ("JHE_CLIENT_ID", "client-id"),
    ("JHE_DB_CONN", "database")])
def test_a_missing_option(doctor, twin, keyword):
    report = doctor(env={twin: None})
    only(report, "configuration", f"{keyword} is not set", twin)
    # The rest is looked at all the same.
    assert bool(report.of("database")) == (keyword != "database")
    assert bool(report.of("exchange")) == (keyword == "database")


def test_a_wrong_option(doctor):
    report = doctor("callback-port=70000", "log-level=loud")
    assert len(report.of("configuration", "fail")) == 2
    assert report.failed == ["configuration"] * 2
    assert report.of("browser") and not report.of("exchange")


def test_a_file_that_others_can_write(shell, doctor):
    path = os.path.join(shell.home, "own.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write("log-level error\n")
    os.chmod(path, 0o666)
    done = shell.run("doctor", "--json", "-f", path)
    only(Report(done), "configuration", "other users can write it", "conf")
    os.chmod(path, 0o640)
    assert path in str(Report(shell.run(
        "doctor", "--json", "-f", path)).of("files", "pass"))


def test_a_password_that_others_can_read(shell):
    path = os.path.join(shell.home, "own.conf")
    for text in ("postgresql://me:CANARY-password@127.0.0.1:9/x",
                 "host=127.0.0.1 port=9 password=CANARY-password"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'database "{text}"\n')
        os.chmod(path, 0o644)
        done = shell.run("doctor", "--json", "-f", path,
                         env={"JHE_DB_CONN": None})
        one = Report(done).one("files", "warn")
        assert path in one["evidence"] and "chmod 600" in one["cure"]
        assert shell.exchange.canary(done.out + done.err) is None


def test_plain_http_to_somewhere_else(doctor):
    url = "http://no-such-exchange.invalid"
    report = doctor(f"exchange-url={url}", "connect-timeout=2")
    assert "https" in report.one("configuration", "warn")["cure"]
    only(report, "exchange", "its name has no address", "exchange-url")


# --- Exchange ----------------------------------------------------------------

def test_nobody_listens(doctor):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    only(doctor(f"exchange-url=http://127.0.0.1:{port}"), "exchange",
         "no connection", "exchange-url")


def test_not_an_exchange(doctor):
    fake = FakeExchange()
    try:
        report = doctor(f"exchange-url=http://127.0.0.1:{fake.port}")
    finally:
        fake.close()
    assert report.failed == ["exchange", "keys"]
    one = report.one("exchange", "fail")
    assert "not as an exchange" in one["evidence"]
    assert "exchange-url" in one["cure"]


@pytest.mark.parametrize("knobs, check, evidence, cure", [
    ({"fail": {"/o/.well-known/openid-configuration/": 503}}, "exchange",
     "503", "exchange"),
    ({"delay": {"/o/.well-known/openid-configuration/": 3}}, "exchange",
     "no answer in time", "http-timeout"),
    ({"fail": {"/o/.well-known/jwks.json": 500}}, "keys", "500",
     "OIDC_RSA_PRIVATE_KEY"),
], ids=str)
def test_the_exchange_fails(shell, doctor, knobs, check, evidence, cure):
    shell.exchange.set(**knobs)
    report = doctor("http-timeout=1")
    only(report, check, evidence, cure)


def test_no_discovery_document_is_no_fault(shell, doctor):
    shell.exchange.set(discovery="none")
    report = doctor()
    assert report.failed == []
    assert "paths are known" in report.one("exchange", "pass")["evidence"]


def test_another_issuer(shell, doctor):
    only(doctor("issuer=https://other.example.org/o"), "exchange",
         "calls itself", "issuer")


def test_an_address_that_is_not_its_own(shell, doctor):
    shell.exchange.set(issuer="http://exchange.example.org/o")
    only(doctor(), "exchange", "names an endpoint elsewhere",
         "by which the exchange calls itself")


def test_wrong_secret(doctor):
    only(doctor("client-id=confidential",
                env={"JHE_CLIENT_SECRET": "CANARY-wrong"}), "client",
         "confidential is not accepted", "secret")
    assert doctor("client-id=confidential", env={
        "JHE_CLIENT_SECRET": "CANARY-client-secret"}).failed == []


def test_client_cannot_be_told(shell, doctor):
    shell.exchange.set(fail={"/o/token/": 500})
    report = doctor()
    assert report.failed == []
    assert "could not be told" in report.one("client", "warn")["evidence"]


@pytest.fixture(scope="module")
def key():
    return Key()


def well_known(fake, key, **headers):
    """It answers as an exchange; `headers` in each answer."""
    base = f"http://127.0.0.1:{fake.port}"
    fake.answers.update({
        "/o/.well-known/openid-configuration/": reply(200, {
            "issuer": base + "/o",
            "authorization_endpoint": base + "/o/authorize/",
            "token_endpoint": base + "/o/token/",
            "jwks_uri": base + "/o/.well-known/jwks.json"}, **headers),
        "/o/.well-known/jwks.json": reply(200, {"keys": [key.jwk()]}),
        "/o/token/": reply(400, {"error": "invalid_grant"})})
    return fake


@pytest.mark.parametrize("seconds, status", [
    (3600, "fail"), (-3600, "fail"), (30, "warn"), (-30, "warn"), (3, "pass"),
    (0, "pass"), (None, "warn")])
def test_clock(doctor, key, seconds, status):
    date = {} if seconds is None else {
        "Date": formatdate(time.time() + seconds, usegmt=True)}
    fake = well_known(FakeExchange(), key, **date)
    try:
        report = doctor(f"exchange-url=http://127.0.0.1:{fake.port}")
    finally:
        fake.close()
    assert report.failed == (["clock"] if status == "fail" else [])
    one = report.one("clock", status)
    if seconds in (3600, -3600):
        found = int(re.match(r"(\d+) seconds", one["evidence"]).group(1))
        assert 3595 <= found <= 3605
        assert ("short" if seconds > 0 else "ahead") in one["evidence"]
        assert "clock" in one["cure"]


def sign_in_page(registered, refusal):
    """/authorize: `registered` sees the sign-in, any other the refusal."""
    def answer(connection, lines, _):
        asked = parse_qs(urlsplit(lines[0].split(" ")[1]).query)
        whole = asked["response_type"] == ["code"] and asked[
            "code_challenge_method"] == ["S256"] and "code_challenge" in asked
        connection.sendall(reply(500, "no") if not whole else LOGIN if asked[
            "redirect_uri"] == [registered] else refusal)

    return answer


MISMATCH = reply(400, "<p>Mismatching redirect URI.</p>", "text/html")
OTHER_FAULT = reply(400, "<p>Something is wrong.</p>", "text/html")
LOGIN = reply(302, "", Location="/accounts/login/")


@pytest.mark.parametrize("ours, refusal, status", [
    (True, MISMATCH, "pass"), (False, MISMATCH, "fail"),
    (False, reply(400, {"error": "invalid_redirect_uri"}), "fail"),
    # As django-oauth-toolkit: it says nothing before somebody signs in.
    (True, LOGIN, None), (False, LOGIN, None),
    # Why it refuses is not said, or not about this.
    (False, OTHER_FAULT, None), (True, OTHER_FAULT, None),
    (False, reply(500, "redirect_uri"), None),
    (False, reply(404, "redirect_uri"), "fail")],
    ids=lambda one: None if isinstance(one, bytes) else str(one))
def test_redirect(shell, doctor, key, ours, refusal, status):
    uri = f"http://localhost:{shell.port}/callback"
    fake = well_known(FakeExchange(), key)
    fake.otherwise = sign_in_page(uri if ours else "http://other", refusal)
    try:
        report = doctor(f"exchange-url=http://127.0.0.1:{fake.port}")
    finally:
        fake.close()
    assert report.failed == (["redirect"] if status == "fail" else [])
    assert [one["status"] for one in report.of("redirect")] == (
        [status] if status else [])
    if status:
        assert uri in report.one("redirect", status)["evidence"]
    if status == "fail":
        assert f"{uri} registered" in report.one("redirect", "fail")["cure"]
    told = report.one("sign-in", "warn")["evidence"]
    assert ("redirect address" in told) == (status is None)


# --- Database ----------------------------------------------------------------

@pytest.mark.parametrize("url, evidence, cure", [
    ("postgresql://x@127.0.0.1:9/none", "no database server answers", "host"),
    ("host=/nonexistent", "no database server answers", "host"),
    ("postgresql://[", "connection string", "postgresql://"),
], ids=str)
def test_no_database(doctor, url, evidence, cure):
    report = doctor(f"database={url}")
    if report.failed == ["configuration"]:      # the option's own check
        return
    only(report, "database", evidence, cure)


def test_a_zone_that_postgresql_does_not_know(shell, doctor):
    report = doctor("default-timezone=Europe/Atlantis")
    only(report, "configuration", "no time zone .*Europe/Atlantis",
         "pg_timezone_names")
    assert report.of("role", "pass") and report.of("generation", "pass")
    shell.signed_in()
    done = shell.run("call", "get_study_count", "-o",
                     "default-timezone=Europe/Atlantis")
    assert done.code == 4 and "default-timezone" in done.err, done
    assert doctor("default-timezone=Asia/Tokyo").failed == []


def test_database_without_tables(shell, doctor):
    pg = shell.exchange.pg
    report = doctor("database=" + pg.url(dbname="postgres"))
    only(report, "generation", "no tables of a JupyterHealth Exchange",
         "name")
    assert "PostgreSQL" in report.one("server", "pass")["evidence"]


def test_wrong_user(shell, doctor):
    only(doctor("database=" + shell.exchange.pg.url(user="nobody")),
         "database", "refuses the login, SQLSTATE 28000", "pgpass")


@pytest.fixture
def password_asked(shell):
    """A role that needs its password; removed afterwards."""
    pg = shell.exchange.pg
    path = pg.value("SHOW hba_file")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    pg.execute("CREATE ROLE doctor_secret LOGIN PASSWORD 'CANARY-right'")
    with open(path, "w", encoding="utf-8") as file:
        file.write("local all doctor_secret scram-sha-256\n" + before)
    pg.query("SELECT pg_reload_conf()")
    time.sleep(0.3)
    yield pg
    with open(path, "w", encoding="utf-8") as file:
        file.write(before)
    pg.query("SELECT pg_reload_conf()")
    pg.execute("DROP ROLE doctor_secret")


def test_wrong_password(shell, doctor, password_asked):
    url = password_asked.url(user="doctor_secret")
    report = doctor(f"database={url}&password=CANARY-wrong")
    only(report, "database", "refuses the login, SQLSTATE 28P01", "password")
    assert shell.exchange.canary(report.done.out + report.done.err) is None
    # Right, but it may read nothing.
    report = doctor(f"database={url}&password=CANARY-right")
    assert report.failed == ["role"]
    assert shell.exchange.canary(report.done.out + report.done.err) is None


@pytest.fixture
def clone(shell):
    one = shell.exchange.pg.clone("doctor_clone")
    one.execute("CREATE ROLE doctor_role LOGIN")
    shell.env["JHE_DB_CONN"] = one.url(user="doctor_role")
    yield one
    one.execute("DROP OWNED BY doctor_role")
    one.execute("DROP ROLE doctor_role")
    one.drop()


def grant_all(clone):
    """What reader-role.sql grants, by copying it."""
    clone.execute("GRANT jhe_mcp_reader TO doctor_role")


def test_no_rights_at_all(clone, doctor):
    report = doctor()
    only(report, "role", r"doctor_role may not read core_\w+\.\w+",
         "GRANT SELECT ON .*core_study.* TO doctor_role;")
    tables = re.search(r"SELECT ON (.*) TO",
                       report.one("role", "fail")["cure"]).group(1)
    assert len(tables.split(", ")) >= 12
    assert all(re.fullmatch(r"core_\w+", name)
               for name in tables.split(", "))
    # The cure cures.
    for statement in report.one("role", "fail")["cure"].split(
            ": ", 1)[1].split("; "):
        clone.execute(statement)
    assert doctor().failed == []


def test_one_right_is_missing(clone, doctor):
    grant_all(clone)
    assert doctor().failed == []
    clone.execute("REVOKE SELECT ON core_study FROM jhe_mcp_reader")
    try:
        only(doctor(), "role", r"doctor_role may not read core_study\.",
             "GRANT SELECT ON core_study TO doctor_role;")
    finally:
        clone.execute("GRANT SELECT ON core_study TO jhe_mcp_reader")


@pytest.mark.parametrize("grant, evidence, cure", [
    ("GRANT UPDATE (name) ON core_study TO doctor_role",
     "may change core_study", "REVOKE"),
    ("GRANT DELETE ON core_observation TO doctor_role",
     "may change core_observation", "REVOKE"),
    ("GRANT SELECT ON oauth2_provider_accesstoken TO doctor_role",
     "may read oauth2_provider_accesstoken.token", "REVOKE SELECT ON "
     "oauth2_provider_accesstoken FROM doctor_role"),
    ("GRANT SELECT (password) ON core_jheuser TO doctor_role",
     "may read core_jheuser.password", "REVOKE"),
    ("ALTER ROLE doctor_role BYPASSRLS", "row-level security",
     "NOBYPASSRLS"),
    ("ALTER ROLE doctor_role SUPERUSER", "is a superuser", "only read"),
], ids=str)
def test_too_many_rights(clone, doctor, grant, evidence, cure):
    grant_all(clone)
    clone.execute(grant)
    report = doctor()
    assert report.failed == []
    one = report.one("role", "warn")
    assert evidence in one["evidence"] and cure in one["cure"], one


def test_index(clone, doctor):
    grant_all(clone)
    assert doctor().one("index", "pass")
    for name in clone.column(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid ="
            " 'core_observation'::regclass AND indnatts = 2"):
        clone.execute(f"DROP INDEX {name}")
    one = doctor().one("index", "warn")
    clone.execute(one["cure"].split(": ", 1)[1])
    assert doctor().one("index", "pass")


# --- This computer -----------------------------------------------------------

@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
def test_port_taken(shell, doctor, family):
    kind = socket.AF_INET if family == "127.0.0.1" else socket.AF_INET6
    with socket.create_server((family, shell.port), family=kind):
        one = doctor().one("port", "warn")
    comm = open("/proc/self/comm", encoding="utf-8").read().strip()
    assert f"taken by {comm} (process {os.getpid()})" in one["evidence"]
    assert "callback-port" in one["cure"]
    assert "free" in doctor().one("port", "pass")["evidence"]


def test_browser(shell, doctor, tmp_path):
    assert doctor().one("browser", "pass")["evidence"] == (
        shell.exchange.facts["BROWSER"])
    report = doctor(env={"BROWSER": None, "PATH": str(tmp_path)})
    assert "--no-browser" in report.one("browser", "warn")["cure"]
    fake = tmp_path / "xdg-open"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    path = {"PATH": str(tmp_path), "BROWSER": "/nonexistent/one"}
    assert "no display" in doctor(env=path).one("browser",
                                                "warn")["evidence"]
    assert doctor(env=dict(path, DISPLAY=":0")).one(
        "browser", "pass")["evidence"] == "xdg-open"


def test_sandbox(doctor):
    one = doctor().of("sandbox")
    assert len(one) == 1
    if not sandboxed():
        assert one[0]["status"] == "fail"
        assert "--disable-sandbox" in one[0]["evidence"]
        return
    assert one[0]["status"] in ("pass", "warn")
    assert "Landlock" in one[0]["evidence"]


def make_directory(path):
    os.makedirs(path)


def make_link(path):
    os.symlink("/etc/passwd", path)


def make_fifo(path):
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize("make", [make_directory, make_link, make_fifo])
def test_cache_that_cannot_be_used(shell, doctor, make):
    os.mkdir(shell.cache_dir, 0o700)
    make(shell.cache_path)
    only(doctor(), "files", "not a plain file", "mv ")


@pytest.mark.parametrize("text, mode, evidence", [
    ("", 0o600, "ends in the middle"), ("{", 0o600, "ends in the middle"),
    ('{"a":x}', 0o600, "damaged"), ("{}", 0o600, "lacks members"),
    ("{}", 0o644, "other users may read"),
], ids=str)
def test_cache_that_a_login_replaces(shell, doctor, text, mode, evidence):
    os.mkdir(shell.cache_dir, 0o700)
    with open(shell.cache_path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(shell.cache_path, mode)
    report = doctor()
    assert report.failed == []
    one = report.one("files", "warn")
    assert evidence in one["evidence"] and "jhe-mcp login" in one["cure"]


def test_cache_directory(shell, doctor):
    assert "does not exist yet" in doctor().one("files", "pass")["evidence"]
    os.mkdir(shell.cache_dir, 0o755)
    assert "chmod 700" in doctor().one("files", "warn")["cure"]
    os.rmdir(shell.cache_dir)
    with open(shell.cache_dir, "wb"):
        pass
    only(doctor(), "files", "no directory of yours", "token-cache-dir")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_cache_directory_of_somebody_else(shell, doctor):
    os.mkdir(shell.cache_dir, 0o755)
    os.chown(shell.cache_dir, 12345, 12345)
    only(doctor(), "files", "no directory of yours", "owner")


# --- Only a sign-in shows it --------------------------------------------------

def test_login_finds_that_all_is_well(shell, doctor):
    report = doctor("--login")
    assert report.failed == []
    assert "user 10001" in report.one("sign-in", "pass")["evidence"]
    assert shell.cache()["person"]["sub"] in ("10001", 10001)


def test_login_is_not_tried_where_it_cannot_work(doctor):
    report = doctor("--login", "exchange-url=http://127.0.0.1:9")
    assert report.failed == ["exchange"]
    assert report.of("sign-in", "warn")


def test_slow_is_told(shell):
    shell.exchange.set(
        delay={"/o/.well-known/openid-configuration/": 2.5})
    done = shell.run("doctor")
    assert "jhe-mcp: asking the exchange and the database ...\n" == done.err


def test_interrupted(shell):
    shell.exchange.set(delay={"/o/.well-known/openid-configuration/": 8})
    done, left = shell.interrupt("doctor", after=lambda err: "asking" in err)
    assert (done.code, done.out, left) == (INTERRUPTED, "", [])


def test_secrets_stay_secret(shell):
    shell.signed_in()
    cache = shell.cache()
    for words in (["doctor"], ["doctor", "--json", "-o",
                               "log-level=debug"]):
        done = shell.run(*words)
        for name in ("access_token", "refresh_token", "id_token"):
            assert cache[name] not in done.out + done.err
