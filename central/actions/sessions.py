"""Log-ins that last: one row for each device, found by the token in its cookie, ended one by one or all at once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from central import keys
from central.actions.errors import Refused
from central.rules.people import LASTS
from central.store.schema import LoginEvent, User, UserSession
from edge.protocol.ids import uuid7

# how exactly it is known when a device was seen last: a page need not write each time
SEEN_EVERY = timedelta(minutes=5)
KEPT_FOR = timedelta(days=30)


def begin(session: Session, user: User, now: datetime, address: str, device: str) -> str:
    """The token of a new log-in."""
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            id=uuid7(), user_id=user.id, token_hash=keys.digest(token), begun_at=now, seen_at=now, device=device,
            address=address,
        )
    )  # fmt: skip
    return token


def behind(session: Session, token: str, now: datetime) -> tuple[User, UserSession] | None:
    """Who logged in with that token; None once it was ended, is too old, or its account was switched off."""
    wanted = (
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_hash == keys.digest(token), UserSession.ended_at.is_(None), User.active)
    )
    found = session.execute(wanted).first()
    if found is None or now - found[1].begun_at > LASTS[found[0].role]:
        return None
    return found[0], found[1]


def seen(session: Session, session_id: str, now: datetime) -> None:
    session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def end(session: Session, user_id: str, session_id: str, now: datetime) -> None:
    """Ends one of the person's log-ins; Refused where it is none of theirs."""
    row = session.get(UserSession, session_id)
    if row is None or row.user_id != user_id:
        raise Refused("there is no such log-in")
    row.ended_at = row.ended_at or now


def end_all(session: Session, user_id: str, now: datetime, *, but: str | None = None) -> None:
    """Ends every log-in of a person, on every device, except the one named."""
    live = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    session.execute(live.where(UserSession.id != (but or "")).values(ended_at=now))


def forget_old(session: Session, now: datetime) -> None:
    """Deletes what has been over for long: where somebody once logged in is nobody's business any more."""
    over = or_(UserSession.ended_at < now - KEPT_FOR, UserSession.begun_at < now - max(LASTS.values()) - KEPT_FOR)
    session.execute(delete(UserSession).where(over).execution_options(synchronize_session=False))


def remember(
    session: Session, user_id: str | None, what: str, now: datetime, address: str = "", device: str = ""
) -> None:
    """A line of the person's log-in history."""
    session.add(LoginEvent(user_id=user_id, at=now, what=what, address=address, device=device))
