"""Tables of the people who log in, staff and drivers, and of what they did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Plate, Sha256, Text, Uuid, Word


class User(Base):
    """Somebody who logs in. Whoever has neither e-mail nor phone was erased.

    email          lower case; None for a driver who registered by phone
    phone          E.164, "+919810012345"
    password_hash  Argon2id, None until first set
    role           a word of `central.rules.people`
    site_id        where a member of staff works; None: everywhere, and for drivers
    language       "en" or "hi"
    totp_sealed    the second factor's secret, encrypted; it counts once totp_since is set
    totp_step      the latest time step whose code was taken: no code is taken twice
    erase_asked_at the person wants to be erased; what still stands in the way is asked again by a job
    """

    __tablename__ = "user_account"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    email: Mapped[Text | None] = mapped_column(unique=True)
    phone: Mapped[Text | None] = mapped_column(unique=True)
    name: Mapped[Text] = mapped_column(default="")
    password_hash: Mapped[Text | None]
    role: Mapped[Word] = mapped_column(index=True)
    site_id: Mapped[Name | None] = mapped_column(ForeignKey("site.id"))
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[Word] = mapped_column(default="en", server_default="en")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_since: Mapped[Instant | None]
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[Instant]
    last_login_at: Mapped[Instant | None]
    login_count: Mapped[int] = mapped_column(default=0)
    erase_asked_at: Mapped[Instant | None]
    erased_at: Mapped[Instant | None]


class UserSession(Base):
    """One log-in on one device. Its cookie carries a random token; here is that token's hash alone.

    device  in words, "Chrome on Android"
    """

    __tablename__ = "user_session"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    user_id: Mapped[Uuid] = mapped_column(ForeignKey("user_account.id"))
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    begun_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    device: Mapped[Text]
    address: Mapped[Text]


class LoginEvent(Base):
    """One line of a person's log-in history: "logged in", "refused", "second factor refused", "password changed" ...

    user_id  None where nobody has the address that was typed
    """

    __tablename__ = "login_event"
    __table_args__ = (Index(None, "user_id", "at"), Index(None, "at"))

    id: Mapped[Number]
    user_id: Mapped[Uuid | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[Instant]
    what: Mapped[Word]
    device: Mapped[Text] = mapped_column(default="")
    address: Mapped[Text] = mapped_column(default="")


class OneTimeCode(Base):
    """Six digits sent to an e-mail address or a phone, good for one thing, ten minutes and five tries.

    user_id   whose it is; None while registering, and for a code that nobody gets because nobody has that address
    purpose   "register", "reset", "email" or "phone"
    sent_to   the address or number
    facts     what is kept until the code comes back, such as the name of who registers
    """

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "sent_to", "made_at"), Index(None, "expires_at"))

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    user_id: Mapped[Uuid | None] = mapped_column(ForeignKey("user_account.id"))
    purpose: Mapped[Word]
    sent_to: Mapped[Text]
    code_hash: Mapped[Sha256]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[Instant | None]


class RecoveryCode(Base):
    """Stands in once for the second factor of somebody whose phone is gone."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[Number]
    user_id: Mapped[Uuid] = mapped_column(ForeignKey("user_account.id"))
    code_hash: Mapped[Sha256]
    used_at: Mapped[Instant | None]


class Invitation(Base):
    """A link that makes one member of staff, once and for three days.

    site_id  where they are to work; None: everywhere
    """

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "email"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    email: Mapped[Text]
    role: Mapped[Word]
    site_id: Mapped[Name | None] = mapped_column(ForeignKey("site.id"))
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    by: Mapped[Text]
    used_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]


class PlateClaim(Base):
    """A driver says that a vehicle is theirs, at one site.

    state       "waiting" for a person, "live", "refused", "withdrawn" or "ended"
    proof       "ticket": held the ticket of a stay while it was inside; "office": a person has looked
    words       what the driver says to the office
    since       stays that begin from then on are the driver's to see; None until it is live
    account_id  the driver's account at the site, once it is live
    """

    __tablename__ = "plate_claim"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "site_id", "state", "id"),
        Index(
            "uq_plate_claim_live", "site_id", "plate", unique=True,
            sqlite_where=text("state = 'live'"), postgresql_where=text("state = 'live'"),
        ),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    user_id: Mapped[Uuid] = mapped_column(ForeignKey("user_account.id"))
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    plate: Mapped[Plate]
    state: Mapped[Word]
    proof: Mapped[Word]
    words: Mapped[Text] = mapped_column(default="")
    stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    account_id: Mapped[Uuid | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[Instant]
    since: Mapped[Instant | None]
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[Text] = mapped_column(default="")
    reason: Mapped[Text] = mapped_column(default="")
    ended_at: Mapped[Instant | None]


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
    __table_args__ = (Index(None, "at"), Index(None, "subject"), Index(None, "by", "id"), Index(None, "what", "id"))

    id: Mapped[Number]
    at: Mapped[Instant]
    by: Mapped[Text]
    what: Mapped[Word]
    subject: Mapped[Text]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
