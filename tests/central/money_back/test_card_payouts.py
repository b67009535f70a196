"""The card terminal's payouts against what a day's shifts took by card; what differs waits for a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from central.actions import card_payouts, settlement
from central.actions.errors import Refused
from central.rules.card_batch import Batch
from central.store.reads import cards
from central.store.schema import Audit, CardPayout, Unreconciled
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import balances
from tests.central.money_back.till import DAY, NEXT_DAY, ROOPA, VERA, back, by_card, shift, waiting

A_DAY = 24 * 60
BATCH = Batch(DAY, "000017", 34_000, 612, 110, NEXT_DAY, "UTR-4711")


def record(park: CarPark, batch: Batch = BATCH, at: float = 2 * A_DAY, **given) -> CardPayout:
    with park.db.begin() as session:
        return card_payouts.record(session, SITE, batch, minutes(at), by=ROOPA, **given)


def settle(park: CarPark, number: int, how: str) -> None:
    with park.db.begin() as session:
        settlement.resolve(session, number, how, minutes(3 * A_DAY), by=ROOPA, reason="asked the bank")


def taken_twice(park: CarPark) -> None:
    """Rs 340 by card, in the shifts of two attendants."""
    shift(park)
    shift(park, VERA)
    by_card(park)
    by_card(park, "MH12AB1234", VERA, slip="004712")


def test_a_batch_that_fits_goes_to_the_bank_less_its_fee(park):
    taken_twice(park)
    record(park)
    after = balances(park.db)
    assert (after["bank"], after["psp_fees"], after["gst_input"]) == (332.78, 6.12, 1.1)
    assert "card_clearing" not in after and waiting(park) == []
    with park.db.read() as session:
        [day] = cards.card_days(session, SITE, DAY, DAY)
        assert session.scalar(select(Audit.what).where(Audit.by == ROOPA)) == "card payout"
    assert (day.taken_paise, day.paid_paise) == (34_000, 34_000)
    assert sorted(day.shifts) == [("asha@example.org", 17_000), (VERA, 17_000)]


def test_a_refund_on_the_terminal_is_taken_off_the_batch(park):
    shift(park)
    receipt = by_card(park)
    back(park, receipt, 5_000)
    record(park, replace(BATCH, gross_paise=12_000, fee_paise=0, fee_gst_paise=0))
    assert waiting(park) == [] and balances(park.db)["bank"] == 120


def test_a_batch_of_refunds_alone_is_taken_from_our_bank(park):
    shift(park)
    receipt = by_card(park)
    record(park, replace(BATCH, gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    back(park, receipt, 17_000, at=A_DAY)
    record(park, Batch(NEXT_DAY, "000018", -17_000, 0, 0, NEXT_DAY, "UTR-4712"))
    assert waiting(park) == []
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}


def test_too_little_is_queued_until_a_second_batch_of_the_day_brings_the_rest(park):
    taken_twice(park)
    record(park, replace(BATCH, gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    [item] = waiting(park)
    assert (item.kind, item.payment_ref, item.ours_paise, item.theirs_paise) == ("card_differs", DAY, 34_000, 17_000)
    record(park, replace(BATCH, batch="000018", gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    assert waiting(park) == [] and "card_clearing" not in balances(park.db)
    with park.db.read() as session:
        assert session.get_one(Unreconciled, item.id).resolution == "came_later"


def test_what_is_given_up_is_written_off_and_not_looked_for_again(park):
    taken_twice(park)
    record(park, replace(BATCH, gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    [item] = waiting(park)
    with pytest.raises(Refused, match="less was paid out than was taken: there is nothing to take back"):
        settle(park, item.id, "goes_back")
    settle(park, item.id, "given_up")
    assert balances(park.db)["write_off"] == 170 and waiting(park) == []
    record(park, replace(BATCH, batch="000018", gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    [late] = waiting(park)
    assert (late.ours_paise, late.theirs_paise) == (17_000, 34_000), "it came after all: the bank is asked"
    assert balances(park.db)["card_clearing"] == -170


def test_too_much_goes_back_to_the_terminals_bank(park):
    shift(park)
    by_card(park)
    record(park)
    [item] = waiting(park)
    with pytest.raises(Refused, match="more was paid out than was taken: there is nothing to give up"):
        settle(park, item.id, "given_up")
    settle(park, item.id, "goes_back")
    after = balances(park.db)
    assert "card_clearing" not in after and after["bank"] == 162.78 and waiting(park) == []


def test_days_before_it_that_nothing_was_paid_out_for_are_queued(park):
    shift(park)
    by_card(park)
    by_card(park, "MH12AB1234", at=A_DAY, slip="004712")
    record(park, replace(BATCH, day=NEXT_DAY, gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    [item] = waiting(park)
    assert (item.kind, item.payment_ref, item.ours_paise, item.theirs_paise) == ("card_missing", DAY, 17_000, 0)
    record(park, replace(BATCH, gross_paise=17_000, fee_paise=0, fee_gst_paise=0))
    assert waiting(park) == []


def test_a_day_that_went_on_after_its_batch_is_noticed_with_the_next_and_noted_once(park):
    shift(park)
    by_card(park)
    record(park, replace(BATCH, gross_paise=17_000, fee_paise=0, fee_gst_paise=0), at=A_DAY)
    by_card(park, "MH12AB1234", at=60, slip="004712")
    for number in (1, 2):
        record(park, Batch(NEXT_DAY, f"00002{number}", 1, 0, 0, NEXT_DAY, "UTR"))
        items = {item.payment_ref: item for item in waiting(park)}
        assert (DAY in items) == (number == 1)
        if number == 1:
            assert (items[DAY].ours_paise, items[DAY].theirs_paise) == (34_000, 17_000)
            settle(park, items[DAY].id, "noted")


def test_a_payout_typed_wrongly_is_struck_out_and_recorded_anew(park):
    taken_twice(park)
    before = balances(park.db)
    wrong = record(park, replace(BATCH, gross_paise=43_000))
    assert len(waiting(park)) == 1
    with pytest.raises(Refused, match="batch 000017 of 2026-11-24 is recorded already"):
        record(park)
    with park.db.begin() as session:
        card_payouts.strike_out(session, wrong.id, minutes(3 * A_DAY), by=ROOPA, reason="two digits were swapped")
    [item] = waiting(park)
    assert item.kind == "card_missing" and balances(park.db) == before
    record(park)
    assert waiting(park) == []
    with pytest.raises(Refused, match="struck out already, by roopa"), park.db.begin() as session:
        card_payouts.strike_out(session, wrong.id, minutes(3 * A_DAY), by=ROOPA, reason="again")


def test_the_same_payout_sent_twice_is_recorded_once(park):
    taken_twice(park)
    made = record(park, key="a-form-sent-twice")
    assert record(park, key="a-form-sent-twice").id == made.id
    with pytest.raises(Refused, match=r"^409 "):
        record(park, replace(BATCH, gross_paise=1), key="a-form-sent-twice")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"day": "yesterday"}, "day 'yesterday': expected one up to today, such as 2026-11-26"),
        ({"day": "2026-11-27"}, "expected one up to today"),
        ({"paid_on": "2026-11-23"}, "expected 2026-11-24, the day of the batch, or later"),
        ({"batch": ""}, "batch number '': expected 1 to 40 printable characters"),
        ({"bank_ref": "x\ny"}, "bank's reference"),
        ({"gross_paise": 0}, "expected ₹0.01 to"),
        ({"fee_paise": -1}, "expected 0 or more"),
        ({"fee_paise": 33_999, "fee_gst_paise": 2}, "fee and GST of ₹340.01: expected at most the batch, ₹340"),
        ({"gross_paise": -100, "fee_paise": 1, "fee_gst_paise": 0}, "expected at most the batch"),
    ],
)
def test_an_advice_that_can_not_be_so_is_refused_and_books_nothing(park, wrong, says):
    with pytest.raises(Refused, match=says):
        record(park, replace(BATCH, **wrong))
    assert balances(park.db) == {}


def test_a_payout_of_a_strange_site_or_a_strange_payout_is_refused(park):
    with pytest.raises(Refused, match="site 'x' is not known"), park.db.begin() as session:
        card_payouts.record(session, "x", BATCH, minutes(A_DAY), by=ROOPA)
    with pytest.raises(Refused, match="no such payout"), park.db.begin() as session:
        card_payouts.strike_out(session, "x", minutes(A_DAY), by=ROOPA, reason="x")
