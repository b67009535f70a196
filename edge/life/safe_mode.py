"""Safe mode: the gate as it starts after it has crashed again and again. Pure.

The boom stands in a fault from the first tick: relays off, the boom left where it is, the display out of order, no
grant and no order moves it. Only maintenance's `reset_fault` ends it, and then the lane works as ever.
"""

from __future__ import annotations

from edge.rules.boom_words import Boom, BoomState

SAFE_MODE = "safe_mode"


def boom_at_start(now: float) -> Boom:
    """A boom at monotonic time `now` that nothing moves before a maintenance reset."""
    return Boom(BoomState.FAULT, since=now, off_since=now, fault=SAFE_MODE)
