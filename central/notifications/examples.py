"""Facts of every event as they might be, for looking at its template."""

from __future__ import annotations

from typing import Any

from central.rules.telling import Event

_ID = "01993b3c-7d3a-7000-8000-000000000001"
_STAY = {"stay": _ID, "plate": "DL1CAB1234"}
_NOTICE = {
    "violation": _ID, "plate": "DL1CAB1234", "kind": "unpaid_exit", "happened_at": "2026-11-24T08:15:00+00:00",
    "amount_paise": 500_00, "due_by_at": "2026-12-09T08:15:00+00:00",
}  # fmt: skip
_FAULT = {
    "gate": "entry-1", "gate_name": "North entry", "fault": "closing_loop_stuck", "detail": "active for 30 minutes",
    "since_at": "2026-11-24T08:15:00+00:00",
}  # fmt: skip

FACTS: dict[Event, dict[str, Any]] = {
    Event.ENTERED: {**_STAY, "entered_at": "2026-11-24T04:30:00+00:00"},
    Event.EXITED: {**_STAY, "exited_at": "2026-11-24T06:10:00+00:00", "receipt": _ID, "paid_paise": 270_00},
    Event.PAID: {**_STAY, "amount_paise": 270_00, "for": "stay", "receipt": _ID, "serial": "DELH/2627/000042"},
    Event.PAYMENT_FAILED: {**_STAY, "amount_paise": 270_00, "code": "Z9"},
    Event.REFUNDED: {**_STAY, "amount_paise": 270_00, "twice": True},
    Event.EXPIRING: {**_STAY, "until_at": "2026-11-24T12:30:00+00:00"},
    Event.OVERSTAYED: {**_STAY, "until_at": "2026-11-24T12:30:00+00:00"},
    Event.VIOLATION: _NOTICE,
    Event.DECISION: {**_NOTICE, "status": "upheld", "why": "the pictures show the vehicle leaving"},
    Event.PASS_EXPIRING: {"pass": _ID, "plates": "DL1CAB1234, MH12AB1234", "until_at": "2026-11-30T18:30:00+00:00"},
    Event.LOW_WALLET: {"account": _ID, "holds_paise": 85_00},
    Event.CLAIM: {"plate": "DL1CAB1234", "decided": False},
    Event.CODE: {"code": "204816"},
    Event.INVITATION: {"url": "https://parking.example.org/invitation/...", "role": "supervisor"},
    Event.SECURITY: {"what": "password changed"},
    Event.FAULT: _FAULT,
    Event.FAULT_OVER: {**_FAULT, "ended_at": "2026-11-24T09:02:00+00:00"},
    Event.REPORT: {
        "day": "2026-11-24", "arrivals": 412, "exits": 398, "taken_paise": 61_240_00, "given_back_paise": 340_00,
        "owed_paise": 510_00, "appeals": 2,
    },
}  # fmt: skip
