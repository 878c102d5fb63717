#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small MCP client: one tool called in one session on stdio.

    ask.py [--timeout SECONDS] TOOL JSON-ARGUMENTS COMMAND [ARGUMENT...]

    ask.py get_study_count '{}' jhe-mcp stdio

Prints the text of the result.  Exit status: 0 the answer came, 1 usage, 2 the
tool answered with an error, 3 the session failed or took too long.  What the
server writes to standard error passes through.
"""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import time

REVISION = "2025-11-25"


class Failure(Exception):
    pass


class Session:
    def __init__(self, command, timeout):
        self.deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.rest = b""
        self.ident = 0
        try:
            # A session of its own: Ctrl-C is for us, we end the server.
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                bufsize=0, start_new_session=True)
        except OSError as error:
            raise Failure(f"{command[0]}: {error.strerror}") from error

    def send(self, message):
        try:
            self.process.stdin.write(
                json.dumps(dict(message, jsonrpc="2.0")).encode() + b"\n")
        except OSError as error:
            raise Failure("the server does not listen any more") from error

    def receive(self):
        """The next message of the server."""
        while b"\n" not in self.rest:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [],
                                              left)[0]:
                raise Failure(f"no answer in {self.timeout:g} s")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise Failure("the server ended without an answer")
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        try:
            return json.loads(line)
        except ValueError as error:
            raise Failure(f"not a message: {line[:200]!r}") from error

    def request(self, method, params):
        self.ident += 1
        self.send({"id": self.ident, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") != self.ident or "method" in message:
                continue
            if "error" in message:
                raise Failure(f"{method}: {message['error'].get('message')}")
            return message["result"]

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            # Its children follow their master.
            self.process.kill()
            self.process.wait()


def ask(args):
    session = Session(args.command, args.timeout)
    try:
        session.request("initialize", {
            "protocolVersion": REVISION, "capabilities": {},
            "clientInfo": {"name": "ask.py", "version": "1"}})
        session.send({"method": "notifications/initialized"})
        return session.request("tools/call", {
            "name": args.tool, "arguments": args.arguments})
    finally:
        session.close()


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(prog="ask.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("tool")
    parser.add_argument("arguments", type=json.loads)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    parser.error = lambda message: parser.exit(1, f"ask.py: {message}\n")
    args = parser.parse_args()
    if not args.command:
        parser.error("no command")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        result = ask(args)
    except Failure as failure:
        print(f"ask.py: {failure}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 3
    print("\n".join(block["text"] for block in result["content"]
                    if block["type"] == "text"))
    return 2 if result.get("isError") else 0


if __name__ == "__main__":
    sys.exit(main())
