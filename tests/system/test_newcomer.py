# SPDX-License-Identifier: MIT
"""A newcomer's hour: ten things that go wrong in a first set-up, each planted
in one that works, and what `jhe-mcp doctor` says of it.  The table is printed
at the end.

A fault is a function: it breaks something of the shell's, and gives the words
after `doctor`; what it began itself it ends in its ExitStack.
"""

import contextlib
import os
import re
import socket
import time

import pytest

from harness import doctor, proc

WIDTH = 79


def wrong_url(shell, stack):
    """exchange-url: nobody listens there"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return [f"exchange-url=http://127.0.0.1:{port}"]


def wrong_client_id(shell, stack):
    """client-id: the exchange has no such application"""
    return ["client-id=jhe-mpc"]


def redirect_not_registered(shell, stack):
    """callback-port: its address is not the application's"""
    return ["--login", f"callback-port={proc.free_port()}",
            "login-timeout=10"]


def without_rs256(shell, stack):
    """the application was made without a signing algorithm"""
    return ["--login", "client-id=no-algorithm"]


def wrong_password(shell, stack):
    """database: the role has another password"""
    pg = shell.exchange.pg
    path = pg.value("SHOW hba_file")
    with open(path, encoding="utf-8") as file:
        before = file.read()

    def write(text):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        pg.query("SELECT pg_reload_conf()")

    pg.execute("CREATE ROLE newcomer LOGIN PASSWORD 'CANARY-right'")
    stack.callback(pg.execute, "DROP ROLE newcomer")
    write("local all newcomer scram-sha-256\n" + before)
    stack.callback(write, before)
    time.sleep(0.3)
    return ["database=" + pg.url(user="newcomer") + "&password=CANARY-wrong"]


def wrong_database(shell, stack):
    """database: there is none of this name"""
    return ["database=" + shell.exchange.pg.url(dbname="jeh")]


def no_rights(shell, stack):
    """database: nobody granted the role anything"""
    pg = shell.exchange.pg
    pg.execute("CREATE ROLE newcomer LOGIN")
    stack.callback(pg.execute, "DROP ROLE newcomer")
    return ["database=" + pg.url(user="newcomer")]


def clock_off(shell, stack):
    """this computer's clock is an hour behind"""
    shell.exchange.set(clock=3600)
    return []


def port_taken(shell, stack):
    """another program listens at callback-port"""
    stack.enter_context(socket.create_server(("127.0.0.1", shell.port)))
    return []


def cache_unreadable(shell, stack):
    """the stored sign-in cannot be read"""
    shell.signed_in()
    if os.geteuid() == 0:
        os.chown(shell.cache_path, 12345, 12345)
    else:
        os.chmod(shell.cache_path, 0)
    return []


# The check that tells it, how, what it saw, what it says helps.
FAULTS = [
    (wrong_url, "exchange", "fail", r"no connection",
     r"Check exchange-url"),
    (wrong_client_id, "client", "fail", r"jhe-mpc is not accepted",
     r"Correct client-id"),
    (redirect_not_registered, "sign-in", "fail", r"nobody signed in in time",
     r"http://localhost:\d+/callback registered at the exchange"),
    (without_rs256, "sign-in", "fail", r"does not sign with RS256",
     r"administrator sets the algorithm of the application to RS256"),
    (wrong_password, "database", "fail", r"refuses the login, SQLSTATE 28P01",
     r"the password in ~/.pgpass"),
    (wrong_database, "database", "fail", r"jeh .*no database of this name",
     r"Correct the database's name"),
    (no_rights, "role", "fail", r"newcomer may not read core_",
     r"GRANT SELECT ON .* TO newcomer;"),
    (clock_off, "clock", "fail", r"3\d\d\d seconds short of the exchange's",
     r"Set this computer's clock"),
    (port_taken, "port", "warn", r"taken by \S+ \(process \d+\)",
     r"End that program .* or set callback-port"),
    (cache_unreadable, "files", "fail", r"token_cache.json: ", r"mv "),
]


@pytest.fixture(scope="module")
def table(request):
    """Printed when all have run, whatever pytest captures."""
    rows = []
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n\nWhat doctor says of ten faults:")
        for row in rows:
            print_row(*row)


def print_row(fault, words, one):
    print(f"\n{fault}   [{words}]")
    line = f"  {one['status'].upper()}  {one['check']}: {one['evidence']}"
    print(shorten(line))
    print(shorten(f"        {one['cure']}"))


def shorten(text):
    text = re.sub(r"/tmp/[\w./-]*/", ".../", text)
    return text if len(text) <= 3 * WIDTH else text[:3 * WIDTH - 4] + " ..."


@pytest.mark.parametrize("plant, check, status, evidence, cure", FAULTS,
                         ids=[row[0].__name__ for row in FAULTS])
def test_fault(shell, stack, table, plant, check, status, evidence, cure):
    before = doctor.run(shell)
    assert before.failed == [], before.all
    words = plant(shell, stack)
    report = doctor.run(shell, *words)
    one = report.one(check, status)
    table.append((plant.__doc__, " ".join(
        ["doctor"] + [word for word in words if word.startswith("--")]), one))
    assert re.search(evidence, one["evidence"]), one
    assert re.search(cure, one["cure"]), one
    # Nothing else is blamed.
    assert report.failed == ([check] if status == "fail" else []), report.all
    said = report.done.out + report.done.err
    assert shell.exchange.canary(said) is None


@pytest.fixture
def stack():
    with contextlib.ExitStack() as one:
        yield one


def test_of_a_person_at_a_terminal(shell):
    """What only the browser shows is said before one waits for it."""
    port = proc.free_port()
    done = shell.run("doctor", "--login", "-o", f"callback-port={port}",
                     "-o", "login-timeout=10")
    assert done.code == 2
    assert (f"error about a redirect URI, end this with Ctrl-C and have "
            f"http://localhost:{port}/callback registered") in done.err
