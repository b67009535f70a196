"""A stay that its driver, or staff, say is wrong; and what is decided about it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import billing, ledger
from central.actions.corrections import Who, correcting
from central.actions.errors import Refused
from central.actions.records import as_rule, ask_review, put
from central.actions.settling import settle
from central.rules import stay as stay_rules
from central.rules.corrections import Kind
from central.rules.stay_table import Signal, Status


def dispute(session: Session, stay_id: str, who: Who, reason: str, now: datetime) -> None:
    """Something is wrong with this stay, says its driver or staff; one that has left is asked for nothing meanwhile."""
    with correcting(session, Kind.DISPUTE, (stay_id,), who, reason, now) as change:
        row, stay = change.row, as_rule(change.row)
        if row.disputed_at is not None:
            raise Refused("this stay is disputed already")
        row.disputed_at = now
        ask_review(row, f"disputed: {' '.join(reason.split())[:80]}")
        if stay.status in (Status.CLOSED, Status.LEFT_OWING):
            stay = stay_rules.move(stay, Signal.DISPUTE)
        put(session, row, stay, now)
        # what it owed is not asked for meanwhile, and not given up either
        ledger.follow(session, row, billing.unpaid_due(session, row.id), now)


def resolve(session: Session, stay_id: str, who: Who, reason: str, now: datetime, *, owed: bool) -> None:
    """The dispute is decided. owed: what is still to be paid stands; else it turns out never to have been owed."""
    with correcting(session, Kind.RESOLVE, (stay_id,), who, reason, now, owed=owed) as change:
        row, stay = change.row, as_rule(change.row)
        if row.disputed_at is None:
            raise Refused("this stay is not disputed")
        row.disputed_at, row.review = None, None
        if not owed:
            if stay.inside:
                raise Refused("its vehicle is inside: correct the stay, or let what it owes stand")
            change.no_payment_under_way()
            billing.waive_unpaid(session, row, now, "disputed with success")
        if stay.status is Status.DISPUTED:
            unpaid = billing.unpaid_due(session, row.id) is not None
            stay = stay_rules.move(stay, Signal.STAND if unpaid else Signal.SETTLE)
        put(session, row, stay, now)
        settle(session, row, now)
