"""A look at the books, and a payment provider in memory whose words a test speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from central.actions import ledger
from central.actions.ledger_check import balance
from central.payments import service
from central.payments.provider import Order, Placed, ProviderEvent
from central.rules.ledger_accounts import Account
from central.store.database import Database
from central.store.schema import LedgerEntry, Refund


def balances(db: Database) -> dict[str, int]:
    """Every account that is not at 0, in rupees, debits positive. The books are sound."""
    with db.read() as session:
        assert ledger.check(session) == []
        found = {str(account): balance(session, account) for account in Account}
    return {account: paise / 100 for account, paise in found.items() if paise}


def kinds(db: Database) -> list[str]:
    """What was booked, in its order."""
    with db.read() as session:
        return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)))


@dataclass
class Psp:
    """Takes every order and gives back whatever it is asked to."""

    name: str = "mock_upi"
    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, tuple[str, int]] = field(default_factory=dict)

    def place(self, order: Order, now: datetime) -> Placed:
        self.orders[order.reference] = order
        return Placed(f"order_{order.reference}", f"upi://pay?tr={order.reference}", "http://psp/pay")

    def events(self, order_ref: str) -> list[ProviderEvent]:
        return []

    def refund(self, reference: str, payment_ref: str, amount_paise: int) -> str:
        self.refunds[reference] = (payment_ref, amount_paise)
        return f"rfnd_{reference}"

    def begin(self, db: Database, due_id: str, now: datetime) -> str:
        """A driver opens a payment; its order's reference."""
        offer = service.start_attempt(db, self, due_id, "http://r", timedelta(minutes=10), now)
        return offer.attempt_id.replace("-", "")

    def event(self, reference: str, status: str, now: datetime, *, payment: str = "", paise: int = 0) -> ProviderEvent:
        payment = payment or f"pay_{reference[-12:]}"
        amount = paise or self.orders[reference].amount_paise
        return ProviderEvent(
            f"{payment}:{status}", reference, payment, status, "00", amount, "asha@bank", now, "{}"
        )  # fmt: skip

    def hear(self, db: Database, event: ProviderEvent, now: datetime) -> str:
        with db.begin() as session:
            return service.apply_event(session, self.name, event, now)

    def give_back(self, db: Database, now: datetime) -> None:
        """The jobs that give money back are done."""
        with db.read() as session:
            waiting = list(session.scalars(select(Refund.id).where(Refund.state == "requested")))
        for refund_id in waiting:
            service.send_refund(db, self, refund_id, now)


def settlement_csv(day: str, rows: Iterable[tuple[str, str, str, str, int, int]], utr: str = "UTR1") -> bytes:
    """A settlement file. rows: type, reference, payment, refund, amount and fee (its GST a fifth), in paise."""

    def rupees(paise: int) -> str:
        return f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"

    lines = ["date,type,reference,payment,refund,amount,fee,gst_on_fee,net,utr"]
    for kind, reference, payment, refund, amount, fee in rows:
        net = -amount if kind == "refund" else amount - fee - fee // 5
        cells = [day, kind, reference, payment, refund, *map(rupees, (amount, fee, fee // 5, net)), utr]
        lines.append(",".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode()
