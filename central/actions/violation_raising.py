"""Raises violations: one of each kind for a stay at most, with what is asked for it.

What a notice asks for is a due of its own kind, so it is paid, receipted and given back as any other; the books know of
it once it is paid.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, news, repeats, webhooks_out
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import hold, lock_site, note
from central.actions.violation_rules import rule_of
from central.actions.violations import key_of, said
from central.rules import violations as rules
from central.rules.due import DueStatus
from central.rules.stay_table import Status as StayStatus
from central.rules.violations import Kind, Rule, Status
from central.store.schema import Due, Stay, Violation
from edge.protocol.ids import uuid7


def raise_on(
    session: Session, row: Stay, kind: Kind, rule: Rule, now: datetime, by: str, **seen: Any
) -> Violation | None:
    """Raises a violation of a stay and asks for its amount; None where the stay has one of that kind. Its site is held.

    seen  columns of `Violation` that tell what was seen: happened_at at least
    """
    common = {"plate": row.plate, "vehicle_class": row.vehicle_class, "stay_id": row.id}
    made = _raise(session, key_of(kind, row.id), row.site_id, kind, rule.amount_paise, now, by, common | seen)
    if made is None:
        return None
    if rule.amount_paise:
        ends = now + rule.pay_within
        quote = rules.asked(kind, rule.amount_paise, rule, made.since, made.happened_at, ends)
        due = Due(
            id=uuid7(),
            stay_id=row.id,
            kind=billing.OF_VIOLATION,
            state=str(DueStatus.OPEN),
            amount_paise=rule.amount_paise,
            quote=billing.quote_json(quote),
            earlier_quotes=[],
            quoted_at=now,
            stopped_at=made.happened_at,
        )
        session.add(due)
        session.flush()
        made.due_id, made.due_by, made.sac = due.id, ends, rule.sac
    note(session, row, made.happened_at, "violation", by, why=str(kind).replace("_", " "), violation=made.id)
    news.violation_raised(session, made, now)
    return made


def raise_on_plate(
    session: Session, site_id: str, plate: str, day: str, kind: Kind, now: datetime, by: str, **seen: Any
) -> Violation | None:
    """Raises one of a plate that never came in, without an amount: once a day of the site. Its site is held."""
    common = {"plate": plate, "vehicle_class": "other"} | seen
    made = _raise(session, f"{kind}:{site_id}:{plate}:{day}", site_id, kind, 0, now, by, common)
    if made is not None:
        news.violation_raised(session, made, now)
    return made


def raise_by_hand(
    session: Session, stay_id: str, kind: str, reason: str, now: datetime, by: str, *, key: str | None = None
) -> Violation:
    """A person has looked at a stay and raises it; Refused where the site sets nothing for it, or it has one."""
    if kind not in list(Kind):
        raise Refused(f"violation {kind[:40]!r}: expected one of {', '.join(Kind)}")
    reason, kind = said(reason), Kind(kind)
    known = session.get(Stay, stay_id)
    if known is None:
        raise Refused("there is no such stay")
    lock_site(session, known.site_id)
    asked = repeats.request(session, "raise violation", key, stay=stay_id, kind=kind, reason=reason)
    if asked.before is not None:
        return session.get_one(Violation, asked.before)
    row = hold(session, stay_id)
    rule = rule_of(session, row.site_id, kind)
    if rule is None:
        raise Refused(f"{kind.replace('_', ' ')}: nothing is set for it at {row.site_id}")
    if row.plate is None or row.status == StayStatus.VOID:
        raise Refused("a violation is of a plate: this stay has none, or was struck out")
    seen = {"happened_at": row.exited_at or row.requested_at or row.entered_at or now, "since": row.entered_at}
    pictures = {"image": row.exit_image or row.entry_image, "other_image": row.entry_image if row.exit_image else None}
    facts = {"reason": reason}
    where = {"gate_id": row.exit_gate or row.entry_gate}
    made = raise_on(session, row, kind, rule, now, by, facts=facts, **where, **seen, **pictures)
    if made is None:
        raise Refused(f"{kind.replace('_', ' ')}: it was raised for this stay before")
    asked.done(session, made.id, now)
    return made


def _raise(
    session: Session, key: str, site_id: str, kind: Kind, amount: int, now: datetime, by: str, seen: dict[str, Any]
) -> Violation | None:
    if session.scalar(select(Violation.id).where(Violation.key == key)) is not None:
        return None
    made = Violation(
        id=uuid7(), site_id=site_id, kind=str(kind), key=key, status=str(Status.RAISED), amount_paise=amount,
        raised_at=now, raised_by=by, notified_how="", appeal="", appeal_contact="", decided_by="", decision="",
        **({"facts": {}} | seen),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit(session, now, by, "violation raised", made.id, kind=str(kind), plate=made.plate, amount_paise=amount)
    webhooks_out.violation(session, "violation.raised", made, now)
    return made
