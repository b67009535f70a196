"""Tables of work that waits: messages to publish to gates, and jobs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Number, Text, Uuid, Word


class MqttOutbox(Base):
    """A message that gates must get, written with the change that caused it.

    stay_id     set: the message is that stay's state, made and signed when it is published, so the newest state wins
    topic       of any other message
    body        its text before signing; None clears a retained topic
    signed      whether the body goes out signed
    expires_at  not worth sending after; None: always
    """

    __tablename__ = "mqtt_outbox"
    __table_args__ = (Index(None, "published_at", "id"),)

    id: Mapped[Number]
    topic: Mapped[Text]
    stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    body: Mapped[str | None] = mapped_column(LongText)
    retained: Mapped[bool]
    signed: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    published_at: Mapped[Instant | None]


class Job(Base):
    """Work to be done at a time, claimed by one worker.

    key            the same work is queued once
    claimed_until  another worker may take it after that
    """

    __tablename__ = "job"
    __table_args__ = (Index(None, "run_at"),)

    id: Mapped[Number]
    kind: Mapped[Word]
    key: Mapped[Text] = mapped_column(unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    run_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[Instant | None]
    last_error: Mapped[Text] = mapped_column(default="")
