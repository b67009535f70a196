"""Puts what is asked of a member's stay on its firm's account.

A stay on account has no receipt: parking is one supply with one tax invoice (CGST Act 2017, section 31), and that is
the firm's at the end of the month. A receipt beside it would invoice the same supply twice.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions import billing, corporate_books, coupon_uses, ledger
from central.actions.records import as_rule, ask_review, note, put
from central.rules import corporate as rules
from central.rules import ledger as ledger_rules
from central.rules import stay as stay_rules
from central.rules.attempt import AttemptStatus
from central.rules.due import DueSignal, DueStatus, step
from central.rules.ledger import Fact
from central.rules.stay_table import Status
from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    CorporateLine,
    CorporateTerms,
    Due,
    GateEvent,
    Site,
    Stay,
)
from edge.protocol.ids import uuid7

ON_ACCOUNT = str(DueStatus.ON_ACCOUNT)
_BEGUN = (str(AttemptStatus.CREATED), str(AttemptStatus.PENDING), str(AttemptStatus.UNKNOWN))
_AT_EXIT = ("exit.requested", "vehicle.exited")


def follow(session: Session, row: Stay, now: datetime) -> None:
    """Puts what is asked of a member's stay on account, at the exit or gone, where it may. Its site is held."""
    asked = row.status == Status.LEFT_OWING or (row.status == Status.QUOTED and as_rule(row).waiting)
    if row.plate is None or not asked:
        return
    vehicle = session.scalar(
        select(AccountVehicle).where(AccountVehicle.site_id == row.site_id, AccountVehicle.plate == row.plate)
    )
    if vehicle is None or vehicle.on_account_since is None or vehicle.on_account_since > (row.exited_at or now):
        return
    terms, due = corporate_books.held_terms(session, vehicle.account_id), billing.unpaid_due(session, row.id)
    if terms is None or due is None:
        return
    account = session.get_one(Account, vehicle.account_id)
    may, why_not = rules.goes_on_account(
        rules.AtExit(
            plate=row.plate,
            read=_read_at_exit(session, row),
            alike=row.exit_alike,
            under_way=_under_way(session, due.id),
            suspended=terms.suspended_at is not None,
            due_paise=due.amount_paise,
            owes_paise=corporate_books.owes(session, account.id),
            limit_paise=terms.credit_limit_paise,
        )
    )
    if may:
        _put_on(session, row, due, account, terms, now)
    elif why_not:
        # said once, however often the exit asks again
        before = row.review
        for told in (row, account):
            ask_review(told, f"{row.plate} not on account: {why_not}")
        if row.review != before:
            note(session, row, now, "not on account", "central", why=why_not)


def line_of(session: Session, due_id: str) -> CorporateLine | None:
    """The due's line on its account, that no credit note has taken back."""
    live = select(CorporateLine).where(CorporateLine.due_id == due_id, CorporateLine.credit_id.is_(None))
    return session.scalar(live)


def charged(line: CorporateLine) -> ledger_rules.Postings:
    """What a line does to the books."""
    return ledger_rules.postings(Fact.ACCOUNT_CHARGED, **ledger.split_of(line).parts())


def split_of_due(session: Session, site: Site, due: Due, terms: CorporateTerms) -> ledger_rules.Split:
    """The due's amount with the tax that those terms make of it."""
    quote, supply = billing.paid_quote(due), rules.Supply(terms.supply)
    parts = (quote.subtotal_paise, quote.tax_paise, quote.rounding_paise)
    return rules.split(*parts, supply, site.state_code, terms.state_code)


def charge(session: Session, row: Stay, due: Due, account: Account, terms: CorporateTerms, now: datetime) -> None:
    """Gives the due its line on the account, and books it."""
    quote = billing.paid_quote(due)
    split = split_of_due(session, session.get_one(Site, account.site_id), due, terms)
    line = CorporateLine(
        id=uuid7(), account_id=account.id, due_id=due.id, stay_id=row.id, plate=row.plate or "",
        vehicle_class=row.vehicle_class, entered_at=row.entered_at, left_at=due.stopped_at, minutes=quote.minutes,
        lines=[dict(asdict(one), kind=str(one.kind)) for one in quote.lines], tax_rate_bp=quote.tax_rate_bp,
        tax_included=quote.tax_included, **{f"{name}_paise": paise for name, paise in split.parts().items()},
    )  # fmt: skip
    session.add(line)
    session.flush()
    key, kind = f"account_charged:{line.id}", Fact.ACCOUNT_CHARGED
    corporate_books.book(session, account, key, kind, charged(line), now, by="central", due=due, note=line.plate)


def _put_on(session: Session, row: Stay, due: Due, account: Account, terms: CorporateTerms, now: datetime) -> None:
    ledger.given_up(session, row, due, now, by="central", why="goes on account")
    quote = billing.paid_quote(due)
    due.state, due.account_id = str(step(DueStatus(due.state), DueSignal.CHARGE)), account.id
    due.expires_at = None
    session.flush()
    coupon_uses.settled(session, row, quote, due.id, now)
    charge(session, row, due, account, terms, now)
    note(session, row, now, "on account", "central", amount_paise=due.amount_paise, account=account.name)
    until = stay_rules.permit_after_payment(billing.tariff_of(session, row), max(now, quote.until))
    put(session, row, stay_rules.pay(as_rule(row), until), now)


def _read_at_exit(session: Session, row: Stay) -> str | None:
    """The plate that the exit read last of the vehicle that stands there, or has left."""
    of_visit = or_(GateEvent.stay_id == row.id, GateEvent.request == row.exit_request)
    seen = select(GateEvent.data).where(GateEvent.site_id == row.site_id, of_visit, GateEvent.type.in_(_AT_EXIT))
    plates = (data.get("plate") for data in session.scalars(seen.order_by(GateEvent.at.desc())))
    return next((plate.get("text") for plate in plates if plate), None)


def _under_way(session: Session, due_id: str) -> bool:
    begun = select(Attempt.id).where(Attempt.due_id == due_id, Attempt.state.in_(_BEGUN))
    return session.scalar(begun.limit(1)) is not None
