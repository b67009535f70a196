"""The machine's time as the kernel tells it: wall, monotonic, uptime, and what keeps the wall clock right."""

from __future__ import annotations

import ctypes
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_TIME_ERROR = 5  # adjtimex(2): "the system clock is not synchronized to a reliable server"
_CLOCKS = Path("/sys/class/rtc")
_AGREES_S = 3600.0


class MachineTime:
    """This machine's clocks.

    battery  the wall clock ran on while the machine was off
    """

    def __init__(self, clocks: Path = _CLOCKS, machine: str = os.uname().machine) -> None:
        # a PC has its battery clock, a virtual machine its host's; other boards only what the kernel shows
        self.battery = machine in ("x86_64", "i686") or battery_clock_agrees(clocks, time.time())
        self._adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)

    def wall(self) -> datetime:
        """Now, aware UTC."""
        return datetime.now(UTC)

    def mono(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()

    def uptime(self) -> timedelta:
        """Since the machine was started, sleep included."""
        return timedelta(seconds=time.clock_gettime(time.CLOCK_BOOTTIME))

    def synced(self) -> bool:
        """Whether the kernel says that a time server keeps the wall clock; False where it can't be asked."""
        if self._adjtimex is None:
            return False
        return self._adjtimex(ctypes.create_string_buffer(512)) not in (-1, _TIME_ERROR)


def battery_clock_agrees(clocks: Path, wall_s: float) -> bool:
    """Whether a battery clock tells about the same as the wall clock.

    A Pi 5 has the clock but not always its battery: without one it starts in 1970 with every power cut.
    """
    for told in sorted(clocks.glob("rtc*/since_epoch")):
        try:
            seconds = int(told.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if abs(seconds - wall_s) < _AGREES_S:
            return True
    return False
