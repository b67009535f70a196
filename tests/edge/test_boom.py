"""The boom's rules, row by row: the table, its timing, what is told, debounce, and the drawing of the table."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules import boom as rules
from edge.rules.boom import MOVES, NOTICES, Debounce, debounce, diagram, step
from edge.rules.boom_words import Boom, BoomState, Severity, Signal, Timing, Wish
from edge.rules.signals import Drive, Inputs, Light

TIMING = Timing()
NOW = 1000.0
LONG_AGO = 0.0
DOWN = Inputs(limit_closed=True)
UP = Inputs(limit_open=True)
BETWEEN = Inputs()
GRANT, HOLD, CLOSE, RESET, NOTHING = Wish(grant=True), Wish(hold=True), Wish(close=True), Wish(reset=True), Wish()
B = BoomState


def boom(state, **known):
    """A boom in that state for a second, long at rest, with a lane clear for long."""
    at = {"since": NOW - 1.0, "off_since": LONG_AGO, "clear_since": LONG_AGO, "moved": True}
    return Boom(state, **(at | known))


PLAIN = {}
FOR_2_S = {"since": NOW - 2.0}
FOR_1_9_S = {"since": NOW - 1.9}
FOR_6_S = {"since": NOW - 6.0}
STILL_1_5 = {"since": NOW - 1.5, "moved": False}
OFF_0_31 = {"off_since": NOW - 0.3125}
OFF_0_25 = {"off_since": NOW - 0.25}
BOTH_1_S = {"disagree_since": NOW - 1}
CLEAR_0_9 = {"clear_since": NOW - 0.9}
TURNED_2 = {"reversals": 2}
TURNED_3 = {"reversals": 3}

#    from           known      inputs            wish           to             drive    told
ROWS = [
    (B.BOOT,        FOR_2_S,   "down",           "",            B.CLOSED,      "off",   ""),
    (B.BOOT,        FOR_2_S,   "up",             "",            B.OPEN,        "off",   ""),
    (B.BOOT,        FOR_2_S,   "",               "",            B.UNKNOWN,     "off",   ""),
    (B.BOOT,        FOR_2_S,   "down up",        "",            B.UNKNOWN,     "off",   ""),
    (B.BOOT,        FOR_2_S,   "down invalid",   "",            B.UNKNOWN,     "off",   ""),
    (B.BOOT,        FOR_1_9_S, "down fire",      "grant",       B.BOOT,        "off",   ""),
    (B.UNKNOWN,     PLAIN,     "stop",           "grant",       B.STOPPED,     "off",   "stopped"),
    (B.UNKNOWN,     PLAIN,     "fire",           "",            B.PAUSE_OPEN,  "off",   ""),
    (B.UNKNOWN,     PLAIN,     "",               "grant",       B.PAUSE_OPEN,  "off",   ""),
    (B.UNKNOWN,     PLAIN,     "",               "hold",        B.PAUSE_OPEN,  "off",   ""),
    (B.UNKNOWN,     PLAIN,     "",               "close",       B.PAUSE_OPEN,  "off",   "homing"),
    (B.UNKNOWN,     PLAIN,     "",               "",            B.UNKNOWN,     "off",   ""),
    (B.UNKNOWN,     BOTH_1_S,  "down up",        "grant",       B.FAULT,       "off",   "limits_disagree"),
    (B.CLOSED,      PLAIN,     "down stop",      "grant",       B.STOPPED,     "off",   "stopped"),
    (B.CLOSED,      PLAIN,     "down fire",      "",            B.PAUSE_OPEN,  "off",   ""),
    (B.CLOSED,      PLAIN,     "down",           "grant",       B.PAUSE_OPEN,  "off",   ""),
    (B.CLOSED,      PLAIN,     "down",           "hold",        B.PAUSE_OPEN,  "off",   ""),
    (B.CLOSED,      PLAIN,     "down photocell", "grant",       B.PAUSE_OPEN,  "off",   ""),
    (B.CLOSED,      PLAIN,     "down",           "close",       B.CLOSED,      "off",   ""),
    (B.CLOSED,      PLAIN,     "",               "",            B.UNKNOWN,     "off",   "forced_open"),
    (B.CLOSED,      BOTH_1_S,  "down up",        "",            B.FAULT,       "off",   "limits_disagree"),
    (B.PAUSE_OPEN,  PLAIN,     "down stop",      "grant",       B.STOPPED,     "off",   "stopped"),
    (B.PAUSE_OPEN,  OFF_0_31,  "down",           "",            B.OPENING,     "open",  ""),
    (B.PAUSE_OPEN,  OFF_0_25,  "down",           "grant",       B.PAUSE_OPEN,  "off",   ""),
    (B.OPENING,     PLAIN,     "stop",           "grant",       B.STOPPED,     "off",   "stopped"),
    (B.OPENING,     PLAIN,     "up",             "grant",       B.OPEN,        "off",   ""),
    (B.OPENING,     PLAIN,     "",               "close",       B.OPENING,     "open",  ""),
    (B.OPENING,     STILL_1_5, "down",           "grant",       B.FAULT,       "off",   "failed_to_start"),
    (B.OPENING,     FOR_6_S,   "",               "grant",       B.FAULT,       "off",   "open_timeout"),
    (B.OPEN,        PLAIN,     "up stop",        "close",       B.STOPPED,     "off",   "stopped"),
    (B.OPEN,        PLAIN,     "",               "",            B.UNKNOWN,     "off",   "left_open"),
    (B.OPEN,        BOTH_1_S,  "down up",        "",            B.FAULT,       "off",   "limits_disagree"),
    (B.OPEN,        PLAIN,     "up",             "close",       B.PAUSE_CLOSE, "off",   ""),
    (B.OPEN,        CLEAR_0_9, "up",             "close",       B.OPEN,        "off",   ""),
    (B.OPEN,        PLAIN,     "up",             "",            B.OPEN,        "off",   ""),
    (B.OPEN,        PLAIN,     "up fire",        "close",       B.OPEN,        "off",   ""),
    (B.OPEN,        PLAIN,     "up",             "grant close", B.OPEN,        "off",   ""),
    (B.OPEN,        PLAIN,     "up",             "hold close",  B.OPEN,        "off",   ""),
    (B.OPEN,        TURNED_3,  "up",             "close",       B.OPEN,        "off",   ""),
    (B.PAUSE_CLOSE, PLAIN,     "up stop",        "close",       B.STOPPED,     "off",   "stopped"),
    (B.PAUSE_CLOSE, PLAIN,     "up fire",        "close",       B.OPEN,        "off",   ""),
    (B.PAUSE_CLOSE, PLAIN,     "up photocell",   "close",       B.OPEN,        "off",   ""),
    (B.PAUSE_CLOSE, PLAIN,     "up",             "grant",       B.OPEN,        "off",   ""),
    (B.PAUSE_CLOSE, OFF_0_25,  "up",             "close",       B.PAUSE_CLOSE, "off",   ""),
    (B.PAUSE_CLOSE, OFF_0_31,  "up",             "close",       B.CLOSING,     "close", ""),
    (B.CLOSING,     PLAIN,     "stop",           "close",       B.STOPPED,     "off",   "stopped"),
    (B.CLOSING,     PLAIN,     "fire",           "close",       B.PAUSE_OPEN,  "off",   "reopening"),
    (B.CLOSING,     PLAIN,     "",               "grant",       B.PAUSE_OPEN,  "off",   "reopening"),
    (B.CLOSING,     PLAIN,     "",               "hold",        B.PAUSE_OPEN,  "off",   "reopening"),
    (B.CLOSING,     PLAIN,     "down photocell", "close",       B.PAUSE_OPEN,  "off",   "reversal"),
    (B.CLOSING,     TURNED_2,  "photocell",      "close",       B.PAUSE_OPEN,  "off",   "reversal too_many_reversals"),
    (B.CLOSING,     PLAIN,     "down",           "close",       B.CLOSED,      "off",   ""),
    (B.CLOSING,     PLAIN,     "",               "",            B.CLOSING,     "close", ""),
    (B.CLOSING,     STILL_1_5, "up",             "close",       B.FAULT,       "off",   "failed_to_start"),
    (B.CLOSING,     FOR_6_S,   "",               "close",       B.FAULT,       "off",   "close_timeout"),
    (B.STOPPED,     PLAIN,     "up stop",        "grant",       B.STOPPED,     "off",   ""),
    (B.STOPPED,     PLAIN,     "down stop fire", "grant",       B.STOPPED,     "off",   ""),
    (B.STOPPED,     PLAIN,     "down",           "grant",       B.CLOSED,      "off",   "stop_released"),
    (B.STOPPED,     PLAIN,     "up",             "close",       B.OPEN,        "off",   "stop_released"),
    (B.STOPPED,     PLAIN,     "",               "grant",       B.UNKNOWN,     "off",   "stop_released"),
    (B.FAULT,       PLAIN,     "down fire",      "grant",       B.FAULT,       "off",   ""),
    (B.FAULT,       PLAIN,     "down",           "reset",       B.CLOSED,      "off",   "fault_reset"),
    (B.FAULT,       PLAIN,     "",               "reset",       B.UNKNOWN,     "off",   "fault_reset"),
]  # fmt: skip


def levels(words):
    """The inputs these words name: "down" and "up" are the limits, "invalid" is a board that can't be read."""
    named = {"down": "limit_closed", "up": "limit_open"}
    active = [named.get(word, word) for word in words.split() if word != "invalid"]
    return Inputs(**dict.fromkeys(active, True), valid="invalid" not in words)


def wished(words):
    return Wish(**dict.fromkeys(words.split(), True))


@pytest.mark.parametrize("state, known, inputs, wish, to, drive, told", ROWS)
def test_each_row_of_the_table_does_what_it_says(state, known, inputs, wish, to, drive, told):
    done = step(boom(state, **known), levels(inputs), wished(wish), NOW, TIMING)
    assert (done.boom.state, done.outputs.drive.value) == (to, drive)
    assert [notice.code for notice in done.notices] == told.split()


def test_every_row_of_the_table_is_tried_above():
    tried = set()
    for state, known, inputs, wish, *_ in ROWS:
        now = (boom(state, **known), levels(inputs), wished(wish), NOW, TIMING)
        tried.add(next((row for row in MOVES if row[0] is state and rules.HOLDS[row[1]](*now)), None))
    assert not set(MOVES) - tried


@pytest.mark.parametrize("obstacle", ["closing_loop", "photocell", "detached", "invalid"])
def test_each_obstacle_turns_a_closing_boom_and_keeps_an_open_one_open(obstacle):
    blocked = {"valid": False} if obstacle == "invalid" else {obstacle: True}
    closing = step(boom(B.CLOSING), replace(BETWEEN, **blocked), CLOSE, NOW, TIMING)
    assert (closing.boom.state, closing.boom.reversals) == (B.PAUSE_OPEN, 1)
    assert step(boom(B.OPEN), replace(UP, **blocked), CLOSE, NOW, TIMING).boom.state is B.OPEN


SENSED = ["closing_loop", "photocell", "limit_open", "limit_closed", "detached", "stop", "fire"]


@given(
    st.sampled_from(B),
    st.sets(st.sampled_from(SENSED)),
    st.booleans(),
    st.builds(Wish, *[st.booleans()] * 4),
    st.sampled_from([NOW, NOW - 0.1, NOW - 1.0, NOW - 9.0]),
    st.integers(0, 3),
)
def test_no_step_from_any_boom_drives_against_the_inputs(state, active, valid, wish, since, reversals):
    inputs = Inputs(**dict.fromkeys(active, True), valid=valid)
    done = step(boom(state, since=since, reversals=reversals), inputs, wish, NOW, TIMING)
    if inputs.stop or done.boom.state in (B.BOOT, B.FAULT, B.STOPPED):
        assert done.outputs.drive is Drive.OFF
    if inputs.stop or inputs.fire or inputs.closing_loop or inputs.photocell or inputs.detached or not valid:
        assert done.boom.state is not B.CLOSING and done.outputs.drive is not Drive.CLOSE


@pytest.mark.parametrize("state, wish", list(product([B.STOPPED, B.FAULT], [GRANT, CLOSE])))
def test_what_was_asked_before_a_stop_or_a_fault_must_be_asked_again(state, wish):
    after = step(boom(state), BETWEEN, replace(wish, reset=True), NOW, TIMING).boom
    assert after.state is B.UNKNOWN
    after = step(after, BETWEEN, wish, NOW + 1, TIMING).boom
    assert after.state is B.UNKNOWN
    after = step(after, BETWEEN, NOTHING, NOW + 2, TIMING).boom
    assert step(after, BETWEEN, wish, NOW + 3, TIMING).boom.state is B.PAUSE_OPEN


def test_fire_and_hold_open_outlive_a_stop():
    after = step(boom(B.STOPPED), DOWN, HOLD, NOW, TIMING).boom
    assert step(after, DOWN, HOLD, NOW + 0.1, TIMING).boom.state is B.PAUSE_OPEN
    assert step(after, replace(DOWN, fire=True), NOTHING, NOW + 0.1, TIMING).boom.state is B.PAUSE_OPEN


def test_a_boom_reopened_for_the_next_vehicle_counts_no_obstruction():
    assert step(boom(B.CLOSING, reversals=2), BETWEEN, GRANT, NOW, TIMING).boom.reversals == 2


def test_the_count_of_obstructions_ends_with_closed_or_a_reset():
    assert step(boom(B.CLOSING, reversals=2), DOWN, CLOSE, NOW, TIMING).boom.reversals == 0
    after = step(boom(B.OPEN, reversals=3), UP, RESET, NOW, TIMING).boom
    assert step(after, UP, CLOSE, NOW + 1, TIMING).boom.state is B.PAUSE_CLOSE


def test_a_reversal_waits_for_the_relays_of_the_old_direction():
    closing = boom(B.CLOSING, off_since=None)
    pause = step(closing, replace(BETWEEN, photocell=True), CLOSE, NOW, TIMING).boom
    assert pause.off_since == NOW
    assert step(pause, BETWEEN, CLOSE, NOW + 0.29, TIMING).outputs.drive is Drive.OFF
    assert step(pause, BETWEEN, CLOSE, NOW + 0.31, TIMING).outputs.drive is Drive.OPEN


def test_a_fault_is_kept_on_the_boom_until_it_is_reset():
    fault = step(boom(B.OPENING, since=NOW - 6.0), BETWEEN, GRANT, NOW, TIMING).boom
    assert fault.fault == "open_timeout"
    assert step(fault, DOWN, RESET, NOW + 1, TIMING).boom.fault is None


def test_a_pulsed_boom_is_pulsed_and_then_left_to_travel():
    timing = Timing(pulse_s=0.5)
    opening = boom(B.OPENING, since=NOW)
    assert step(opening, BETWEEN, GRANT, NOW + 0.48, timing).outputs.drive is Drive.OPEN
    assert step(opening, BETWEEN, GRANT, NOW + 0.52, timing).outputs.drive is Drive.OFF


def test_a_pulsed_boom_turned_near_the_top_gets_its_whole_opening_pulse():
    timing = Timing(pulse_s=0.5)
    opening = boom(B.OPENING, since=NOW)
    assert step(opening, UP, GRANT, NOW + 0.48, timing).outputs.drive is Drive.OPEN
    assert step(opening, UP, GRANT, NOW + 0.52, timing).boom.state is B.OPEN


def test_green_shows_only_over_an_open_boom_that_someone_may_pass():
    assert step(boom(B.OPEN), UP, GRANT, NOW, TIMING).outputs.light is Light.GREEN
    assert step(boom(B.OPEN), UP, NOTHING, NOW, TIMING).outputs.light is Light.RED
    assert step(boom(B.OPEN), replace(UP, fire=True), GRANT, NOW, TIMING).outputs.light is Light.AMBER_FLASH
    assert step(boom(B.OPENING), BETWEEN, GRANT, NOW, TIMING).outputs.light is Light.AMBER_FLASH
    assert step(boom(B.CLOSED), DOWN, NOTHING, NOW, TIMING).outputs.light is Light.RED


@pytest.mark.parametrize(
    "setting, value",
    [
        ("dead_time_s", 0.1),
        ("travel_s", float("nan")),
        ("settle_s", "2"),
        ("clear_s", True),
        ("reversals", 2.5),
        ("pulse_s", 0),
        ("start_s", 99.0),
    ],
)
def test_a_timing_out_of_range_is_refused_by_name(setting, value):
    with pytest.raises(ValueError, match=f"boom timing {setting} is .*expected"):
        Timing(**{setting: value})


def test_a_start_time_beyond_the_travel_time_is_refused():
    with pytest.raises(ValueError, match=r"start_s is 5\.0: expected less than travel_s, 4\.0"):
        Timing(start_s=5.0, travel_s=4.0)


def test_a_clock_that_runs_backwards_is_a_programmers_error():
    with pytest.raises(ValueError, match=r"stepped at 1\.0 s"):
        step(boom(B.CLOSED), DOWN, NOTHING, 1.0, TIMING)


def test_every_notice_of_the_table_has_its_words():
    for code in filter(None, (code for _, code in MOVES.values())):
        told = rules.notice(code, TIMING)
        assert told.detail and "{" not in told.detail
        assert (told.severity is Severity.FAULT) == any(move == (B.FAULT, code) for move in MOVES.values())
    assert set(NOTICES) == {code for _, code in MOVES.values() if code} | {"too_many_reversals"}


def samples(*raws, tick_s=0.02):
    """The believed inputs after each of these samples, one tick apart."""
    state, believed = Debounce(), []
    for number, raw in enumerate(raws):
        state, inputs = debounce(state, raw, NOW + number * tick_s, debounce_s=0.05)
        believed.append(inputs)
    return believed


@pytest.mark.parametrize("name", ["closing_loop", "photocell", "detached", "stop", "fire"])
def test_a_safety_input_acts_on_its_first_sample_and_lets_go_late(name):
    seen = samples(BETWEEN, Inputs(**{name: True}), BETWEEN, BETWEEN, BETWEEN, BETWEEN, BETWEEN, BETWEEN)
    assert [getattr(inputs, name) for inputs in seen] == [False, True, True, True, True, False, False, False]


@pytest.mark.parametrize("name", ["arming_loop", "exit_loop", "limit_open", "limit_closed", "mains_failed", "button"])
def test_an_ordinary_input_is_believed_when_it_has_stood_a_while(name):
    on = Inputs(**{name: True})
    assert [getattr(inputs, name) for inputs in samples(BETWEEN, on, on, on, on, on)] == [False] * 4 + [True] * 2
    assert not any(getattr(inputs, name) for inputs in samples(*[BETWEEN, on] * 20))


def test_an_invalid_sample_changes_nothing_but_can_raise_an_alarm():
    dead = Inputs(valid=False)
    seen = samples(replace(DOWN, photocell=True), *[dead] * 20)[-1]
    assert seen == replace(DOWN, photocell=True, valid=False)
    assert samples(DOWN, replace(dead, stop=True))[-1].stop


def test_inputs_are_believed_again_only_after_a_while_of_valid_samples():
    seen = samples(DOWN, Inputs(valid=False), *[DOWN] * 5)
    assert [inputs.valid for inputs in seen] == [True, False, False, False, False, True, True]


def test_the_drawing_names_every_state_and_every_signal():
    drawn = diagram()
    assert drawn.startswith("stateDiagram-v2\n    [*] --> BOOT\n")
    assert "    CLOSING --> PAUSE_OPEN: fire, blocked, hold or grant\n" in drawn
    assert all(state.name in drawn for state in BoomState)
    assert all(signal.value in drawn for signal in Signal)
