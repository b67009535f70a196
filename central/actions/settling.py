"""Brings what a stay owes in step with what is known of it, after anything that happens to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import (
    billing,
    corporate_charges,
    coupon_uses,
    ledger,
    news,
    violation_review,
    violations,
    webhooks_out,
)
from central.actions.outbox import publish_stay
from central.actions.passes import follow_pass
from central.actions.receipts import issue_receipt
from central.actions.records import as_rule, ask_review, hold, note, put
from central.rules import stay as rules
from central.rules.due import DueSignal, DueStatus
from central.rules.due import step as due_step
from central.rules.ledger import Fact
from central.rules.quote import Quote
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Due, Stay

_OWING = (Status.QUOTED, Status.LEFT_OWING)


def settle(session: Session, row: Stay, now: datetime) -> None:
    """Prices a stay at the exit or gone owing, lets it go where nothing is due, gives up what it does not owe.

    Where the vehicle at the exit has but a plate like this stay's, it is only told the price: nothing opens by itself.
    What a member of a firm owes goes on the firm's account, where it may.
    """
    _settle(session, row, now)
    corporate_charges.follow(session, row, now)
    ledger.follow(session, row, billing.unpaid_due(session, row.id, hold=False), now)
    violation_review.follow(session, row, now)


def _settle(session: Session, row: Stay, now: datetime) -> None:
    alike = row.exit_alike and not as_rule(row).withdrawn
    if not alike:
        follow_pass(session, row, now)
    stay = as_rule(row)
    if stay.status not in _OWING:
        if stay.status not in INSIDE:
            coupon_uses.ended(session, row, now)
            billing.waive_unpaid(session, row, now, row.closed_reason or "nothing is owed")
        elif stay.status is Status.EXEMPT:
            billing.waive_unpaid(session, row, now, "pass")
        return
    quote = billing.quote_of(session, row, now)
    if quote is None:
        ask_review(row, "there is no price for it")
    elif quote.total_paise > 0:
        billing.ask_for(session, row, quote, now)
    elif not alike:
        _nothing_due(session, row, stay, quote, now)


def _nothing_due(session: Session, row: Stay, stay: rules.Stay, quote: Quote, now: datetime) -> None:
    billing.waive_unpaid(session, row, now, "nothing is due")
    coupon_uses.settled(session, row, quote, None, now)
    tariff = billing.tariff_of(session, row)
    put(session, row, rules.pay(stay, rules.permit_after_payment(tariff, now)), now)
    note(session, row, now, "nothing due", "central")


def payable(session: Session, row: Stay, now: datetime) -> bool:
    """Whether a price may be asked for the stay now; its pass and the end of its grace are seen to first."""
    follow_pass(session, row, now)
    before = as_rule(row)
    stay = rules.overstay(before, now)
    if stay != before:
        put(session, row, stay, now)
        note(session, row, now, "overstayed", "central")
        news.overstayed(session, row, before.permit_until, now)
    return stay.status in (Status.OVERSTAYED, Status.PREPAID, *_OWING) or (
        stay.status is Status.OPEN and not stay.permitted(now)
    )


def pay_quote(session: Session, row: Stay, now: datetime) -> Due | None:
    """What a guest is asked to pay now, before the exit or at it; None where nothing is due.

    An amount that still holds is not asked anew.
    """
    if not payable(session, row, now):
        return None
    due = billing.unpaid_due(session, row.id)
    if due is not None and due.state == DueStatus.QUOTED and due.expires_at is not None and now < due.expires_at:
        return due
    quote = billing.quote_of(session, row, now)
    if quote is None or quote.total_paise <= 0:
        return None
    due = billing.ask_for(session, row, quote, now)
    if row.exit_request is not None:
        publish_stay(session, row, now)
    return due


def reprice(session: Session, row: Stay, now: datetime, *, ask: bool) -> None:
    """A stay's coupons have changed: what is asked for it follows.

    ask  a driver waits for the amount: it is held, and where nothing is left to pay the stay may go
    """
    stay = as_rule(row)
    if stay.status in _OWING:
        settle(session, row, now)
        publish_stay(session, row, now)
        return
    asked = billing.unpaid_due(session, row.id)
    if stay.status not in (Status.OPEN, Status.OVERSTAYED) or not (ask or asked):
        return
    # an amount that still holds was asked for the time up to then
    holds = asked is not None and asked.expires_at is not None and now < asked.expires_at
    quote = billing.quote_of(session, row, asked.stopped_at if holds else now)
    if quote is not None and quote.total_paise > 0:
        billing.ask_for(session, row, quote, now)
    elif quote is not None and ask:
        _nothing_due(session, row, stay, quote, now)
    elif quote is not None:
        billing.waive_unpaid(session, row, now, "nothing is due")


def mark_paid(
    session: Session,
    due: Due,
    now: datetime,
    *,
    by: str = "payment",
    how: Fact = Fact.PAID_BY_UPI,
    shift: str | None = None,
    part: bool = False,
) -> Stay:
    """The due is paid: receipt, and the exit opens until the grace is over. Called once for the capture that is kept.

    due.amount_paise is what was paid for it. Where that was an amount of long ago, its stay owes the difference.
    how, shift  where the money is now: with the provider, or with an attendant
    part        it is a part of what is asked: the rest is asked for, and nothing opens
    """
    row = hold(session, due.stay_id)
    if due.state in billing.UNPAID:
        due.state = str(due_step(DueStatus(due.state), DueSignal.SETTLE))
    due.paid_at, due.expires_at = due.paid_at or now, None
    session.flush()
    receipt = issue_receipt(session, row, due, now)
    coupon_uses.settled(session, row, billing.paid_quote(due), due.id, now)
    ledger.paid(session, row, due, receipt, now, by=by, how=how, shift=shift)
    note(session, row, now, "paid", by, amount_paise=due.amount_paise, receipt=receipt.serial)
    news.paid(session, row, due, now, receipt)
    webhooks_out.payment(session, "payment.captured", row.site_id, due, due.amount_paise, now)
    if due.kind == billing.OF_VIOLATION:
        violations.paid(session, due, now, by)
        return row
    tariff = billing.tariff_of(session, row)
    stay = as_rule(row)
    if stay.status is Status.PREPAID:
        return row  # its vehicle is yet to come, and takes what was paid with it
    if tariff is None or not (stay.status in INSIDE or stay.status is Status.LEFT_OWING):
        ask_review(row, f"paid when {row.status.replace('_', ' ')}")
    elif part:
        note(session, row, now, "paid in part", by)
        settle(session, row, now)
        publish_stay(session, row, now)
    elif rules.paid_for(stay, paid := billing.paid_quote(due), tariff, now):
        # who paid ahead has paid until then
        put(session, row, rules.pay(stay, rules.permit_after_payment(tariff, max(now, paid.until))), now)
    else:
        note(session, row, now, "paid too late", by)
        settle(session, row, now)
        publish_stay(session, row, now)
    if not part:
        violations.paid_in_time(session, due, now)
    return row


def quote_ran_out(session: Session, due: Due, now: datetime) -> None:
    """A quote is over: its vehicle backed away and its clock runs again, or it still stands there and is asked anew."""
    row = hold(session, due.stay_id)
    before = as_rule(row)
    if before.status is Status.QUOTED and not before.withdrawn:
        asked = due.amount_paise
        settle(session, row, now)
        billing.let_stand(due, now)  # where no price could be made for it
        if (due.state, due.amount_paise) != (str(DueStatus.QUOTED), asked):
            put(session, row, as_rule(row), now)
        return
    billing.let_stand(due, now)
    coupon_uses.lapsed(session, row, now)
    after = rules.quote_expired(before)
    if after != before:
        put(session, row, after, now)
        note(session, row, now, "quote ran out", "central")
