"""Payouts of the card terminal's bank: recorded, booked, and held against what a day's shifts took by card.

A day that does not fit is one open item in the queue of reconciliation, kept up to date by what comes later.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from central.actions import ledger, repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.actions.settlement import queue
from central.rules import card_batch
from central.rules import ledger as rules
from central.rules.card_batch import Batch, BatchRefused
from central.rules.ledger import Fact, Posting
from central.rules.ledger_accounts import Account
from central.rules.reconciliation import OF_CARDS, Outcome, Resolution
from central.store.reads.cards import LOOKED_BACK, taken_by_day
from central.store.schema import CardPayout, LedgerEntry, LedgerPosting, Site, Unreconciled
from edge.protocol.ids import uuid7

_OF_CARDS = [str(kind) for kind in OF_CARDS]
# settled with an entry in the books
_BOOKED = (str(Resolution.GIVEN_UP), str(Resolution.GOES_BACK))


def record(
    session: Session, site_id: str, batch: Batch, now: datetime, *, by: str, key: str | None = None
) -> CardPayout:
    """What the bank's advice says was paid out for a batch; Refused where it can't be so, or is known."""
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    lock_site(session, site_id)
    told = {name: getattr(batch, name) for name in Batch.__slots__}
    asked = repeats.request(session, "card payout", key, site=site_id, **told)
    if asked.before is not None:
        return session.get_one(CardPayout, asked.before)
    try:
        card_batch.check(batch, ledger.site_day(session, site_id, now))
    except BatchRefused as error:
        raise Refused(str(error)) from error
    same = (CardPayout.site_id == site_id, CardPayout.day == batch.day, CardPayout.batch == batch.batch)
    if session.scalar(select(CardPayout.id).where(*same, CardPayout.struck_at.is_(None))) is not None:
        raise Refused(f"batch {batch.batch} of {batch.day} is recorded already: strike that out first if it is wrong")
    made = CardPayout(id=uuid7(), site_id=site_id, recorded_at=now, by=by, **told)
    session.add(made)
    session.flush()
    fact, lines = card_batch.booked(batch)
    note = f"batch {batch.batch} of {batch.day}, {batch.bank_ref}"
    ledger.post(session, site_id, f"card_payout:{made.id}", fact, lines, now, by=by, note=note)
    audit(session, now, by, "card payout", made.id, site=site_id, **told)
    _hold_against_before(session, site_id, batch.day, now)
    hold_against(session, site_id, batch.day, now)
    asked.done(session, made.id, now)
    return made


def strike_out(session: Session, payout_id: str, now: datetime, *, by: str, reason: str) -> CardPayout:
    """A payout that was typed wrongly is taken back, whole; the right one is recorded anew."""
    known = session.get(CardPayout, payout_id)
    if known is None:
        raise Refused("there is no such payout")
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: a payout is struck out with a reason")
    lock_site(session, known.site_id)
    row = session.get_one(CardPayout, payout_id, with_for_update=True, populate_existing=True)
    if row.struck_at is not None:
        raise Refused(f"this payout is struck out already, by {row.struck_by}")
    row.struck_at, row.struck_by, row.reason = now, by, reason
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.key == f"card_payout:{row.id}")).one()
    lines = select(LedgerPosting).where(LedgerPosting.entry_id == entry.id)
    booked = [Posting(Account(one.account), one.paise, one.shift_id) for one in session.scalars(lines)]
    key = f"card_payout_struck:{row.id}"
    ledger.post(session, row.site_id, key, Fact(entry.kind), rules.undone(booked), now, by=by, note=reason)
    audit(session, now, by, "card payout struck out", row.id, site=row.site_id, day=row.day, reason=reason)
    hold_against(session, row.site_id, row.day, now)
    return row


def hold_against(session: Session, site_id: str, day: str, now: datetime) -> None:
    """Brings the day's item in the queue in step with what was taken and paid out. The site is held."""
    session.flush()
    taken = taken_by_day(session, site_id, day, day).get(day, 0)
    paid, count = session.execute(
        select(func.coalesce(func.sum(CardPayout.gross_paise), 0), func.count()).where(
            CardPayout.site_id == site_id, CardPayout.day == day, CardPayout.struck_at.is_(None)
        )
    ).one()
    items = list(session.scalars(_items(site_id, day).with_for_update()))
    # what a person has settled with an entry of its own is not to be settled again
    booked = sum((one.ours_paise or 0) - (one.theirs_paise or 0) for one in items if one.resolution in _BOOKED)
    ours, theirs = taken - booked, int(paid)
    kind = Outcome.CARD_DIFFERS if count else Outcome.CARD_MISSING
    waiting = next((one for one in items if one.resolution is None), None)
    noted = [(one.ours_paise, one.theirs_paise) for one in items if one.resolution == str(Resolution.NOTED)]
    if ours == theirs or (ours, theirs) in noted:
        if waiting is not None:
            waiting.resolution, waiting.resolved_at = str(Resolution.CAME_LATER), now
            waiting.resolved_by, waiting.reason = "central", "nothing differs now that is not known"
        return
    if waiting is not None:
        waiting.kind, waiting.ours_paise, waiting.theirs_paise = str(kind), ours, theirs
        return
    key = f"card:{site_id}:{day}:{len(items) + 1}"
    queue(session, key, kind, site_id, now, day, ours_paise=ours, theirs_paise=theirs)


def _items(site_id: str, day: str) -> Select[tuple[Unreconciled]]:
    """What was queued about a day; its `payment_ref` is the day."""
    about = (Unreconciled.site_id == site_id, Unreconciled.payment_ref == day, Unreconciled.kind.in_(_OF_CARDS))
    return select(Unreconciled).where(*about).order_by(Unreconciled.id)


def _hold_against_before(session: Session, site_id: str, day: str, now: datetime) -> None:
    """Days before this one too: one may have been paid out by nothing, or have gone on after its batch."""
    first = (date.fromisoformat(day) - LOOKED_BACK).isoformat()
    for earlier in taken_by_day(session, site_id, first, day):
        if earlier < day:
            hold_against(session, site_id, earlier, now)
