"""Attendants at a till, and vehicles that stand at the exit and owe Rs 170."""

from __future__ import annotations

from sqlalchemy import select

from central.actions import shifts
from central.actions.ledger_check import CARD
from central.payments import refunds
from central.store.schema import CreditNote, Receipt, Unreconciled
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.visits import enter, request

ASHA, ROOPA, VERA = "asha@example.org", "roopa@example.org", "vera@example.org"
DAY, NEXT_DAY = "2026-11-24", "2026-11-25"
AN_HOUR = 60


def waits(park: CarPark, text: str = "DL1CAB1234", at: float = 0) -> tuple[str, str]:
    """A vehicle at the exit with Rs 170 to pay: its stay and due."""
    stay_id, _ = enter(park, at, text)
    request(park, at + 45, text, stay_id)
    return stay_id, park.dues(stay_id)[0].id


def shift(park: CarPark, who: str = ASHA, at: float = 0) -> str:
    with park.db.begin() as session:
        return shifts.open_shift(session, SITE, who, 0, minutes(at)).id


def by_card(park: CarPark, text: str = "DL1CAB1234", who: str = ASHA, at: float = 0, slip: str = "004711") -> Receipt:
    """The receipt of Rs 170 that a driver has paid by card."""
    _, due_id = waits(park, text, at)
    with park.db.begin() as session:
        return shifts.take_payment(session, who, due_id, 17_000, minutes(at + 46), by=CARD, slip=slip)


def back(park: CarPark, receipt: Receipt, paise: int, *, at: float = AN_HOUR, **given: str) -> CreditNote:
    given = {"by": VERA, "reason": "the lift was broken", "rrn": "612345678901"} | given
    with park.db.begin() as session:
        return refunds.give_back(session, receipt.id, paise, minutes(at), **given)


def waiting(park: CarPark) -> list[Unreconciled]:
    """What waits in the queue of reconciliation."""
    with park.db.read() as session:
        return list(session.scalars(select(Unreconciled).where(Unreconciled.resolution.is_(None))))
