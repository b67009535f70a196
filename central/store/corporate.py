"""Tables of firms that park on account: their terms, what is on the account, invoices, and what was paid for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Paise, Plate, Split, Text, Uuid, Word

Day = String(10)


def _part(name: str, of: str, *columns: str, unique: bool = False) -> Index:
    """An index of some rows only."""
    return Index(name, *columns, unique=unique, sqlite_where=text(of), postgresql_where=text(of))


class CorporateTerms(Base):
    """What was agreed with a firm: its account is a corporate one. The words are `central.rules.corporate.Terms`'s.

    invoiced_to     the last month that is done with, "2026-10"
    suspended_at    since then its members pay at the exit, None while they don't
    suspended_by    who did that, "central" by rule; suspended_why: in a sentence
    lifted_until    until that day the rule does not suspend it again, "" for none
    """

    __tablename__ = "corporate_terms"

    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"), primary_key=True)
    legal_name: Mapped[Text]
    gstin: Mapped[Word]
    address: Mapped[Text]
    state_code: Mapped[str] = mapped_column(String(2))
    supply: Mapped[Word]
    credit_limit_paise: Mapped[Paise]
    invoice_day: Mapped[int]
    payment_days: Mapped[int]
    invoiced_to: Mapped[str] = mapped_column(String(7))
    suspended_at: Mapped[Instant | None]
    suspended_by: Mapped[Text] = mapped_column(default="")
    suspended_why: Mapped[Text] = mapped_column(default="")
    lifted_until: Mapped[str] = mapped_column(Day, default="")
    created_at: Mapped[Instant]
    by: Mapped[Text]


class CorporateMove(Base):
    """One line of a firm's statement; every entry of the books that moves what it owes has one.

    entry_key      of the entry, or of an invoice, which moves nothing
    kind           of the entry, "invoiced" for an invoice
    paise          more owed; negative: less
    balance_paise  owed after it; below 0 where the firm has paid ahead
    """

    __tablename__ = "corporate_move"
    __table_args__ = (Index(None, "account_id", "id"),)

    id: Mapped[Number]
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    entry_key: Mapped[Text] = mapped_column(unique=True)
    at: Mapped[Instant]
    kind: Mapped[Word]
    paise: Mapped[Paise]
    balance_paise: Mapped[Paise]
    note: Mapped[Text] = mapped_column(default="")
    invoice_id: Mapped[Uuid | None]


class CorporateInvoice(Split, Base):
    """The tax invoice of one firm's month; its lines never change. Its serial is of the site's series of receipts.

    month            "2026-11"
    buyer            name, address, GSTIN and state as they were then
    due_on           last day to pay it
    brought_paise    what had been paid ahead and was taken off at once
    credited_paise   taken back by credit notes
    settled_paise    paid, or written off
    """

    __tablename__ = "corporate_invoice"
    __table_args__ = (
        UniqueConstraint("site_id", "financial_year", "serial"),
        UniqueConstraint("account_id", "month"),
        _part("ix_corporate_invoice_open", "settled_paise + credited_paise < total_paise", "account_id", "due_on"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    serial: Mapped[Word]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    financial_year: Mapped[int]
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    month: Mapped[str] = mapped_column(String(7))
    issued_at: Mapped[Instant]
    by: Mapped[Text]
    due_on: Mapped[str] = mapped_column(Day)
    buyer: Mapped[dict[str, Any]]
    sac: Mapped[Word]
    supplier_state: Mapped[str] = mapped_column(String(2))
    place_of_supply: Mapped[str] = mapped_column(String(2))
    brought_paise: Mapped[Paise] = mapped_column(default=0)
    credited_paise: Mapped[Paise] = mapped_column(default=0)
    settled_paise: Mapped[Paise] = mapped_column(default=0)

    @property
    def open_paise(self) -> int:
        """What is still to be paid."""
        return self.total_paise - self.credited_paise - self.settled_paise


class CorporateCreditNote(Split, Base):
    """What is taken back of a firm's invoice: whole lines of it. Its serial is of the site's series of credit notes."""

    __tablename__ = "corporate_credit_note"
    __table_args__ = (UniqueConstraint("site_id", "financial_year", "serial"), Index(None, "invoice_id"))

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    serial: Mapped[Word]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    financial_year: Mapped[int]
    invoice_id: Mapped[Uuid] = mapped_column(ForeignKey("corporate_invoice.id"))
    issued_at: Mapped[Instant]
    by: Mapped[Text]
    reason: Mapped[Text]


class CorporateLine(Split, Base):
    """One amount of one stay on a firm's account, as it was priced.

    invoice_id  None until it is invoiced; credit_id: what took it back afterwards
    left_at     when the stay's clock stopped: the month of that instant is the line's
    lines       of its price; tax_included, tax_rate_bp: as in the tariff
    """

    __tablename__ = "corporate_line"
    __table_args__ = (
        Index(None, "account_id", "invoice_id", "left_at"),
        Index(None, "invoice_id", "left_at"),
        _part("uq_corporate_line_due_id", "credit_id IS NULL", "due_id", unique=True),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    invoice_id: Mapped[Uuid | None] = mapped_column(ForeignKey("corporate_invoice.id"))
    credit_id: Mapped[Uuid | None] = mapped_column(ForeignKey("corporate_credit_note.id"))
    due_id: Mapped[Uuid] = mapped_column(ForeignKey("due.id"))
    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"))
    plate: Mapped[Plate]
    vehicle_class: Mapped[Word]
    entered_at: Mapped[Instant | None]
    left_at: Mapped[Instant]
    minutes: Mapped[int]
    lines: Mapped[list[Any]]
    tax_rate_bp: Mapped[int]
    tax_included: Mapped[bool]


class CorporatePayment(Base):
    """Something that settles what a firm owes: money, or what was given up of an invoice.

    how          "upi", "transfer", "cheque", "write_off"
    reference    the bank's, or the reason of a write-off
    invoice_id   the invoice it is for first, None: the oldest
    due_id       asked for through the provider
    received_at  None while nobody has paid it
    left_paise   not used for an invoice: kept for the next
    """

    __tablename__ = "corporate_payment"
    __table_args__ = (
        Index(None, "account_id", "id"),
        _part("ix_corporate_payment_left", "left_paise > 0", "account_id", "id"),
        _part("uq_corporate_payment_reference", "reversed_at IS NULL AND how IN ('transfer', 'cheque')",
              "account_id", "how", "reference", unique=True),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    account_id: Mapped[Uuid] = mapped_column(ForeignKey("account.id"))
    how: Mapped[Word]
    reference: Mapped[Text]
    paise: Mapped[Paise]
    left_paise: Mapped[Paise] = mapped_column(default=0)
    invoice_id: Mapped[Uuid | None] = mapped_column(ForeignKey("corporate_invoice.id"))
    due_id: Mapped[Uuid | None] = mapped_column(ForeignKey("due.id"), unique=True)
    created_at: Mapped[Instant]
    by: Mapped[Text]
    received_at: Mapped[Instant | None]
    reversed_at: Mapped[Instant | None]
    reversed_by: Mapped[Text] = mapped_column(default="")
    reversed_why: Mapped[Text] = mapped_column(default="")


class CorporatePart(Base):
    """How much of a payment settles which invoice."""

    __tablename__ = "corporate_part"
    __table_args__ = (Index(None, "invoice_id"),)

    payment_id: Mapped[Uuid] = mapped_column(ForeignKey("corporate_payment.id"), primary_key=True)
    invoice_id: Mapped[Uuid] = mapped_column(ForeignKey("corporate_invoice.id"), primary_key=True)
    paise: Mapped[Paise]
