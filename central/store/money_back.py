"""Tables of money that is looked after: card payouts, odd captures decided by people, settlement files to fetch."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Paise, Text, Uuid, Word

Day = String(10)


class CardPayout(Base):
    """What the card terminal's bank has paid out for one batch, as its advice says. Struck out where typed wrongly.

    day          the site's day whose takings the batch is of, "2026-11-24"
    batch        its number on the terminal's batch report
    gross_paise  what the batch comes to; below 0 where more was given back than taken
    fee_paise, fee_gst_paise  kept by the bank
    paid_on      when it came to our bank
    bank_ref     the bank's reference of the transfer
    """

    __tablename__ = "card_payout"
    __table_args__ = (
        Index("uq_card_payout_batch", "site_id", "day", "batch", unique=True, sqlite_where=text("struck_at IS NULL"),
              postgresql_where=text("struck_at IS NULL")),
        Index(None, "site_id", "id"),
    )  # fmt: skip

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    day: Mapped[str] = mapped_column(Day)
    batch: Mapped[Text]
    gross_paise: Mapped[Paise]
    fee_paise: Mapped[Paise]
    fee_gst_paise: Mapped[Paise]
    paid_on: Mapped[str] = mapped_column(Day)
    bank_ref: Mapped[Text]
    recorded_at: Mapped[Instant]
    by: Mapped[Text]
    struck_at: Mapped[Instant | None]
    struck_by: Mapped[Text] = mapped_column(default="")
    reason: Mapped[Text] = mapped_column(default="")


class OddDecision(Base):
    """What a person made of a capture of another amount than was asked for.

    way          word of `central.rules.odd_capture.Way`
    taken_paise  applied to what was asked
    back_paise   given back
    refund_id    of what is given back
    """

    __tablename__ = "odd_decision"
    __table_args__ = (Index(None, "at"),)

    attempt_id: Mapped[Uuid] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    way: Mapped[Word]
    taken_paise: Mapped[Paise]
    back_paise: Mapped[Paise]
    refund_id: Mapped[Uuid | None] = mapped_column(ForeignKey("refund.id"), index=True)
    at: Mapped[Instant]
    by: Mapped[Text]
    reason: Mapped[Text]


class SettlementDay(Base):
    """A day whose settlement file is fetched from the provider until it is there.

    site_id   whose books take what belongs to no stay of ours
    state     word of `central.actions.settlement_days.State`
    tries     how often the provider was asked
    asked_at  when last, None before
    problem   what was wrong the last time, "" for nothing
    """

    __tablename__ = "settlement_day"

    provider: Mapped[Word] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(Day, primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    state: Mapped[Word]
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[Instant | None]
    problem: Mapped[Text] = mapped_column(default="")
