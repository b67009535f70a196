"""Accounts beside stays: holders with a pass and a wallet, and the driver who logs in and parks every day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from central.bench.bulk import Row
from central.bench.visit import Visit, booked, captured, receipt
from central.rules import ledger
from central.rules.ledger import Fact, Split
from central.store.schema import (
    Account,
    AccountVehicle,
    Due,
    Pass,
    PassProduct,
    PlateClaim,
    User,
    WalletMove,
)

WALLET_PAISE = 50_000
PASS = Split(100_000, 9_000, 9_000)
PRODUCT = "00000000-0000-7000-8000-000000000001"
DRIVER, DRIVERS_ACCOUNT = "00000000-0000-7000-8000-000000000002", "00000000-0000-7000-8000-000000000003"
DRIVERS_EMAIL, DRIVERS_PLATE = "driver@example.org", "HR26DK0001"
_LINES = json.dumps([{"kind": "charge", "text": "Month", "amount_paise": 118_000, "element": "", "minutes": 0}])


def is_drivers(number: int) -> bool:
    """Whether the number-th stay is the driver's: one a day, and every other of those that got a notice."""
    return number % 200 == 198 or number % 400 == 2


def first(site: str, at: datetime) -> Iterator[Row]:
    """What is there before the first stay: the pass that is sold, and the driver with a vehicle."""
    yield (
        PassProduct,
        {
            "id": PRODUCT, "site_id": site, "name": "Month", "vehicle_classes": '["car"]',
            "price_paise": PASS.total_paise, "tax_rate_bp": 1_800, "days": 30, "hours": 0, "plates": 1,
            "created_at": at, "by": "bench", "ended_at": None,
        },
    )  # fmt: skip
    yield User, {"id": DRIVER, "email": DRIVERS_EMAIL, "name": "Driver", "role": "driver", "created_at": at}
    yield from account(DRIVERS_ACCOUNT, site, "Driver", at, DRIVER)
    yield vehicle("00000000-0000-7000-8000-000000000004", DRIVERS_ACCOUNT, site, DRIVERS_PLATE, at)
    yield (
        PlateClaim,
        {
            "id": "00000000-0000-7000-8000-000000000005", "user_id": DRIVER, "site_id": site, "plate": DRIVERS_PLATE,
            "state": "live", "proof": "office", "account_id": DRIVERS_ACCOUNT, "made_at": at, "since": at,
            "decided_at": at,
        },
    )  # fmt: skip


def holder(visit: Visit) -> Iterator[Row]:
    """An account with a vehicle, money in its wallet, and a pass: every other waits to be paid."""
    account_id, due_id, fill_id = visit.id(49), visit.id(50), visit.id(51)
    yield from account(account_id, visit.site, f"Holder {visit.number}", visit.entered, None)
    yield vehicle(visit.id(52), account_id, visit.site, f"HR26{visit.number:08d}", visit.left)
    paid = visit.number % 200 == 104
    yield _due(visit, due_id, account_id, "pass", PASS.total_paise, paid=paid)
    yield (
        Pass,
        {
            "id": visit.id(53), "product_id": PRODUCT, "account_id": account_id, "site_id": visit.site, "plates": "[]",
            "valid_from": visit.left, "valid_until": visit.left + timedelta(days=30),
            "state": "paid" if paid else "unpaid", "due_id": due_id, "created_at": visit.left, "by": "bench",
            "changed_at": visit.left,
        },
    )  # fmt: skip
    if paid:
        yield captured(visit, 59, due_id, "pass", PASS.total_paise)
        yield receipt(visit, 60, "P", due_id, PASS, _LINES, None, 1_800)
        lines = ledger.paid(PASS, Fact.PAID_BY_UPI)
        yield from booked(visit, 61, Fact.PAID_BY_UPI, f"paid:{due_id}", lines, due_id, None)
    yield from wallet_filled(visit, fill_id, account_id)


def wallet_filled(visit: Visit, due_id: str, account_id: str) -> Iterator[Row]:
    yield _due(visit, due_id, account_id, "wallet", WALLET_PAISE, paid=True)
    yield captured(visit, 54, due_id, "fill", WALLET_PAISE)
    key, lines = f"filled:{due_id}", ledger.postings(Fact.WALLET_FILLED, total=WALLET_PAISE)
    yield from booked(visit, 55, Fact.WALLET_FILLED, key, lines, due_id, None)
    yield WalletMove, {"entry_key": key, "account_id": account_id, "at": visit.left, "paise": WALLET_PAISE}


def account(account_id: str, site: str, name: str, at: datetime, user_id: str | None) -> Iterator[Row]:
    yield (
        Account,
        {"id": account_id, "site_id": site, "user_id": user_id, "name": name, "created_at": at, "by": "bench"},
    )


def vehicle(row_id: str, account_id: str, site: str, plate: str, at: datetime, on_account: bool = False) -> Row:
    return AccountVehicle, {
        "id": row_id, "account_id": account_id, "site_id": site, "plate": plate, "pays_itself": False,
        "on_account_since": at if on_account else None, "changed_at": at,
    }  # fmt: skip


def _due(visit: Visit, due_id: str, account_id: str, kind: str, paise: int, *, paid: bool) -> Row:
    return Due, {
        "id": due_id, "stay_id": None, "account_id": account_id, "kind": kind, "state": "paid" if paid else "open",
        "amount_paise": paise, "quote": "{}", "quoted_at": visit.left, "stopped_at": visit.left,
        "paid_at": visit.left if paid else None,
    }  # fmt: skip
