"""The watchers watched: each fault planted in the boom's rules is noticed, and the interlock alone contains it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from edge.rules import boom as rules
from edge.rules.boom import HOLDS, MOVES
from edge.rules.boom_words import BoomState, Signal
from edge.rules.signals import Drive
from edge.simulation.world.plant import Spec
from tests.edge import test_boom_closed_loop as loop
from tests.edge.test_boom_closed_loop import HELD, OPPOSITE, PULSED, RAW, TICK_S, TROUBLE, Broken, Loop, Watch

B = BoomState


def without(*rows: tuple[BoomState, Signal]) -> dict:
    return {"ROWS": rules.rows_by_state({row: move for row, move in MOVES.items() if row not in rows})}


def going(row: tuple[BoomState, Signal], to: BoomState) -> dict:
    return {"ROWS": rules.rows_by_state(MOVES | {row: (to, None)})}


def holding(signal: Signal, holds: Callable) -> dict:
    return {"ROWS": rules.rows_by_state(holds=HOLDS | {signal: holds})}


def blocked_by_all_but(blind: str) -> dict:
    def holds(boom, i, wish, now, timing):
        seen = {"closing_loop": i.closing_loop, "photocell": i.photocell, "detached": i.detached, "valid": not i.valid}
        return any(level for name, level in seen.items() if name != blind)

    return holding(Signal.BLOCKED, holds)


def may_close_without(blind: str) -> dict:
    def holds(boom, i, wish, now, timing):
        clear_s = now if blind == "clear" else now - (boom.clear_since or now)
        wanted = wish.close if blind == "dropped" else wish.close and not boom.close_dropped
        reversals = 0 if blind == "reversals" else boom.reversals
        fire = blind != "fire" and i.fire
        granted = wish.hold or (wish.grant and not boom.grant_dropped)
        return wanted and clear_s >= timing.clear_s and reversals < timing.reversals and not fire and not granted

    return holding(Signal.MAY_CLOSE, holds)


def slow_debounce(state, raw, now, debounce_s):
    """Waits before it believes a safety input, as if it were a button."""
    safety, rules.SAFETY = rules.SAFETY, {}
    try:
        return SOUND_DEBOUNCE(state, raw, now, debounce_s)
    finally:
        rules.SAFETY = safety


SOUND_DEBOUNCE = rules.debounce
SOUND_OBSERVED = rules._observed


def nothing_dropped(boom, inputs, wish, now):
    seen = SOUND_OBSERVED(boom, inputs, wish, now)
    return rules.replace(seen, grant_dropped=False, close_dropped=False)


def closed_loop(script) -> None:
    loop.check_closed_loop(script)


def pulsed_loop(script) -> None:
    Loop(PULSED, Spec(pulsed=True)).run(script)


ALWAYS, NEVER = (lambda *_: True), (lambda *_: False)
PLANTED = {
    "closing goes on under STOP": (without((B.CLOSING, Signal.STOP)), loop.check_raw, RAW),
    "opening goes on under STOP": (without((B.OPENING, Signal.STOP)), closed_loop, TROUBLE),
    "closing goes on in a fire": (without((B.CLOSING, Signal.FIRE)), loop.check_raw, RAW),
    "closing starts in a fire": (without((B.PAUSE_CLOSE, Signal.FIRE)), loop.check_raw, RAW),
    "closing does not reverse": (without((B.CLOSING, Signal.BLOCKED)), closed_loop, TROUBLE),
    "closing starts on an obstacle": (without((B.PAUSE_CLOSE, Signal.BLOCKED)), loop.check_raw, RAW),
    "blind to the photocell": (blocked_by_all_but("photocell"), loop.check_raw, RAW),
    "blind to the closing loop": (blocked_by_all_but("closing_loop"), loop.check_raw, RAW),
    "blind to a detached boom": (blocked_by_all_but("detached"), loop.check_raw, RAW),
    "blind to invalid inputs": (blocked_by_all_but("valid"), loop.check_raw, RAW),
    "reverses without a pause": (going((B.CLOSING, Signal.BLOCKED), B.OPENING), closed_loop, TROUBLE),
    "no dead time": (holding(Signal.RESTED, ALWAYS), closed_loop, TROUBLE),
    "opens for ever": (without((B.OPENING, Signal.LATE)), closed_loop, TROUBLE),
    "closes for ever": (without((B.CLOSING, Signal.LATE)), closed_loop, TROUBLE),
    "pushes against a stuck boom": (holding(Signal.NOT_MOVING, NEVER), closed_loop, TROUBLE),
    "drives in a fault": ({"DRIVES": rules.DRIVES | {B.FAULT: Drive.OPEN}}, closed_loop, TROUBLE),
    "drives in BOOT": ({"DRIVES": rules.DRIVES | {B.BOOT: Drive.OPEN}}, closed_loop, TROUBLE),
    "does not wait for the inputs to settle": (holding(Signal.SETTLED, ALWAYS), loop.check_raw, RAW),
    "does not wait for a clear second": (may_close_without("clear"), loop.check_raw, RAW),
    "closes again and again on an obstacle": (may_close_without("reversals"), loop.check_raw, RAW),
    "closes from a place it does not know": (
        going((B.UNKNOWN, Signal.CLOSE_ASKED), B.PAUSE_CLOSE),
        closed_loop,
        TROUBLE,
    ),
    "a released stop moves the boom": ({"_observed": nothing_dropped}, closed_loop, TROUBLE),
    "a fault heals by itself": (holding(Signal.RESET, ALWAYS), closed_loop, TROUBLE),
    "a fault never heals": (without((B.FAULT, Signal.RESET)), loop.check_ends_closed, TROUBLE),
    "a stop is never released": (without((B.STOPPED, Signal.STOP_RELEASED)), loop.check_ends_closed, TROUBLE),
    "an unknown boom is never homed": (without((B.UNKNOWN, Signal.CLOSE_ASKED)), loop.check_ends_closed, TROUBLE),
    "debounces STOP like a button": ({"debounce": slow_debounce}, closed_loop, TROUBLE),
    "cuts an opening pulse short": (
        holding(Signal.AT_TOP, lambda boom, i, wish, now, timing: i.limit_open),
        pulsed_loop,
        TROUBLE,
    ),
    "no dead time between pulses": (holding(Signal.RESTED, ALWAYS), pulsed_loop, TROUBLE),
}


class Outlet(Watch):
    """Looks only at what the interlock lets out: no planted fault of the rules may show there."""

    def see(self, raw, inputs, wish, boom, outputs, let_out, tripped) -> None:
        self.ticks += 1
        drive = let_out.drive
        if drive is Drive.OFF:
            self.off += 1
            return
        self.hold(not raw.stop, "drive with STOP pressed")
        obstacle = raw.closing_loop or raw.photocell or raw.detached or not raw.valid or raw.fire
        self.hold(not (obstacle and drive is Drive.CLOSE), "close driven while it may not")
        self.hold(self.ticks * TICK_S > 1.9, "drive before everything has settled")
        rested = self.off * TICK_S >= 0.3 - 1e-6
        if drive is OPPOSITE.get(self.direction):
            self.hold(rested, "no dead time between directions")
        self.on = 1 if rested or drive is not self.direction else self.on + 1
        self.hold((self.on - 1) * TICK_S <= 6.5 + 1e-6, "driven for too long")
        self.off, self.direction = 0, drive


def plant_fault(altered: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in altered.items():
        monkeypatch.setattr(rules, name, value)


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_noticed(fault, monkeypatch):
    altered, check, scripts = PLANTED[fault]
    plant_fault(altered, monkeypatch)

    def noticed(script):
        try:
            check(script)
        except Broken:
            return True
        return False

    once = settings(max_examples=1500, database=None, deadline=None, derandomize=True, phases=[Phase.generate])
    try:
        find(scripts, noticed, settings=once)
    except NoSuchExample:
        pytest.fail(f"{fault}: no script noticed")


@pytest.mark.parametrize("fault", PLANTED)
def test_the_interlock_contains_a_planted_fault(fault, monkeypatch):
    plant_fault(PLANTED[fault][0], monkeypatch)

    @settings(max_examples=10, database=None, deadline=None, phases=[Phase.generate])
    @given(TROUBLE)
    def contained(script):
        loop.check_closed_loop(script, HELD, watch=Outlet(HELD))

    contained()
