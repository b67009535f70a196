"""Passes: products, sale and renewal with a due of their own; the access list follows once one is paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from central.actions import access, accounts, billing, ledger, news, pass_list, repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.owners import OF_PASS
from central.actions.receipts import issue_receipt
from central.actions.records import ask_review
from central.actions.tariffs import held_site
from central.rules import passes as rules
from central.rules.due import DueSignal, DueStatus
from central.rules.due import step as due_step
from central.rules.ledger import Fact
from central.rules.money import rupees
from central.rules.passes import PassState
from central.store.schema import Account, Due, Pass, PassProduct, Reminder, Site
from edge.protocol.ids import uuid7

# an unpaid pass is given up then; money that comes later all the same makes it hold
UNPAID_FOR = timedelta(days=3)
AT_ONCE = 200


def sell(
    session: Session,
    product_id: str,
    holder: str,
    plates: Sequence[tuple[str, str]],
    begins: datetime,
    now: datetime,
    by: str,
    *,
    phone: str = "",
    email: str = "",
    account_id: str | None = None,
    key: str | None = None,
) -> Pass:
    """A pass for a holder, to be paid for; it holds once it is. plates: each with the vehicle's class.

    account_id  whose it is, where the holder has an account; else one is opened
    Refused for a plate that is denied, or that has another pass in that time.
    """
    product = _product(session, product_id)
    site = held_site(session, product.site_id)
    named = _plates(product, plates)
    asked = repeats.request(
        session, "sell pass", key,
        product=product.id, holder=holder, plates=named, begins=begins, phone=phone, email=email, account=account_id,
    )  # fmt: skip
    if asked.before is not None:
        return session.get_one(Pass, asked.before)
    if not now - timedelta(days=1) <= begins <= now + timedelta(days=92):
        raise Refused("pass: expected to begin from yesterday to three months ahead")
    if account_id is None:
        account = accounts.open_account(session, site.id, holder, now, by, phone=phone, email=email)
    elif (account := session.get(Account, account_id)) is None or account.site_id != site.id:
        raise Refused(f"there is no such account at {site.id}")
    sold = _sell(session, site, product, account, named, begins, now, by)
    asked.done(session, sold.id, now)
    return sold


def renew(session: Session, pass_id: str, now: datetime, by: str = "holder") -> Pass:
    """The pass that goes on where this one ends, to be paid for; the one there is, where it was asked for before."""
    known = session.get(Pass, pass_id)
    if known is None:
        raise Refused("there is no such pass")
    site = held_site(session, known.site_id)
    old = session.get_one(Pass, pass_id, with_for_update=True, populate_existing=True)
    next_one = session.scalar(select(Pass).where(Pass.renews == old.id))
    if next_one is not None and next_one.state != PassState.DROPPED:
        return next_one
    begins = rules.renewal_begins(old.valid_until, now)
    if old.state not in (PassState.PAID, PassState.LAPSED) or begins is None:
        raise Refused("This pass can't be renewed: ask the office for a new one.")
    if next_one is not None:
        next_one.renews = None  # nobody paid for it
        session.flush()
    product, account = _product(session, old.product_id), session.get_one(Account, old.account_id)
    return _sell(session, site, product, account, old.plates, begins, now, by, renews=old)


def paid(session: Session, due: Due, now: datetime, *, by: str, how: Fact, shift: str | None = None) -> None:
    """A pass is paid for: receipt, books, and its plates go on the site's access list.

    how, shift  where the money is now: with the provider, or with an attendant
    """
    if due.state in billing.UNPAID:
        due.state = str(due_step(DueStatus(due.state), DueSignal.SETTLE))
    due.paid_at = due.paid_at or now
    session.flush()
    account = session.get_one(Account, due.account_id)
    receipt = issue_receipt(session, account, due, now)
    ledger.paid(session, account, due, receipt, now, by=by, how=how, shift=shift)
    sold = session.scalars(select(Pass).where(Pass.due_id == due.id)).one()
    sold.state, sold.changed_at = str(rules.step(PassState(sold.state), PassState.PAID)), now
    audit(session, now, by, "pass paid", f"pass/{sold.id}", receipt=receipt.serial, amount_paise=due.amount_paise)
    news.paid(session, account, due, now, receipt)
    for one in sold.plates:
        if why := pass_list.taken(session, sold.site_id, one["plate"], sold.valid_from, sold.account_id):
            ask_review(account, f"a pass was paid for {one['plate']}, which {why}")
            continue
        pass_list.enlist(session, sold, one, now)


def lapse(session: Session, pass_id: str, now: datetime) -> None:
    """A pass is over: its plates leave the list, unless it goes on in a renewal. An unpaid one is given up."""
    held_site(session, session.get_one(Pass, pass_id).site_id)
    sold = session.get_one(Pass, pass_id, with_for_update=True, populate_existing=True)
    if sold.state == PassState.UNPAID and sold.created_at <= now - UNPAID_FOR:
        due = session.get_one(Due, sold.due_id, with_for_update=True, populate_existing=True)
        due.state = str(due_step(DueStatus(due.state), DueSignal.WAIVE))
        sold.state, sold.changed_at = str(PassState.DROPPED), now
    elif sold.state == PassState.PAID and sold.valid_until <= now:
        sold.state, sold.changed_at = str(PassState.LAPSED), now
        pass_list.unlist(session, sold, now, "central")


def over(session: Session, now: datetime) -> list[str]:
    """Ids of passes that `lapse` has something to do with."""
    ended = (Pass.state == str(PassState.PAID)) & (Pass.valid_until <= now)
    unpaid = (Pass.state == str(PassState.UNPAID)) & (Pass.created_at <= now - UNPAID_FOR)
    return list(session.scalars(select(Pass.id).where(ended | unpaid).order_by(Pass.id).limit(AT_ONCE)))


def remind(session: Session, now: datetime) -> int:
    """Writes down whose holder is to be told that it runs out, once each; how many are new."""
    soon = select(Pass.id).where(
        Pass.state == str(PassState.PAID),
        Pass.valid_until > now,
        Pass.valid_until <= now + rules.REMIND_BEFORE,
        ~exists().where(Reminder.pass_id == Pass.id),
    )
    found = list(session.scalars(soon.limit(AT_ONCE)))
    session.add_all(Reminder(pass_id=one, made_at=now) for one in found)
    return len(found)


def _sell(
    session: Session, site: Site, product: PassProduct, account: Account, plates: list[dict[str, Any]],
    begins: datetime, now: datetime, by: str, renews: Pass | None = None,
) -> Pass:  # fmt: skip
    for one in plates:
        if why := pass_list.taken(session, site.id, one["plate"], begins, account.id):
            raise Refused(f"plate {one['plate']} {why}")
    ends = rules.ends(begins, product.days, product.hours, ZoneInfo(site.timezone))
    quote = rules.bill(product.name, product.price_paise, product.tax_rate_bp, begins, ends, now)
    due = Due(
        id=uuid7(), account_id=account.id, kind=OF_PASS, state=str(DueStatus.OPEN), amount_paise=quote.total_paise,
        quote=billing.quote_json(quote), earlier_quotes=[], quoted_at=now, stopped_at=ends,
    )  # fmt: skip
    session.add(due)
    session.flush()
    sold = Pass(
        id=uuid7(), product_id=product.id, account_id=account.id, site_id=site.id, plates=plates, valid_from=begins,
        valid_until=ends, state=str(PassState.UNPAID), due_id=due.id, renews=renews.id if renews else None,
        created_at=now, by=by, changed_at=now,
    )  # fmt: skip
    session.add(sold)
    session.flush()
    what = "pass renewal asked" if renews else "pass sold"
    audit(session, now, by, what, f"pass/{sold.id}", product=product.name, price=rupees(product.price_paise))
    return sold


def _product(session: Session, product_id: str) -> PassProduct:
    product = session.get(PassProduct, product_id)
    if product is None or product.ended_at is not None:
        raise Refused("this pass is no longer sold")
    return product


def _plates(product: PassProduct, plates: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    named = {access.normal_plate(plate): vehicle_class for plate, vehicle_class in plates}
    if not 1 <= len(named) <= product.plates:
        raise Refused(f"pass {product.name}: {len(named)} plates: expected 1 to {product.plates}")
    for plate, vehicle_class in named.items():
        if vehicle_class not in product.vehicle_classes:
            expected = ", ".join(product.vehicle_classes)
            raise Refused(f"plate {plate}: a {vehicle_class[:20]!r}: this pass is for {expected}")
    return [{"plate": plate, "class": vehicle_class} for plate, vehicle_class in named.items()]
