"""How far a wall clock can be believed, and what its being set tells of the records made before. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from edge.protocol.messages import Clock, Event

HOLDOVER_LASTS = timedelta(hours=72)  # a Pi's crystal strays by some 4 s a day
# clocks kept by NTP are put back by less; more is another clock than the one that recorded
STEP = timedelta(seconds=2)
# a Pi without a battery clock starts in the past: nothing this program records happened before it was written
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The latest instants on record, None for none.

    synced   told by a clock that was kept by a time server
    trusted  told by a clock that was believed, synced or in holdover
    """

    synced: datetime | None = None
    trusted: datetime | None = None

    def grown(self, wall: datetime, clock: Clock) -> Recorded:
        """With what a clock labelled so tells now."""
        if clock is Clock.UNTRUSTED:
            return self
        trusted = max(wall, self.trusted or wall)
        return replace(self, synced=max(wall, self.synced or wall) if clock is Clock.SYNCED else self.synced,
                       trusted=trusted)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a clock at one moment.

    wall      what it says, aware UTC
    synced    the kernel says that a time server keeps it
    battery   it ran on while the machine was off: a battery clock of its own, or the host's of a virtual machine
    uptime    since the machine was started
    recorded  the latest instants on record
    """

    wall: datetime
    synced: bool
    battery: bool
    uptime: timedelta
    recorded: Recorded = Recorded()


def judge(seen: Evidence, lasts: timedelta = HOLDOVER_LASTS) -> Clock:
    """The label of a clock.

    A clock behind what is on record is not believed: not even a synced one behind what was recorded as synced, for
    one of the two time servers was wrong.
    """
    if seen.wall < EARLIEST:
        return Clock.UNTRUSTED
    if seen.synced:
        return Clock.UNTRUSTED if _behind(seen.wall, seen.recorded.synced) else Clock.SYNCED
    if _behind(seen.wall, seen.recorded.trusted):
        return Clock.UNTRUSTED
    synced = seen.recorded.synced
    started = seen.wall - seen.uptime
    if not seen.battery and (synced is None or synced < started):
        return Clock.UNTRUSTED  # it has not been set since the power came
    age = seen.wall - (synced or started)
    return Clock.HOLDOVER if age < lasts else Clock.UNTRUSTED


@dataclass(frozen=True, slots=True)
class ClockSet:
    """From this moment the clock of a start is believed, so that earlier moments of it can be counted from it.

    moved  by how much the clock was put forward, negative for back
    """

    boot: str
    mono_ms: int
    wall: datetime
    moved: timedelta

    def at(self, mono_ms: int) -> datetime:
        """When that monotonic moment of the same start was."""
        return self.wall - timedelta(milliseconds=self.mono_ms - mono_ms)

    def __str__(self) -> str:
        way = "back" if self.moved < timedelta() else "forward"
        moved_s = abs(self.moved).total_seconds()
        return f"mono_ms {self.mono_ms} is {self.wall.isoformat()}; the clock was put {way} by {moved_s:.1f} s"


def back_dated(event: Event, told: ClockSet) -> Event:
    """The event with its right time, if it was recorded by the unset clock of that start; else as it is."""
    if event.boot != told.boot or event.clock is not Clock.UNTRUSTED or event.mono_ms > told.mono_ms:
        return event
    # counted on by the machine's crystal, which is what holdover means
    return event.model_copy(update={"wall": told.at(event.mono_ms), "clock": Clock.HOLDOVER})


def _behind(wall: datetime, recorded: datetime | None) -> bool:
    return recorded is not None and wall < recorded - STEP
