"""One-time codes: six digits, stored hashed, good for ten minutes and five tries, and not sent too often.

A code is also made where nobody will get it, so that a stranger can't tell who has an account.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from central import keys
from central.actions.errors import Refused
from central.actions.people_contacts import Contact
from central.store.schema import OneTimeCode
from edge.protocol.ids import uuid7

LASTS = timedelta(minutes=10)
TRIES = 5
GAP = timedelta(seconds=60)
MOST_AN_HOUR = 5
FORGOTTEN_AFTER = timedelta(days=1)


def make(
    session: Session, purpose: str, to: Contact, now: datetime, *, user_id: str | None = None, **facts: Any
) -> tuple[OneTimeCode, str]:
    """A new code, to be sent. The earlier ones for the same are worth nothing from now on.

    Refused where one was asked for less than a minute ago, or five within the hour.
    """
    recent = select(OneTimeCode.made_at).where(OneTimeCode.sent_to == to.value, OneTimeCode.made_at > now - LASTS * 6)
    times = list(session.scalars(recent.order_by(OneTimeCode.made_at.desc())))
    if times and now - times[0] < GAP:
        raise Refused("a code was asked for less than a minute ago: look for it, or wait a moment")
    if len(times) >= MOST_AN_HOUR:
        raise Refused("that were many codes within an hour: try again later")
    before = select(OneTimeCode).where(OneTimeCode.sent_to == to.value, OneTimeCode.purpose == purpose)
    for earlier in session.scalars(before.where(OneTimeCode.used_at.is_(None))):
        earlier.expires_at = min(earlier.expires_at, now)
    digits, code_id = f"{secrets.randbelow(1_000_000):06}", uuid7()
    row = OneTimeCode(
        id=code_id, user_id=user_id, purpose=purpose, sent_to=to.value, code_hash=_hash(code_id, digits),
        facts=facts, made_at=now, expires_at=now + LASTS, tries=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, digits


def check(session: Session, code_id: str | None, purpose: str, typed: str, now: datetime) -> OneTimeCode | None:
    """The code's row where the digits are right; None else, and the try is counted: commit it either way."""
    row = session.get(OneTimeCode, code_id, with_for_update=True) if code_id else None
    if row is None or row.purpose != purpose or row.used_at is not None or now >= row.expires_at or row.tries >= TRIES:
        return None
    row.tries += 1
    digits = "".join(typed.split()).replace("-", "")
    return row if hmac.compare_digest(row.code_hash, _hash(row.id, digits)) else None


def pending(session: Session, code_id: str | None, now: datetime) -> OneTimeCode | None:
    """A code that was made and may still come back."""
    row = session.get(OneTimeCode, code_id) if code_id else None
    return row if row is not None and row.used_at is None and now < row.expires_at else None


def forget_old(session: Session, now: datetime) -> None:
    """Deletes the codes of the day before: with them goes what was kept of whoever did not finish registering."""
    session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < now - FORGOTTEN_AFTER))


def _hash(code_id: str, digits: str) -> str:
    """Of the code and its row, so that equal codes differ. A million are quickly tried: what guards is the time."""
    return keys.digest(f"{code_id}:{digits}")
