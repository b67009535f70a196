"""What the REST API lists and looks up: pages by key, the newest first, of the sites that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from central.rules.stay_table import INSIDE
from central.store.base import Base
from central.store.schema import (
    ApiEvent,
    ApiToken,
    Attempt,
    CreditNote,
    Due,
    Receipt,
    Refund,
    Stay,
    WebhookDelivery,
    WebhookEndpoint,
)

Row = TypeVar("Row", bound=Base)


def newest(
    session: Session, table: type[Row], sites: Sequence[str], limit: int, before: str | None = None, **equal: Any
) -> tuple[list[Row], str | None]:
    """A page of rows of those sites, and the `before` of the next.

    equal  columns and what is in them: a value, one of a list, or None for any
    """
    wanted = select(table).where(table.site_id.in_(sites))
    for column, value in equal.items():
        if isinstance(value, list):
            wanted = wanted.where(getattr(table, column).in_(value))
        elif value is not None:
            wanted = wanted.where(getattr(table, column) == value)
    if before is not None:
        wanted = wanted.where(table.id < before)
    found = list(session.scalars(wanted.order_by(table.id.desc()).limit(limit + 1)))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def one(session: Session, table: type[Row], row_id: Any) -> Row | None:
    return session.get(table, row_id)


def inside(session: Session, sites: Sequence[str]) -> dict[str, int]:
    """How many vehicles are inside each of the sites; those with none are left out."""
    live = Stay.status.in_([str(status) for status in INSIDE])
    counts = select(Stay.site_id, func.count()).where(Stay.site_id.in_(sites), live).group_by(Stay.site_id)
    return {site: int(count) for site, count in session.execute(counts)}


def dues_of(session: Session, stay_id: str) -> list[Due]:
    """What was ever asked for a stay, the oldest first."""
    return list(session.scalars(select(Due).where(Due.stay_id == stay_id).order_by(Due.quoted_at, Due.id)))


def attempts_of(session: Session, due_id: str) -> list[Attempt]:
    return list(session.scalars(select(Attempt).where(Attempt.due_id == due_id).order_by(Attempt.id)))


def refunds_of(session: Session, attempt_id: str) -> list[Refund]:
    return list(session.scalars(select(Refund).where(Refund.attempt_id == attempt_id).order_by(Refund.created_at)))


def credit_notes_of(session: Session, receipt_id: str) -> list[CreditNote]:
    return list(session.scalars(select(CreditNote).where(CreditNote.receipt_id == receipt_id).order_by(CreditNote.id)))


def receipt_of(session: Session, due_id: str) -> Receipt | None:
    return session.scalar(select(Receipt).where(Receipt.due_id == due_id))


def events(
    session: Session, after: Mapping[str, int], limit: int, kind: str | None = None
) -> tuple[list[ApiEvent], dict[str, int]]:
    """What happened since, the oldest first; and up to where each site was read.

    after  the last id that was read of each site, 0 for none: those of one site are seen in order, of two they need not
    """
    since = [and_(ApiEvent.site_id == site, ApiEvent.id > last) for site, last in after.items()]
    if not since:
        return [], {}
    wanted = select(ApiEvent).where(or_(*since))
    if kind is not None:
        wanted = wanted.where(ApiEvent.type == kind)
    found = list(session.scalars(wanted.order_by(ApiEvent.id).limit(limit)))
    return found, {**after, **{event.site_id: event.id for event in found}}


def tokens(session: Session) -> list[ApiToken]:
    """Those that let somebody in and the latest that were ended, the newest first."""
    return list(
        session.scalars(select(ApiToken).order_by(ApiToken.ended_at.is_not(None), ApiToken.id.desc()).limit(200))
    )


def endpoints(session: Session) -> list[WebhookEndpoint]:
    """Those that are told of events, the newest first."""
    live = select(WebhookEndpoint).where(WebhookEndpoint.ended_at.is_(None))
    return list(session.scalars(live.order_by(WebhookEndpoint.id.desc())))


def deliveries(
    session: Session, endpoint_id: str, limit: int, before: str | None = None
) -> tuple[list[tuple[WebhookDelivery, ApiEvent]], str | None]:
    """An endpoint's, the newest first, and the `before` of the next page."""
    wanted = select(WebhookDelivery, ApiEvent).join(ApiEvent, ApiEvent.id == WebhookDelivery.event_id)
    wanted = wanted.where(WebhookDelivery.endpoint_id == endpoint_id)
    if before is not None:
        wanted = wanted.where(WebhookDelivery.id < before)
    found = [tuple(row) for row in session.execute(wanted.order_by(WebhookDelivery.id.desc()).limit(limit + 1))]
    return found[:limit], found[limit - 1][0].id if len(found) > limit else None


def delivery_counts(session: Session, endpoint_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many of each endpoint's deliveries wait, and how many are dead."""
    of_them = (
        select(WebhookDelivery.endpoint_id, WebhookDelivery.state, func.count())
        .where(WebhookDelivery.endpoint_id.in_(endpoint_ids), WebhookDelivery.state.in_(["waiting", "dead"]))
        .group_by(WebhookDelivery.endpoint_id, WebhookDelivery.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for endpoint_id, state, count in session.execute(of_them):
        counts.setdefault(endpoint_id, {})[state] = int(count)
    return counts
