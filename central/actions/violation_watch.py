"""Looks at what gates report for violations, by `central.rules.violations`: raises them, or asks a person to look.

Called at the end of what an event does, its site being held. What a later event shows to be wrong is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.occurrence import Occurrence
from central.actions.passes import rule_for
from central.actions.queue import enqueue
from central.actions.records import ask_review, hold, lock_site, note
from central.actions.violation_raising import raise_on, raise_on_plate
from central.actions.violation_rules import rule_of
from central.actions.violations import take_back
from central.rules import violations as rules
from central.rules.stay_table import Status
from central.rules.violations import Kind, Seen, Verdict
from central.store.schema import Stay, Violation
from edge.protocol.messages import Entered, EntryHow, EntryRefused, Exited, ExitHow, ExitRequested, PlateSeen

# the kind of job that looks whether who was let out to be billed has paid
UNPAID = "unpaid_exit"
# let out, or out, and not by a person
_UNBIDDEN = (ExitHow.OPEN_AND_BILL, ExitHow.TAILGATED)


def entered(session: Session, at: Occurrence, row: Stay, facts: Entered, left_unseen: Iterable[Stay]) -> None:
    """A stay has begun. left_unseen: those of its plate that were closed because it came in again."""
    doubt = at.doubt or ("" if facts.how in (EntryHow.PLATE, EntryHow.OPERATOR) else f"it entered {facts.how}")
    seen = _seen(row, facts.plate, doubt)
    where = _where(at, facts.image)
    _blocklisted(session, row, at, seen, where)
    _pass_of_another_class(session, row, at.at)
    _came_between(session, row, at)
    for old in left_unseen:
        if old.entered_at is None or old.entered_at >= at.at:
            continue
        unsure = Seen(old.plate, True, old.entry_confidence, doubt)
        weaker = min(seen, unsure, key=lambda one: one.confidence or 0.0)
        if not rules.passed_back(old.entered_at, old.requested_at is not None, at.at):
            weaker = Seen(seen.plate, True, seen.confidence, "its plate had been at an exit before, and may have left")
        beside = {"since": old.entered_at, "other_stay_id": old.id, "other_image": old.entry_image}
        _judge(session, row, Kind.ANTI_PASSBACK, weaker, at.received_at, **where, **beside)


def at_exit(session: Session, at: Occurrence, row: Stay, facts: ExitRequested | Exited) -> None:
    """A vehicle asks to leave, or has left."""
    assumed = isinstance(facts, Exited) and facts.how is ExitHow.ASSUMED
    seen = _seen(row, facts.plate, at.doubt or ("its exit was assumed" if assumed else ""))
    where = _where(at, facts.image or row.exit_image)
    _blocklisted(session, row, at, seen, where)
    _overstay(session, at, row, seen, where)
    if isinstance(facts, Exited) and facts.how in _UNBIDDEN and row.status == Status.LEFT_OWING:
        _ask_later(session, row, at, seen, facts)


def _overstay(session: Session, at: Occurrence, row: Stay, seen: Seen, where: dict[str, Any]) -> None:
    rule = rule_of(session, row.site_id, Kind.OVERSTAY)
    if rule is None or row.exempt:
        return
    if rules.overstayed(row.entered_at, row.stopped_at, rule.wait, at.at):
        known = Seen(row.plate, True, row.entry_confidence, seen.doubt)
        weaker = min(seen, known, key=lambda one: (one.exact and one.plate is not None, one.confidence or 0.0))
        beside = {"since": row.entered_at, "other_image": row.entry_image, "facts": {"allowed": _minutes(rule.wait)}}
        _judge(session, row, Kind.OVERSTAY, weaker, at.received_at, **where, **beside)


def refused(session: Session, at: Occurrence, facts: EntryRefused) -> None:
    """A denied plate stood at an entry and was not let in. Nothing is asked for that."""
    rule = rule_of(session, at.gate.site_id, Kind.BLOCKLISTED)
    if rule is None or facts.reason != "denied" or facts.plate is None:
        return
    if rules.verdict(Seen(facts.plate.text, True, facts.plate.confidence, at.doubt), rule)[0] is Verdict.LOOK:
        return  # it is outside, and the gate's own log shows it
    site = lock_site(session, at.gate.site_id)
    if _denied(session, site.id, facts.plate.text, at.at):
        day = at.at.astimezone(ZoneInfo(site.timezone)).date().isoformat()
        seen = _where(at, facts.image) | {"confidence": facts.plate.confidence, "facts": {"refused": True}}
        raise_on_plate(session, site.id, facts.plate.text, day, Kind.BLOCKLISTED, at.received_at, at.by, **seen)


def class_seen(session: Session, row: Stay, now: datetime, by: str) -> None:
    """A person has said what class a stay's vehicle is. A lane alone never tells: it names the class it is set to."""
    held = None if row.entered_at is None else rule_for(session, row.site_id, row.plate, row.entered_at)
    rule = rule_of(session, row.site_id, Kind.WRONG_CLASS)
    if rule is None or held is None or held.kind != "pass" or held.vehicle_class in (None, row.vehicle_class):
        return
    facts = {"pass": held.vehicle_class, "vehicle": row.vehicle_class, "seen_by": by}
    where = {"happened_at": row.entered_at, "gate_id": row.entry_gate, "image": row.entry_image}
    sure = Seen(row.plate, True, row.entry_confidence)
    _judge(session, row, Kind.WRONG_CLASS, sure, now, by=by, facts=facts, **where)


def unpaid(session: Session, payload: dict[str, Any], now: datetime) -> None:
    """The time to pay after leaving is over: raises it where the stay still owes."""
    site_id = session.get_one(Stay, payload["stay_id"]).site_id
    lock_site(session, site_id)
    row, rule = hold(session, payload["stay_id"]), rule_of(session, site_id, Kind.UNPAID_EXIT)
    if rule is None or row.status != Status.LEFT_OWING:
        return
    seen = Seen(payload["plate"], payload["plate"] == row.plate, payload["confidence"], payload["doubt"])
    facts = {"how": payload["how"], "wait": _minutes(rule.wait)}
    _judge(
        session, row, Kind.UNPAID_EXIT, seen, now, happened_at=datetime.fromisoformat(payload["at"]), facts=facts,
        event_id=payload["event_id"], gate_id=payload["gate"], image=payload["image"], since=row.entered_at,
        other_image=row.entry_image,
    )  # fmt: skip


def _judge(
    session: Session, row: Stay, kind: Kind, seen: Seen, now: datetime, *, by: str = "central", **columns: Any
) -> None:
    """Raises it, or asks a person to look; nothing where the site sets nothing for it."""
    rule = rule_of(session, row.site_id, kind)
    if rule is None:
        return
    what, why = rules.verdict(seen, rule)
    if what is Verdict.RAISE:
        raise_on(session, row, kind, rule, now, by, confidence=seen.confidence, **columns)
        return
    before = row.review
    ask_review(row, f"{kind.replace('_', ' ')}? {why}")
    if row.review != before:
        note(session, row, columns["happened_at"], "violation not raised", by, why=f"{kind.replace('_', ' ')}: {why}")


def _where(at: Occurrence, image: str | None) -> dict[str, Any]:
    return {"happened_at": at.at, "event_id": at.event.id, "gate_id": at.gate.id, "image": image}


def _seen(row: Stay, plate: PlateSeen | None, doubt: str) -> Seen:
    """What an event says of a stay's plate."""
    if plate is None:
        return Seen(None, doubt=doubt)
    return Seen(plate.text, plate.text == row.plate and not row.exit_alike, plate.confidence, doubt)


def _blocklisted(session: Session, row: Stay, at: Occurrence, seen: Seen, where: dict[str, Any]) -> None:
    if row.plate is not None and _denied(session, row.site_id, row.plate, row.entered_at or at.at):
        _judge(session, row, Kind.BLOCKLISTED, seen, at.received_at, **where)


def _denied(session: Session, site_id: str, plate: str, at: datetime) -> bool:
    """Whether that plate was on the denied list then, and had been put there before."""
    held = rule_for(session, site_id, plate, at)
    return held is not None and held.kind == "denied" and held.created_at <= at


def _pass_of_another_class(session: Session, row: Stay, at: datetime) -> None:
    held = rule_for(session, row.site_id, row.plate, at)
    wanted = None if held is None or held.kind != "pass" else held.vehicle_class
    if wanted not in (None, row.vehicle_class) and rule_of(session, row.site_id, Kind.WRONG_CLASS):
        ask_review(row, f"wrong class? its pass is for a {wanted}, the lane says {row.vehicle_class}")


def _came_between(session: Session, row: Stay, at: Occurrence) -> None:
    """Told late, a visit between two others of its plate: what they were held against each other for is not known."""
    accused = select(Violation.id).where(
        Violation.site_id == row.site_id, Violation.plate == row.plate, Violation.kind == str(Kind.ANTI_PASSBACK),
        Violation.since < at.at, Violation.happened_at > at.at,
    )  # fmt: skip
    for violation_id in session.scalars(accused).all() if row.plate is not None else ():
        take_back(session, violation_id, "a visit between was told later", at.received_at)


def _ask_later(session: Session, row: Stay, at: Occurrence, seen: Seen, facts: Exited) -> None:
    rule = rule_of(session, row.site_id, Kind.UNPAID_EXIT)
    if rule is None:
        return
    payload = {
        "stay_id": row.id, "event_id": at.event.id, "gate": at.gate.id, "image": facts.image or row.exit_image,
        "plate": seen.plate, "confidence": seen.confidence, "doubt": seen.doubt, "how": str(facts.how),
        "at": at.at.isoformat(),
    }  # fmt: skip
    enqueue(session, UNPAID, f"{UNPAID}:{row.id}", payload, max(at.received_at, at.at + rule.wait))


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
