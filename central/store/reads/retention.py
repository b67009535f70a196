"""Retention as its page shows it: what went last, what goes next, what people hold."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.rules.retention import Kind
from central.store.schema import Image, LegalHold, RetentionRun, Stay

RUNS = 50


def last_runs(session: Session) -> dict[str, RetentionRun]:
    """The latest batch of each class that had one."""
    found = {}
    for kind in Kind:
        of_kind = select(RetentionRun).where(RetentionRun.kind == str(kind)).order_by(RetentionRun.id.desc()).limit(1)
        row = session.scalar(of_kind)
        if row is not None:
            found[str(kind)] = row
    return found


def runs(session: Session, before: int | None = None) -> list[RetentionRun]:
    """The latest batches, or those before one; RUNS + 1 at most."""
    wanted = select(RetentionRun)
    if before:
        wanted = wanted.where(RetentionRun.id < before)
    return list(session.scalars(wanted.order_by(RetentionRun.id.desc()).limit(RUNS + 1)))


def oldest(session: Session) -> dict[str, object]:
    """The oldest of the two classes that matter most to people, which is what goes next."""
    waiting = select(func.min(Stay.closed_at)).where(Stay.masked_at.is_(None), Stay.closed_at.is_not(None))
    return {Kind.PICTURES: session.scalar(select(func.min(Image.stored_at))), Kind.STAYS: session.scalar(waiting)}


def holds(session: Session) -> list[LegalHold]:
    """Those that people placed and nobody has lifted, newest first."""
    return list(session.scalars(select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id.desc())))
