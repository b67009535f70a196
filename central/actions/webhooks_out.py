"""What programs are told: events, written in the transaction of the fact, and a delivery for each endpoint."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from central.store.schema import ApiEvent, Attempt, Due, Site, Stay, Violation, WebhookDelivery, WebhookEndpoint
from edge.protocol.ids import uuid7

TEST = "test"
N_ = str  # marks a sentence for the pages' catalogue of languages
#   event                 told when
EVENTS: dict[str, str] = {
    "stay.entered":       N_("a vehicle has come in"),
    "stay.exit_requested": N_("a vehicle stands at an exit and its price is made"),
    "stay.exited":        N_("a vehicle has gone out"),
    "stay.corrected":     N_("a person has set a stay right"),
    "payment.captured":   N_("money came, and was kept"),
    "payment.failed":     N_("a payment was declined, expired or is unknown to the bank"),
    "payment.refunded":   N_("money went back"),
    "violation.raised":   N_("a notice was raised"),
    "violation.changed":  N_("a notice was told, appealed, decided or paid"),
    TEST:                 N_("staff sent a test"),
}  # fmt: skip
KEPT = timedelta(days=30)


def queue(session: Session, event: str, site_id: str, subject: str, now: datetime, **data: Any) -> None:
    """Tells programs that something happened, where the transaction commits. data: JSON values, no whole plates."""
    # holding the site, so that the ids of its events grow in the order in which they can be seen
    session.execute(select(Site.id).where(Site.id == site_id).with_for_update())
    row = ApiEvent(site_id=site_id, type=event, subject=subject, data=data, at=now)
    session.add(row)
    session.flush()
    for endpoint in session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.ended_at.is_(None))):
        if event in endpoint.events and (not endpoint.sites or site_id in endpoint.sites):
            session.add(delivery(endpoint.id, row.id, now))


def stay_changed(session: Session, event: str, row: Stay, now: datetime) -> None:
    """Something happened to a stay."""
    told = {"status": row.status, "plate_masked": masked(row.plate), "vehicle_class": row.vehicle_class}
    times = {name: iso(getattr(row, name)) for name in ("entered_at", "exited_at")}
    queue(session, event, row.site_id, row.id, now, **told, **times)


def payment(
    session: Session, event: str, site_id: str, due: Due, amount_paise: int, now: datetime, **more: Any
) -> None:
    """Something happened to the money of a due."""
    told = {"kind": due.kind, "stay_id": due.stay_id, "account_id": due.account_id, "due_state": due.state}
    queue(session, event, site_id, due.id, now, amount_paise=amount_paise, currency="INR", **told, **more)


def payment_ended(session: Session, site_id: str, due: Due, attempt: Attempt, now: datetime) -> None:
    """A try to pay ended without money, as far as anybody knows."""
    if attempt.state in ("failed", "expired", "unknown"):
        payment(session, "payment.failed", site_id, due, attempt.amount_paise, now, payment=attempt.state)


def violation(session: Session, event: str, made: Violation, now: datetime) -> None:
    told = {"kind": made.kind, "status": made.status, "stay_id": made.stay_id, "amount_paise": made.amount_paise}
    queue(session, event, made.site_id, made.id, now, **told, currency="INR", plate_masked=masked(made.plate))


def masked(plate: str | None) -> str | None:
    """A plate that its owner recognises and nobody else can use: its last four characters, of short ones fewer."""
    if plate is None:
        return None
    hidden = max(len(plate) - 4, min(len(plate), 2))
    return "*" * hidden + plate[hidden:]


def forget(session: Session, now: datetime) -> None:
    """Deletes what happened long ago and was told, or given up."""
    old = select(ApiEvent.id).where(ApiEvent.at < now - KEPT)
    session.execute(
        delete(WebhookDelivery).where(WebhookDelivery.state != "waiting", WebhookDelivery.event_id.in_(old))
    )
    kept = select(WebhookDelivery.event_id)
    session.execute(delete(ApiEvent).where(ApiEvent.at < now - KEPT, ApiEvent.id.not_in(kept)))


def delivery(endpoint_id: str, event_id: int, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        id=uuid7(), endpoint_id=endpoint_id, event_id=event_id, state="waiting", attempts=0, next_at=now, made_at=now
    )


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
