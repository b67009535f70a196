"""Tables of money: what is due, how it was paid, given back and receipted. Amounts are int paise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Paise, Split, Uuid, Word
from central.store.base import Text as AnyText


class Due(Base):
    """An amount that a stay owes. A stay that overstays its grace gets a second one, for the difference alone.

    stay_id       None where an account owes it
    account_id    who owes a pass or money for a wallet, None where a stay does
    kind          "stay" for its parking, "violation" for what a notice asks for: only the first is the stay's price
    request       the exit request it answers, None when it was asked for before the exit
    state         a word of `central.rules.due`
    amount_paise  what is to be paid
    quote         every line of the price it came from
    earlier_quotes  those it had before, since an attempt begun on one of them may still be captured
    quoted_at     when the price was made
    stopped_at    the instant up to which the stay is priced
    expires_at    the amount holds until then, None while none is quoted
    """

    __tablename__ = "due"
    __table_args__ = (
        Index(None, "stay_id", "state"),
        Index(None, "state", "expires_at"),
        Index(None, "state", "stay_id"),
        Index(None, "account_id", "kind", "state"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    account_id: Mapped[Uuid | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[Word] = mapped_column(default="stay", server_default="stay")
    request: Mapped[Uuid | None]
    state: Mapped[Word]
    amount_paise: Mapped[Paise]
    quote: Mapped[dict[str, Any]] = mapped_column(default=dict)
    earlier_quotes: Mapped[list[Any]] = mapped_column(default=list)
    quoted_at: Mapped[Instant]
    stopped_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    paid_at: Mapped[Instant | None]


class Attempt(Base):
    """One try to pay a due through a provider.

    provider_ref  the provider's own name for the order
    payment_ref   the provider's own name for the payment that was captured, "" before
    state         a word of `central.rules.due`
    intent        upi://pay?... for a QR or a phone
    page_url      the provider's page
    captured_paise  what came, None before
    instrument    what paid, masked, e.g. "s*****s@okaxis"
    asked_upi     the UPI ID whose app was asked for the money, masked, "" where none was
    failure_code  the provider's code of a failure, e.g. "U30"
    applied       True on the one capture that paid the due
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("provider", "provider_ref"),
        Index(
            "uq_attempt_applied_due_id",
            "due_id",
            unique=True,
            sqlite_where=text("applied"),
            postgresql_where=text("applied"),
        ),
        Index(None, "due_id"),
        Index(None, "state", "expires_at"),
        Index(None, "state", "id"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    due_id: Mapped[Uuid] = mapped_column(ForeignKey("due.id"))
    provider: Mapped[Word]
    provider_ref: Mapped[AnyText | None]
    payment_ref: Mapped[AnyText] = mapped_column(default="")
    state: Mapped[Word]
    amount_paise: Mapped[Paise]
    captured_paise: Mapped[Paise | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    intent: Mapped[str] = mapped_column(Text, default="")
    page_url: Mapped[str] = mapped_column(Text, default="")
    instrument: Mapped[AnyText] = mapped_column(default="")
    asked_upi: Mapped[AnyText] = mapped_column(default="", server_default="")
    failure_code: Mapped[AnyText] = mapped_column(default="")
    applied: Mapped[bool] = mapped_column(default=False)


class PaymentEvent(Base):
    """Something a provider said, kept as it came; the same event is applied once."""

    __tablename__ = "payment_event"
    __table_args__ = (UniqueConstraint("provider", "provider_event_id"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    provider: Mapped[Word]
    provider_event_id: Mapped[AnyText]
    attempt_id: Mapped[Uuid | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    raw: Mapped[str] = mapped_column(Text)
    received_at: Mapped[Instant]
    outcome: Mapped[AnyText] = mapped_column(default="")


class Refund(Base):
    """Money given back for an attempt. `state` is "requested" or "done".

    payment_ref  the payment it is of: an attempt's code may be paid twice, and only one of those payments was kept
    rrn          the reference on the card terminal's refund slip, None for any other way
    sent_at      when the provider was first asked for it, None before: from then on nobody can hold it back
    """

    __tablename__ = "refund"
    __table_args__ = (Index("uq_refund_rrn", "rrn", unique=True),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    attempt_id: Mapped[Uuid] = mapped_column(ForeignKey("attempt.id"), index=True)
    payment_ref: Mapped[AnyText]
    amount_paise: Mapped[Paise]
    reason: Mapped[AnyText]
    state: Mapped[Word]
    provider_ref: Mapped[AnyText] = mapped_column(default="")
    rrn: Mapped[AnyText | None]
    created_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    done_at: Mapped[Instant | None]


class Receipt(Split, Base):
    """A tax invoice of one paid due; its serial is unique in the site's financial year.

    financial_year  first year of it, 2026 for April 2026 to March 2027
    lines           what was charged, as priced
    tax_rate_bp     basis points, 1800 is 18 %
    """

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("site_id", "financial_year", "serial"), Index(None, "stay_id"))

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    serial: Mapped[str]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    financial_year: Mapped[int]
    stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    due_id: Mapped[Uuid] = mapped_column(ForeignKey("due.id"), unique=True)
    issued_at: Mapped[Instant]
    lines: Mapped[list[Any]]
    sac: Mapped[Word]
    supplier_state: Mapped[str] = mapped_column(String(2))
    place_of_supply: Mapped[str] = mapped_column(String(2))
    tax_rate_bp: Mapped[int]
    tax_included: Mapped[bool]


class InvoiceCounter(Base):
    """The last invoice number given out by a site in a financial year."""

    __tablename__ = "invoice_counter"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    financial_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)
