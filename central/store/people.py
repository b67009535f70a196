"""Tables of the people who run a car park, and of what they did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, Synonym, mapped_column, synonym

from central.store.base import Base, Instant, Number, Sha256, Text, Uuid, Word


class User(Base):
    """A member of staff.

    email          lower case
    password_hash  Argon2id, None until first set
    role           "administrator", "manager", "supervisor" or "attendant"
    fs_uniquifier  changes to end every session of this user
    """

    __tablename__ = "user_account"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    email: Mapped[Text] = mapped_column(unique=True)
    name: Mapped[Text] = mapped_column(default="")
    password_hash: Mapped[Text | None]
    password: Synonym[str | None] = synonym("password_hash")
    role: Mapped[Word]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[Text] = mapped_column(unique=True)
    created_at: Mapped[Instant]
    last_login_at: Mapped[Instant | None]
    login_count: Mapped[int] = mapped_column(default=0)


class SetupLink(Base):
    """A link that makes the first administrator, once and for a day."""

    __tablename__ = "setup_link"

    token_hash: Mapped[Sha256] = mapped_column(primary_key=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class Audit(Base):
    """Who did what to what."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "at"), Index(None, "subject"))

    id: Mapped[Number]
    at: Mapped[Instant]
    by: Mapped[Text]
    what: Mapped[Word]
    subject: Mapped[Text]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
