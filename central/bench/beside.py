"""What grows beside stays and shows on pages: notices, passes, wallets, coupons, corrections, refunds, audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.bench.bulk import Row
from central.rules import ledger
from central.rules.ledger import Fact
from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    Audit,
    Correction,
    CorrectionImage,
    Coupon,
    CouponUse,
    CreditNote,
    Due,
    LedgerEntry,
    LedgerPosting,
    Pass,
    PassProduct,
    Quarantine,
    Refund,
    Violation,
    WalletMove,
)

WALLET_PAISE, PASS_PAISE = 50_000, 118_000


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


def product(site: str, at: datetime) -> Row:
    return PassProduct, {
        "id": "00000000-0000-7000-8000-000000000001", "site_id": site, "name": "Month", "vehicle_classes": '["car"]',
        "price_paise": PASS_PAISE, "tax_rate_bp": 1_800, "days": 30, "hours": 0, "plates": 1, "created_at": at,
        "by": "bench", "ended_at": None,
    }  # fmt: skip


def rows(visit: Visit) -> Iterator[Row]:
    """A line in the audit log now and then; rarer things beside every twentieth, hundredth, five hundredth stay."""
    number = visit.number
    if number % 5 == 0:
        yield _audit(visit)
    if number % 20 == 1:
        yield from _coupon(visit)
    if number % 200 == 2:
        yield from _violation(visit)
    if number % 500 == 3:
        yield from _correction(visit)
    if number % 100 == 4:
        yield from _holder(visit)
    if number % 100 == 6:
        yield _quarantine(visit)


def refund(visit: Visit, due_id: str, attempt_id: str, receipt_id: str, split: ledger.Split) -> Iterator[Row]:
    """All of a payment by UPI is given back."""
    refund_id, note_id = visit.id(40), visit.id(41)
    amount = split.total_paise
    yield (
        Refund,
        {
            "id": refund_id, "attempt_id": attempt_id, "payment_ref": f"pay_{visit.number}", "amount_paise": amount,
            "reason": "overcharged", "state": "done", "provider_ref": f"rfnd_{visit.number}", "created_at": visit.left,
            "done_at": visit.left,
        },
    )  # fmt: skip
    yield (
        CreditNote,
        {
            "id": note_id, "serial": f"C{visit.number:011d}", "site_id": visit.site,
            "financial_year": visit.left.year, "receipt_id": receipt_id, "refund_id": refund_id,
            "issued_at": visit.left, "by": "ravi@example.org", "reason": "overcharged", "amount_before_paise": 0,
            "taxable_paise": split.taxable_paise, "cgst_paise": split.cgst_paise, "sgst_paise": split.sgst_paise,
            "igst_paise": 0, "rounding_paise": split.rounding_paise, "total_paise": amount,
        },
    )  # fmt: skip
    yield from _booked(
        visit, 42, Fact.CREDITED, f"credit_note:{note_id}", ledger.credited(split), due_id, visit.stay_id
    )
    back = ledger.postings(Fact.REFUNDED_BY_UPI, total=amount)
    yield from _booked(visit, 43, Fact.REFUNDED_BY_UPI, f"refunded:{refund_id}", back, due_id, visit.stay_id)


def _audit(visit: Visit) -> Row:
    order = visit.number % 50 == 0
    return Audit, {
        "at": visit.entered, "by": "asha@example.org", "what": "order open" if order else "logged in",
        "subject": f"{visit.site}/{visit.gate}" if order else "staff",
        "detail": json.dumps({"cmd_id": visit.id(44), "reason": "visitor"} if order else {}),
    }  # fmt: skip


def _coupon(visit: Visit) -> Iterator[Row]:
    first = visit.number - visit.number % 100 + 1
    coupon_id = f"00000000-0000-7000-8000-{first:012x}"
    if visit.number == first:
        yield (
            Coupon,
            {
                "id": coupon_id, "site_id": visit.site, "code": f"FREE{first}", "name": "Shop", "kind": "minutes",
                "value": 30, "valid_from": None, "valid_to": None, "stackable": False, "per_code": None,
                "per_day": None, "per_stay": 1, "shop_id": None, "created_at": visit.entered, "by": "bench",
                "ended_at": None,
            },
        )  # fmt: skip
    yield (
        CouponUse,
        {
            "id": visit.id(45), "coupon_id": coupon_id, "stay_id": visit.stay_id, "day": visit.day, "state": "returned",
            "due_id": None, "at": visit.entered, "by": "driver", "changed_at": visit.left, "why": "ended",
        },
    )  # fmt: skip


def _violation(visit: Visit) -> Iterator[Row]:
    """Every tenth waits for its driver, the others were let off."""
    live = visit.number % 2_000 == 2
    due_id = visit.id(46)
    yield (
        Due,
        {
            "id": due_id, "stay_id": visit.stay_id, "account_id": None, "kind": "violation",
            "state": "open" if live else "waived",
            "amount_paise": 50_000, "quote": "{}", "quoted_at": visit.left, "stopped_at": visit.left, "paid_at": None,
        },
    )  # fmt: skip
    yield (
        Violation,
        {
            "id": visit.id(47), "site_id": visit.site, "kind": "overstay", "key": f"overstay:{visit.stay_id}",
            "status": "notified" if live else "waived", "stay_id": visit.stay_id, "due_id": due_id,
            "gate_id": None, "plate": visit.plate, "vehicle_class": "car", "happened_at": visit.left,
            "since": visit.entered, "facts": "{}", "confidence": 0.97, "amount_paise": 50_000,
            "raised_at": visit.left, "raised_by": "central", "notified_at": visit.left, "notified_how": "page",
            "due_by": visit.left + timedelta(days=15), "decided_at": None if live else visit.left,
        },
    )  # fmt: skip


def _correction(visit: Visit) -> Iterator[Row]:
    correction_id = visit.id(48)
    yield (
        Correction,
        {
            "id": correction_id, "site_id": visit.site, "stay_id": visit.stay_id, "kind": "plate",
            "reason": "seen on the picture", "by": "asha@example.org", "role": "attendant", "at": visit.left,
        },
    )  # fmt: skip
    change = {"plate": visit.plate}
    yield (
        CorrectionImage,
        {"correction_id": correction_id, "of": "stay", "row_id": visit.stay_id,
         "before": json.dumps({"plate": "DL1CAA0000"}), "after": json.dumps(change)},
    )  # fmt: skip


def _holder(visit: Visit) -> Iterator[Row]:
    """An account with a vehicle, a pass that waits to be paid, and money in its wallet."""
    account_id, due_id, fill_id = visit.id(49), visit.id(50), visit.id(51)
    yield (
        Account,
        {"id": account_id, "site_id": visit.site, "name": f"Holder {visit.number}", "created_at": visit.entered,
         "by": "bench"},
    )  # fmt: skip
    yield (
        AccountVehicle,
        {"id": visit.id(52), "account_id": account_id, "site_id": visit.site, "plate": f"HR26{visit.number:08d}",
         "pays_itself": False, "changed_at": visit.entered},
    )  # fmt: skip
    for one, kind, state, paise in ((due_id, "pass", "open", PASS_PAISE), (fill_id, "wallet", "paid", WALLET_PAISE)):
        yield (
            Due,
            {
                "id": one, "stay_id": None, "account_id": account_id, "kind": kind, "state": state,
                "amount_paise": paise, "quote": "{}",
                "quoted_at": visit.left, "stopped_at": visit.left,
                "paid_at": visit.left if state == "paid" else None,
            },
        )  # fmt: skip
    yield (
        Pass,
        {
            "id": visit.id(53), "product_id": "00000000-0000-7000-8000-000000000001", "account_id": account_id,
            "site_id": visit.site, "plates": "[]", "valid_from": visit.left,
            "valid_until": visit.left + timedelta(days=30), "state": "unpaid", "due_id": due_id,
            "created_at": visit.left, "by": "bench", "changed_at": visit.left,
        },
    )  # fmt: skip
    yield (
        Attempt,
        {
            "id": visit.id(54), "due_id": fill_id, "provider": "mock_upi", "provider_ref": f"fill_{visit.number}",
            "payment_ref": f"fill_{visit.number}", "state": "captured", "amount_paise": WALLET_PAISE,
            "captured_paise": WALLET_PAISE, "created_at": visit.left, "expires_at": visit.left,
            "finished_at": visit.left, "applied": True,
        },
    )  # fmt: skip
    key = f"wallet:{fill_id}"
    lines = ledger.postings(Fact.WALLET_FILLED, total=WALLET_PAISE)
    yield from _booked(visit, 55, Fact.WALLET_FILLED, key, lines, fill_id, None)
    yield WalletMove, {"entry_key": key, "account_id": account_id, "at": visit.left}


def _quarantine(visit: Visit) -> Row:
    return Quarantine, {
        "fingerprint": hashlib.sha256(str(visit.number).encode()).hexdigest(), "received_at": visit.left,
        "topic": f"parking/v1/{visit.site}/{visit.gate}/event/money/vehicle.entered", "payload": b"{}",
        "reason": "Event: id: Field required", "seen": True,
    }  # fmt: skip


def _booked(
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
