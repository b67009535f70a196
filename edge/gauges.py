"""What a gate tells of itself, gathered by the controller: its state for central and its figures for staff."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from edge.diagnostics import wires
from edge.diagnostics.readings import Readings
from edge.diagnostics.surroundings import Surroundings
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
    vision        codes of what is wrong with vision and a detail of each, {} when it is well
    around        the latest look at machine and line, None before the first; troubles: what is wrong with it
    boot          this start of the gate
    latest_ms     how late the latest tick of all came
    decision_to_relay_ms  from the last grant's decision to the motor's drive
    """

    started: float
    depths: Depths = field(default_factory=lambda: Depths(0, 0, Room.AMPLE, 0))
    readings: Readings = field(default_factory=Readings)
    vision: dict[str, str] = field(default_factory=dict)
    around: Surroundings | None = None
    troubles: dict[str, str] = field(default_factory=dict)
    boot: str | None = None
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

    def looked_around(self, around: Surroundings) -> list[GateNotice]:
        """There was a look at machine and line: what has begun and what is over, as notices."""
        before, self.around = self.troubles, around
        self.troubles = around.faults(before)
        begun = [GateNotice(code=code, detail=detail) for code, detail in self.troubles.items() if code not in before]
        return begun + [GateNotice(code="fault_over", detail=code) for code in before if code not in self.troubles]

    def details(self, faults: tuple[str, ...]) -> dict[str, str]:
        """What is known of each of these faults, for a person; "" for what its meaning says already."""
        known = self.vision | self.troubles
        return {code: known.get(code, "") for code in faults}

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
        codes = [*self.vision, *self.troubles]
        if self.depths.room is not Room.AMPLE:
            codes.append("disk_full" if self.depths.room is Room.FULL else "disk_low")
        if unwritten:
            codes.append("journal_full")
        faults = wires.faults(inputs, boom.fault, tripped, codes)
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
            boot=self.boot,
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
            "oldest_s": self.around.oldest_s if self.around else 0.0,
        }


def mode(lane: Lane, boom: Boom, inputs: Inputs) -> str:
    """How the lane works now, in a word."""
    if inputs.fire:
        return "fire"
    if boom.state in (BoomState.FAULT, BoomState.STOPPED, BoomState.BOOT):
        return boom.state.value
    return "held" if lane.held else "normal"
