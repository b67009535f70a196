"""People coming and going: the account behind what was typed, and what is written down of each log-in.

The audit log is never erased, so it names staff by e-mail and drivers by a number alone; a driver's device and address
are in the log-in history, which goes with the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import sessions
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.people_contacts import Contact, normal_contact
from central.rules.people import STAFF
from central.store.schema import User


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from. address: of the network; device: in words."""

    address: str
    device: str


def who(user: User) -> str:
    """How the books and the audit log name a person."""
    return user.email if user.role in STAFF else f"driver/{user.id}"


def account_of(session: Session, typed: str) -> User | None:
    """The active account with that e-mail or phone, however it is written."""
    try:
        contact = normal_contact(typed)
    except Refused:
        return None
    user = account_with(session, contact)
    return user if user is not None and user.active else None


def account_with(session: Session, contact: Contact) -> User | None:
    """Whose e-mail or phone it is, whether or not the account is active."""
    return session.scalar(select(User).where(getattr(User, contact.kind) == contact.value))


def logged_in(
    session: Session, user_id: str, now: datetime, visit: Visit, password_hash: str | None = None
) -> tuple[User, str]:
    """The account with its log-in counted, and the token of its session.

    password_hash: its password hashed anew, where the old hash was weaker
    """
    user = session.get_one(User, user_id, with_for_update=True)
    user.last_login_at, user.login_count = now, user.login_count + 1
    user.password_hash = password_hash or user.password_hash
    _note(session, user, "logged in", now, visit)
    return user, sessions.begin(session, user, now, visit.address, visit.device)


def refused(session: Session, user: User | None, now: datetime, visit: Visit, what: str = "log-in refused") -> None:
    """Written down for its person, if there is one. What was typed is not: it may have been a password."""
    _note(session, user, what, now, visit)


def log_out(session: Session, user_id: str, session_id: str, now: datetime, visit: Visit) -> None:
    """Ends this session: its cookie is worth nothing from now on, wherever it went."""
    sessions.end(session, user_id, session_id, now)
    _note(session, session.get_one(User, user_id), "logged out", now, visit)


def _note(session: Session, user: User | None, what: str, now: datetime, visit: Visit) -> None:
    sessions.remember(session, user and user.id, what, now, visit.address, visit.device)
    is_driver = user is not None and user.role not in STAFF
    subject = "unknown" if user is None else who(user)
    detail = {} if is_driver else {"address": visit.address}
    audit(session, now, "unknown" if what.endswith("refused") else subject, what, subject, **detail)
