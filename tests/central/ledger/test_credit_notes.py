"""Refunds: each with a credit note of its invoice, to the paise, paid out the way the money came."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import credit_notes, shifts
from central.actions.billing import paid_paise
from central.actions.errors import Refused
from central.payments import refunds
from central.store.schema import CreditNote, Due, Job, Receipt
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, leave, request

ASHA, ROOPA = "asha@example.org", "roopa@example.org"


@pytest.fixture
def psp() -> Psp:
    return Psp()


def paid(park: CarPark, psp: Psp | None) -> str:
    """The receipt of a stay of Rs 170 that has left; psp: paid by UPI, None: in cash to Asha."""
    stay_id, _ = enter(park)
    request(park, 45)
    due_id = park.dues(stay_id)[0].id
    if psp is None:
        with park.db.begin() as session:
            shifts.open_shift(session, SITE, ASHA, 0, minutes(0))
        with park.db.begin() as session:
            shifts.take_payment(session, ASHA, due_id, 17_000, minutes(46))
    else:
        psp.hear(park.db, psp.event(psp.begin(park.db, due_id, minutes(45)), "captured", minutes(46)), minutes(46))
    leave(park, 47, session=stay_id)
    with park.db.read() as session:
        return session.scalars(select(Receipt.id).where(Receipt.stay_id == stay_id)).one()


def back(park: CarPark, receipt_id: str, paise: int, by: str = ASHA, reason: str = "the lift was broken") -> CreditNote:
    with park.db.begin() as session:
        return refunds.give_back(session, receipt_id, paise, minutes(60), by=by, reason=reason)


def test_a_whole_refund_takes_the_whole_invoice_back(park, psp):
    receipt_id = paid(park, psp)
    note = back(park, receipt_id, 17_000)
    assert (note.serial, note.taxable_paise, note.cgst_paise, note.sgst_paise) == (
        "DELH/2627/C00001",
        14_406,
        1297,
        1297,
    )
    assert balances(park.db) == {
        "psp_clearing": 170.0, "customer_credit": -170.0, "revenue": -144.06, "refunds": 144.06,
    }  # fmt: skip
    psp.give_back(park.db, minutes(61))
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}
    with park.db.read() as session:
        due = session.get_one(Due, session.get_one(Receipt, receipt_id).due_id)
        assert due.state == "refunded" and paid_paise(session, due.stay_id) == 0
        assert session.scalar(select(Job.key).where(Job.kind == "refund"))


def test_parts_come_to_the_very_paise_and_recompute(park, psp):
    receipt_id = paid(park, psp)
    notes = [back(park, receipt_id, paise) for paise in (3_333, 5_001, 8_666)]
    with park.db.read() as session:
        receipt = session.get_one(Receipt, receipt_id)
        assert all(credit_notes.agrees(note, receipt) for note in notes)
        assert sum(note.taxable_paise for note in notes) == receipt.taxable_paise
        assert sum(note.cgst_paise for note in notes) == receipt.cgst_paise
        assert session.get_one(Due, receipt.due_id).state == "refunded"
    assert [note.serial[-6:] for note in notes] == ["C00001", "C00002", "C00003"]
    psp.give_back(park.db, minutes(61))
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}


def test_a_note_that_was_tampered_with_does_not_agree(park, psp):
    receipt_id = paid(park, psp)
    note = back(park, receipt_id, 5_000)
    note.cgst_paise, note.taxable_paise = note.cgst_paise - 1, note.taxable_paise + 1
    with park.db.read() as session:
        assert not credit_notes.agrees(note, session.get_one(Receipt, receipt_id))


@pytest.mark.parametrize("paise", [0, -100, 99, 17_001])
def test_more_than_is_left_or_under_a_rupee_is_refused(park, psp, paise):
    with pytest.raises(Refused, match=r"expected ₹1 to ₹170, which is left of receipt DELH/2627/000001"):
        back(park, paid(park, psp), paise)


def test_a_refund_needs_a_reason_and_a_receipt(park, psp):
    with pytest.raises(Refused, match="say why"):
        back(park, paid(park, psp), 100, reason=" ")
    with pytest.raises(Refused, match="no such receipt"):
        back(park, "none", 100)


def test_cash_comes_back_out_of_the_drawer_of_who_gives_it(park):
    receipt_id = paid(park, None)
    with pytest.raises(Refused, match="open your shift first"):
        back(park, receipt_id, 7_000, by=ROOPA)
    with park.db.begin() as session:
        shifts.open_shift(session, SITE, ROOPA, 1_000, minutes(0))
    with pytest.raises(Refused, match="your drawer holds ₹10"):
        back(park, receipt_id, 7_000, by=ROOPA)
    back(park, receipt_id, 7_000)
    assert balances(park.db)["cash_drawer"] == 110
