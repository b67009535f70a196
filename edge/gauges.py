"""What a gate tells of itself, gathered by the controller: its state for central and its figures for staff."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from edge import diagnostics
from edge.diagnostics import Readings
from edge.protocol.messages import GateNotice, GateState
from edge.rules.boom_words import Boom, BoomState
from edge.rules.display import Display
from edge.rules.lane.state import Lane
from edge.rules.room import Room
from edge.rules.signals import Drive, Inputs, Outputs
from edge.scribe import Depths

TRIP_AGAIN_S = 10.0


@dataclass(slots=True)
class Gauges:
    """Numbers and words since the start. Times are monotonic seconds unless named otherwise.

    started       when the gate started
    depths        what waits, and how full the disk is
    readings      how reading goes
    vision        codes of what is wrong with vision, {} when it is well
    latest_ms     how late the latest tick of all came
    decision_to_relay_ms  from the last grant's decision to the motor's drive
    """

    started: float
    depths: Depths = field(default_factory=lambda: Depths(0, 0, Room.AMPLE, 0))
    readings: Readings = field(default_factory=Readings)
    vision: set[str] = field(default_factory=set)
    latest_ms: float = 0.0
    decision_to_relay_ms: float = 0.0
    _decided_at: float | None = None
    _trips: dict[str, float] = field(default_factory=dict)
    _shown: tuple | None = None

    def decided(self, now: float) -> None:
        """A grant was decided."""
        self._decided_at = now

    def driven(self, outputs: Outputs, now: float) -> None:
        """These outputs went out."""
        if self._decided_at is not None and outputs.drive is Drive.OPEN:
            self.decision_to_relay_ms = round((now - self._decided_at) * 1000, 1)
            self._decided_at = None

    def trip_notices(self, tripped: str | None, now: float) -> list[GateNotice]:
        """The interlock's trip as a notice, unless the same one was told a moment ago."""
        if tripped is None or now - self._trips.get(tripped, float("-inf")) < TRIP_AGAIN_S:
            return []
        self._trips[tripped] = now
        return [GateNotice(code=f"interlock_{tripped}", detail="the interlock took the drive away")]

    def state(
        self,
        lane: Lane,
        boom: Boom,
        inputs: Inputs,
        shown: Display,
        *,
        tripped: str | None,
        unwritten: int,
        wall: datetime,
    ) -> GateState | None:
        """The gate's state for central; None when nothing in it has changed since the last one."""
        visit = lane.visit or lane.crossing
        codes = [*self.vision]
        if self.depths.room is Room.FULL:
            codes.append("disk_full")
        if unwritten:
            codes.append("journal_full")
        faults = diagnostics.faults(inputs, boom.fault, tripped, codes)
        who = (visit.id, visit.plate, visit.image) if visit else (None, None, None)
        message = f"{shown.screen}: {shown.reason}" if shown.reason else str(shown.screen)
        key = (boom.state, mode(lane, boom, inputs), inputs, faults, self.depths.outbox, who, message)
        if key == self._shown:
            return None
        self._shown = key
        return GateState(
            boom=boom.state.value,
            mode=key[1],
            inputs=asdict(inputs),
            faults=faults,
            outbox=self.depths.outbox,
            visit=who[0],
            plate=who[1],
            image=who[2],
            message=message,
            wall=wall,
        )

    def figures(self, now: float, unwritten: int) -> dict[str, float | int]:
        """Plain numbers for staff."""
        return {
            "uptime_s": round(now - self.started, 1),
            "images_waiting_bytes": self.depths.images,
            "disk_free_bytes": self.depths.free_bytes,
            "unwritten": unwritten,
            "reads": self.readings.reads,
            "read_ms": self.readings.read_ms,
            "decision_to_relay_ms": self.decision_to_relay_ms,
            "latest_tick_ms": round(self.latest_ms, 1),
        }


def mode(lane: Lane, boom: Boom, inputs: Inputs) -> str:
    """How the lane works now, in a word."""
    if inputs.fire:
        return "fire"
    if boom.state in (BoomState.FAULT, BoomState.STOPPED, BoomState.BOOT):
        return boom.state.value
    return "held" if lane.held else "normal"
