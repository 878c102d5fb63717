# SPDX-License-Identifier: MIT
"""What kind of build is under test."""

import functools

import pytest

from . import wire


@functools.lru_cache(None)
def sandboxed():
    """False for a build with --disable-sandbox (and perhaps sanitizers)."""
    return "THE SANDBOX IS OFF" not in wire.talk(wire.initialize()).stderr


def need_sandbox():
    """Skips a test of what only a real build has."""
    if not sandboxed():
        pytest.skip("built without the sandbox")
