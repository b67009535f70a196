"""What a person sets right on one stay: its entry, its exit, its plate or class, whether it is at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, coupon_uses, prepaid, records, violation_watch
from central.actions.access import normal_plate
from central.actions.corrections import Who, correcting, telling
from central.actions.errors import Refused
from central.actions.records import as_rule, new_stay, put
from central.actions.settling import settle
from central.actions.tariffs import read_tariff, tariff_at
from central.rules import corrections as rules
from central.rules import stay as stay_rules
from central.rules.corrections import Kind
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import Gate, Site, Stay
from edge.protocol.ids import uuid7
from edge.protocol.messages import EntryHow, ExitHow, VehicleClass


def enter(
    session: Session,
    site_id: str,
    plate: str,
    vehicle_class: str,
    entered_at: datetime,
    who: Who,
    reason: str,
    now: datetime,
    gate_id: str | None = None,
) -> str:
    """A vehicle came in and no gate told; its stay's id. Refused where an exit of its plate waits for an entry."""
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    plate, vehicle_class = normal_plate(plate), _class(vehicle_class)
    records.lock_site(session, site_id)
    strange = select(Stay).where(
        Stay.site_id == site_id, Stay.plate == plate, Stay.status == str(Status.UNMATCHED)
    )  # fmt: skip
    for record in session.scalars(strange):
        if (record.requested_at or record.exited_at) > entered_at:
            raise Refused(f"an exit of {plate} waits for its entry: enter it on that stay, {record.id}")
    row = new_stay(session, uuid7(), site_id, now)
    row.plate, row.vehicle_class, row.status = plate, vehicle_class, str(Status.UNMATCHED)
    session.flush()
    return _entered(session, row.id, entered_at, who, reason, now, gate_id, fresh=True)


def enter_unmatched(
    session: Session,
    stay_id: str,
    entered_at: datetime,
    who: Who,
    reason: str,
    now: datetime,
    gate_id: str | None = None,
) -> str:
    """Gives an exit that no entry fitted the entry a person tells of."""
    return _entered(session, stay_id, entered_at, who, reason, now, gate_id)


def _entered(
    session: Session,
    stay_id: str,
    entered_at: datetime,
    who: Who,
    reason: str,
    now: datetime,
    gate_id: str | None,
    *,
    fresh: bool = False,
) -> str:
    with correcting(session, Kind.ENTRY, (stay_id,), who, reason, now, fresh=fresh) as change:
        row = change.row
        if gate_id and session.get(Gate, (row.site_id, gate_id)) is None:
            raise Refused(f"gate {gate_id[:40]!r} is not known at {row.site_id}", field="gate")
        tariff = tariff_at(session, row.site_id, entered_at)
        permit = None
        if tariff is not None:
            prices = read_tariff(tariff)
            earlier = billing.earlier_stay(session, row.site_id, row.plate, entered_at, prices, but=row.id)
            permit = stay_rules.permit_at_entry(prices, entered_at, earlier)
        with telling("at"):
            stay = rules.came_in(as_rule(row), entered_at, permit, now)
        change.no_clash(stay)
        row.tariff_id, row.entry_gate, row.entry_how = tariff and tariff.id, gate_id or None, str(EntryHow.OPERATOR)
        row.review = None
        put(session, row, stay, now)
        settle(session, row, now)
    prepaid.take(session, row, now)
    return stay_id


def leave(session: Session, stay_id: str, exited_at: datetime, who: Who, reason: str, now: datetime) -> None:
    """A person saw the vehicle leaving and no gate told; it owes what it had not paid until then."""
    with correcting(session, Kind.EXIT, (stay_id,), who, reason, now) as change:
        change.no_payment_under_way()
        row = change.row
        with telling("at"):
            stay = rules.went_out(as_rule(row), exited_at, now)
        row.exit_how, row.review = str(ExitHow.OPERATOR), None
        put(session, row, stay, now)
        settle(session, row, now)


def gone(session: Session, stay_id: str, who: Who, reason: str, now: datetime, review: str | None = None) -> None:
    """The vehicle is not here, and nobody saw it leaving: closed by system, never charged. review: for staff to see."""
    with correcting(session, Kind.GONE, (stay_id,), who, reason, now) as change:
        change.no_payment_under_way()
        change.row.review = review
        put(session, change.row, rules.gone_unseen(as_rule(change.row)), now)
        settle(session, change.row, now)


def plate(session: Session, stay_id: str, text: str, who: Who, reason: str, now: datetime) -> None:
    """The plate was misread, or not read. What the reader saw stays on record."""
    new = normal_plate(text)
    old = session.get(Stay, stay_id)
    detail = {"was": old.plate if old else None, "is": new}
    with correcting(session, Kind.PLATE, (stay_id,), who, reason, now, **detail) as change:
        stay = replace(as_rule(change.row), plate=new)
        change.no_clash(stay)
        # a person has said whose it is: what a reader made of it at the exit is no longer in doubt
        change.row.exit_alike, change.row.review = False, None
        put(session, change.row, stay, now)
        coupon_uses.plate_changed(session, change.row, now)
        settle(session, change.row, now)
    prepaid.take(session, change.row, now)


def vehicle_class(session: Session, stay_id: str, word: str, who: Who, reason: str, now: datetime) -> None:
    """The class was wrong: what is not paid yet is priced anew."""
    new = _class(word)
    with correcting(session, Kind.CLASS, (stay_id,), who, reason, now, **{"is": new}) as change:
        tariff = billing.tariff_of(session, change.row)
        if tariff is not None and new not in tariff.vehicle_classes:
            expected = ", ".join(tariff.vehicle_classes)
            raise Refused(f"the tariff has no price for {new}: expected one of {expected}", field="class")
        put(session, change.row, replace(as_rule(change.row), vehicle_class=new), now)
        coupon_uses.keep_what_fits(session, change.row, now)
        settle(session, change.row, now)
        violation_watch.class_seen(session, change.row, now, who.name)


def lost_ticket(session: Session, stay_id: str, who: Who, reason: str, now: datetime) -> None:
    """The ticket is lost: the stay costs at least what the tariff says for that, also where its entry is unknown."""
    with correcting(session, Kind.LOST_TICKET, (stay_id,), who, reason, now) as change:
        row = change.row
        if row.lost_ticket:
            raise Refused("this ticket is known to be lost")
        if row.tariff_id is None:
            version = tariff_at(session, row.site_id, row.requested_at or row.exited_at or row.created_at)
            row.tariff_id = version and version.id
        row.lost_ticket, row.review = True, None
        if billing.quote_of(session, row, now) is None:
            raise Refused("the tariff has no price for a lost ticket whose entry is unknown")
        put(session, row, rules.lost_ticket(as_rule(row)), now)
        settle(session, row, now)


def reopen(session: Session, stay_id: str, who: Who, reason: str, now: datetime) -> None:
    """The vehicle never left: its clock runs since its entry, less what was paid."""
    with correcting(session, Kind.REOPEN, (stay_id,), who, reason, now) as change:
        row = change.row
        if row.joined_to is not None:
            raise Refused("this stay was joined to another: undo that instead")
        stay = rules.inside_again(as_rule(row), now, paid=change.paid())
        change.no_clash(stay)
        billing.waive_unpaid(session, row, now, "reopened")
        row.exit_gate = row.exit_how = row.exit_image = row.review = None
        row.exit_alike = False
        put(session, row, stay, now)
        settle(session, row, now)


def strike_out(session: Session, stay_id: str, who: Who, reason: str, now: datetime) -> None:
    """The stay was recorded in error. Refused while money is paid for it: that goes back first."""
    with correcting(session, Kind.VOID, (stay_id,), who, reason, now) as change:
        change.no_payment_under_way()
        if (paid := billing.paid_paise(session, stay_id)) > 0:
            raise Refused(f"{rupees(paid)} was paid for it: give that back first, or merge it with its other stay")
        billing.waive_unpaid(session, change.row, now, "struck out")
        change.row.review = None
        put(session, change.row, replace(as_rule(change.row), status=Status.VOID), now)
        settle(session, change.row, now)


def _class(word: str) -> str:
    if word not in get_args(VehicleClass):
        expected = ", ".join(get_args(VehicleClass))
        raise Refused(f"vehicle class {word[:40]!r}: expected one of {expected}", field="class")
    return word
