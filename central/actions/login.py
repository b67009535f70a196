"""Staff coming and going: the account behind an e-mail or a session, and what is written down of each log-in."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.store.schema import User


def account_of(session: Session, email: str) -> User | None:
    """The active account with that e-mail, however it is written."""
    wanted = select(User).where(User.email == email.strip().lower(), User.active)
    return session.scalar(wanted)


def account_behind(session: Session, uniquifier: str) -> User | None:
    """The active account that a session was opened for; None once its sessions were ended."""
    return session.scalar(select(User).where(User.fs_uniquifier == uniquifier, User.active))


def logged_in(session: Session, user_id: str, now: datetime, address: str, password_hash: str | None = None) -> User:
    """The account with its log-in counted. password_hash: its password hashed anew, where the old hash was weaker."""
    user = session.get_one(User, user_id, with_for_update=True)
    user.last_login_at, user.login_count = now, user.login_count + 1
    user.password_hash = password_hash or user.password_hash
    audit(session, now, user.email, "logged in", user.email, address=address)
    return user


def log_in_failed(session: Session, email: str, now: datetime, address: str) -> None:
    """Written down with the e-mail as typed, cut short: somebody may have typed a password there."""
    audit(session, now, address, "log-in refused", email.strip().lower()[:100])


def log_out(session: Session, user_id: str, now: datetime) -> None:
    """Ends every session of the account, on every device: a stolen cookie is worth nothing from now on."""
    user = session.get_one(User, user_id, with_for_update=True)
    user.fs_uniquifier = secrets.token_hex(32)
    audit(session, now, user.email, "logged out", user.email)
