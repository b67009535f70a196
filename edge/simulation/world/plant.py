"""A barrier's physics: the motor, the boom, its limits, the sensors and what can break. No thread, no clock.

Whoever owns time calls `advance` in small steps (10 or 20 ms) and reads `inputs` in between.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from edge.rules.signals import Drive, Inputs

TOP_DEG = 90.0
BOTTOM_DEG = 0.0
HAND_DEG_S = 60.0

WIRES = tuple(field.name for field in fields(Inputs) if field.name != "valid")
_DIRECTION = {Drive.OPEN: 1.0, Drive.CLOSE: -1.0, Drive.OFF: 0.0}


class Occupied(NamedTuple):
    """What vehicles and people cover right now: the loops, and the beam along the boom's own line."""

    arming: bool = False
    closing: bool = False
    photocell: bool = False
    exit: bool = False


class Violation(NamedTuple):
    """Something the boom did that must not happen.

    what    "lowered_onto": it came down on an occupied lane; "contact": a vehicle met the lowered boom
    detail  one line: where the boom was, and when on the plant's own clock
    """

    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Spec:
    """How a barrier is built.

    travel_s       bottom to top at full speed, above 0
    ramp_s         standstill to full speed, and back when power goes (the motor brakes itself), above 0
    window_deg     a limit switch is active within this much of its end
    bounce_s       a limit switch chatters this long after each change
    loop_on_s      a loop detector notices a vehicle after this
    loop_off_s     and its leaving after this
    contact_deg    below this the boom can touch a vehicle under it
    reaction_s     a boom still coming down this long after someone came under it has hit them
    battery        the motor runs on when the mains fail
    pulsed         an operator of its own logic: one pulse starts a travel that goes on by itself
    start_deg      where the boom stands at first, 0.0 (lowered) to 90.0 (raised)
    """

    travel_s: float = 3.0
    ramp_s: float = 0.2
    window_deg: float = 4.0
    bounce_s: float = 0.03
    loop_on_s: float = 0.1
    loop_off_s: float = 0.15
    contact_deg: float = 60.0
    reaction_s: float = 0.5
    battery: bool = True
    pulsed: bool = False
    start_deg: float = 0.0

    def __post_init__(self) -> None:
        if not (self.travel_s > 0 and self.ramp_s > 0):
            raise ValueError(f"plant travel_s {self.travel_s} and ramp_s {self.ramp_s}: expected above 0")
        if not BOTTOM_DEG <= self.start_deg <= TOP_DEG:
            raise ValueError(f"plant start_deg is {self.start_deg}: expected {BOTTOM_DEG} to {TOP_DEG}")


class _Contact:
    """A sensor's output: follows its level after a delay, then chatters for a while."""

    __slots__ = ("_bounce_s", "_changed_s", "_differs_s", "_off_s", "_on_s", "level")

    def __init__(self, level: bool, on_s: float = 0.0, off_s: float = 0.0, bounce_s: float = 0.0) -> None:
        self.level = level
        self._on_s, self._off_s, self._bounce_s = on_s, off_s, bounce_s
        self._differs_s = 0.0
        self._changed_s = bounce_s

    def follow(self, actual: bool, dt_s: float) -> None:
        self._changed_s += dt_s
        if actual is self.level:
            self._differs_s = 0.0
            return
        self._differs_s += dt_s
        if self._differs_s >= (self._on_s if actual else self._off_s):
            self.level = actual
            self._differs_s = self._changed_s = 0.0

    def reading(self) -> bool:
        if self._changed_s < self._bounce_s and int(self._changed_s * 100) % 2:
            return not self.level
        return self.level


class Plant:
    """One barrier. Set the public fields to break or press something; `heal` mends everything.

    angle_deg     where the boom is, 0.0 lowered to 90.0 raised
    speed_deg_s   how fast it rises (negative: comes down)
    violations    what must not have happened, in order
    jammed        the boom can't move
    hand_deg      somebody holds the boom by hand at this angle; None: nobody
    detached      the arm has swung out of its holder
    mains         False: a power cut
    stop_pressed, fire_alarm, button_pressed
    unreadable    the input board answers nothing that can be trusted
    broken_wires  names of inputs whose wire is cut: they read active
    stuck         names of inputs whose switch is welded or dead, and the level each reads
    """

    def __init__(self, spec: Spec | None = None) -> None:
        self.spec = spec or Spec()
        self.angle_deg = self.spec.start_deg
        self.speed_deg_s = 0.0
        self.violations: list[Violation] = []
        self._travel = Drive.OFF
        self._time_s = 0.0
        self._under_s = 0.0
        self._on_line = False
        self._reported = False
        spec = self.spec
        self._arming, self._closing, self._exit = (_Contact(False, spec.loop_on_s, spec.loop_off_s) for _ in range(3))
        self._beam = _Contact(False)
        self._top = _Contact(self._at_top(), bounce_s=spec.bounce_s)
        self._bottom = _Contact(self._at_bottom(), bounce_s=spec.bounce_s)
        self.heal()

    def heal(self) -> None:
        """Mend every fault, release every button and take every hand away; the boom stays where it is."""
        self.jammed = self.detached = self.unreadable = False
        self.stop_pressed = self.fire_alarm = self.button_pressed = False
        self.mains = True
        self.hand_deg: float | None = None
        self.broken_wires: set[str] = set()
        self.stuck: dict[str, bool] = {}

    def advance(self, drive: Drive, dt_s: float, occupied: Occupied) -> None:
        """Let `dt_s` seconds pass with the relays at `drive` and the lane covered as `occupied` says."""
        self._time_s += dt_s
        self._move(self._powered(drive), dt_s)
        self._judge(occupied, dt_s)
        self._arming.follow(occupied.arming, dt_s)
        self._closing.follow(occupied.closing, dt_s)
        self._exit.follow(occupied.exit, dt_s)
        self._beam.follow(occupied.photocell, dt_s)
        self._top.follow(self._at_top(), dt_s)
        self._bottom.follow(self._at_bottom(), dt_s)

    def inputs(self) -> Inputs:
        """What the wires read now, raw: with bounce, delay, and whatever is broken."""
        inputs = Inputs(
            arming_loop=self._arming.level,
            closing_loop=self._closing.level,
            photocell=self._beam.level,
            exit_loop=self._exit.level,
            limit_open=self._top.reading(),
            limit_closed=self._bottom.reading(),
            detached=self.detached,
            stop=self.stop_pressed,
            fire=self.fire_alarm,
            mains_failed=not self.mains,
            button=self.button_pressed,
            valid=not self.unreadable,
        )
        if self.stuck or self.broken_wires:
            inputs = replace(inputs, **(self.stuck | dict.fromkeys(self.broken_wires, True)))
        return inputs

    def _at_top(self) -> bool:
        return self.angle_deg >= TOP_DEG - self.spec.window_deg

    def _at_bottom(self) -> bool:
        return self.angle_deg <= BOTTOM_DEG + self.spec.window_deg

    def _powered(self, drive: Drive) -> Drive:
        """The way the motor really pulls: an operator of its own logic travels on, STOP and a power cut end it."""
        if self.spec.pulsed:
            if drive is not Drive.OFF:
                self._travel = drive
            drive = self._travel
        if self.stop_pressed or not (self.mains or self.spec.battery):
            self._travel = Drive.OFF
            return Drive.OFF
        return drive

    def _move(self, pull: Drive, dt_s: float) -> None:
        if self.jammed:
            self.speed_deg_s = 0.0
            return
        if self.hand_deg is not None:
            self._follow_hand(self.hand_deg, dt_s)
            return
        full = (TOP_DEG - BOTTOM_DEG) / self.spec.travel_s
        wanted = full * _DIRECTION[pull]
        if self.speed_deg_s != wanted:
            change = full / self.spec.ramp_s * dt_s
            self.speed_deg_s += max(-change, min(change, wanted - self.speed_deg_s))
        if self.speed_deg_s:
            self._turn(self.speed_deg_s * dt_s)

    def _follow_hand(self, hand_deg: float, dt_s: float) -> None:
        step = max(-HAND_DEG_S * dt_s, min(HAND_DEG_S * dt_s, hand_deg - self.angle_deg))
        self.speed_deg_s = 0.0
        self._turn(step)

    def _turn(self, by_deg: float) -> None:
        self.angle_deg += by_deg
        if not BOTTOM_DEG < self.angle_deg < TOP_DEG:
            self.angle_deg = max(BOTTOM_DEG, min(TOP_DEG, self.angle_deg))
            self.speed_deg_s = 0.0
            self._travel = Drive.OFF

    def _judge(self, occupied: Occupied, dt_s: float) -> None:
        """Note a boom that came down on someone, once for each time, and a vehicle driven into a lowered one."""
        under = occupied.closing or occupied.photocell
        low = self.angle_deg < self.spec.contact_deg and not self.detached
        self._under_s = self._under_s + dt_s if under else 0.0
        if not (under and low and self.speed_deg_s < 0.0):
            self._reported = False
        elif self._under_s > self.spec.reaction_s and not self._reported:
            self._reported = True
            self._violation("lowered_onto", f"boom at {self.angle_deg:.0f} deg, coming down on an occupied lane")
        if occupied.photocell and not self._on_line and low and self.speed_deg_s >= 0.0:
            self._violation("contact", f"boom at {self.angle_deg:.0f} deg, something came under its line")
        self._on_line = occupied.photocell

    def _violation(self, what: str, detail: str) -> None:
        self.violations.append(Violation(what, f"{detail}, at {self._time_s:.2f} s"))
