"""What goes to people about their account: to the very address it concerns, and nobody can choose not to get it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import telling
from central.actions.people_codes import LASTS
from central.actions.people_contacts import Contact
from central.rules.telling import Event
from central.store.schema import Invitation, OneTimeCode, User
from edge.protocol.ids import uuid7


def send_code(session: Session, row: OneTimeCode, digits: str, language: str) -> None:
    """Six digits to who is to prove that the address is theirs; of no use once they have run out."""
    telling.tell_address(
        session, Event.CODE, row.id, row.sent_to, row.made_at, language=language, useful_until=row.made_at + LASTS,
        code=digits, purpose=row.purpose,
    )  # fmt: skip


def invite(session: Session, made: Invitation, url: str) -> None:
    telling.tell_address(
        session, Event.INVITATION, made.id, made.email, made.made_at, useful_until=made.expires_at, url=url,
        role=made.role,
    )  # fmt: skip


def tell(session: Session, user: User, what: str, now: datetime, to: Contact | None = None) -> None:
    """News of an account, to an address or to where its person is reached.

    what: "registered already", "password changed", "email changed", "phone changed", "second factor off" ...
    """
    address = user.email or user.phone if to is None else to.value
    if address is not None:
        telling.tell_address(session, Event.SECURITY, uuid7(), address, now, language=user.language, what=what)
