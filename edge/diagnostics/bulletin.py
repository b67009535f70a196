"""What maintenance hears of a gate live: each fault on its own topic, the minute's health, vehicles as they pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from edge.protocol.faults import CATALOGUE
from edge.protocol.messages import Entered, EntryRefused, Exited, FaultState, GateHealth, VehicleTold, Wire
from edge.protocol.topics import GateTopics

_TOLD: dict[type[Wire], str] = {Entered: "entered", Exited: "exited", EntryRefused: "refused"}


class Bulletin:
    """Called by the controller alone; never waits.

    keep    publishes retained, and again on every connection; an empty payload takes a topic away
    say     publishes once, where the broker can be reached
    boot    this start of the gate
    plates  whether vehicles are told with their plates
    """

    def __init__(
        self,
        topics: GateTopics,
        keep: Callable[[str, bytes], None],
        say: Callable[[str, bytes], None],
        boot: str,
        plates: bool = False,
    ) -> None:
        self._topics, self._keep, self._say, self._boot, self._plates = topics, keep, say, boot, plates
        self._faults: dict[str, FaultState] = {}
        for code, one in CATALOGUE.items():
            if one.lasts:  # an earlier start may have left it on the broker
                keep(topics.fault(code), b"")

    def faults(self, details: Mapping[str, str], wall: datetime) -> None:
        """What is wrong now: a detail for each code. Tells what has changed since the last time.

        A code that the catalogue lacks stands in the gate's state alone: no topic is made of a word nobody checked.
        """
        for code in [code for code in self._faults if code not in details]:
            del self._faults[code]
            self._keep(self._topics.fault(code), b"")
        for code, detail in details.items():
            before, one = self._faults.get(code), CATALOGUE.get(code)
            if one is None or (before is not None and before.detail == detail):
                continue
            self._faults[code] = FaultState(
                code=code,
                severity=one.severity,
                since=before.since if before else wall,
                detail=detail[:500],
                meaning=one.meaning,
                remedy=one.remedy,
                boot=self._boot,
            )
            self._keep(self._topics.fault(code), self._faults[code].encode())

    def health(self, report: GateHealth) -> None:
        self._say(self._topics.health, report.encode())

    def vehicle(self, what: Wire, wall: datetime) -> None:
        """A fact about a vehicle; any other is passed over."""
        told = _TOLD.get(type(what))
        if told is None:
            return
        plate = getattr(what, "plate", None)
        message = VehicleTold(
            event_type=told,
            vehicle_class=getattr(what, "vehicle_class", None),
            how=str(getattr(what, "how", None) or getattr(what, "reason", "")),
            plate=plate.text if plate is not None and self._plates else None,
            wall=wall,
        )
        self._say(self._topics.vehicle, message.encode())
