"""When and where something at a gate happened, as far as its clock can be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from central.store.schema import Gate
from edge.protocol.messages import Clock, Event

# clocks that are kept by NTP differ by less; a later instant than this is a wrong clock
TOLERATED_AHEAD = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where an event comes from.

    gate         the gate
    event        its envelope
    at           when it happened, aware UTC; the latest it can have been where that is not known
    received_at  when we heard, aware UTC
    doubt        why `at` may be wrong, "" where it is not doubted
    earliest     the earliest it can have been, where nothing but a clock known to be wrong tells; else None
    """

    gate: Gate
    event: Event
    at: datetime
    received_at: datetime
    doubt: str = ""
    earliest: datetime | None = None

    @classmethod
    def of(cls, event: Event, gate: Gate, received_at: datetime, reckoned: datetime | None = None) -> Occurrence:
        """Takes the gate's clock, but for an instant that has not come yet, or a clock known to be wrong.

        reckoned  the instant as `gate_clock.by_its_start` has it, of a gate whose clock was not set
        """
        if event.clock is not Clock.UNTRUSTED:
            if event.wall > received_at + TOLERATED_AHEAD:
                return cls(gate, event, received_at, received_at, "the gate's clock is ahead")
            return cls(gate, event, event.wall, received_at)
        doubt = "the gate's clock was not set"
        if reckoned is not None:
            return cls(gate, event, reckoned, received_at, doubt)
        return cls(gate, event, received_at, received_at, doubt, earliest=min(event.wall, received_at))

    def not_after(self, seen: datetime | None) -> Occurrence:
        """As late as it can have been, but no later than `seen`: of an entry, what costs its driver the least."""
        if self.earliest is None or seen is None or seen >= self.at:
            return self
        return replace(self, at=seen)

    def as_early_as(self, entered_at: datetime | None) -> Occurrence:
        """As early as it can have been after an entry: of an exit, what costs its driver the least."""
        if self.earliest is None or entered_at is None or entered_at >= self.at:
            return self
        return replace(self, at=max(self.earliest, entered_at))

    @property
    def by(self) -> str:
        return f"{self.gate.site_id}/{self.gate.id}"
