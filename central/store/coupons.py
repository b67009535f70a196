"""Tables of coupons, of the shops that validate parking, and of which stay took which coupon."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Plate, Sha256, Text, Uuid, Word


class Shop(Base):
    """A shop, clinic or office that pays for its visitors' parking.

    token_hash  SHA-256 of the code in its link; the code itself is never stored
    ended_at    it validates no more since then
    """

    __tablename__ = "shop"

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[Text]
    token_hash: Mapped[Sha256] = mapped_column(unique=True)
    created_at: Mapped[Instant]
    by: Mapped[Text]
    ended_at: Mapped[Instant | None]


class Coupon(Base):
    """What can be taken off a stay's price. Its terms never change: another is made instead.

    kind, value ...  as `central.rules.coupons.Terms` says
    shop_id          only that shop gives it, to a ticket or plate; None: a driver who has the code takes it
    ended_at         taken back by staff: nobody can take it any more, who has it keeps it
    """

    __tablename__ = "coupon"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"))
    code: Mapped[Word]
    name: Mapped[Text] = mapped_column(default="")
    kind: Mapped[Word]
    value: Mapped[int]
    valid_from: Mapped[Instant | None]
    valid_to: Mapped[Instant | None]
    vehicle_classes: Mapped[list[Any]] = mapped_column(default=list)
    stackable: Mapped[bool]
    per_code: Mapped[int | None]
    per_day: Mapped[int | None]
    per_stay: Mapped[int]
    shop_id: Mapped[Uuid | None] = mapped_column(ForeignKey("shop.id"), index=True)
    created_at: Mapped[Instant]
    by: Mapped[Text]
    ended_at: Mapped[Instant | None]


class CouponUse(Base):
    """One coupon on one stay.

    day       of the site when it was taken
    state     "held": in the stay's price, which is not settled; "used": it was; "returned": it can be taken again
    due_id    the payment it lowered, None while held, or where it left nothing to be paid
    by        "driver", the shop, or a member of staff
    why       of a returned one
    for_plate the plate a shop typed; None where it was given to a ticket, or to the stay itself
    """

    __tablename__ = "coupon_use"
    __table_args__ = (
        Index(None, "stay_id"),
        Index(None, "coupon_id", "id"),
        # those that count, found without reading what was returned
        Index(
            "ix_coupon_use_live",
            "coupon_id",
            "day",
            sqlite_where=text("state <> 'returned'"),
            postgresql_where=text("state <> 'returned'"),
        ),
    )

    id: Mapped[Uuid] = mapped_column(primary_key=True)
    coupon_id: Mapped[Uuid] = mapped_column(ForeignKey("coupon.id"))
    stay_id: Mapped[Uuid] = mapped_column(ForeignKey("stay.id"))
    day: Mapped[Word]
    state: Mapped[Word]
    due_id: Mapped[Uuid | None] = mapped_column(ForeignKey("due.id"))
    at: Mapped[Instant]
    by: Mapped[Text]
    changed_at: Mapped[Instant]
    why: Mapped[Text] = mapped_column(default="")
    for_plate: Mapped[Plate | None]


class KeptAnswer(Base):
    """What was done under an idempotency key, so that the same again does nothing, and another thing is refused.

    body    SHA-256 of what was asked
    result  id of what came of it
    """

    __tablename__ = "kept_answer"

    key: Mapped[Text] = mapped_column(primary_key=True)
    body: Mapped[Sha256]
    result: Mapped[Text]
    at: Mapped[Instant]
