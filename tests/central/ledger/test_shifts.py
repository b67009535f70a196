"""Shifts: cash and card at the exit, drops, and a cash-up whose difference is booked with its reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from central.actions import shifts
from central.actions.errors import Refused
from central.actions.ledger_check import CARD
from central.store.schema import Audit, Receipt, Shift
from edge.protocol.ids import uuid7
from edge.protocol.messages import SessionStatus
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, request

ASHA = "asha@example.org"


def opened(park: CarPark, float_rupees: int = 500, at: float = 0) -> str:
    with park.db.begin() as session:
        return shifts.open_shift(session, SITE, ASHA, float_rupees * 100, minutes(at)).id


def waiting(park: CarPark) -> tuple[str, str]:
    """A vehicle at the exit with Rs 170 to pay: its stay and due."""
    stay_id, _ = enter(park)
    request(park, 45)
    return stay_id, park.dues(stay_id)[0].id


def take(park: CarPark, due_id: str, rupees: int = 170, **how: str) -> Receipt:
    with park.db.begin() as session:
        return shifts.take_payment(session, ASHA, due_id, rupees * 100, minutes(46), **how)


def close(park: CarPark, shift_id: str, rupees: int, reason: str = "") -> Shift:
    with park.db.begin() as session:
        return shifts.close_shift(session, shift_id, rupees * 100, minutes(500), by=ASHA, reason=reason)


def audited(park: CarPark) -> list[str]:
    with park.db.read() as session:
        return list(session.scalars(select(Audit.what).where(Audit.by == ASHA).order_by(Audit.id)))


def test_cash_pays_a_stay_as_upi_does_and_the_exit_opens(park):
    opened(park)
    stay_id, due_id = waiting(park)
    receipt = take(park, due_id)
    assert receipt.total_paise == 17_000
    told = park.told(stay_id)
    assert told.status == SessionStatus.PAID and told.permit_until is not None
    assert balances(park.db) == {
        "cash_drawer": 670.0, "cash_safe": -500.0, "revenue": -144.06, "cgst": -12.97, "sgst": -12.97,
    }  # fmt: skip


def test_a_card_is_taken_with_its_slip_and_is_with_the_terminals_bank(park):
    opened(park, 0)
    _, due_id = waiting(park)
    with pytest.raises(Refused, match="number on the terminal's slip"):
        take(park, due_id, by=CARD)
    with pytest.raises(Refused, match="expected one of cash, card_terminal"):
        take(park, due_id, by="cheque")
    take(park, due_id, by=CARD, slip="004512")
    assert balances(park.db)["card_clearing"] == 170


def test_a_due_is_paid_once_whoever_is_first(park):
    opened(park)
    psp, (_, due_id) = Psp(), waiting(park)
    reference = psp.begin(park.db, due_id, minutes(45))
    take(park, due_id)
    with pytest.raises(Refused, match="this amount is paid"):
        take(park, due_id)
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(47)), minutes(47)) == "duplicate"
    psp.give_back(park.db, minutes(48))
    assert balances(park.db)["cash_drawer"] == 670 and len(psp.refunds) == 1


def test_cash_without_a_shift_for_another_amount_or_for_nothing_is_refused(park):
    _, due_id = waiting(park)
    with pytest.raises(Refused, match="open your shift first"):
        take(park, due_id)
    opened(park)
    with pytest.raises(Refused, match="the price has changed to ₹170"):
        take(park, due_id, 120)
    with pytest.raises(Refused, match="no such amount"):
        take(park, uuid7())
    assert balances(park.db)["cash_drawer"] == 500


def test_a_price_that_has_run_out_is_asked_again(park):
    opened(park)
    _, due_id = waiting(park)
    with pytest.raises(Refused, match="has run out"), park.db.begin() as session:
        shifts.take_payment(session, ASHA, due_id, 17_000, minutes(300))


def test_an_attendant_has_one_open_shift(park):
    opened(park)
    with pytest.raises(Refused, match="still open"):
        opened(park)
    with pytest.raises(IntegrityError), park.db.begin() as session:
        session.add(Shift(id=uuid7(), site_id=SITE, attendant=ASHA, opened_at=minutes(0), float_paise=0))


@pytest.mark.parametrize(
    ("counted", "over_short"), [(370, {}), (375, {"over_short": -5.0}), (300, {"over_short": 70.0})]
)
def test_a_shift_ends_with_its_drawer_empty_and_its_difference_booked(park, counted, over_short):
    shift_id = opened(park)
    take(park, waiting(park)[1])
    with park.db.begin() as session:
        shifts.drop_cash(session, ASHA, 30_000, minutes(100))
    if over_short:
        with pytest.raises(Refused, match="say why"):
            close(park, shift_id, counted)
    shift = close(park, shift_id, counted, "a note was torn" if over_short else "")
    assert (shift.expected_paise, shift.counted_paise) == (37_000, counted * 100)
    assert balances(park.db) == {
        "cash_safe": float(300 + counted - 500), "revenue": -144.06, "cgst": -12.97, "sgst": -12.97, **over_short,
    }  # fmt: skip
    assert audited(park) == ["shift opened", "paid by cash", "cash dropped", "shift closed"]
    with pytest.raises(Refused, match="closed already"):
        close(park, shift_id, counted)
    opened(park, at=600)


@pytest.mark.parametrize("rupees", [0, -1, 501, 10**9])
def test_a_drop_of_nothing_or_of_more_than_there_is_is_refused(park, rupees):
    opened(park)
    with pytest.raises(Refused, match="drop of"), park.db.begin() as session:
        shifts.drop_cash(session, ASHA, rupees * 100, minutes(100))


def test_a_float_must_be_an_amount_and_its_site_must_be_there(park):
    with pytest.raises(Refused, match="float of -₹1: expected ₹0 to"):
        opened(park, -1)
    with pytest.raises(Refused, match="'nowhere' is not known"), park.db.begin() as session:
        shifts.open_shift(session, "nowhere", ASHA, 0, minutes(0))
