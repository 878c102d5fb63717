# SPDX-License-Identifier: MIT
"""What `jhe-mcp doctor --json` found."""

import re

from .built import sandboxed

OK, FAILURES = 0, 2
ORDER = ["configuration", "exchange", "keys", "client", "redirect", "clock",
         "database", "server", "pooler", "role", "generation", "index",
         "sandbox", "files", "port", "browser", "sign-in"]
SELDOM = ["redirect"]       # where the exchange says it before a sign-in


class Report:
    def __init__(self, done):
        self.done = done
        self.all = done.json["checks"]
        told = [one["check"] for one in self.all]
        assert told == sorted(told, key=ORDER.index), told
        counts = {status: sum(one["status"] == status for one in self.all)
                  for status in ("pass", "warn", "fail")}
        assert counts == {name: done.json[name] for name in counts}
        # A build for sanitizers is told by doctor, and still of use here.
        failed = [one for one in self.all if one["status"] == "fail" and not (
            one["check"] == "sandbox" and not sandboxed())]
        assert done.code == (FAILURES if done.json["fail"] else OK), done
        assert all(one["cure"] for one in failed), failed
        self.failed = [one["check"] for one in failed]

    def of(self, check, status=None):
        return [one for one in self.all if one["check"] == check and
                status in (None, one["status"])]

    def one(self, check, status):
        found = self.of(check, status)
        assert len(found) == 1, self.all
        return found[0]


def run(shell, *options, **more):
    """Options as -o takes them; words that begin with -- as they are."""
    words = [word for option in options for word in
             (["-o", option] if not option.startswith("--") else
              [option])]
    return Report(shell.run("doctor", "--json", *words, **more))


def only(report, check, evidence, cure):
    """Nothing else failed; what was seen, and what helps."""
    assert report.failed == [check], report.all
    one = report.one(check, "fail")
    assert re.search(evidence, one["evidence"]), one
    assert re.search(cure, one["cure"]), one
