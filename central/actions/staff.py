"""The one-time set-up link that makes the first administrator. There is no default account and no default password."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from central import keys
from central.actions.audit import audit
from central.actions.errors import Refused
from central.store.schema import SetupLink, User
from edge.protocol.ids import uuid7

LINK_LASTS = timedelta(hours=24)
ROLES = ("administrator", "manager", "supervisor", "attendant")


def has_administrator(session: Session) -> bool:
    count = select(func.count()).select_from(User).where(User.role == "administrator", User.active)
    return bool(session.scalar(count))


def make_setup_link(session: Session, now: datetime, by: str) -> str:
    """The token of a new link; every earlier unused one ends. Refused once there is an administrator."""
    if has_administrator(session):
        raise Refused("there is an administrator already: ask them for an account")
    session.execute(update(SetupLink).where(SetupLink.used_at.is_(None)).values(expires_at=now))
    token = secrets.token_urlsafe(24)
    session.add(SetupLink(token_hash=keys.digest(token), created_at=now, expires_at=now + LINK_LASTS))
    audit(session, now, by, "setup link made", "staff")
    return token


def setup_link_valid(session: Session, token: str, now: datetime) -> bool:
    link = session.get(SetupLink, keys.digest(token))
    return link is not None and link.used_at is None and now < link.expires_at and not has_administrator(session)


def use_setup_link(session: Session, token: str, now: datetime, *, email: str, name: str, password_hash: str) -> User:
    """The first administrator. The password comes already hashed."""
    link = session.get(SetupLink, keys.digest(token), with_for_update=True)
    if link is None or not setup_link_valid(session, token, now):
        raise Refused("this set-up link is used, too old or not ours: make a new one with `setup-link`")
    link.used_at = now
    return add_user(session, now, "setup link", email=email, name=name, password_hash=password_hash, role=ROLES[0])


def add_user(
    session: Session, now: datetime, by: str, *, email: str, name: str, password_hash: str | None, role: str
) -> User:
    """A new member of staff."""
    email = email.strip().lower()
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,190}", email):
        raise Refused(f"e-mail {email[:60]!r}: expected NAME@DOMAIN")
    if role not in ROLES:
        raise Refused(f"role {role!r}: expected one of {', '.join(ROLES)}")
    if session.scalar(select(User).where(User.email == email)) is not None:
        raise Refused(f"there is an account for {email} already")
    user = User(
        id=uuid7(),
        email=email,
        name=name.strip(),
        password_hash=password_hash,
        role=role,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        created_at=now,
    )
    session.add(user)
    session.flush()
    audit(session, now, by, "user added", email, role=role)
    return user
