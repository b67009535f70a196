"""What must happen because time has passed: quotes run out, closed stays leave the broker, old rows go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from central.actions import outbox
from central.actions.owners import owner_of
from central.actions.records import as_rule, ask_review, hold, lock_site, note, put
from central.actions.settling import quote_ran_out
from central.rules import stay as rules
from central.rules.due import DueStatus
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import AckCursor, Attempt, Due, GateEvent, Stay
from edge.protocol.topics import Stream

AT_ONCE = 200
KEEP_PUBLISHED = timedelta(days=1)
KEEP_DIAGNOSTICS = timedelta(days=7)
# until then its driver may still find the stay by the ticket code
BACKED_AWAY_FOR = timedelta(days=1)
# longer than any bank takes to report a late capture
ASKED_AFTER_FOR = timedelta(days=3)


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
    hold(session, due.stay_id)
    session.refresh(due, with_for_update=True)
    if due.state == DueStatus.QUOTED and due.expires_at is not None and due.expires_at <= now:
        quote_ran_out(session, due, now)


def clear_closed(session: Session, now: datetime, keep: timedelta) -> int:
    """Takes the states of stays closed longer than `keep` ago off the broker; how many."""
    old = select(Stay).where(Stay.closed_at <= now - keep, Stay.cleared_at.is_(None)).limit(AT_ONCE)
    rows = list(session.scalars(old.with_for_update(skip_locked=True)))
    for row in rows:
        outbox.clear_retained(session, row, now)
        row.cleared_at = now
    return len(rows)


def given_up(session: Session, now: datetime) -> list[str]:
    """Ids of unmatched visits of an exit whose vehicle backed away and has not been back since."""
    unmatched = select(Stay.id).where(Stay.status == str(Status.UNMATCHED), Stay.exited_at.is_(None))
    return list(session.scalars(unmatched.where(Stay.withdrawn_at <= now - BACKED_AWAY_FOR).limit(AT_ONCE)))


def end_unmatched(session: Session, stay_id: str, now: datetime) -> None:
    """Ends one such visit: its vehicle is a stay of its own, or was never here."""
    lock_site(session, session.get_one(Stay, stay_id).site_id)
    row = hold(session, stay_id)
    stay = as_rule(row)
    if stay.status is Status.UNMATCHED and stay.exited_at is None and stay.withdrawn:
        put(session, row, rules.reviewed(stay), now)
        row.closed_reason = "backed away"
        note(session, row, now, "ended", "central", why="backed away and did not come back")


def lost_attempt(session: Session, attempt_id: str, now: datetime) -> bool:
    """True where a payment was begun so long ago that its provider, who tells nothing of it, need not be asked again.

    A person looks at its stay, unless how it ended is known.
    """
    attempt = session.get_one(Attempt, attempt_id)
    if now < attempt.expires_at + ASKED_AFTER_FOR:
        return False
    if attempt.captured_paise is None:
        row = owner_of(session, session.get_one(Due, attempt.due_id))
        ask_review(row, f"the provider does not say how a payment of {rupees(attempt.amount_paise)} ended")
    return True


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
