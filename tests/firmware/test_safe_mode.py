"""After repeated crashes the gate starts in safe mode: nothing moves the boom before maintenance resets it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge.life.safe_mode import SAFE_MODE, boom_at_start
from edge.rules import boom as boom_rules
from edge.rules.boom_words import BoomState, Timing, Wish
from edge.rules.signals import Drive, Inputs

LEVELS = list(Inputs.__dataclass_fields__)
INPUTS = st.builds(Inputs, **dict.fromkeys(LEVELS, st.booleans()))
WISHES = st.builds(Wish, grant=st.booleans(), hold=st.booleans(), close=st.booleans())


@given(st.lists(st.tuples(INPUTS, WISHES), max_size=60))
def test_in_safe_mode_no_input_and_no_wish_moves_the_boom(script):
    boom, now = boom_at_start(100.0), 100.0
    for inputs, wish in script:
        now += 0.5
        step = boom_rules.step(boom, inputs, wish, now, Timing())
        boom = step.boom
        assert step.outputs.drive is Drive.OFF
        assert (boom.state, boom.fault) == (BoomState.FAULT, SAFE_MODE)


def test_a_maintenance_reset_ends_safe_mode_and_the_boom_works_as_ever():
    closed = Inputs(**dict.fromkeys(LEVELS, False) | {"valid": True, "limit_closed": True})
    boom = boom_at_start(100.0)
    boom = boom_rules.step(boom, closed, Wish(reset=True), 110.0, Timing()).boom
    assert (boom.state, boom.fault) == (BoomState.CLOSED, None)
    now = 110.0
    for _ in range(100):
        now += 0.02
        step = boom_rules.step(boom, closed, Wish(grant=True), now, Timing())
        boom = step.boom
        if step.outputs.drive is Drive.OPEN:
            return
    raise AssertionError("the boom was never driven")
