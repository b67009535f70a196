"""Rows of work for the jobs process: queued once by key, claimed by one worker at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.store.once import insert_once
from central.store.schema import Job

CLAIM_LASTS = timedelta(minutes=2)
BACK_OFF_S = (5, 15, 60, 300, 900)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job this worker has to itself until its claim ends. attempts counts this one too."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int


def enqueue(session: Session, kind: str, key: str, payload: dict[str, Any], run_at: datetime) -> bool:
    """Queues work, in the transaction of what causes it; False when that key is queued already."""
    row = {"kind": kind, "key": key, "payload": payload, "run_at": run_at, "attempts": 0, "last_error": ""}
    return insert_once(session, Job, row)


def claim(session: Session, now: datetime, *, only: Collection[str] = (), but: Collection[str] = ()) -> Claimed | None:
    """The next job whose time has come; only of those kinds, or of any `but` those."""
    free = or_(Job.claimed_until.is_(None), Job.claimed_until <= now)
    due = select(Job).where(Job.run_at <= now, free, Job.kind.not_in(but))
    if only:
        due = due.where(Job.kind.in_(only))
    job = session.scalar(due.order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True))
    if job is None:
        return None
    job.claimed_until, job.attempts = now + CLAIM_LASTS, job.attempts + 1
    return Claimed(job.id, job.kind, job.payload, job.attempts)


def finish(session: Session, job: Claimed, run_again_at: datetime | None) -> None:
    """Done; or to be done again then."""
    row = session.get(Job, job.id)
    if row is None:
        return
    if run_again_at is None:
        session.delete(row)
    else:
        row.run_at, row.claimed_until, row.attempts, row.last_error = run_again_at, None, 0, ""


def fail(session: Session, job: Claimed, error: str, now: datetime) -> None:
    """To be tried again, later each time, for ever: nothing here may be forgotten."""
    row = session.get(Job, job.id)
    if row is not None:
        delay = timedelta(seconds=BACK_OFF_S[min(job.attempts, len(BACK_OFF_S)) - 1])
        row.run_at, row.claimed_until, row.last_error = now + delay, None, error[:1000]
