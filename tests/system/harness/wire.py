# SPDX-License-Identifier: MIT
"""`jhe-mcp stdio` byte for byte, with whatever descriptors a test gives it.

    told = talk(request("ping", ident=1))       one whole conversation
    told.messages, told.lines, told.returncode

Neither a database nor an exchange is there, unless the environment names one.
"""

import collections
import json
import os
import re
import subprocess
import tempfile

from . import proc, server

# Ports that nobody listens on: a connection is refused at once.
UNREACHABLE = {
    "JHE_BASE_URL": "http://127.0.0.1:9",
    "JHE_CLIENT_ID": "jhe-universal-mcp",
    "JHE_DB_CONN": "postgresql://nobody@127.0.0.1:9/none",
}

Told = collections.namedtuple("Told", "returncode lines messages stderr")


def short(value):
    """Names of parametrized tests: printable, not long."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return re.sub(r"[^ -~]|[\[\]]", "?", text)[:40]


def request(method, params=None, ident=1):
    """A request as a line of bytes; ident as it is to be in JSON."""
    message = {"jsonrpc": "2.0", "id": ident, "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode() + b"\n"


def notification(method, params=None):
    message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode() + b"\n"


def initialize(version=server.LATEST, ident=0):
    return request("initialize", {
        "protocolVersion": version, "capabilities": {},
        "clientInfo": {"name": "system-test", "version": "1"}}, ident)


def call(tool, ident, **arguments):
    return request("tools/call", {"name": tool, "arguments": arguments},
                   ident)


def environment(home, **more):
    """Nothing of the caller's but what every program needs."""
    env = {name: os.environ[name] for name in server.KEPT
           if name in os.environ}
    env.update(UNREACHABLE, HOME=home,
               TOKEN_CACHE_DIR=os.path.join(home, ".jhe_mcp"),
               CALLBACK_PORT=str(proc.free_port()), BROWSER_NEVER="1",
               BROWSER=os.path.join(server.TOP, "tests", "exchange",
                                    "browser.sh"))
    env.update(more)
    return {name: value for name, value in env.items() if value is not None}


def messages_of(data):
    """Its messages; AssertionError if it is not whole lines of them."""
    assert data == b"" or data.endswith(b"\n"), data[-200:]
    found = []
    for line in data.split(b"\n")[:-1]:
        message = json.loads(line.decode("utf-8"))
        if isinstance(message, list):       # a batch
            found += messages_of(b"".join(
                json.dumps(one).encode() + b"\n" for one in message))
            continue
        assert message["jsonrpc"] == "2.0", line[:200]
        assert ("method" in message) + ("result" in message) + (
            "error" in message) == 1, line[:200]
        found.append(message)
    return found


def run(arguments, data=b"", timeout=30, home=None, env=None, **options):
    """The program with these arguments: CompletedProcess, bytes."""
    with tempfile.TemporaryDirectory(prefix="jhe-test.") as made:
        return subprocess.run(
            [server.program(), *arguments], input=data, timeout=timeout,
            env=environment(home or made, **(env or {})), cwd=home or made,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            **options)


def talk(data, options=(), timeout=30, **more):
    """All of data, then the end of input; Told."""
    done = run(["stdio", *options], data, timeout, env=more)
    return Told(done.returncode, done.stdout.split(b"\n")[:-1],
                messages_of(done.stdout),
                done.stderr.decode("utf-8", "replace"))


def by_id(messages):
    """{id in JSON: [messages]}; the key of messages without one is None."""
    found = {}
    for message in messages:
        key = json.dumps(message["id"]) if "id" in message else None
        found.setdefault(key, []).append(message)
    return found


def sign_in_url(stderr):
    """The last address for signing in that was printed, or None."""
    found = re.findall(r"^https?://\S+$", stderr, re.M)
    return found[-1] if found else None


class Pipes:
    """The program on pipes, or on descriptors of the caller's; nothing is
    read before the test reads it.  Use it in a `with`."""

    def __init__(self, options=(), stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE, env=None):
        self.home = tempfile.TemporaryDirectory(prefix="jhe-test.")
        self.process = subprocess.Popen(
            [server.program(), "stdio", *options], stdin=stdin,
            stdout=stdout, stderr=subprocess.PIPE, cwd=self.home.name,
            env=environment(self.home.name, **(env or {})),
            start_new_session=True)
        self.pid = self.process.pid
        self.seen = set()       # its children, of sessions of their own

    def children(self):
        found = proc.descendants(self.pid)
        self.seen.update(found)
        return found

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def line(self):
        """The next message."""
        found = messages_of(self.process.stdout.readline())
        assert found, "its output ended"
        return found[0]

    def ends(self, timeout=10):
        """Its exit status; AssertionError if it or a child stays."""
        self.children()
        status = self.process.wait(timeout)
        assert proc.wait_until(lambda: not any(map(proc.alive, self.seen)),
                               5), list(map(proc.command_of, self.seen))
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in [self.pid, *self.children()]:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout,
                     self.process.stderr):
            if file:
                try:
                    file.close()
                except OSError:
                    pass
        self.home.cleanup()
