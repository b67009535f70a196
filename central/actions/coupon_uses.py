"""What coupons do to a stay: they are in its price while they are held, used once it is settled, else given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions.records import note
from central.rules.coupons import Kind, Taken, Terms, priced, together
from central.rules.quote import Coupon as PricedCoupon
from central.rules.quote import LineKind, Quote
from central.rules.stay_table import ENDED, INSIDE
from central.store.schema import Coupon, CouponUse, Due, Site, Stay

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


def priced_of(session: Session, row: Stay, began: datetime | None = None) -> tuple[PricedCoupon, ...]:
    """The coupons in a stay's price: held ones, and used ones too, as a price is always that of the whole stay.

    began  when it begins, where that is not its entry: of a booking, the time it is booked for
    """
    live, began = of_stay(session, row.id, HELD, USED), began or row.entered_at
    if not live or began is None:
        return ()
    zone = ZoneInfo(session.get_one(Site, row.site_id).timezone)
    return tuple(priced(terms_of(coupon), began, zone) for _, coupon in live)


def taken(session: Session, coupon: Coupon, day: str, stay_id: str) -> Taken:
    """How often a coupon counts as taken, its site being held."""
    live = select(func.count()).where(CouponUse.coupon_id == coupon.id, CouponUse.state.in_((HELD, USED)))
    return Taken(
        in_all=session.scalar(live),
        today=session.scalar(live.where(CouponUse.day == day)),
        by_stay=session.scalar(live.where(CouponUse.stay_id == stay_id)),
    )


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


def move(
    session: Session, row: Stay, to: Stay, now: datetime, *, which: Callable[[CouponUse], bool] = lambda use: True
) -> None:
    """A visit turns out to be another stay's: its coupons go with it where they can count, and else are given back."""
    session.flush()
    coming = [pair for pair in of_stay(session, row.id, USED, HELD) if which(pair[0])]
    if coming:
        _keep_what_fits(session, to, [*of_stay(session, to.id, USED, HELD), *coming], now)


def keep_what_fits(session: Session, row: Stay, now: datetime) -> bool:
    """What can't count for the stay as it is now, its class or beside what it had before, goes back; True where any."""
    session.flush()
    return _keep_what_fits(session, row, of_stay(session, row.id, USED, HELD), now)


def plate_changed(session: Session, row: Stay, now: datetime) -> None:
    """What a shop gave to the plate that the stay had wrongly was given to somebody else."""
    for use, coupon in of_stay(session, row.id, HELD):
        if use.for_plate not in (None, row.plate):
            _taken_off(session, row, use, coupon, f"it was given to {use.for_plate}", now)


def split(session: Session, row: Stay, made: Stay, at: datetime, now: datetime) -> None:
    """One stay becomes two: what was taken from then on, or paid with what went along, is the other's."""
    session.flush()
    paid_with = [use for use, _ in of_stay(session, row.id, USED) if use.due_id is not None]
    whose = {use.id: session.get_one(Due, use.due_id).stay_id for use in paid_with}
    move(session, row, made, now, which=lambda use: whose[use.id] == made.id if use.id in whose else use.at >= at)


def _keep_what_fits(session: Session, to: Stay, uses: list[tuple[CouponUse, Coupon]], now: datetime) -> bool:
    counts = together([(terms_of(coupon), use.state == USED) for use, coupon in uses], to.vehicle_class)
    for (use, coupon), fits in zip(uses, counts, strict=True):
        if not fits:
            _taken_off(session, to, use, coupon, "it can't count for this stay", now)
        elif use.stay_id != to.id:
            use.stay_id, use.changed_at = to.id, now
    session.flush()
    return not all(counts)


def _taken_off(session: Session, row: Stay, use: CouponUse, coupon: Coupon, why: str, now: datetime) -> None:
    give_back([use], why, now)
    note(session, row, now, "coupon taken off", "central", code=coupon.code, why=why)


def give_back(uses: Iterable[CouponUse], why: str, now: datetime) -> None:
    for use in uses:
        use.state, use.changed_at, use.why = RETURNED, now, why
