"""UPI IDs that an account has saved: one of them is the default, and each goes for good when its owner says so.

Audit lines carry them masked: what was erased must not live on there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import repeats
from central.actions.accounts import held
from central.actions.audit import audit
from central.actions.errors import Refused
from central.rules.upi import masked, normal_upi_id
from central.store.schema import SavedUpi
from edge.protocol.ids import uuid7

MOST = 5


def save(session: Session, account_id: str, text: str, now: datetime, by: str, *, key: str | None = None) -> SavedUpi:
    """Saves an ID, the first as the default; the one there is, where it was saved before."""
    account = held(session, account_id)
    try:
        upi_id = normal_upi_id(text)
    except ValueError as error:
        raise Refused(f"UPI ID: {error}") from error
    asked = repeats.request(session, "save UPI ID", key, account=account.id, upi_id=upi_id)
    known = saved(session, account.id)
    same = next((one for one in known if one.upi_id == upi_id), None)
    if same is not None:
        return same
    if len(known) >= MOST:
        raise Refused(f"{MOST} UPI IDs are saved already: remove one first")
    made = SavedUpi(id=uuid7(), account_id=account.id, upi_id=upi_id, is_default=not known, created_at=now)
    session.add(made)
    session.flush()
    audit(session, now, by, "UPI ID saved", f"account/{account.id}", upi_id=masked(upi_id))
    asked.done(session, made.id, now)
    return made


def make_default(session: Session, account_id: str, saved_id: str, now: datetime, by: str) -> None:
    chosen = _one(session, account_id, saved_id)
    for one in saved(session, account_id):
        one.is_default = False
    session.flush()  # there is never more than one, not even for a moment
    chosen.is_default = True
    audit(session, now, by, "UPI ID is default", f"account/{account_id}", upi_id=masked(chosen.upi_id))


def remove(session: Session, account_id: str, saved_id: str, now: datetime, by: str) -> None:
    """The row is deleted; where it was the default, the latest of the others is."""
    gone = _one(session, account_id, saved_id)
    session.delete(gone)
    session.flush()
    left = saved(session, account_id)
    if gone.is_default and left:
        left[-1].is_default = True
    audit(session, now, by, "UPI ID removed", f"account/{account_id}", upi_id=masked(gone.upi_id))


def default_of(session: Session, account_id: str) -> SavedUpi | None:
    """The one that is offered where the account pays."""
    default = select(SavedUpi).where(SavedUpi.account_id == account_id, SavedUpi.is_default)
    return session.scalar(default)


def saved(session: Session, account_id: str) -> list[SavedUpi]:
    """Those of an account, oldest first."""
    return list(session.scalars(select(SavedUpi).where(SavedUpi.account_id == account_id).order_by(SavedUpi.id)))


def _one(session: Session, account_id: str, saved_id: str) -> SavedUpi:
    held(session, account_id)
    found = session.get(SavedUpi, saved_id)
    if found is None or found.account_id != account_id:
        raise Refused("there is no such UPI ID")
    return found
