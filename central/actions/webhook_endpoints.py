"""Addresses that are told of events, and each delivery until it is taken or given up.

Signatures are those of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over "id.timestamp.body".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.webhooks_out import EVENTS, TEST, delivery, iso
from central.store.schema import ApiEvent, Site, WebhookDelivery, WebhookEndpoint
from edge.protocol.ids import uuid7

# how long after each failed try the next one comes; after the last of them it is dead
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 7200, 21_600, 43_200))
MOST_ENDPOINTS = 50


def add_endpoint(
    session: Session, url: str, events: Sequence[str], sites: Sequence[str], now: datetime, by: str
) -> WebhookEndpoint:
    """An address that is told of events from now on. The address is one that `central.webhooks.checked` has passed."""
    strange = sorted(set(events) - set(EVENTS))
    if strange or not events:
        got = repr(strange[0][:40]) if strange else "none"
        raise Refused(f"event {got}: expected one or more of {', '.join(EVENTS)}")
    known = set(session.scalars(select(Site.id).where(Site.id.in_(sites))))
    if unknown := sorted(set(sites) - known):
        raise Refused(f"site {unknown[0][:40]!r} is not known")
    live = list(session.scalars(select(WebhookEndpoint.id).where(WebhookEndpoint.ended_at.is_(None))))
    if len(live) >= MOST_ENDPOINTS:
        raise Refused(f"there are {MOST_ENDPOINTS} webhooks already: end one first")
    made = WebhookEndpoint(
        id=uuid7(), url=url, events=[event for event in EVENTS if event in events], sites=sorted(known),
        secret_number=1, created_at=now, by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit(session, now, by, "webhook added", f"webhook/{made.id}", url=url, events=made.events, sites=made.sites)
    return made


def end_endpoint(session: Session, endpoint_id: str, now: datetime, by: str) -> None:
    """It is told nothing any more, of what waits for it neither."""
    endpoint = _held(session, endpoint_id)
    endpoint.ended_at = now
    waiting = select(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting"
    )
    for one in session.scalars(waiting):
        one.state, one.last_error, one.done_at = "dead", "the webhook was ended", now
    audit(session, now, by, "webhook ended", f"webhook/{endpoint.id}", url=endpoint.url)


def new_secret(session: Session, endpoint_id: str, now: datetime, by: str) -> WebhookEndpoint:
    """Another secret; what is signed from now on is signed with it."""
    endpoint = _held(session, endpoint_id)
    endpoint.secret_number += 1
    audit(session, now, by, "webhook secret made", f"webhook/{endpoint.id}", url=endpoint.url)
    return endpoint


def send_test(session: Session, endpoint_id: str, site_id: str, now: datetime, by: str) -> None:
    """An event for that endpoint alone, whatever it has chosen."""
    endpoint = _held(session, endpoint_id)
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    row = ApiEvent(site_id=site_id, type=TEST, subject=endpoint.id, data={"by": by}, at=now)
    session.add(row)
    session.flush()
    session.add(delivery(endpoint.id, row.id, now))


def again(session: Session, delivery_id: str, now: datetime, by: str) -> WebhookDelivery:
    """Sends one once more, from its first try on; under the same webhook-id, by which its receiver knows it."""
    known = session.get(WebhookDelivery, delivery_id)
    if known is None:
        raise Refused("there is no such delivery")
    _held(session, known.endpoint_id)
    one = session.get_one(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)
    one.state, one.attempts, one.next_at, one.done_at = "waiting", 0, now, None
    audit(session, now, by, "webhook sent again", f"webhook/{one.endpoint_id}", delivery=one.id)
    return one


def due(session: Session, now: datetime, limit: int) -> list[tuple[WebhookDelivery, WebhookEndpoint, ApiEvent]]:
    """Deliveries whose time has come, the oldest first."""
    waiting = (
        select(WebhookDelivery, WebhookEndpoint, ApiEvent)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .join(ApiEvent, ApiEvent.id == WebhookDelivery.event_id)
        .where(WebhookDelivery.state == "waiting", WebhookDelivery.next_at <= now)
        .order_by(WebhookDelivery.next_at, WebhookDelivery.id)
        .limit(limit)
    )
    return [tuple(row) for row in session.execute(waiting)]


def tried(session: Session, delivery_id: str, status: int | None, problem: str, now: datetime) -> None:
    """What came of a try. problem: "" where the endpoint has taken it."""
    one = session.get_one(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)
    if one.state != "waiting":
        return
    one.attempts, one.last_status, one.last_error = one.attempts + 1, status, problem[:300]
    if not problem:
        one.state, one.done_at = "done", now
    elif one.attempts > len(BACK_OFF):
        one.state, one.done_at = "dead", now
    else:
        one.next_at = now + BACK_OFF[one.attempts - 1]


def secret_of(key: bytes, endpoint: WebhookEndpoint) -> str:
    """The endpoint's secret as its receiver keeps it, made of our key with nothing stored."""
    return "whsec_" + base64.b64encode(_secret(key, endpoint)).decode()


def body_of(event: ApiEvent) -> bytes:
    """What is sent of an event."""
    told = {"id": event.id, "type": event.type, "timestamp": iso(event.at), "site": event.site_id}
    return json.dumps(told | {"subject": event.subject, "data": event.data}, separators=(",", ":")).encode()


def headers_of(key: bytes, endpoint: WebhookEndpoint, delivery_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The signature and what it is over."""
    at = str(int(now.timestamp()))
    signed = hmac.new(_secret(key, endpoint), f"{delivery_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _secret(key: bytes, endpoint: WebhookEndpoint) -> bytes:
    return hmac.new(key, f"webhook\n{endpoint.id}\n{endpoint.secret_number}".encode(), hashlib.sha256).digest()


def _held(session: Session, endpoint_id: str) -> WebhookEndpoint:
    endpoint = session.get(WebhookEndpoint, endpoint_id, with_for_update=True, populate_existing=True)
    if endpoint is None or endpoint.ended_at is not None:
        raise Refused("there is no such webhook")
    return endpoint
