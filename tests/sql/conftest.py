# SPDX-License-Identifier: MIT
"""The test exchange's database without the exchange, and db_probe on it.

Tests run on each generation of the exchange, unless they are marked `newest`.
EXCHANGE_GENERATIONS names fewer.
"""

import json
import os
import re
import select
import subprocess
import time

import psycopg2
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SQL = os.path.join(TOP, "src", "db", "sql")
UP = os.path.join(TOP, "tests", "exchange", "up")
PG_START = os.path.join(TOP, "tests", "exchange", "pg-start.sh")
PROBE = os.environ.get("DB_PROBE", "tests/sql/db_probe")
NEWEST = "2026"
GENERATIONS = os.environ.get("EXCHANGE_GENERATIONS",
                             f"{NEWEST} 2026b 2026a 2025").split()


def pytest_configure(config):
    config.addinivalue_line("markers", "newest: only the newest generation")


def pytest_generate_tests(metafunc):
    if "facts" not in metafunc.fixturenames:
        return
    wanted = GENERATIONS
    if metafunc.definition.get_closest_marker("newest"):
        wanted = [one for one in GENERATIONS if one == NEWEST]
    metafunc.parametrize("facts", wanted, indirect=True, scope="session")


class Statement:
    """A statement file, read without the product's help."""

    def __init__(self, path):
        self.path = path
        self.file = os.path.relpath(path, SQL)
        self.topic, base = self.file.split(os.sep)
        self.name = self.topic + "_" + base[:-len(".sql")]
        with open(path, encoding="utf-8") as f:
            self.text = f.read()
        head = self.text.split("\nPREPARE ", 1)[0]
        self.example = re.search(r"^-- Example:(.*)$", head, re.M).group(1)
        self.params = re.findall(r"^--   \$\d+ (\w+) +(\S+)", head, re.M)
        columns = head.split("-- Columns:", 1)[1]
        self.columns = re.findall(r"^--   ([a-z]\w*) +(\S+)", columns, re.M)

    @property
    def execute(self):
        arguments = self.example.strip()
        return "EXECUTE %s%s" % (self.name,
                                 "(%s)" % arguments if arguments else "")


def rule_files(folders=("rbac", "omh", "fhir", "layout")):
    found = {}
    for folder in folders:
        for name in sorted(os.listdir(os.path.join(SQL, folder))):
            if name.endswith(".sql"):
                path = os.path.join(SQL, folder, name)
                with open(path, encoding="utf-8") as f:
                    found[name[:-len(".sql")]] = f.read()
    return found


def layout_files():
    return rule_files(["layout"])


def statements():
    found = []
    for folder, _, names in os.walk(SQL):
        if os.path.basename(folder) in ("sql", "rbac", "omh", "fhir",
                                        "layout"):
            continue
        found += [Statement(os.path.join(folder, n))
                  for n in names if n.endswith(".sql")]
    return sorted(found, key=lambda s: s.file)


@pytest.fixture(scope="session")
def server():
    up = subprocess.Popen([UP, "--database-only", "--json", "--until-eof",
                           "--generation", "all"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True)
    line = up.stdout.readline()
    assert line, "the test database did not start"
    yield json.loads(line)
    up.stdin.close()
    up.wait(timeout=30)


@pytest.fixture(scope="session")
def facts(server, request):
    """Of the database of one generation."""
    name = "exchange"
    if request.param != NEWEST:
        name += "_" + request.param
    return dict({key: value.replace("/exchange?", f"/{name}?")
                 for key, value in server.items()},
                PGDATABASE=name, EXCHANGE_GENERATION=request.param)


@pytest.fixture
def admin(facts):
    """A superuser's connection; nothing of it stays unless committed."""
    connection = psycopg2.connect(facts["JHE_DB_ADMIN"])
    yield connection
    connection.close()


@pytest.fixture
def reader(facts):
    connection = psycopg2.connect(facts["JHE_DB_CONN"])
    yield connection
    connection.close()


class Probe:
    """db_probe: queries in, answers of one go out."""

    def __init__(self, conninfo, connect_ms=10000, statement_ms=20000,
                 env=None):
        self.process = subprocess.Popen(
            [PROBE, conninfo, str(connect_ms), str(statement_ms)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=0, env=env or dict(os.environ))
        self.unread = b""
        self.hello = self.read()

    def read(self, timeout=30):
        end = time.monotonic() + timeout
        while b"\n" not in self.unread:
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        max(0, end - time.monotonic()))
            assert ready, "db_probe does not answer"
            more = self.process.stdout.read(65536)
            assert more, self.process.stderr.read()
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return json.loads(line)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")

    def add(self, name, *values):
        self.send("\t".join(["add " + name] + [
            "\\N" if v is None else str(v) for v in values]))

    def answer(self):
        """[(query, row) …], the last line."""
        rows = []
        while True:
            line = self.read()
            if "row" not in line:
                return rows, line
            rows.append((line["query"], line["row"]))

    def go(self):
        self.send("go")
        return self.answer()

    def run(self, name, *values):
        self.add(name, *values)
        return self.go()

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=10)
        errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, errors


@pytest.fixture
def probe(facts):
    made = []

    def make(conninfo=None, **more):
        made.append(Probe(conninfo or facts["JHE_DB_CONN"], **more))
        return made[-1]

    yield make
    for p in made:
        if p.process.stdin.closed:
            continue
        p.process.kill()
        p.close()


def wait_until(condition, timeout=10):
    """The condition's value as soon as it is true; fails after timeout."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not become true in %d s" % timeout)
