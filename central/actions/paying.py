"""A due is paid, whatever it is for: the one door for every way that money comes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import corporate_payments, owners, pass_sales, settling, wallet, webhooks_out
from central.rules.ledger import Fact
from central.store.schema import Due


def mark_paid(
    session: Session, due: Due, now: datetime, *, by: str, how: Fact = Fact.PAID_BY_UPI, shift: str | None = None
) -> None:
    """Receipt or books, and what was paid for begins. Called once for the capture that is kept.

    how, shift  where the money is now: with the provider, or with an attendant
    """
    match due.kind:
        case owners.OF_PASS:
            pass_sales.paid(session, due, now, by=by, how=how, shift=shift)
        case owners.OF_WALLET:
            wallet.filled(session, due, now, by=by, how=how, shift=shift)
        case owners.OF_CORPORATE:
            corporate_payments.paid(session, due, now, by=by)
        case _of_a_stay:
            settling.mark_paid(session, due, now, by=by, how=how, shift=shift)
    if due.account_id is not None:
        webhooks_out.payment(session, "payment.captured", owners.site_of(session, due), due, due.amount_paise, now)
