"""The list of stays, a page at a time, and everything known of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from central.rules.due import DueStatus
from central.rules.stay_table import Status
from central.store.reads.lanes import stored_images
from central.store.schema import Attempt, Due, GateEvent, Receipt, Refund, Site, Stay, StayEvent

PAGE = 50

# what central notes of an event that is in the timeline itself
_SAME = {
    "entered": "vehicle.entered",
    "exit requested": "exit.requested",
    "exit withdrawn": "exit.withdrawn",
    "exited": "vehicle.exited",
}


@dataclass(frozen=True, slots=True)
class StayFilter:
    """What to list. None is "any".

    sites       where to look; () is everywhere, which no index helps with
    plate       beginning of a normalised plate
    gate        either of the stay's two
    begin, end  it came in, or asked to leave where its entry is unknown, from `begin` to before `end`; aware UTC
    review      only those a person should look at
    before      id of the last stay of the page before this; after: of the first of the page behind it
    """

    sites: tuple[str, ...] = ()
    plate: str | None = None
    status: str | None = None
    vehicle_class: str | None = None
    gate: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    review: bool = False
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class StayRow:
    """A line of the list; due_paise was asked for and not given up, paid_paise of that was paid."""

    stay: Stay
    due_paise: int
    paid_paise: int


@dataclass(frozen=True, slots=True)
class StayPage:
    """Newest first. older: the `before` of the next page, newer: the `after` of the one before; None where none is."""

    rows: list[StayRow]
    older: str | None
    newer: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One thing that happened. source: "central" for what was made of it, "gate" for the event as it came."""

    at: datetime
    source: str
    kind: str
    by: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StayDetail:
    """One stay whole. images: which of its two pictures have come."""

    stay: Stay
    site: Site
    timeline: list[TimelineLine]
    dues: list[Due]
    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    images: set[str] = field(default_factory=set)


def stays(session: Session, wanted: StayFilter, limit: int | None = None) -> StayPage:
    """One page. Ids are UUIDv7, made as a vehicle came: their order is that of time, and the key's own index."""
    limit, back = limit or PAGE, wanted.after is not None
    order = Stay.id.asc() if back else Stay.id.desc()
    found = list(session.scalars(select(Stay).where(*_conditions(wanted)).order_by(order).limit(limit + 1)))
    shown = found[:limit][::-1] if back else found[:limit]
    more = len(found) > limit
    money = _money(session, [stay.id for stay in shown])
    rows = [StayRow(stay, *money.get(stay.id, (0, 0))) for stay in shown]
    if not shown:
        return StayPage([], None)
    older, newer = shown[-1].id, shown[0].id
    return StayPage(rows, older if back or more else None, newer if wanted.before or (back and more) else None)


def stay(session: Session, stay_id: str) -> StayDetail | None:
    """Everything known of a stay; None when there is no such."""
    row = session.get(Stay, stay_id)
    if row is None:
        return None
    dues = list(session.scalars(select(Due).where(Due.stay_id == row.id).order_by(Due.quoted_at, Due.id)))
    attempts: dict[str, list[Attempt]] = {due.id: [] for due in dues}
    tries = select(Attempt).where(Attempt.due_id.in_(attempts)).order_by(Attempt.created_at, Attempt.id)
    for attempt in session.scalars(tries):
        attempts[attempt.due_id].append(attempt)
    of_stay = select(Refund).join(Attempt, Attempt.id == Refund.attempt_id).where(Attempt.due_id.in_(attempts))
    return StayDetail(
        stay=row,
        site=session.get_one(Site, row.site_id),
        timeline=_timeline(session, row),
        dues=dues,
        attempts=attempts,
        refunds=list(session.scalars(of_stay.order_by(Refund.created_at))),
        receipts=list(session.scalars(select(Receipt).where(Receipt.stay_id == row.id).order_by(Receipt.issued_at))),
        images=stored_images(session, [row.entry_image, row.exit_image]),
    )


def _conditions(wanted: StayFilter) -> list[Any]:
    conditions: list[Any] = []
    here = Stay.site_id.in_(wanted.sites) if wanted.sites else true()
    if not wanted.begin:
        conditions.append(here)
    if wanted.plate:
        # plates are A-Z and 0-9, Z the last in every collation: a range is a prefix, and an index can do it
        conditions += [Stay.plate >= wanted.plate, Stay.plate <= wanted.plate.ljust(16, "Z")]
    if wanted.status:
        conditions.append(Stay.status == wanted.status)
    else:
        conditions.append(Stay.status != str(Status.VOID))
    if wanted.vehicle_class:
        conditions.append(Stay.vehicle_class == wanted.vehicle_class)
    if wanted.gate:
        conditions.append(or_(Stay.entry_gate == wanted.gate, Stay.exit_gate == wanted.gate))
    if wanted.begin and wanted.end:
        came = and_(Stay.entered_at >= wanted.begin, Stay.entered_at < wanted.end)
        asked = and_(Stay.entered_at.is_(None), Stay.requested_at >= wanted.begin, Stay.requested_at < wanted.end)
        # the index of times gives the first and the last id there is, so that only those between are looked at
        ids = union_all(*(select(Stay.id).where(here, of_day) for of_day in (came, asked))).subquery()
        first, last = (select(end(ids.c.id)).scalar_subquery() for end in (func.min, func.max))
        conditions += [or_(came, asked), Stay.id >= first, Stay.id <= last]
        if wanted.sites:
            # said so that no index of sites is preferred to the key's
            conditions.append(func.coalesce(Stay.site_id, "").in_(wanted.sites))
    if wanted.review:
        conditions.append(Stay.review.is_not(None))
    if wanted.before:
        conditions.append(Stay.id < wanted.before)
    if wanted.after:
        conditions.append(Stay.id > wanted.after)
    return conditions


def _money(session: Session, stay_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    if not stay_ids:
        return {}
    sums = (
        select(Due.stay_id, Due.state, func.sum(Due.amount_paise))
        .where(Due.stay_id.in_(stay_ids), Due.kind == "stay", Due.state != str(DueStatus.WAIVED))
        .group_by(Due.stay_id, Due.state)
    )
    money: dict[str, tuple[int, int]] = {}
    for stay_id, state, paise in session.execute(sums):
        due, paid = money.get(stay_id, (0, 0))
        unpaid = state in (DueStatus.OPEN, DueStatus.QUOTED)
        money[stay_id] = (due + int(paise), paid if unpaid else paid + int(paise))
    return money


def _timeline(session: Session, row: Stay) -> list[TimelineLine]:
    notes = list(session.scalars(select(StayEvent).where(StayEvent.stay_id == row.id).order_by(StayEvent.id)))
    requests = {note.detail["request"] for note in notes if isinstance(note.detail.get("request"), str)}
    # an event is found by the stay it named, by its visit of the exit, or because the stay was named after it
    of_stay = or_(GateEvent.session == row.id, GateEvent.request.in_(requests), GateEvent.id == row.id)
    events = list(session.scalars(select(GateEvent).where(of_stay, GateEvent.site_id == row.site_id)))
    told = {(event.at, event.type) for event in events}
    lines = [
        TimelineLine(note.at, "central", note.kind, note.by, note.detail)
        for note in notes
        if (note.at, _SAME.get(note.kind)) not in told
    ]
    lines += [TimelineLine(event.at, "gate", event.type, event.gate_id, event.data) for event in events]
    return sorted(lines, key=lambda line: (line.at, line.source == "central"))
