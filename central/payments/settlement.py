"""Takes in a provider's settlement file, line by line, each in a transaction of its own and once.

A file broken off half way is taken in again from its first line: what is booked stays booked, and the rest follows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import settlement as actions
from central.actions import settlement_days
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.owners import site_of
from central.actions.records import lock_site
from central.actions.settlement import Outcome
from central.payments import service
from central.payments.provider import ProviderEvent
from central.payments.settlement_file import Line, SettlementRefused, Statement, read
from central.store.database import Database
from central.store.once import insert_once
from central.store.schema import Attempt, Due, Refund, SettlementFile, SettlementLine, Site, Unreconciled


@dataclass(slots=True)
class Taken:
    """What came of a file. outcomes: how many lines of each; missing: payments of ours that are in no file so far."""

    statement: Statement
    known: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    missing: int = 0


def take_in(
    database: Database, provider: str, raw: bytes, site_id: str, now: datetime, *, by: str, of_day: date | None = None
) -> Taken:
    """Books a file; the same file again changes nothing. SettlementRefused, a ValueError, where it can't be read.

    site_id  whose books take what belongs to no stay of ours
    of_day   the day it was asked for, None: whichever it says
    """
    statement = read(raw)
    if of_day is not None and statement.day != of_day:
        raise SettlementRefused(f"settlement file of {statement.day}: expected that of {of_day}, which was asked for")
    with database.begin() as session:
        if session.get(Site, site_id) is None:
            raise Refused(f"site {site_id[:40]!r} is not known")
        row = {
            "sha256": statement.sha256, "provider": provider, "site_id": site_id, "day": statement.day.isoformat(),
            "utr": statement.utr, "lines": len(statement.lines), "net_paise": statement.net_paise,
            "imported_at": now, "by": by,
        }  # fmt: skip
        known = not insert_once(session, SettlementFile, row)
        if not known:
            told = {"day": row["day"], "utr": statement.utr, "lines": row["lines"], "net_paise": row["net_paise"]}
            audit(session, now, by, "settlement file", statement.sha256, **told)
    taken = Taken(statement, known)
    for line in statement.lines:
        with database.begin() as session:
            taken.outcomes[str(_take_line(session, provider, statement, line, now))] += 1
    with database.begin() as session:
        settlement_days.came(session, provider, statement.day.isoformat(), now, by)
    taken.missing = look_for_missing(database, provider, statement.day, site_id, now)
    return taken


def look_for_missing(database: Database, provider: str, day: date, site_id: str, now: datetime) -> int:
    """Queues what was captured up to the end of a day and is in no file; how much is new.

    What is captured on the day that runs may still be in its next file.
    """
    with database.begin() as session:
        zone = ZoneInfo(session.get_one(Site, site_id).timezone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        return actions.queue_missing(session, provider, end, now) if end <= now else 0


def _take_line(session: Session, provider: str, statement: Statement, line: Line, now: datetime) -> Outcome:
    # another worker may be at the same file
    file = session.get_one(SettlementFile, statement.sha256, with_for_update=True)
    done = select(SettlementLine.outcome).where(
        SettlementLine.file == statement.sha256, SettlementLine.number == line.number
    )
    if (outcome := session.scalar(done)) is not None:
        return Outcome(outcome)
    row = SettlementLine(
        file=statement.sha256,
        number=line.number,
        provider=provider,
        reference=line.reference,
        payment_ref=line.payment_ref,
        refund_ref=line.refund_ref,
        amount_paise=line.amount_paise,
        fee_paise=line.fee_paise,
        fee_gst_paise=line.fee_gst_paise,
        utr=statement.utr,
    )
    before = actions.seen_before(session, row)
    attempt = _attempt(session, provider, line)
    if attempt is None:
        lock_site(session, file.site_id)
        outcome = before or Outcome.MISSING_WITH_US
        actions.book_line(session, row, outcome, file.site_id, now)
        return outcome
    due = session.get_one(Due, attempt.due_id)
    site_id = site_of(session, due)
    lock_site(session, site_id)
    if before is not None:
        actions.book_line(session, row, before, site_id, now, stay_id=due.stay_id)
        return before
    hear = _refund if line.refund_ref else _payment
    outcome, ours = hear(session, provider, attempt, line, now)
    actions.book_line(session, row, outcome, site_id, now, ours_paise=ours, stay_id=due.stay_id)
    return outcome


def _attempt(session: Session, provider: str, line: Line) -> Attempt | None:
    """The attempt of ours that a line is about, by our own reference, else by the provider's."""
    if line.refund_ref:
        refund = _refund_of(session, line)
        return None if refund is None else session.get_one(Attempt, refund.attempt_id)
    named = session.get(Attempt, _id_of(line.reference))
    if named is not None:
        return named if named.provider == provider else None
    return session.scalar(select(Attempt).where(Attempt.provider == provider, Attempt.payment_ref == line.payment_ref))


def _payment(session: Session, provider: str, attempt: Attempt, line: Line, now: datetime) -> tuple[Outcome, int]:
    """A payment that we had not heard of is applied first, as if it had come by webhook."""
    ours, late = _ours(session, attempt.id, line.payment_ref), False
    if ours is None:
        event = ProviderEvent(
            event_id=f"{line.payment_ref}:captured",
            reference=attempt.id.replace("-", ""),
            payment_ref=line.payment_ref,
            status="captured",
            code="00",
            amount_paise=line.amount_paise,
            payer="",
            at=now,
            raw=line.text,
        )
        service.apply_event(session, provider, event, now)
        ours, late = _ours(session, attempt.id, line.payment_ref), True
    if ours != line.amount_paise:
        return Outcome.AMOUNT_DIFFERS, ours or 0
    return (Outcome.LATE if late else Outcome.MATCHED), ours


def _ours(session: Session, attempt_id: str, payment_ref: str) -> int | None:
    """What we hold that payment to have been: the attempt's own, or the second one of its code. None: not heard of."""
    attempt = session.get_one(Attempt, attempt_id, populate_existing=True)
    if attempt.captured_paise is not None and attempt.payment_ref == payment_ref:
        return attempt.captured_paise
    second = select(Refund.amount_paise).where(Refund.attempt_id == attempt_id, Refund.payment_ref == payment_ref)
    return session.scalar(second)


def _refund(session: Session, provider: str, attempt: Attempt, line: Line, now: datetime) -> tuple[Outcome, int]:
    """A refund whose answer we had never got is done, as the file says."""
    refund = _refund_of(session, line)
    late = refund.state != "done"
    if late and refund.amount_paise == line.amount_paise:
        service.refund_done(session, refund.id, line.refund_ref, now)
    if refund.amount_paise != line.amount_paise:
        return Outcome.AMOUNT_DIFFERS, refund.amount_paise
    return (Outcome.LATE if late else Outcome.MATCHED), refund.amount_paise


def _refund_of(session: Session, line: Line) -> Refund | None:
    named = session.get(Refund, _id_of(line.reference))
    return named or session.scalar(select(Refund).where(Refund.provider_ref == line.refund_ref))


def _id_of(reference: str) -> str:
    """The id of ours that a reference is, with its hyphens back; the reference itself where it can't be one."""
    try:
        return str(UUID(reference))
    except ValueError:
        return reference


def open_items(session: Session, limit: int = 100) -> int:
    """How many differences wait for a person, counted up to the limit."""
    waiting = select(Unreconciled.id).where(Unreconciled.resolution.is_(None)).limit(limit)
    return len(session.scalars(waiting).all())
