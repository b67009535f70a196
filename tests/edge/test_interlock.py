"""The interlock alone: whatever the controller asks for, what comes out keeps the bounds."""

from dataclasses import replace

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from edge.rules import interlock
from edge.rules.interlock import Bounds, Interlock, guard
from edge.rules.signals import Drive, Inputs, Light, Outputs

TICK_S = 0.02
BOUNDS = Bounds(max_run_s=2.0)
CLEAR = Inputs()
LATER = 10.0


class Broken(AssertionError):
    """The interlock let something out that it must not."""


def ask(drive, inputs=CLEAR, state=None, now=LATER, bounds=BOUNDS):
    return guard(state or Interlock.at_start(0.0), Outputs(drive, Light.GREEN), inputs, now, bounds)


INPUTS = st.builds(
    lambda active, valid: Inputs(**dict.fromkeys(active, True), valid=valid),
    st.lists(st.sampled_from(["closing_loop", "photocell", "detached", "stop", "fire", "limit_open"]), max_size=1),
    st.sampled_from([True] * 5 + [False]),
)
DRIVES = st.sampled_from([Drive.OPEN, Drive.CLOSE, Drive.OPEN, Drive.CLOSE, Drive.OFF, "sideways", None])
ADVERSARY = st.lists(
    st.tuples(DRIVES, st.one_of(st.just(CLEAR), INPUTS), st.sampled_from([1, 1, 2, 10, 14, 16, 60, 130])),
    min_size=3,
    max_size=40,
)


def check(script, bounds=BOUNDS):
    """Plays a controller that asks for anything, and judges from outside what the interlock lets out."""
    state, tick, off, run, last = Interlock.at_start(0.0), 0, 0, 0, Drive.OFF
    for drive, inputs, ticks in script:
        for _ in range(ticks):
            tick += 1
            state, outputs, tripped = guard(state, Outputs(drive), inputs, tick * TICK_S, bounds)
            out = outputs.drive
            hold(out is drive or (out is Drive.OFF and tripped), f"{drive} became {out}")
            if out is Drive.OFF:
                off, run = off + 1, run + 1
                continue
            hold(not inputs.stop, "drive with STOP")
            hold(tick * TICK_S >= 1.9, "drive at start")
            unsafe = inputs.closing_loop or inputs.photocell or inputs.detached or inputs.fire or not inputs.valid
            hold(not (unsafe and out is Drive.CLOSE), "close on an obstacle")
            hold(last in (Drive.OFF, out) or off * TICK_S >= 0.3 - 1e-6, "no dead time")
            run = run + 1 if off * TICK_S < 0.3 - 1e-6 and last is out else 0
            hold(run * TICK_S <= 2.0 + 1e-6, "ran too long")
            off, last = 0, out


def hold(good, what):
    if not good:
        raise Broken(what)


@settings(max_examples=300, deadline=None, database=None)
@given(ADVERSARY)
def test_no_controller_gets_a_forbidden_drive_past_the_interlock(script):
    check(script)


REASONS = {
    "stop": "STOP",
    "settling": "start",
    "ran_too_long": "too long",
    "no_dead_time": "dead time",
    "close_on_invalid_inputs": "obstacle",
    "close_in_fire": "obstacle",
    "close_on_photocell": "obstacle",
    "close_on_closing_loop": "obstacle",
    "close_while_detached": "obstacle",
}


@pytest.mark.parametrize("forgotten", REASONS)
def test_an_interlock_that_forgets_one_reason_is_caught(forgotten, monkeypatch):
    sound = interlock._objection

    def forgetful(*now):
        reason = sound(*now)
        return None if reason == forgotten else reason

    monkeypatch.setattr(interlock, "_objection", forgetful)

    def caught(script):
        try:
            check([(Drive.OFF, CLEAR, 0 if forgotten == "settling" else 100), *script])
        except Broken as broken:
            return REASONS[forgotten] in str(broken)
        return False

    try:
        find(ADVERSARY, caught, settings=settings(max_examples=3000, database=None, phases=[Phase.generate]))
    except NoSuchExample:
        pytest.fail(f"forgetting {forgotten} was not noticed")


@given(INPUTS, st.sampled_from([Drive.OPEN, Drive.CLOSE]))
def test_the_interlock_never_adds_or_turns_a_drive(inputs, drive):
    _, outputs, _ = ask(drive, inputs)
    assert outputs.drive in (drive, Drive.OFF)
    assert ask(Drive.OFF, inputs)[1:] == (Outputs(Drive.OFF, Light.GREEN), None)


@pytest.mark.parametrize(
    "inputs, reason",
    [
        (Inputs(stop=True), "stop"),
        (Inputs(fire=True), "close_in_fire"),
        (Inputs(photocell=True), "close_on_photocell"),
        (Inputs(closing_loop=True), "close_on_closing_loop"),
        (Inputs(detached=True), "close_while_detached"),
        (Inputs(valid=False), "close_on_invalid_inputs"),
    ],
)
def test_each_obstacle_takes_the_closing_drive_away_and_says_which(inputs, reason):
    _, outputs, tripped = ask(Drive.CLOSE, inputs)
    assert (outputs.drive, outputs.light, tripped) == (Drive.OFF, Light.RED, reason)
    opening = ask(Drive.OPEN, inputs)[2]
    assert opening == ("stop" if inputs.stop else None)


@pytest.mark.parametrize("drive", ["sideways", None, "open", 1])
def test_a_drive_it_does_not_know_becomes_off(drive):
    assert ask(drive)[1:] == (Outputs(Drive.OFF, Light.RED), "unknown_drive")


def test_a_run_that_was_cut_lets_nothing_out_until_a_reset():
    state, tripped, now = Interlock.at_start(0.0), None, LATER
    while tripped is None:
        state, _, tripped = ask(Drive.OPEN, state=state, now=now)
        now += TICK_S
    assert tripped == "ran_too_long"
    assert now - LATER == pytest.approx(2.0, abs=3 * TICK_S)
    state, _, tripped = ask(Drive.CLOSE, state=state, now=now + 60)
    assert tripped == "ran_too_long"
    _, outputs, tripped = guard(state, Outputs(Drive.CLOSE), CLEAR, now + 60, BOUNDS, reset=True)
    assert (outputs.drive, tripped) == (Drive.CLOSE, None)


def test_chattering_does_not_stretch_a_run():
    state, now, tripped = Interlock.at_start(0.0), LATER, []
    for tick in range(300):
        now += TICK_S
        state, _, reason = ask(Drive.OFF if tick % 2 else Drive.OPEN, state=state, now=now)
        tripped.append(reason)
    assert tripped[98] is None and tripped[102] == "ran_too_long"


@pytest.mark.parametrize("now", [float("nan"), -5.0])
def test_a_clock_that_makes_no_sense_lets_nothing_out(now):
    driving = ask(Drive.OPEN)[0]
    assert ask(Drive.OPEN, state=driving, now=now)[1].drive is Drive.OFF


@pytest.mark.parametrize("bound, value", [("dead_time_s", 0.2), ("max_run_s", float("inf")), ("settle_s", None)])
def test_a_bound_out_of_range_is_refused_by_name(bound, value):
    with pytest.raises(ValueError, match=f"interlock bound {bound} is .*expected"):
        replace(BOUNDS, **{bound: value})
