"""Stays between the store and the rules: loading, storing back, the timeline, and looking them up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions.occurrence import Occurrence
from central.actions.outbox import publish_stay
from central.rules import stay as rules
from central.rules.stay_table import ENDED, INSIDE, Status
from central.store.schema import GateEvent, Site, Stay, StayEvent

# what the rules know of a stay beside its id and status; the store's columns have the same names
_FACTS = (
    "plate",
    "vehicle_class",
    "entered_at",
    "permit_until",
    "requested_at",
    "stopped_at",
    "withdrawn_at",
    "restarted_at",
    "exited_at",
    "exempt",
)
_CLOSED_REASONS = {
    Status.CLOSED: "left",
    Status.LEFT_OWING: "left",
    Status.CLOSED_BY_SYSTEM: "closed by system",
    Status.VOID: "struck out",
}


def lock_site(session: Session, site_id: str) -> Site:
    """The site, held until the transaction ends: what gates report of one site is applied one by one."""
    return session.get_one(Site, site_id, with_for_update=True, populate_existing=True)


def new_stay(session: Session, stay_id: str, site_id: str, now: datetime) -> Stay:
    """An empty row, to be filled by `put`."""
    row = Stay(
        id=stay_id,
        site_id=site_id,
        status="",
        vehicle_class="car",
        exempt=False,
        exit_alike=False,
        version=0,
        created_at=now,
    )
    session.add(row)
    return row


def as_rule(row: Stay) -> rules.Stay:
    """The stay as the rules see it."""
    return rules.Stay(id=row.id, status=Status(row.status), **{name: getattr(row, name) for name in _FACTS})


def put(session: Session, row: Stay, stay: rules.Stay, now: datetime) -> None:
    """Stores what the rules made of a stay, and tells its gates."""
    for name in _FACTS:
        setattr(row, name, getattr(stay, name))
    if stay.requested_at is None:
        row.exit_request = None  # who never asked to leave names no request: it was another visit's
    row.status = str(stay.status)
    gone = stay.status in ENDED or stay.status is Status.LEFT_OWING
    row.closed_reason = _CLOSED_REASONS[stay.status] if gone and row.joined_to is None else row.closed_reason
    if not gone:
        row.closed_reason = None
    ended = gone or stay.exited_at is not None
    row.closed_at = (row.closed_at or now) if ended else None
    session.flush()
    publish_stay(session, row, now)


def note(session: Session, row: Stay, at: datetime, kind: str, by: str, **detail: Any) -> None:
    """A line of the stay's timeline."""
    session.add(StayEvent(stay_id=row.id, at=at, kind=kind, detail=detail, by=by))


def ask_review(row: Stay, why: str) -> None:
    """A person should look at this stay; reasons add up."""
    reasons = (row.review or "").split("; ") if row.review else []
    if why not in reasons:
        row.review = "; ".join([*reasons, why])


def end_review(row: Stay, why: str) -> None:
    """A person has seen to that reason; others stay."""
    row.review = "; ".join(reason for reason in (row.review or "").split("; ") if reason != why) or None


def find(session: Session, site_id: str, stay_id: str | None) -> Stay | None:
    """A stay of the site, to be changed, the site being held; the one it was joined to, where it was."""
    row = None if stay_id is None else hold(session, stay_id)
    if row is not None and row.joined_to is not None:
        row = hold(session, row.joined_to)
    return row if row is not None and row.site_id == site_id else None


def look_up(session: Session, stay_id: str) -> Stay:
    """A stay as it is now, only to be read; the one it was joined to, where it was."""
    row = session.get_one(Stay, stay_id)
    return row if row.joined_to is None else session.get_one(Stay, row.joined_to)


def hold(session: Session, stay_id: str) -> Stay | None:
    """The stay as it is now, held until the transaction ends. Locks are taken in one order: site, stay, due."""
    return session.get(Stay, stay_id, with_for_update=True, populate_existing=True)


def with_request(session: Session, site_id: str, request: str | None) -> Stay | None:
    """The stay that a visit of an exit was taken to be about, by its request or, told before that, by its exit."""
    if request is None:
        return None
    asked = select(GateEvent.stay_id).where(GateEvent.request == request, GateEvent.site_id == site_id)
    stay_ids = session.scalars(asked.where(GateEvent.stay_id.is_not(None)).limit(1))
    return find(session, site_id, stay_ids.first())


def of_plate(session: Session, site_id: str, plate: str | None, since: datetime) -> list[Stay]:
    """Stays of exactly this plate that bear on an entry at `since`: inside, unmatched, or seen anywhere after it."""
    if plate is None:
        return []
    live = Stay.status.in_([str(status) for status in (*INSIDE, Status.UNMATCHED)])
    later = (Stay.entered_at > since, Stay.requested_at > since, Stay.exited_at > since)
    return list(session.scalars(select(Stay).where(Stay.site_id == site_id, Stay.plate == plate, or_(live, *later))))


def entered_before(session: Session, site_id: str, plate: str | None, at: datetime) -> list[Stay]:
    """The latest stays of exactly this plate that had entered by then, whatever became of them."""
    if plate is None:
        return []
    entered = select(Stay).where(Stay.site_id == site_id, Stay.plate == plate, Stay.entered_at <= at)
    known = entered.where(Stay.status != str(Status.VOID)).order_by(Stay.entered_at.desc()).limit(3)
    return list(session.scalars(known))


def inside(session: Session, site_id: str) -> list[tuple[str, str | None, str]]:
    """Id, plate and class of every vehicle inside."""
    live = Stay.status.in_([str(status) for status in INSIDE])
    rows = session.execute(select(Stay.id, Stay.plate, Stay.vehicle_class).where(Stay.site_id == site_id, live))
    return [tuple(row) for row in rows]


def applied_to(session: Session, occurrence: Occurrence, row: Stay) -> None:
    """Remembers which stay an event was applied to, and when it was taken to have happened."""
    event = session.get_one(GateEvent, occurrence.event.id)
    event.stay_id, event.at = row.id, occurrence.at
