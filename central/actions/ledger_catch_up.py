"""Books what happened before there were books: run over a database of an earlier version, or for doubt; never twice."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import ledger
from central.actions.ledger_check import AT_THE_DESK
from central.actions.records import lock_site
from central.rules.due import AttemptStatus, DueStatus
from central.rules.stay_table import Status
from central.store.schema import Attempt, Due, LedgerEntry, Receipt, Refund, Stay

_UNPAID = (str(DueStatus.OPEN), str(DueStatus.QUOTED))
_NOT_KEPT = (str(AttemptStatus.DUPLICATE), str(AttemptStatus.MISMATCH))


def catch_up(session: Session, site_id: str, now: datetime) -> int:
    """Books every payment, duplicate, refund and unpaid exit of a site that is not booked yet; how many entries."""
    lock_site(session, site_id)
    count = select(func.count()).select_from(LedgerEntry)
    before = session.scalar(count)
    of_site = select(Due, Stay).join(Stay, Stay.id == Due.stay_id).where(Stay.site_id == site_id)
    owing = of_site.where(Due.state.in_(_UNPAID), Stay.status == str(Status.LEFT_OWING), Due.kind == "stay")
    for due, row in session.execute(owing):
        ledger.follow(session, row, due, now)
    paid = of_site.add_columns(Receipt).join(Receipt, Receipt.due_id == Due.id)
    for due, row, receipt in session.execute(paid):
        if not _by_hand(session, due):
            ledger.paid(session, row, due, receipt, now, by="before the books")
    theirs = (Due.id == Attempt.due_id, Stay.id == Due.stay_id, Stay.site_id == site_id)
    for attempt in session.scalars(select(Attempt).where(*theirs, Attempt.state.in_(_NOT_KEPT))):
        ledger.captured_for_nothing(session, attempt.id, attempt.payment_ref, attempt.captured_paise or 0, now)
    for refund, attempt in session.execute(select(Refund, Attempt).where(*theirs, Refund.attempt_id == Attempt.id)):
        if refund.payment_ref != attempt.payment_ref:
            ledger.captured_for_nothing(session, attempt.id, refund.payment_ref, refund.amount_paise, now)
        if refund.state == "done" and attempt.provider not in AT_THE_DESK:
            ledger.refunded(session, refund, now, by="before the books")
    return session.scalar(count) - before


def booked_so_far(session: Session, site_id: str) -> Counter[str]:
    """How many entries of each kind a site's books have."""
    counted = select(LedgerEntry.kind, func.count()).where(LedgerEntry.site_id == site_id).group_by(LedgerEntry.kind)
    return Counter({kind: int(count) for kind, count in session.execute(counted)})


def _by_hand(session: Session, due: Due) -> bool:
    """Paid to an attendant: shifts are younger than the books, so it is in them."""
    taken = select(Attempt.id).where(Attempt.due_id == due.id, Attempt.applied, Attempt.provider.in_(AT_THE_DESK))
    return session.scalar(taken.limit(1)) is not None
