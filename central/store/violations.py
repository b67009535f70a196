"""Tables of violations: what each site asks for them, and every notice that was written. Amounts are int paise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from central.rules.invoice import SAC_PENALTY
from central.store.base import Base, Instant, Name, Paise, Plate, Sha256, Text, Uuid, Word


class ViolationRule(Base):
    """What a site does about one kind of violation. No row: nothing.

    kind              word of `central.rules.violations.Kind`
    amount_paise      asked for, tax included; 0: a notice without an amount
    tax_rate_bp       basis points in that amount, 0 for none: then it is no supply
    sac               what a receipt names where it is one
    wait_minutes      an overstay: how long may be stayed; an unpaid exit: how long there is to pay; else of no meaning
    pay_within_days   from the notice on
    sure_percent      a read of less than that is for a person to look at, never raised by itself
    """

    __tablename__ = "violation_rule"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    amount_paise: Mapped[Paise]
    tax_rate_bp: Mapped[int]
    wait_minutes: Mapped[int]
    pay_within_days: Mapped[int]
    sure_percent: Mapped[int]
    sac: Mapped[Word] = mapped_column(default=SAC_PENALTY, server_default=SAC_PENALTY)
    changed_at: Mapped[Instant]
    by: Mapped[Text]


class Violation(Base):
    """One violation and its notice. A stay has one of each kind at most.

    key             what makes it one: "overstay:STAY", or plate and day of one that never came in
    status          word of `central.rules.violations.Status`
    plate           as the stay's was when it was raised
    happened_at     when it was seen
    since           what it is reckoned from: the entry, the exit, the end of what was allowed
    facts           of its sentence: words and numbers by name
    image           of what was seen; other_image: the picture beside it that it is held against
    confidence      of the read, 0 to 1; None where a person raised it
    event_id        the gate's event it was raised from
    other_stay_id   anti-passback: the stay its plate was still inside with
    due_id          what is to be paid; None: nothing
    sac             as the site's rule said when it was raised
    due_by          the last moment to pay, from the notice on
    notified_how    "page", "windscreen", "by hand", "message", "post"
    decision        why it was upheld, waived or written off, and by whom
    """

    __tablename__ = "violation"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "site_id", "id"),
        Index(None, "site_id", "status", "id"),
        Index(None, "stay_id"),
        Index(None, "other_stay_id"),
        Index(None, "due_id"),
        Index(None, "site_id", "plate", "id"),
        Index(None, "site_id", "plate", "status"),
        Index(None, "status", "stay_id", "other_stay_id"),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[Word]
    key: Mapped[Text]
    status: Mapped[Word]
    stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    other_stay_id: Mapped[Uuid | None] = mapped_column(ForeignKey("stay.id"))
    due_id: Mapped[Uuid | None] = mapped_column(ForeignKey("due.id"))
    event_id: Mapped[Uuid | None]
    gate_id: Mapped[Name | None]
    plate: Mapped[Plate | None]
    vehicle_class: Mapped[Word]
    happened_at: Mapped[Instant]
    since: Mapped[Instant | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    image: Mapped[Sha256 | None]
    other_image: Mapped[Sha256 | None]
    confidence: Mapped[float | None]
    amount_paise: Mapped[Paise]
    sac: Mapped[Word] = mapped_column(default=SAC_PENALTY, server_default=SAC_PENALTY)
    raised_at: Mapped[Instant]
    raised_by: Mapped[Text]
    notified_at: Mapped[Instant | None]
    notified_how: Mapped[Word] = mapped_column(default="")
    due_by: Mapped[Instant | None]
    appealed_at: Mapped[Instant | None]
    appeal: Mapped[Text] = mapped_column(default="")
    appeal_contact: Mapped[Text] = mapped_column(default="")
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[Text] = mapped_column(default="")
    decision: Mapped[Text] = mapped_column(default="")
    paid_at: Mapped[Instant | None]
