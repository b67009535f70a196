"""Whose an amount is, a stay's or an account's, and how each is told of what happens to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.actions import records
from central.actions.audit import audit
from central.store.schema import Account, Due, Stay

Owner = Stay | Account

# kinds of dues: the price of a stay, what a notice of a violation asks for beside it, and what accounts buy
OF_STAY, OF_VIOLATION = "stay", "violation"
OF_PASS, OF_WALLET, OF_CORPORATE = "pass", "wallet", "corporate"
_FOR = {OF_PASS: "Parking pass", OF_WALLET: "Parking wallet", OF_CORPORATE: "Parking invoice"}


def owner_of(session: Session, due: Due) -> Owner:
    """The stay or account that owes it."""
    if due.stay_id is None:
        return session.get_one(Account, due.account_id)
    return session.get_one(Stay, due.stay_id)


def site_of(session: Session, due: Due) -> str:
    return owner_of(session, due).site_id


def hold_due(session: Session, due_id: str) -> tuple[Due, Owner]:
    """A due and whose it is, held until the transaction ends; in the order that holds everywhere: site, stay, due."""
    owner = owner_of(session, session.get_one(Due, due_id))
    records.lock_site(session, owner.site_id)
    owner = session.get_one(type(owner), owner.id, with_for_update=True, populate_existing=True)
    return session.get_one(Due, due_id, with_for_update=True, populate_existing=True), owner


def what_for(session: Session, due: Due, owner: Owner) -> str:
    """What a payer's app shows of it."""
    if not isinstance(owner, Stay):
        return _FOR[due.kind]
    return f"{'Notice' if due.kind == OF_VIOLATION else 'Parking'} {owner.plate or 'ticket'}"


def note(session: Session, owner: Owner, at: datetime, kind: str, by: str, **detail: Any) -> None:
    """A line of the stay's timeline, or of the account's in the audit log."""
    if isinstance(owner, Stay):
        records.note(session, owner, at, kind, by, **detail)
    else:
        audit(session, at, by, kind, f"account/{owner.id}", **detail)
