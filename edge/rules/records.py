"""What a gate puts on record, and when it happened. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from edge.protocol.messages import (
    Clock,
    Entered,
    EntryHow,
    Exited,
    ExitHow,
    PlateSeen,
    Sha256,
    Uuid,
    VehicleClass,
    Wire,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as a gate knows it.

    wall     the gate's clock, aware UTC: for records only
    mono_ms  monotonic milliseconds of this boot
    boot     UUID of this start of the gate process
    clock    how far `wall` can be believed
    offline  True when the broker was out of reach
    """

    wall: datetime
    mono_ms: int
    boot: str
    clock: Clock = Clock.SYNCED
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened.

    what     its model, one of `edge.protocol.messages.EVENTS`
    session  the stay it is about, None where there is none or the gate does not know it
    """

    what: Wire
    session: str | None = None


class Grant(Wire):
    """Leave to pass, committed before the boom opens, so that no crash loses the vehicle it was given to.

    id       of this grant, a UUID
    session  the stay: a new one at an entry; None at an exit that fits no known stay
    ticket   an entry's bearer token, None at an exit
    request  the exit request it answers, None at an entry or where none was made
    how      a word of EntryHow or ExitHow
    """

    id: Uuid
    lane: Literal["entry", "exit"]
    granted_at: AwareDatetime
    session: Uuid | None = None
    ticket: str | None = None
    plate: PlateSeen | None = None
    vehicle_class: VehicleClass = "car"
    how: str
    image: Sha256 | None = None
    request: Uuid | None = None

    def passed(self) -> Entered | Exited:
        """The fact to record once the vehicle has passed."""
        return self._fact(self.how)

    def assumed(self) -> Entered | Exited:
        """The fact to record after a crash: the boom may have been open, so the vehicle counts as passed."""
        return self._fact("assumed")

    def _fact(self, how: str) -> Entered | Exited:
        if self.lane == "exit":
            return Exited(plate=self.plate, how=ExitHow(how), request=self.request, image=self.image)
        return Entered(
            plate=self.plate,
            vehicle_class=self.vehicle_class,
            ticket=self.ticket,
            how=EntryHow(how),
            image=self.image,
        )
