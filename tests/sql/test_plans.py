# SPDX-License-Identifier: MIT
"""Plans on a table large enough that a wrong one shows: the observations of
bench/observations.sql, sixty thousand of forty patients.  A question about one
patient never reads the table of all of them.  The worker's session has
generic plans, which do not depend on what is asked."""

import json
import os
import re
import subprocess

import psycopg2
import pytest

from conftest import HERE, PROBE, statements

OBSERVATIONS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "bench",
                            "observations.sql")
PATIENT, STUDY = "200001", "39001"
# Where the person asks for is given as a list.
SETS = {"patients": f"'{{{PATIENT}}}'"}

pytestmark = pytest.mark.newest


def about_a_patient(statement):
    names = [name for name, _ in statement.params]
    return "core_observation" in statement.text and (
        "patient" in names or "patients" in names)


STATEMENTS = [one for one in statements() if about_a_patient(one)]


@pytest.fixture(scope="module")
def full(facts):
    """A copy of the database with all these observations; its reader."""
    admin = psycopg2.connect(facts["JHE_DB_ADMIN"].replace(
        "/exchange", "/postgres"))
    admin.autocommit = True
    cursor = admin.cursor()
    cursor.execute("CREATE DATABASE plans TEMPLATE exchange")
    subprocess.run(
        ["psql", "-Xq", "-d", facts["JHE_DB_ADMIN"].replace(
            "/exchange", "/plans"), "-v", "observations=60000", "-v",
         "patients=40", "-f", OBSERVATIONS], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    reader = psycopg2.connect(facts["JHE_DB_CONN"].replace(
        "/exchange", "/plans"))
    yield reader
    reader.close()
    cursor.execute("DROP DATABASE plans WITH (FORCE)")
    admin.close()


@pytest.fixture(scope="module")
def table():
    """{name: text} as the program prepares them on the newest generation."""
    output = subprocess.run([PROBE, "--table"], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    return {row["name"]: row["text"]
            for row in map(json.loads, output.splitlines())}


def example(statement):
    """The arguments of its head's example, for one patient of these."""
    values, depth, quoted, word = [], 0, False, ""
    for letter in statement.example.strip():
        quoted ^= letter == "'"
        depth += 0 if quoted else {"(": 1, "[": 1, ")": -1, "]": -1}.get(
            letter, 0)
        if letter == "," and depth == 0 and not quoted:
            values.append(word.strip())
            word = ""
        else:
            word += letter
    values.append(word.strip())
    names = [name for name, _ in statement.params]
    assert len(values) == len(names), statement.file
    given = dict(zip(names, values))
    given["person"] = "10001"
    for name in ("study", "patient"):
        if name in given:
            given[name] = "NULL"
    if "patient" in given:
        given["patient"] = PATIENT
    else:
        given.update(SETS)
    return [given[name] for name in names]


def prepared(full, table, statement):
    full.rollback()
    cursor = full.cursor()
    cursor.execute("DEALLOCATE ALL; SET jit = off;"
                   "SET plan_cache_mode = force_generic_plan")
    cursor.execute("PREPARE one (%s) AS %s" % (
        ", ".join(kind for _, kind in statement.params),
        table[statement.name]))
    return cursor


@pytest.mark.parametrize("statement", STATEMENTS,
                         ids=lambda one: getattr(one, "file", "none"))
def test_one_patient_is_not_looked_for_among_all(full, table, statement):
    cursor = prepared(full, table, statement)
    cursor.execute(f"EXPLAIN EXECUTE one "
                   f"({', '.join(example(statement))})")
    plan = "\n".join(row[0] for row in cursor.fetchall())
    assert not re.search(r"Seq Scan on core_observation\b", plan), plan
    assert "subject_patient_id" in plan, plan


def scans(node):
    if node.get("Relation Name") == "core_observation" or re.match(
            "core_observation_", node.get("Index Name", "")):
        yield node
    for below in node.get("Plans", []):
        yield from scans(below)


@pytest.mark.parametrize("file", ["study/tally.sql",
                                  "observation/coverage.sql"])
def test_a_study_is_read_once(full, table, file):
    """Not once for each patient, nor an index on codes for each: with many of
    them that is more than all observations, many times."""
    statement = next(one for one in statements() if one.file.endswith(file))
    values = example(statement)
    names = [name for name, _ in statement.params]
    values[names.index("study")] = STUDY
    if "patient" in names:
        values[names.index("patient")] = "NULL"
    cursor = prepared(full, table, statement)
    cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE one "
                   f"({', '.join(values)})")
    found = [node for node in scans(cursor.fetchone()[0][0]["Plan"])
             if node["Actual Loops"] > 0 and node["Actual Rows"] > 1]
    assert found
    for node in found:
        assert node["Actual Loops"] == 1, node
        assert "codeable_concept" not in node.get("Index Name", ""), node
