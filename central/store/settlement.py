"""Tables of reconciliation: what the payment provider says it has paid out, and where our books differ."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Paise, Sha256, Text, Uuid, Word


class SettlementFile(Base):
    """A file in which the provider says what it has paid out; the same bytes are taken in once.

    site_id  whose books take what belongs to no stay of ours
    """

    __tablename__ = "settlement_file"

    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    provider: Mapped[Word]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    day: Mapped[str] = mapped_column(String(10))
    utr: Mapped[Text]
    lines: Mapped[int]
    net_paise: Mapped[Paise]
    imported_at: Mapped[Instant]
    by: Mapped[Text]


class SettlementLine(Base):
    """One payment paid out, or one refund taken off, by the provider.

    refund_ref    "" for a payment
    amount_paise  of the payment or refund; fee_paise and fee_gst_paise kept of a payment
    outcome       word of `central.actions.settlement.Outcome`
    """

    __tablename__ = "settlement_line"
    __table_args__ = (Index(None, "provider", "payment_ref", "refund_ref"), UniqueConstraint("file", "number"))

    id: Mapped[Number]
    file: Mapped[Sha256] = mapped_column(ForeignKey("settlement_file.sha256"))
    number: Mapped[int]
    provider: Mapped[Word]
    reference: Mapped[Text]
    payment_ref: Mapped[Text]
    refund_ref: Mapped[Text]
    amount_paise: Mapped[Paise]
    fee_paise: Mapped[Paise]
    fee_gst_paise: Mapped[Paise]
    utr: Mapped[Text]
    outcome: Mapped[Word]


class Unreconciled(Base):
    """Something on which the provider and our books differ, until a person has settled it.

    key         what it is about, so that it is queued once
    kind        word of `central.actions.settlement.Outcome`
    resolution  word of `central.actions.settlement.Resolution`, None while it is open
    """

    __tablename__ = "unreconciled"
    __table_args__ = (
        Index("ix_unreconciled_open", "id", sqlite_where=text("resolution IS NULL"),
              postgresql_where=text("resolution IS NULL")),
    )  # fmt: skip

    id: Mapped[Number]
    key: Mapped[Text] = mapped_column(unique=True)
    kind: Mapped[Word]
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_line.id"))
    payment_ref: Mapped[Text]
    stay_id: Mapped[Uuid | None]
    ours_paise: Mapped[Paise | None]
    theirs_paise: Mapped[Paise | None]
    found_at: Mapped[Instant]
    resolution: Mapped[Word | None]
    resolved_at: Mapped[Instant | None]
    resolved_by: Mapped[Text] = mapped_column(default="")
    reason: Mapped[Text] = mapped_column(default="")
