"""Money leaves a wallet for where it came from: through the provider, out of a drawer, or on the card terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import card_refunds, news, repeats, shifts, wallet
from central.actions.accounts import held
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.ledger_check import CARD, CASH
from central.actions.owners import OF_WALLET
from central.rules import ledger as ledger_rules
from central.rules import wallet as rules
from central.rules.due import DueSignal, DueStatus, step
from central.rules.ledger import Fact
from central.rules.money import rupees
from central.store.schema import Account, Attempt, Due, Refund
from edge.protocol.ids import uuid7


def pay_out(
    session: Session,
    account_id: str,
    paise: int,
    now: datetime,
    by: str,
    reason: str,
    *,
    rrns: str = "",
    key: str | None = None,
) -> list[Refund]:
    """Money leaves the wallet for where it came from, the latest top-up first; the refunds still to be carried out.

    Those that go through the provider wait for that; cash comes out of the drawer of `by`, a card's goes back on its
    terminal, and rrns are the numbers on the slips of that, with commas or blanks between them, one for each top-up.
    """
    account = held(session, account_id)
    asked = repeats.request(session, "pay out", key, account=account.id, paise=paise, reason=reason, rrns=rrns)
    if asked.before is not None:
        return []
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: a refund needs a reason")
    if not 0 < paise <= (holds := wallet.balance(session, account.id)):
        raise Refused(f"refund of {rupees(paise)}: the wallet holds {rupees(holds)}")
    left, slips = _left_of_top_ups(session, account), iter(re.findall(r"[^\s,;]+", rrns))
    made = []
    for attempt_id, part in rules.shares(paise, [(name, rest) for name, (_, rest) in left.items()]):
        attempt, rest = left[attempt_id]
        made.append(_one(session, account, attempt, part, part == rest, now, by, reason, slips))
    if (spare := next(slips, None)) is not None:
        raise Refused(f"RRN {spare[:20]}: no card payment of this wallet goes back with it")
    audit(session, now, by, "wallet paid out", f"account/{account.id}", amount_paise=paise, why=reason)
    asked.done(session, account.id, now)
    return [refund for refund in made if refund.state != "done"]


def ways(session: Session, account_id: str, paise: int) -> set[str]:
    """By which ways that much would go back: words of providers."""
    left = _left_of_top_ups(session, session.get_one(Account, account_id))
    shares = rules.shares(paise, [(name, rest) for name, (_, rest) in left.items()]) if paise > 0 else []
    return {left[name][0].provider for name, _ in shares}


def _left_of_top_ups(session: Session, account: Account) -> dict[str, tuple[Attempt, int]]:
    """What is left of each top-up, by its attempt, the latest first."""
    given = (
        select(func.coalesce(func.sum(Refund.amount_paise), 0))
        .where(Refund.attempt_id == Attempt.id, Refund.payment_ref == Attempt.payment_ref)
        .correlate(Attempt)
        .scalar_subquery()
    )
    kept = (
        select(Attempt, Attempt.captured_paise - given)
        .join(Due, Due.id == Attempt.due_id)
        .where(Due.account_id == account.id, Due.kind == OF_WALLET, Attempt.applied)
        .order_by(Attempt.id.desc())
    )
    return {one.id: (one, int(rest)) for one, rest in session.execute(kept)}


def _one(
    session: Session, account: Account, attempt: Attempt, paise: int, whole: bool, now: datetime, by: str, reason: str,
    slips: Iterator[str],
) -> Refund:  # fmt: skip
    """A part goes back the way one top-up came; whole: nothing is left of that then."""
    refund = Refund(
        id=uuid7(), attempt_id=attempt.id, payment_ref=attempt.payment_ref, amount_paise=paise, reason=reason,
        state="requested", created_at=now,
    )  # fmt: skip
    session.add(refund)
    session.flush()
    due = session.get_one(Due, attempt.due_id, with_for_update=True)
    due.state = str(step(DueStatus(due.state), DueSignal.REFUND_REST if whole else DueSignal.REFUND_PART))
    lines = ledger_rules.postings(Fact.WALLET_PAID_OUT, total=paise)
    wallet.book(session, account, f"paid_out:{refund.id}", Fact.WALLET_PAID_OUT, lines, now, by, due)
    if attempt.provider == CASH:
        shifts.out_of_the_drawer(session, account.site_id, refund, now, by)
    elif attempt.provider == CARD:
        if (rrn := next(slips, None)) is None:
            what = f"{rupees(paise)} was paid by card"
            raise Refused(f"{what}: give it back on the terminal, and type the RRN of its slip")
        card_refunds.on_the_terminal(session, account.site_id, attempt, refund, rrn, now, by)
    if refund.state == "done":
        news.refunded(session, account, due, refund, now)
    return refund
