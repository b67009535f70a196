"""Tables of the books: entries in double entry, their postings, the days they fall on, and shifts with their cash.

The database itself keeps an entry balanced: postings are written first, and the insertion of their entry is refused
unless they sum to zero. What is written is never changed or deleted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Paise, Split, Text, Uuid, Word

Day = String(10)


class LedgerEntry(Base):
    """One fact of business in the books. Its postings sum to zero, are two or more, and are all of its site.

    key     names the fact, so that it is booked once: "paid:DUE", "refunded:REFUND", "owed:DUE:2"
    kind    word of `central.rules.ledger.Fact`, "paid", or "owed" for what is owed by a vehicle that has left
    at      when it was booked
    day     the site's day it falls on, "2026-11-24": never one that was closed
    by      who or what caused it
    due_id, stay_id  what it is about, where that is a due of a stay
    note    for people: a receipt's serial, a reason, a reference
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(None, "due_id"),
        Index(None, "stay_id"),
        Index(None, "site_id", "day"),
        Index(None, "site_id", "kind", "day"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    key: Mapped[Text] = mapped_column(unique=True)
    kind: Mapped[Word]
    at: Mapped[Instant]
    day: Mapped[str] = mapped_column(Day)
    by: Mapped[Text]
    due_id: Mapped[Uuid | None]
    stay_id: Mapped[Uuid | None]
    note: Mapped[Text] = mapped_column(default="")


class LedgerPosting(Base):
    """One line of an entry. paise: debit positive, credit negative. account: word of `ledger_accounts.Account`."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        Index(None, "entry_id"),
        Index(None, "site_id", "account", "id"),
        Index("ix_ledger_posting_shift_id", "shift_id", sqlite_where=text("shift_id IS NOT NULL"),
              postgresql_where=text("shift_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Number]
    entry_id: Mapped[Uuid] = mapped_column(ForeignKey("ledger_entry.id", deferrable=True, initially="DEFERRED"))
    site_id: Mapped[Name]
    account: Mapped[Word]
    paise: Mapped[Paise]
    shift_id: Mapped[Uuid | None] = mapped_column(ForeignKey("shift.id"))


class LedgerDaySum(Base):
    """What was debited and credited on one account in one day, so that no page adds up history. Both 0 or more."""

    __tablename__ = "ledger_day_sum"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Day, primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    debit_paise: Mapped[Paise] = mapped_column(default=0)
    credit_paise: Mapped[Paise] = mapped_column(default=0)


class LedgerDay(Base):
    """A closed day of a site: nothing is booked on it, or on any before, again.

    balances  of every account at its end, account -> paise
    """

    __tablename__ = "ledger_day"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    day: Mapped[str] = mapped_column(Day, primary_key=True)
    closed_at: Mapped[Instant]
    by: Mapped[Text]
    balances: Mapped[dict[str, Any]]


class Shift(Base):
    """An attendant's shift with a drawer of cash. One attendant has one open at most.

    attendant       e-mail of the account
    counted_paise   what was in the drawer at the end, None while it goes on
    expected_paise  what the books said there should be
    reason          of a difference
    """

    __tablename__ = "shift"
    __table_args__ = (
        Index("uq_shift_open_attendant", "attendant", unique=True, sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
        Index(None, "site_id", "id"),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    attendant: Mapped[Text]
    opened_at: Mapped[Instant]
    float_paise: Mapped[Paise]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[Text] = mapped_column(default="")
    counted_paise: Mapped[Paise | None]
    expected_paise: Mapped[Paise | None]
    reason: Mapped[Text] = mapped_column(default="")


class CreditNote(Split, Base):
    """What one refund takes back of an invoice; amounts as on the invoice, to be taken off.

    amount_before_paise  taken back of the same invoice before it: its tax follows from both
    """

    __tablename__ = "credit_note"
    __table_args__ = (UniqueConstraint("site_id", "financial_year", "serial"), Index(None, "receipt_id"))

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    serial: Mapped[Word]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    financial_year: Mapped[int]
    receipt_id: Mapped[Uuid] = mapped_column(ForeignKey("receipt.id"))
    refund_id: Mapped[Uuid] = mapped_column(ForeignKey("refund.id"), unique=True)
    issued_at: Mapped[Instant]
    by: Mapped[Text]
    reason: Mapped[Text]
    amount_before_paise: Mapped[Paise]


class CreditNoteCounter(Base):
    """The last credit note number given out by a site in a financial year."""

    __tablename__ = "credit_note_counter"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    financial_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)
