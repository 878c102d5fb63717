# SPDX-License-Identifier: MIT
"""The commands for people and scripts: what each does, says and returns."""

import json
import os
import re
import signal
import socket
import stat
import subprocess

import pytest

from harness import proc
from harness.exchange import fetch
from harness.person import Person
from harness.server import TOP, program
from harness.shell import without_notice
from harness.wire import sign_in_url

OK, USAGE, FAILURES, LOGIN, UNREACHABLE, TOOL, CONFIG = 0, 1, 2, 3, 4, 5, 78
NOWHERE = "http://127.0.0.1:9"
NO_DATABASE = "postgresql://nobody@127.0.0.1:9/none"
ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


def table():
    """{command: [its options]} of commands.def."""
    with open(os.path.join(TOP, "src/cli/commands.def"),
              encoding="utf-8") as file:
        text = file.read()
    found = {name: [] for name in re.findall(r'^COMMAND\("([^"]+)"', text,
                                             re.M)}
    for command, flag in re.findall(
            r'^(?:FLAG|CHOICE)\("([^"]+)", "([^"]+)"', text, re.M):
        found[command].append(flag)
    return found


def definitions():
    found = {}
    folder = os.path.join(TOP, "src/tools/definitions")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            one = json.load(file)
        found[one["name"]] = one
    return found


TABLE = table()
WITH_JSON = sorted(name for name, flags in TABLE.items() if "--json" in flags)


# --- Words -------------------------------------------------------------------

@pytest.mark.parametrize("command", sorted(TABLE))
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_of_each(shell, command, word):
    done = shell.run(command, word)
    assert (done.code, done.err) == (OK, "")
    assert done.out.startswith(f"usage: jhe-mcp {command} ")
    for flag in TABLE[command] + ["--file", "--option", "--help"]:
        assert re.search(rf"^  .*{flag}\b", done.out, re.M), flag
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert shell.run(word, command).out == done.out


def test_every_command_but_stdio_has_json():
    assert sorted(TABLE) == sorted(WITH_JSON + ["stdio"])


@pytest.mark.parametrize("words, nearest", [
    (["whoam"], "whoami"), (["logn"], "login"), (["doc"], "doctor"),
    (["tool"], "tools"), (["login", "--forse"], "--force"),
    (["--jsn", "tools"], "--json"), (["tools", "--jsonn"], "--json"),
    (["login", "--no-browsr"], "--no-browser"),
    (["whoami", "--opton", "a=b"], "--option"),
    (["call", "get_study_cont"], "get_study_count"),
    (["tools", "list_stuides"], "list_studies"),
    (["call", "list_studies", "limt=3"], "limit"),
], ids=" ".join)
def test_what_is_mistyped_is_answered_with_the_nearest(shell, words, nearest):
    shell.signed_in()
    done = shell.run(*words)
    assert (done.code, done.out) == (USAGE, "")
    assert f'is "{nearest}" meant?' in done.err


@pytest.mark.parametrize("words", [
    ["tools", "a", "b"], ["login", "now"], ["call"], ["logout", "--force"],
    ["tools", "--login"], ["--json=1", "tools"], ["tools", "--file"],
    ["tools", "-o"], ["--help=x"], ["zzzzzzzzzz"], ["tools", "\x1b[31m"],
    ["call", "get_study_count", "novalue"], ["call", "get_study_count", "=1"],
    ["call", "list_studies", "limit=1", "limit=2"],
    ["call", "get_study_count", "--", "--json"]], ids=ascii)
def test_usage_errors(shell, words):
    shell.signed_in()
    done = shell.run(*words)
    assert (done.code, done.out) == (USAGE, "")
    assert done.err and not ESCAPE.search(done.err)


def test_options_stand_anywhere(shell):
    want = shell.run("tools", "--json").json
    assert shell.run("--json", "tools").json == want
    one = shell.run("tools", "get_study_count", "--json").json
    assert shell.run("--json", "tools", "get_study_count").json == one
    assert shell.run("tools", "--json", "--", "get_study_count").json == one
    for words in (["-olog-level=debug", "tools"],
                  ["tools", "--option=log-level=debug"],
                  ["tools", "--option", "log-level=debug"]):
        done = shell.run(*words)
        assert done.code == OK and "jhe-mcp[" not in done.out
    done = shell.run("tools", "-o", "log-level=loud")
    assert done.code == CONFIG and "log-level" in done.err


@pytest.mark.parametrize("command", ["login", "logout", "whoami", "call"])
def test_configuration_is_needed(shell, command):
    words = [command] + (["get_study_count"] if command == "call" else [])
    shell.env = {"JHE_BASE_URL": None, "JHE_CLIENT_ID": None,
                 "JHE_DB_CONN": None}
    done = shell.run(*words)
    assert (done.code, done.out) == (CONFIG, "")
    assert "exchange-url" in done.err and "client-id" in done.err
    assert ("database" in done.err) == (command == "call")
    done = shell.run(*words, "--json")
    assert done.code == CONFIG
    assert done.error["code"] == "configuration"


# --- tools -------------------------------------------------------------------

def test_tools_need_nothing(shell):
    shell.env = {"JHE_BASE_URL": None, "JHE_CLIENT_ID": None,
                 "JHE_DB_CONN": None}
    done = shell.run("tools")
    assert (done.code, done.err) == (OK, "")
    listed = {line.split()[0]: line.split(None, 1)[1]
              for line in done.out.splitlines()}
    want = definitions()
    assert listed == {name: one["title"] for name, one in want.items()}
    shown = {one["name"]: one for one in
             shell.run("tools", "--json").json["tools"]}
    assert sorted(shown) == sorted(want)
    for name, one in want.items():
        assert shown[name]["inputSchema"] == one["inputSchema"]
        assert shown[name]["description"] == one["description"]
    assert not os.path.exists(shell.cache_dir)


@pytest.mark.parametrize("name", sorted(definitions()))
def test_one_tool_is_described(shell, name):
    done = shell.run("tools", name)
    one = definitions()[name]
    assert done.code == OK
    flat = " ".join(done.out.split())
    assert " ".join(one["description"].split()) in flat
    for argument, schema in one["inputSchema"]["properties"].items():
        needed = argument in one["inputSchema"].get("required", [])
        line = re.search(rf"^  {argument}=.*$", done.out, re.M).group(0)
        assert line.endswith(", needed") == needed
        for choice in schema.get("enum", []):
            assert str(choice) in done.out
    assert shell.run("tools", name, "--json").json["name"] == name


# --- login -------------------------------------------------------------------

def test_login_says_who(shell):
    done = shell.run("login", "-o", "scope=openid email")
    assert done.code == OK
    assert "Signed in as manager_maya@example.com (user 10001)" in done.out
    assert shell.exchange.base_url in done.out
    assert stat.S_IMODE(os.stat(shell.cache_path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(shell.cache_dir).st_mode) == 0o700
    assert sign_in_url(done.err)


def test_login_is_kept_unless_forced(shell):
    first = shell.run("login", "--json")
    assert (first.code, first.json["already"]) == (OK, False)
    assert first.json["person"] == {"id": 10001}
    assert first.json["exchange"] == shell.exchange.base_url
    tokens = shell.cache()["access_token"]
    shell.user = "manager_max"
    again = shell.run("login", "--json")
    assert again.json == dict(first.json, already=True)
    assert again.err == ""
    assert "Already signed in as user 10001" in shell.run("login").out
    assert shell.cache()["access_token"] == tokens
    forced = shell.run("login", "--force", "--json")
    assert forced.json["person"] == {"id": 10016}
    assert "prompt=login" in sign_in_url(forced.err)
    assert shell.cache()["access_token"] != tokens


def test_login_refreshes_without_a_browser(shell):
    shell.signed_in().change_cache(expires_at=1)
    done = shell.run("login", "--json")
    assert (done.code, done.json["already"]) == (OK, False)
    assert sign_in_url(done.err) is None


def test_login_no_browser(shell):
    process = shell.start("login", "--no-browser", "--json",
                          env={"BROWSER": "/bin/false"},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    lines = []
    while not lines or not lines[-1].startswith("http"):
        lines.append(process.stderr.readline().decode())
    assert f"ssh -L {shell.port}:localhost:{shell.port}" in "".join(lines)
    back = Person("manager_maya").agree(lines[-1].strip())
    assert fetch(back)[0] == 200
    out, err = process.communicate(timeout=20)
    assert process.returncode == OK, err
    assert json.loads(out)["person"]["id"] == 10001


def test_login_declined(shell):
    shell.exchange.set_consent("jhe-universal-mcp", True)
    try:
        done = shell.run("login", "--json", env={"CONSENT": "deny"})
    finally:
        shell.exchange.set_consent("jhe-universal-mcp", False)
    assert (done.code, done.out) == (LOGIN, "")
    assert done.error["code"] == "login_needed"
    assert "declined" in done.error["message"]


def test_login_by_nobody(shell):
    done = shell.run("login", "-o", "login-timeout=10",
                     env={"BROWSER_NEVER": "1"})
    assert (done.code, done.out) == (LOGIN, "")
    assert "nobody signed in in time" in done.err
    assert "waiting for the sign-in in the browser ..." in done.err


def test_login_port_taken(shell):
    with socket.create_server(("127.0.0.1", shell.port)):
        done = shell.run("login", "--json")
    assert (done.code, done.out) == (LOGIN, "")
    assert "callback-port" in done.error["message"]


def test_login_application_without_rs256(shell):
    done = shell.run("login", "-o", "client-id=no-algorithm")
    assert (done.code, done.out) == (LOGIN, "")
    assert "RS256" in done.err


@pytest.mark.parametrize("command", ["login", "whoami", "logout"])
def test_exchange_is_away(shell, command):
    if command == "logout":
        shell.env["JHE_BASE_URL"] = NOWHERE
        os.mkdir(shell.cache_dir, 0o700)
        assert shell.run(command).code == OK        # nobody was signed in
        return
    done = shell.run(command, "--force" if command == "login" else "--json",
                     "-o", "exchange-url=" + NOWHERE,
                     "-o", "login-timeout=10")
    assert done.out == ""
    assert done.code == (UNREACHABLE if command == "login" else LOGIN)


def test_login_that_cannot_be_kept(shell):
    with open(shell.cache_dir, "wb"):
        pass
    done = shell.run("login", "--json")
    assert (done.code, done.out) == (LOGIN, "")
    assert done.error["code"] == "not_stored"
    assert "token-cache-dir" in done.error["message"]


# --- logout ------------------------------------------------------------------

def refresh_status(shell, token):
    return shell.exchange.token(grant_type="refresh_token",
                                refresh_token=token,
                                client_id="jhe-universal-mcp")[0]


def test_logout_ends_the_tokens_there_and_here(shell):
    tokens = shell.signed_in().cache()
    assert shell.exchange.userinfo(tokens["access_token"])[0] == 200
    done = shell.run("logout")
    assert (done.code, done.err) == (OK, "")
    assert "Signed out" in done.out
    assert not os.path.exists(shell.cache_path)
    assert shell.exchange.userinfo(tokens["access_token"])[0] == 401
    assert refresh_status(shell, tokens["refresh_token"]) == 400
    revoked = [line for line in shell.exchange.requests()
               if "/o/revoke_token/ 200" in line]
    assert len(revoked) == 2
    assert "Nobody was signed in" in shell.run("logout").out


def test_logout_of_one_that_has_expired(shell):
    tokens = shell.signed_in().cache()
    shell.change_cache(expires_at=1)
    done = shell.run("logout", "--json")
    assert done.json == {"signed_out": True, "was_signed_in": True,
                         "revoked": True}
    assert refresh_status(shell, tokens["refresh_token"]) == 400
    assert shell.run("logout", "--json").json == {
        "signed_out": True, "was_signed_in": False, "revoked": False}


@pytest.mark.parametrize("knobs", [
    {"fail": {"/o/revoke_token/": 503}},
    {"fail": {"/o/revoke_token/": 403}},
    {"fail": {"/o/.well-known/openid-configuration/": 500}},
    {"delay": {"/o/revoke_token/": 3}}], ids=str)
def test_logout_that_the_exchange_does_not_hear(shell, knobs):
    shell.signed_in()
    shell.exchange.set(**knobs)
    done = shell.run("logout", "--json", "-o", "http-timeout=1")
    assert done.code == UNREACHABLE
    assert done.json["revoked"] is False and done.json["signed_out"] is True
    assert done.error["code"] == "not_revoked"
    assert not os.path.exists(shell.cache_path)


def test_logout_where_nobody_listens(shell):
    shell.signed_in().change_cache(exchange=NOWHERE)
    shell.env["JHE_BASE_URL"] = NOWHERE
    done = shell.run("logout")
    assert done.code == UNREACHABLE
    assert "Signed out on this computer" in done.out
    assert "exchange was not told" in done.err
    assert not os.path.exists(shell.cache_path)


def test_logout_from_another_exchange(shell):
    shell.signed_in()
    done = shell.run("logout", "-o", "exchange-url=http://localhost:9")
    assert done.code == UNREACHABLE
    assert "another exchange" in done.err
    assert not os.path.exists(shell.cache_path)


def test_logout_of_a_file_that_is_not_believed(shell):
    shell.signed_in()
    os.chmod(shell.cache_path, 0o644)
    done = shell.run("logout")
    assert done.code == UNREACHABLE and "other users" in done.err
    assert not os.path.exists(shell.cache_path)


def test_logout_that_cannot_delete(shell):
    os.makedirs(shell.cache_path)
    done = shell.run("logout", "--json")
    assert (done.code, done.out) == (USAGE, "")
    assert done.error["code"] == "not_deleted"


# --- whoami ------------------------------------------------------------------

def test_whoami(shell):
    shell.user = "two_org_theo"
    assert shell.run("login", "-o", "scope=openid email").code == OK
    done = shell.run("whoami", "--json")
    assert (done.code, done.err) == (OK, "")
    told = done.json
    assert told["person"] == {"id": 10004,
                              "email": "two_org_theo@example.com"}
    assert told["studies"] == 4 and told["narrowed_to"] is None
    assert told["exchange"] == shell.exchange.base_url
    assert told["client_id"] == "jhe-universal-mcp"
    assert told["refreshable"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["until"])
    text = shell.run("whoami").out
    for part in ("two_org_theo@example.com (user 10004)", told["until"],
                 told["exchange"], "Studies   4"):
        assert part in text


def test_whoami_narrowed(shell):
    shell.exchange.set(claims=True)
    shell.signed_in()
    told = shell.run("whoami", "--json").json
    assert told["narrowed_to"] == 2 and told["studies"] == 2
    assert told["person"]["user_type"] == "practitioner"
    assert "practitioner" in shell.run("whoami").out


def test_whoami_nobody(shell):
    done = shell.run("whoami", "--json")
    assert (done.code, done.out) == (LOGIN, "")
    assert done.error["code"] == "login_needed"
    assert "jhe-mcp login" in done.error["message"]
    assert sign_in_url(done.err) is None
    assert "/o/authorize/" not in str(shell.exchange.requests())


def test_whoami_on_a_terminal_signs_in(shell):
    done = shell.terminal("whoami", "--json", tty=("err",))
    assert done.code == OK, done
    assert done.json["person"] == {"id": 10001}
    assert sign_in_url(done.err)
    # With standard output on a terminal alone nobody is there.
    shell.run("logout")
    assert shell.terminal("whoami", tty=("out",)).code == LOGIN


def test_whoami_without_a_database(shell):
    shell.signed_in()
    done = shell.run("whoami", "--json", "-o", "database=" + NO_DATABASE)
    assert done.code == UNREACHABLE
    assert done.json["person"] == {"id": 10001}
    assert done.json["studies"] is None
    assert done.error["code"] == "unavailable"
    done = shell.run("whoami", env={"JHE_DB_CONN": None})
    assert done.code == OK and "user 10001" in done.out


def test_whoami_by_somebody_without_profile(shell):
    shell.user = "super_sven"
    shell.signed_in()
    done = shell.run("whoami", "--json")
    assert done.json["person"] == {"id": 10008}


# --- call --------------------------------------------------------------------

def test_call(shell):
    shell.signed_in()
    done = shell.run("call", "get_study_count")
    assert (done.code, done.err) == (OK, "")
    assert done.out == "You have access to 2 studies\n"
    assert shell.run("call", "get_study_count", "--json").json == {"count": 2}


def test_call_values(shell):
    """Numbers, truths and lists are passed as that, but where a text is
    wanted."""
    shell.user = "manager_max"
    shell.signed_in()
    one = shell.run("call", "list_studies", "limit=2", "--json").json
    assert one["returned"] == 2
    assert shell.run("call", "get_study_metadata", "study_id=30001",
                     "counts=false", "--json").json["study_id"] == 30001
    people = shell.run("call", "get_patient_demographics", "study_id=30001",
                       'include=["birth_date"]', "--json").json
    assert "birth_date" in people["columns"]
    for query in ("2024", "true", "[1]", '{"a":1}', "1e3", '"quoted"', "NaN",
                  "null", "a=b"):
        done = shell.run("call", "list_studies", "query=" + query, "--json")
        assert (done.code, done.json["total"]) == (OK, 0), query
    for value in ("NaN", "two", "1.5.2", "null", ""):
        done = shell.run("call", "list_studies", "limit=" + value)
        assert done.code == TOOL and "bad_argument" in done.err, value


def test_call_reads_an_object(shell):
    shell.user = "manager_max"
    shell.signed_in()
    for data in (b'{"limit": 3}', b'\n {"limit":3}\n\n'):
        done = shell.run("call", "list_studies", "--json", data=data)
        assert done.json["returned"] == 3
    for data in (b"", b" \n"):
        assert shell.run("call", "get_study_count", data=data).code == OK
    # With arguments on the command line it is left alone.
    done = shell.run("call", "list_studies", "limit=1", "--json",
                     data=b"no JSON")
    assert done.json["returned"] == 1


@pytest.mark.parametrize("data", [
    b"[]", b"3", b"null", b"{", b'{"a":1} x', b'{"a":1}{"b":2}', b"\xff\xfe",
    b'{"a":"\xff"}', b"[" * 100, b"{'a': 1}"], ids=ascii)
def test_call_reads_nothing_else(shell, data):
    shell.signed_in()
    done = shell.run("call", "list_studies", "--json", data=data)
    assert (done.code, done.out) == (USAGE, "")
    assert done.error["code"] == "usage"


def test_call_waits_for_input_and_says_so(shell):
    shell.signed_in()
    process = shell.start("call", "list_studies", "--json",
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    process.stdin.write(b'{"limit"')
    process.stdin.flush()
    line = process.stderr.readline()
    while b"THE SANDBOX IS OFF" in line:
        line = process.stderr.readline()
    assert b"from standard input ..." in line
    out, _ = process.communicate(b": 1}", timeout=30)
    assert process.returncode == OK
    assert json.loads(out)["returned"] == 1


def test_call_too_much_input(shell):
    shell.signed_in()
    done = shell.run("call", "list_studies", data=b" " * (5 << 20))
    assert done.code == USAGE


def test_call_errors_of_tools(shell):
    shell.signed_in()
    done = shell.run("call", "get_study_metadata", "study_id=30002",
                     "--json")
    assert (done.code, done.out) == (TOOL, "")
    assert done.error["code"] == "not_found"
    done = shell.run("call", "get_study_metadata", "study_id=30002")
    assert (done.code, done.out) == (TOOL, "")
    assert done.err.startswith("jhe-mcp: not_found: ")


def test_call_without_login(shell):
    done = shell.run("call", "get_study_count", "--json")
    assert (done.code, done.out) == (LOGIN, "")
    assert done.error == {
        "code": "login_needed",
        "message": "nobody is signed in; run jhe-mcp login"}
    assert sign_in_url(done.err) is None


def test_call_on_a_terminal_signs_in(shell):
    done = shell.terminal("call", "get_study_count",
                          tty=("in", "out", "err"))
    assert done.code == OK, done
    assert "You have access to 2 studies\n" in done.out
    assert sign_in_url(done.err)


def test_call_without_a_database(shell):
    shell.signed_in()
    for url in (NO_DATABASE, shell.exchange.pg.url(user="nobody")):
        done = shell.run("call", "get_study_count", "--json", "-o",
                         "database=" + url)
        assert (done.code, done.out) == (UNREACHABLE, "")
        assert done.error["code"] == "unavailable"


@pytest.fixture
def odd(shell):
    """A database with a study whose name a terminal would obey."""
    clone = shell.exchange.pg.clone("commands_odd")
    clone.execute("UPDATE core_study SET name = %s, description = %s WHERE"
                  " id = 30001", "A\x1b[31mB\x07C\u009b2JD\u202eE\x7f",
                  "one\r\ntwo\x1b]0;title\x07")
    shell.env["JHE_DB_CONN"] = clone.url()
    yield shell
    clone.drop()


def test_call_shows_nothing_that_a_terminal_obeys(odd):
    odd.signed_in()
    bad = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
    for words in (["list_studies"], ["get_study_metadata", "study_id=30001"]):
        for flags in ([], ["--json"]):
            for done in (odd.run("call", *words, *flags),
                         odd.terminal("call", *words, *flags)):
                assert done.code == OK, done
                assert not bad.search(done.out), ascii(done.out)
    plain = odd.run("call", "list_studies", "--json").json
    shown = json.loads(odd.terminal("call", "list_studies", "--json").out)
    assert plain["rows"] == shown["rows"]


def test_call_progress(shell):
    """Nothing within a second; then what it waits for, on stderr."""
    shell.signed_in()
    assert shell.run("call", "get_study_count").err == ""
    shell.change_cache(expires_at=1)
    shell.exchange.set(delay={"/o/token/": 3})
    done = shell.run("call", "get_study_count")
    assert done.code == OK
    assert re.search(r"^jhe-mcp: waiting for .* \.\.\.$", done.err, re.M)
    shell.change_cache(expires_at=1)
    done = shell.terminal("call", "get_study_count", "--json",
                          tty=("err",))
    assert done.json == {"count": 2}
    assert re.search(r"jhe-mcp: waiting for .* \(\d+ s\)\r", done.err)
    assert "\x1b" not in done.err


def test_commands_leave_no_backend(shell):
    shell.signed_in()
    shell.run("call", "get_study_count")
    shell.run("whoami")
    shell.run("doctor")
    assert proc.wait_until(lambda: not shell.exchange.pg.backends(), 5)


# --- All of them -------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGHUP])
def test_a_signal_ends_it(shell, number):
    shell.env["BROWSER_NEVER"] = "1"
    done, left = shell.interrupt(
        "login", after=lambda err: "/o/authorize/" in err, number=number)
    assert (done.code, done.out) == (128 + number, "")
    assert left == []
    assert not os.path.exists(shell.cache_path)


def test_a_reader_that_leaves_is_no_error(shell):
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = shell.start("tools", stdout=write_end, stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    os.close(write_end)
    assert without_notice(process.communicate(timeout=20)[1]) == ""
    assert process.returncode == 128 + signal.SIGPIPE


def test_a_full_disk_is_an_error(shell):
    with open("/dev/full", "wb") as full:
        process = shell.start("tools", stdout=full, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        err = process.communicate(timeout=20)[1]
    assert process.returncode == USAGE and b"standard output" in err


def test_closed_descriptors(shell):
    """As cron or a careless program may start it."""
    shell.signed_in()
    process = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" "$@" <&- 2>&-', program(), "call",
         "get_study_count"], env=shell.environment(),
        stdout=subprocess.PIPE, check=False, timeout=30)
    assert process.returncode == OK
    assert process.stdout == b"You have access to 2 studies\n"


def test_nothing_secret_is_printed(shell):
    """At the most talkative level, of a client that has a secret."""
    secret = "CANARY-client-secret"
    shell.env.update(JHE_CLIENT_ID="confidential", JHE_CLIENT_SECRET=secret)
    shell.exchange.allow_port(shell.port)
    seen, tokens = [], set()
    for words in (["login"], ["login", "--json"], ["whoami"],
                  ["call", "list_studies"], ["doctor", "--json"],
                  ["client-config"], ["client-config", "--shell"], "expire",
                  ["whoami", "--json"], ["logout"]):
        if words == "expire":
            shell.change_cache(expires_at=1)
            continue
        done = shell.run(*words, "-o", "log-level=debug")
        assert done.code in (OK, FAILURES), (words, done)
        seen.append(done.out + done.err)
        if os.path.exists(shell.cache_path):
            cache = shell.cache()
            tokens |= {cache[name] for name in (
                "access_token", "refresh_token", "id_token")}
    text = "\n".join(seen)
    assert len(tokens) >= 5
    assert shell.exchange.canary(text) is None
    for token in tokens:
        assert token not in text


@pytest.mark.parametrize("words", [
    ["doctor"], ["whoami"], ["tools"], ["call", "list_studies"], ["login"]],
    ids=" ".join)
def test_colour_only_on_a_terminal_that_wants_it(shell, words):
    shell.signed_in()
    assert "\x1b" not in shell.run(*words).out
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}):
        done = shell.terminal(*words, env=env)
        assert "\x1b" not in done.out + done.err, env
    done = shell.terminal(*words, env={"NO_COLOR": ""})
    assert ("\x1b[32mPASS\x1b[0m" in done.out) == (words == ["doctor"])


def test_client_config_for_a_shell(shell):
    done = shell.run("client-config", "--shell")
    assert done.code == OK
    assert done.out.startswith("claude mcp add-json jupyterhealth '{")
    same = shell.run("client-config", "--json").out
    assert same == shell.run("client-config").out
    assert json.loads(same)["mcpServers"]["jupyterhealth"]["args"] == [
        "stdio"]


# --- Userinfo, for exchanges that send no ID token with a refresh -------------

def userinfo_requests(exchange):
    return [line for line in exchange.requests() if "/o/userinfo/" in line]


def test_a_refresh_brings_the_claims_of_userinfo(shell):
    """What did not narrow may begin to."""
    shell.signed_in()
    assert shell.run("whoami", "--json").json["narrowed_to"] is None
    assert userinfo_requests(shell.exchange) == []
    shell.exchange.set(claims=True, claims_set={
        "jhe_permissions": {"studies": [30001]}})
    shell.change_cache(expires_at=1)
    told = shell.run("whoami", "--json").json
    assert (told["narrowed_to"], told["studies"]) == (1, 1)
    assert userinfo_requests(shell.exchange) == ["GET /o/userinfo/ 200"]
    assert shell.cache()["person"]["studies"] == [30001]
    # From then on it holds until an ID token says otherwise.
    shell.exchange.set(claims_set={"jhe_permissions": {"studies": []}})
    shell.change_cache(expires_at=1)
    assert shell.run("whoami", "--json").json["narrowed_to"] == 1
    assert len(userinfo_requests(shell.exchange)) == 1


def test_what_an_id_token_narrowed_userinfo_does_not_widen(shell):
    shell.exchange.set(claims=True)
    shell.signed_in()
    shell.exchange.set(claims_set={"jhe_permissions": None})
    shell.change_cache(expires_at=1)
    told = shell.run("whoami", "--json").json
    assert (told["narrowed_to"], told["studies"]) == (2, 2)


@pytest.mark.parametrize("knobs", [
    {"fail": {"/o/userinfo/": 500}}, {"fail": {"/o/userinfo/": 401}},
    {"delay": {"/o/userinfo/": 3}},
    {"claims": True,
     "claims_set": {"jhe_permissions": {"studies": "all"}}},
    {"claims": True, "claims_set": {"user_id": 10002}}], ids=str)
def test_userinfo_that_says_nothing_changes_nothing(shell, knobs):
    before = shell.signed_in().cache()
    shell.exchange.set(**knobs)
    shell.change_cache(expires_at=1)
    told = shell.run("whoami", "--json", "-o", "http-timeout=1").json
    assert (told["narrowed_to"], told["studies"]) == (None, 2)
    after = shell.cache()
    assert after["person"] == before["person"]
    assert after["id_token"] == before["id_token"]
    assert after["access_token"] != before["access_token"]
