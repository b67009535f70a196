"""The barrier on the bench: its inputs sampled 50 times a second, its motor driven only through the interlock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.devices.ports import Barrier
from edge.rules.boom_words import Timing
from edge.rules.interlock import Bounds, Interlock, guard
from edge.rules.signals import Drive, Inputs, Light, Outputs

TICK_S = 0.02


class Person(Protocol):
    """Who stands at the barrier."""

    def tell(self, text: str) -> None:
        """Something to know."""

    def confirm(self, text: str) -> bool:
        """Whether something may be done now."""

    def sees(self, wire: str, text: str) -> bool:
        """Whether he sees, or hears, what this output should do."""

    def please(self, thing: str, state: str, text: str) -> None:
        """Asks him to do something, and returns at once: the inputs tell when he has."""

    def live(self, inputs: Inputs) -> None:
        """Shows the inputs as they are."""

    def gave_up(self) -> bool:
        """Whether he wants to leave out what he was asked."""


class Clock(Protocol):
    """Time at the barrier; a simulated one moves it."""

    def now(self) -> float: ...
    def tick(self) -> None: ...


class RealClock:
    """Time as it is."""

    def now(self) -> float:
        return time.monotonic()

    def tick(self) -> None:
        time.sleep(TICK_S)


@dataclass(frozen=True, slots=True)
class Movement:
    """What became of a movement.

    arrived  its limit came
    left     the limit it began at went
    seconds  from the relay to the limit, or to the end of the attempt
    cut      why the interlock took the drive away; None: it did not
    """

    arrived: bool
    left: bool
    seconds: float
    cut: str | None


class Bench:
    """One barrier with a person at it.

    inputs  the latest sample
    """

    def __init__(self, barrier: Barrier, person: Person, clock: Clock, timing: Timing) -> None:
        self._barrier, self._person, self._clock, self.timing = barrier, person, clock, timing
        self._bounds = Bounds(settle_s=0.0, dead_time_s=timing.dead_time_s, max_run_s=timing.travel_s)
        self._interlock = Interlock.at_start(clock.now())
        self._light, self._buzzer = Light.RED, False
        self.inputs = barrier.read()

    @property
    def now(self) -> float:
        return self._clock.now()

    def step(self, drive: Drive = Drive.OFF) -> str | None:
        """One tick with the relays so driven, if the interlock lets them; why it did not."""
        self._clock.tick()
        self.inputs = self._barrier.read()
        wanted = Outputs(drive, self._light, self._buzzer)
        self._interlock, outputs, cut = guard(self._interlock, wanted, self.inputs, self.now, self._bounds)
        self._barrier.drive(outputs)
        self._person.live(self.inputs)
        return cut

    def wait(self, seconds: float) -> list[Inputs]:
        """Every sample of so many seconds with the relays off."""
        until, samples = self.now + seconds, []
        while self.now < until:
            self.step()
            samples.append(self.inputs)
        return samples

    def until(self, holds: Callable[[Inputs], bool], seconds: float) -> bool:
        """Whether it came to hold, for three samples in a row, before time or patience ran out."""
        end, steady = self.now + seconds, 0
        while self.now < end and not self._person.gave_up():
            self.step()
            steady = steady + 1 if self.inputs.valid and holds(self.inputs) else 0
            if steady >= 3:
                return True
        return False

    def show(self, light: Light = Light.RED, buzzer: bool = False) -> None:
        self._light, self._buzzer = light, buzzer
        self.step()

    def rises_on(self, drive: Drive) -> bool:
        """Whether a boom that is down leaves its lower limit, driven so for a moment."""
        self.wait(self.timing.dead_time_s + 2 * TICK_S)
        end = self.now + (self.timing.pulse_s or self.timing.start_s)
        while self.now < end and self.inputs.limit_closed and self.step(drive) is None:
            pass
        self.wait(self.timing.dead_time_s)
        return not self.inputs.limit_closed

    def move(self, drive: Drive) -> Movement:
        """Drives the boom until its limit comes, the interlock objects or time runs out, and leaves the relays off."""
        self.wait(self.timing.dead_time_s + 2 * TICK_S)
        began, left, cut = self.now, False, None
        end = began + self.timing.travel_s
        goal, start = ("limit_open", "limit_closed") if drive is Drive.OPEN else ("limit_closed", "limit_open")
        while self.now < end:
            pulse_s = self.timing.pulse_s
            pulsing = pulse_s is None or self.now - began < pulse_s
            cut = self.step(drive if pulsing else Drive.OFF) or self._objection(drive)
            left = left or not getattr(self.inputs, start)
            if getattr(self.inputs, goal) or cut or (not left and self.now - began >= self.timing.start_s):
                break
        arrived, seconds_taken = bool(getattr(self.inputs, goal)), self.now - began
        self.step()
        return Movement(arrived, left, round(seconds_taken, 2), cut)

    def _objection(self, drive: Drive) -> str | None:
        """What the interlock would say, while a pulsed operator travels on with its relay off."""
        if self.inputs.stop:
            return "stop"
        return "photocell" if drive is Drive.CLOSE and self.inputs.photocell else None
