"""What a person sets right between stays: two that were one visit, or one that was two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from central.actions import billing, coupon_uses, violation_review
from central.actions.access import normal_plate
from central.actions.corrections import Change, Who, correcting, move_money, telling
from central.actions.entries import ExitSeen
from central.actions.errors import Refused
from central.actions.outbox import publish_stay
from central.actions.records import as_rule, ask_review, new_stay, put
from central.actions.settling import settle
from central.actions.tariffs import read_tariff, tariff_at
from central.rules import corrections as rules
from central.rules import merging
from central.rules import stay as stay_rules
from central.rules.corrections import Kind
from central.rules.money import rupees
from central.rules.quote import LineKind
from central.rules.stay_table import Status
from central.store.schema import GateEvent, Stay
from edge.protocol.ids import uuid7

_ENTRY = ("entry_gate", "entry_how", "entry_image", "entry_confidence", "plate_raw", "tariff_id")
_AT_EXIT = ("exit.requested", "exit.withdrawn", "vehicle.exited")


def merge(session: Session, kept_id: str, other_id: str, who: Who, reason: str, now: datetime) -> None:
    """The two were one visit: the kept stay gets all that is known of both, and what was paid for either."""
    if kept_id == other_id:
        raise Refused("expected two different stays", field="other")
    with correcting(session, Kind.MERGE, (kept_id, other_id), who, reason, now, other=other_id) as change:
        kept, other = change.rows
        if Status(other.status) not in rules.TABLE[Kind.MERGE][1] or kept.disputed_at or other.disputed_at:
            raise Refused("a stay that is struck out, booked or disputed can't be merged", field="other")
        change.no_payment_under_way()
        made = merging.merged(as_rule(kept), as_rule(other), now, paid=change.paid())
        change.no_clash(made.stay, but=(other.id,))
        for row in (kept, other):
            billing.waive_unpaid(session, row, now, "merged")
        move_money(session, other, kept)
        coupon_uses.move(session, other, kept, now)
        _take_over(kept, other, made)
        for record in session.scalars(select(Stay).where(Stay.joined_to == other.id)):
            record.joined_to = kept.id
            publish_stay(session, record, now)
        other.joined_to, other.closed_reason, other.review = kept.id, "merged", None
        put(session, other, replace(as_rule(other), status=Status.VOID), now)
        kept.review, kept.lost_ticket = None, kept.lost_ticket and kept.entered_at is None
        put(session, kept, made.stay, now)
        violation_review.move(session, other, kept, now)
        settle(session, kept, now)
        _look_at_what_is_over(session, kept, now)


def split_exit(session: Session, stay_id: str, plate: str, who: Who, reason: str, now: datetime) -> str:
    """The exit was another vehicle's, of that plate ("": unread): an unmatched stay of its own, whose id this is."""
    text = normal_plate(plate) if plate.strip() else None
    with correcting(session, Kind.SPLIT_EXIT, (stay_id,), who, reason, now, plate=text) as change:
        row, before, made = _begin_split(change)
        request, gate = row.exit_request, row.exit_gate
        record = rules.exit_alone(before, made.id, text)
        ExitSeen.of(row).give_to(made)
        made.exit_alike = False
        ExitSeen().give_to(row)
        asked_at = before.requested_at or before.exited_at
        _events_since(session, row, made, asked_at)
        # paid at that exit, and not before it: by whoever stood there
        move_money(session, row, made, of=lambda due: request is not None and due.request == request)
        coupon_uses.split(session, row, made, asked_at, now)
        stay = rules.inside_again(before, now, paid=change.paid(row))
        change.no_clash(stay)
        row.review = None
        put(session, made, record, now)
        ask_review(made, f"split off at {gate or 'an exit'}: no entry fits")
        put(session, row, stay, now)
        for one in (row, made):
            settle(session, one, now)
        return made.id


def split_visit(session: Session, stay_id: str, came_back_at: datetime, who: Who, reason: str, now: datetime) -> str:
    """It had left unseen and came in again then: a second stay, whose id this is. The first is not charged."""
    with correcting(session, Kind.SPLIT_VISIT, (stay_id,), who, reason, now) as change:
        row, before, made = _begin_split(change)
        version = tariff_at(session, row.site_id, came_back_at)
        permit = None if version is None else stay_rules.permit_at_entry(read_tariff(version), came_back_at)
        paid = change.paid(row)
        move_money(session, row, made, of=lambda due: due.quoted_at > came_back_at)
        coupon_uses.split(session, row, made, came_back_at, now)
        with telling("at"):
            first, second = rules.two_visits(
                before, came_back_at, made.id, permit, now,
                paid_before=paid and change.paid(row), paid_after=change.paid(made),
            )  # fmt: skip
        ExitSeen.of(row).give_to(made)
        ExitSeen().give_to(row)
        _events_since(session, row, made, came_back_at)
        made.tariff_id, made.entry_how = version and version.id, "operator"
        row.review = None
        put(session, row, first, now)
        put(session, made, second, now)
        change.no_clash(second)
        violation_review.move(session, row, made, now, since=came_back_at)
        for one in (row, made):
            settle(session, one, now)
        return made.id


def _begin_split(change: Change) -> tuple[Stay, stay_rules.Stay, Stay]:
    """The stay, as the rules see it, and the empty row of the other one; nothing is asked for any more."""
    change.no_payment_under_way()
    if change.row.disputed_at:
        raise Refused("this stay is disputed: settle that first")
    billing.waive_unpaid(change.session, change.row, change.now, "split")
    before = as_rule(change.row)
    made = new_stay(change.session, uuid7(), change.site.id, change.now)
    made.vehicle_class, made.status = change.row.vehicle_class, str(Status.UNMATCHED)
    change.session.flush()
    change.made.append(made.id)
    return change.row, before, made


def _take_over(kept: Stay, other: Stay, made: merging.Merged) -> None:
    """What the store keeps of an entry and an exit beside its times, from the stay that they are of."""
    if made.entry_of == other.id:
        for name in _ENTRY:
            setattr(kept, name, getattr(other, name))
    if made.exit_of == other.id:
        ExitSeen.of(other).give_to(kept)
    elif made.exit_of is None:
        ExitSeen().give_to(kept)
    kept.exit_alike = False


def _events_since(session: Session, row: Stay, to: Stay, at: datetime) -> None:
    """What gates told of the exit since then was told of the other stay."""
    session.flush()
    theirs = (GateEvent.stay_id == row.id, GateEvent.type.in_(_AT_EXIT), GateEvent.at >= at)
    session.execute(update(GateEvent).where(*theirs).values(stay_id=to.id))


def _look_at_what_is_over(session: Session, row: Stay, now: datetime) -> None:
    """More was paid for the two than the one costs: a person gives it back."""
    quote = billing.quote_of(session, row, now)
    if quote is None:
        return
    over = quote.paid_paise + sum(line.amount_paise for line in quote.lines if line.kind is LineKind.CREDIT)
    if over > 0 and quote.total_paise == 0 and row.exited_at is not None:
        ask_review(row, f"{rupees(over)} more was paid than it costs: give it back")
