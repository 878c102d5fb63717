# SPDX-License-Identifier: MIT
"""Completions: made from the program's tables, and what shells make of
them."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness.server import TOP

BUILD = os.environ.get("TOP_BUILDDIR", TOP)
FOLDER = os.path.join(BUILD, "etc/completion")
FILES = {"bash": "bash/jhe-mcp", "zsh": "zsh/_jhe-mcp",
         "fish": "fish/jhe-mcp.fish"}

pytestmark = pytest.mark.skipif(
    not os.path.exists(os.path.join(FOLDER, FILES["bash"])),
    reason="completions are not made")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def names(row, file):
    return re.findall(rf'^{row}\("([^"]+)"', read(TOP, file), re.M)


COMMANDS = names("COMMAND", "src/cli/commands.def")
OPTIONS = names("OPTION", "src/conf/options.def")
FLAGS = re.findall(r'^(?:FLAG|CHOICE)\("([^"]+)", "([^"]+)"',
                   read(TOP, "src/cli/commands.def"), re.M)
TOOLS = {}
for name in os.listdir(os.path.join(TOP, "src/tools/definitions")):
    one = json.loads(read(TOP, "src/tools/definitions", name))
    TOOLS[one["name"]] = one["inputSchema"]["properties"]


@pytest.mark.parametrize("shell", sorted(FILES))
def test_everything_is_in(shell):
    text = read(FOLDER, FILES[shell])
    words = set(re.findall(r"[\w-]+", text))
    assert not set(COMMANDS + OPTIONS + list(TOOLS)) - words
    for properties in TOOLS.values():
        assert not set(properties) - words
    for _, flag in FLAGS:
        assert flag in text or f"-l {flag[2:]} " in text


@pytest.mark.parametrize("shell", sorted(FILES))
def test_the_shell_reads_it(shell):
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    subprocess.run([shell, "-n", os.path.join(FOLDER, FILES[shell])],
                   check=True)


def complete(*words):
    """What bash offers for the last word, which it has split at '='."""
    script = """
source "$1"; shift
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_jhe_mcp
printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "-",
         os.path.join(FOLDER, FILES["bash"]), "jhe-mcp", *words],
        check=True, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    assert done.stderr == ""
    return sorted(line for line in done.stdout.splitlines() if line)


def flags_of(command):
    return sorted(["--file", "--help", "--option", "--version"] + [
        flag for owner, flag in FLAGS if owner == command])


def test_bash_choices():
    values = ["csv", "json", "ndjson"]
    for before in (["call", "--format"], ["call", "list_studies", "--all",
                                          "--format"],
                   ["call", "--format", "="]):
        assert complete(*before, "") == values, before
        assert complete(*before, "nd") == ["ndjson"], before
    assert complete("call", "--format", "csv", "list_stud") == [
        name for name in sorted(TOOLS) if name.startswith("list_stud")]


def test_bash_commands():
    assert complete("") == sorted(COMMANDS)
    assert complete("log") == ["login", "logout"]
    for before in (["-f", "file"], ["--json"], ["-o", "log-level", "=",
                                                "debug"],
                   ["--option", "=", "log-level", "=", "debug"]):
        assert complete(*before, "wh") == ["whoami"], before


@pytest.mark.parametrize("command", COMMANDS)
def test_bash_options(command):
    assert complete(command, "--") == flags_of(command)
    assert complete(command, "-o", "") == sorted(
        name + "=" for name in OPTIONS)


def test_bash_values_of_options():
    assert complete("-o", "log-level", "=") == [
        "debug", "error", "info", "warning"]
    assert complete("-o", "log-level", "=", "d") == ["debug"]
    assert complete("-o", "identity-fields", "=", "") == [
        "always", "never", "on-request"]


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_bash_tools(tool):
    assert complete("call", "") == complete("tools", "") == sorted(TOOLS)
    assert complete("call", tool, "") == sorted(
        name + "=" for name in TOOLS[tool])
    assert complete("tools", tool, "") == []
    for name, schema in TOOLS[tool].items():
        want = schema.get("enum", ["true", "false"]
                          if schema.get("type") == "boolean" else [])
        assert complete("call", "--json", tool, name, "=") == sorted(want)


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
def test_fish():
    def offers(line):
        done = subprocess.run(
            ["fish", "-N", "-c", 'source $argv[1]; complete -C $argv[2]',
             os.path.join(FOLDER, FILES["fish"]), line],
            check=True, text=True, stdout=subprocess.PIPE)
        return sorted(part.split("\t")[0]
                      for part in done.stdout.splitlines())

    assert offers("jhe-mcp ") == sorted(COMMANDS)
    assert offers("jhe-mcp call ") == sorted(TOOLS)
    assert offers("jhe-mcp -o log-level=debug who") == ["whoami"]
    assert offers("jhe-mcp call get_study_metadata counts=t") == [
        "counts=true"]
