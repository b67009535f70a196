"""What may be done about money of another amount, and the bill of a part: for any amounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules import card_batch
from central.rules.invoice import agrees, invoice
from central.rules.odd_capture import Way, choices, part_of
from central.rules.pricing import price
from central.rules.quote import PricedStay, Quote
from central.rules.reconciliation import MAY_BE, Outcome, Resolution, card_goes_back, given_up
from central.rules.tariff_text import tariff_from_toml

AT = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
TARIFFS = {
    included: tariff_from_toml(Path(f"config/tariffs/{name}.toml").read_text())
    for included, name in ((True, "delhi-example"), (False, "mall"))
}
amounts = st.integers(min_value=1, max_value=1_000_000)


@given(amounts, st.sets(amounts, min_size=1, max_size=2), st.booleans(), st.booleans())
def test_every_choice_accounts_for_the_whole_capture_and_it_can_always_go_back(captured, asked, unpaid, may_part):
    found = choices(captured, asked, unpaid=unpaid, may_part=may_part)
    assert all(one.taken_paise + one.back_paise == captured for one in found)
    assert found[-1].way is Way.BACK and len({one.way for one in found}) == len(found)
    for one in found:
        match one.way:
            case Way.BACK:
                assert one.taken_paise == 0
            case Way.PART:
                assert unpaid and may_part and captured < min(asked)
            case Way.TAKEN:
                assert unpaid and one.taken_paise in asked
                assert not any(one.taken_paise < paise <= captured for paise in asked)
    if unpaid and captured >= min(asked):
        assert found[0].way is Way.TAKEN


def quote(minutes: int, included: bool) -> Quote:
    return price(TARIFFS[included], PricedStay(entered_at=AT), AT + timedelta(minutes=minutes))


@given(st.integers(min_value=130, max_value=5_000), st.integers(min_value=1, max_value=999), st.booleans())
def test_the_bill_of_a_part_sums_to_it_and_recomputes(minutes, permille, included):
    whole = quote(minutes, included)
    paise = max(1, whole.total_paise * permille // 1000)
    part = part_of(whole, paise)
    assert part.total_paise == paise == sum(line.amount_paise for line in part.lines)
    assert part.subtotal_paise + part.tax_paise + part.rounding_paise == paise
    assert agrees(invoice(part, "N", AT, "07", "07"))
    assert abs(part.rounding_paise) <= (0 if included else 1)


@pytest.mark.parametrize("paise", [0, -1, 10**9])
def test_a_part_is_more_than_nothing_and_less_than_all(paise):
    with pytest.raises(ValueError, match="part of"):
        part_of(quote(100, True), paise)


@given(amounts, amounts)
def test_a_difference_is_lost_or_goes_back_and_never_both(ours, theirs):
    for kind in (Outcome.CARD_DIFFERS, Outcome.CARD_MISSING, Outcome.AMOUNT_DIFFERS):
        if ours > theirs:
            _, lines = given_up(kind, ours, theirs)
            assert sum(line.paise for line in lines) == 0 and max(line.paise for line in lines) == ours - theirs
        else:
            with pytest.raises(ValueError, match="nothing to give up"):
                given_up(kind, ours, theirs)
    if theirs <= ours:
        with pytest.raises(ValueError, match="nothing to take back"):
            card_goes_back(ours, theirs)
    else:
        assert {line.paise for line in card_goes_back(ours, theirs)[1]} == {theirs - ours, ours - theirs}


def test_everything_queued_can_at_least_be_noted():
    assert all(Resolution.NOTED in ways and Resolution.CAME_LATER not in ways for ways in MAY_BE.values())


@given(st.text(max_size=16))
def test_an_rrn_is_twelve_digits_or_refused(text):
    try:
        digits = card_batch.rrn(text)
    except card_batch.BatchRefused:
        return
    assert len(digits) == 12 and digits.isascii() and digits.isdecimal()
