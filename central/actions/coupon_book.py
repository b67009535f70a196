"""Coupons and shops as staff make and end them. A coupon's terms never change: another is made instead."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions import repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.tariffs import held_site
from central.rules.coupons import CouponError, Kind, Terms, normal_code
from central.store.schema import Coupon, Shop
from edge.protocol.ids import TICKET_ALPHABET, uuid7
from edge.protocol.messages import VehicleClass

CODE_LENGTH = 8


def make_coupon(
    session: Session,
    site_id: str,
    kind: str,
    value: int,
    now: datetime,
    by: str,
    *,
    code: str = "",
    name: str = "",
    shop_id: str | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    vehicle_classes: Sequence[str] = (),
    stackable: bool = False,
    per_code: int | None = None,
    per_day: int | None = None,
    per_stay: int = 1,
    key: str | None = None,
) -> Coupon:
    """A new coupon of a site; without a code it gets one that can't be guessed. Units as `rules.coupons.Kind` says."""
    site = held_site(session, site_id)
    if kind not in list(Kind):
        raise Refused(f"coupon kind {kind[:40]!r}: expected one of {', '.join(Kind)}")
    strange = sorted(set(vehicle_classes) - set(get_args(VehicleClass)))
    if strange:
        raise Refused(f"vehicle class {strange[0][:40]!r}: expected one of {', '.join(get_args(VehicleClass))}")
    terms = {
        "kind": kind, "value": value, "valid_from": valid_from, "valid_to": valid_to,
        "stackable": stackable, "per_code": per_code, "per_day": per_day, "per_stay": per_stay,
    }  # fmt: skip
    classes = tuple(dict.fromkeys(vehicle_classes))
    asked = repeats.request(
        session, "make coupon", key, site=site.id, code=code, name=name, shop=shop_id, classes=classes, **terms
    )
    if asked.before is not None:
        return session.get_one(Coupon, asked.before)
    shop = None if shop_id is None else session.get(Shop, shop_id)
    if shop_id is not None and (shop is None or shop.site_id != site.id or shop.ended_at is not None):
        raise Refused(f"there is no such shop at {site.id}")
    code = normal_code(code) or "".join(secrets.choice(TICKET_ALPHABET) for _ in range(CODE_LENGTH))
    try:
        Terms(code=code, vehicle_classes=classes, **terms | {"kind": Kind(kind)})
    except CouponError as error:
        raise Refused(f"coupon: {error}") from error
    if session.scalar(select(Coupon.id).where(Coupon.site_id == site.id, Coupon.code == code)) is not None:
        raise Refused(f"code {code} is taken: every coupon of a site has a code of its own")
    coupon = Coupon(
        id=uuid7(), site_id=site.id, code=code, name=name.strip()[:80], shop_id=shop_id,
        vehicle_classes=list(classes), created_at=now, by=by, **terms,
    )  # fmt: skip
    session.add(coupon)
    session.flush()
    audit(session, now, by, "coupon made", f"{site.id}/{code}", kind=kind, value=value, shop=shop_id)
    asked.done(session, coupon.id, now)
    return coupon


def end_coupon(session: Session, coupon_id: str, now: datetime, by: str) -> Coupon:
    """Nobody can take it any more; a stay that has it keeps it."""
    coupon = session.get(Coupon, coupon_id, with_for_update=True)
    if coupon is None:
        raise Refused("there is no such coupon")
    if coupon.ended_at is None:
        coupon.ended_at = now
        audit(session, now, by, "coupon ended", f"{coupon.site_id}/{coupon.code}")
    return coupon


def add_shop(
    session: Session, site_id: str, name: str, now: datetime, by: str, *, key: str | None = None
) -> tuple[Shop, str]:
    """A shop, and the code in its link, which is told this once; "" where the same was asked for before."""
    site, name = held_site(session, site_id), name.strip()
    asked = repeats.request(session, "add shop", key, site=site.id, name=name)
    if asked.before is not None:
        return session.get_one(Shop, asked.before), ""
    if not 2 <= len(name) <= 80:
        raise Refused(f"shop {name[:40]!r}: expected a name of 2 to 80 characters")
    same = select(Shop.id).where(Shop.site_id == site.id, Shop.name == name, Shop.ended_at.is_(None))
    if session.scalar(same) is not None:
        raise Refused(f"there is a shop {name!r} at {site.id} already")
    token = secrets.token_urlsafe(24)
    shop = Shop(id=uuid7(), site_id=site.id, name=name, token_hash=keys.digest(token), created_at=now, by=by)
    session.add(shop)
    session.flush()
    audit(session, now, by, "shop added", f"{site.id}/{name}")
    asked.done(session, shop.id, now)
    return shop, token


def new_link(session: Session, shop_id: str, now: datetime, by: str) -> str:
    """Another code for a shop's link; the one before opens nothing any more."""
    shop = _shop(session, shop_id)
    token = secrets.token_urlsafe(24)
    shop.token_hash = keys.digest(token)
    audit(session, now, by, "shop link made", f"{shop.site_id}/{shop.name}")
    return token


def end_shop(session: Session, shop_id: str, now: datetime, by: str) -> None:
    """Its link opens nothing any more. What it has given, its visitors keep."""
    shop = _shop(session, shop_id)
    shop.ended_at = now
    audit(session, now, by, "shop ended", f"{shop.site_id}/{shop.name}")


def shop_with(session: Session, token: str) -> Shop | None:
    """The shop whose link that is."""
    return session.scalar(select(Shop).where(Shop.token_hash == keys.digest(token), Shop.ended_at.is_(None)))


def _shop(session: Session, shop_id: str) -> Shop:
    shop = session.get(Shop, shop_id, with_for_update=True, populate_existing=True)
    if shop is None or shop.ended_at is not None:
        raise Refused("there is no such shop")
    return shop
