"""The one way in to a firm's account: it and its terms, held."""

from __future__ import annotations

from sqlalchemy.orm import Session

from central.actions import accounts, corporate_books
from central.actions.errors import Refused
from central.store.schema import Account, CorporateTerms


def held_firm(session: Session, account_id: str) -> tuple[Account, CorporateTerms]:
    """The account, its site and its terms, held until the transaction ends. Refused where it is no firm's."""
    account = accounts.held(session, account_id)
    terms = corporate_books.held_terms(session, account.id)
    if terms is None:
        raise Refused(f"account {account.name[:40]!r} has no terms: it is not a firm's")
    return account, terms
