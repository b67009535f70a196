"""A stay on account is set right, or that is undone: it is taken off its account, and put on it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, corporate_books, corporate_credits
from central.actions.corporate_charges import ON_ACCOUNT, charge, charged, line_of
from central.actions.records import as_rule, note, put
from central.rules import corporate as rules
from central.rules import ledger as ledger_rules
from central.rules.corrections import Kind
from central.rules.due import DueSignal, DueStatus, step
from central.store.schema import Account, CorporateInvoice, CorporateLine, Correction, CorrectionImage, Due, Stay

# corrections after which a stay is priced anew, and perhaps by another plate
_PRICED_ANEW = {Kind.PLATE, Kind.CLASS, Kind.MERGE, Kind.SPLIT_EXIT, Kind.SPLIT_VISIT, Kind.REOPEN, Kind.VOID}


def taken_off_by(
    session: Session, kind: Kind, detail: dict[str, Any], rows: Collection[Stay], now: datetime, by: str, why: str
) -> None:
    """A correction of stays begins: what it may change the price of is taken off its account, and owed again."""
    if not prices_anew(kind, detail):
        return
    off = {due.stay_id for due in take_off(session, rows, now, by, why)}
    for row in rows:
        if row.id in off:
            put(session, row, rules.owes_again(as_rule(row)), now)


def prices_anew(kind: Kind, detail: dict[str, Any]) -> bool:
    return kind in _PRICED_ANEW or (kind is Kind.RESOLVE and detail.get("owed") is False)


def take_off(
    session: Session, rows: Collection[Stay], now: datetime, by: str, why: str, only: Collection[str] | None = None
) -> list[Due]:
    """Takes the stays' dues, or `only` some of them, off their accounts; by a credit note where they are invoiced.

    The stays themselves stay as they are.
    """
    session.flush()
    stays = {row.id: row for row in rows}
    of_stays = select(Due).where(Due.stay_id.in_(stays), Due.kind == billing.OF_STAY, Due.state == ON_ACCOUNT)
    held = session.scalars(of_stays.order_by(Due.id).with_for_update().execution_options(populate_existing=True))
    dues = [due for due in held if only is None or due.id in only]
    invoiced: dict[str, list[CorporateLine]] = defaultdict(list)
    for due in dues:
        line = line_of(session, due.id)
        corporate_books.held_terms(session, line.account_id)
        due.state = str(step(DueStatus.ON_ACCOUNT, DueSignal.TAKE_OFF))
        if line.invoice_id is None:
            lines = ledger_rules.undone(charged(line))
            key, account = f"account_off:{line.id}", session.get_one(Account, line.account_id)
            corporate_books.book(session, account, key, "account_off", lines, now, by=by, due=due, note=line.plate)
            session.delete(line)
        else:
            invoiced[line.invoice_id].append(line)
        note(session, stays[due.stay_id], now, "off account", by, amount_paise=due.amount_paise, why=why)
    for invoice_id, lines in sorted(invoiced.items()):
        corporate_credits.credit(session, session.get_one(CorporateInvoice, invoice_id), lines, now, by, why)
    session.flush()
    return dues


def undone(
    session: Session, done: Correction, images: Iterable[CorrectionImage], rows: Collection[Stay], now: datetime,
    by: str, why: str,
) -> list[Due]:  # fmt: skip
    """A correction is about to be undone: what it, or anything since, has put on account because of it is taken off."""
    only = None
    if not prices_anew(Kind(done.kind), done.detail):
        only = {one.row_id for one in images if one.of == "due" and one.after.get("state") == ON_ACCOUNT}
    return take_off(session, rows, now, by, why, only)


def restored(session: Session, rows: Iterable[Stay], off: Iterable[Due], now: datetime) -> list[Stay]:
    """A correction has been undone: dues that are on account again are charged again.

    Returns the stays that owe again what had been put on account since, for the caller to settle.
    """
    session.flush()
    lost, owing = {due.stay_id for due in off if due.state != ON_ACCOUNT}, []
    for row in rows:
        on_account = select(Due).where(Due.stay_id == row.id, Due.kind == billing.OF_STAY, Due.state == ON_ACCOUNT)
        for due in session.scalars(on_account.order_by(Due.id)).all():
            if line_of(session, due.id) is None:
                terms = corporate_books.held_terms(session, due.account_id)
                charge(session, row, due, session.get_one(Account, due.account_id), terms, now)
        if row.id in lost and (stay := rules.owes_again(before := as_rule(row))) != before:
            put(session, row, stay, now)
            owing.append(row)
    return owing
