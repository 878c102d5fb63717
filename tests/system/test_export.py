# SPDX-License-Identifier: MIT
"""jhe-mcp call --all --format: all pages as a file."""

import csv
import io
import json
import os
import subprocess

import pytest

OK, USAGE, LOGIN, TOOL = 0, 1, 3, 5
PATIENT = 40001
PIPES = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
TOOL_NAME = "get_patient_observations"


@pytest.fixture
def signed(shell):
    assert shell.terminal("login").code == OK
    return shell


def ids(rows):
    return [int(row["observation_id"]) for row in rows]


def expected(pg):
    return set(pg.column("SELECT id FROM core_observation"
                         f" WHERE subject_patient_id = {PATIENT}"))


def test_all_rows_in_each_format(signed, pg):
    word = f"patient_id={PATIENT}"
    done = signed.run("call", TOOL_NAME, word, "--all", "--format", "csv")
    assert (done.code, done.err) == (OK, ""), done
    rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
    assert len(rows) == len(expected(pg)) and set(ids(rows)) == expected(pg)
    assert all(row["status"] for row in rows)
    done = signed.run("call", TOOL_NAME, word, "--all", "--format=ndjson")
    assert done.code == OK
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert ids(lines) == ids(rows)
    done = signed.run("call", TOOL_NAME, word, "--all", "--json")
    assert done.code == OK and json.loads(done.out) == lines
    # Without --format it is CSV, in the same order whatever the page.
    done = signed.run("call", TOOL_NAME, word, "limit=7", "--all")
    assert ids(csv.DictReader(io.StringIO(done.out))) == ids(rows)


def test_filters_go_along(signed, pg):
    done = signed.run("call", TOOL_NAME, f"patient_id={PATIENT}", "limit=30",
                      "data_type=blood-glucose", "order=oldest", "--all",
                      "timezone=America/Los_Angeles")
    assert done.code == OK, done
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert set(ids(rows)) == set(pg.column(
        "SELECT o.id FROM core_observation o JOIN core_codeableconcept c"
        " ON c.id = o.codeable_concept_id WHERE c.coding_code LIKE"
        f" 'omh:blood-glucose:%' AND o.subject_patient_id = {PATIENT}"))
    times = [row["effective_at"] for row in rows if row["effective_at"]]
    assert all(time[-6:] in ("-07:00", "-08:00") for time in times)


def test_one_page(signed):
    done = signed.run("call", TOOL_NAME, f"patient_id={PATIENT}",
                      "--format", "csv")
    assert done.code == OK and len(done.out.splitlines()) == 11
    assert "--all" in done.err
    done = signed.run("call", "list_studies", "--format", "json")
    assert done.code == OK and done.err == ""
    assert {row["study_id"] for row in json.loads(done.out)} == {30001, 30006}


def test_whole_records(signed, pg):
    word = f"patient_id={PATIENT}"
    done = signed.run("call", TOOL_NAME, word, "verbosity=full", "--all",
                      "--format", "ndjson")
    assert done.code == OK, done
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert set(ids(lines)) == expected(pg)
    assert all("body" in line for line in lines)
    done = signed.run("call", TOOL_NAME, word, "verbosity=full", "--all")
    assert (done.code, done.out) == (USAGE, "")
    done = signed.run("call", "get_study_count", "--all")
    assert (done.code, done.out) == (USAGE, "") and "no rows" in done.err


def test_texts_that_spreadsheets_would_run(signed, pg, exchange):
    """Patient 40005 is called as no spreadsheet should be told."""
    done = signed.run("call", "get_patient_demographics", "study_id=30001",
                      'include=["name"]', "--all")
    assert done.code == OK, done
    rows = {int(row["patient_id"]): row for row in
            csv.DictReader(io.StringIO(done.out))}
    for patient, given, family in pg.query(
            "SELECT p.id, p.name_given, p.name_family FROM core_patient p"
            " JOIN core_studypatient e ON e.patient_id = p.id"
            " WHERE e.study_id = 30001"):
        for text, name in ((given, "given_name"), (family, "family_name")):
            cell = rows[patient][name]
            assert cell[:1] not in tuple("=+-@\t"), (patient, cell)
            if text and text.isalpha():
                assert cell == text


def test_an_error_in_the_middle(signed, exchange, pg, tmp_path):
    """The person is no member any more after the first page was written."""
    clone = pg.clone("exported")
    signed.env["JHE_DB_CONN"] = clone.url()
    process = signed.start("call", TOOL_NAME, f"patient_id={PATIENT}",
                           "limit=1", "--all", "--format", "json", **PIPES)
    first = process.stdout.readline() + process.stdout.readline()
    clone.execute("DELETE FROM core_patientorganization"
                  f" WHERE patient_id = {PATIENT}")
    out, err = process.communicate(timeout=60)
    text = (first + out).decode()
    assert process.returncode == TOOL, err
    assert b"incomplete" in err and b"not_found" in err
    rows = text.strip().splitlines()
    assert rows[0] == "[" and rows[-1] != "]"
    with pytest.raises(ValueError):
        json.loads(text)


def test_nobody_is_signed_in(shell):
    done = shell.run("call", TOOL_NAME, f"patient_id={PATIENT}", "--all")
    assert (done.code, done.out) == (LOGIN, "")


def test_nobody_reads(signed):
    process = signed.start("call", TOOL_NAME, f"patient_id={PATIENT}",
                           "limit=1", "--all", **PIPES)
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait(60) != OK
    assert b"rows were written" not in err


def test_memory_does_not_grow_with_rows(signed):
    """700 pages of one row need no more than one page of 700."""
    def peak(*words):
        process = signed.start(
            "call", TOOL_NAME, f"patient_id={PATIENT}", "--all", *words,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert len(process.stdout.read().splitlines()) == 701
        process.stdout.close()
        # Of this program and its own children, whatever else there was.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == OK
        return used.ru_maxrss
    many = peak("limit=1")
    assert many < 64 * 1024
    assert peak() < 64 * 1024


def test_help_and_wrong_words(shell):
    done = shell.run("call", "--help")
    assert "--all" in done.out and "--format csv|json|ndjson" in done.out
    done = shell.run("call", TOOL_NAME, "--format", "xml")
    assert (done.code, done.out) == (USAGE, "")
    assert "csv|json|ndjson" in done.err
    assert shell.run("tools", "--format", "csv").code == USAGE
