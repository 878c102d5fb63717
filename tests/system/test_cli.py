# SPDX-License-Identifier: MIT
"""The command line: what it takes, what it refuses, and with which status."""

import json
import os
import re
import subprocess

import pytest

from harness import proc
from harness.wire import UNREACHABLE, initialize, messages_of, request, run

USAGE, CONFIGURATION = 1, 78
TWINS = {"exchange-url": "JHE_BASE_URL", "client-id": "JHE_CLIENT_ID",
         "database": "JHE_DB_CONN"}


def refused(done, status):
    """It said why, on stderr alone; gives that text."""
    assert done.returncode == status, done.stderr
    assert done.stdout == b""
    text = done.stderr.decode()
    assert text.strip()
    return text


# --- Words ---

def test_without_a_command_it_shows_its_usage_as_an_error():
    text = refused(run([]), USAGE)
    assert "usage: jhe-mcp" in text


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_goes_to_standard_output(word):
    done = run([word])
    assert done.returncode == 0 and done.stderr == b""
    text = done.stdout.decode()
    assert text.startswith("usage: jhe-mcp")
    for command in ("stdio", "client-config"):
        assert re.search(rf"^ +{command} ", text, re.M)
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_version_is_one_line(word):
    done = run([word])
    assert done.returncode == 0 and done.stderr == b""
    assert re.fullmatch(rb"jhe-mcp \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize("words", [
    ["no-such-command"], ["std"], [""], ["STDIO"], ["stdio "],
    ["--no-such-option"], ["-x"], ["stdio", "-x"], ["-f"], ["-o"],
    ["stdio", "--no-such"], ["stdio", "word"], ["stdio", "stdio"],
    ["client-config", "word"], ["stdio", "-o"],
    ["stdio", "--", "word"], ["\x1b[31mred"]], ids=str)
def test_words_that_are_wrong_are_refused(words):
    text = refused(run(words), USAGE)
    assert text.startswith("jhe-mcp: ") or "usage" in text
    assert "\x1b" not in text


def test_more_options_than_there_is_room_for_are_refused():
    refused(run(["stdio"] + ["-o", "log-level=info"] * 65), USAGE)


# --- Configuration ---

@pytest.mark.parametrize("command", ["stdio", "client-config"])
def test_what_is_missing_is_named_with_its_environment_twin(command):
    text = refused(run([command], env=dict.fromkeys(UNREACHABLE)),
                   CONFIGURATION)
    for keyword, twin in TWINS.items():
        assert re.search(rf"{keyword}\b.*\b{twin}\b", text), text


@pytest.mark.parametrize("keyword", sorted(TWINS))
def test_one_that_is_missing_is_named_alone(keyword):
    text = refused(run(["stdio"], env={TWINS[keyword]: None}), CONFIGURATION)
    assert {one for one in TWINS if one in text} == {keyword}


@pytest.mark.parametrize("option, said", [
    ("no-such-option=1", "no-such-option"), ("callback-prt=1",
                                             "callback-port"),
    ("callback-port=80", "1024"), ("callback-port=x", "callback-port"),
    ("callback-port=65536", "65535"), ("callback-port=", "callback-port"),
    ("login-timeout=0", "login-timeout"), ("login-timeout=9999999999999999",
                                           "login-timeout"),
    ("log-level=loud", "debug"), ("exchange-url=ftp://x", "exchange-url"),
    ("exchange-url=https://u:p@x", "exchange-url"),
    ("exchange-url=https://x/?a=b", "exchange-url"),
    ("database=nonsense", "database"), ("issuer=x", "issuer"),
    ("default-timezone=../etc/passwd", "default-timezone"),
    ("token-cache-dir=relative", "token-cache-dir"),
    ("client-secret-file=/no/such/file", "client-secret-file"),
    ("max-line=1", "max-line"), ("identity-fields=sometimes", "never"),
    ("scope=", "scope"), ("log-level", "keyword=value"),
    ("client-id=" + "x" * 300, "client-id"),
    ("client-id=a\nb", "client-id")])
def test_a_bad_value_is_refused_with_its_option(option, said):
    text = refused(run(["stdio", "-o", option]), CONFIGURATION)
    assert said in text
    assert text.count("\n") <= 3


def test_all_that_is_wrong_is_said_at_once():
    text = refused(run(["stdio", "-o", "callback-port=1", "-o",
                        "log-level=x", "-o", "nothing=1"],
                       env={"JHE_CLIENT_ID": None}), CONFIGURATION)
    for words in ("callback-port", "log-level", "nothing", "client-id"):
        assert words in text


def test_a_file_is_read_and_its_errors_are_told_by_line(tmp_path):
    path = tmp_path / "jhe-mcp.conf"
    path.write_text("# ours\nclient-id\tfrom-the-file\n\nlog-level loud\n"
                    "no-such 1\n")
    text = refused(run(["stdio", "-f", str(path)]), CONFIGURATION)
    assert re.search(rf"{path}\D+4\b.*log-level", text)
    assert re.search(rf"{path}\D+5\b.*no-such", text)
    refused(run(["stdio", "-f", str(tmp_path / "none")]), CONFIGURATION)


def test_command_line_environment_file_and_default_count_in_this_order(
        tmp_path):
    path = tmp_path / "jhe-mcp.conf"
    path.write_text("client-id from-the-file\ncallback-port 8700\n"
                    f"token-cache-dir {tmp_path}/file\n")

    def shown(*words, **env):
        done = run(["client-config", "-f", str(path), *words], env=env)
        assert done.returncode == 0, done.stderr
        server, = json.loads(done.stdout)["mcpServers"].values()
        return server["env"]

    nothing = {"JHE_CLIENT_ID": None, "CALLBACK_PORT": None,
               "TOKEN_CACHE_DIR": None}
    found = shown(**nothing)
    assert (found["JHE_CLIENT_ID"], found["CALLBACK_PORT"]) == (
        "from-the-file", "8700")
    found = shown(**dict(nothing, CALLBACK_PORT="8701"))
    assert found["CALLBACK_PORT"] == "8701"
    found = shown("-o", "callback-port=8702",
                  **dict(nothing, CALLBACK_PORT="8701"))
    assert found["CALLBACK_PORT"] == "8702"


def test_a_file_others_may_write_is_refused(tmp_path):
    path = tmp_path / "jhe-mcp.conf"
    path.write_text("log-level info\n")
    path.chmod(0o666)
    text = refused(run(["stdio", "-f", str(path)]), CONFIGURATION)
    assert str(path) in text


def test_the_users_own_file_is_found(tmp_path):
    home = tmp_path / "home"
    own = home / ".config" / "jhe-mcp"
    own.mkdir(parents=True)
    (own / "jhe-mcp.conf").write_text("callback-port 8711\n")
    done = run(["client-config"], home=str(home),
               env={"CALLBACK_PORT": None})
    server, = json.loads(done.stdout)["mcpServers"].values()
    assert server["env"]["CALLBACK_PORT"] == "8711"


# --- client-config ---

def test_client_config_is_json_that_starts_this_very_server(program,
                                                            tmp_path):
    odd = tmp_path / 'a "quoted" \\ dir é'
    done = run(["client-config"], env={
        "TOKEN_CACHE_DIR": str(odd), "JHE_CLIENT_SECRET": "CANARY-secret"})
    assert done.returncode == 0, done.stderr
    server, = json.loads(done.stdout)["mcpServers"].values()
    assert set(server) == {"command", "args", "env"}
    assert os.path.realpath(server["command"]) == os.path.realpath(program)
    assert server["env"]["TOKEN_CACHE_DIR"] == str(odd)
    assert "CANARY" not in done.stdout.decode()
    for twin in TWINS.values():
        assert server["env"][twin] == UNREACHABLE[twin]
    started = subprocess.run(
        [server["command"], *server["args"]],
        input=initialize() + request("tools/list"), timeout=20,
        env=dict(server["env"], HOME=str(tmp_path),
                 CALLBACK_PORT=str(proc.free_port())),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert started.returncode == 0, started.stderr
    assert len(messages_of(started.stdout)) == 2


def test_client_config_is_the_same_from_anywhere(program, tmp_path):
    """A link to the program, found by PATH, gives the program's path."""
    link = tmp_path / "jhe-mcp"
    link.symlink_to(os.path.abspath(program))
    done = subprocess.run(
        ["jhe-mcp", "client-config"], cwd="/", check=True,
        env=dict(UNREACHABLE, HOME=str(tmp_path), PATH=str(tmp_path)),
        stdout=subprocess.PIPE)
    server, = json.loads(done.stdout)["mcpServers"].values()
    assert os.path.realpath(server["command"]) == os.path.realpath(program)


@pytest.mark.parametrize("given, printed", [
    ("postgresql://me:CANARY-secret@127.0.0.1:9/x",
     "postgresql://me@127.0.0.1:9/x"),
    ("host=127.0.0.1 password='CANARY-secret' dbname=x",
     "host=127.0.0.1 dbname=x")])
@pytest.mark.parametrize("words", [[], ["--shell"]])
def test_client_config_prints_no_password(given, printed, words):
    done = run(["client-config", *words], env={"JHE_DB_CONN": given})
    assert done.returncode == 0
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "CANARY" not in out + err and printed in out
    assert "password" in err and "~/.pgpass" in err


def test_plain_http_is_told():
    for url, told in (("http://exchange.invalid", True),
                      ("http://127.0.0.1:9", False),
                      ("https://exchange.invalid", False)):
        done = run(["client-config"], env={"JHE_BASE_URL": url})
        assert (b"exchange-url is not https" in done.stderr) == told


# --- An installation that is not whole ---

def test_a_missing_child_is_named(program, tmp_path):
    copy = tmp_path / "bin"
    copy.mkdir()
    subprocess.run(["cp", program, str(copy / "jhe-mcp")], check=True)
    done = subprocess.run(
        [str(copy / "jhe-mcp"), "stdio"], input=b"", timeout=10,
        env=dict(UNREACHABLE, HOME=str(tmp_path)), check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode not in (0, None) and done.stdout == b""
    assert b"libexec/jhe-mcp/worker" in done.stderr
