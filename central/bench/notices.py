"""Notices of violations beside stays: most were let off, some wait for their driver, some are paid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

from central.bench.bulk import Row
from central.bench.visit import Visit, booked, captured, receipt
from central.rules import ledger
from central.rules.ledger import Fact, Split
from central.store.schema import Due, Violation

# what the gates' cameras of this car park have seen, whatever it was
PICTURE = b"\xff\xd8\xff\xe0" + bytes(200) + b"\xff\xd9"
SEEN = hashlib.sha256(PICTURE).hexdigest()
PENALTY = Split(50_000)
_LINES = json.dumps([{"kind": "charge", "text": "Overstay", "amount_paise": 50_000, "element": "", "minutes": 0}])
_OTHERS = "waived"
# of two thousand stays
_STATUS = {202: "notified", 402: "paid"}


def violation(visit: Visit) -> Iterator[Row]:
    status, due_id = _STATUS.get(visit.number % 2_000, _OTHERS), visit.id(46)
    paid_at = visit.left if status == "paid" else None
    yield (
        Due,
        {
            "id": due_id, "stay_id": visit.stay_id, "account_id": None, "kind": "violation",
            "state": "open" if status == "notified" else status,
            "amount_paise": PENALTY.total_paise, "quote": "{}", "quoted_at": visit.left, "stopped_at": visit.left,
            "paid_at": paid_at,
        },
    )  # fmt: skip
    yield (
        Violation,
        {
            "id": visit.id(47), "site_id": visit.site, "kind": "overstay", "key": f"overstay:{visit.stay_id}",
            "status": status, "stay_id": visit.stay_id, "due_id": due_id,
            "gate_id": None, "plate": visit.plate, "vehicle_class": "car", "happened_at": visit.left,
            "since": visit.entered, "facts": "{}", "confidence": 0.97, "amount_paise": PENALTY.total_paise,
            "raised_at": visit.left, "raised_by": "central", "notified_at": visit.left, "notified_how": "page",
            "due_by": visit.left + timedelta(days=15), "decided_at": visit.left if status == _OTHERS else None,
            "image": SEEN, "paid_at": paid_at,
        },
    )  # fmt: skip
    if paid_at is None:
        return
    yield captured(visit, 56, due_id, "notice", PENALTY.total_paise)
    yield receipt(visit, 57, "N", due_id, PENALTY, _LINES, visit.stay_id, 0)
    lines = ledger.paid(PENALTY, Fact.PAID_BY_UPI, penalty=True)
    yield from booked(visit, 58, Fact.PAID_BY_UPI, f"paid:{due_id}", lines, due_id, visit.stay_id)
