# SPDX-License-Identifier: MIT
"""A login in Chromium: the exchange's own pages, the real callback, and how
the program's last page looks on a desk and on a telephone.

The pictures stay in $JHE_PICTURES, if that names a directory.
"""

import json
import os
import shutil
import sys

import pytest

from harness import proc
from harness.person import browse, waits_for_login
from harness.server import TOP

INTEROP = os.path.join(TOP, "tests", "interop")
sys.path.insert(0, INTEROP)

import chromium                                             # noqa: E402

CLIENT = "jhe-universal-mcp"
SCREENS = [f"{screen}-{scheme}" for screen in chromium.SCREENS
           for scheme in ("light", "dark")]


@pytest.fixture
def asked_for_consent(exchange):
    missing = chromium.missing()
    if missing:
        pytest.skip(f"a login in a browser is NOT tested: no {missing}")
    exchange.set_consent(CLIENT, True)
    yield
    exchange.set_consent(CLIENT, False)


@pytest.fixture
def sign_in(asked_for_consent, start_server, tmp_path, request):
    """sign_in(**env): (server, id of a call, the browser's report)."""
    def begin(**env):
        server = start_server(user="manager_maya", env=dict(
            env, BROWSER=os.path.join(INTEROP, "chromium.py"),
            PICTURES=str(tmp_path)))
        server.initialize()
        ident = server.start_request("tools/call",
                                     {"name": "get_study_count"})
        path = tmp_path / "report.json"
        assert proc.wait_until(path.exists, 90), server.stderr
        # All of it, before anybody looks for processes that were left.
        assert proc.wait_until(lambda: not any(
            "chrom" in proc.command_of(pid) for pid in proc.pids()
            if str(tmp_path) in environment_of(pid)), 20)
        report = json.loads(path.read_text())
        assert report["error"] is None, report["error"] + server.stderr
        return server, ident, report

    yield begin
    kept = os.environ.get("JHE_PICTURES")
    if kept:
        for path in tmp_path.glob("*.png"):
            shutil.copy(path, os.path.join(
                kept, f"{request.node.name}-{path.name}"))


def environment_of(pid):
    try:
        with open(f"/proc/{pid}/environ", encoding="utf-8",
                  errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def looks_well(report, heading, port):
    for screen in SCREENS:
        page = report[f"last-{screen}"]
        assert page["url"].startswith(f"http://localhost:{port}/callback?")
        assert page["heading"] == heading
        assert "jhe-mcp" in page["title"]
        # The style was allowed by the policy, and nothing overflows.
        assert page["styled"] == "flex"
        assert not page["wide"] and not page["high"], page
        assert page["smallest"] >= 12
        assert page["stored"] == ""
        # The browser may look for an icon by itself; nothing else.
        assert [one for one in page["fetched"]
                if not one.endswith("/favicon.ico")] == []
    assert report["last-phone-light"]["viewport"] == 390
    # Of our pages; that a status is an error is no complaint.
    assert [one for one in report["complaints"]
            if one.startswith(f"http://localhost:{port}/")
            and "Failed to load resource" not in one] == []


def port_of(server):
    return int(dict(one.split("=", 1) for one in environment_of(
        server.pid).split("\0") if "=" in one)["CALLBACK_PORT"])


def test_a_person_signs_in_with_chromium(sign_in):
    server, ident, report = sign_in()
    assert report["pages"] == ["login", "consent"]
    assert CLIENT in report["consent"] and "openid" in report["consent"]
    looks_well(report, "You are signed in", port_of(server))
    assert "close this window" in report["last-desktop-light"]["text"]
    answer = server.answer(ident)
    assert answer["result"]["structuredContent"] == {"count": 2}
    # To reload the page does no harm: the port is closed by now, or says so.
    assert "signed in" not in report["reloaded"], report["reloaded"]
    assert str(server.cache()["person"]["sub"]) == "10001"


def test_a_person_declines_in_chromium(sign_in, exchange):
    server, ident, report = sign_in(CONSENT="deny")
    assert report["pages"] == ["login", "consent"]
    looks_well(report, "The sign-in was declined", port_of(server))
    assert "access_denied" in report["last-phone-light"]["text"]
    assert server.unclaimed() == [] and server.cache() is None
    # That was a mistake: the printed address still works.
    assert browse(exchange, waits_for_login(server)) == 0
    assert server.answer(ident)["result"]["structuredContent"]["count"] == 2
