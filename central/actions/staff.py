"""Staff: the one-time set-up link of the first administrator, and what administrators change about the others.

There is no default account and no default password.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from central import keys
from central.actions import sessions
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import who
from central.actions.people_contacts import normal_email
from central.rules.people import ADMINISTRATOR
from central.rules.people import STAFF as ROLES
from central.store.schema import SetupLink, Site, User
from edge.protocol.ids import uuid7

LINK_LASTS = timedelta(hours=24)


def has_administrator(session: Session) -> bool:
    return _administrators(session) > 0


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
    return add_user(session, now, "setup link", email=email, name=name, password_hash=password_hash, role=ADMINISTRATOR)


def add_user(
    session: Session, now: datetime, by: str, *, email: str, name: str, password_hash: str | None, role: str,
    site_id: str | None = None,
) -> User:  # fmt: skip
    """A new member of staff."""
    email = normal_email(email)
    check_post(session, role, site_id)
    if session.scalar(select(User).where(User.email == email)) is not None:
        raise Refused(f"there is an account for {email} already")
    user = User(
        id=uuid7(), email=email, name=name.strip(), password_hash=password_hash, role=role, site_id=site_id,
        active=True, created_at=now,
    )  # fmt: skip
    session.add(user)
    session.flush()
    audit(session, now, by, "user added", email, role=role)
    return user


def check_post(session: Session, role: str, site_id: str | None) -> None:
    """Refused for a role of no staff, or a site that is not known."""
    if role not in ROLES:
        raise Refused(f"role {role!r}: expected one of {', '.join(ROLES)}")
    if site_id is not None and session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")


def set_post(session: Session, user_id: str, role: str, site_id: str | None, now: datetime, by: str) -> None:
    """Another role or site; Refused where nobody would be left to administer. What is open in a browser ends."""
    user = _member(session, user_id)
    check_post(session, role, site_id)
    if user.role == ADMINISTRATOR and role != ADMINISTRATOR:
        _another_administrator(session, user)
    if (user.role, user.site_id) == (role, site_id):
        return
    audit(session, now, by, "role changed", who(user), was=user.role, role=role, site=site_id)
    if user.role != role:
        sessions.end_all(session, user.id, now)
    user.role, user.site_id = role, site_id


def switch(session: Session, user_id: str, active: bool, now: datetime, by: str) -> None:
    """Whether a person may log in, staff or driver; switched off, they are out at once."""
    user = _anybody(session, user_id)
    if user.erased_at is not None:
        raise Refused("this account was erased")
    if not active and user.role == ADMINISTRATOR:
        _another_administrator(session, user)
    if user.active != active:
        user.active = active
        sessions.end_all(session, user.id, now)
        audit(session, now, by, "account switched on" if active else "account switched off", who(user))


def end_sessions(session: Session, user_id: str, now: datetime, by: str) -> None:
    """Logs a person out on every device."""
    user = _anybody(session, user_id)
    sessions.end_all(session, user.id, now)
    audit(session, now, by, "logged out by an administrator", who(user))


def _administrators(session: Session) -> int:
    count = select(func.count()).select_from(User).where(User.role == ADMINISTRATOR, User.active)
    return session.scalar(count) or 0


def _another_administrator(session: Session, user: User) -> None:
    """Refused for the last one. All of them are held, so that two can't remove one another at once."""
    others = select(User.id).where(User.role == ADMINISTRATOR, User.active).order_by(User.id).with_for_update()
    if user.active and set(session.scalars(others)) <= {user.id}:
        raise Refused("this is the last administrator: make another one first")


def _anybody(session: Session, user_id: str) -> User:
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise Refused("there is no such account")
    return user


def _member(session: Session, user_id: str) -> User:
    user = _anybody(session, user_id)
    if user.role not in ROLES:
        raise Refused("a driver's account has no role to change: invite them as staff")
    return user
