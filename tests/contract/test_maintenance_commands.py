"""The table of commands: each names itself, says what it does, and takes its own arguments and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol.maintenance import COMMANDS, check, parsed
from edge.rules.lane.orders import ORDERS


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_good_without_arguments_and_with_a_reason(name):
    assert COMMANDS[name].name == name and COMMANDS[name].says.endswith(".")
    assert check(name, {}) == check(name, {"reason": "a look"}) == ""


def test_the_lane_s_own_orders_are_commands_and_those_of_its_desk_are_an_operator_s():
    assert set(COMMANDS) >= ORDERS
    assert {name for name, one in COMMANDS.items() if one.who == "operator"} == ORDERS - {"reset_fault"}


@pytest.mark.parametrize(
    "name, args, wrong",
    [
        ("explode", {}, "unknown command 'explode': expected one of open, hold,"),
        ("open", {"wide": True}, "open: unknown argument 'wide': expected reason"),
        ("log_level", {"level": "chatty"}, "log_level: level: Input should be 'debug', 'info'"),
        ("log_level", {"minutes": 0}, "log_level: minutes: Input should be greater than or equal to 1"),
        ("self_test", {"flash": "maybe"}, "self_test: flash: Input should be a valid boolean"),
        ("hold", {"reason": 7}, "hold: reason: Input should be a valid string"),
    ],
)
def test_what_is_wrong_with_an_order_is_said_in_one_line(name, args, wrong):
    assert check(name, args).startswith(wrong)


def test_arguments_come_as_their_model_with_what_was_left_out():
    args = parsed("log_level", {"level": "debug"})
    assert (args.level, args.minutes, args.reason) == ("debug", 30, "")


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(), max_size=3))
def test_nothing_that_is_no_order_raises(name, args):
    assert isinstance(check(name, args), str)
    for known in COMMANDS:
        assert isinstance(check(known, args), str)
