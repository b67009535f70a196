"""What grows beside stays and shows on pages, each beside some of them: its rows here, or in a file of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from central.bench import told
from central.bench.bulk import Row
from central.bench.holders import DRIVERS_ACCOUNT, holder, is_drivers, wallet_filled
from central.bench.notices import violation
from central.bench.visit import Visit, booked
from central.rules import ledger
from central.rules.ledger import Fact
from central.store.schema import (
    Audit,
    Correction,
    CorrectionImage,
    Coupon,
    CouponUse,
    CreditNote,
    Quarantine,
    Refund,
)


def rows(visit: Visit) -> Iterator[Row]:
    """A line in the audit log now and then; rarer things beside every twentieth, hundredth, five hundredth stay."""
    number = visit.number
    if number % 5 == 0:
        yield _audit(visit)
    if number % 20 == 1:
        yield from _coupon(visit)
    if number % 200 == 2:
        yield from violation(visit)
    if number % 500 == 3:
        yield from _correction(visit)
    if number % 100 == 4:
        yield from holder(visit)
    if number % 100 == 6:
        yield _quarantine(visit)
    if number % 10 == 3:
        yield from told.program(visit)
    if number % 10 == 7:
        yield from told.guest(visit)
    if is_drivers(number):
        yield from told.driver(visit)
    if number % 2_000 == 198:
        yield from wallet_filled(visit, visit.id(51), DRIVERS_ACCOUNT)


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
    yield from booked(visit, 42, Fact.CREDITED, f"credit_note:{note_id}", ledger.credited(split), due_id, visit.stay_id)
    back = ledger.postings(Fact.REFUNDED_BY_UPI, total=amount)
    yield from booked(visit, 43, Fact.REFUNDED_BY_UPI, f"refunded:{refund_id}", back, due_id, visit.stay_id)


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


def _quarantine(visit: Visit) -> Row:
    return Quarantine, {
        "fingerprint": hashlib.sha256(str(visit.number).encode()).hexdigest(), "received_at": visit.left,
        "topic": f"parking/v1/{visit.site}/{visit.gate}/event/money/vehicle.entered", "payload": b"{}",
        "reason": "Event: id: Field required", "seen": True,
    }  # fmt: skip
