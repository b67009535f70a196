"""Which commands a gate obeys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol.ids import uuid7
from edge.protocol.messages import Clock, Command
from edge.rules.commands import ACCEPTED, LONGEST_LIFE, NAMES, REPLAYED, judge
from tests.edge.journal_makers import BOOT, NOON


def order(**changes) -> Command:
    fields = {
        "cmd_id": uuid7(),
        "gate": "entry-1",
        "boot": BOOT,
        "nonce": "n",
        "not_after": NOON + timedelta(seconds=10),
        "name": "open",
        "by": "attendant",
    }
    return Command(**{**fields, **changes})


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_command_for_this_gate_and_boot_is_accepted(name):
    assert judge(order(name=name), NOON, BOOT, "entry-1", seen=False) == ACCEPTED


def test_a_command_is_accepted_once():
    assert judge(order(), NOON, BOOT, "entry-1", seen=True) == REPLAYED


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"gate": "entry-2"}, "wrong gate"),
        ({"boot": uuid7()}, "wrong boot"),
        ({"name": "explode"}, "unknown command"),
        ({"not_after": NOON - timedelta(microseconds=1)}, "expired"),
        ({"not_after": NOON + LONGEST_LIFE + timedelta(seconds=1)}, "lives too long"),
    ],
)
def test_each_refusal_says_why(changes, reason):
    assert reason in judge(order(**changes), NOON, BOOT, "entry-1", seen=False)


@given(st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_a_command_is_good_only_in_the_minutes_before_it_expires(offset):
    verdict = judge(order(not_after=NOON + offset), NOON, BOOT, "entry-1", seen=False)
    assert (verdict == ACCEPTED) == (timedelta(0) <= offset <= LONGEST_LIFE)


@pytest.mark.parametrize("clock", [Clock.HOLDOVER, Clock.UNTRUSTED])
@given(offset=st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_gate_that_can_not_believe_its_clock_obeys_its_operators_all_the_same(clock, offset):
    command = order(not_after=NOON + offset)
    assert judge(command, NOON, BOOT, "entry-1", False, clock) == ACCEPTED
    assert judge(command, NOON, BOOT, "entry-1", True, clock) == REPLAYED
    assert "wrong boot" in judge(command, NOON, uuid7(), "entry-1", False, clock)
