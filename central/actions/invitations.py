"""Invitations: a link that makes one member of staff, once and within three days; it is shown once to who made it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions import people_messages as messages
from central.actions import staff
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.people_contacts import normal_email
from central.store.schema import Invitation, User
from edge.protocol.ids import uuid7

LASTS = timedelta(hours=72)
OVER = "this invitation is used, withdrawn, too old or not ours: ask for a new one"


def invite(
    session: Session, email: str, role: str, site_id: str | None, now: datetime, by: str, public_url: str
) -> tuple[Invitation, str]:
    """The invitation and its token; an earlier one to the same address is worth nothing from now on."""
    email = normal_email(email)
    staff.check_post(session, role, site_id)
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Refused(f"there is an account for {email} already")
    for earlier in session.scalars(select(Invitation).where(Invitation.email == email, Invitation.used_at.is_(None))):
        earlier.withdrawn_at = earlier.withdrawn_at or now
    token = secrets.token_urlsafe(24)
    made = Invitation(
        id=uuid7(), token_hash=keys.digest(token), email=email, role=role, site_id=site_id, made_at=now,
        expires_at=now + LASTS, by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    messages.invite(session, made, f"{public_url}/invitation/{token}")
    audit(session, now, by, "invited", email, role=role, site=site_id)
    return made, token


def with_token(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation that can still be taken up."""
    found = session.scalar(select(Invitation).where(Invitation.token_hash == keys.digest(token)))
    return found if found is not None and open_at(found, now) else None


def open_at(invitation: Invitation, now: datetime) -> bool:
    return invitation.used_at is None and invitation.withdrawn_at is None and now < invitation.expires_at


def accept(session: Session, token: str, now: datetime, *, name: str, password_hash: str) -> User:
    """The new member of staff."""
    wanted = select(Invitation).where(Invitation.token_hash == keys.digest(token)).with_for_update()
    found = session.scalar(wanted)
    if found is None or not open_at(found, now):
        raise Refused(OVER)
    found.used_at = now
    return staff.add_user(
        session, now, f"invitation of {found.by}", email=found.email, name=name, password_hash=password_hash,
        role=found.role, site_id=found.site_id,
    )  # fmt: skip


def withdraw(session: Session, invitation_id: str, now: datetime, by: str) -> None:
    found = session.get(Invitation, invitation_id, with_for_update=True)
    if found is None or not open_at(found, now):
        raise Refused(OVER)
    found.withdrawn_at = now
    audit(session, now, by, "invitation withdrawn", found.email)
