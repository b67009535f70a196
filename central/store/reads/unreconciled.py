"""The queue of what does not fit between the payment provider and our books, a page at a time, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import SettlementDay, SettlementFile, SettlementLine, Unreconciled

PAGE = 50


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Items with the line each is about, where there is one. older: the `before` of the next page, None on the last."""

    rows: list[tuple[Unreconciled, SettlementLine | None]]
    older: int | None


def queue(session: Session, *, settled: bool, before: int | None = None) -> QueuePage:
    """Those that wait, or with `settled` those somebody has settled."""
    state = Unreconciled.resolution.is_not(None) if settled else Unreconciled.resolution.is_(None)
    wanted = select(Unreconciled, SettlementLine).outerjoin(SettlementLine, SettlementLine.id == Unreconciled.line_id)
    wanted = wanted.where(state)
    if before is not None:
        wanted = wanted.where(Unreconciled.id < before)
    found = [tuple(row) for row in session.execute(wanted.order_by(Unreconciled.id.desc()).limit(PAGE + 1))]
    return QueuePage(found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None)


def fetched(session: Session, limit: int = 10) -> list[SettlementDay]:
    """The latest days whose files the provider was asked for, or is to be."""
    return list(session.scalars(select(SettlementDay).order_by(SettlementDay.day.desc()).limit(limit)))


def files(session: Session, limit: int = 10) -> list[SettlementFile]:
    """The files taken in last."""
    return list(session.scalars(select(SettlementFile).order_by(SettlementFile.imported_at.desc()).limit(limit)))
