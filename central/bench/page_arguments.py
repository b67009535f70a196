"""What to put into the addresses of pages, so that each shows something of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from central.bench import firm, holders, million, told
from central.bench.opened import Opened
from central.links import Links
from central.notifications.doors import Doors
from central.store.database import Database
from central.store.schema import (
    Attempt,
    CorporateCreditNote,
    Correction,
    Coupon,
    CreditNote,
    Due,
    Image,
    Pass,
    Receipt,
    Shift,
    Stay,
    User,
    Violation,
)


class Arguments:
    """Finds them once for a database: of each thing the newest, or the newest of the kind that the page is for."""

    def __init__(self, db: Database, links: Links, opened: Opened) -> None:
        self._doors, self._opened = Doors.beside(links), opened
        with db.read() as session:
            self._known = self._find(session)

    def path(self, rule: Rule) -> str | None:
        """The page's address; None where the data has nothing to fill it with."""
        path = rule.rule
        for name in rule.arguments:
            value = self._known.get((rule.endpoint, name)) or self._known.get((rule.endpoint.split(".")[0], name))
            value = value or self._known.get(name)
            if value is None:
                return None
            for converter in ("", "int:", "path:", "string:"):
                path = path.replace(f"<{converter}{name}>", quote(str(value), safe=""))
        return path

    def _find(self, session: Session) -> dict[Any, Any]:
        links, opened = self._doors, self._opened

        def newest(column, *where) -> Any:
            return session.scalar(select(column).where(*where).order_by(column.desc()).limit(1))

        def token(make: Callable[[str], str], row_id: str | None) -> str | None:
            return None if row_id is None else make(row_id)

        receipt = session.scalar(select(Receipt).order_by(Receipt.id.desc()).limit(1))
        inside = newest(Stay.id, Stay.status == "open")
        owing = newest(Stay.id, Stay.status == "left_owing")
        count = session.scalar(select(func.count()).select_from(Stay))
        stay_id = receipt.stay_id if receipt else inside
        notice = newest(Violation.id, Violation.status == "notified")
        pay, of_notice = links.pay_token, links.notice_token
        paid_notice = newest(Violation.id, Violation.status == "paid")
        sold, unpaid = newest(Pass.id, Pass.state == "paid"), newest(Pass.id, Pass.state == "unpaid")
        holder = session.scalar(select(Pass.account_id).where(Pass.id == sold))
        filled = newest(Due.id, Due.account_id == holder, Due.kind == "wallet")
        note_id = newest(CorporateCreditNote.id)
        invoice = session.scalar(select(CorporateCreditNote.invoice_id).where(CorporateCreditNote.id == note_id))
        of_firm = {"account_id": firm.FIRM, "invoice_id": invoice, "note_id": note_id}
        wallet, of_invoice = links.wallet_token(holders.DRIVERS_ACCOUNT), token(links.invoice_token, invoice)
        drivers = newest(Stay.id, Stay.status == "open", Stay.plate == holders.DRIVERS_PLATE)
        return {
            "account_id": holder, "coupon_id": newest(Coupon.id), "correction_id": newest(Correction.id),
            "due_id": newest(Due.id, Due.kind == "stay", Due.state == "open"), "note_id": newest(CreditNote.id),
            "pass_id": newest(Pass.id), "receipt_id": receipt and receipt.id, "shift_id": newest(Shift.id),
            "user_id": newest(User.id), "attempt_id": newest(Attempt.id, Attempt.provider == "mock_upi"),
            "endpoint_id": told.ENDPOINT, "draft_id": opened.draft_id, "event": "paid", "language": "en",
            "sha256": newest(Image.sha256), "violation_id": newest(Violation.id), "stay_id": stay_id,
            "site": million.SITE, "site_id": million.SITE, "gate": million.ENTRIES[0], "number": 1, "which": "seen",
            "ticket": million.ticket_of(count - 1),
            ("money.postings", "name"): "revenue", ("reports.as_csv", "name"): "days",
            ("corrections.correct", "word"): "plate", ("corrections.correct", "stay_id"): inside,
            ("accounts.top_up_slip", "due_id"): filled,
            ("accounts.take", "due_id"): newest(Due.id, Due.kind == "pass", Due.state == "open"),
            **{("corporate", name): value for name, value in of_firm.items()},
            ("corporate_holder", "note_id"): note_id, ("corporate_holder", "token"): of_invoice,
            ("corporate_holder.firm", "token"): links.firm_token(firm.FIRM),
            ("corporate_holder.upi", "token"): links.firm_token(firm.FIRM),
            ("coupons.code", "token"): token(pay, inside), ("coupons.shop", "token"): opened.shop,
            ("door.invitation", "token"): opened.invitation,
            ("driver", "token"): token(pay, inside), ("driver.receipt", "token"): token(pay, stay_id),
            ("holder", "token"): token(links.pass_token, unpaid),
            ("holder.pass_receipt", "token"): token(links.pass_token, sold),
            ("holder.show_wallet", "token"): wallet, ("holder.wallet_upi", "token"): wallet,
            ("holder.stay_upi", "token"): wallet, ("holder.stay_upi", "stay_id"): drivers,
            ("holder.top_up_slip", "token"): token(links.wallet_token, holder),
            ("holder.top_up_slip", "due_id"): filled,
            ("notices", "token"): token(of_notice, notice), ("notices.receipt", "token"): token(of_notice, paid_notice),
            ("paid_ahead", "token"): token(pay, inside), ("paid_ahead.book_on_account", "token"): wallet,
            ("paid_ahead.dispute", "token"): token(pay, owing),
            ("told", "token"): links.choose_token(told.INBOX), ("told.inbox", "token"): links.inbox_token(told.INBOX),
            ("told.contact", "token"): token(pay, inside),
        }  # fmt: skip
