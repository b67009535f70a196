"""Money of accounts goes back through the provider: the share of a pass that is given up, and what a wallet holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import pass_list, repeats, wallet_out
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.queue import enqueue
from central.actions.tariffs import held_site
from central.payments import refunds
from central.payments.service import REFUND
from central.rules import passes as rules
from central.rules.passes import PassState
from central.store.schema import CreditNote, Due, Pass, Receipt


def refundable(session: Session, sold: Pass, now: datetime) -> int:
    """What would go back of a pass given up now, paise."""
    if sold.state != PassState.PAID:
        return 0
    return rules.refund_paise(session.get_one(Due, sold.due_id).amount_paise, sold.valid_from, sold.valid_until, now)


def give_up_pass(
    session: Session, pass_id: str, now: datetime, *, by: str, reason: str, rrn: str = "", key: str | None = None
) -> CreditNote:
    """A pass ends now: its plates leave the list, its share of the time left goes back with a credit note."""
    known = session.get(Pass, pass_id)
    if known is None:
        raise Refused("there is no such pass")
    held_site(session, known.site_id)
    asked = repeats.request(session, "give up pass", key, pass_id=pass_id, reason=reason, rrn=rrn)
    if asked.before is not None:
        return session.get_one(CreditNote, asked.before)
    sold = session.get_one(Pass, pass_id, with_for_update=True, populate_existing=True)
    if session.scalar(select(Pass.id).where(Pass.renews == sold.id, Pass.state == str(PassState.PAID))) is not None:
        raise Refused("This pass is renewed: give up the renewal first.")
    back = refundable(session, sold, now)
    if back <= 0:
        raise Refused(f"Nothing of this pass is left to go back: it is {sold.state}.")
    receipt = session.scalars(select(Receipt).where(Receipt.due_id == sold.due_id)).one()
    made = refunds.give_back(session, receipt.id, back, now, by=by, reason=reason, rrn=rrn)
    pass_list.unlist(session, sold, now, by)
    sold.state, sold.changed_at = str(rules.step(PassState(sold.state), PassState.REFUNDED)), now
    audit(session, now, by, "pass given up", f"pass/{sold.id}", amount_paise=back, credit_note=made.serial)
    asked.done(session, made.id, now)
    return made


def empty_wallet(
    session: Session, account_id: str, paise: int, now: datetime, *, by: str, reason: str, rrns: str = "",
    key: str | None = None,
) -> None:  # fmt: skip
    """What a wallet holds, or part of it, goes back to where it came from."""
    for refund in wallet_out.pay_out(session, account_id, paise, now, by, reason, rrns=rrns, key=key):
        enqueue(session, REFUND, f"{REFUND}:{refund.id}", {"refund_id": refund.id}, now)
