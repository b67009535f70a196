"""Accounts, passes and wallets as pages show them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    Due,
    LedgerEntry,
    Pass,
    PassProduct,
    Receipt,
    Site,
    WalletMove,
)

PAGE = 50


@dataclass(frozen=True, slots=True)
class PassDetail:
    """A pass whole. attempt: the latest try to pay it; renewal: the pass that goes on from it.

    paid_by  word of the provider through which it was paid, "" while it is not
    """

    sold: Pass
    product: PassProduct
    account: Account
    site: Site
    due: Due
    attempt: Attempt | None
    receipt: Receipt | None
    renewal: Pass | None
    paid_by: str = ""


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """An account whole. moves: (entry, paise put into the wallet), newest first; top_up: what waits to be paid."""

    account: Account
    site: Site
    vehicles: list[AccountVehicle] = field(default_factory=list)
    moves: list[tuple[LedgerEntry, int]] = field(default_factory=list)
    passes: list[tuple[Pass, PassProduct]] = field(default_factory=list)
    top_up: Due | None = None
    attempt: Attempt | None = None


def accounts(
    session: Session, site_id: str, named: str = "", before: str | None = None
) -> tuple[list[Account], str | None]:
    """A site's accounts whose name begins so, the newest first, and the `before` of the next page."""
    wanted = select(Account).where(Account.site_id == site_id)
    if named:
        wanted = wanted.where(func.lower(Account.name).startswith(named.lower(), autoescape=True))
    if before:
        wanted = wanted.where(Account.id < before)
    found = list(session.scalars(wanted.order_by(Account.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def account(session: Session, account_id: str, moves: int = 30) -> AccountDetail | None:
    row = session.get(Account, account_id)
    if row is None:
        return None
    of_it = (
        select(LedgerEntry, WalletMove.paise)
        .join(WalletMove, WalletMove.entry_key == LedgerEntry.key)
        .where(WalletMove.account_id == row.id)
        .order_by(WalletMove.at.desc())
        .limit(moves)
    )
    # of one instant, as they were booked
    latest = sorted(session.execute(of_it), key=lambda move: (move[0].at, move[0].id), reverse=True)
    sold = select(Pass, PassProduct).join(PassProduct, PassProduct.id == Pass.product_id)
    vehicles = select(AccountVehicle).where(AccountVehicle.account_id == row.id).order_by(AccountVehicle.plate)
    unpaid = select(Due).where(Due.account_id == row.id, Due.kind == "wallet", Due.state == "open")
    top_up = session.scalar(unpaid.order_by(Due.id.desc()).limit(1))
    return AccountDetail(
        account=row,
        site=session.get_one(Site, row.site_id),
        vehicles=list(session.scalars(vehicles)),
        moves=[(entry, int(paise)) for entry, paise in latest],
        passes=[tuple(one) for one in session.execute(sold.where(Pass.account_id == row.id).order_by(Pass.id.desc()))],
        top_up=top_up,
        attempt=None if top_up is None else latest_attempt(session, top_up.id),
    )


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money that was paid into a wallet. paid: how; entry: in the books, `by` whoever took it over the counter."""

    due: Due
    paid: Attempt
    entry: LedgerEntry


def top_up(session: Session, account_id: str, due_id: str) -> TopUp | None:
    """A top-up of that account, once it is paid."""
    due = session.get(Due, due_id)
    if due is None or due.account_id != account_id or due.kind != "wallet":
        return None
    paid = session.scalar(select(Attempt).where(Attempt.due_id == due.id, Attempt.applied))
    entry = session.scalar(select(LedgerEntry).where(LedgerEntry.key == f"filled:{due.id}"))
    return None if paid is None or entry is None else TopUp(due, paid, entry)


def products(session: Session, site_id: str) -> list[PassProduct]:
    """Those that a site sells now."""
    sold = select(PassProduct).where(PassProduct.site_id == site_id, PassProduct.ended_at.is_(None))
    return list(session.scalars(sold.order_by(PassProduct.name, PassProduct.id)))


def passes(
    session: Session, site_id: str, before: str | None = None
) -> tuple[list[tuple[Pass, PassProduct, Account]], str | None]:
    """Passes sold at a site, the newest first, and the `before` of the next page."""
    wanted = (
        select(Pass, PassProduct, Account)
        .join(PassProduct, PassProduct.id == Pass.product_id)
        .join(Account, Account.id == Pass.account_id)
        .where(Pass.site_id == site_id)
    )
    if before:
        wanted = wanted.where(Pass.id < before)
    found = [tuple(row) for row in session.execute(wanted.order_by(Pass.id.desc()).limit(PAGE + 1))]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None


def pass_detail(session: Session, pass_id: str) -> PassDetail | None:
    row = session.get(Pass, pass_id)
    if row is None:
        return None
    return PassDetail(
        sold=row,
        product=session.get_one(PassProduct, row.product_id),
        account=session.get_one(Account, row.account_id),
        site=session.get_one(Site, row.site_id),
        due=session.get_one(Due, row.due_id),
        attempt=latest_attempt(session, row.due_id),
        receipt=session.scalar(select(Receipt).where(Receipt.due_id == row.due_id)),
        renewal=session.scalar(select(Pass).where(Pass.renews == row.id, Pass.state != "dropped")),
        paid_by=session.scalar(select(Attempt.provider).where(Attempt.due_id == row.due_id, Attempt.applied)) or "",
    )


def pass_of_due(session: Session, due_id: str) -> Pass | None:
    """The pass that a due is for."""
    return session.scalar(select(Pass).where(Pass.due_id == due_id))


def latest_attempt(session: Session, due_id: str) -> Attempt | None:
    tries = select(Attempt).where(Attempt.due_id == due_id).order_by(Attempt.created_at.desc(), Attempt.id.desc())
    return session.scalar(tries.limit(1))
