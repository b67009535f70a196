"""What a due was paid by, and captures of another amount than was asked for, with what people decided about them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.rules.attempt import AttemptStatus
from central.store.schema import Account, Attempt, Due, OddDecision, Refund, Stay

PAGE = 30


@dataclass(frozen=True, slots=True)
class OddRow:
    """A capture, its due and whose it is. decision None while it waits; refund: what goes back, where some does."""

    attempt: Attempt
    due: Due
    site_id: str
    plate: str | None
    decision: OddDecision | None
    refund: Refund | None


@dataclass(frozen=True, slots=True)
class OddPage:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[OddRow]
    older: str | None


def odd(session: Session, *, decided: bool, before: str | None = None) -> OddPage:
    """Those that wait for a person, or those somebody has decided about."""
    wanted = (
        select(Attempt, Due, func.coalesce(Stay.site_id, Account.site_id), Stay.plate, OddDecision, Refund)
        .join(Due, Due.id == Attempt.due_id)
        .outerjoin(Stay, Stay.id == Due.stay_id)
        .outerjoin(Account, Account.id == Due.account_id)
        .outerjoin(OddDecision, OddDecision.attempt_id == Attempt.id)
        .outerjoin(Refund, Refund.id == OddDecision.refund_id)
    )
    if decided:
        wanted = wanted.where(OddDecision.attempt_id.is_not(None))
    else:
        wanted = wanted.where(Attempt.state == str(AttemptStatus.MISMATCH), OddDecision.attempt_id.is_(None))
    if before:
        wanted = wanted.where(Attempt.id < before)
    found = [OddRow(*row) for row in session.execute(wanted.order_by(Attempt.id.desc()).limit(PAGE + 1))]
    return OddPage(found[:PAGE], found[PAGE - 1].attempt.id if len(found) > PAGE else None)


def applied(session: Session, due_id: str) -> Attempt | None:
    """The payment that was kept for a due."""
    return session.scalar(select(Attempt).where(Attempt.due_id == due_id, Attempt.applied))
