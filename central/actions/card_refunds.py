"""A card is given back on its terminal, which we don't drive: what its refund slip says is booked, once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import ledger, shifts
from central.actions.errors import Refused
from central.actions.ledger_check import CARD
from central.rules import card_batch
from central.rules.ledger import Fact
from central.store.schema import Attempt, Refund


def on_the_terminal(
    session: Session, site_id: str, attempt: Attempt, refund: Refund, rrn: str, now: datetime, by: str
) -> None:
    """Books a refund that the terminal has made of a card payment; it counts for the shift of `by`, where one is open.

    rrn  12 digits on the refund's slip; Refused for anything else, and where a refund with it is known
    """
    if attempt.provider != CARD:
        raise Refused("only what was paid by card is given back on the terminal")
    try:
        refund.rrn = card_batch.rrn(rrn)
    except card_batch.BatchRefused as error:
        raise Refused(str(error)) from error
    with session.no_autoflush:
        known = session.scalar(select(Refund.id).where(Refund.rrn == refund.rrn, Refund.id != refund.id))
    if known is not None:
        raise Refused(f"RRN {refund.rrn} is of a refund that is booked already: look at the slip again")
    shift = shifts.shift_of(session, by)
    of_shift = shift.id if shift is not None and shift.site_id == site_id else None
    refund.state, refund.provider_ref, refund.done_at = "done", f"rrn:{refund.rrn}", now
    ledger.refunded(session, refund, now, by=by, how=Fact.REFUNDED_BY_CARD, shift=of_shift)
