"""Whether a firm may park on account: suspended by the rule about overdue invoices or by staff, and lifted again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import corporate_books, corporate_parts
from central.actions.accounts import held
from central.actions.audit import audit
from central.actions.corporate_firms import held_firm
from central.actions.errors import Refused
from central.actions.ledger import site_day
from central.rules.money import rupees
from central.store.schema import Account, CorporateInvoice, CorporateTerms

SYSTEM = "central"
LONGEST_LIFT = timedelta(days=90)


def late(session: Session, now: datetime, after_days: int) -> list[str]:
    """Ids of the accounts that the rule suspends: an invoice is overdue for more than so many days; 0: never."""
    if not after_days:
        return []
    owing = (
        select(Account, CorporateTerms.lifted_until, CorporateInvoice.due_on)
        .join(CorporateTerms, CorporateTerms.account_id == Account.id)
        .join(CorporateInvoice, CorporateInvoice.account_id == Account.id)
        .where(corporate_parts.OPEN, CorporateTerms.suspended_at.is_(None))
        .order_by(Account.id)
    )
    found = {}
    for account, lifted_until, due_on in session.execute(owing):
        today = site_day(session, account.site_id, now)
        if lifted_until < today and date.fromisoformat(due_on) + timedelta(days=after_days) < date.fromisoformat(today):
            found[account.id] = True
    return list(found)


def suspend_late(session: Session, account_id: str, now: datetime, after_days: int) -> None:
    """Suspends the account where the rule still says so."""
    account, _ = held_firm(session, account_id)
    if account.id in late(session, now, after_days):
        overdue = _overdue(session, account, now)
        owed = rupees(sum(invoice.open_paise for invoice in overdue))
        suspend(session, account.id, f"{owed} overdue since {overdue[0].due_on}", now, SYSTEM)


def suspend(session: Session, account_id: str, why: str, now: datetime, by: str) -> None:
    """From now on the firm's members pay at the exit."""
    _, terms = held_firm(session, account_id)
    why = " ".join(why.split())[:200]
    if len(why) < 3:
        raise Refused("say why: expected a reason of 3 to 200 characters")
    if terms.suspended_at is not None:
        raise Refused("the account is suspended already")
    terms.suspended_at, terms.suspended_by, terms.suspended_why = now, by, why
    audit(session, now, by, "firm suspended", f"account/{account_id}", why=why)


def lift(session: Session, account_id: str, until: str, why: str, now: datetime, by: str) -> None:
    """Lets the firm park on account again. until: the day up to which the rule leaves it alone, "2026-12-24"."""
    account, terms = held_firm(session, account_id)
    today = date.fromisoformat(site_day(session, account.site_id, now))
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        raise Refused(f"until {until[:20]!r}: expected a day such as {today.isoformat()}") from error
    if not today <= day <= today + LONGEST_LIFT:
        raise Refused(f"until {day.isoformat()}: expected {today.isoformat()} to {(today + LONGEST_LIFT).isoformat()}")
    if terms.suspended_at is None:
        raise Refused("the account is not suspended")
    _lift(terms)
    terms.lifted_until = day.isoformat()
    audit(session, now, by, "firm's suspension lifted", f"account/{account_id}", until=day.isoformat(), why=why[:200])


def lift_what_is_paid(session: Session, account: Account, now: datetime) -> None:
    """What the rule suspended is lifted once nothing is overdue; what a person suspended stays so."""
    terms = corporate_books.held_terms(session, account.id)
    if terms.suspended_at is not None and terms.suspended_by == SYSTEM and not _overdue(session, account, now):
        _lift(terms)
        audit(session, now, SYSTEM, "firm's suspension lifted", f"account/{account.id}", why="nothing is overdue")


def looked_at(session: Session, account_id: str, now: datetime, by: str) -> None:
    """A person has seen to what was to be looked at."""
    account = held(session, account_id)
    if account.review is not None:
        audit(session, now, by, "account looked at", f"account/{account.id}", was=account.review)
        account.review = None


def _lift(terms: CorporateTerms) -> None:
    terms.suspended_at, terms.suspended_by, terms.suspended_why = None, "", ""


def _overdue(session: Session, account: Account, now: datetime) -> list[CorporateInvoice]:
    today = site_day(session, account.site_id, now)
    return [one for one in corporate_parts.open_invoices(session, account.id) if one.due_on < today]
