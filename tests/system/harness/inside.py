# SPDX-License-Identifier: MIT
"""What the kernel says of a process: descriptors, status, memory (root)."""

import os
import re

KINDS = {1: "stream", 2: "datagram", 5: "seqpacket"}


def descriptors(pid):
    """{number: what it is}; pipes and sockets with their inode."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            pass
    return found


def socket_kind(link):
    """"unix seqpacket", "unix stream PATH", "tcp": of a descriptor's link."""
    inode = re.fullmatch(r"socket:\[(\d+)\]", link).group(1)
    with open("/proc/net/unix", encoding="ascii") as file:
        for line in file.read().splitlines()[1:]:
            words = line.split()
            if words[6] == inode:
                return " ".join(["unix", KINDS[int(words[4])], *words[7:]])
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            for line in file.read().splitlines()[1:]:
                if line.split()[9] == inode:
                    return "tcp"
    return "unknown"


def kinds(pid):
    """{number: kind}, short: /dev/null, pipe, unix seqpacket, tcp, ..."""
    return {number: socket_kind(link) if link.startswith("socket:")
            else link.split(":")[0]
            for number, link in descriptors(pid).items()}


def status(pid):
    """{name: value} of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return {name: value.strip() for name, _, value in (
            line.partition(":") for line in file)}


def limits(pid):
    """{name: (soft, hard)} of /proc/PID/limits."""
    found = {}
    with open(f"/proc/{pid}/limits", encoding="ascii") as file:
        for line in file.read().splitlines()[1:]:
            words = re.split(r"  +", line.strip())
            found[words[0]] = tuple(words[1:3])
    return found


def read(pid, name):
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()


def memory(pid):
    """All that a process has in memory, as one bytes per mapping."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        lines = file.read().splitlines()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:
        for line in lines:
            words = line.split()
            if "r" not in words[1] or words[-1] in ("[vvar]", "[vsyscall]"):
                continue
            start, end = (int(one, 16) for one in words[0].split("-"))
            try:
                file.seek(start)
                yield file.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue


def holds(pid, secrets):
    """Which of {name: text} are anywhere in a process's memory."""
    wanted = {name: text.encode() for name, text in secrets.items()}
    found = set()
    for data in memory(pid):
        found |= {name for name, text in wanted.items() if text in data}
    return found
