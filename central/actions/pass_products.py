"""Which passes a site sells. A product never changes: another is made instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy.orm import Session

from central.actions import repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.tariffs import held_site
from central.store.schema import PassProduct
from edge.protocol.ids import uuid7
from edge.protocol.messages import VehicleClass


def make_product(
    session: Session,
    site_id: str,
    name: str,
    price_paise: int,
    now: datetime,
    by: str,
    *,
    vehicle_classes: Sequence[str],
    days: int = 30,
    hours: int = 0,
    plates: int = 1,
    tax_rate_bp: int = 1_800,
    key: str | None = None,
) -> PassProduct:
    """A pass that a site sells, for so many plates, each of one of the classes. The price includes the tax."""
    site, name = held_site(session, site_id), name.strip()
    classes = tuple(dict.fromkeys(vehicle_classes))
    terms = {"price_paise": price_paise, "days": days, "hours": hours, "plates": plates, "tax_rate_bp": tax_rate_bp}
    asked = repeats.request(session, "pass product", key, site=site.id, name=name, classes=classes, **terms)
    if asked.before is not None:
        return session.get_one(PassProduct, asked.before)
    strange = sorted(set(classes) - set(get_args(VehicleClass)))
    if strange or not classes:
        got = repr(strange[0][:40]) if strange else "none"
        raise Refused(f"vehicle class {got}: expected one or more of {', '.join(get_args(VehicleClass))}")
    for what, value, least, most in (
        ("name", len(name), 2, 80), ("price in paise", price_paise, 100, 10_00_000_00), ("days", days, 0, 366),
        ("hours", hours, 0, 23), ("number of plates", plates, 1, 20), ("tax in basis points", tax_rate_bp, 0, 2_800),
    ):  # fmt: skip
        if not least <= value <= most:
            raise Refused(f"pass: {what} {value}: expected {least} to {most}")
    if days == hours == 0:
        raise Refused("pass: it holds for no time: expected days or hours")
    product = PassProduct(
        id=uuid7(), site_id=site.id, name=name, vehicle_classes=list(classes), created_at=now, by=by, **terms
    )
    session.add(product)
    session.flush()
    audit(session, now, by, "pass product made", f"{site.id}/{name}", **terms)
    asked.done(session, product.id, now)
    return product


def end_product(session: Session, product_id: str, now: datetime, by: str) -> None:
    """It is no longer sold nor renewed; passes that were sold hold on."""
    product = session.get(PassProduct, product_id)
    if product is None or product.ended_at is not None:
        raise Refused("there is no such pass to be sold")
    product.ended_at = now
    audit(session, now, by, "pass product ended", f"{product.site_id}/{product.name}")
