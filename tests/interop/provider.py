# SPDX-License-Identifier: MIT
"""The second provider, tests/exchange/oidc-provider.mjs, in place of the
exchange: the database is the exchange's.

    provider = Provider(exchange)
    provider.set(access_ttl=4)      knobs, see the head of that file
    provider.log()                  what was asked of it, and how it went
    provider.stop()

To the harness' Server it is an Exchange.
"""

import json
import os
import subprocess
import tempfile

import npm
from harness.exchange import Exchange


class Provider(Exchange):
    def __init__(self, exchange):
        self.pg = exchange.pg
        self.work = tempfile.TemporaryDirectory(prefix="jhe-provider.")
        self.knobs = os.path.join(self.work.name, "knobs.json")
        self.log_path = os.path.join(self.work.name, "log")
        users = os.path.join(self.work.name, "users.json")
        with open(users, "w", encoding="utf-8") as file:
            json.dump([dict(zip(("id", "email", "is_active", "user_type"),
                                row)) for row in self.pg.query(
                "SELECT id, email, is_active, user_type FROM core_jheuser"
                " ORDER BY id")], file)
        errors = os.path.join(self.work.name, "errors")
        with open(errors, "w", encoding="utf-8") as file:
            process = subprocess.Popen(
                [npm.node(), npm.script("oidc-provider.mjs"), users],
                env=dict(os.environ, PROVIDER_LOG=self.log_path,
                         PROVIDER_KNOBS=self.knobs),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
                text=True)
        words = process.stdout.readline().split()
        if len(words) != 2:
            with open(errors, encoding="utf-8") as file:
                raise RuntimeError(file.read())
        super().__init__(dict(exchange.facts, JHE_BASE_URL=words[1]),
                         process)

    def stop(self):
        super().stop()
        self.work.cleanup()

    def allow_port(self, port):
        """Any port of localhost is registered: RFC 8252, section 7.3."""

    def set(self, **values):
        with open(self.knobs + ".tmp", "w", encoding="utf-8") as file:
            json.dump(values, file)
        os.rename(self.knobs + ".tmp", self.knobs)

    def reset(self):
        """No knobs, an empty log."""
        for path in (self.knobs, self.log_path):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass

    def log(self, begin=""):
        try:
            with open(self.log_path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        return [line for line in lines if line.startswith(begin)]
