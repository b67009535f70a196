"""Waiting for what other threads and processes do: a condition with a deadline, never a pause that may be too short."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_EVERY_S = 0.01


def wait_for(holds: Callable[[], T], what: str = "what was waited for", seconds: float = 20.0) -> T:
    """What it returned when it held; AssertionError says what never came."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain: {what}"
        time.sleep(LOOK_EVERY_S)
    return found
