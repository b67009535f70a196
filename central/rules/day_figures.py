"""What one stay, and one entry of the books, add to the figures of its site's days. Pure.

Figures are sums of these parts and nothing else, so they can be kept up by taking off what a row gave before it changed
and adding what it gives now, and counted anew by adding up all rows: both come to the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account
from central.rules.stay_table import Status

WHOLE_DAY = -1  # instead of an hour
# stays of less than so many minutes, and the last for all longer ones
LENGTHS = (15, 30, 60, 120, 180, 240, 360, 480, 720, 1440)


class Figure(StrEnum):
    """What is counted. Money is paise; each is kept by some of `By`."""

    ARRIVALS = "arrivals"
    EXITS = "exits"
    TIMED = "timed"  # stays that ended that day, entry and exit both known
    MINUTES = "minutes"  # of those, together
    READ = "read"  # entries whose plate the gate accepted by itself
    READ_HELPED = "read_helped"  # a plate was read, and button or person let it in
    UNREAD = "unread"
    EARNED = "earned"  # tax included, of sales
    TAXABLE = "earned_taxable"  # before tax; of notices too, which may be no supply
    CGST = "earned_cgst"
    SGST = "earned_sgst"
    IGST = "earned_igst"
    ROUNDING = "earned_rounding"
    CREDITED = "credited"  # taken back by credit notes; positive
    CREDITED_TAXABLE = "credited_taxable"
    CREDITED_CGST = "credited_cgst"
    CREDITED_SGST = "credited_sgst"
    CREDITED_IGST = "credited_igst"
    CREDITED_ROUNDING = "credited_rounding"
    TAKEN = "taken"  # money that came for what was charged
    PAYMENTS = "payments"
    GIVEN_BACK = "given_back"
    OWED = "owed"  # by vehicles that left without paying, less what turned out not to be owed
    WRITTEN_OFF = "written_off"


class By(StrEnum):
    """What a figure is kept by. ALL: the day's sum, and the hours of arrivals, exits and money taken."""

    ALL = ""
    CLASS = "class"
    GATE = "gate"
    HOW = "how"
    LENGTH = "length"
    WAY = "way"
    OPERATOR = "operator"
    TARIFF = "tariff"
    CHARGE = "charge"


#     day, hour or WHOLE_DAY, figure, kept by, of which
Key = tuple[str, int, str, str, str]
Counts = Counter[Key]


@dataclass(frozen=True, slots=True)
class StayFacts:
    """Of a stay, as the store keeps it. read: a plate was read at its entry."""

    status: str
    vehicle_class: str
    entered_at: datetime | None
    entry_gate: str | None
    entry_how: str | None
    read: bool
    exited_at: datetime | None
    exit_gate: str | None
    exit_how: str | None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Of an entry of the books.

    lines   (account, paise), debits positive
    charge  kind of the due it is about; vehicle_class, gate (of entry), tariff: its stay's; "" where there is none
    """

    kind: str
    day: str
    at: datetime
    by: str
    lines: tuple[tuple[str, int], ...]
    charge: str = ""
    vehicle_class: str = ""
    gate: str = ""
    tariff: str = ""


#   accounts                                               of a sale         of a credit note
_PARTS = (
    ((Account.REVENUE, Account.REFUNDS, Account.PENALTIES), Figure.TAXABLE,  Figure.CREDITED_TAXABLE),
    ((Account.CGST,),                                       Figure.CGST,     Figure.CREDITED_CGST),
    ((Account.SGST,),                                       Figure.SGST,     Figure.CREDITED_SGST),
    ((Account.IGST,),                                       Figure.IGST,     Figure.CREDITED_IGST),
    ((Account.ROUNDING,),                                   Figure.ROUNDING, Figure.CREDITED_ROUNDING),
)  # fmt: skip
_CREDIT_NOTES = (Fact.CREDITED, Fact.PENALTY_CREDITED, Fact.ACCOUNT_CREDITED)
_GIVEN_UP = (Fact.WAIVED, Fact.ACCOUNT_WRITTEN_OFF)
_CAME, _WENT_BACK = ("paid_by_", "account_paid_"), "refunded_"  # how their kinds begin
# where money is once it has come
WAYS = {
    Account.PSP_CLEARING: "upi",
    Account.CARD_CLEARING: "card",
    Account.CASH_DRAWER: "cash",
    Account.WALLET: "wallet",
    Account.BANK: "bank",
}


def length_of(minutes: int) -> int:
    """The number of the stretch of LENGTHS that a stay of so many minutes is in."""
    return next((number for number, below in enumerate(LENGTHS) if minutes < below), len(LENGTHS))


def of_stay(stay: StayFacts, zone: ZoneInfo) -> Counts:
    """What a stay gives: nothing where it was struck out, joined to another, or its vehicle is yet to come."""
    counts: Counts = Counter()
    if stay.status in (Status.VOID, Status.PREPAID):
        return counts
    if stay.entered_at is not None:
        day, hour = _local(stay.entered_at, zone)
        by = {By.CLASS: stay.vehicle_class, By.GATE: stay.entry_gate, By.HOW: stay.entry_how}
        _add(counts, day, Figure.ARRIVALS, 1, hour=hour, by=by)
        if stay.entry_gate is not None:
            _add(counts, day, _reading(stay), 1, by={By.GATE: stay.entry_gate})
    if stay.exited_at is not None:
        day, hour = _local(stay.exited_at, zone)
        by = {By.CLASS: stay.vehicle_class, By.GATE: stay.exit_gate, By.HOW: stay.exit_how}
        _add(counts, day, Figure.EXITS, 1, hour=hour, by=by)
        if stay.entered_at is not None:
            minutes = max(0, int((stay.exited_at - stay.entered_at).total_seconds()) // 60)
            length = f"{length_of(minutes):02d}"
            _add(counts, day, Figure.TIMED, 1, by={By.CLASS: stay.vehicle_class, By.LENGTH: length})
            _add(counts, day, Figure.MINUTES, minutes, by={By.CLASS: stay.vehicle_class})
    return counts


def of_entry(entry: EntryFacts, zone: ZoneInfo) -> Counts:
    """What an entry of the books gives."""
    counts: Counts = Counter()
    sums: Counter[str] = Counter()
    for account, paise in entry.lines:
        sums[account] += paise
    credit = entry.kind in _CREDIT_NOTES
    whole = 0
    for accounts, earned, credited in _PARTS:
        debits = sum(sums[account] for account in accounts)
        paise = debits if credit else -debits
        _add(counts, entry.day, credited if credit else earned, paise, by={By.CHARGE: entry.charge})
        whole += paise
    of_stay = {By.CLASS: entry.vehicle_class, By.GATE: entry.gate, By.TARIFF: entry.tariff, By.CHARGE: entry.charge}
    _add(counts, entry.day, Figure.CREDITED if credit else Figure.EARNED, whole, by=of_stay)
    if entry.kind == "owed":
        _add(counts, entry.day, Figure.OWED, sums[Account.RECEIVABLE])
    elif entry.kind in _GIVEN_UP:
        _add(counts, entry.day, Figure.WRITTEN_OFF, sums[Account.WRITE_OFF])
    _add_moved(counts, entry, sums, zone)
    return counts


def _add_moved(counts: Counts, entry: EntryFacts, sums: Counter[str], zone: ZoneInfo) -> None:
    """Money that came for what was charged, or went back, by its way and by whoever took or gave it."""
    came, back = entry.kind.startswith(_CAME), entry.kind.startswith(_WENT_BACK)
    if not (came or back):
        return
    # a debit is what came; but a wallet is our debt, and each goes by the way the other account says
    moved = {way: sums[account] for account, way in WAYS.items() if sums[account]}
    operator = entry.by if "@" in entry.by else ""
    for way, paise in moved.items():
        by = {By.WAY: way, By.OPERATOR: operator}
        if came:
            _add(counts, entry.day, Figure.TAKEN, paise, hour=_local(entry.at, zone)[1], by=by)
            _add(counts, entry.day, Figure.PAYMENTS, 1, by=by)
        else:
            _add(counts, entry.day, Figure.GIVEN_BACK, -paise, by=by)


def _reading(stay: StayFacts) -> Figure:
    if not stay.read:
        return Figure.UNREAD
    return Figure.READ if stay.entry_how == "plate" else Figure.READ_HELPED


def _add(
    counts: Counts,
    day: str,
    figure: Figure,
    value: int,
    *,
    hour: int | None = None,
    by: dict[By, str | None] | None = None,
) -> None:
    """To the day's sum, by hour where one is given, and to each of `by`."""
    if not value:
        return
    counts[day, WHOLE_DAY, figure, By.ALL, ""] += value
    if hour is not None:
        counts[day, hour, figure, By.ALL, ""] += value
    for kept_by, name in (by or {}).items():
        counts[day, WHOLE_DAY, figure, kept_by, name or ""] += value


def _local(at: datetime, zone: ZoneInfo) -> tuple[str, int]:
    local = at.astimezone(zone)
    return local.date().isoformat(), local.hour
