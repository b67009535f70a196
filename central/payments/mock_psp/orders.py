"""The PSP's own books, in SQLite: orders, the payments made on them, refunds, and webhooks still to deliver."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

import sqlite_utils

from central.payments.mock_psp.behaviour import Answer

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders(
  id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, amount_paise INTEGER NOT NULL, note TEXT NOT NULL,
  return_url TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS payments(
  id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders(id), status TEXT NOT NULL, code TEXT NOT NULL,
  message TEXT NOT NULL, vpa TEXT NOT NULL, rrn TEXT NOT NULL, at REAL NOT NULL, late_at REAL);
CREATE TABLE IF NOT EXISTS collects(
  order_id TEXT PRIMARY KEY REFERENCES orders(id), vpa TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS refunds(
  id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, payment_id TEXT NOT NULL REFERENCES payments(id),
  amount_paise INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS webhooks(
  id TEXT PRIMARY KEY, body TEXT NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  delivered_at REAL);
"""


class Refused(ValueError):
    """A request the PSP does not accept; `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Books:
    """Every method is one transaction; safe from several threads."""

    def __init__(self, path: Path) -> None:
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;" + SCHEMA)
        self._db = sqlite_utils.Database(connection)
        self._lock = threading.RLock()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self):
        with self._lock, self._db.atomic():
            yield self._db

    def place(
        self, reference: str, amount_paise: int, note: str, return_url: str, expires_at: float, now: float
    ) -> tuple[dict, bool]:
        """The order under `reference` and whether it is new. Refused (409) where it was used for another amount."""
        with self._transaction() as db:
            for order in db.query("SELECT * FROM orders WHERE reference = ?", [reference]):
                if order["amount_paise"] != amount_paise:
                    raise Refused(f"reference {reference!r} was already used for another amount", 409)
                return order, False
            order = {
                "id": "order_" + secrets.token_hex(10),
                "reference": reference,
                "amount_paise": amount_paise,
                "note": note,
                "return_url": return_url,
                "created_at": now,
                "expires_at": expires_at,
            }
            db["orders"].insert(order)
            return order, True

    def order(self, order_id: str) -> dict:
        """The order with its payments, oldest first; Refused (404) when there is none."""
        with self._transaction() as db:
            for order in db.query("SELECT * FROM orders WHERE id = ?", [order_id]):
                payments = list(db.query("SELECT * FROM payments WHERE order_id = ? ORDER BY at, id", [order_id]))
                return order | {"payments": payments}
        raise Refused(f"order {order_id!r}: there is none", 404)

    def pay(self, order_id: str, vpa: str, answer: Answer, now: float) -> dict:
        """Records one payment as `answer` says and queues its webhook. Refused when expired or already captured."""
        with self._transaction() as db:
            order = self.order(order_id)
            if any(payment["status"] == "captured" for payment in order["payments"]):
                raise Refused("this order is already paid", 409)
            if any(payment["status"] == "pending" for payment in order["payments"]):
                raise Refused("a payment of this order is still pending; do not pay again", 409)
            if now >= order["expires_at"]:
                raise Refused("this order has expired; ask for a new one", 410)
            payment = {
                "id": "pay_" + secrets.token_hex(10),
                "order_id": order_id,
                "status": answer.status,
                "code": answer.code,
                "message": answer.message,
                "vpa": vpa,
                "rrn": str(secrets.randbelow(10**12)).zfill(12),
                "at": now,
                "late_at": None if answer.late_s is None else now + answer.late_s,
            }
            db["payments"].insert(payment)
            self._announce(order, payment, now)
            return payment

    def collect(self, order_id: str, vpa: str, now: float) -> None:
        """A payer is asked in the app, one for an order. Refused where that is paid (409), over (410), or asked."""
        with self._transaction() as db:
            order, before = self.order(order_id), self.asked(order_id)
            if before not in (None, vpa):
                raise Refused("another payer was asked for this order", 409)
            if any(payment["status"] in ("captured", "pending") for payment in order["payments"]):
                raise Refused("this order is paid, or a payment of it is pending", 409)
            if now >= order["expires_at"]:
                raise Refused("this order has expired; ask for a new one", 410)
            db["collects"].insert({"order_id": order_id, "vpa": vpa, "at": now}, pk="order_id", ignore=True)

    def asked(self, order_id: str) -> str | None:
        """The payer who was asked in the app for an order."""
        with self._transaction() as db:
            found = db.query("SELECT vpa FROM collects WHERE order_id = ?", [order_id])
            return next((row["vpa"] for row in found), None)

    def settle_late(self, now: float) -> int:
        """Captures pending payments whose bank has answered at last; how many."""
        with self._transaction() as db:
            due = list(db.query("SELECT * FROM payments WHERE status = 'pending' AND late_at <= ?", [now]))
            for payment in due:
                changed = payment | {"status": "captured", "code": "00", "message": "Payment successful"}
                db["payments"].update(payment["id"], {key: changed[key] for key in ("status", "code", "message")})
                self._announce(self.order(payment["order_id"]), changed, now)
            return len(due)

    def refund(self, reference: str, payment_id: str, amount_paise: int, now: float) -> dict:
        """The refund under `reference`; a repeat returns the first. Refused beyond what was captured."""
        with self._transaction() as db:
            for refund in db.query("SELECT * FROM refunds WHERE reference = ?", [reference]):
                if (refund["payment_id"], refund["amount_paise"]) != (payment_id, amount_paise):
                    raise Refused(f"refund reference {reference!r} was already used for another refund", 409)
                return refund
            rows = list(
                db.query(
                    "SELECT p.status, o.amount_paise, (SELECT coalesce(sum(r.amount_paise), 0) FROM refunds r"
                    " WHERE r.payment_id = p.id) AS refunded"
                    " FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = ?",
                    [payment_id],
                )
            )
            if not rows or rows[0]["status"] != "captured":
                raise Refused(f"payment {payment_id!r}: not a captured payment", 404)
            if amount_paise + rows[0]["refunded"] > rows[0]["amount_paise"]:
                raise Refused(f"refund of {amount_paise} paise: more than is left of the payment", 422)
            refund = {
                "id": "rfnd_" + secrets.token_hex(10),
                "reference": reference,
                "payment_id": payment_id,
                "amount_paise": amount_paise,
                "at": now,
            }
            db["refunds"].insert(refund)
            return refund

    def captured(self, begin: float, end: float) -> list[dict]:
        """Payments captured from `begin` to before `end`, a late one when its bank answered; oldest first."""
        query = (
            "SELECT p.id, o.reference, o.amount_paise, coalesce(p.late_at, p.at) AS captured_at"
            " FROM payments p JOIN orders o ON o.id = p.order_id"
            " WHERE p.status = 'captured' AND captured_at >= ? AND captured_at < ? ORDER BY captured_at, p.id"
        )
        with self._transaction() as db:
            return list(db.query(query, [begin, end]))

    def given_back(self, begin: float, end: float) -> list[dict]:
        """Refunds made from `begin` to before `end`, oldest first."""
        with self._transaction() as db:
            return list(db.query("SELECT * FROM refunds WHERE at >= ? AND at < ? ORDER BY at, id", [begin, end]))

    def next_webhook(self, now: float) -> dict | None:
        """The oldest webhook whose time to be sent has come."""
        with self._transaction() as db:
            query = "SELECT * FROM webhooks WHERE delivered_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT 1"
            return next(iter(db.query(query, [now])), None)

    def delivered(self, webhook_id: str, now: float) -> None:
        with self._transaction() as db:
            db["webhooks"].update(webhook_id, {"delivered_at": now})

    def retry_later(self, webhook: dict, now: float) -> None:
        """Back-off doubling from half a second, at most a minute."""
        with self._transaction() as db:
            wait = min(60.0, 0.5 * 2 ** webhook["attempts"])
            db["webhooks"].update(webhook["id"], {"attempts": webhook["attempts"] + 1, "due_at": now + wait})

    def _announce(self, order: dict, payment: dict, now: float) -> None:
        webhook_id = "evt_" + secrets.token_hex(10)
        body = {"id": webhook_id, "type": f"payment.{payment['status']}", "at": now, "order": order_view(order)}
        body["payment"] = payment_view(payment)
        self._db["webhooks"].insert({"id": webhook_id, "body": json.dumps(body), "due_at": now})


def order_view(order: dict) -> dict:
    """An order as the API and webhooks show it."""
    return {key: order[key] for key in ("id", "reference", "amount_paise", "note", "created_at", "expires_at")}


def payment_view(payment: dict) -> dict:
    """A payment as the API and webhooks show it."""
    return {key: payment[key] for key in ("id", "status", "code", "message", "vpa", "rrn", "at")}
