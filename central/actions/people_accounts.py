"""A driver's account at a site: the one they have, one that the office keeps for them, or a new one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from central.actions import accounts
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import who
from central.actions.people_contacts import normal_contact
from central.store.schema import Account, User


def account_at(session: Session, user: User, site_id: str) -> Account | None:
    return session.scalar(select(Account).where(Account.user_id == user.id, Account.site_id == site_id))


def own_account(session: Session, user: User, site_id: str, now: datetime) -> Account:
    """The driver's account at the site: what the office keeps under the address they proved, else a new one."""
    known = account_at(session, user, site_id)
    if known is not None:
        return known
    # offices write numbers in many ways, but with the same digits at the end
    alike = []
    if user.email:
        alike.append(func.lower(Account.email) == user.email)
    if user.phone:
        alike.append(Account.phone.endswith(user.phone[-3:]))
    kept = select(Account).where(Account.site_id == site_id, Account.user_id.is_(None), or_(*alike))
    account = next((one for one in session.scalars(kept.order_by(Account.id)) if is_theirs(user, one)), None)
    if account is None:
        account = accounts.open_account(
            session, site_id, user.name, now, who(user), phone=user.phone or "", email=user.email or ""
        )
        account.user_id = user.id
        session.flush()
        return account
    adopt(session, user, account, now, who(user))
    return account


def adopt(session: Session, user: User, account: Account, now: datetime, by: str) -> None:
    """An account that the office keeps becomes the driver's, with its wallet and passes."""
    if account.user_id is not None or account_at(session, user, account.site_id) is not None:
        raise Refused("one of the two has an account of its own here: approve the vehicle alone")
    account.user_id = user.id
    session.flush()
    audit(session, now, by, "account linked", f"account/{account.id}", driver=user.id)


def is_theirs(user: User, account: Account) -> bool:
    """Whether the office wrote down the very address or number that the driver has proved to be theirs."""
    mine = {user.email, user.phone} - {None}
    for text in filter(None, (account.email, account.phone)):
        try:
            if normal_contact(text).value in mine:
                return True
        except Refused:
            continue
    return False
