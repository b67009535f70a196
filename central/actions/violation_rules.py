"""What a site does about each kind of violation, as its manager sets it. Nothing is raised where nothing is set."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.rules.invoice import SAC_PENALTY
from central.rules.money import rupees
from central.rules.violations import Kind, Rule
from central.store.schema import Site, ViolationRule

# services are chapter 99 of the classification
_SAC = re.compile(r"99[0-9]{4}")
#: field -> (least, most)
BOUNDS = {
    "amount_paise": (0, 1_00_000_00),
    "tax_rate_bp": (0, 2_800),
    "wait_minutes": (0, 60 * 24 * 60),
    "pay_within_days": (1, 365),
    "sure_percent": (50, 100),
}
_WHAT = {
    "amount_paise": "amount",
    "tax_rate_bp": "tax rate",
    "wait_minutes": "minutes",
    "pay_within_days": "days to pay",
    "sure_percent": "least certainty in percent",
}


def rule_of(session: Session, site_id: str, kind: Kind) -> Rule | None:
    """What follows from that kind at a site; None: nothing."""
    row = session.get(ViolationRule, (site_id, str(kind)))
    return None if row is None else as_rule(row)


def as_rule(row: ViolationRule) -> Rule:
    return Rule(
        amount_paise=row.amount_paise,
        tax_rate_bp=row.tax_rate_bp,
        sac=row.sac,
        wait=timedelta(minutes=row.wait_minutes),
        pay_within=timedelta(days=row.pay_within_days),
        sure=row.sure_percent / 100,
    )


def rules_of(session: Session, site_id: str) -> dict[str, ViolationRule]:
    """Everything that is set at a site, by kind."""
    return {row.kind: row for row in session.scalars(select(ViolationRule).where(ViolationRule.site_id == site_id))}


def set_rule(
    session: Session,
    site_id: str,
    kind: str,
    now: datetime,
    by: str,
    *,
    amount_paise: int,
    tax_rate_bp: int = 0,
    wait_minutes: int = 0,
    pay_within_days: int = 15,
    sure_percent: int = 90,
    sac: str = SAC_PENALTY,
) -> ViolationRule:
    """From now on that kind is raised at the site; what was raised before keeps its amount. Refused with the reason."""
    values = {
        "amount_paise": amount_paise,
        "tax_rate_bp": tax_rate_bp,
        "wait_minutes": wait_minutes,
        "pay_within_days": pay_within_days,
        "sure_percent": sure_percent,
    }
    _known(session, site_id, kind)
    for name, (least, most) in BOUNDS.items():
        if not least <= values[name] <= most:
            say = rupees if name == "amount_paise" else str
            raise Refused(f"{kind}: {_WHAT[name]} {say(values[name])}: expected {say(least)} to {say(most)}")
    if 0 < amount_paise < 100:
        raise Refused(f"{kind}: amount {rupees(amount_paise)}: expected ₹0 for none, or ₹1 and more")
    if kind == Kind.OVERSTAY and wait_minutes < 1:
        raise Refused(f"{kind}: minutes {wait_minutes}: expected how long may be stayed, 1 or more")
    if not _SAC.fullmatch(sac):
        raise Refused(f"{kind}: SAC {sac[:20]!r}: expected 6 digits that begin with 99, such as {SAC_PENALTY}")
    row = session.get(ViolationRule, (site_id, kind))
    if row is None:
        row = ViolationRule(site_id=site_id, kind=kind)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.sac, row.changed_at, row.by = sac, now, by
    audit(session, now, by, "violation rule set", f"{site_id}/{kind}", **values, sac=sac)
    session.flush()
    return row


def drop_rule(session: Session, site_id: str, kind: str, now: datetime, by: str) -> None:
    """That kind is no longer raised at the site. What was raised stays. Nothing where it was not set."""
    _known(session, site_id, kind)
    row = session.get(ViolationRule, (site_id, kind))
    if row is not None:
        session.delete(row)
        audit(session, now, by, "violation rule dropped", f"{site_id}/{kind}")


def _known(session: Session, site_id: str, kind: str) -> None:
    if session.get(Site, site_id, with_for_update=True) is None:
        raise Refused(f"site {site_id!r} is not known")
    if kind not in list(Kind):
        raise Refused(f"violation {kind[:40]!r}: expected one of {', '.join(Kind)}")
