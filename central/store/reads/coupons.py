"""Coupons, shops and who took what, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from central.store.schema import Coupon, CouponUse, Shop, Stay

PAGE = 50


@dataclass(frozen=True, slots=True)
class CouponRow:
    """A coupon with how often it is held and was used, and its shop, where it is one's."""

    coupon: Coupon
    held: int
    used: int
    shop: Shop | None


def of_site(session: Session, site_id: str, before: str | None = None) -> tuple[list[CouponRow], str | None]:
    """A site's coupons, the newest first, and the `before` of the next page."""
    wanted = select(Coupon).where(Coupon.site_id == site_id)
    if before:
        wanted = wanted.where(Coupon.id < before)
    found = list(session.scalars(wanted.order_by(Coupon.id.desc()).limit(PAGE + 1)))
    shown = found[:PAGE]
    held, used = (func.sum(case((CouponUse.state == state, 1), else_=0)) for state in ("held", "used"))
    sums = select(CouponUse.coupon_id, held, used).where(CouponUse.coupon_id.in_([one.id for one in shown]))
    counts = {row[0]: (int(row[1]), int(row[2])) for row in session.execute(sums.group_by(CouponUse.coupon_id))}
    of_shops = {shop.id: shop for shop in session.scalars(select(Shop).where(Shop.site_id == site_id))}
    rows = [CouponRow(one, *counts.get(one.id, (0, 0)), of_shops.get(one.shop_id or "")) for one in shown]
    return rows, shown[-1].id if len(found) > PAGE else None


def coupon(session: Session, coupon_id: str) -> Coupon | None:
    return session.get(Coupon, coupon_id)


def uses(
    session: Session, coupon_id: str, before: str | None = None
) -> tuple[list[tuple[CouponUse, Stay]], str | None]:
    """Who took a coupon, the newest first, and the `before` of the next page."""
    wanted = select(CouponUse, Stay).join(Stay, Stay.id == CouponUse.stay_id).where(CouponUse.coupon_id == coupon_id)
    if before:
        wanted = wanted.where(CouponUse.id < before)
    found = [tuple(row) for row in session.execute(wanted.order_by(CouponUse.id.desc()).limit(PAGE + 1))]
    return found[:PAGE], found[PAGE - 1][0].id if len(found) > PAGE else None


def shops(session: Session, site_id: str) -> list[Shop]:
    """Those of a site that validate, by name."""
    return list(
        session.scalars(select(Shop).where(Shop.site_id == site_id, Shop.ended_at.is_(None)).order_by(Shop.name))
    )


def offered_by(session: Session, shop_id: str, now: datetime) -> list[Coupon]:
    """What a shop can give now."""
    live = (Coupon.shop_id == shop_id, Coupon.ended_at.is_(None), or_(Coupon.valid_to.is_(None), Coupon.valid_to > now))
    begun = or_(Coupon.valid_from.is_(None), Coupon.valid_from <= now)
    return list(session.scalars(select(Coupon).where(*live, begun).order_by(Coupon.name, Coupon.id)))


def given_by(session: Session, shop_id: str, limit: int = 20) -> list[tuple[CouponUse, Coupon, str | None]]:
    """What a shop gave last, with the plate of the stay."""
    wanted = (
        select(CouponUse, Coupon, Stay.plate)
        .join(Coupon, Coupon.id == CouponUse.coupon_id)
        .join(Stay, Stay.id == CouponUse.stay_id)
        .where(Coupon.shop_id == shop_id)
    )
    return [tuple(row) for row in session.execute(wanted.order_by(CouponUse.id.desc()).limit(limit))]
