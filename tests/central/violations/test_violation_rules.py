"""The rules of violations: who is never accused, and what can become of a notice."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.invoice import recompute
from central.rules.violations import (
    ENDED,
    MOVES,
    IllegalStep,
    Kind,
    Rule,
    Seen,
    Signal,
    Status,
    Verdict,
    asked,
    overstayed,
    passed_back,
    step,
    verdict,
)
from tests.central.car_park import START, minutes

RULE = Rule(50_000, sure=0.9)
seens = st.builds(
    Seen,
    plate=st.none() | st.just("DL1CAB1234"),
    exact=st.booleans(),
    confidence=st.none() | st.floats(0, 1),
    doubt=st.sampled_from(["", "the gate's clock was not set"]),
)


@given(seens, st.floats(0.5, 1))
def test_only_an_exact_sure_and_undoubted_read_accuses_anybody(seen, sure):
    what, why = verdict(seen, Rule(50_000, sure=sure))
    certain = seen.plate and seen.exact and seen.confidence is not None and seen.confidence >= sure and not seen.doubt
    assert (what is Verdict.RAISE) == bool(certain)
    assert (why == "") == (what is Verdict.RAISE), "a person is told why to look"


@pytest.mark.parametrize(("status", "signal"), list(product(Status, Signal)))
def test_each_step_is_in_the_table_or_refused(status, signal):
    if (status, signal) in MOVES:
        assert step(status, signal) is MOVES[status, signal]
    else:
        with pytest.raises(IllegalStep, match="can't take"):
            step(status, signal)


def test_what_has_ended_stays_ended_and_the_rest_can_always_be_paid_or_waived():
    for status in Status:
        may = {signal for known, signal in MOVES if known is status}
        assert may == set() if status in ENDED else {Signal.PAY, Signal.WAIVE} <= may


def test_an_appeal_is_decided_before_anything_is_written_off():
    assert (Status.APPEALED, Signal.WRITE_OFF) not in MOVES


def test_nothing_is_upheld_that_nobody_has_appealed():
    assert {status for status, signal in MOVES if signal is Signal.UPHOLD} == {Status.APPEALED}


@given(st.integers(100, 10_000_000), st.integers(0, 2_800), st.sampled_from(list(Kind)))
def test_what_a_notice_asks_for_recomputes_to_the_paisa(amount, rate, kind):
    quote = asked(kind, amount, Rule(amount, rate), START, minutes(90), minutes(9000))
    totals = recompute(quote.lines, quote.tax_rate_bp, quote.tax_included)
    assert totals.total_paise == quote.total_paise == amount
    assert (totals.taxable_paise, totals.tax_paise) == (quote.subtotal_paise, quote.tax_paise)
    assert quote.tax_paise % 2 == 0 and quote.subtotal_paise + quote.tax_paise == amount


@given(st.integers(1, 10_000), st.integers(0, 20_000), st.integers(0, 20_000))
def test_the_wait_at_the_exit_is_no_overstay(allowed, stood_still_at, waited):
    length = timedelta(minutes=allowed)
    over = overstayed(START, minutes(stood_still_at), length, minutes(stood_still_at + waited))
    assert over == (stood_still_at > allowed)


def test_a_stay_without_a_known_entry_is_no_overstay():
    assert not overstayed(None, None, timedelta(minutes=1), START)


def test_who_had_been_to_an_exit_may_have_left_and_did_not_pass_anything_back():
    assert passed_back(START, False, minutes(10))
    assert not passed_back(START, True, minutes(10))
    assert not passed_back(minutes(10), False, START)
