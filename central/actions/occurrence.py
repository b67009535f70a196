"""When and where something at a gate happened, as far as its clock can be believed."""

from __future__ import annotations

from dataclasses import dataclass
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
    at           when it happened, aware UTC
    received_at  when we heard, aware UTC
    doubt        why `at` may be wrong, "" where it is not doubted
    """

    gate: Gate
    event: Event
    at: datetime
    received_at: datetime
    doubt: str = ""

    @classmethod
    def of(cls, event: Event, gate: Gate, received_at: datetime) -> Occurrence:
        """Takes the gate's clock, but for an instant that has not come yet, or a clock known to be wrong."""
        if event.wall > received_at + TOLERATED_AHEAD:
            return cls(gate, event, received_at, received_at, "the gate's clock is ahead")
        if event.clock is Clock.UNTRUSTED and not event.offline:
            # it was sent as it happened, so the moment it came is the better one
            return cls(gate, event, received_at, received_at)
        doubt = "the gate's clock was not set" if event.clock is Clock.UNTRUSTED else ""
        return cls(gate, event, event.wall, received_at, doubt)

    @property
    def by(self) -> str:
        return f"{self.gate.site_id}/{self.gate.id}"
