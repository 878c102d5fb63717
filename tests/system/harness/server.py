# SPDX-License-Identifier: MIT
"""`jhe-mcp stdio` under test, spoken to in JSON-RPC lines.

    with Server(exchange, user="manager_maya", port=port) as server:
        server.initialize()
        result = server.call_tool("get_study_count")

Everything on its standard output must be a JSON-RPC message of one line;
close() fails the test if something else came, if the program did not end by
itself when its input ended, or if it left a process behind.
"""

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time

from . import proc

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
LATEST = "2025-11-25"
LEFT_S = 5      # how long its children may take to follow it

# Of the caller's environment only this reaches the program.
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS",
        "LSAN_OPTIONS", "LD_LIBRARY_PATH")


def program():
    """$JHE_MCP, else bin/jhe-mcp of the build tree."""
    named = os.environ.get("JHE_MCP")
    return named or os.path.join(os.environ.get("TOP_BUILDDIR", TOP),
                                 "bin", "jhe-mcp")


class Closed(Exception):
    """The program's output ended before the answer came."""


class Server:
    """port: callback port; home: a directory to keep (else a new one, removed
    at close); env: laid over the environment, None removes a variable;
    args: in place of ["stdio"]; exchange=None: JHE_* are not set."""

    def __init__(self, exchange=None, user="manager_max", port=None,
                 home=None, env=None, args=("stdio",), command=None):
        self.own_home = home is None
        self.home = home or tempfile.mkdtemp(prefix="jhe-test.")
        self.cache_dir = os.path.join(self.home, ".jhe_mcp")
        self.notifications = []     # messages without an id that came
        self.asked = []             # requests that the server made
        self.violations = []        # what is no message at all
        self.blank_lines = 0
        self.may_be_cut = False     # set by tests that kill a worker which
                                    # may just have written something
        self.returncode = None
        self.left_s = LEFT_S
        self._answers = {}
        self._next = 0
        self._ended = False
        self._changed = threading.Condition()
        self._stderr = []
        self._seen = set()
        self.process = subprocess.Popen(
            list(command or [program()]) + list(args),
            env=self._environment(exchange, user, port, env),
            cwd=self.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        self.pid = self.process.pid
        self._threads = [
            threading.Thread(target=self._read_messages, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _environment(self, exchange, user, port, more):
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env["HOME"] = self.home
        env["TOKEN_CACHE_DIR"] = self.cache_dir
        if exchange is not None:
            env.update(JHE_BASE_URL=exchange.base_url,
                       JHE_CLIENT_ID="jhe-universal-mcp",
                       JHE_DB_CONN=exchange.pg.url())
            env.update(exchange.browser_environment(user))
            if port is None:
                port = proc.free_port()
                exchange.allow_port(port)
        if port is not None:
            env["CALLBACK_PORT"] = str(port)
        env.update(more or {})
        return {name: value for name, value in env.items()
                if value is not None}

    # Its output.

    def _read_messages(self):
        for line in self.process.stdout:
            self._take(line)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _take(self, line):
        if line == b"\n":
            self.blank_lines += 1
            return
        try:
            if not line.endswith(b"\n"):
                raise ValueError("no newline at the end")
            message = json.loads(line.decode("utf-8"))
            parts = message if isinstance(message, list) else [message]
            for part in parts:
                if part["jsonrpc"] != "2.0":
                    raise ValueError("jsonrpc is not 2.0")
        except (ValueError, TypeError, KeyError) as error:
            self.violations.append((line[:300], repr(error)))
            return
        with self._changed:
            for part in parts:
                self._sort(part)
            self._changed.notify_all()

    def _sort(self, part):
        if "method" not in part:
            self._answers.setdefault(self._key(part.get("id")),
                                     []).append(part)
        elif "id" in part:
            self.asked.append(part)
        else:
            self.notifications.append(part)

    @staticmethod
    def _key(one):
        return json.dumps(one)

    def _read_stderr(self):
        for line in self.process.stderr:
            self._stderr.append(line)

    @property
    def stderr(self):
        """All it wrote there up to now, as text."""
        return b"".join(self._stderr).decode("utf-8", "replace")

    # Its input.

    def send_raw(self, data):
        """Bytes as they are, without a newline added."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_raw(json.dumps(message).encode() + b"\n")

    def start_request(self, method, params=None, ident=None):
        """Sends a request and gives its id, for answer()."""
        if ident is None:
            self._next += 1
            ident = self._next
        message = {"jsonrpc": "2.0", "id": ident, "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)
        return ident

    def answer(self, ident, timeout=30):
        """The answer (whole message) to an id; ends the wait if none can
        come any more."""
        key = self._key(ident)
        end = time.monotonic() + timeout
        with self._changed:
            while not self._answers.get(key):
                left = end - time.monotonic()
                if self._ended:
                    raise Closed(f"no answer to {ident}; stderr:\n"
                                 + self.stderr)
                if left <= 0:
                    raise TimeoutError(f"no answer to {ident} in {timeout} s;"
                                       f" stderr:\n{self.stderr}")
                self._changed.wait(left)
            return self._answers[key].pop(0)

    def request(self, method, params=None, timeout=30):
        """Sends a request and gives the whole answering message."""
        return self.answer(self.start_request(method, params), timeout)

    def notify(self, method, params=None):
        message = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)

    def initialize(self, version=LATEST, capabilities=None, timeout=30):
        """The handshake; gives the result of initialize."""
        answer = self.request("initialize", {
            "protocolVersion": version, "capabilities": capabilities or {},
            "clientInfo": {"name": "system-test", "version": "1"}}, timeout)
        assert "result" in answer, answer
        self.notify("notifications/initialized")
        return answer["result"]

    def call_tool(self, name, timeout=60, **arguments):
        """The result of tools/call (which may carry isError)."""
        answer = self.request("tools/call", {
            "name": name, "arguments": arguments}, timeout)
        assert "result" in answer, answer
        return answer["result"]

    @staticmethod
    def text(result):
        """The text blocks of a tool's result, joined by newlines."""
        return "\n".join(block["text"] for block in result["content"]
                         if block["type"] == "text")

    def answers(self, ident):
        """The answers to an id that came and that no answer() took."""
        return list(self._answers.get(self._key(ident), []))

    def unclaimed(self):
        """Answers that came and that no answer() took."""
        return [one for answers in self._answers.values() for one in answers]

    # Its files and processes.

    @property
    def cache_path(self):
        return os.path.join(self.cache_dir, "token_cache.json")

    def cache(self):
        """The token cache's JSON, or None without a file."""
        try:
            with open(self.cache_path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def cache_modes(self):
        """Modes of the directory and the file, as octal strings."""
        return tuple(oct(stat.S_IMODE(os.stat(path).st_mode))
                     for path in (self.cache_dir, self.cache_path))

    def children(self):
        """{pid: command line} of the processes below the master."""
        found = {pid: proc.command_of(pid)
                 for pid in proc.descendants(self.pid)}
        self._seen.update(found)
        return found

    def child(self, word, timeout=10):
        """Pid of the newest child whose command line holds a word."""
        found = []

        def look():
            found[:] = [pid for pid, command in self.children().items()
                        if word in command]
            return bool(found)

        assert proc.wait_until(look, timeout), (word, self.children())
        return max(found)

    def _leftovers(self):
        return [pid for pid in set(proc.in_session(self.pid)) | self._seen
                if pid != self.pid and proc.alive(pid)]

    # The end.

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """SIGKILL to the master alone; what it leaves is close()'s matter.

        It is stopped first, so that no child is born unseen."""
        self.signal(signal.SIGSTOP)
        self.children()
        self.signal(signal.SIGKILL)
        self.process.wait()

    def end_input(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def close(self, timeout=10, check=True):
        """Ends it, gives its exit status (negative: a signal)."""
        problems = []
        self.children()
        self.end_input()
        try:
            self.returncode = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            problems.append(f"it did not end in {timeout} s")
            self.kill()
            self.returncode = self.process.returncode
        if not proc.wait_until(lambda: not self._leftovers(), self.left_s):
            left = {pid: proc.command_of(pid) for pid in self._leftovers()}
            problems.append(f"it left processes: {left}")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        for thread in self._threads:
            thread.join(5)
        if self.violations:
            problems.append(f"no messages on stdout: {self.violations}")
        if self.blank_lines and not self.may_be_cut:
            problems.append(f"{self.blank_lines} blank lines on stdout")
        if self.own_home:
            shutil.rmtree(self.home, ignore_errors=True)
        if check:
            assert not problems, "\n".join(problems + [self.stderr])
        return self.returncode

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        # A failing test keeps its own message.
        self.close(check=kind is None)
