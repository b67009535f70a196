"""Attendants' shifts: a float, payments in cash and by card terminal, drops to the safe, and the cash-up at the end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import billing, ledger, repeats, settling
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.ledger_check import CARD, CASH
from central.actions.records import hold, lock_site
from central.rules import ledger as rules
from central.rules.due import AttemptStatus
from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account
from central.rules.money import rupees
from central.store.schema import Attempt, Due, LedgerPosting, Receipt, Refund, Shift, Site, Stay
from edge.protocol.ids import uuid7

# more than any drawer holds: a slip of the finger
MOST_PAISE = 1_00_00_000_00
PAID_BY = {CASH: Fact.PAID_BY_CASH, CARD: Fact.PAID_BY_CARD}


def open_shift(
    session: Session, site_id: str, attendant: str, float_paise: int, now: datetime, *, key: str | None = None
) -> Shift:
    """A shift with that much change in its drawer, out of the safe. Refused where the attendant has one open."""
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    _whole("float", float_paise)
    lock_site(session, site_id)
    told = {"site": site_id, "attendant": attendant, "paise": float_paise}
    asked = repeats.request(session, "open shift", key, **told)
    if asked.before is not None:
        return session.get_one(Shift, asked.before)
    if (running := shift_of(session, attendant)) is not None:
        raise Refused(f"your shift of {running.opened_at:%d %b %H:%M} UTC at {running.site_id} is still open: close it")
    shift = Shift(id=uuid7(), site_id=site_id, attendant=attendant, opened_at=now, float_paise=float_paise)
    session.add(shift)
    session.flush()
    _book(session, shift, f"float:{shift.id}", Fact.FLOAT_TAKEN, float_paise, now, attendant)
    audit(session, now, attendant, "shift opened", shift.id, site=site_id, float_paise=float_paise)
    asked.done(session, shift.id, now)
    return shift


def shift_of(session: Session, attendant: str) -> Shift | None:
    """The attendant's open shift."""
    return session.scalar(select(Shift).where(Shift.attendant == attendant, Shift.closed_at.is_(None)))


def take_payment(
    session: Session,
    attendant: str,
    due_id: str,
    amount_paise: int,
    now: datetime,
    *,
    by: str = CASH,
    slip: str = "",
    key: str | None = None,
) -> Receipt:
    """A driver pays an attendant what is asked for: receipt and exit as with UPI.

    amount_paise  as the attendant was shown it; Refused where another is asked by now, or it is paid
    by, slip      CASH, or CARD with the number on the terminal's slip
    """
    slip = checked_slip(by, slip)
    shift, due = held_shift(session, attendant), session.get(Due, due_id)
    stay = None if due is None or due.stay_id is None else session.get(Stay, due.stay_id)
    if stay is None or stay.site_id != shift.site_id:
        raise Refused(f"there is no such amount to be paid at {shift.site_id}")
    lock_site(session, shift.site_id)
    told = {"attendant": attendant, "due": due_id, "paise": amount_paise, "by": by, "slip": slip}
    asked = repeats.request(session, "take payment", key, **told)
    if asked.before is not None:
        return session.get_one(Receipt, asked.before)
    hold(session, stay.id)
    due = session.get_one(Due, due_id, with_for_update=True, populate_existing=True)
    if due.state not in billing.UNPAID:
        raise Refused(f"nothing is to be paid here: this amount is {due.state.replace('_', ' ')}")
    if due.kind == billing.OF_STAY and (due.expires_at is None or now >= due.expires_at):
        raise Refused("this price has run out: ask for it again")
    if due.amount_paise != amount_paise:
        raise Refused(f"the price has changed to {rupees(due.amount_paise)}: ask for that")
    session.add(attempt_of(due, by, slip, now))
    settling.mark_paid(session, due, now, by=attendant, how=PAID_BY[by], shift=shift.id)
    audit(session, now, attendant, f"paid by {by}".replace("_", " "), stay.id, due=due.id, amount_paise=amount_paise)
    receipt = session.scalars(select(Receipt).where(Receipt.due_id == due.id)).one()
    asked.done(session, receipt.id, now)
    return receipt


def drop_cash(session: Session, attendant: str, amount_paise: int, now: datetime, *, key: str | None = None) -> None:
    """Takes cash out of the drawer to the safe. Refused beyond what the drawer holds."""
    shift = held_shift(session, attendant)
    asked = repeats.request(session, "drop cash", key, shift=shift.id, paise=amount_paise)
    if asked.before is not None:
        return
    _whole("drop", amount_paise, least=1)
    if amount_paise > (holds := in_drawer(session, shift.id)):
        raise Refused(f"drop of {rupees(amount_paise)}: the drawer holds {rupees(holds)}")
    _book(session, shift, f"drop:{uuid7()}", Fact.CASH_DROPPED, amount_paise, now, attendant)
    audit(session, now, attendant, "cash dropped", shift.id, amount_paise=amount_paise)
    asked.done(session, shift.id, now)


def close_shift(
    session: Session, shift_id: str, counted_paise: int, now: datetime, *, by: str, reason: str = "",
    key: str | None = None,
) -> Shift:  # fmt: skip
    """The end of a shift: what was counted goes to the safe, a difference is booked with its reason."""
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise Refused("there is no such shift")
    lock_site(session, shift.site_id)
    shift = session.get_one(Shift, shift_id, with_for_update=True, populate_existing=True)
    asked = repeats.request(session, "close shift", key, shift=shift_id, counted=counted_paise, reason=reason)
    if asked.before is not None:
        return shift
    if shift.closed_at is not None:
        raise Refused("this shift is closed already")
    _whole("count", counted_paise)
    expected = in_drawer(session, shift.id)
    over, reason = counted_paise - expected, reason.strip()[:200]
    if over and not reason:
        raise Refused(f"{rupees(abs(over))} {'too much' if over > 0 else 'too little'} is in the drawer: say why")
    fact = Fact.CASH_OVER if over > 0 else Fact.CASH_SHORT
    _book(session, shift, f"difference:{shift.id}", fact, abs(over), now, by, reason)
    _book(session, shift, f"cash_up:{shift.id}", Fact.CASHED_UP, counted_paise, now, by)
    shift.closed_at, shift.closed_by, shift.reason = now, by, reason if over else ""
    shift.counted_paise, shift.expected_paise = counted_paise, expected
    told = {"counted_paise": counted_paise, "expected_paise": expected, "reason": shift.reason}
    audit(session, now, by, "shift closed", shift.id, **told)
    asked.done(session, shift.id, now)
    return shift


def held_shift(session: Session, attendant: str) -> Shift:
    """The attendant's open shift, its site being held until the transaction ends; Refused where there is none."""
    shift = shift_of(session, attendant)
    if shift is None:
        raise Refused("open your shift first: cash belongs to one")
    lock_site(session, shift.site_id)
    # closed by a supervisor while we waited for the site
    session.refresh(shift, with_for_update=True)
    if shift.closed_at is not None:
        raise Refused("your shift has been closed: open a new one")
    return shift


def in_drawer(session: Session, shift_id: str) -> int:
    """What the books say is in a shift's drawer, paise."""
    held = select(func.coalesce(func.sum(LedgerPosting.paise), 0))
    of_shift = held.where(LedgerPosting.shift_id == shift_id, LedgerPosting.account == str(Account.CASH_DRAWER))
    return int(session.scalar(of_shift))


def checked_slip(by: str, slip: str) -> str:
    """The slip's number of a card payment, "" of one in cash; Refused where it can't be either."""
    if by not in PAID_BY:
        raise Refused(f"paid by {by[:40]!r}: expected one of {', '.join(PAID_BY)}")
    if by == CARD and not 4 <= len(slip.strip()) <= 40:
        raise Refused("card payment: expected the number on the terminal's slip, 4 to 40 characters")
    return slip.strip() if by == CARD else ""


def out_of_the_drawer(session: Session, site_id: str, refund: Refund, now: datetime, by: str) -> None:
    """Cash goes back as cash, out of the drawer of who gives it. Refused beyond what that holds."""
    shift = held_shift(session, by)
    if shift.site_id != site_id:
        raise Refused(f"your drawer is at {shift.site_id}, this is of {site_id}")
    if refund.amount_paise > (holds := in_drawer(session, shift.id)):
        raise Refused(f"refund of {rupees(refund.amount_paise)}: your drawer holds {rupees(holds)}")
    refund.state, refund.provider_ref, refund.done_at = "done", f"drawer:{shift.id}", now
    ledger.refunded(session, refund, now, by=by, how=Fact.REFUNDED_IN_CASH, shift=shift.id)


def attempt_of(due: Due, by: str, slip: str, now: datetime) -> Attempt:
    """The payment that an attendant has taken."""
    attempt_id = uuid7()
    return Attempt(
        id=attempt_id,
        due_id=due.id,
        provider=by,
        provider_ref=f"{slip or 'cash'}:{attempt_id}",
        payment_ref=slip or attempt_id,
        state=str(AttemptStatus.CAPTURED),
        amount_paise=due.amount_paise,
        captured_paise=due.amount_paise,
        created_at=now,
        expires_at=now,
        finished_at=now,
        instrument=f"slip {slip}" if slip else by,
        applied=True,
    )


def _book(
    session: Session, shift: Shift, key: str, fact: Fact, paise: int, now: datetime, by: str, note: str = ""
) -> None:
    if paise:
        lines = rules.postings(fact, shift.id, total=paise)
        ledger.post(session, shift.site_id, key, fact, lines, now, by=by, note=note)


def _whole(what: str, paise: int, least: int = 0) -> None:
    if not least <= paise <= MOST_PAISE:
        raise Refused(f"{what} of {rupees(paise)}: expected {rupees(least)} to {rupees(MOST_PAISE)}")
