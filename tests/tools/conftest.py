# SPDX-License-Identifier: MIT
"""The test exchange's database, and the check-only program `call` on it.

All tests run on each generation of the exchange; EXCHANGE_GENERATIONS names
fewer.  JHE_TEST_FACTS names the file of a running `tests/exchange/up --json
--facts` to use instead of starting one.
"""

import json
import os
import select
import subprocess
import sys

import psycopg2
import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
UP = os.path.join(TOP, "tests", "exchange", "up")
CALL = os.environ.get("TOOLS_CALL", "tests/tools/call")
DEFINITIONS = os.path.join(TOP, "src", "tools", "definitions")
NEWEST = "2026"
GENERATIONS = os.environ.get("EXCHANGE_GENERATIONS",
                             f"{NEWEST} 2026b 2026a 2025").split()


class Answer:
    def __init__(self, status, structured, text):
        self.ok = status == "ok"
        self.data = json.loads(structured) if structured else None
        self.text = json.loads(text)
        self.raw = (status, structured, text)

    def rows(self, table=None):
        """The rows as dictionaries."""
        table = table or self.data
        return [dict(zip(table["columns"], row)) for row in table["rows"]]

    @property
    def code(self):
        assert not self.ok, self.raw
        return self.text.split(":")[0]


class Caller:
    def __init__(self, conninfo):
        self.process = subprocess.Popen(
            [CALL, conninfo, "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def __call__(self, person, tool, args=None, **options):
        words = [str(person), tool, json.dumps(args or {})]
        words += [f"{name}={value}" for name, value in options.items()]
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        return Answer(*[self.process.stdout.readline().rstrip("\n")
                        for _ in range(3)])

    def pages(self, person, tool, args, again=None, **options):
        """All pages, by cursor; `again` is what is repeated with it."""
        answer = self(person, tool, args, **options)
        found = [answer]
        while answer.data.get("next_cursor"):
            args = dict(again or {}, cursor=answer.data["next_cursor"])
            assert len(args["cursor"]) <= 96
            answer = self(person, tool, args, **options)
            assert answer.ok, answer.raw
            found.append(answer)
        return found

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class Database:
    def __init__(self, url):
        self.connection = psycopg2.connect(url, options="-c timezone=UTC")
        self.connection.autocommit = True

    def rows(self, sql, **args):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args)
            return cursor.fetchall()

    def column(self, sql, **args):
        return [row[0] for row in self.rows(sql, **args)]

    def value(self, sql, **args):
        return self.column(sql, **args)[0]


@pytest.fixture(scope="session")
def server():
    up = subprocess.Popen([UP, "--database-only", "--json", "--until-eof",
                           "--generation", "all"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True)
    try:
        ready = select.select([up.stdout], [], [], 120)[0]
        assert ready, "the database did not start"
        yield json.loads(up.stdout.readline())
    finally:
        up.stdin.close()
        up.wait(30)


def pytest_generate_tests(metafunc):
    if "facts" in metafunc.fixturenames:
        wanted = GENERATIONS
        if os.environ.get("JHE_TEST_FACTS"):
            wanted = [None]
        metafunc.parametrize("facts", wanted, indirect=True, scope="session")


@pytest.fixture(scope="session")
def facts(request):
    """Of the database of one generation."""
    if request.param is None:
        with open(os.environ["JHE_TEST_FACTS"], encoding="utf-8") as file:
            return json.load(file)
    name = "exchange"
    if request.param != NEWEST:
        name += "_" + request.param
    return dict({key: value.replace("/exchange?", f"/{name}?") for key, value
                 in request.getfixturevalue("server").items()},
                PGDATABASE=name, EXCHANGE_GENERATION=request.param)


@pytest.fixture(scope="session")
def db(facts):
    one = Database(facts["JHE_DB_ADMIN"])
    yield one
    one.connection.close()


@pytest.fixture(scope="session")
def call(facts):
    one = Caller(facts["JHE_DB_CONN"])
    yield one
    one.close()


@pytest.fixture(scope="session")
def people(db):
    """Ids of everybody with a profile and an active account."""
    return db.column("""
        SELECT u.id FROM core_jheuser u WHERE u.is_active AND (
            EXISTS (SELECT FROM core_practitioner a
                    WHERE a.jhe_user_id = u.id)
            OR EXISTS (SELECT FROM core_patient b
                       WHERE b.jhe_user_id = u.id)) ORDER BY 1""")


@pytest.fixture(scope="session")
def definitions():
    found = {}
    for name in os.listdir(DEFINITIONS):
        with open(os.path.join(DEFINITIONS, name), encoding="utf-8") as file:
            one = json.load(file)
        found[one["name"]] = one
    return found


@pytest.fixture(scope="session")
def visible(db):
    """visible(person) says what SQL of the system tests lets them see."""
    sys.path.insert(0, os.path.join(TOP, "tests", "system"))
    from harness.visible import Visible
    return lambda person, claimed=None: Visible(db, person, claimed)


@pytest.fixture(scope="session")
def stored(db, visible):
    """SQL of what generations keep in different places."""
    from harness.visible import stored as look
    return look(db)


@pytest.fixture(scope="module")
def scene(db, stored):
    """An organization of raw.py's, with all that goes wrong; gone after."""
    import raw
    one = raw.build(db, stored)
    yield one
    one.remove()


@pytest.fixture(scope="module")
def rows(db, stored, scene):
    """All stored observations, as raw.py reads them."""
    import raw
    return raw.load(db, stored)


@pytest.fixture(scope="module")
def member(db, scene):
    """Who works in the scene's organization."""
    return db.value("""
        SELECT u.id FROM core_practitionerorganization a
        JOIN core_practitioner b ON b.id = a.practitioner_id
        JOIN core_jheuser u ON u.id = b.jhe_user_id
        WHERE a.organization_id = %(o)s AND u.is_active
        ORDER BY u.id LIMIT 1""", o=scene.organization)


# Their text is that of the first server, line by line.
FIRST_FIVE = {"get_study_count", "list_studies", "get_study_metadata",
              "get_patient_demographics", "get_patient_observations"}
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool,
         "null": type(None)}


def of_kind(value, kind):
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return (isinstance(value, (int, float))
                and not isinstance(value, bool))
    return isinstance(value, KINDS[kind])


def check_schema(value, schema, path="$"):
    """As much of JSON Schema as the definitions use."""
    known = {"type", "properties", "required", "additionalProperties",
             "items", "enum", "minimum", "description"}
    assert set(schema) <= known, path
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert not kinds or any(of_kind(value, k) for k in kinds), (path, value)
    if "enum" in schema:
        assert value in schema["enum"], (path, value)
    if "minimum" in schema:
        assert value >= schema["minimum"], (path, value)
    if isinstance(value, list) and "items" in schema:
        for i, one in enumerate(value):
            check_schema(one, schema["items"], f"{path}[{i}]")
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value), path
        for name, one in value.items():
            if name in schema.get("properties", {}):
                check_schema(one, schema["properties"][name],
                             f"{path}.{name}")
            else:
                more = schema.get("additionalProperties", True)
                assert more is not False, (path, name)
                if isinstance(more, dict):
                    check_schema(one, more, f"{path}.{name}")


@pytest.fixture(scope="session")
def check(definitions):
    """check(tool, answer): it is what the tool's outputSchema says."""
    def one(tool, answer):
        assert answer.ok, answer.raw
        check_schema(answer.data, definitions[tool]["outputSchema"])
        if "columns" in answer.data:
            assert all(len(row) == len(answer.data["columns"])
                       for row in answer.data["rows"])
            assert (answer.data.get("returned", len(answer.data["rows"]))
                    == len(answer.data["rows"]))
        if "summary" in answer.data:
            assert next(iter(answer.data)) == "summary"
            if tool not in FIRST_FIVE:
                assert answer.text.startswith("\n".join(
                    [answer.data["summary"], *answer.data.get("notes", [])]))
        assert "CANARY" not in answer.raw[1] + answer.raw[2]
    return one
