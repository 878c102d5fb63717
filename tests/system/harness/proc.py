# SPDX-License-Identifier: MIT
"""Ports and processes."""

import os
import socket
import time


def free_port():
    """A TCP port of loopback that both address families have free."""
    for _ in range(50):
        with socket.socket() as four:
            four.bind(("127.0.0.1", 0))
            port = four.getsockname()[1]
            try:
                with socket.socket(socket.AF_INET6) as six:
                    six.bind(("::1", port))
            except OSError as error:
                if error.errno == 98:       # EADDRINUSE
                    continue
            return port
    raise RuntimeError("no free port")


def wait_until(condition, timeout=10, every=0.02):
    """True as soon as condition() is, False when the time is over."""
    end = time.monotonic() + timeout
    while True:
        if condition():
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(every)


def stat_fields(pid):
    """(state, ppid, session) of a process, or None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    fields = text[text.rindex(")") + 2:].split()
    return fields[0], int(fields[1]), int(fields[3])


def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def alive(pid):
    fields = stat_fields(pid)
    return fields is not None and fields[0] not in "ZX"


def descendants(pid):
    """Pids of the living children of a process, and of their children."""
    parents = {}
    for one in pids():
        fields = stat_fields(one)
        if fields and fields[0] not in "ZX":
            parents.setdefault(fields[1], []).append(one)
    found, queue = [], [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


def in_session(session):
    """Pids of the living processes of a session."""
    found = []
    for one in pids():
        fields = stat_fields(one)
        if fields and fields[2] == session and fields[0] not in "ZX":
            found.append(one)
    return found


def command_of(pid):
    """argv of a process as one string, '' if it is gone."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(
                "utf-8", "replace").strip()
    except OSError:
        return ""
