"""What must happen because time has passed: quotes run out, closed stays leave the broker, old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from central.actions import outbox
from central.actions.records import lock_site
from central.actions.settling import quote_ran_out
from central.rules.due import DueStatus
from central.store.schema import AckCursor, Due, GateEvent, Stay
from edge.protocol.topics import Stream

AT_ONCE = 200
KEEP_PUBLISHED = timedelta(days=1)
KEEP_DIAGNOSTICS = timedelta(days=7)


def expired_quotes(session: Session, now: datetime) -> list[str]:
    """Ids of dues whose amount no longer holds."""
    over = select(Due.id).where(Due.state == str(DueStatus.QUOTED), Due.expires_at <= now)
    return list(session.scalars(over.order_by(Due.expires_at).limit(AT_ONCE)))


def expire_quote(session: Session, due_id: str, now: datetime) -> None:
    """Ends one quote, unless it was paid or made anew meanwhile."""
    due = session.get(Due, due_id)
    if due is None:
        return
    # in the order everything else locks in: site, stay, due
    lock_site(session, session.get_one(Stay, due.stay_id).site_id)
    session.refresh(due, with_for_update=True)
    if due.state == DueStatus.QUOTED and due.expires_at is not None and due.expires_at <= now:
        quote_ran_out(session, due, now)


def clear_closed(session: Session, now: datetime, keep: timedelta) -> int:
    """Takes the states of stays closed longer than `keep` ago off the broker; how many."""
    old = select(Stay).where(Stay.closed_at <= now - keep, Stay.cleared_at.is_(None)).limit(AT_ONCE)
    rows = list(session.scalars(old))
    for row in rows:
        outbox.clear_retained(session, row, now)
        row.cleared_at = now
    return len(rows)


def forget_old(session: Session, now: datetime) -> None:
    """Deletes what has served: messages long published, and diagnostics that are acknowledged."""
    outbox.forget_published(session, now, KEEP_PUBLISHED)
    acknowledged = (
        select(AckCursor.through_seq)
        .where(
            AckCursor.site_id == GateEvent.site_id,
            AckCursor.gate_id == GateEvent.gate_id,
            AckCursor.journal == GateEvent.journal,
            AckCursor.stream == GateEvent.stream,
        )
        .scalar_subquery()
    )
    session.execute(
        delete(GateEvent)
        .where(
            GateEvent.stream == str(Stream.DIAG),
            GateEvent.received_at < now - KEEP_DIAGNOSTICS,
            GateEvent.seq <= acknowledged,
        )
        .execution_options(synchronize_session=False)
    )
