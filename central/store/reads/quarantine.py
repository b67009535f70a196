"""Messages that could not be applied, a page at a time, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.store.schema import Quarantine

PAGE = 50


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """older: the `before` of the next page, None on the last."""

    rows: list[Quarantine]
    older: int | None


def quarantine(session: Session, *, seen: bool, before: int | None = None) -> QuarantinePage:
    """Those nobody has seen to, or with `seen` those somebody has."""
    query = select(Quarantine).where(Quarantine.seen == seen)
    if before is not None:
        query = query.where(Quarantine.id < before)
    found = list(session.scalars(query.order_by(Quarantine.id.desc()).limit(PAGE + 1)))
    return QuarantinePage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def unseen(session: Session) -> int:
    """How many wait for a person, counted up to 100."""
    some = select(Quarantine.id).where(~Quarantine.seen).limit(100).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
