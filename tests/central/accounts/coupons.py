"""Coupons in tests: made in a word, taken in another, and what became of them."""

from __future__ import annotations

from sqlalchemy import select

from central.actions import coupon_book, coupons, guest
from central.store.schema import Coupon, CouponUse, Shop
from tests.central.car_park import SITE, START, CarPark, minutes


def make(park: CarPark, code: str, kind: str, value: int, **terms) -> str:
    """A coupon of the site; its id."""
    with park.db.begin() as session:
        return coupon_book.make_coupon(session, SITE, kind, value, START, "manager", code=code, **terms).id


def shop(park: CarPark, name: str = "Book shop") -> str:
    with park.db.begin() as session:
        return coupon_book.add_shop(session, SITE, name, START, "manager")[0].id


def take(park: CarPark, stay_id: str, code: str, at: float, **more) -> str:
    """A driver types the code; the use's id."""
    with park.db.begin() as session:
        return coupons.apply(session, stay_id, code, minutes(at), by=coupons.DRIVER, **more).id


def validate(park: CarPark, shop_id: str, coupon_id: str, what: str, at: float, **more) -> str:
    with park.db.begin() as session:
        given = coupons.validate(session, session.get_one(Shop, shop_id), coupon_id, what, minutes(at), **more)
        return given.id


def bill(park: CarPark, stay_id: str, at: float):
    with park.db.read() as session:
        return guest.bill(session, stay_id, minutes(at))


def uses(park: CarPark) -> list[tuple[str, str]]:
    """Code and state of every use, oldest first."""
    with park.db.read() as session:
        rows = session.execute(select(Coupon.code, CouponUse.state).join(CouponUse).order_by(CouponUse.id))
        return [tuple(row) for row in rows]
