"""A car park with as many stays as are wanted behind it: rows that the books, the figures and the pages agree on.

As many vehicles a day whatever the number: ten times the stays is ten times the history, as time brings it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, select

from central import images as pictures
from central.actions import access, day_figures, gates, tariffs
from central.actions.billing import quote_json
from central.bench import beside, firm, holders, told
from central.bench.bulk import Row, load
from central.bench.firm import Firm
from central.bench.notices import PICTURE, SEEN
from central.bench.visit import Visit
from central.rules import invoice, ledger
from central.rules.ledger import Fact, Split
from central.rules.pricing import price
from central.rules.quote import PricedStay, Quote
from central.rules.tariff_text import tariff_from_toml
from central.store.database import Database
from central.store.schema import (
    Attempt,
    Due,
    Gate,
    GateEvent,
    GateSample,
    LedgerDay,
    LedgerDaySum,
    LedgerEntry,
    LedgerPosting,
    OccupancySample,
    PaymentEvent,
    Receipt,
    Shift,
    Site,
    Stay,
    StayEvent,
)
from edge.protocol.ids import TICKET_ALPHABET, TICKET_LENGTH
from edge.protocol.messages import GateHealth

SITE, ZONE = "delhi", ZoneInfo("Asia/Kolkata")
TARIFF = Path(__file__).parents[2] / "config" / "tariffs" / "delhi-example.toml"
A_DAY = 200  # so few that ten thousand stays too are as many days as a page lists
SPACING = timedelta(days=1) / A_DAY
LENGTHS = (20, 45, 70, 100, 130, 170, 200, 260, 320, 400, 500, 620)  # minutes
CLASSES = ("car",) * 5 + ("bike", "scooty", "van")
ENTRIES, EXITS = ("entry-1", "entry-2"), ("exit-1", "exit-2")
ATTENDANT = "asha@example.org"
CAPACITY = 60
STATE = "07"


@dataclass(frozen=True, slots=True)
class Bill:
    """What a stay of one length costs: its quote as text with its instants to be filled in, and its invoice."""

    quote: str
    lines: str
    total_paise: int
    split: Split
    owed: ledger.Postings
    by_upi: ledger.Postings


def uuid_of(at: datetime, kind: int, number: int) -> str:
    """A UUIDv7 of that instant, the same each time for the number-th of a kind."""
    ms = int(at.timestamp() * 1000)
    return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{kind:03x}-8000-{number:012x}"


def ticket_of(number: int) -> str:
    """The ticket of the number-th stay."""
    base, out = len(TICKET_ALPHABET), ""
    for _ in range(TICKET_LENGTH):
        number, digit = divmod(number, base)
        out += TICKET_ALPHABET[digit]
    return out


def ready(db: Database, stays: int, now: datetime, images: Path) -> None:
    """Fills a database that has its tables, unless it holds such a car park already."""
    with db.read() as session:
        full = session.get(Site, SITE) is not None
    if not full:
        build(db, stays, now)
    with db.begin() as session:
        gate = session.get_one(Gate, (SITE, ENTRIES[0]))
        pictures.keep(images, SEEN, PICTURE)
        pictures.remember(session, gate, SEEN, len(PICTURE), now)


def build(db: Database, stays: int, now: datetime) -> None:
    """Fills a database that has its tables and no row."""
    began = now - stays * SPACING
    with db.begin() as session:
        site = gates.add_site(
            session, SITE, began, "bench", name="Delhi", gstin="07AAAAA0000A1Z5", capacity=CAPACITY, address="Delhi"
        )
        access.publish_access(session, site, began)
        for lane, names in (("entry", ENTRIES), ("exit", EXITS)):
            for name in names:
                gates.add_gate(session, SITE, name, began, "bench", lane=lane)
        tariff_id = tariffs.load_tariff(session, SITE, TARIFF.read_text(encoding="utf-8"), began, "bench").id
    load(db, _Park(stays, now, tariff_id).rows())
    with db.begin() as session:
        _add_up(session, now)
        day_figures.rebuild(session, SITE, now)


def _bills() -> dict[int, Bill]:
    tariff = tariff_from_toml(TARIFF.read_text(encoding="utf-8"))
    entered = datetime(2026, 6, 1, 6, tzinfo=ZONE)
    return {
        length: _bill(price(tariff, PricedStay(entered), entered + timedelta(minutes=length))) for length in LENGTHS
    }


def _bill(quote: Quote) -> Bill:
    values = quote_json(quote) | {name: f"@{name}@" for name in ("entered_at", "until", "quoted_at", "valid_until")}
    tax = invoice.gst_split(quote.tax_paise, STATE, STATE)
    split = Split(quote.subtotal_paise, tax.cgst_paise, tax.sgst_paise, 0, quote.rounding_paise)
    lines = [dict(asdict(line), kind=str(line.kind)) for line in quote.lines]
    books = ledger.charged(split), ledger.paid(split, Fact.PAID_BY_UPI)
    return Bill(json.dumps(values), json.dumps(lines), quote.total_paise, split, *books)


class _Park:
    """The rows of its whole history, oldest first."""

    def __init__(self, stays: int, now: datetime, tariff_id: str) -> None:
        self.stays, self.now, self.tariff_id = stays, now, tariff_id
        self.bills, self.serial, self.drawer = _bills(), 0, 0
        self.shift, self.day, self.since = "", "", now
        self.firm = Firm()

    def rows(self) -> Iterator[Row]:
        began = self.now - self.stays * SPACING
        for first in (holders.first(SITE, began), told.first(began), self.firm.first(SITE, began)):
            yield from first
        for number in range(self.stays):
            entered = self.now - (self.stays - number) * SPACING
            day = entered.astimezone(ZONE).date().isoformat()
            if day != self.day:
                yield from self._shift_ends(number, entered)
                self.day, self.shift, self.since, self.drawer = day, uuid_of(entered, 1, number), entered, 0
            yield from self._stay(number, entered)
        yield self._shift(None)
        yield from self.firm.last(Visit(self.stays, SITE, self.day, "", "", EXITS[0], self.now, self.now))
        yield from _samples(self.now)

    def _shift_ends(self, number: int, at: datetime) -> Iterator[Row]:
        """The day's drawer is cashed up, without a difference."""
        if not self.shift:
            return
        yield self._shift(at)
        if self.drawer:
            lines = ledger.postings(Fact.CASHED_UP, self.shift, total=self.drawer)
            key = f"cashed_up:{self.shift}"
            yield from self._booked(number, Fact.CASHED_UP, at, key, lines, by=ATTENDANT, kind_of_id=12)

    def _shift(self, closed_at: datetime | None) -> Row:
        counted = None if closed_at is None else self.drawer
        return Shift, {
            "id": self.shift, "site_id": SITE, "attendant": ATTENDANT, "opened_at": self.since, "float_paise": 0,
            "closed_at": closed_at, "closed_by": ATTENDANT if closed_at else "", "counted_paise": counted,
            "expected_paise": counted, "reason": "",
        }  # fmt: skip

    def _stay(self, number: int, entered: datetime) -> Iterator[Row]:
        length = LENGTHS[number * 7 % len(LENGTHS)]
        left = entered + timedelta(minutes=length)
        inside, chance = left > self.now, number % 100
        exempt = 92 <= chance < 97
        owing = number % 500 == 97
        status = "open" if inside else "left_owing" if owing else "closed"
        if inside and exempt:
            status = "exempt"
        stay_id = uuid_of(entered, 2, number)
        entry, out = ENTRIES[number % 2], EXITS[number % 2]
        plate = _plate(number)
        request = uuid_of(entered, 3, number)
        at_exit = {
            "requested_at": left, "stopped_at": left, "exit_gate": out, "exit_request": request, "exited_at": left,
            "exit_how": "open_and_bill" if owing else "permit", "permit_until": None if owing else left,
            "closed_at": left, "cleared_at": left + timedelta(days=1),
        }  # fmt: skip
        yield (
            Stay,
            {
                "id": stay_id, "site_id": SITE, "plate": plate, "plate_raw": plate,
                "vehicle_class": CLASSES[number % len(CLASSES)], "ticket_hash": _digest(ticket_of(number)),
                "status": status, "entered_at": entered, "entry_gate": entry,
                "entry_how": "plate" if chance else "button", "entry_confidence": 0.97, "tariff_id": self.tariff_id,
                "exempt": exempt, "version": 3, "created_at": entered, "closed_reason": None if inside else "left",
                "review": "plate read with doubt" if number % 400 == 5 else None,
                **{name: None if inside else value for name, value in at_exit.items()},
            },
        )  # fmt: skip
        yield _event(uuid_of(entered, 4, number), entry, "vehicle.entered", entered, stay_id, None, number + 1, plate)
        yield _note(stay_id, entered, "entered", entry)
        if inside:
            return
        yield _event(uuid_of(left, 5, number), out, "vehicle.exited", left, stay_id, request, number + 1, plate)
        yield _note(stay_id, left, "exited", out)
        visit = Visit(number, SITE, left.astimezone(ZONE).date().isoformat(), stay_id, plate, out, entered, left)
        yield from beside.rows(visit)
        if not exempt:
            yield from self._money(visit, length, owing=owing, cash=82 <= chance < 92)

    def _money(self, visit: Visit, length: int, *, owing: bool, cash: bool) -> Iterator[Row]:
        number, stay_id, entered, left = visit.number, visit.stay_id, visit.entered, visit.left
        bill, due_id, attempt_id = self.bills[length], uuid_of(left, 6, number), uuid_of(left, 7, number)
        quote = bill.quote.replace("@entered_at@", entered.isoformat())
        for name in ("until", "quoted_at", "valid_until"):
            quote = quote.replace(f"@{name}@", left.isoformat())
        due = {
            "id": due_id, "stay_id": stay_id, "account_id": None, "kind": "stay", "state": "open" if owing else "paid",
            "amount_paise": bill.total_paise, "quote": quote, "quoted_at": left, "stopped_at": left,
            "paid_at": None if owing else left,
        }  # fmt: skip
        if firm.is_firms(number):
            yield from self.firm.stay(visit, due, bill.lines, bill.split, length)
            return
        yield Due, due
        if owing:
            about = {"due_id": due_id, "stay_id": stay_id, "by": "central"}
            yield from self._booked(number, "owed", left, f"owed:{due_id}:1", bill.owed, **about)
            return
        provider = "cash" if cash else "mock_upi"
        yield (
            Attempt,
            {
                "id": attempt_id, "due_id": due_id, "provider": provider, "provider_ref": f"order_{number}",
                "payment_ref": f"pay_{number}", "state": "captured", "amount_paise": bill.total_paise,
                "captured_paise": bill.total_paise, "created_at": left, "expires_at": left, "finished_at": left,
                "applied": True,
            },
        )  # fmt: skip
        if not cash:
            yield (
                PaymentEvent,
                {
                    "id": uuid_of(left, 8, number), "provider": provider, "provider_event_id": f"pay_{number}:captured",
                    "attempt_id": attempt_id, "raw": "{}", "received_at": left, "outcome": "paid",
                },
            )  # fmt: skip
        yield self._receipt(number, stay_id, due_id, left, bill)
        fact = Fact.PAID_BY_CASH if cash else Fact.PAID_BY_UPI
        lines = ledger.paid(bill.split, fact, shift=self.shift) if cash else bill.by_upi
        self.drawer += bill.total_paise if cash else 0
        about = {"due_id": due_id, "stay_id": stay_id, "by": ATTENDANT if cash else "payment"}
        yield from self._booked(number, fact, left, f"paid:{due_id}", lines, **about)
        if number % 300 == 7 and not cash:
            yield from beside.refund(visit, due_id, attempt_id, uuid_of(left, 9, number), bill.split)

    def _receipt(self, number: int, stay_id: str, due_id: str, at: datetime, bill: Bill) -> Row:
        self.serial += 1
        split = bill.split
        return Receipt, {
            "id": uuid_of(at, 9, number), "serial": f"{self.serial:012d}", "site_id": SITE,
            "financial_year": invoice.FinancialYear.of(at, ZONE).begins, "stay_id": stay_id, "due_id": due_id,
            "issued_at": at, "lines": bill.lines, "sac": invoice.SAC_PARKING, "supplier_state": STATE,
            "place_of_supply": STATE, "tax_rate_bp": 1_800, "tax_included": True, "taxable_paise": split.taxable_paise,
            "cgst_paise": split.cgst_paise, "sgst_paise": split.sgst_paise, "igst_paise": 0,
            "rounding_paise": split.rounding_paise, "total_paise": bill.total_paise,
        }  # fmt: skip

    def _booked(
        self, number: int, kind: str, at: datetime, key: str, lines: ledger.Postings, *, by: str, kind_of_id: int = 10,
        due_id: str | None = None, stay_id: str | None = None,
    ) -> Iterator[Row]:  # fmt: skip
        entry_id = uuid_of(at, kind_of_id, number)
        for line in lines:
            yield (
                LedgerPosting,
                {"entry_id": entry_id, "site_id": SITE, "account": str(line.account), "paise": line.paise,
                 "shift_id": line.shift},
            )  # fmt: skip
        yield (
            LedgerEntry,
            {
                "id": entry_id, "site_id": SITE, "key": key, "kind": str(kind), "at": at,
                "day": at.astimezone(ZONE).date().isoformat(), "by": by, "due_id": due_id, "stay_id": stay_id,
                "note": "",
            },
        )  # fmt: skip


def _event(
    event_id: str, gate: str, kind: str, at: datetime, stay_id: str, request: str | None, seq: int, plate: str
) -> Row:
    data = {"plate": {"text": plate, "raw": plate, "confidence": 0.97}, "how": "plate"}
    return GateEvent, {
        "id": event_id, "site_id": SITE, "gate_id": gate, "journal": uuid_of(datetime.fromtimestamp(0, ZONE), 11, 0),
        "stream": "money", "seq": seq, "type": kind, "at": at, "wall": at, "clock": "synced", "offline": False,
        "boot": uuid_of(datetime.fromtimestamp(0, ZONE), 11, 1), "mono_ms": seq, "received_at": at,
        "session": stay_id, "stay_id": stay_id, "request": request, "data": json.dumps(data),
    }  # fmt: skip


def _note(stay_id: str, at: datetime, kind: str, gate: str) -> Row:
    return StayEvent, {"stay_id": stay_id, "at": at, "kind": kind, "detail": "{}", "by": f"{SITE}/{gate}"}


def _samples(now: datetime) -> Iterator[Row]:
    last, step = day_figures.slot(now), day_figures.SAMPLE_EVERY
    health = GateHealth(uptime_s=1, outbox=0, vision="ready", temperature_c=55.0, read_rate=0.96, read_p95_ms=180.0)
    for back in range(144 * 2):
        yield OccupancySample, {"site_id": SITE, "at": last - back * step, "inside": 20 + back % 30}
    for gate in (*ENTRIES, *EXITS):
        for back in range(144 * 7):
            row = {"site_id": SITE, "gate_id": gate, "at": last - back * step, "health": health.model_dump_json()}
            yield GateSample, row


def _add_up(session: Any, now: datetime) -> None:
    """The books' daily sums, and the closing of every day but the last two."""
    debit = func.sum(case((LedgerPosting.paise > 0, LedgerPosting.paise), else_=0))
    credit = func.sum(case((LedgerPosting.paise < 0, -LedgerPosting.paise), else_=0))
    sums = (
        select(LedgerEntry.site_id, LedgerEntry.day, LedgerPosting.account, debit, credit)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .group_by(LedgerEntry.site_id, LedgerEntry.day, LedgerPosting.account)
    )
    columns = ["site_id", "day", "account", "debit_paise", "credit_paise"]
    session.execute(insert(LedgerDaySum).from_select(columns, sums))
    open_from = (now.astimezone(ZONE) - timedelta(days=1)).date().isoformat()
    balances: dict[str, int] = {}
    rows = session.scalars(select(LedgerDaySum).where(LedgerDaySum.day < open_from).order_by(LedgerDaySum.day)).all()
    for at, row in enumerate(rows):
        balances[row.account] = balances.get(row.account, 0) + row.debit_paise - row.credit_paise
        if at + 1 == len(rows) or rows[at + 1].day != row.day:
            session.add(LedgerDay(site_id=SITE, day=row.day, closed_at=now, by="bench", balances=dict(balances)))


def _plate(number: int) -> str:
    if holders.is_drivers(number):
        return holders.DRIVERS_PLATE
    if firm.is_firms(number):
        return firm.PLATE
    return f"DL{number % 9 + 1}C{chr(65 + number % 26)}{chr(65 + number // 26 % 26)}{number % 10_000:04d}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
