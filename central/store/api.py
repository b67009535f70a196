"""Tables of the REST API: who may ask by program, what was answered, what happened, and who is told of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, RowNumber, Sha256, Text, Uuid, Word


class ApiToken(Base):
    """What a program shows to be let in.

    token_hash    SHA-256 of the token; the token itself is kept nowhere
    scopes        words of `central.actions.api_tokens.SCOPES`
    sites         ids of the sites it is for, [] for every site
    expires_at    None: until it is ended
    last_used_at  to the minute
    """

    __tablename__ = "api_token"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    name: Mapped[Text]
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    sites: Mapped[list[Any]]
    created_at: Mapped[Instant]
    by: Mapped[Text]
    expires_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[Text] = mapped_column(default="")


class ApiAnswer(Base):
    """What was answered to a request with an idempotency key, so that the same again gets the same.

    body    SHA-256 of what was asked
    status  of the answer
    """

    __tablename__ = "api_answer"
    __table_args__ = (Index(None, "at"),)

    token_id: Mapped[Uuid] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[Text] = mapped_column(primary_key=True)
    body: Mapped[Sha256]
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(LongText)
    at: Mapped[Instant]


class ApiEvent(Base):
    """Something that happened at a site, as programs are told of it. A site's ids grow in the order of its commits.

    type     word of `central.actions.webhooks_out.EVENTS`
    subject  id of the stay, due or violation
    """

    __tablename__ = "api_event"
    __table_args__ = (Index(None, "site_id", "id"), Index(None, "at"))

    id: Mapped[Number]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    type: Mapped[Word]
    subject: Mapped[Text]
    data: Mapped[dict[str, Any]]
    at: Mapped[Instant]


class WebhookEndpoint(Base):
    """An address that is told of events.

    events         those it is told of
    sites          of those sites, [] for every site
    secret_number  grows with each new secret; the secret is made of it and our key, and kept nowhere
    """

    __tablename__ = "webhook_endpoint"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    url: Mapped[Text]
    events: Mapped[list[Any]]
    sites: Mapped[list[Any]]
    secret_number: Mapped[int]
    created_at: Mapped[Instant]
    by: Mapped[Text]
    ended_at: Mapped[Instant | None]


class WebhookDelivery(Base):
    """One event for one endpoint, written with the event. `id` is its webhook-id, the same at every try.

    state        "waiting", "done" or "dead"
    next_at      when it is tried next, while it waits
    last_status  the endpoint's HTTP status, None where there was none
    last_error   why the last try failed
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "endpoint_id", "id"),
        Index(None, "endpoint_id", "state"),
        Index(None, "event_id"),
        Index("ix_webhook_delivery_waiting", "next_at", sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    endpoint_id: Mapped[Uuid] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[int] = mapped_column(RowNumber, ForeignKey("api_event.id"))
    state: Mapped[Word]
    attempts: Mapped[int]
    next_at: Mapped[Instant]
    last_status: Mapped[int | None]
    last_error: Mapped[Text] = mapped_column(default="")
    made_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
