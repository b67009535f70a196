"""What must hold between the books and the card terminals: what their banks hold for us."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.store.schema import Attempt, CardPayout, Refund


def breaches(session: Session, card_terminal: str, booked_paise: int, settled_paise: int) -> Iterator[str]:
    """What is wrong, in sentences. Reads all of history.

    card_terminal  the word by which attempts are named that were paid on one
    booked_paise   what the books say is with the terminals' banks; settled_paise: what people settled of that by hand
    """
    captured, back = (
        session.scalar(total.where(Attempt.provider == card_terminal))
        for total in (
            select(func.coalesce(func.sum(Attempt.captured_paise), 0)),
            select(func.coalesce(func.sum(Refund.amount_paise), 0)).join(Attempt).where(Refund.state == "done"),
        )
    )
    stands = CardPayout.struck_at.is_(None)
    paid_out = session.scalar(select(func.coalesce(func.sum(CardPayout.gross_paise), 0)).where(stands))
    wanted = int(captured) - int(back) - int(paid_out) + settled_paise
    if booked_paise != wanted:
        yield f"the card terminals' banks hold {wanted} paise for us, the books say {booked_paise}"
