"""Vehicles and their drivers on one lane, as bodies on a line. Pure: no clock, no thread, no randomness.

Positions are metres along the lane in the direction of travel; the boom stands at 0. A driver stops at the stop
line, behind the vehicle in front and before a boom that isn't up, goes when the boom has been raised for him, and
backs away when told to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

STOP_LINE_M = -1.6
BOOM_M = 0.0
GAP_M = 1.3  # kept to the vehicle in front, standing
APPEARS_M = -28.0  # where a vehicle turns into the lane
TURNS_OFF_M = -9.0  # where a vehicle that backed away leaves it
OUT_OF_SIGHT_M = 14.0
BOOM_UP_DEG = 75.0  # a driver trusts a boom from here on
PATIENCE_S = 3.0  # real seconds before an open, unlit or green lane is taken as meant for all
REACTION_S = 0.4
BACKING_MPS = -1.4
CAREFUL_MPS = 3.0  # between the stop line and the far loop
NEAR_M = 0.3


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the lane a sensor watches, metres."""

    start_m: float
    end_m: float

    def covered_by(self, nose_m: float, tail_m: float) -> bool:
        return nose_m > self.start_m and tail_m < self.end_m


ARMING = Zone(-4.2, -1.2)
CLOSING = Zone(-0.9, 1.1)
BEAM = Zone(-0.06, 0.06)
EXIT = Zone(2.4, 4.4)


@dataclass(frozen=True, slots=True)
class Build:
    """How a class of vehicle is built and driven.

    length_m, height_m   outside measures
    cruise_mps           speed in the lane
    pull_mps2, brake_mps2  acceleration and comfortable braking; an emergency brakes twice as hard
    """

    length_m: float
    height_m: float
    cruise_mps: float
    pull_mps2: float
    brake_mps2: float


BUILDS = {
    "car": Build(3.9, 1.5, 4.2, 1.6, 2.2),
    "van": Build(4.6, 1.9, 4.0, 1.4, 2.0),
    "bike": Build(2.0, 1.3, 4.2, 2.0, 2.4),
    "scooty": Build(1.8, 1.25, 4.0, 1.8, 2.2),
    "auto": Build(2.7, 1.7, 3.6, 1.2, 1.8),
    "truck": Build(7.4, 2.9, 3.2, 0.9, 1.6),
    "bus": Build(10.5, 3.1, 3.2, 0.9, 1.6),
}


class Phase(StrEnum):
    """What a vehicle is doing, as a person at the lane would say it."""

    APPROACHING = "approaching"
    QUEUED = "queued"
    AT_LINE = "at_line"
    PASSING = "passing"
    PASSED = "passed"
    BACKING = "backing"


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a driver sees in front of him.

    tail_m      rear of the vehicle in front, metres; inf on an empty lane
    reversing   that vehicle is backing towards him
    boom_deg    angle of the boom, 0 lowered
    red         the light shows red
    """

    tail_m: float
    reversing: bool
    boom_deg: float
    red: bool


@dataclass(slots=True)
class Vehicle:
    """One vehicle with its driver.

    look                what a camera sees of it; steers nothing
    tailgates           follows the vehicle in front without stopping at the line
    nose_m, speed_mps   position and velocity (negative backwards)
    still_since_s       world time of its latest standstill, None while it moves
    stood_since_s       world time of its latest standstill at the line, kept after it has moved off
    called              the boom was raised, or the light turned, for him while he was the first before it
    waited_since_s      since when a boom that is up has waited for him at the line
    made_up_s           for how long (his own time) he has seen that he may go
    stop_to_open_ms, stop_to_up_ms  real time from standstill to the drive going open, and to the
                        boom up; 0.0 when that came before he stood
    """

    name: str
    build: Build
    cruise_mps: float
    look: dict
    tailgates: bool = False
    nose_m: float = APPEARS_M
    speed_mps: float = 0.0
    phase: Phase = Phase.APPROACHING
    stalled: bool = False
    still_since_s: float | None = None
    stood_since_s: float | None = None
    called: bool = False
    waited_since_s: float | None = None
    made_up_s: float = 0.0
    stop_to_open_ms: float | None = None
    stop_to_up_ms: float | None = None

    @property
    def tail_m(self) -> float:
        return self.nose_m - self.build.length_m

    @property
    def at_line(self) -> bool:
        return self.still_since_s is not None and abs(self.nose_m - STOP_LINE_M) < NEAR_M

    @property
    def is_before_line(self) -> bool:
        return self.nose_m <= STOP_LINE_M + NEAR_M

    def phase_now(self) -> Phase:
        if self.phase is Phase.BACKING:
            return Phase.BACKING
        if self.phase is Phase.PASSED or self.tail_m > CLOSING.end_m:
            return Phase.PASSED
        if not self.is_before_line:
            return Phase.PASSING
        if self.at_line:
            return Phase.AT_LINE
        return Phase.APPROACHING if self.speed_mps else Phase.QUEUED

    def decide(self, ahead: Ahead, now_s: float, dt_s: float) -> None:
        """Lets the driver before the boom make up his mind; once he has set off he keeps the go he was given."""
        if not (self.at_line or (self.called and self.is_before_line)):
            self.waited_since_s = None
            return
        if ahead.boom_deg < BOOM_UP_DEG or ahead.red:
            self.waited_since_s = None
            self.made_up_s = 0.0
            return
        if self.waited_since_s is None:
            self.waited_since_s = now_s
        if self.called or now_s - self.waited_since_s >= PATIENCE_S:
            self.made_up_s += dt_s

    def drive(self, ahead: Ahead, dt_s: float) -> None:
        """Moves the vehicle by dt_s seconds of its own time."""
        wanted = 0.0 if self.stalled else BACKING_MPS if self._must_reverse(ahead) else self._forward_mps(ahead)
        braking = abs(wanted) < abs(self.speed_mps) or wanted * self.speed_mps < 0.0
        most = (2.0 * self.build.brake_mps2 if braking else self.build.pull_mps2) * dt_s
        self.speed_mps += max(-most, min(most, wanted - self.speed_mps))
        self.nose_m += self.speed_mps * dt_s

    def _must_reverse(self, ahead: Ahead) -> bool:
        pushed = ahead.reversing and ahead.tail_m - self.nose_m < GAP_M + 0.5
        return self.phase is Phase.BACKING or pushed

    def _forward_mps(self, ahead: Ahead) -> float:
        """As fast as lets him stop, braking comfortably, before whatever holds him."""
        stop_m = ahead.tail_m - GAP_M
        if self.is_before_line and not self._goes():
            stop_m = min(stop_m, STOP_LINE_M)
        if self.nose_m < BOOM_M - 0.2 and ahead.boom_deg < BOOM_UP_DEG:
            stop_m = min(stop_m, max(BOOM_M - 0.5, STOP_LINE_M))
        room_m = stop_m - self.nose_m
        if room_m < 0.03:
            return 0.0
        careful = self.nose_m > STOP_LINE_M - 1.0 and self.tail_m < EXIT.end_m
        pace_mps = min(self.cruise_mps, CAREFUL_MPS) if careful else self.cruise_mps
        return min(pace_mps, math.sqrt(2.0 * self.build.brake_mps2 * room_m))

    def _goes(self) -> bool:
        return self.tailgates or self.made_up_s >= REACTION_S
