"""Drivers registering, and anybody's password set anew: both begin with a code, and tell strangers nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import people_codes as codes
from central.actions import people_messages as messages
from central.actions import sessions
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import Visit, account_with, who
from central.actions.people_contacts import Contact, normal_contact
from central.rules.people import DRIVER
from central.store.schema import OneTimeCode, User
from edge.protocol.ids import uuid7

REGISTER, RESET = "register", "reset"


def ask_to_register(session: Session, typed: str, name: str, password_hash: str, language: str, now: datetime) -> str:
    """The id of a code that was sent there. Whoever has an account is told so instead: the answer is the same."""
    to, name = normal_contact(typed), normal_name(name)
    known = account_with(session, to)
    if known is not None:
        row, _digits = codes.make(session, REGISTER, to, now)
        messages.tell(session, known, "registered already", now, to)
        return row.id
    facts = {"name": name, "password_hash": password_hash, "language": language, "kind": to.kind}
    row, digits = codes.make(session, REGISTER, to, now, **facts)
    messages.send_code(session, row, digits, language)
    return row.id


def ask_again(session: Session, code_id: str | None, purpose: str, now: datetime) -> str | None:
    """Another code in place of one that has not come; None where there is nothing to go on with."""
    row = codes.pending(session, code_id, now)
    if row is None or row.purpose != purpose:
        return None
    to, facts = normal_contact(row.sent_to), row.facts
    made, digits = codes.make(session, purpose, to, now, user_id=row.user_id, **facts)
    user = session.get(User, row.user_id) if row.user_id else None
    if user is not None or "kind" in facts:
        messages.send_code(session, made, digits, user.language if user else facts["language"])
    return made.id


def finish_registering(session: Session, code_id: str | None, typed: str, now: datetime) -> User | None:
    """The new driver; None where the code is not right. Commit it either way: the try counts."""
    row = codes.check(session, code_id, REGISTER, typed, now)
    if row is None or "kind" not in row.facts:
        return None
    to = Contact(row.facts["kind"], row.sent_to)
    if account_with(session, to) is not None:
        return None  # registered in another window meanwhile
    user = User(
        id=uuid7(), name=row.facts["name"], password_hash=row.facts["password_hash"], role=DRIVER, active=True,
        language=row.facts["language"], created_at=now, **{to.kind: to.value},
    )  # fmt: skip
    session.add(user)
    session.flush()
    row.used_at, row.user_id, row.facts = now, user.id, {}
    audit(session, now, who(user), "driver registered", who(user), proved=to.kind)
    return user


def ask_to_reset(session: Session, typed: str, now: datetime) -> str:
    """The id of a code, sent where an account has that address."""
    to = normal_contact(typed)
    user = account_with(session, to)
    if user is None or not user.active:
        return codes.make(session, RESET, to, now)[0].id
    row, digits = codes.make(session, RESET, to, now, user_id=user.id)
    messages.send_code(session, row, digits, user.language)
    return row.id


def may_reset(session: Session, code_id: str | None, typed: str, now: datetime) -> tuple[OneTimeCode, User] | None:
    """Whose password the code sets anew; None where it is not right. Commit it either way: the try counts."""
    row = codes.check(session, code_id, RESET, typed, now)
    user = session.get(User, row.user_id, with_for_update=True) if row is not None and row.user_id else None
    return (row, user) if user is not None and user.active else None


def reset(session: Session, row: OneTimeCode, user: User, password_hash: str, now: datetime, visit: Visit) -> None:
    """The password is another, the code used, and every session of the account over."""
    row.used_at, user.password_hash = now, password_hash
    sessions.end_all(session, user.id, now)
    sessions.remember(session, user.id, "password reset", now, visit.address, visit.device)
    audit(session, now, who(user), "password reset", who(user))
    messages.tell(session, user, "password changed", now)


def normal_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not 2 <= len(name) <= 80:
        raise Refused("name: expected 2 to 80 characters")
    return name
