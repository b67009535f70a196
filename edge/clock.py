"""The gate's clocks: monotonic for control, the wall for records, and how far the wall can be believed."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime

from edge.protocol.messages import Clock
from edge.rules.records import Moment

_TIME_ERROR = 5  # adjtimex(2): "the system clock is not synchronized to a reliable server"
_CHECK_S = 10.0
# a Pi without a battery clock starts in the past: nothing this program records happened before it was written
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


class GateClock:
    """Moments of one start of the gate process.

    boot     UUID of this start
    offline  asked at every moment: is the broker out of reach?
    """

    def __init__(self, boot: str, offline: Callable[[], bool] = lambda: False) -> None:
        self.boot = boot
        self._offline = offline
        self._started = time.monotonic()
        self._trust = Clock.HOLDOVER
        self._check_at = 0.0

    def wall(self) -> datetime:
        """Now, aware UTC."""
        return datetime.now(UTC)

    def label(self) -> Clock:
        """How far the wall can be believed now; the kernel is asked every few seconds."""
        now = time.monotonic()
        if now >= self._check_at:
            self._trust, self._check_at = trust(self.wall()), now + _CHECK_S
        return self._trust

    def moment(self) -> Moment:
        """Now, as a record wants it."""
        mono_ms = int((time.monotonic() - self._started) * 1000)
        return Moment(self.wall(), mono_ms, self.boot, self.label(), self._offline())


def trust(wall: datetime) -> Clock:
    """How far the kernel believes its own clock."""
    if wall < _EARLIEST:
        return Clock.UNTRUSTED
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return Clock.HOLDOVER  # not Linux: nothing to ask
    return Clock.HOLDOVER if state in (-1, _TIME_ERROR) else Clock.SYNCED
