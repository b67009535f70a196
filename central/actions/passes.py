"""What a plate's line on the access list makes of a stay: a pass exempts it as long as it holds, and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing
from central.actions.records import as_rule, note, put
from central.rules import stay as rules
from central.rules.stay_table import INSIDE, Status
from central.store.schema import AccessRule, Stay


def rule_of(session: Session, site_id: str, plate: str) -> AccessRule | None:
    """What is set for a plate, whether or not it is valid now."""
    return session.scalar(select(AccessRule).where(AccessRule.site_id == site_id, AccessRule.plate == plate))


def rule_for(session: Session, site_id: str, plate: str | None, at: datetime) -> AccessRule | None:
    """The rule of a plate that is valid at that moment."""
    rule = None if plate is None else rule_of(session, site_id, plate)
    if rule is None:
        return None
    begun = rule.valid_from is None or rule.valid_from <= at
    return rule if begun and (rule.valid_until is None or at < rule.valid_until) else None


def follow_pass(session: Session, row: Stay, now: datetime) -> None:
    """Exempts a stay whose plate has a pass, and lifts what it no longer has one for.

    The pass must hold when the clock stopped; while it runs, it must have held when the vehicle came in.
    """
    before = as_rule(row)
    if before.status not in (*INSIDE, Status.LEFT_OWING):
        return
    held = _pass_of(session, row, row.stopped_at or row.entered_at)
    if held is None:
        after = rules.lift_exemption(before) if before.exempt else before
    else:
        after = rules.exempt(before, _until(session, row, held, before, now))
    if after == before:
        return
    put(session, row, after, now)
    if after.exempt != before.exempt:
        note(session, row, now, "exempt" if after.exempt else "no longer exempt", "central", why="pass")


def has_pass(session: Session, row: Stay, at: datetime) -> bool:
    """Whether a stay that leaves at that moment leaves on a pass."""
    return _pass_of(session, row, row.stopped_at or at) is not None


def _pass_of(session: Session, row: Stay, at: datetime | None) -> AccessRule | None:
    if at is None or row.entered_at is None:
        return None
    rule = rule_for(session, row.site_id, row.plate, at)
    fits = rule is not None and rule.kind == "pass" and rule.vehicle_class in (None, row.vehicle_class)
    return rule if fits else None


def _until(session: Session, row: Stay, held: AccessRule, stay: rules.Stay, now: datetime) -> datetime | None:
    """Until when it may drive out on that pass: who came to the exit within it has the grace to get through."""
    if held.valid_until is None or not stay.waiting:
        return held.valid_until
    has_grace = stay.exempt and stay.permit_until is not None and stay.permit_until > held.valid_until
    if has_grace and stay.permitted(now):
        return stay.permit_until
    tariff = billing.tariff_of(session, row)
    grace = timedelta() if tariff is None else tariff.exit_grace
    return max(held.valid_until, now + grace)
