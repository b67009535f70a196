"""Firms that park on account, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CorporateMove,
    CorporatePart,
    CorporatePayment,
    CorporateTerms,
    Due,
    Site,
)

PAGE = 50
SHOWN = 24  # the latest invoices and payments on a firm's page; all are in its statement
_OPEN = CorporateInvoice.settled_paise + CorporateInvoice.credited_paise < CorporateInvoice.total_paise
_OPEN_PAISE = CorporateInvoice.total_paise - CorporateInvoice.settled_paise - CorporateInvoice.credited_paise


@dataclass(frozen=True, slots=True)
class FirmRow:
    """A line of the list. owes_paise: below 0 where the firm has paid ahead; overdue_paise: past their day."""

    account: Account
    terms: CorporateTerms
    owes_paise: int
    overdue_paise: int


@dataclass(frozen=True, slots=True)
class FirmDetail:
    """A firm whole.

    unbilled  its latest stays on account, of unbilled_count that come to unbilled_paise
    invoices, payments  the latest SHOWN
    asked, attempt      what its holder is asked to pay by UPI now, and the latest try
    """

    account: Account
    terms: CorporateTerms
    site: Site
    owes_paise: int
    overdue_paise: int
    members: list[AccountVehicle] = field(default_factory=list)
    unbilled: list[CorporateLine] = field(default_factory=list)
    unbilled_count: int = 0
    unbilled_paise: int = 0
    invoices: list[CorporateInvoice] = field(default_factory=list)
    payments: list[CorporatePayment] = field(default_factory=list)
    asked: Due | None = None
    attempt: Attempt | None = None

    @property
    def open_paise(self) -> int:
        """To be paid now: what is open of invoices, less what was paid ahead."""
        return max(0, self.owes_paise - self.unbilled_paise)


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """An invoice whole. paid: what settles it, each with how much of it does."""

    invoice: CorporateInvoice
    account: Account
    site: Site
    lines: list[CorporateLine]
    notes: list[CorporateCreditNote]
    paid: list[tuple[CorporatePayment, int]]


@dataclass(frozen=True, slots=True)
class Statement:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[CorporateMove]
    older: int | None


def firms(session: Session, site_id: str, today: str, before: str | None = None) -> tuple[list[FirmRow], str | None]:
    """A site's firms, the newest first, and the `before` of the next page. today: the site's day, "2026-11-24"."""
    wanted = select(Account, CorporateTerms).join(CorporateTerms, CorporateTerms.account_id == Account.id)
    wanted = wanted.where(Account.site_id == site_id)
    if before:
        wanted = wanted.where(Account.id < before)
    found = session.execute(wanted.order_by(Account.id.desc()).limit(PAGE + 1)).all()
    ids = [account.id for account, _ in found[:PAGE]]
    owes, overdue = _owes(session, ids), _overdue(session, ids, today)
    rows = [FirmRow(one, terms, owes.get(one.id, 0), overdue.get(one.id, 0)) for one, terms in found[:PAGE]]
    return rows, ids[-1] if len(found) > PAGE else None


def site_of(session: Session, account_id: str) -> Site | None:
    """The firm's site; None where it is no firm's account."""
    of_it = select(Site).join(Account, Account.site_id == Site.id)
    firm = of_it.join(CorporateTerms, CorporateTerms.account_id == Account.id).where(Account.id == account_id)
    return session.scalar(firm)


def firm(session: Session, account_id: str, today: str) -> FirmDetail:
    """Of an account that `site_of` knows."""
    waits = (CorporateLine.account_id == account_id, CorporateLine.invoice_id.is_(None))
    count, paise = session.execute(
        select(func.count(), func.coalesce(func.sum(CorporateLine.total_paise), 0)).where(*waits)
    ).one()
    account = session.get_one(Account, account_id)
    members = select(AccountVehicle).where(
        AccountVehicle.account_id == account_id, AccountVehicle.on_account_since.is_not(None)
    )
    asked = session.scalar(
        select(Due).where(Due.account_id == account_id, Due.kind == "corporate", Due.state == "open").limit(1)
    )
    return FirmDetail(
        account=account,
        terms=session.get_one(CorporateTerms, account_id),
        site=session.get_one(Site, account.site_id),
        owes_paise=_owes(session, [account_id]).get(account_id, 0),
        overdue_paise=_overdue(session, [account_id], today).get(account_id, 0),
        members=list(session.scalars(members.order_by(AccountVehicle.plate))),
        unbilled=_latest(session, select(CorporateLine).where(*waits).order_by(CorporateLine.left_at.desc()), PAGE),
        unbilled_count=int(count),
        unbilled_paise=int(paise),
        invoices=_latest(session, _of(CorporateInvoice, account_id), SHOWN),
        payments=_latest(
            session, _of(CorporatePayment, account_id).where(CorporatePayment.received_at.is_not(None)), SHOWN
        ),
        asked=asked,
        attempt=None if asked is None else _attempt(session, asked.id),
    )


def statement(session: Session, account_id: str, before: int | None = None) -> Statement:
    """What moved the firm's account, with what it owed after each, a page at a time."""
    wanted = select(CorporateMove).where(CorporateMove.account_id == account_id)
    if before is not None:
        wanted = wanted.where(CorporateMove.id < before)
    found = _latest(session, wanted.order_by(CorporateMove.id.desc()), PAGE + 1)
    return Statement(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def invoice(session: Session, invoice_id: str) -> InvoiceDetail | None:
    row = session.get(CorporateInvoice, invoice_id)
    if row is None:
        return None
    notes = select(CorporateCreditNote).where(CorporateCreditNote.invoice_id == row.id)
    parts = select(CorporatePayment, CorporatePart.paise).join(
        CorporatePart, CorporatePart.payment_id == CorporatePayment.id
    )
    return InvoiceDetail(
        invoice=row,
        account=session.get_one(Account, row.account_id),
        site=session.get_one(Site, row.site_id),
        lines=invoice_lines(session, row.id),
        notes=list(session.scalars(notes.order_by(CorporateCreditNote.id))),
        paid=[tuple(one) for one in session.execute(parts.where(CorporatePart.invoice_id == row.id))],
    )


def invoice_lines(session: Session, invoice_id: str) -> list[CorporateLine]:
    of_it = select(CorporateLine).where(CorporateLine.invoice_id == invoice_id)
    return list(session.scalars(of_it.order_by(CorporateLine.left_at, CorporateLine.id)))


def _of(table, account_id: str):
    return select(table).where(table.account_id == account_id).order_by(table.id.desc())


def _latest(session: Session, wanted, count: int) -> list:
    return list(session.scalars(wanted.limit(count)))


def _owes(session: Session, account_ids: list[str]) -> dict[str, int]:
    last = select(func.max(CorporateMove.id)).where(CorporateMove.account_id.in_(account_ids))
    of_them = select(CorporateMove).where(CorporateMove.id.in_(last.group_by(CorporateMove.account_id)))
    return {move.account_id: move.balance_paise for move in session.scalars(of_them)}


def _overdue(session: Session, account_ids: list[str], today: str) -> dict[str, int]:
    late = (CorporateInvoice.account_id.in_(account_ids), _OPEN, CorporateInvoice.due_on < today)
    sums = select(CorporateInvoice.account_id, func.sum(_OPEN_PAISE)).where(*late)
    return {one: int(paise) for one, paise in session.execute(sums.group_by(CorporateInvoice.account_id))}


def _attempt(session: Session, due_id: str) -> Attempt | None:
    tries = select(Attempt).where(Attempt.due_id == due_id).order_by(Attempt.created_at.desc(), Attempt.id.desc())
    return session.scalar(tries.limit(1))
