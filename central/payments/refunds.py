"""A person gives a driver money back: credit note, books, and the provider's part of it as a job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import credit_notes
from central.actions.queue import enqueue
from central.payments.service import REFUND
from central.store.schema import CreditNote


def give_back(
    session: Session, receipt_id: str, amount_paise: int, now: datetime, *, by: str, reason: str, rrn: str = "",
    key: str | None = None,
) -> CreditNote:  # fmt: skip
    """Part or all of what a receipt is for goes back the way it came; Refused where it can't.

    rrn  of the refund on the card terminal, where a card had paid
    """
    note, refund = credit_notes.issue(session, receipt_id, amount_paise, now, by=by, reason=reason, rrn=rrn, key=key)
    if refund.state != "done":
        enqueue(session, REFUND, f"{REFUND}:{refund.id}", {"refund_id": refund.id}, now)
    return note
