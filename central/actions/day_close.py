"""Closes a site's day: its balances are kept, and the database takes nothing for it, or for any before, again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import ledger, repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.store.reads.books import trial_balance
from central.store.schema import LedgerDay, LedgerDaySum, LedgerEntry, LedgerPosting, Shift


def close_day(session: Session, site_id: str, day: str, now: datetime, *, by: str, key: str | None = None) -> LedgerDay:
    """Closes the day, and all before it. Refused while it runs, while a shift of it is open, or once it is closed."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise Refused(f"day {day[:20]!r}: expected one such as 2026-11-24") from error
    site = lock_site(session, site_id)
    asked = repeats.request(session, "close day", key, site=site_id, day=day)
    if asked.before is not None:
        return session.get_one(LedgerDay, (site_id, day))
    if day >= (today := ledger.site_day(session, site_id, now)):
        raise Refused(f"{day} is not over: today is {today}")
    closed = session.scalar(select(func.max(LedgerDay.day)).where(LedgerDay.site_id == site_id))
    if closed is not None and day <= closed:
        raise Refused(f"{day} is closed: all up to {closed} is")
    end = datetime.combine(wanted + timedelta(days=1), time(), ZoneInfo(site.timezone))
    of_day = select(Shift).where(Shift.site_id == site_id, Shift.closed_at.is_(None), Shift.opened_at < end)
    if (shift := session.scalar(of_day.limit(1))) is not None:
        raise Refused(f"the shift of {shift.attendant} is still open: close it first")
    _agrees(session, site_id, closed or "", day)
    rows = trial_balance(session, site_id, day)
    if sum(row.closing_paise for row in rows):
        raise Refused(f"the books of {day} do not balance: nothing is closed, ask for help")
    made = LedgerDay(
        site_id=site_id, day=day, closed_at=now, by=by, balances={row.account: row.closing_paise for row in rows}
    )
    session.add(made)
    audit(session, now, by, "day closed", f"{site_id}/{day}", balances=made.balances)
    asked.done(session, day, now)
    return made


def _agrees(session: Session, site_id: str, after: str, day: str) -> None:
    """Before they are kept for good, the sums that pages show are held against the postings they are of."""
    kept = select(
        func.coalesce(func.sum(LedgerDaySum.debit_paise), 0), func.coalesce(func.sum(LedgerDaySum.credit_paise), 0)
    )
    days = (LedgerDaySum.site_id == site_id, LedgerDaySum.day > after, LedgerDaySum.day <= day)
    debit, credit = session.execute(kept.where(*days)).one()
    posted = (
        select(func.coalesce(func.sum(func.abs(LedgerPosting.paise)), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.site_id == site_id, LedgerEntry.day > after, LedgerEntry.day <= day)
    )
    if int(debit) != int(credit) or int(debit) + int(credit) != int(session.scalar(posted)):
        raise Refused(
            f"the sums of the days up to {day} are not those of their postings: nothing is closed, ask for help"
        )
