# SPDX-License-Identifier: MIT
"""Fixtures of the system tests: a real PostgreSQL, a real OAuth server, the
program itself with its sandbox on.

Environment: JHE_MCP (the program) or TOP_BUILDDIR (its build tree).
JHE_TEST_FACTS names the file of a running `tests/exchange/up --json --facts`
to use instead of starting one.
"""

import json
import os
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import proc, server as server_module, visible  # noqa: E402
from harness import shell as shell_module                    # noqa: E402
from harness.exchange import Exchange                       # noqa: E402


@pytest.fixture(scope="session")
def exchange_session():
    named = os.environ.get("JHE_TEST_FACTS")
    if named:
        with open(named, encoding="utf-8") as file:
            one = Exchange(json.load(file))
    else:
        # A hospital's server is seldom set to UTC: answers must not show.
        one = Exchange.start(PG_TIMEZONE="America/Los_Angeles")
    yield one
    one.stop()


@pytest.fixture
def exchange(exchange_session):
    """The running exchange, with every knob as at the start."""
    exchange_session.reset()
    exchange_session.forget()
    yield exchange_session
    exchange_session.reset()


@pytest.fixture
def pg(exchange_session):
    """Its PostgreSQL.  Tests that write take pg.clone()."""
    return exchange_session.pg


@pytest.fixture
def program():
    """Path of jhe-mcp."""
    path = server_module.program()
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path}: not built; set JHE_MCP or TOP_BUILDDIR")
    return path


@pytest.fixture
def callback_port(exchange):
    """A free port, registered with the exchange's clients."""
    port = proc.free_port()
    exchange.allow_port(port)
    return port


@pytest.fixture
def start_server(exchange, program):
    """start_server(user=..., ...) gives a Server; all are closed at the end,
    with its checks unless the test closed them itself."""
    started = []

    def start(**options):
        options.setdefault("exchange", exchange)
        one = server_module.Server(**options)
        started.append(one)
        return one

    yield start
    problems = []
    for one in started:
        if one.returncode is None:
            try:
                one.close()
            except AssertionError as error:
                problems.append(str(error))
    assert not problems, "\n".join(problems)


@pytest.fixture
def sees(pg):
    """sees("manager_maya") gives what that user may see, by our own SQL."""
    def look(user, claimed=None):
        return visible.Visible(pg, visible.user_id(pg, user), claimed)

    return look


@pytest.fixture
def shell(exchange, program, callback_port, tmp_path):
    """jhe-mcp with a home of its own, for commands that end."""
    return shell_module.Shell(exchange, tmp_path, "manager_maya",
                              callback_port)
