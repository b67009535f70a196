"""What becomes of stays because nothing happens to them: paid time ends, and ghosts that no gate saw leaving go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from central.actions import billing, news, stay_fixes
from central.actions.corrections import SYSTEM, Who
from central.actions.passes import follow_pass
from central.actions.records import as_rule, hold, lock_site, note, put
from central.rules import stay as rules
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Correction, CorrectionImage, Due, Stay

AT_ONCE = 200


def overstaying(session: Session, now: datetime, after: str = "") -> list[str]:
    """Ids of stays inside whose paid time is over, beyond `after` in the order of ids."""
    paid = select(Stay.id).where(Stay.closed_at.is_(None), Stay.status == str(Status.PAID), Stay.permit_until < now)
    return list(session.scalars(paid.where(Stay.id > after).order_by(Stay.id).limit(AT_ONCE)))


def overstay(session: Session, stay_id: str, now: datetime) -> bool:
    """The stay is overstayed, and asked for the difference; False where nothing more is due yet.

    Not one that stands at an exit: it had leave, and waiting there is never charged.
    """
    lock_site(session, session.get_one(Stay, stay_id).site_id)
    row = hold(session, stay_id)
    follow_pass(session, row, now)
    before = as_rule(row)
    if before.status is not Status.PAID or before.permitted(now) or before.waiting or before.exited_at is not None:
        return False
    after = rules.overstay(before, now)
    row.stopped_at = None  # priced up to now
    quote = billing.quote_of(session, row, now)
    row.stopped_at = before.stopped_at
    if quote is None or quote.total_paise <= 0:
        return False
    put(session, row, after, now)
    billing.ask_for(session, row, quote, now)
    note(session, row, now, "overstayed", SYSTEM, amount_paise=quote.total_paise)
    news.overstayed(session, row, before.permit_until, now)
    return True


def ghosts(session: Session, now: datetime, days: int) -> list[str]:
    """Ids of stays inside for that many days with no sign of life: no exit asked, nothing paid, no person's word.

    A pass that holds, and time that is paid for, are signs of life.
    """
    since = now - timedelta(days=days)
    at_exit = (Stay.requested_at, Stay.withdrawn_at, Stay.restarted_at)
    quiet = and_(
        *(or_(column.is_(None), column < since) for column in at_exit),
        or_(and_(Stay.permit_until.is_(None), Stay.exempt.is_(False)), Stay.permit_until < since),
    )
    paid = select(Due.id).where(Due.stay_id == Stay.id, Due.paid_at >= since)
    touched = (
        select(CorrectionImage.id)
        .join(Correction, Correction.id == CorrectionImage.correction_id)
        .where(CorrectionImage.row_id == Stay.id, func.coalesce(Correction.undone_at, Correction.at) >= since)
    )
    inside = select(Stay.id).where(
        Stay.status.in_([str(status) for status in INSIDE]),
        Stay.closed_at.is_(None),
        Stay.entered_at < since,
        quiet,
        ~paid.exists(),
        ~touched.exists(),
    )
    return list(session.scalars(inside.order_by(Stay.id).limit(AT_ONCE)))


def end_ghost(session: Session, stay_id: str, now: datetime, days: int) -> None:
    """Closed by system, never charged, and listed for staff, who may undo it."""
    lock_site(session, session.get_one(Stay, stay_id).site_id)
    if stay_id not in ghosts_among(session, stay_id, now, days):
        return
    why = f"no sign of life for {days} days"
    stay_fixes.gone(session, stay_id, Who(SYSTEM, SYSTEM), why, now, review=f"closed by system: {why}")


def ghosts_among(session: Session, stay_id: str, now: datetime, days: int) -> list[str]:
    """The stay, where it still is a ghost by what is known now, its site being held."""
    row = hold(session, stay_id)
    signs = [row.entered_at, row.requested_at, row.withdrawn_at, row.restarted_at, row.permit_until]
    latest = max((at for at in signs if at is not None), default=now)
    return [stay_id] if Status(row.status) in INSIDE and latest < now - timedelta(days=days) else []
