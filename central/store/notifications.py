"""Tables of notifications: what is to be told, to whom and by which channel, and what each recipient has chosen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Text, Uuid, Word


class Notification(Base):
    """One message to one recipient by one channel, written with the fact it tells of.

    key            the fact, "paid:DUE": told once to each recipient by each channel
    event, channel words of `central.rules.telling`
    site_id        whose car park it is about; None of what is about none, such as a one-time code
    recipient      a word of `central.actions.recipients`: "account/ID", "guest/ID" ...
    facts          what its template says, by name; taken out once sent where it is a secret
    state          "waiting", "sending", "sent", "dropped" (no longer wanted, or of no use) or "dead" (given up)
    due_at         not before; of an inbox's message: it is seen from then on
    useful_until   not worth sending after, None: always
    tries          how often sending it was begun
    claimed_until  a sender has it until then
    reason         why it was put off, dropped or given up
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("key", "recipient", "channel"),
        Index(None, "state", "due_at"),
        Index(None, "recipient", "channel", "id"),
        Index(None, "site_id", "state", "id"),
        Index(None, "site_id", "state", "due_at"),
        Index("ix_notification_unread", "recipient", "channel", "due_at", sqlite_where=text("read_at IS NULL"),
              postgresql_where=text("read_at IS NULL")),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    key: Mapped[Text]
    event: Mapped[Word]
    site_id: Mapped[Name | None] = mapped_column(ForeignKey("site.id"))
    recipient: Mapped[Text]
    channel: Mapped[Word]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[Word]
    due_at: Mapped[Instant]
    useful_until: Mapped[Instant | None]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[Instant | None]
    reason: Mapped[Text] = mapped_column(default="")
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    read_at: Mapped[Instant | None]


class NotificationChoice(Base):
    """What a recipient has chosen to be told; without a row, the defaults hold.

    language   "en" or "hi"
    quiet_from, quiet_until  minutes of the site's day, None: no quiet hours
    channels   {event: [channel, ...]} of the events it has set
    muted      channels switched off altogether, as by an e-mail's own unsubscribe button
    """

    __tablename__ = "notification_choice"

    recipient: Mapped[Text] = mapped_column(primary_key=True)
    language: Mapped[Word]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    muted: Mapped[list[Any]] = mapped_column(default=list)
    changed_at: Mapped[Instant]


class GuestContact(Base):
    """Where the driver of one stay, who has no account, wants the receipt; another address is another row.

    email, phone  "" where not given
    more          also what may go wrong, and the end of paid time
    ended_at      another took its place then
    """

    __tablename__ = "guest_contact"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"), index=True)
    email: Mapped[Text] = mapped_column(default="")
    phone: Mapped[Word] = mapped_column(default="")
    language: Mapped[Word]
    more: Mapped[bool] = mapped_column(default=False, server_default=false())
    given_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
