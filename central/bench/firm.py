"""A firm of the bench's car park: its members' stays go on account, each month has its invoice, paid with the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from central.bench.bulk import Row
from central.bench.holders import account, vehicle
from central.bench.visit import Visit, booked
from central.rules import ledger
from central.rules.invoice import SAC_PARKING
from central.rules.ledger import Fact, Split
from central.store.schema import (
    CorporateCreditNote,
    CorporateInvoice,
    CorporateLine,
    CorporateMove,
    CorporatePart,
    CorporatePayment,
    CorporateTerms,
    Due,
)

FIRM, PLATE = "00000000-0000-7000-8000-000000000007", "HR26FM0001"
ASKED_PAISE = 10_000
_BUYER = '{"legal_name": "Firm", "address": "Delhi", "gstin": "", "state_code": "07", "supply": "site"}'


def is_firms(number: int) -> bool:
    """Whether the number-th stay is of a member: one a day."""
    return number % 200 == 150


class Firm:
    """Makes its rows in the order of its history; what of a month is not over is kept until the month's invoice."""

    def __init__(self) -> None:
        self.month, self.balance = "", 0
        self.waiting: list[tuple[dict[str, Any], dict[str, Any], Split]] = []  # of the month: due, line, its amounts
        self.unpaid: tuple[dict[str, Any], int] | None = None  # the latest invoice, and what is open of it

    def first(self, site: str, at: datetime) -> Iterator[Row]:
        yield from account(FIRM, site, "Firm", at, None)
        yield vehicle("00000000-0000-7000-8000-000000000008", FIRM, site, PLATE, at, on_account=True)
        yield (
            CorporateTerms,
            {
                "account_id": FIRM, "legal_name": "Firm", "gstin": "", "address": "Delhi", "state_code": "07",
                "supply": "site", "credit_limit_paise": 10_000_000, "invoice_day": 1, "payment_days": 15,
                "invoiced_to": f"{at:%Y-%m}", "created_at": at, "by": "bench",
            },
        )  # fmt: skip

    def stay(self, visit: Visit, due: dict[str, Any], lines: str, split: Split, minutes: int) -> Iterator[Row]:
        """A member has left. due: as it is for any stay; lines: of its price."""
        month = visit.day[:7]
        if self.waiting and month != self.month:
            yield from self._month_over(visit)
        self.month, line_id = month, visit.id(67)
        line = {
            "id": line_id, "account_id": FIRM, "invoice_id": None, "credit_id": None, "due_id": due["id"],
            "stay_id": visit.stay_id, "plate": visit.plate, "vehicle_class": "car", "entered_at": visit.entered,
            "left_at": visit.left, "minutes": minutes, "lines": lines, "tax_rate_bp": 1_800, "tax_included": True,
            **_paise([split]),
        }  # fmt: skip
        self.waiting.append((due | {"account_id": FIRM, "state": "on_account", "paid_at": None}, line, split))
        postings, key = ledger.postings(Fact.ACCOUNT_CHARGED, **split.parts()), f"account_charged:{line_id}"
        yield from booked(visit, 68, Fact.ACCOUNT_CHARGED, key, postings, due["id"], visit.stay_id)
        yield self._moved(visit, key, Fact.ACCOUNT_CHARGED, split.total_paise)

    def last(self, visit: Visit) -> Iterator[Row]:
        """After the last stay: what is on no invoice yet, and what its holder is asked for."""
        for due, line, _ in self.waiting:
            yield Due, due
            yield CorporateLine, line
        if self.unpaid is not None:
            yield CorporateInvoice, self.unpaid[0]
        due_id = visit.id(69)
        yield (
            Due,
            {
                "id": due_id, "stay_id": None, "account_id": FIRM, "kind": "corporate", "state": "open",
                "amount_paise": ASKED_PAISE, "quote": "{}", "quoted_at": visit.left, "stopped_at": visit.left,
                "paid_at": None,
            },
        )  # fmt: skip
        yield _payment(visit, visit.id(70), "upi", ASKED_PAISE, None, due_id=due_id)

    def _month_over(self, visit: Visit) -> Iterator[Row]:
        """The month's invoice, of which the first line is taken back again; and the invoice before it is paid."""
        invoice_id, note_id = visit.id(71), visit.id(72)
        credited, whole = self.waiting[0][2], [split for _, _, split in self.waiting]
        for at, (due, line, _) in enumerate(self.waiting):
            yield Due, due | ({} if at else {"state": "waived"})
            yield CorporateLine, line | {"invoice_id": invoice_id, "credit_id": None if at else note_id}
        key, postings = f"account_credited:{note_id}", ledger.postings(Fact.ACCOUNT_CREDITED, **credited.parts())
        yield self._moved(visit, f"invoiced:{invoice_id}", "invoiced", 0, invoice_id)
        yield from booked(visit, 73, Fact.ACCOUNT_CREDITED, key, postings, None, None)
        yield self._moved(visit, key, Fact.ACCOUNT_CREDITED, -credited.total_paise, invoice_id)
        note = {"id": note_id, "serial": f"FC{visit.number:010d}", **_paper(visit), **_paise([credited])}
        yield CorporateCreditNote, note | {"invoice_id": invoice_id, "reason": "another firm's vehicle"}
        if self.unpaid is not None:
            yield from self._paid(visit, *self.unpaid)
        amounts = _paise(whole)
        invoice = {
            "id": invoice_id, "serial": f"F{visit.number:011d}", **_paper(visit), **amounts, "account_id": FIRM,
            "month": self.month, "due_on": (visit.left + timedelta(days=15)).date().isoformat(), "buyer": _BUYER,
            "sac": SAC_PARKING, "supplier_state": "07", "place_of_supply": "07",
            "credited_paise": credited.total_paise, "settled_paise": 0,
        }  # fmt: skip
        self.unpaid, self.waiting = (invoice, amounts["total_paise"] - credited.total_paise), []

    def _paid(self, visit: Visit, invoice: dict[str, Any], paise: int) -> Iterator[Row]:
        payment_id, postings = visit.id(74), ledger.postings(Fact.ACCOUNT_PAID_AT_BANK, total=paise)
        yield CorporateInvoice, invoice | {"settled_paise": paise}
        yield _payment(visit, payment_id, "transfer", paise, invoice["id"], received_at=visit.left)
        yield CorporatePart, {"payment_id": payment_id, "invoice_id": invoice["id"], "paise": paise}
        key = f"account_paid:{payment_id}"
        yield from booked(visit, 75, Fact.ACCOUNT_PAID_AT_BANK, key, postings, None, None)
        yield self._moved(visit, key, Fact.ACCOUNT_PAID_AT_BANK, -paise, invoice["id"])

    def _moved(self, visit: Visit, key: str, kind: str, paise: int, invoice_id: str | None = None) -> Row:
        self.balance += paise
        return CorporateMove, {
            "account_id": FIRM, "entry_key": key, "at": visit.left, "kind": str(kind), "paise": paise,
            "balance_paise": self.balance, "note": visit.plate, "invoice_id": invoice_id,
        }  # fmt: skip


def _payment(
    visit: Visit, payment_id: str, how: str, paise: int, invoice_id: str | None, *, due_id: str | None = None,
    received_at: datetime | None = None,
) -> Row:  # fmt: skip
    return CorporatePayment, {
        "id": payment_id, "account_id": FIRM, "how": how, "reference": f"N{visit.number:011d}", "paise": paise,
        "invoice_id": invoice_id, "due_id": due_id, "created_at": visit.left, "by": "bench", "received_at": received_at,
    }  # fmt: skip


def _paper(visit: Visit) -> dict[str, Any]:
    """What an invoice and a credit note have in common."""
    year = visit.left.year
    return {"site_id": visit.site, "financial_year": year, "issued_at": visit.left, "by": "bench"}


def _paise(splits: Sequence[Split]) -> dict[str, int]:
    parts = [split.parts() for split in splits]
    return {f"{name}_paise": sum(one[name] for one in parts) for name in parts[0]}
