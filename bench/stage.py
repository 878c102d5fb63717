# SPDX-License-Identifier: MIT
"""What benches share: the test exchange with many observations, a person who
is signed in, the statements that a call sends, programs, numbers.

    with Stage(observations=200000) as stage:
        stage.environment       for jhe-mcp
        stage.statements("get_study_count", {})
        with stage.server(requests) as server: server.run(0, 10)
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BENCH = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(BENCH)
BUILD = os.environ.get("TOP_BUILDDIR", TOP)
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, "tests", "system"),
                os.path.join(TOP, "tests", "interop")]
os.environ.setdefault("TOP_BUILDDIR", BUILD)

from harness import proc, server as server_module, shell      # noqa: E402
from harness.exchange import Exchange                        # noqa: E402

USER = "manager_maya"       # she manages the study of observations.sql
PATIENT = 200001
STUDY = 39001
# As the worker's session has them, so that plans are the same.
OPTIONS = ("-c search_path=pg_catalog,pg_temp -c TimeZone=UTC"
           " -c plan_cache_mode=force_generic_plan -c jit=off"
           " -c default_transaction_read_only=on")
PREFIX = "@@jhe-bench@@"
ERRORS = None if os.environ.get("BENCH_VERBOSE") else subprocess.DEVNULL


def request(method, **params):
    """A request as client.c wants it: behind its id."""
    return json.dumps({"method": method, "params": params})[1:]


def call(tool, arguments):
    return request("tools/call", name=tool, arguments=arguments)


INITIALIZE = request(
    "initialize", protocolVersion="2025-06-18", capabilities={},
    clientInfo={"name": "bench", "version": "1"})


def percentile(values, share):
    """Of a sorted list; the nearest rank."""
    return values[min(len(values) - 1, int(len(values) * share))]


def write_between(name, text):
    """Into README.md, in place of what an earlier run wrote there."""
    path = os.path.join(BENCH, "README.md")
    marks = [f"<!-- {word}: made by {name} --write -->"
             for word in ("begin", "end")]
    with open(path, encoding="utf-8") as file:
        before = file.read()
    after, n = re.subn(re.escape(marks[0]) + ".*" + re.escape(marks[1]),
                       lambda _: f"{marks[0]}\n{text}\n{marks[1]}", before,
                       flags=re.S)
    if n != 1:
        sys.exit(f"{path}: no markers of {name}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(after)


class Helper:
    """client.c or floor.c, running: what each round took, in ns."""

    def __init__(self, command, env=None, cwd=None):
        self.process = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=ERRORS, text=True)
        self.first = self._line()

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args}: it ended early")
        return int(line)

    def _ask(self, index, count):
        self.process.stdin.write(f"{index} {count}\n")
        self.process.stdin.flush()

    def run(self, index, count):
        self._ask(index, count)
        return [self._line() for _ in range(count)]

    def answer(self, index):
        self._ask(index, 0)
        return json.loads(self.process.stdout.readline())

    def cpu_ns(self):
        """Of its server (without one, of itself), up to now."""
        pids = proc.descendants(self.process.pid) or [self.process.pid]
        return sum(cpu_ns(pid) for pid in pids)

    def close(self):
        """What its server used of the processor, if it says so."""
        self.process.stdin.close()
        rest = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(30)
        return int(rest) if rest else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process.stdin.closed:
            self.close()


def cpu_ns(pid):
    """Of a process, all its threads."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            path = f"/proc/{pid}/task/{task}/schedstat"
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return total


class Stage:
    def __init__(self, observations, patients=None, log=print):
        self.log = log
        self.work = tempfile.mkdtemp(prefix="jhe-bench.")
        self.exchange = None
        try:
            self._set_up(observations, patients or max(
                20, min(500, observations // 2000)))
        except BaseException:
            self.close()
            raise

    def _set_up(self, observations, patients):
        self.log("starting an exchange")
        self.exchange = Exchange.start()
        self.pg = self.exchange.pg
        self.log(f"writing {observations} observations of {patients} "
                 "patients")
        subprocess.run(
            ["psql", "-Xq", "-d", self.pg.url("postgres"), "-v",
             f"observations={observations}", "-v", f"patients={patients}",
             "-f", os.path.join(BENCH, "observations.sql")], check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.log("signing in")
        port = proc.free_port()
        self.exchange.allow_port(port)
        self.shell = shell.Shell(self.exchange, self.work, USER, port)
        self.shell.signed_in()
        self.environment = self.shell.environment()
        self.program = server_module.program()
        self.compiled = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.exchange:
            self.exchange.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    # Programs.

    def helper(self, name, *flags):
        """A program of bench/NAME.c, built here and now."""
        if name not in self.compiled:
            target = os.path.join(self.work, name)
            subprocess.run(
                [os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE", "-o",
                 target, os.path.join(BENCH, f"{name}.c"), *flags],
                check=True)
            self.compiled[name] = target
        return self.compiled[name]

    def requests(self, lines):
        """A file of requests for client.c, initialize before them."""
        handle, path = tempfile.mkstemp(dir=self.work)
        with os.fdopen(handle, "w") as file:
            file.write("".join(f"{line}\n" for line in [INITIALIZE, *lines]))
        return path

    def server(self, requests, command=None, env=None):
        return Helper([self.helper("client"), requests,
                       *(command or [self.program, "stdio"])],
                      env or self.environment, self.work)

    def floor(self, calls):
        """calls: lists as statements() gives them."""
        include, lib = (subprocess.run(
            ["pg_config", option], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()
            for option in ("--includedir", "--libdir"))
        program = self.helper("floor", f"-I{include}", f"-L{lib}", "-lpq")
        handle, path = tempfile.mkstemp(dir=self.work)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for statements in calls:
                file.write(f"call {len(statements)}\n")
                for one in statements:
                    self._write_statement(file, one)
        options = OPTIONS.replace(" ", "%20").replace("=", "%3D")
        return Helper([program, f"{self.pg.url()}&options={options}", path])

    @staticmethod
    def _write_statement(file, one):
        size = len(one["text"].encode())
        file.write(f"statement {size} {len(one['values'])}\n{one['text']}\n")
        for value in one["values"]:
            file.write("null\n" if value is None else
                       f"value {len(value.encode())}\n{value}\n")

    # What our server asks the database.

    def statements(self, calls):
        """For each (tool, arguments): [{"name", "text", "values"}]; read in
        PostgreSQL's own log."""
        log = os.path.join(self.pg.directory, "data", "server.log")
        role = "ALTER ROLE jhe_mcp_reader"
        self.pg.execute("ALTER SYSTEM SET log_line_prefix = %s", PREFIX)
        self.pg.query("SELECT pg_reload_conf()")
        self.pg.execute(f"{role} SET log_statement = 'all'")
        requests = self.requests([call(*one) for one in calls])
        found = []
        with self.server(requests) as server:
            # The first waits for the connection.
            server.answer(1)
            for i, one in enumerate(calls, 1):
                begin = os.path.getsize(log)
                result = server.answer(i).get("result")
                if not result or result.get("isError"):
                    raise RuntimeError(f"{one}: {result}")
                with open(log, encoding="utf-8") as file:
                    file.seek(begin)
                    found.append(parse_log(file.read()))
        self.pg.execute(f"{role} RESET log_statement")
        return found


def declared():
    """{statement: types of its parameters}, from the files."""
    found = {}
    for path in glob.glob(os.path.join(TOP, "src/db/sql/*/*.sql")):
        with open(path, encoding="utf-8") as file:
            head = re.search(r"^PREPARE (\w+)\s*\(([^)]*)\)", file.read(), re.M)
        if head:
            found[head[1]] = [word.strip() for word in head[2].split(",")]
    return found


def with_types(one):
    """Parameters with the types that PREPARE gave them, and without those
    that the text does not name: not every library lets one declare them."""
    types = declared()[one["name"]]
    used = sorted({int(n) for n in re.findall(r"\$(\d+)", one["text"])})
    return {"name": one["name"],
            "values": [one["values"][n - 1] for n in used],
            "text": re.sub(r"\$(\d+)", lambda found:
                           f"(${used.index(int(found[1])) + 1}::"
                           f"{types[int(found[1]) - 1]})", one["text"])}


def parse_log(text):
    statements = []
    for entry in text.split(PREFIX):
        found = re.match(r"LOG:  execute (\w+): (.*)\Z", entry, re.S)
        if found:
            statements.append({
                "name": found[1], "values": [],
                "text": found[2].replace("\n\t", "\n").strip()})
        elif entry.startswith("DETAIL:  parameters: "):
            statements[-1]["values"] = [
                None if value == "NULL" else value[1:-1].replace("''", "'")
                for value in re.findall(
                    r"\$\d+ = (NULL|'(?:[^']|'')*')", entry)]
    return [with_types(one) for one in statements]
