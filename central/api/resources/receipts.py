"""Tax invoices, and money that goes back."""

from __future__ import annotations

from pydantic import Field

from central.actions.billing import lines_from_json
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.resources.shared import LineAnswer, lined
from central.api.words import (
    INR,
    Answer,
    Body,
    Currency,
    Id,
    IdPath,
    Instant,
    Page,
    Paise,
    Reason,
    SitePageQuery,
    SomePaise,
)
from central.payments import refunds
from central.store.reads import api as reads
from central.store.schema import Receipt

TAG = "Money"


class CreditNoteAnswer(Answer):
    id: str
    serial: str
    issued_at: Instant
    total_paise: Paise
    currency: Currency
    reason: str


class ReceiptAnswer(Answer):
    """A tax invoice: taxable value, taxes and rounding come to the total."""

    id: str
    serial: str
    site: str
    financial_year: int
    issued_at: Instant
    due_id: str
    stay_id: str | None
    lines: list[LineAnswer]
    sac: str
    place_of_supply: str
    tax_rate_bp: int
    tax_included: bool
    taxable_paise: Paise
    cgst_paise: Paise
    sgst_paise: Paise
    igst_paise: Paise
    rounding_paise: Paise
    total_paise: Paise
    currency: Currency
    credit_notes: list[CreditNoteAnswer]


class ReceiptPage(Page):
    receipts: list[ReceiptAnswer]


class ReceiptsQuery(SitePageQuery):
    stay: Id | None = None


class RefundBody(Body):
    amount_paise: SomePaise = Field(description="At most what is left of the receipt.")
    reason: Reason


@get("/receipts", "payments:read", ReceiptPage, TAG)
def list_receipts(at: Asked, query: ReceiptsQuery) -> ReceiptPage:
    """Receipts, the newest first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, Receipt, at.among(query.site), query.limit, before, stay_id=query.stay)
    return ReceiptPage(receipts=[_receipt(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/receipts/<id>", "payments:read", ReceiptAnswer, TAG)
def get_receipt(at: Asked, path: IdPath) -> ReceiptAnswer:
    """One receipt"""
    return _receipt(at, at.seen(reads.one(at.session, Receipt, path.id), "receipt"))


@post("/receipts/<id>/refunds", "refunds:write", CreditNoteAnswer, TAG)
def refund_receipt(at: Asked, path: IdPath, body: RefundBody) -> CreditNoteAnswer:
    """Give back all or a part of a receipt, the way it was paid"""
    row = at.seen(reads.one(at.session, Receipt, path.id), "receipt")
    return _credit_note(refunds.give_back(at.session, row.id, body.amount_paise, at.now, by=at.by, reason=body.reason))


def _credit_note(note) -> CreditNoteAnswer:
    return CreditNoteAnswer(
        id=note.id,
        serial=note.serial,
        issued_at=note.issued_at,
        total_paise=note.total_paise,
        currency=INR,
        reason=note.reason,
    )


def _receipt(at: Asked, row: Receipt) -> ReceiptAnswer:
    same = (
        "id", "serial", "financial_year", "issued_at", "due_id", "stay_id", "sac", "place_of_supply", "tax_rate_bp",
        "tax_included", "taxable_paise", "cgst_paise", "sgst_paise", "igst_paise", "rounding_paise", "total_paise",
    )  # fmt: skip
    return ReceiptAnswer(
        **{name: getattr(row, name) for name in same},
        site=row.site_id,
        lines=[lined(line) for line in lines_from_json(row.lines)],
        currency=INR,
        credit_notes=[_credit_note(one) for one in reads.credit_notes_of(at.session, row.id)],
    )
