"""The access list of a site: passes and denied plates, published to its gates with each change."""

from __future__ import annotations

import re
from datetime import datetime
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.outbox import publish
from central.actions.passes import rule_of
from central.actions.settling import settle
from central.rules.stay_table import INSIDE
from central.store.schema import AccessRule, Site, Stay
from edge.protocol import topics
from edge.protocol.ids import uuid7
from edge.protocol.messages import AccessEntry, AccessList, OpeningHours, VehicleClass


def normal_plate(text: str) -> str:
    """A plate as a person types it, normalised: "mh 12-ab 1234" is "MH12AB1234"; Refused when that is no plate."""
    plate = re.sub(r"[\s.-]", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{1,16}", plate):
        raise Refused(f"plate {text[:40]!r}: expected 1 to 16 letters A-Z and digits", field="plate")
    return plate


def set_rule(
    session: Session,
    site_id: str,
    plate: str,
    kind: str,
    now: datetime,
    by: str,
    *,
    vehicle_class: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    note: str = "",
    tell: bool = True,
) -> AccessRule:
    """Gives a plate a pass, or denies it; replaces what was set for it before, also for the vehicle that is inside.

    tell  the gates are told at once; else by `tell_gates`, once many plates are set
    """
    if kind not in ("pass", "denied"):
        raise Refused(f"kind {kind!r}: expected pass or denied")
    if vehicle_class is not None and vehicle_class not in get_args(VehicleClass):
        raise Refused(f"vehicle class {vehicle_class!r}: expected one of {', '.join(get_args(VehicleClass))}")
    if valid_from and valid_until and valid_until <= valid_from:
        raise Refused("valid_until: expected an instant after valid_from")
    site, plate = _site(session, site_id), normal_plate(plate)
    rule = rule_of(session, site_id, plate)
    if rule is None:
        rule = AccessRule(id=uuid7(), site_id=site_id, plate=plate, created_at=now)
        session.add(rule)
    rule.kind, rule.vehicle_class, rule.by, rule.note = kind, vehicle_class, by, note
    rule.valid_from, rule.valid_until = valid_from, valid_until
    audit(session, now, by, f"access {kind}", site_id, plate=plate, note=note)
    if tell:
        _changed(session, site, now)
    else:
        session.flush()
    _settle_inside(session, site_id, plate, now)
    return rule


def remove_rule(session: Session, site_id: str, plate: str, now: datetime, by: str) -> None:
    """Takes a plate off the list; Refused when it is not on it."""
    site, plate = _site(session, site_id), normal_plate(plate)
    rule = rule_of(session, site_id, plate)
    if rule is None:
        raise Refused(f"plate {plate} is not on the access list of {site_id}")
    session.delete(rule)
    audit(session, now, by, "access removed", site_id, plate=plate, kind=rule.kind)
    _changed(session, site, now)
    _settle_inside(session, site_id, plate, now)


def tell_gates(session: Session, site_id: str, now: datetime) -> None:
    """The list has changed, however many of its plates: a version of it goes out."""
    _changed(session, _site(session, site_id), now)


def access_list(session: Session, site: Site) -> AccessList:
    """The list as gates get it."""
    rules = session.scalars(select(AccessRule).where(AccessRule.site_id == site.id).order_by(AccessRule.plate))
    entries = tuple(
        AccessEntry(
            plate=rule.plate,
            kind=rule.kind,
            vehicle_class=rule.vehicle_class,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )
        for rule in rules
    )
    hours = tuple(OpeningHours.model_validate(line) for line in site.hours)
    return AccessList(site=site.id, version=site.access_version, timezone=site.timezone, entries=entries, hours=hours)


def publish_access(session: Session, site: Site, now: datetime) -> None:
    """Queues the list as it stands."""
    session.flush()
    publish(session, topics.access(site.id), access_list(session, site).encode().decode(), now, retained=True)


def _changed(session: Session, site: Site, now: datetime) -> None:
    site.access_version += 1
    publish_access(session, site, now)


def _site(session: Session, site_id: str) -> Site:
    site = session.get(Site, site_id, with_for_update=True)
    if site is None:
        raise Refused(f"site {site_id!r} is not known")
    return site


def _settle_inside(session: Session, site_id: str, plate: str, now: datetime) -> None:
    """Vehicles of that plate that are inside, by what is set for it now."""
    session.flush()
    live = Stay.status.in_([str(status) for status in INSIDE])
    inside = select(Stay).where(Stay.site_id == site_id, Stay.plate == plate, live).with_for_update()
    for row in list(session.scalars(inside.execution_options(populate_existing=True))):
        settle(session, row, now)
