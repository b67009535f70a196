"""Plates of passes that are sold, on the site's access list: put there, taken off, and never over what a person set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.actions import access
from central.actions.passes import rule_of
from central.rules.passes import PassState
from central.store.schema import Pass


def unlist(session: Session, sold: Pass, now: datetime, by: str) -> None:
    """Takes the pass's plates off the list where they are there because of it; one that it renews holds to its end."""
    earlier = None if sold.renews is None else session.get(Pass, sold.renews)
    holds = earlier is not None and earlier.state == PassState.PAID and earlier.valid_until > now
    for one in sold.plates:
        rule = rule_of(session, sold.site_id, one["plate"])
        if rule is None or rule.note != _note(sold.account_id) or rule.valid_until != sold.valid_until:
            continue
        access.remove_rule(session, sold.site_id, one["plate"], now, by)
        if holds:
            session.flush()
            enlist(session, earlier, one, now)


def _note(account_id: str) -> str:
    """What a rule of the access list says that came from a pass sold to that account."""
    return f"sold to {account_id}"


def taken(session: Session, site_id: str, plate: str, begins: datetime, account_id: str) -> str:
    """Why a pass for the plate can't begin then, "" where it can."""
    rule = rule_of(session, site_id, plate)
    if rule is None or (rule.kind == "pass" and rule.note == _note(account_id)):
        return ""
    if rule.kind == "denied":
        return "is not let in here"
    return "" if rule.valid_until is not None and rule.valid_until <= begins else "has another pass then"


def enlist(session: Session, sold: Pass, one: dict[str, Any], now: datetime) -> None:
    """Puts a plate on the list; where the pass goes on from one that holds, from its beginning."""
    rule = rule_of(session, sold.site_id, one["plate"])
    begins, ends = sold.valid_from, sold.valid_until
    if rule is not None and rule.note == _note(sold.account_id) and rule.valid_until is not None:
        if rule.valid_until >= begins and rule.valid_from is not None:
            begins = min(begins, rule.valid_from)
        ends = max(ends, rule.valid_until)
    access.set_rule(
        session, sold.site_id, one["plate"], "pass", now, "pass sale", vehicle_class=one["class"],
        valid_from=begins, valid_until=ends, note=_note(sold.account_id),
    )  # fmt: skip
