# SPDX-License-Identifier: MIT
"""Each statement file by itself: psql runs it as it stands, the program has
the same text, its head is true, and the probe at start knows what it reads.
The last two hold for each generation of the exchange."""

import json
import re
import subprocess

import pytest

from conftest import NEWEST, PROBE, SQL, layout_files, statements

STATEMENTS = statements()
IDS = [s.file for s in STATEMENTS]


@pytest.fixture(scope="session")
def layout(facts):
    """Which variants the program takes."""
    output = subprocess.run([PROBE, facts["JHE_DB_CONN"]], check=True,
                            text=True, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE).stdout
    return json.loads(output)["layout"]


@pytest.fixture(scope="session")
def table(layout):
    """The program's statements, as it prepares them on this database."""
    output = subprocess.run([PROBE, "--table", layout], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return {row["name"]: row for row in map(json.loads, output.splitlines())}


def psql(facts, statement, *commands):
    """Output of the commands after the file, in one session."""
    arguments = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v",
                 "ON_ERROR_STOP=1", "-f", statement.file]
    for command in commands:
        arguments += ["-c", command]
    return subprocess.run(
        arguments + [facts["JHE_DB_CONN"]], cwd=SQL, check=True, text=True,
        stdout=subprocess.PIPE).stdout


def plain(text):
    """SQL without comments, blanks and the PREPARE before it."""
    quoted = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    tokens = re.findall(
        quoted + r"|--[^\n]*|/\*.*?\*/|\s+|\w+|.", text, re.S)
    kept = [t for t in tokens
            if not (t.isspace() or t.startswith(("--", "/*")))]
    if kept[0] == "PREPARE":
        kept = kept[kept.index("AS") + 1:]
    return kept[:-1] if kept[-1] == ";" else kept


def test_generation(facts, layout, probe):
    name = {"2026": "July 2026 or newer", "2026b": "June 2026",
            "2026a": "early 2026",
            "2025": "autumn 2025"}[facts["EXCHANGE_GENERATION"]]
    assert probe().hello["generation"] == name
    assert (layout == "0000000") == (facts["EXCHANGE_GENERATION"] == NEWEST)


@pytest.mark.newest
def test_every_file_is_in_the_program(table):
    assert sorted(table) == sorted(s.name for s in STATEMENTS)


@pytest.mark.newest
@pytest.mark.parametrize("statement", STATEMENTS, ids=IDS)
def test_psql_runs_the_file(facts, statement):
    psql(facts, statement, statement.execute)


@pytest.mark.newest
@pytest.mark.parametrize("statement", STATEMENTS, ids=IDS)
def test_program_has_the_same(facts, table, statement):
    text, types = json.loads(psql(
        facts, statement, "SELECT json_build_array(statement,"
        " parameter_types::oid[]::bigint[]) FROM pg_prepared_statements"))
    mine = table[statement.name]
    assert plain(mine["text"]) == plain(text)
    assert mine["types"] == types
    assert mine["columns"] == len(statement.columns)


@pytest.mark.parametrize("statement", STATEMENTS, ids=IDS)
def test_head_is_true(reader, table, statement):
    """Names and types of parameters and columns, as PostgreSQL has them."""
    cursor = reader.cursor()
    # A view of a NULL execution would need rights: ask for no rows instead.
    text = table[statement.name]["text"]
    for n in range(len(statement.params), 0, -1):
        text = text.replace("$%d" % n, "(NULL::%s)" %
                            statement.params[n - 1][1])
    cursor.execute("SELECT * FROM (%s) x LIMIT 0" % text.replace("%", "%%"))
    found = []
    for column in cursor.description:
        other = reader.cursor()
        other.execute("SELECT %s::oid::regtype::text", (column.type_code,))
        found.append((column.name, other.fetchone()[0]))
    wanted = []
    for name, kind in statement.columns:
        other = reader.cursor()
        other.execute("SELECT %s::regtype::text", (kind,))
        wanted.append((name, other.fetchone()[0]))
    assert found == wanted


def prepare_all(admin, table):
    cursor = admin.cursor()
    for s in STATEMENTS:
        types = ", ".join(kind for _, kind in s.params)
        cursor.execute("PREPARE %s %s AS %s" % (
            s.name, "(%s)" % types if types else "", table[s.name]["text"]))
    return cursor


def required(cursor, layout):
    """What every generation has, and what the variants taken read."""
    some = [[variant.split() for variant in re.findall(
        r"^-- Reads: (.*(?:\n--     .*)*)", text, re.M)]
        for name, text in sorted(layout_files().items())]
    read = {column for variants, taken in zip(some, layout)
            for column in variants[int(taken)]} - {"none", "--"}
    cursor.execute("EXECUTE schema_generation (%s)", (sorted(read),))
    rows = cursor.fetchall()
    assert all(r[3] for r in rows), "there is one that is not there"
    return sorted((r[0], r[1]) for r in rows)


def denied(cursor, wanted=None):
    """The statements that may not run as role exact."""
    refused = []
    for s in STATEMENTS:
        cursor.execute("SAVEPOINT s; SET LOCAL ROLE exact")
        try:
            cursor.execute(s.execute)
        except Exception as e:
            assert e.pgcode == "42501", (s.file, e)
            refused.append(s.file)
        cursor.execute("ROLLBACK TO s")
        if refused and not wanted:
            break
    return refused


def test_privileges_are_what_the_probe_asks(admin, table, layout):
    """With SELECT on exactly the probe's columns all run; without one of
    them at least one does not: neither more nor less is asked for."""
    cursor = prepare_all(admin, table)
    columns = required(cursor, layout)
    cursor.execute("CREATE ROLE exact; GRANT USAGE ON SCHEMA public TO exact")
    for column in columns:
        cursor.execute("GRANT SELECT (%s) ON public.%s TO exact" % (
            column[1], column[0]))
    assert denied(cursor, wanted="all") == []
    unused = []
    for column in columns:
        cursor.execute("REVOKE SELECT (%s) ON public.%s FROM exact" % (
            column[1], column[0]))
        if not denied(cursor):
            unused.append(".".join(column))
        cursor.execute("GRANT SELECT (%s) ON public.%s TO exact" % (
            column[1], column[0]))
    assert unused == []
    admin.rollback()


@pytest.mark.parametrize(
    "statement",
    [s for s in STATEMENTS if ("patient", "bigint") in s.params
     and "core_observation" in s.text],
    ids=lambda s: getattr(s, "file", "none"))
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
def test_observations_of_a_patient_by_index(reader, table, statement, mode):
    arguments = ["NULL"] * len(statement.params)
    arguments[0] = "10016"
    arguments[[p[0] for p in statement.params].index("patient")] = "40001"
    cursor = reader.cursor()
    cursor.execute("SET plan_cache_mode = " + mode)
    cursor.execute("PREPARE one (%s) AS %s" % (
        ", ".join(kind for _, kind in statement.params),
        table[statement.name]["text"]))
    cursor.execute("EXPLAIN EXECUTE one (%s)" % ", ".join(arguments))
    text = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on core_observation " not in text
    assert "subject_patient_id" in text


@pytest.mark.newest
@pytest.mark.parametrize(
    "statement", [s for s in STATEMENTS if ":fhir_records" in s.text],
    ids=lambda s: getattr(s, "file", "none"))
def test_records_of_a_patient_by_index(reader, table, statement):
    """The tables here are too small for an index to be worth it: without
    sequential scans there is another way, from the patient by the source."""
    arguments = ["NULL"] * len(statement.params)
    arguments[0] = "10016"
    names = [p[0] for p in statement.params]
    arguments[names.index("patient" if "patient" in names else "study")] = \
        "40004"
    cursor = reader.cursor()
    cursor.execute("SET plan_cache_mode = force_generic_plan;"
                   "SET enable_seqscan = off")
    cursor.execute("PREPARE one (%s) AS %s" % (
        ", ".join(kind for _, kind in statement.params),
        table[statement.name]["text"]))
    cursor.execute("EXPLAIN EXECUTE one (%s)" % ", ".join(arguments))
    text = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on core_fhirauxresource" not in text
    assert "Index Cond: (fhir_source_id = " in text or \
        "AND (fhir_source_id = " in text
