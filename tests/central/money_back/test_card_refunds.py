"""What was paid by card goes back on the terminal: never more than is left, each slip once, and the books follow."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from central.actions import shifts
from central.actions.errors import Refused
from central.store.reads.tills import shift_money
from central.store.schema import CreditNote, Due, Job, Refund, Shift
from tests.central.car_park import minutes
from tests.central.ledger.books import Psp, balances
from tests.central.money_back.till import ASHA, VERA, back, by_card, shift, waits


@pytest.fixture
def receipt(park):
    shift(park)
    return by_card(park)


def refunds_of(park) -> list[Refund]:
    with park.db.read() as session:
        return list(session.scalars(select(Refund).order_by(Refund.id)))


def test_a_card_is_given_back_on_its_terminal_with_the_number_of_its_slip(park, receipt):
    note = back(park, receipt, 17_000, rrn="6123 4567 8901")
    [refund] = refunds_of(park)
    assert (refund.state, refund.rrn, refund.payment_ref) == ("done", "612345678901", "004711")
    assert note.total_paise == 17_000 and note.refund_id == refund.id
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}
    with park.db.read() as session:
        assert session.get_one(Due, receipt.due_id).state == "refunded"
        assert session.scalar(select(Job).where(Job.kind == "refund")) is None, "the provider has no part in it"


def test_parts_go_back_until_nothing_is_left(park, receipt):
    back(park, receipt, 7_000, rrn="600000000001")
    assert balances(park.db)["card_clearing"] == 100
    with pytest.raises(Refused, match=r"expected ₹1 to ₹100, which is left of receipt"):
        back(park, receipt, 10_001, rrn="600000000002")
    back(park, receipt, 10_000, rrn="600000000002")
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}


@pytest.mark.parametrize("rrn", ["", "004711", "61234567890x", "6123456789012"])
def test_without_the_twelve_digits_of_the_terminals_slip_nothing_is_booked(park, receipt, rrn):
    before = balances(park.db)
    with pytest.raises(Refused, match="expected the 12 digits on the terminal's refund slip"):
        back(park, receipt, 17_000, rrn=rrn)
    assert balances(park.db) == before and refunds_of(park) == []
    with park.db.read() as session:
        assert session.scalars(select(CreditNote)).all() == []


def test_one_slip_of_the_terminal_is_of_one_refund(park, receipt):
    other = by_card(park, "MH12AB1234", slip="004712")
    back(park, receipt, 5_000)
    with pytest.raises(Refused, match="RRN 612345678901 is of a refund that is booked already"):
        back(park, other, 5_000)
    with pytest.raises(IntegrityError), park.db.begin() as session:
        [known] = session.scalars(select(Refund))
        session.add(
            Refund(
                id="x", attempt_id=known.attempt_id, payment_ref="x", amount_paise=1, reason="x", state="done",
                rrn=known.rrn, created_at=minutes(1),
            )
        )  # fmt: skip
    assert len(refunds_of(park)) == 1


def test_the_same_request_sent_twice_is_one_refund(park, receipt):
    first = back(park, receipt, 5_000, key="a-form-sent-twice")
    assert back(park, receipt, 5_000, key="a-form-sent-twice").id == first.id
    assert len(refunds_of(park)) == 1
    with pytest.raises(Refused, match=r"^409 key 'a-form-sent-twice' was used for another request"):
        back(park, receipt, 6_000, key="a-form-sent-twice")


def test_it_counts_for_the_shift_of_who_gives_it_back_where_one_is_open(park, receipt):
    back(park, receipt, 5_000, by=VERA, rrn="600000000001")
    back(park, receipt, 5_000, by=ASHA, rrn="600000000002")
    with park.db.read() as session:
        money = shift_money(session, session.scalars(select(Shift.id)).one())
    assert (money.card_paise, money.refunded_card_paise) == (17_000, 5_000)


def test_a_duplicate_by_upi_and_a_refund_of_the_card_give_each_payment_back_once(park):
    psp, (_, due_id) = Psp(), waits(park)
    reference = psp.begin(park.db, due_id, minutes(45))
    shift(park)
    with park.db.begin() as session:
        receipt = shifts.take_payment(session, ASHA, due_id, 17_000, minutes(46), by="card_terminal", slip="004711")
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(47)), minutes(47)) == "duplicate"
    back(park, receipt, 17_000)
    psp.give_back(park.db, minutes(61))
    with pytest.raises(Refused, match="expected ₹1 to ₹0"):
        back(park, receipt, 17_000, rrn="600000000009")
    assert [paise for _, paise in psp.refunds.values()] == [17_000]
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}
