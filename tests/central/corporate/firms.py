"""Firms at a car park of tests: opened in a word, their members' visits, and a look at what they owe."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from central.actions import corporate, corporate_books, corporate_check, corporate_invoices, corporate_payments, ledger
from central.rules.corporate import Supply, Terms
from central.store.schema import CorporateInvoice, CorporateLine
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.visits import PLATE, enter, leave, request

GSTIN = "27AAPFU0939F1ZV"
# after the month of START is over, 1 December 2026 at noon in India
NEXT_MONTH = datetime.fromisoformat("2026-12-01T12:00:00+05:30")


def terms(limit: int = 10_000_00, **more) -> Terms:
    plain = {
        "legal_name": "Acme Private Limited", "gstin": "", "address": "1 Ring Road\nNew Delhi", "state_code": "07",
        "supply": Supply.SITE, "credit_limit_paise": limit, "invoice_day": 1, "payment_days": 15,
    }  # fmt: skip
    return Terms(**plain | more)


def firm(park: CarPark, *plates: str, limit: int = 10_000_00, now: datetime = START, **more) -> str:
    """A firm's account with these members; its id."""
    with park.db.begin() as session:
        made = corporate.open_firm(session, SITE, "Acme", terms(limit, **more), now, "manager")
        if plates:
            _, wrong = corporate.add_members(session, made.id, "\n".join(plates), now, "manager")
            assert wrong == []
        return made.id


def visit(park: CarPark, at: float = 0, text: str = PLATE, length: float = 45) -> str:
    """In, to the exit after so many minutes (45 cost Rs 170), and out; the stay's id."""
    stay_id, _ = enter(park, at, text)
    request(park, at + length, text)
    leave(park, at + length + 1, text, session=stay_id)
    return stay_id


def at_exit(park: CarPark, when: datetime, text: str = PLATE) -> str:
    """In then, and at the exit 45 minutes later; the stay's id."""
    at = (when - START) / timedelta(minutes=1)
    stay_id, _ = enter(park, at, text)
    request(park, at + 45, text)
    return stay_id


def invoice(park: CarPark, account_id: str, now: datetime = NEXT_MONTH) -> str:
    """The invoice of what was parked until the last month's end; its id."""
    with park.db.begin() as session:
        [made] = corporate_invoices.make_due(session, account_id, now)
        return made.id


def transfer(
    park: CarPark, account_id: str, paise: int, at: datetime = NEXT_MONTH, ref: str = "UTR0001", **more
) -> str:
    """A bank transfer is recorded; the payment's id."""
    with park.db.begin() as session:
        made = corporate_payments.record(session, account_id, paise, "transfer", ref, at, "manager", **more)
        return made.id


def owes(park: CarPark, account_id: str) -> int:
    with park.db.read() as session:
        return corporate_books.owes(session, account_id)


def invoices(park: CarPark) -> list[CorporateInvoice]:
    with park.db.read() as session:
        return list(session.scalars(select(CorporateInvoice).order_by(CorporateInvoice.id)))


def lines(park: CarPark) -> list[CorporateLine]:
    with park.db.read() as session:
        return list(session.scalars(select(CorporateLine).order_by(CorporateLine.id)))


def sound(park: CarPark) -> None:
    """The books and firms' accounts are true."""
    with park.db.read() as session:
        assert ledger.check(session) == []
        assert corporate_check.check(session) == []


__all__ = ["GSTIN", "NEXT_MONTH", "PLATE", "START", "minutes"]
