"""The cash of the office: what goes from the safe to the bank, and change fetched from there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import ledger, repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.actions.shifts import MOST_PAISE
from central.rules import ledger as rules
from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account
from central.rules.money import rupees
from central.store.schema import LedgerDaySum, Site
from edge.protocol.ids import uuid7

TO_BANK, FROM_BANK = "to_bank", "from_bank"
_FACTS = {TO_BANK: Fact.CASH_BANKED, FROM_BANK: Fact.CHANGE_FETCHED}


def in_safe(session: Session, site_id: str) -> int:
    """What the books say is in a site's safe, paise."""
    moved = func.coalesce(func.sum(LedgerDaySum.debit_paise - LedgerDaySum.credit_paise), 0)
    of_safe = (LedgerDaySum.site_id == site_id, LedgerDaySum.account == str(Account.CASH_SAFE))
    return int(session.scalar(select(moved).where(*of_safe)))


def carry(
    session: Session, site_id: str, way: str, amount_paise: int, slip: str, now: datetime, *, by: str,
    key: str | None = None,
) -> None:  # fmt: skip
    """Cash to the bank, or change from it, with the bank's slip. Refused beyond what is in the safe."""
    if way not in _FACTS:
        raise Refused(f"way {way[:20]!r}: expected one of {', '.join(_FACTS)}")
    if session.get(Site, site_id) is None:
        raise Refused(f"site {site_id[:40]!r} is not known")
    if not 3 <= len(slip := slip.strip()) <= 60:
        raise Refused("expected the number or reference on the bank's slip, 3 to 60 characters")
    lock_site(session, site_id)
    asked = repeats.request(session, "carry cash", key, site=site_id, way=way, paise=amount_paise, slip=slip)
    if asked.before is not None:
        return
    most = in_safe(session, site_id) if way == TO_BANK else MOST_PAISE
    if not 1 <= amount_paise <= most:
        raise Refused(f"{rupees(amount_paise)}: expected an amount up to {rupees(max(most, 0))}")
    fact = _FACTS[way]
    lines = rules.postings(fact, total=amount_paise)
    carried = uuid7()
    ledger.post(session, site_id, f"carried:{carried}", fact, lines, now, by=by, note=slip)
    audit(session, now, by, str(fact).replace("_", " "), site_id, amount_paise=amount_paise, slip=slip)
    asked.done(session, carried, now)
