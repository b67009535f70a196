"""Everything that is held about a driver, table by table, as plain values; secrets and others' words left out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.store.base import Base
from central.store.reads.me import of_driver
from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    Audit,
    Due,
    LedgerEntry,
    LoginEvent,
    Notification,
    NotificationChoice,
    Pass,
    PlateClaim,
    Receipt,
    Refund,
    SavedUpi,
    Stay,
    StayEvent,
    User,
    UserSession,
    Violation,
    WalletMove,
)

# of no meaning to a person, or a key to something
_LEFT_OUT = {
    "password_hash", "totp_sealed", "totp_step", "token_hash", "ticket_hash", "intent", "page_url", "provider_ref",
    "cleared_at", "version", "claimed_until",
}  # fmt: skip

Export = dict[str, list[dict[str, Any]]]


def everything(session: Session, user_id: str) -> Export:
    """Section -> rows, each column -> value."""
    accounts = list(session.scalars(select(Account.id).where(Account.user_id == user_id)))
    stays = list(session.scalars(select(Stay.id).where(of_driver(user_id))))
    owed = or_(Due.stay_id.in_(stays), Due.account_id.in_(accounts))
    dues = list(session.scalars(select(Due.id).where(owed)))
    attempts = list(session.scalars(select(Attempt.id).where(Attempt.due_id.in_(dues))))
    user = session.get_one(User, user_id)
    refs = [f"account/{one}" for one in accounts]
    refs += [f"address/{one}" for one in (user.email, user.phone) if one]
    moves = select(WalletMove.entry_key).where(WalletMove.account_id.in_(accounts))
    sections: dict[str, tuple[type[Base], Any]] = {
        "profile": (User, User.id == user_id),
        "log-ins": (UserSession, UserSession.user_id == user_id),
        "log-in history": (LoginEvent, LoginEvent.user_id == user_id),
        "vehicles": (PlateClaim, PlateClaim.user_id == user_id),
        "accounts": (Account, Account.id.in_(accounts)),
        "vehicles of accounts": (AccountVehicle, AccountVehicle.account_id.in_(accounts)),
        "saved UPI IDs": (SavedUpi, SavedUpi.account_id.in_(accounts)),
        "passes": (Pass, Pass.account_id.in_(accounts)),
        "wallet": (LedgerEntry, LedgerEntry.key.in_(moves)),
        "stays": (Stay, Stay.id.in_(stays)),
        "what happened on stays": (StayEvent, StayEvent.stay_id.in_(stays)),
        "amounts": (Due, Due.id.in_(dues)),
        "payments": (Attempt, Attempt.id.in_(attempts)),
        "refunds": (Refund, Refund.attempt_id.in_(attempts)),
        "receipts": (Receipt, Receipt.due_id.in_(dues)),
        "notices": (Violation, Violation.stay_id.in_(stays)),
        "messages": (Notification, Notification.recipient.in_(refs)),
        "choices of messages": (NotificationChoice, NotificationChoice.recipient.in_(refs)),
        "audit log": (Audit, Audit.subject.in_([f"driver/{user_id}", *refs])),
    }
    return {name: _rows(session, table, which) for name, (table, which) in sections.items()}


def pictures(session: Session, user_id: str, most: int) -> list[str]:
    """Names of the pictures of a driver's stays, the latest stays first."""
    rows = select(Stay.entry_image, Stay.exit_image).where(of_driver(user_id)).order_by(Stay.id.desc()).limit(most)
    return list(dict.fromkeys(name for row in session.execute(rows) for name in row if name))[:most]


def _rows(session: Session, table: type[Base], which: Any) -> list[dict[str, Any]]:
    columns = [column.key for column in table.__table__.columns if column.key not in _LEFT_OUT]
    order = tuple(table.__table__.primary_key.columns)
    return [
        {name: _plain(getattr(row, name)) for name in columns}
        for row in session.scalars(select(table).where(which).order_by(*order))
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
