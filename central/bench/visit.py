"""One stay of the bench's car park, and the rows that money makes beside any stay: entries, captures, receipts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from central.bench.bulk import Row
from central.rules import invoice, ledger
from central.rules.ledger import Fact, Split
from central.store.schema import Attempt, LedgerEntry, LedgerPosting, Receipt


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay that others are beside."""

    number: int
    site: str
    day: str
    stay_id: str
    plate: str
    gate: str
    entered: datetime
    left: datetime

    def id(self, kind: int) -> str:
        ms = int(self.left.timestamp() * 1000)
        return f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7{kind:03x}-8000-{self.number:012x}"


def captured(visit: Visit, kind_of_id: int, due_id: str, ref: str, paise: int, *, provider: str = "mock_upi") -> Row:
    """The one capture that paid a due."""
    return Attempt, {
        "id": visit.id(kind_of_id), "due_id": due_id, "provider": provider, "provider_ref": f"{ref}_{visit.number}",
        "payment_ref": f"{ref}_{visit.number}", "state": "captured", "amount_paise": paise, "captured_paise": paise,
        "created_at": visit.left, "expires_at": visit.left, "finished_at": visit.left, "applied": True,
    }  # fmt: skip


def receipt(
    visit: Visit, kind_of_id: int, serial: str, due_id: str, split: Split, lines: str, stay_id: str | None, rate_bp: int
) -> Row:
    """Of what is no parking of the stay itself: serials of the stays' own are numbers alone."""
    return Receipt, {
        "id": visit.id(kind_of_id), "serial": f"{serial}{visit.number:011d}", "site_id": visit.site,
        "financial_year": visit.left.year, "stay_id": stay_id, "due_id": due_id, "issued_at": visit.left,
        "lines": lines, "sac": invoice.SAC_PARKING, "supplier_state": "07", "place_of_supply": "07",
        "tax_rate_bp": rate_bp, "tax_included": True, "taxable_paise": split.taxable_paise,
        "cgst_paise": split.cgst_paise, "sgst_paise": split.sgst_paise, "igst_paise": 0,
        "rounding_paise": split.rounding_paise, "total_paise": split.total_paise,
    }  # fmt: skip


def booked(
    visit: Visit, kind_of_id: int, kind: Fact, key: str, lines: ledger.Postings, due_id: str, stay_id: str | None
) -> Iterator[Row]:
    entry_id = visit.id(kind_of_id)
    for line in lines:
        yield (
            LedgerPosting,
            {"entry_id": entry_id, "site_id": visit.site, "account": str(line.account), "paise": line.paise,
             "shift_id": line.shift},
        )  # fmt: skip
    yield (
        LedgerEntry,
        {
            "id": entry_id, "site_id": visit.site, "key": key, "kind": str(kind), "at": visit.left, "day": visit.day,
            "by": "bench", "due_id": due_id, "stay_id": stay_id, "note": "",
        },
    )  # fmt: skip
