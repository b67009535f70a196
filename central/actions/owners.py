"""Whose an amount is, a stay's or an account's, and how each is told of what happens to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.actions import records
from central.actions.audit import audit
from central.store.schema import Account, Due, Stay

Owner = Stay | Account

OF_PASS, OF_WALLET = "pass", "wallet"
_FOR = {OF_PASS: "Parking pass", OF_WALLET: "Parking wallet"}


def owner_of(session: Session, due: Due) -> Owner:
    """The stay or account that owes it."""
    if due.stay_id is None:
        return session.get_one(Account, due.account_id)
    return session.get_one(Stay, due.stay_id)


def site_of(session: Session, due: Due) -> str:
    return owner_of(session, due).site_id


def what_for(session: Session, due: Due, owner: Owner) -> str:
    """What a payer's app shows of it."""
    return f"Parking {owner.plate or 'ticket'}" if isinstance(owner, Stay) else _FOR[due.kind]


def note(session: Session, owner: Owner, at: datetime, kind: str, by: str, **detail: Any) -> None:
    """A line of the stay's timeline, or of the account's in the audit log."""
    if isinstance(owner, Stay):
        records.note(session, owner, at, kind, by, **detail)
    else:
        audit(session, at, by, kind, f"account/{owner.id}", **detail)
