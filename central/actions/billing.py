"""What a stay owes: pricing it, and keeping its one unpaid due in step with that price."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import coupon_uses, ledger
from central.actions.owners import OF_STAY
from central.actions.owners import OF_VIOLATION as OF_VIOLATION
from central.actions.records import note
from central.actions.tariffs import read_tariff
from central.rules import due as due_rules
from central.rules.due import DueStatus
from central.rules.pricing import price
from central.rules.quote import Coupon, EarlierStay, Line, LineKind, PricedStay, Quote
from central.rules.stay_table import Status
from central.rules.tariff import Tariff, TariffError
from central.store.schema import Attempt, Due, OddDecision, Refund, Stay, TariffVersion
from edge.protocol.ids import uuid7

UNPAID = (str(DueStatus.OPEN), str(DueStatus.QUOTED))
PAID = (str(DueStatus.PAID), str(DueStatus.PART_REFUNDED), str(DueStatus.REFUNDED), str(DueStatus.ON_ACCOUNT))


def tariff_of(session: Session, row: Stay) -> Tariff | None:
    """The tariff the stay keeps; None where the site had none at its entry."""
    return None if row.tariff_id is None else read_tariff(session.get_one(TariffVersion, row.tariff_id))


def earlier_stay(
    session: Session, site_id: str, plate: str | None, entered_at: datetime | None, tariff: Tariff, *, but: str
) -> EarlierStay | None:
    """The plate's stay before the one called `but` that entered then, where that one may be a return."""
    if not tariff.re_entry or plate is None or entered_at is None:
        return None
    before = select(Stay).where(
        Stay.site_id == site_id,
        Stay.plate == plate,
        Stay.id != but,
        Stay.status != str(Status.VOID),
        Stay.entered_at < entered_at,
        Stay.exited_at.is_not(None),
        Stay.exited_at >= entered_at - tariff.re_entry,
        Stay.exited_at <= entered_at,
    )
    last = session.scalar(before.order_by(Stay.exited_at.desc()).limit(1))
    if last is None or last.entered_at is None or last.exited_at is None:
        return None
    minutes = int(((last.stopped_at or last.exited_at) - last.entered_at).total_seconds() // 60)
    return EarlierStay(left_at=last.exited_at, minutes=minutes, paid_paise=paid_paise(session, last.id))


def paid_paise(session: Session, stay_id: str) -> int:
    """What was paid for a stay and not given back."""
    of_stay = (Due.stay_id == stay_id, Due.kind == OF_STAY)
    paid = select(func.coalesce(func.sum(Due.amount_paise), 0)).where(*of_stay, Due.state.in_(PAID))
    back = (
        select(func.coalesce(func.sum(Refund.amount_paise), 0))
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .join(Due, Due.id == Attempt.due_id)
        .where(
            *of_stay,
            Attempt.applied,
            Refund.payment_ref == Attempt.payment_ref,
            # what came beyond the amount was never paid for the stay
            ~select(OddDecision.attempt_id).where(OddDecision.refund_id == Refund.id).exists(),
        )
    )
    return int(session.scalar(paid)) - int(session.scalar(back))


def quote_of(
    session: Session, row: Stay, now: datetime, *, until: datetime | None = None, more: tuple[Coupon, ...] = ()
) -> Quote | None:
    """The stay's price up to where its clock stopped, else up to now, less what was paid. until: up to then instead.

    more  coupons beside those it has
    None without a tariff, or with one that has no price for its class: a person must help.
    """
    tariff = tariff_of(session, row)
    if tariff is None or (row.entered_at is None and not row.lost_ticket):
        return None
    stopped_at = until or row.stopped_at
    facts = PricedStay(
        entered_at=row.entered_at,
        vehicle_class=row.vehicle_class,
        stopped_at=None if stopped_at is None else max(stopped_at, row.entered_at or stopped_at),
        lost_ticket=row.lost_ticket,
        coupons=coupon_uses.priced_of(session, row) + more,
        earlier=earlier_stay(session, row.site_id, row.plate, row.entered_at, tariff, but=row.id),
        paid_paise=paid_paise(session, row.id),
    )
    try:
        return price(tariff, facts, max(now, row.entered_at or now))
    except TariffError:
        return None


def unpaid_due(session: Session, stay_id: str, *, hold: bool = True) -> Due | None:
    """The stay's due that is still to be paid; there is one at most. hold: to be changed, its site being held."""
    unpaid = select(Due).where(Due.stay_id == stay_id, Due.kind == OF_STAY, Due.state.in_(UNPAID))
    if hold:
        unpaid = unpaid.with_for_update().execution_options(populate_existing=True)
    return session.scalar(unpaid)


def paid_quote(due: Due) -> Quote:
    """The price that was paid: an attempt may be captured that began at an earlier amount than the due's last."""
    quotes = [due.quote, *reversed(due.earlier_quotes)]
    paid = next((quote for quote in quotes if quote.get("total_paise") == due.amount_paise), None)
    if paid is None:
        raise ValueError(f"due {due.id}: no quote of {due.amount_paise} paise was ever made for it")
    return quote_from_json(paid)


def latest_due(session: Session, stay_id: str) -> Due | None:
    """The last amount that was asked for and not given up."""
    asked = select(Due).where(Due.stay_id == stay_id, Due.kind == OF_STAY, Due.state != str(DueStatus.WAIVED))
    return session.scalar(asked.order_by(Due.quoted_at.desc(), Due.id.desc()).limit(1))


def ask_for(session: Session, row: Stay, quote: Quote, now: datetime) -> Due:
    """The stay's unpaid due, at this quote: the one it has, with a new amount, or a new one. quote.total_paise > 0."""
    due = unpaid_due(session, row.id)
    if due is None:
        due = Due(id=uuid7(), stay_id=row.id, kind=OF_STAY, earlier_quotes=[])
        _store(due, due_rules.Due(due.id, quote.total_paise))
        session.add(due)
    elif due.amount_paise != quote.total_paise:
        due.earlier_quotes = [*due.earlier_quotes, due.quote]
    elif due.state == DueStatus.QUOTED and (due.request, due.stopped_at) == (row.exit_request, quote.until):
        # the same visit of the exit at the same amount: it only holds for longer, and nobody need be told
        _store(due, due_rules.quote(_rule(due), quote.total_paise, quote.valid_until))
        due.quote = quote_json(quote)
        return due
    _store(due, due_rules.quote(_rule(due), quote.total_paise, quote.valid_until))
    due.request, due.quote, due.quoted_at, due.stopped_at = row.exit_request, quote_json(quote), now, quote.until
    session.flush()
    note(session, row, now, "quoted", "central", amount_paise=quote.total_paise, due=due.id)
    return due


def let_stand(due: Due, now: datetime) -> None:
    """The due no longer holds its amount once its quote has run out, but is still owed."""
    _store(due, due_rules.expire_quote(_rule(due), now))


def waive_unpaid(session: Session, row: Stay, now: datetime, why: str, by: str = "central") -> None:
    """Gives up what a stay still owes; money that comes for it all the same goes back."""
    due = unpaid_due(session, row.id)
    if due is not None:
        _store(due, due_rules.waive(_rule(due)))
        ledger.given_up(session, row, due, now, by=by, why=why)
        note(session, row, now, "waived", by, amount_paise=due.amount_paise, why=why)


def _rule(due: Due) -> due_rules.Due:
    """The due as the rules see it, without the attempts to pay it: those are the payment service's."""
    return due_rules.Due(due.id, due.amount_paise, DueStatus(due.state), due.expires_at)


def _store(due: Due, rule: due_rules.Due) -> None:
    due.state, due.amount_paise, due.expires_at = str(rule.status), rule.amount_paise, rule.quote_expires_at


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote as the store keeps it; `quote_from_json` gives back the same."""
    values = asdict(quote)
    for name in ("entered_at", "until", "quoted_at", "valid_until"):
        values[name] = None if values[name] is None else values[name].isoformat()
    values["lines"] = [dict(line, kind=str(line["kind"])) for line in values["lines"]]
    return values


def quote_from_json(values: dict[str, Any]) -> Quote:
    values = dict(values)
    for name in ("entered_at", "until", "quoted_at", "valid_until"):
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    values["lines"] = lines_from_json(values["lines"])
    return Quote(**values)


def lines_from_json(lines: list[dict[str, Any]]) -> tuple[Line, ...]:
    """Stored lines of a quote or receipt."""
    return tuple(Line(**dict(line, kind=LineKind(line["kind"]))) for line in lines)
