"""What coupons do to a stay: they are in its price while they are held, used once it is settled, else given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.rules.coupons import Kind, Terms, priced
from central.rules.quote import Coupon as PricedCoupon
from central.rules.quote import LineKind, Quote
from central.rules.stay_table import ENDED, INSIDE
from central.store.schema import Coupon, CouponUse, Site, Stay

HELD, USED, RETURNED = "held", "used", "returned"
_FIRST = (USED, HELD, RETURNED)


def terms_of(coupon: Coupon) -> Terms:
    """The coupon as the rules see it."""
    return Terms(
        code=coupon.code,
        kind=Kind(coupon.kind),
        value=coupon.value,
        valid_from=coupon.valid_from,
        valid_to=coupon.valid_to,
        vehicle_classes=tuple(coupon.vehicle_classes),
        stackable=coupon.stackable,
        per_code=coupon.per_code,
        per_day=coupon.per_day,
        per_stay=coupon.per_stay,
    )


def of_stay(session: Session, stay_id: str, *states: str) -> list[tuple[CouponUse, Coupon]]:
    """The stay's coupons in those states, in the order they were taken."""
    uses = select(CouponUse, Coupon).join(Coupon, Coupon.id == CouponUse.coupon_id)
    of_it = uses.where(CouponUse.stay_id == stay_id, CouponUse.state.in_(states))
    return [tuple(row) for row in session.execute(of_it.order_by(CouponUse.id))]


def priced_of(session: Session, row: Stay) -> tuple[PricedCoupon, ...]:
    """The coupons in a stay's price: held ones, and used ones too, as a price is always that of the whole stay."""
    live = of_stay(session, row.id, HELD, USED)
    if not live or row.entered_at is None:
        return ()
    zone = ZoneInfo(session.get_one(Site, row.site_id).timezone)
    return tuple(priced(terms_of(coupon), row.entered_at, zone) for _, coupon in live)


def settled(session: Session, row: Stay, quote: Quote, due_id: str | None, now: datetime) -> None:
    """A price was paid, or left nothing to pay: the coupons in it are used.

    So is one that was given back while its payment was under way: the driver has paid what was asked with it.
    """
    wanted = Counter(line.element for line in quote.lines if line.kind is LineKind.COUPON)
    if not wanted:
        return
    uses = of_stay(session, row.id, *_FIRST)
    for use, coupon in sorted(uses, key=lambda pair: (_FIRST.index(pair[0].state), pair[0].id)):
        if wanted[coupon.code] <= 0:
            continue
        wanted[coupon.code] -= 1
        if use.state != USED:
            use.state, use.due_id, use.changed_at, use.why = USED, due_id, now, ""


def lapsed(session: Session, row: Stay, now: datetime) -> None:
    """A stay's price ran out unpaid: codes its driver had typed can be taken by others.

    What a shop gave stays, as its visitor may only have looked at the price; so does all that a vehicle left with.
    """
    if row.status in INSIDE:
        held = of_stay(session, row.id, HELD)
        give_back((use for use, coupon in held if coupon.shop_id is None), "the price ran out unpaid", now)


def ended(session: Session, row: Stay, now: datetime) -> None:
    """Where a stay is over, what it did not use can be taken by others."""
    if row.status in ENDED:
        give_back((use for use, _ in of_stay(session, row.id, HELD)), "the stay is over", now)


def give_back(uses: Iterable[CouponUse], why: str, now: datetime) -> None:
    for use in uses:
        use.state, use.changed_at, use.why = RETURNED, now, why
