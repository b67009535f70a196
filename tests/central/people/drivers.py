"""Drivers and staff of tests: made by the same actions as real ones, and the codes that were sent to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from central.actions import people_register, staff
from central.actions.login import Visit
from central.store.database import Database
from central.store.schema import Notification, User
from tests.central.car_park import START, minutes

EMAIL, PHONE = "meera@example.org", "+919810012345"
VISIT = Visit("10.0.0.9", "Chrome on Android")


def sent(db: Database, to: str, event: str = "code") -> list[dict]:
    """The facts of what went to an address, the latest last."""
    wanted = select(Notification.facts).where(Notification.recipient == f"address/{to}", Notification.event == event)
    with db.read() as session:
        return list(session.scalars(wanted.order_by(Notification.id)))


def code(db: Database, to: str) -> str:
    return sent(db, to)[-1]["code"]


def driver(db: Database, to: str = EMAIL, name: str = "Meera Iyer", at: datetime = START) -> User:
    """Somebody who registered."""
    with db.begin() as session:
        code_id = people_register.ask_to_register(session, to, name, "hash", "en", at)
    with db.begin() as session:
        user = people_register.finish_registering(session, code_id, code(db, to), at)
    assert user is not None
    return user


def member(db: Database, role: str, email: str | None = None) -> User:
    """Somebody of the staff."""
    with db.begin() as session:
        return staff.add_user(
            session, START, "tests", email=email or f"{role}@example.org", name=role.title(), password_hash="hash",
            role=role,
        )  # fmt: skip


__all__ = ["EMAIL", "PHONE", "START", "VISIT", "code", "driver", "member", "minutes", "sent"]
