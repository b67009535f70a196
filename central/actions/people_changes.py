"""What a person changes about their own account: name, language, password, and by a code e-mail and phone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import people_codes as codes
from central.actions import people_messages as messages
from central.actions import sessions
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import Visit, account_with, who
from central.actions.people_contacts import EMAIL, PHONE, Contact, normal_contact
from central.actions.people_register import normal_name
from central.rules.people import STAFF
from central.store.schema import Account, User

LANGUAGES = ("en", "hi")


def change_profile(session: Session, user_id: str, name: str, language: str, now: datetime) -> None:
    user = held(session, user_id)
    if language not in LANGUAGES:
        raise Refused(f"language {language[:10]!r}: expected one of {', '.join(LANGUAGES)}")
    user.name, user.language = normal_name(name), language
    _to_accounts(session, user)
    audit(session, now, who(user), "profile changed", who(user))


def change_password(
    session: Session, user_id: str, password_hash: str, now: datetime, visit: Visit, session_id: str
) -> None:
    """The password is another; every other session of the account is over."""
    user = held(session, user_id)
    user.password_hash = password_hash
    sessions.end_all(session, user.id, now, but=session_id)
    sessions.remember(session, user.id, "password changed", now, visit.address, visit.device)
    audit(session, now, who(user), "password changed", who(user))
    messages.tell(session, user, "password changed", now)


def ask_to_change_contact(session: Session, user_id: str, typed: str, now: datetime) -> str:
    """The id of a code that was sent to the new address or number; whoever has it already gets no code."""
    user, to = held(session, user_id), normal_contact(typed)
    if getattr(user, to.kind) == to.value:
        raise Refused("that is the one you have")
    row, digits = codes.make(session, to.kind, to, now, user_id=user.id)
    taken = account_with(session, to)
    if taken is None:
        messages.send_code(session, row, digits, user.language)
    else:
        messages.tell(session, taken, "registered already", now, to)
    return row.id


def change_contact(
    session: Session, user_id: str, code_id: str | None, typed: str, now: datetime, visit: Visit
) -> bool:
    """Whether the code was right, and the new address is theirs now. Commit it either way: the try counts."""
    row = next(filter(None, (codes.check(session, code_id, kind, typed, now) for kind in (EMAIL, PHONE))), None)
    if row is None or row.user_id != user_id:
        return False
    user, to = held(session, user_id), Contact(row.purpose, row.sent_to)
    if account_with(session, to) is not None:
        return False
    before, row.used_at = who(user), now
    messages.tell(session, user, f"{to.kind} changed", now)  # to where it was, in case it was somebody else
    setattr(user, to.kind, to.value)
    session.flush()
    _to_accounts(session, user)
    sessions.remember(session, user.id, f"{to.kind} changed", now, visit.address, visit.device)
    audit(session, now, before, f"{to.kind} changed", who(user))
    return True


def remove_phone(session: Session, user_id: str, now: datetime, visit: Visit) -> None:
    """The number is taken off; Refused for who would have nothing left to log in with."""
    user = held(session, user_id)
    if user.email is None:
        raise Refused("the number is all you log in with: add an e-mail address first")
    user.phone = None
    _to_accounts(session, user)
    sessions.remember(session, user.id, "phone taken off", now, visit.address, visit.device)
    audit(session, now, who(user), "phone taken off", who(user))


def held(session: Session, user_id: str) -> User:
    """The active account, held until the transaction ends."""
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None or not user.active:
        raise Refused("there is no such account")
    return user


def _to_accounts(session: Session, user: User) -> None:
    """The driver's accounts at the sites say the same."""
    if user.role not in STAFF:
        for account in session.scalars(select(Account).where(Account.user_id == user.id)):
            account.name, account.phone, account.email = user.name, user.phone or "", user.email or ""
