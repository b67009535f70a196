"""The boom's invariants: rules, interlock and plant joined in a loop, under random scripts of trouble.

PARKMETER_SCRIPTS says how many scripts the first property runs; the others run a fixed share of it, by default
4,000 and more in all. A failing script is printed in full and replays as it stands.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edge.rules import boom as rules
from edge.rules import interlock
from edge.rules.boom import Debounce
from edge.rules.boom_words import Boom, BoomState, Timing, Wish
from edge.rules.interlock import Bounds, Interlock
from edge.rules.signals import Drive, Inputs, Light, Outputs
from edge.simulation.world.plant import WIRES, Occupied, Plant, Spec

TICK_S = 0.02
SCRIPTS = int(os.environ.get("PARKMETER_SCRIPTS", "1700"))
HELD, PULSED = Timing(), Timing(pulse_s=0.5)
QUIET = Wish()
NOBODY = Occupied()
OPPOSITE = {Drive.OPEN: Drive.CLOSE, Drive.CLOSE: Drive.OPEN}


@dataclass(frozen=True)
class Event:
    """One line of a script: this happens, then so many ticks pass."""

    what: str
    value: Any
    ticks: int

    def __repr__(self) -> str:
        return f"Event({self.what!r}, {brief(self.value)}, {self.ticks})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def brief(value: Any) -> str:
    """A repr that still evaluates, with only what differs from the default: a failing script must fit a screen."""
    if isinstance(value, (Inputs, Wish)):
        told = [f"{f.name}={getattr(value, f.name)}" for f in fields(value) if getattr(value, f.name) is not f.default]
        return f"{type(value).__name__}({', '.join(told)})"
    if type(value) is tuple:
        return f"({', '.join(brief(part) for part in value)})"
    return repr(value)


class Broken(AssertionError):
    """An invariant does not hold."""


class Watch:
    """Sees every tick from outside and raises Broken at the first broken invariant. Shares no code with the rules."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.ticks = 0
        self.clear = self.on = self.off = self.still = self.obstructed = 0
        self.direction = Drive.OFF
        self.state = BoomState.BOOT
        self.rested_in = BoomState.BOOT
        self.stale = QUIET

    def see(
        self,
        raw: Inputs,
        inputs: Inputs,
        wish: Wish,
        boom: Boom,
        outputs: Outputs,
        let_out: Outputs,
        tripped: str | None,
    ) -> None:
        """One tick: levels read and believed, the boom after it, what the rules wanted and the interlock let out."""
        self.ticks += 1
        obstacle = raw.closing_loop or raw.photocell or raw.detached or not raw.valid
        self.clear = 0 if obstacle else self.clear + 1
        self._drive(raw, boom, outputs, obstacle)
        if boom.state is not self.state:
            self._move(inputs, wish, boom, obstacle)
        self._stale(wish, boom)
        if wish.reset or boom.state is BoomState.CLOSED:
            self.obstructed = 0
        if outputs.light is Light.GREEN:
            self.hold(boom.state is BoomState.OPEN, "green over a boom that is not open")
        self.hold(tripped is None and let_out is outputs, f"the interlock tripped on sound rules: {tripped}")
        self._start(inputs, boom)
        self.state = boom.state

    def hold(self, good: bool, what: str) -> None:
        if not good:
            raise Broken(f"{what}, tick {self.ticks}")

    def _drive(self, raw: Inputs, boom: Boom, outputs: Outputs, obstacle: bool) -> None:
        drive = outputs.drive
        if raw.stop:
            self.hold(drive is Drive.OFF, "drive with STOP pressed")
        if obstacle or raw.fire or raw.stop:
            self.hold(drive is not Drive.CLOSE, "close driven while it may not")
            self.hold(boom.state is not BoomState.CLOSING, "closing while it may not")
        if drive is Drive.OFF:
            self._end_of_pulse(raw, boom)
            self.off, self.on = self.off + 1, 0
            return
        self.hold(boom.state not in (BoomState.BOOT, BoomState.FAULT), f"drive in {boom.state.value}")
        self.hold(self.ticks * TICK_S > 2.0, "drive before everything has settled")
        if drive is OPPOSITE.get(self.direction):
            self.hold(self.on == 0 and self.off * TICK_S >= 0.3 - 1e-6, "no dead time between directions")
        if drive is Drive.CLOSE and not self.on:
            self.hold(self.clear * TICK_S >= 1.0, "closing before the lane was clear for a second")
        self.on, self.off, self.direction = self.on + 1, 0, drive
        longest = self.timing.pulse_s or self.timing.travel_s
        self.hold((self.on - 1) * TICK_S <= longest + 1e-6, "driven for too long")

    def _end_of_pulse(self, raw: Inputs, boom: Boom) -> None:
        if self.timing.pulse_s and self.on and self.direction is Drive.OPEN and not raw.stop:
            fault = boom.state in (BoomState.FAULT, BoomState.STOPPED)
            self.hold(fault or self.on * TICK_S >= self.timing.pulse_s - 1e-6, "an opening pulse was cut short")

    def _move(self, inputs: Inputs, wish: Wish, boom: Boom, obstacle: bool) -> None:
        before, after = self.state, boom.state
        if before is BoomState.FAULT:
            self.hold(wish.reset, "a fault left without a reset")
        if before is BoomState.CLOSING and after is BoomState.PAUSE_OPEN and obstacle and not inputs.fire:
            self.obstructed += 1
        if after is BoomState.CLOSING:
            self.hold(self.rested_in is BoomState.OPEN, "closing from a place that is not the top")
            self.hold(self.obstructed < 3, "closing again after three obstructions")
        if before in (BoomState.CLOSED, BoomState.OPEN, BoomState.UNKNOWN) and after in (
            BoomState.PAUSE_OPEN,
            BoomState.PAUSE_CLOSE,
        ):
            asked = (wish.grant and not self.stale.grant) or (wish.close and not self.stale.close)
            self.hold(inputs.fire or wish.hold or asked, "a movement nobody asked for since the stop or fault")
        if after in (BoomState.CLOSED, BoomState.OPEN, BoomState.UNKNOWN):
            self.rested_in = after
        self.still = 0

    def _stale(self, wish: Wish, boom: Boom) -> None:
        if boom.state in (BoomState.STOPPED, BoomState.FAULT):
            self.stale = wish
        elif self.state in (BoomState.STOPPED, BoomState.FAULT):
            self.stale = Wish(grant=wish.grant, close=wish.close)
        else:
            self.stale = Wish(grant=self.stale.grant and wish.grant, close=self.stale.close and wish.close)

    def _start(self, inputs: Inputs, boom: Boom) -> None:
        """A movement that never left its limit is given up after 1.5 s."""
        start = {BoomState.OPENING: inputs.limit_closed, BoomState.CLOSING: inputs.limit_open}.get(boom.state, False)
        if self.still >= 0:
            self.still = self.still + 1 if start else (-1 if boom.state in rules.DRIVES else 0)
        self.hold(self.still * TICK_S <= 1.5 + 2 * TICK_S, "driven on without any movement")


class Loop:
    """One barrier in closed loop: plant -> debounce -> step -> interlock -> plant, watched at every tick."""

    def __init__(self, timing: Timing, spec: Spec, watch: Watch | None = None) -> None:
        self.timing = timing
        self.plant = Plant(spec)
        self.occupied, self.wish = NOBODY, QUIET
        self.now = 0.0
        self.boom = Boom.at_start(self.now)
        self.interlock = Interlock.at_start(self.now)
        self.believed = Debounce()
        self.watch = watch or Watch(timing)
        self.outputs = Outputs()

    def run(self, script: list[Event]) -> None:
        for event in script:
            self.apply(event)
            self.tick(event.ticks)

    def apply(self, event: Event) -> None:
        if event.what in ("occupied", "wish"):
            setattr(self, event.what, event.value)
        elif event.what == "broken":
            self.plant.broken_wires.add(event.value)
        elif event.what == "stuck":
            self.plant.stuck.update([event.value])
        elif event.what == "heal":
            self.plant.heal()
        else:
            setattr(self.plant, event.what, event.value)

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.feed(self.plant.inputs(), self.wish)
            self.plant.advance(self.outputs.drive, TICK_S, self.occupied)
            if self.wish.reset:
                self.wish = replace(self.wish, reset=False)

    def feed(self, raw: Inputs, wish: Wish) -> None:
        """One tick of the controller on these raw levels."""
        self.now += TICK_S
        self.believed, inputs = rules.debounce(self.believed, raw, self.now, self.timing.debounce_s)
        done = rules.step(self.boom, inputs, wish, self.now, self.timing)
        self.interlock, self.outputs, tripped = interlock.guard(
            self.interlock, done.outputs, raw, self.now, Bounds(), wish.reset
        )
        self.boom = done.boom
        self.watch.see(raw, inputs, wish, self.boom, done.outputs, self.outputs, tripped)


def check_closed_loop(
    script: list[Event], timing: Timing = HELD, spec: Spec | None = None, watch: Watch | None = None
) -> Loop:
    loop = Loop(timing, spec or Spec(pulsed=timing.pulse_s is not None), watch)
    loop.run(script)
    hits = [violation for violation in loop.plant.violations if violation.what == "lowered_onto"]
    loop.watch.hold(not hits, f"the boom came down on someone: {hits}")
    return loop


def check_raw(script: list[Event], timing: Timing = HELD) -> None:
    loop = Loop(timing, Spec())
    for event in script:
        raw, wish = event.value
        for _ in range(event.ticks):
            loop.feed(raw, wish)


def check_ends_closed(script: list[Event], timing: Timing = HELD, spec: Spec | None = None) -> None:
    """Everything mended, the last movement over and a reset given, a close asked for ends closed and stays so."""
    loop = Loop(timing, spec or Spec())
    loop.run(script)
    loop.plant.heal()
    loop.occupied, loop.wish = NOBODY, QUIET
    loop.tick(int(timing.travel_s / TICK_S) + 50)  # a movement begun in trouble may still end late
    loop.wish = Wish(reset=True)
    loop.tick()
    loop.wish = Wish(close=True)
    for _ in range(1000):
        loop.tick()
        if loop.boom.state is BoomState.CLOSED and loop.plant.angle_deg <= loop.plant.spec.window_deg:
            break
    loop.tick(50)
    closed = loop.boom.state is BoomState.CLOSED and loop.plant.angle_deg <= loop.plant.spec.window_deg
    loop.watch.hold(closed, f"still {loop.boom.state.value} at {loop.plant.angle_deg:.0f} deg after everything healed")


def event(what: str, values: st.SearchStrategy, longest: int = 150) -> st.SearchStrategy[Event]:
    return st.builds(Event, st.just(what), values, st.integers(1, longest))


ON_OFF = st.booleans()
WISHES = st.one_of(
    st.sampled_from([Wish(grant=True), Wish(close=True)]),
    st.sampled_from([QUIET, Wish(hold=True), Wish(reset=True), Wish(reset=True, close=True), Wish(True, close=True)]),
)
COVERED = st.one_of(
    st.just(NOBODY),
    st.sampled_from([Occupied(closing=True), Occupied(photocell=True), Occupied(closing=True, photocell=True)]),
    st.sampled_from([Occupied(arming=True), Occupied(exit=True)]),
)
LIMITS = st.sampled_from(["limit_open", "limit_closed"])
ORDINARY = [event("wish", WISHES, 250), event("occupied", COVERED, 100)]
PEOPLE = [event("stop_pressed", ON_OFF), event("fire_alarm", ON_OFF), event("heal", st.none(), 50)]
FAULTS = [
    event("broken", st.sampled_from(WIRES)),
    event("stuck", st.tuples(LIMITS, ON_OFF)),
    event("jammed", ON_OFF),
    event("detached", ON_OFF, 60),
    event("unreadable", ON_OFF, 60),
    event("mains", ON_OFF),
    event("hand_deg", st.sampled_from([None, 0.0, 30.0, 90.0])),
    event("heal", st.none(), 50),
]
SPECS = st.builds(
    Spec,
    start_deg=st.sampled_from([0.0, 0.0, 45.0, 90.0]),
    battery=ON_OFF,
    bounce_s=st.sampled_from([0.0, 0.03, 0.2]),
    travel_s=st.sampled_from([1.5, 3.0, 5.0]),
)


def chapter(*events: st.SearchStrategy[Event]) -> st.SearchStrategy[list[Event]]:
    return st.tuples(*events).map(list)


def wish(wished: Wish, shortest: int, longest: int) -> st.SearchStrategy[Event]:
    return st.builds(Event, st.just("wish"), st.just(wished), st.integers(shortest, longest))


# A vehicle let in and the boom told to lower: what comes next finds it on its way down (or about to go).
VISIT = chapter(wish(Wish(grant=True), 100, 260), wish(Wish(close=True), 1, 170))
NO_SHOW = chapter(wish(Wish(grant=True), 1, 20), wish(Wish(close=True), 80, 250))
STEPPED_IN = chapter(
    *[wish(Wish(grant=True), 165, 165), wish(Wish(close=True), 20, 90)], event("occupied", COVERED, 40)
)
CHILD_AT_PLAY = st.builds(
    lambda times, ticks: times * [Event("occupied", Occupied(photocell=True), 20), Event("occupied", NOBODY, ticks)],
    st.integers(1, 4),
    st.integers(60, 300),
)
EMERGENCY = chapter(
    wish(Wish(grant=True), 10, 150), event("stop_pressed", st.just(True), 30), event("stop_pressed", st.just(False))
)


JAMMED = chapter(wish(Wish(grant=True), 165, 165), wish(Wish(close=True), 1, 90), event("jammed", st.just(True), 400))


def scripts(*events: st.SearchStrategy[Event], chapters: tuple = ()) -> st.SearchStrategy[list[Event]]:
    """Scripts of about twenty seconds, after the two of BOOT."""
    singles = [*chapters, *(chapter(one) for one in (*ORDINARY, *events))]
    return st.lists(
        st.one_of(VISIT, NO_SHOW, STEPPED_IN, CHILD_AT_PLAY, EMERGENCY, *singles), min_size=4, max_size=18
    ).map(lambda chapters: [Event("heal", None, 101), *chain.from_iterable(chapters)])


TROUBLE = scripts(*PEOPLE, *FAULTS, chapters=(JAMMED,))
NO_FAULTS = scripts(*PEOPLE, *PEOPLE, event("detached", ON_OFF, 60), event("unreadable", ON_OFF, 60))
LEVELS = st.builds(
    lambda active, limit, valid: Inputs(**dict.fromkeys([*active, *limit], True), valid=valid),
    st.lists(st.sampled_from([name for name in WIRES if not name.startswith("limit")]), max_size=1),
    st.sampled_from([[], ["limit_open"], ["limit_open"], ["limit_closed"], ["limit_open", "limit_closed"]]),
    st.sampled_from([True, True, True, True, False]),
)


def raw(levels: st.SearchStrategy[Inputs], wishes: st.SearchStrategy[Wish], ticks: list[int]) -> st.SearchStrategy:
    return st.builds(Event, st.just("raw"), st.tuples(levels, wishes), st.sampled_from(ticks))


def levels(wished: Wish, ticks: list[int], **active: bool) -> st.SearchStrategy[Event]:
    return raw(st.just(Inputs(**active)), st.just(wished), ticks)


ANYTHING = raw(LEVELS, WISHES, [1, 1, 2, 5, 20, 60, 110, 340])
DANGERS = st.sampled_from(
    [{name: True} for name in ("stop", "fire", "closing_loop", "photocell", "detached")] + [{"valid": False}]
)
GLITCH = raw(DANGERS.map(lambda danger: Inputs(**danger)), WISHES, [1, 2, 5])
GLITCH_AT_TOP = raw(DANGERS.map(lambda danger: Inputs(limit_open=True, **danger)), st.just(Wish(close=True)), [5, 20])
MENDED = levels(Wish(reset=True), [1, 5], limit_closed=True)
OPENED = [levels(Wish(grant=True), [25, 60]), levels(QUIET, [2, 10, 60], limit_open=True)]
LOWERING = [levels(Wish(close=True), [14, 60], limit_open=True), levels(Wish(close=True), [1, 5, 20, 100])]
HASTY = [levels(Wish(grant=True), [60]), levels(Wish(close=True), [6, 9, 14], limit_open=True), GLITCH_AT_TOP]
AGAIN = st.integers(1, 4)
TURNED = chapter(levels(Wish(close=True), [5], photocell=True), levels(Wish(close=True), [25]), *LOWERING)
RAW = st.builds(
    lambda start, chapters: [start, *chain.from_iterable(chapters)],
    levels(Wish(grant=True), [5, 110, 110], limit_closed=True),
    st.lists(
        st.one_of(
            chapter(ANYTHING),
            chapter(*OPENED, *LOWERING, GLITCH),
            chapter(MENDED, *OPENED, *LOWERING, GLITCH),
            chapter(MENDED, *HASTY),
            st.builds(lambda down, turned, times: down + turned * times, chapter(*OPENED, *LOWERING), TURNED, AGAIN),
        ),
        min_size=3,
        max_size=12,
    ),
)


def profile(scripts_to_run: int) -> settings:
    return settings(
        max_examples=max(10, scripts_to_run),
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@profile(SCRIPTS)
@given(TROUBLE, SPECS)
def test_no_trouble_makes_the_boom_break_an_invariant(script, spec):
    check_closed_loop(script, HELD, spec)


@profile(SCRIPTS // 4)
@given(TROUBLE)
def test_no_trouble_makes_a_pulsed_boom_break_an_invariant(script):
    loop = Loop(PULSED, Spec(pulsed=True))
    loop.run(script)


@profile(SCRIPTS // 4)
@given(NO_FAULTS)
def test_a_pulsed_boom_with_sound_wires_comes_down_on_no_one(script):
    check_closed_loop(script, PULSED)


@profile(SCRIPTS // 2)
@given(RAW, st.sampled_from([HELD, PULSED]))
def test_no_levels_whatever_make_the_boom_break_an_invariant(script, timing):
    check_raw(script, timing)


@profile(SCRIPTS * 3 // 8)
@given(TROUBLE, SPECS, ON_OFF)
def test_once_everything_has_healed_a_reset_and_a_close_end_closed(script, spec, pulsed):
    check_ends_closed(script, PULSED if pulsed else HELD, replace(spec, pulsed=pulsed))
