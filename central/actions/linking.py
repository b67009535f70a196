"""Joins an exit that no entry fitted to the stay it was, by the driver's ticket code or a person's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions import coupon_uses, violation_review
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import as_rule, ask_review, lock_site, note, put
from central.actions.settling import settle
from central.rules import stay as rules
from central.rules.arrivals import with_visit
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Stay

_NOT_HERE = "That ticket code is not of a vehicle that is inside. Look at it again, or press for help."


def normal_ticket(text: str) -> str:
    """A ticket code as a person types it: blanks and hyphens dropped, upper case."""
    return "".join(text.split()).replace("-", "").upper()


def stay_with_ticket(session: Session, ticket: str) -> Stay | None:
    """The stay of a ticket code."""
    return session.scalar(select(Stay).where(Stay.ticket_hash == keys.digest(normal_ticket(ticket))))


def link_unmatched(session: Session, unmatched_id: str, ticket: str, now: datetime, by: str = "ticket code") -> Stay:
    """The stay of that ticket, standing at the exit where the unmatched one stands; Refused when it is not inside."""
    unmatched = session.get(Stay, unmatched_id)
    row = stay_with_ticket(session, ticket)
    if unmatched is None or row is None or row.site_id != unmatched.site_id:
        raise Refused(_NOT_HERE)
    return join(session, unmatched_id, row.id, now, by)


def join(session: Session, unmatched_id: str, stay_id: str, now: datetime, by: str) -> Stay:
    """The stay with the unmatched exit's visit; a person's choice, or the ticket's."""
    site_id = session.get_one(Stay, unmatched_id).site_id
    lock_site(session, site_id)
    record = session.get_one(Stay, unmatched_id, with_for_update=True, populate_existing=True)
    row = session.get_one(Stay, stay_id, with_for_update=True, populate_existing=True)
    if record.status != Status.UNMATCHED:
        if record.joined_to == row.id:
            return row
        raise Refused("This exit has been settled already.")
    if row.site_id != site_id or Status(row.status) not in INSIDE:
        raise Refused(_NOT_HERE)
    asked_at = record.requested_at or record.exited_at
    if asked_at is None or row.entered_at is None or asked_at < row.entered_at:
        raise Refused("That vehicle came in after this one wanted to leave.")
    visit = as_rule(record)
    stay = with_visit(as_rule(row), visit)
    if visit.waiting or visit.exited_at is not None:
        row.exit_request, row.exit_gate, row.exit_image = record.exit_request, record.exit_gate, record.exit_image
        row.exit_how, row.exit_alike = record.exit_how, False
    if record.plate != row.plate:
        ask_review(row, f"plate read as {record.plate or 'nothing'} at the exit, joined by {by}")
    record.joined_to, record.closed_reason, record.review = row.id, "joined", None
    put(session, record, rules.void(as_rule(record)), now)
    put(session, row, stay, now)
    coupon_uses.move(session, record, row, now)
    violation_review.move(session, record, row, now)
    note(session, row, now, "joined", by, exit=record.id)
    audit(session, now, by, "exit joined", row.id, exit=record.id)
    settle(session, row, now)
    return row
