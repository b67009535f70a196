"""A driver's call for help at a lane: who sees to it, and what came of it, both written down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.corrections import telling
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.rules.corrections import checked_reason
from central.store.reads.help_calls import ANSWERED, CLOSED, CODE
from central.store.schema import Audit, GateEvent


def answer(session: Session, call_id: str, now: datetime, by: str) -> None:
    """Somebody sees to it. Refused where another does already, who is named."""
    event = _call(session, call_id)
    if (line := _last(session, event)) is not None and (line.what == CLOSED or line.by != by):
        raise Refused(f"{line.by} has {'closed' if line.what == CLOSED else 'answered'} this call")
    if line is None:
        audit(session, now, by, ANSWERED, _subject(event), call=event.id)


def close(session: Session, call_id: str, now: datetime, by: str, *, done: str) -> None:
    """It is over. done: what came of it. Refused where it was closed already."""
    event = _call(session, call_id)
    if (line := _last(session, event)) is not None and line.what == CLOSED:
        raise Refused(f"{line.by} has closed this call")
    with telling():
        done = checked_reason(done)
    audit(session, now, by, CLOSED, _subject(event), call=event.id, why=done)


def _call(session: Session, call_id: str) -> GateEvent:
    event = session.get(GateEvent, call_id)
    if event is None or event.data.get("code") != CODE:
        raise Refused("there is no such call for help")
    lock_site(session, event.site_id)
    return event


def _subject(event: GateEvent) -> str:
    return f"{event.site_id}/{event.gate_id}"


def _last(session: Session, event: GateEvent) -> Audit | None:
    lines = select(Audit).where(
        Audit.subject == _subject(event), Audit.what.in_([ANSWERED, CLOSED]), Audit.at >= event.received_at
    )
    newest = session.scalars(lines.order_by(Audit.id.desc()))
    return next((line for line in newest if line.detail.get("call") == event.id), None)
