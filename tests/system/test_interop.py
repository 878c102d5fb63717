# SPDX-License-Identifier: MIT
"""Clients of npm before the program: the two SDKs in each of their modes, and
the inspector.  What they are made to do is in tests/interop.

Skipped where npm's registry is out of reach; the reason is told.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys

import pytest

from harness import proc
from harness.server import KEPT, TOP, Server, program as program_path
from harness.visible import Visible, user_id

INTEROP = os.path.join(TOP, "tests", "interop")
sys.path.insert(0, INTEROP)

import npm                                                  # noqa: E402

USER = "manager_maya"
STUDY = 30001
HIDDEN = 30002
PATIENT = 40001
LATEST = "2025-11-25"
MODERN = "2026-07-28"
SUITE_S = 170

# The suites, and the modes each is run in.
MODES = {
    "sdk-v1.mjs": [LATEST, "2025-06-18", "2025-03-26", "2024-11-05"],
    "sdk-v2.mjs": ["legacy", "auto", MODERN],
}


# --- What all need: somebody is signed in ---

@pytest.fixture(scope="module")
def installed():
    npm.skip_or_fail()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("interop")


@pytest.fixture(scope="module")
def signed_in(installed, exchange_session, scratch):
    """The environment of a server whose person has signed in."""
    exchange_session.reset()
    home = scratch / "home"
    home.mkdir()
    port = proc.free_port()
    exchange_session.allow_port(port)
    env = dict(
        exchange_session.browser_environment(USER), PATH=os.environ["PATH"],
        HOME=str(home), TOKEN_CACHE_DIR=str(home / ".jhe_mcp"),
        CALLBACK_PORT=str(port), JHE_CLIENT_ID="jhe-universal-mcp",
        JHE_BASE_URL=exchange_session.base_url,
        JHE_DB_CONN=exchange_session.pg.url())
    env.update({name: os.environ[name] for name in KEPT
                if name in os.environ})
    with Server(home=str(home), env=env) as one:
        one.initialize()
        assert not one.call_tool("get_study_count").get("isError")
    return env


@pytest.fixture(scope="module")
def facts(signed_in, exchange_session, scratch):
    """What the scripts are told, as the path of a file."""
    pg = exchange_session.pg
    seen = Visible(pg, user_id(pg, USER))
    assert HIDDEN not in seen.studies() and PATIENT in seen.patients()
    slow = scratch / "slow-browser.sh"
    slow.write_text('#!/bin/sh\nsleep 3\nexec "$REAL_BROWSER" "$@"\n')
    slow.chmod(0o755)
    path = scratch / "facts.json"
    path.write_text(json.dumps({
        "command": program_path(), "args": ["stdio"],
        "env": dict(signed_in, REAL_BROWSER=signed_in["BROWSER"]),
        "database": pg.url("postgres"), "scratch": str(scratch),
        "slowBrowser": str(slow), "studies": seen.studies(),
        "study": STUDY, "patients": seen.roster(STUDY),
        "patient": PATIENT, "hidden": HIDDEN}))
    return str(path)


# --- The SDKs ---

def checks_of(suite):
    """Names of the checks that the sources have, some not for each mode."""
    names = []
    for name in ("conversation.mjs", suite):
        with open(os.path.join(INTEROP, name), encoding="utf-8") as file:
            names += re.findall(r'^ +check\("([^"]+)"', file.read(), re.M)
    return names


_outcomes = {}


@pytest.fixture
def outcomes(facts):
    """outcomes(suite, mode): {name: {"error", "seconds"}}; run once."""
    def look(suite, mode):
        if (suite, mode) not in _outcomes:
            _outcomes[suite, mode] = {}
            done = subprocess.run(
                [npm.node(), npm.script(suite), facts, mode], check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True, timeout=SUITE_S)
            for line in done.stdout.splitlines():
                one = json.loads(line)
                _outcomes[suite, mode][one["name"]] = one
            assert done.returncode == 0, done.stderr
        return _outcomes[suite, mode]
    return look


# What does not apply to a mode, so that a check that is silently not run
# fails.
MODERN_ONLY = {"discover", "a-cached-list-is-not-asked-for-again"}
DEEP = {"cancel-a-running-statement", "progress-of-a-slow-call",
        "cancel-a-call-that-waits-for-a-login",
        "a-login-outlives-the-clients-timeout"}


def applies(suite, mode, name):
    modern = mode in ("auto", MODERN)
    light = mode == "auto" or suite == "sdk-v1.mjs" and mode != LATEST
    return not (name == "ping" and modern
                or name in MODERN_ONLY and not modern
                or name in DEEP and light
                or name == "a-wrong-result-would-be-noticed"
                and mode in ("2024-11-05", "2025-03-26"))


CASES = [pytest.param(suite, mode, name, id=f"{suite[:6]}-{mode}-{name}")
         for suite, modes in MODES.items() for mode in modes
         for name in checks_of(suite) if applies(suite, mode, name)]


@pytest.mark.parametrize("suite,mode,name", CASES)
def test_client(outcomes, suite, mode, name):
    found = outcomes(suite, mode)
    assert name in found, sorted(found)
    assert found[name]["error"] is None, found[name]["error"]


# --- The inspector ---

# What each era is asked, and with which exit status it answers.
ASKED = {
    "initialize": (0, "initialize"),
    "tools/list": (0, "tools/list", "--strict"),
    "get_study_count": (0, "tools/call", "--tool-name", "get_study_count"),
    "get_study_metadata": (
        0, "tools/call", "--tool-name", "get_study_metadata",
        "--tool-arg", f"study_id={STUDY}", "counts=false"),
    "get_patient_observations": (
        0, "tools/call", "--tool-name", "get_patient_observations",
        "--tool-args-json", json.dumps({"patient_id": PATIENT, "limit": 3})),
    "hidden": (
        5, "tools/call", "--tool-name", "get_study_metadata",
        "--tool-args-json", json.dumps({"study_id": HIDDEN})),
    "resources/list": (0, "resources/list"),
    "resources/read": (
        0, "resources/read", "--uri", "schema://jupyterhealth/core_study"),
    "no resource": (
        1, "resources/read", "--uri", "schema://jupyterhealth/none"),
    "resources/templates/list": (0, "resources/templates/list"),
}


class Inspector:
    """Runs of the inspector's command line, configured by what
    client-config prints."""

    def __init__(self, environment, scratch):
        self.home = scratch / "inspector"
        self.home.mkdir()
        printed = subprocess.run(
            [program_path(), "client-config"], env=environment, check=True,
            stdout=subprocess.PIPE, text=True).stdout
        config = json.loads(printed)
        (self.name, server), = config["mcpServers"].items()
        # What a person's session has anyway.
        for name in ("HOME", "BROWSER", "LOGIN_USER", "LOGIN_PASS"):
            server["env"].setdefault(name, environment[name])
        self.config = self.home / "mcp.json"
        self.config.write_text(json.dumps(config))
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home),
            "NO_COLOR": "1", "LC_ALL": "C.UTF-8",
            "MCP_INSPECTOR_SECRET_STORE": "memory"}

    def run(self, era, method, *more):
        """(exit status, its result or error, all it wrote)."""
        done = subprocess.run(
            [npm.node(), npm.inspector(), "--cli", "--quiet",
             "--config", str(self.config), "--server", self.name,
             "--format", "json", "--protocol-era", era, "--method", method,
             *more], env=self.environment, check=False, cwd=self.home,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.PIPE, timeout=90)
        try:
            answer = json.loads(done.stdout)["result"]
        except ValueError:
            answer = None
        return done.returncode, answer, done.stderr + done.stdout


@pytest.fixture(scope="module")
def inspector(signed_in, scratch):
    return Inspector(signed_in, scratch)


@pytest.fixture(scope="module", params=["legacy", "auto", "modern"])
def inspected(inspector, request):
    """(era, {what was asked: what run() gave}), two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = {name: pool.submit(inspector.run, request.param, *asked[1:])
                for name, asked in ASKED.items()}
        return request.param, {name: run.result()
                               for name, run in runs.items()}


@pytest.mark.parametrize("name", ASKED)
def test_inspector(inspected, name):
    status, _, told = inspected[1][name]
    assert status == ASKED[name][0], told


def test_inspector_agrees_on_the_revision(inspected):
    era, answers = inspected
    _, answer, told = answers["initialize"]
    assert answer, told
    assert answer["serverInfo"]["name"] == "jhe-mcp"
    assert answer["protocolVersion"] == (
        LATEST if era == "legacy" else MODERN)


def test_inspector_finds_no_fault_with_the_schemas(inspected):
    _, answer, told = inspected[1]["tools/list"]
    assert len(answer["tools"]) == 20
    # Warnings are advice for models of one make; errors are errors.
    assert not re.search(r"^Error", told, re.M), told


def test_inspector_gets_the_answers(inspected):
    _, answers = inspected
    _, answer, _ = answers["get_study_count"]
    assert answer["structuredContent"] == {"count": 2}
    _, answer, _ = answers["get_study_metadata"]
    assert answer["structuredContent"]["study_id"] == STUDY
    _, answer, _ = answers["get_patient_observations"]
    assert answer["structuredContent"]["returned"] == 3
    _, answer, _ = answers["hidden"]
    assert answer["isError"] and "structuredContent" not in answer
    _, answer, _ = answers["resources/list"]
    assert len(answer["resources"]) >= 15
    _, answer, _ = answers["resources/read"]
    text = answer["contents"][0]["text"]
    assert json.loads(text)["table"] == "core_study"
    templates = answers["resources/templates/list"][1]["resourceTemplates"]
    assert "jhe://study/{study_id}" in [one["uriTemplate"]
                                        for one in templates]
