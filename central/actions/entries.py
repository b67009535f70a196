"""A vehicle has come in: its stay begins, and what was known of its plate is put in order around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from central import keys
from central.actions import coupon_uses, news, prepaid, records, violation_review, violation_watch, webhooks_out
from central.actions.billing import earlier_stay
from central.actions.occurrence import Occurrence
from central.actions.records import applied_to, as_rule, ask_review, note, put
from central.actions.settling import settle
from central.actions.tariffs import read_tariff, tariff_at
from central.rules import stay as rules
from central.rules.arrivals import Change, Why, on_entry
from central.rules.stay_table import Status
from central.rules.tariff import Tariff
from central.store.schema import GateEvent, Stay
from edge.protocol.messages import Entered, EntryHow

# a plate read with less than that is looked at by a person
SURE = 0.8
_EXIT_EVENTS = ("exit.requested", "exit.withdrawn", "vehicle.exited")


@dataclass(frozen=True, slots=True)
class ExitSeen:
    """What the store keeps of an exit beside its times: of which visit, where, why it opened, and how it was read."""

    request: str | None = None
    gate: str | None = None
    how: str | None = None
    image: str | None = None
    alike: bool = False

    @classmethod
    def of(cls, row: Stay) -> ExitSeen:
        return cls(row.exit_request, row.exit_gate, row.exit_how, row.exit_image, row.exit_alike)

    def give_to(self, row: Stay) -> None:
        row.exit_request, row.exit_gate, row.exit_how, row.exit_image = self.request, self.gate, self.how, self.image
        row.exit_alike = self.alike


def vehicle_entered(session: Session, at: Occurrence, facts: Entered) -> None:
    """A stay begins. An older one of the plate is closed by system; an exit told before its entry is joined to it."""
    site = records.lock_site(session, at.gate.site_id)
    stay_id = at.event.session or at.event.id
    plate = facts.plate.text if facts.plate else None
    rows = {row.id: row for row in records.of_plate(session, site.id, plate, at.earliest or at.at)}
    own = records.hold(session, stay_id)
    if own is not None:
        if own.site_id != site.id:
            raise ValueError(f"stay {stay_id} belongs to another site")
        rows[own.id] = own
    at = at.not_after(_first_seen_leaving(rows.values(), at))
    tariff = tariff_at(session, site.id, at.at)
    permit = None if tariff is None else _permit(session, site.id, stay_id, plate, at.at, read_tariff(tariff))
    fresh = rules.enter(stay_id, plate, facts.vehicle_class, at.at, permit)
    changes = on_entry(fresh, [as_rule(row) for row in rows.values()], _named(session, rows.values()))
    if not changes:
        return
    # the stay itself first: others point to it
    ordered = sorted(changes, key=lambda change: change.stay.id != stay_id)
    for change in ordered:
        if change.stay.id not in rows:
            rows[change.stay.id] = records.new_stay(session, change.stay.id, site.id, at.received_at)
    _fill_entry(rows[stay_id], at, facts, tariff.id if tariff else None)
    _hand_over_exits(session, stay_id, changes, rows, at)
    for change in ordered:
        row = rows[change.stay.id]
        put(session, row, change.stay, at.received_at)
        note(session, row, at.at, str(change.why).replace("_", " "), at.by, how=str(facts.how))
        if row.id == stay_id:
            prepaid.take(session, row, at.received_at)
        if change.why is Why.JOINED:
            visit = rows[row.joined_to]
            coupon_uses.move(session, row, visit, at.received_at)
            violation_review.move(session, row, visit, at.received_at)
            violation_review.follow(session, visit, at.received_at)
        settle(session, row, at.received_at)
    applied_to(session, at, rows[stay_id])
    again = [rows[change.stay.id] for change in changes if change.why is Why.ENTERED_AGAIN]
    violation_watch.entered(session, at, rows[stay_id], facts, again)
    news.entered(session, rows[stay_id], at.received_at)
    webhooks_out.stay_changed(session, "stay.entered", rows[stay_id], at.received_at)


def _first_seen_leaving(rows: Iterable[Stay], at: Occurrence) -> datetime | None:
    """When the vehicle was first seen at an exit after it can have come in, where no entry was told for that."""
    seen = [row.requested_at or row.exited_at for row in rows if row.status == Status.UNMATCHED]
    return min((when for when in seen if when and at.earliest and when >= at.earliest), default=None)


def _permit(
    session: Session, site_id: str, stay_id: str, plate: str | None, entered_at: datetime, tariff: Tariff
) -> datetime | None:
    """Until when it may drive out again without charge: who has only just left has had its free minutes."""
    earlier = earlier_stay(session, site_id, plate, entered_at, tariff, but=stay_id)
    return rules.permit_at_entry(tariff, entered_at, earlier)


def _named(session: Session, rows) -> set[str]:
    """Unmatched records whose exit named that very stay: their own entry is still to be told."""
    unmatched = [row.id for row in rows if row.status == Status.UNMATCHED and row.id != row.exit_request]
    return set(session.scalars(select(GateEvent.session).where(GateEvent.session.in_(unmatched))))


def _hand_over_exits(
    session: Session, stay_id: str, changes: tuple[Change, ...], rows: dict[str, Stay], at: Occurrence
) -> None:
    """Gives what was kept of exits to the stays that the rules say they were of."""
    moved = next((rows[change.stay.id] for change in changes if change.why is Why.EXIT_MOVED), None)
    joined = next((rows[change.stay.id] for change in changes if change.why is Why.JOINED), None)
    if moved is not None:
        ExitSeen.of(moved).give_to(rows[stay_id])
        (ExitSeen.of(joined) if joined is not None else ExitSeen()).give_to(moved)
        theirs = (GateEvent.stay_id == moved.id, GateEvent.type.in_(_EXIT_EVENTS), GateEvent.at > at.at)
        session.execute(update(GateEvent).where(*theirs).values(stay_id=stay_id))
        records_of_it = select(Stay).where(
            Stay.joined_to == moved.id, func.coalesce(Stay.exited_at, Stay.requested_at) > at.at
        )
        for record in session.scalars(records_of_it):
            record.joined_to = stay_id
    elif joined is not None:
        ExitSeen.of(joined).give_to(rows[stay_id])
    if joined is not None:
        joined.joined_to, joined.closed_reason = (stay_id if moved is None else moved.id), "joined"


def _fill_entry(row: Stay, at: Occurrence, facts: Entered, tariff_id: str | None) -> None:
    row.ticket_hash, row.tariff_id = keys.digest(facts.ticket), tariff_id
    row.entry_gate, row.entry_how, row.entry_image = at.gate.id, str(facts.how), facts.image
    if facts.plate is not None:
        # no database takes a NUL, and what a reader made of dirt is no reason to lose an entry
        row.plate_raw, row.entry_confidence = facts.plate.raw.replace("\0", ""), facts.plate.confidence
    if facts.plate is None:
        ask_review(row, "plate not read at the entry")
    elif facts.plate.confidence < SURE:
        ask_review(row, f"plate read with {facts.plate.confidence:.0%} only")
    if facts.how in (EntryHow.ASSUMED, EntryHow.TAILGATED):
        ask_review(row, f"entered {facts.how}")
    if at.doubt:
        ask_review(row, at.doubt)
