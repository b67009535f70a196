"""What accounts buy is paid over the counter: a pass or a top-up, in cash or by card, within an attendant's shift."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import billing, owners, paying, repeats, shifts
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.ledger_check import CASH
from central.rules.money import rupees
from central.store.schema import Account, Due

SOLD = (owners.OF_PASS, owners.OF_WALLET)


def take(
    session: Session,
    attendant: str,
    due_id: str,
    amount_paise: int,
    now: datetime,
    *,
    by: str = CASH,
    slip: str = "",
    key: str | None = None,
) -> Due:
    """An account pays an attendant what is asked for a pass or a top-up; what it is for begins as with UPI.

    amount_paise  as the attendant was shown it
    by, slip      as `shifts.take_payment` has them
    Refused without an open shift at the account's site, and where it is paid, or given up.
    """
    slip = shifts.checked_slip(by, slip)
    shift, known = shifts.held_shift(session, attendant), session.get(Due, due_id)
    account = None if known is None or known.kind not in SOLD else session.get(Account, known.account_id)
    if account is None or account.site_id != shift.site_id:
        raise Refused(f"there is no pass or top-up to be paid at {shift.site_id}")
    asked = repeats.request(session, "over the counter", key, due=due_id, paise=amount_paise, by=by, slip=slip)
    due, _ = owners.hold_due(session, due_id)
    if asked.before is not None:
        return due
    if due.state not in billing.UNPAID:
        raise Refused(f"nothing is to be paid here: this amount is {due.state.replace('_', ' ')}")
    if due.amount_paise != amount_paise:
        raise Refused(f"the amount is {rupees(due.amount_paise)}: ask for that")
    session.add(shifts.attempt_of(due, by, slip, now))
    paying.mark_paid(session, due, now, by=attendant, how=shifts.PAID_BY[by], shift=shift.id)
    told = {"due": due.id, "amount_paise": due.amount_paise}
    audit(session, now, attendant, f"paid by {by}".replace("_", " "), f"account/{account.id}", **told)
    asked.done(session, due.id, now)
    return due
