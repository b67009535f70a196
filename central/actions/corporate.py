"""Firms that park on account: what was agreed with them, and which plates are their members'."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from central.actions import accounts, corporate_books, corporate_charges, corporate_invoices, ledger, repeats
from central.actions.audit import audit
from central.actions.corporate_firms import held_firm
from central.actions.errors import Refused
from central.rules import corporate as rules
from central.rules import ledger as ledger_rules
from central.rules.corporate_months import Month
from central.store.schema import Account, AccountVehicle, CorporateTerms, Due, Site

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A line of a pasted list that was not taken: its number from 1, what it says, and why not."""

    number: int
    text: str
    why: str


def open_firm(
    session: Session, site_id: str, name: str, terms: rules.Terms, now: datetime, by: str, *, phone: str = "",
    email: str = "", key: str | None = None,
) -> Account:  # fmt: skip
    """An account with terms. name: "" for the legal one."""
    asked = repeats.request(session, "open firm", key, site=site_id, name=name, terms=asdict(terms))
    if asked.before is not None:
        return session.get_one(Account, asked.before)
    account = accounts.open_account(
        session, site_id, name.strip() or terms.legal_name[:80], now, by, phone=phone, email=email
    )
    set_terms(session, account.id, terms, now, by)
    asked.done(session, account.id, now)
    return account


def set_terms(session: Session, account_id: str, terms: rules.Terms, now: datetime, by: str) -> None:
    """Makes the account a firm's, or changes what was agreed; what is not invoiced yet gets the tax of the new terms.

    The months before the first terms are not invoiced.
    """
    account = accounts.held(session, account_id)
    try:
        agreed = asdict(rules.checked(terms))
    except ValueError as error:
        raise Refused(str(error)) from error
    site, row = session.get_one(Site, account.site_id), corporate_books.held_terms(session, account.id)
    before = None
    if row is None:
        last = Month.of(now, ZoneInfo(site.timezone)).moved(-1)
        row = CorporateTerms(account_id=account.id, invoiced_to=str(last), created_at=now, by=by)
        session.add(row)
    else:
        before = {name: getattr(row, name) for name in agreed}
    for name, value in agreed.items():
        setattr(row, name, str(value) if name == "supply" else value)
    session.flush()
    _tax_anew(session, account, site, row, now, by)
    changed = {name: value for name, value in agreed.items() if before is None or before[name] != value}
    if changed:
        audit(session, now, by, "firm's terms", f"account/{account.id}", **changed)


def add_members(
    session: Session, account_id: str, pasted: str, now: datetime, by: str
) -> tuple[list[str], list[WrongRow]]:
    """Plates of a pasted list, one a line, the rest of a line left aside: those that are members now, and wrong lines.

    What is right is taken, whatever else is wrong.
    """
    held_firm(session, account_id)
    rows = [(number, line) for number, line in enumerate(pasted.splitlines(), 1) if line.strip()]
    if not 1 <= len(rows) <= MOST_ROWS:
        raise Refused(f"list of plates: {len(rows)} lines, expected 1 to {MOST_ROWS}")
    added, wrong = [], []
    for number, line in rows:
        first = next(csv.reader([line.replace("\t", ",").replace(";", ",")]), [""])[0].strip()
        if number == rows[0][0] and first.lower() in ("plate", "plates", "vehicle", "vehicle number", "registration"):
            continue
        try:
            vehicle = accounts.register(session, account_id, first, now, by)
        except Refused as error:
            wrong.append(WrongRow(number, line[:60], str(error)))
            continue
        if vehicle.on_account_since is None:
            vehicle.on_account_since = vehicle.changed_at = now
            added.append(vehicle.plate)
    session.flush()
    if added:
        audit(session, now, by, "firm's members added", f"account/{account_id}", plates=added)
    return added, wrong


def remove_member(session: Session, account_id: str, vehicle_id: str, now: datetime, by: str) -> None:
    """The plate's stays no longer go on account; it leaves the account where the wallet does not pay for it."""
    held_firm(session, account_id)
    vehicle = session.get(AccountVehicle, vehicle_id)
    if vehicle is None or vehicle.account_id != account_id:
        raise Refused("there is no such vehicle")
    if vehicle.pays_itself:
        vehicle.on_account_since, vehicle.changed_at = None, now
        audit(session, now, by, "firm's member taken off", f"account/{account_id}", plate=vehicle.plate)
    else:
        accounts.unregister(session, account_id, vehicle_id, now, by)


def _tax_anew(session: Session, account: Account, site: Site, terms: CorporateTerms, now: datetime, by: str) -> None:
    for line in corporate_invoices.unbilled(session, account.id):
        due = session.get_one(Due, line.due_id)
        was, split = corporate_charges.charged(line), corporate_charges.split_of_due(session, site, due, terms)
        if split == ledger.split_of(line):
            continue
        for name, paise in split.parts().items():
            setattr(line, f"{name}_paise", paise)
        lines = ledger_rules.together(ledger_rules.undone(was), corporate_charges.charged(line))
        key = f"account_changed:{line.id}:{now.isoformat()}"
        corporate_books.book(session, account, key, "account_changed", lines, now, by=by, due=due, note=line.plate)
