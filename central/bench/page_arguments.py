"""What to put into the addresses of pages, so that each shows something of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from central.bench import million
from central.links import Links
from central.store.database import Database
from central.store.schema import (
    Account,
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

    def __init__(self, db: Database, links: Links) -> None:
        self._links = links
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
        links = self._links

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
        return {
            "account_id": newest(Account.id), "coupon_id": newest(Coupon.id), "correction_id": newest(Correction.id),
            "due_id": newest(Due.id, Due.kind == "stay", Due.state == "open"), "note_id": newest(CreditNote.id),
            "pass_id": newest(Pass.id), "receipt_id": receipt and receipt.id, "shift_id": newest(Shift.id),
            "user_id": newest(User.id),
            "sha256": newest(Image.sha256), "violation_id": newest(Violation.id), "stay_id": stay_id,
            "site": million.SITE, "gate": million.ENTRIES[0], "number": 1, "which": "seen",
            "ticket": million.ticket_of(count - 1),
            ("money.postings", "name"): "revenue", ("reports.as_csv", "name"): "days",
            ("corrections.correct", "word"): "plate", ("corrections.correct", "stay_id"): inside,
            ("driver", "token"): token(pay, inside), ("paid_ahead", "token"): token(pay, inside),
            ("coupons.code", "token"): token(pay, inside), ("driver.receipt", "token"): token(pay, stay_id),
            ("paid_ahead.dispute", "token"): token(pay, owing), ("notices", "token"): token(of_notice, notice),
            ("holder.show_wallet", "token"): token(links.wallet_token, newest(Account.id)),
            ("holder.wallet_upi", "token"): token(links.wallet_token, newest(Account.id)),
            ("holder", "token"): token(links.pass_token, newest(Pass.id)),
        }  # fmt: skip
