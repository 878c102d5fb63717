# SPDX-License-Identifier: MIT
"""Every answer to the questions of tests/tools/test_questions.py, and every
definition, before ajv: an implementation of JSON Schema that is not ours.

Skipped where npm's registry is out of reach; the reason is told.
"""

import json
import os
import subprocess
import sys

import pytest

from harness.server import TOP

sys.path.insert(0, os.path.join(TOP, "tests", "interop"))

import npm                                                  # noqa: E402

DEFINITIONS = os.path.join(TOP, "src", "tools", "definitions")


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Lines of name, schema and data: what the questions were answered."""
    npm.skip_or_fail()
    file = tmp_path_factory.mktemp("schemas") / "answers"
    env = dict(os.environ, QUESTIONS_KEEP=str(file),
               TOOLS_CALL=os.path.join(os.environ.get("TOP_BUILDDIR", TOP),
                                       "tests", "tools", "call"))
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p",
         "no:cacheprovider", os.path.join(TOP, "tests", "tools",
                                          "test_questions.py")],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def validate(lines):
    done = subprocess.run(
        [npm.node(), npm.script("schemas.mjs")], text=True, check=False,
        input="".join(json.dumps(one) + "\n" for one in lines),
        stdout=subprocess.PIPE, timeout=120)
    return done.returncode, done.stdout


def definitions():
    found = {}
    for name in os.listdir(DEFINITIONS):
        with open(os.path.join(DEFINITIONS, name), encoding="utf-8") as file:
            found[name[:-len(".json")]] = json.load(file)
    return found


def test_answers(asked):
    assert len(asked) == 41
    status, said = validate(asked)
    assert status == 0, said
    assert "41 looked at, 0 wrong" in said


def test_arguments(asked):
    """What was asked satisfies the input schemas too."""
    known = definitions()
    status, said = validate([
        {"name": one["name"], "data": one["arguments"],
         "schema": known[one["name"]]["inputSchema"]} for one in asked])
    assert status == 0, said


def test_a_wrong_answer_is_seen(asked):
    one = dict(asked[0], data={"count": "many"})
    status, said = validate([one])
    assert status == 1 and "1 wrong" in said
