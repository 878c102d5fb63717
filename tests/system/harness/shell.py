# SPDX-License-Identifier: MIT
"""jhe-mcp as people and scripts start it: commands that end by themselves.

    done = shell.run("whoami", "--json")        pipes, like a script
    done = shell.terminal("whoami")             stderr and stdout a terminal
    done.code, done.out, done.err, done.json

A Shell keeps its home between commands; user may be changed at any time.
"""

import json
import os
import pty
import select
import signal
import subprocess
import time

from . import proc, server

WAIT_S = 60


def without_notice(err):
    """What was written to standard error, less what every process of a build
    for sanitizers says at its start; those must have found nothing."""
    text = "".join(line for line in
                   err.decode("utf-8", "replace").splitlines(True)
                   if "THE SANDBOX IS OFF" not in line)
    assert "Sanitizer" not in text and "runtime error:" not in text, text
    return text


class Done:
    def __init__(self, code, out, err):
        self.code = code
        self.out = out.decode("utf-8")
        self.err = without_notice(err)

    @property
    def json(self):
        """Standard output, which must be one JSON text in one line."""
        assert self.out.endswith("\n") and self.out.count("\n") == 1, self
        return json.loads(self.out)

    @property
    def error(self):
        """The error of --json: the last line of standard error."""
        return json.loads(self.err.splitlines()[-1])["error"]

    def __repr__(self):
        return (f"status {self.code}\n--- stdout\n{self.out}\n--- stderr\n"
                f"{self.err}")


class Shell:
    def __init__(self, exchange, home, user, port):
        self.exchange = exchange
        self.home = str(home)
        self.user = user
        self.port = port
        self.env = {}
        self.cache_dir = os.path.join(self.home, ".jhe_mcp")
        self.cache_path = os.path.join(self.cache_dir, "token_cache.json")

    def environment(self, more=None):
        env = {name: os.environ[name] for name in server.KEPT
               if name in os.environ}
        env.update(HOME=self.home, TOKEN_CACHE_DIR=self.cache_dir,
                   CALLBACK_PORT=str(self.port),
                   JHE_BASE_URL=self.exchange.base_url,
                   JHE_CLIENT_ID="jhe-universal-mcp",
                   JHE_DB_CONN=self.exchange.pg.url(), TERM="xterm")
        env.update(self.exchange.browser_environment(self.user))
        env.update(self.env)
        env.update(more or {})
        return {name: value for name, value in env.items()
                if value is not None}

    def start(self, *arguments, env=None, **streams):
        return subprocess.Popen([server.program(), *arguments],
                                env=self.environment(env), cwd=self.home,
                                start_new_session=True, **streams)

    def run(self, *arguments, data=b"", env=None, timeout=WAIT_S):
        process = self.start(*arguments, env=env, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(data, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return Done(process.returncode, out, err)

    def terminal(self, *arguments, data=b"", env=None, tty=("out", "err")):
        """The named streams are terminals; "in" has nobody who types."""
        process, outs = self._start_with_terminals(arguments, env, tty, data)
        texts = {name: b"" for name in outs}
        end = time.monotonic() + WAIT_S
        while outs:
            assert time.monotonic() < end, (arguments, texts)
            for name in list(outs):
                if not select.select([outs[name]], [], [], 0.05)[0]:
                    continue
                piece = self._read(outs[name])
                texts[name] += piece
                if not piece:
                    os.close(outs.pop(name))
        process.wait(WAIT_S)
        return Done(process.returncode,
                    texts["out"].replace(b"\r\n", b"\n"),
                    texts["err"].replace(b"\r\n", b"\n"))

    def _start_with_terminals(self, arguments, env, tty, data):
        reads, writes, kept = {}, {}, []
        for name in ("out", "err"):
            reads[name], writes[name] = (
                pty.openpty() if name in tty else os.pipe())
        if "in" in tty:
            master, stdin = pty.openpty()
            kept.append(master)
        else:
            stdin, feed = os.pipe()
            os.write(feed, data)
            os.close(feed)
        process = self.start(*arguments, env=env, stdin=stdin,
                             stdout=writes["out"], stderr=writes["err"])
        for fd in (stdin, *writes.values()):
            os.close(fd)
        self._kept = kept
        return process, reads

    @staticmethod
    def _read(fd):
        try:
            return os.read(fd, 65536)
        except OSError:         # a terminal whose other end is closed
            return b""

    def interrupt(self, *arguments, after, number=signal.SIGINT):
        """A signal once condition after(stderr) holds; Done, and what is
        left of its children."""
        process = self.start(*arguments, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(process.stderr.fileno(), False)
        err = b""

        def seen():
            nonlocal err
            err += process.stderr.read() or b""
            return after(err.decode())

        assert proc.wait_until(seen, 20), err
        children = proc.descendants(process.pid)
        os.kill(process.pid, number)
        out = process.stdout.read()
        process.wait(20)
        proc.wait_until(lambda: not any(map(proc.alive, children)), 5)
        return (Done(process.returncode, out, err),
                [pid for pid in children if proc.alive(pid)])

    def cache(self):
        with open(self.cache_path, encoding="utf-8") as file:
            return json.load(file)

    def change_cache(self, **members):
        cache = self.cache()
        cache.update(members)
        with open(self.cache_path, "w", encoding="utf-8") as file:
            json.dump(cache, file)
        os.chmod(self.cache_path, 0o600)

    def signed_in(self):
        """Signs its user in, as a step of a test; self."""
        done = self.run("login", "--json")
        assert done.code == 0, done
        return self
