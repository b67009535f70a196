"""What must happen to stays because time has passed, some of it with money to be given back. One transaction each."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from central.actions import prepaid, sweeps
from central.actions.errors import Refused
from central.actions.records import ask_review, hold
from central.payments import refunds
from central.store.database import Database

log = logging.getLogger(__name__)

SYSTEM = "central"


def end_overstayed(db: Database, now: datetime) -> timedelta:
    """Stays whose paid time is over and that owe more by now."""
    last = ""
    while True:
        with db.read() as session:
            over = sweeps.overstaying(session, now, after=last)
        for stay_id in over:
            with db.begin() as session:
                sweeps.overstay(session, stay_id, now)
        if len(over) < sweeps.AT_ONCE:
            return timedelta(minutes=1)
        last = over[-1]


def end_ghosts(db: Database, now: datetime, days: int) -> timedelta:
    """Stays inside for many days with no sign of life."""
    with db.read() as session:
        found = sweeps.ghosts(session, now, days)
    for stay_id in found:
        try:
            with db.begin() as session:
                sweeps.end_ghost(session, stay_id, now, days)
        except Refused as error:
            log.info("stay %s is not closed: %s", stay_id, error)
    return timedelta(hours=1)


def end_bookings(db: Database, now: datetime, refund_percent: int) -> timedelta:
    """Bookings nobody paid, and those whose vehicle did not come: of these the site's share is given back."""
    with db.read() as session:
        over = prepaid.over(session, now)
    for stay_id in over:
        with db.begin() as session:
            ended = prepaid.end(session, stay_id, now)
            if ended is None:
                continue
            receipt, paid = ended
            back = paid * refund_percent // 100
            if back <= 0:
                continue
            try:
                with session.begin_nested():
                    refunds.give_back(session, receipt.id, back, now, by=SYSTEM, reason="paid ahead, and nobody came")
            except Refused as error:
                # paid in cash, or given back in part already: a person sees to it
                ask_review(hold(session, stay_id), f"nobody came, to be given back: {error}")
    return timedelta(minutes=1)
