"""Tables of what people corrected on stays, with what was there before, and of stays that are paid ahead."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Number, Text, Uuid, Word


class Correction(Base):
    """One thing a person set right on one stay or more, and why; undone at most once.

    stay_id  the stay it was asked for
    kind     word of `central.rules.corrections.Kind`
    by, role who did it, and as what
    detail   what was typed, for people
    """

    __tablename__ = "correction"
    __table_args__ = (Index(None, "stay_id", "at"), Index(None, "site_id", "id"))

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"))
    kind: Mapped[Word]
    reason: Mapped[Text]
    by: Mapped[Text]
    role: Mapped[Word]
    at: Mapped[Instant]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_at: Mapped[Instant | None]
    undone_by: Mapped[Text] = mapped_column(default="")
    undone_reason: Mapped[Text] = mapped_column(default="")


class CorrectionImage(Base):
    """What a correction changed of one row, and nothing else of it.

    of             "stay", "due", "receipt", "gate_event", "coupon_use", "violation", "notice_due"
    row_id         its key
    before, after  column -> value, instants as ISO text; before None: the correction made that row
    """

    __tablename__ = "correction_image"
    __table_args__ = (Index(None, "correction_id"), Index(None, "row_id"))

    id: Mapped[Number]
    correction_id: Mapped[Uuid] = mapped_column(ForeignKey("correction.id"))
    of: Mapped[Word]
    row_id: Mapped[Uuid]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any]]


class Booking(Base):
    """A stay paid ahead for a vehicle that is yet to come; its row of `stay` waits as "prepaid" with its due.

    minutes      the length that is paid for, counted from the entry
    arrive_from, arrive_until  its plate coming in then takes it
    taken_by     the stay that did
    ended_at     when it was taken, or given up because nobody paid or came
    """

    __tablename__ = "booking"
    __table_args__ = (Index(None, "ended_at", "arrive_until"),)

    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"), primary_key=True)
    minutes: Mapped[int]
    arrive_from: Mapped[Instant]
    arrive_until: Mapped[Instant]
    taken_by: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    ended_at: Mapped[Instant | None]
    by: Mapped[Text]
