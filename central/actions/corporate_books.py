"""What firms owe: each entry of the books that moves it, with its line in the firm's statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import ledger
from central.rules.ledger import Posting
from central.rules.ledger_accounts import Account as BooksAccount
from central.store.schema import Account, CorporateMove, CorporateTerms, Due

INVOICED = "invoiced"


def owes(session: Session, account_id: str) -> int:
    """What the firm owes now, invoiced or not, paise; below 0 where it has paid ahead."""
    latest = select(CorporateMove.balance_paise).where(CorporateMove.account_id == account_id)
    return int(session.scalar(latest.order_by(CorporateMove.id.desc()).limit(1)) or 0)


def held_terms(session: Session, account_id: str) -> CorporateTerms | None:
    """The account's terms, held until the transaction ends, its site being held; None: it is no firm's."""
    return session.get(CorporateTerms, account_id, with_for_update=True, populate_existing=True)


def book(
    session: Session,
    account: Account,
    key: str,
    kind: str,
    lines: Iterable[Posting],
    now: datetime,
    *,
    by: str,
    due: Due | None = None,
    note: str = "",
    invoice_id: str | None = None,
) -> None:
    """Books an entry, once by its key; the firm's terms are held."""
    lines = list(lines)
    if ledger.post(session, account.site_id, key, kind, lines, now, by=by, due=due, note=note):
        paise = sum(line.paise for line in lines if line.account is BooksAccount.CORPORATE)
        if paise:
            state(session, account.id, key, kind, paise, now, note=note, invoice_id=invoice_id)


def state(
    session: Session, account_id: str, key: str, kind: str, paise: int, now: datetime, *, note: str,
    invoice_id: str | None,
) -> None:  # fmt: skip
    """Adds a line to the statement."""
    session.add(
        CorporateMove(
            account_id=account_id, entry_key=key, at=now, kind=str(kind), paise=paise,
            balance_paise=owes(session, account_id) + paise, note=note[:200], invoice_id=invoice_id,
        )
    )  # fmt: skip
    session.flush()
