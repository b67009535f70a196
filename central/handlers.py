"""Messages from gates: one function for each, every one of them may come twice and in any order."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from central.actions import gates, inbox, lanes, stays
from central.actions.errors import Refused
from central.actions.inbox import Line
from central.actions.occurrence import Occurrence
from central.settings import Settings
from central.store.schema import Gate
from edge.protocol import topics
from edge.protocol.messages import (
    About,
    BadMessage,
    CommandDone,
    Entered,
    Event,
    Exited,
    ExitRequested,
    ExitWithdrawn,
    GateState,
    Reply,
    Status,
    Wire,
)

log = logging.getLogger(__name__)

# what a hostile or half-understood message can raise on its way; anything else is the database's trouble or a bug
INAPPLICABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, IntegrityError, DataError)


class UnknownGate(Refused):
    """A gate that has not been added here. It is told nothing, so it keeps what it has until it is."""


@dataclass
class Touched:
    """Lines that a batch has heard of, and whether something in them came again: they are owed an acknowledgement."""

    lines: dict[Line, bool] = field(default_factory=dict)

    def add(self, line: Line, resent: bool) -> None:
        self.lines[line] = self.lines.get(line, False) or resent

    def acknowledge(self, session: Session, settings: Settings, now: datetime) -> dict[Line, int]:
        """Up to where every line of the journals heard of is committed, once this transaction is."""
        lasts = timedelta(minutes=settings.stays.gap_minutes)
        for line, resent in self.lines.items():
            inbox.advance(session, line, now, gap_lasts=lasts, resent=resent)
        return inbox.cursors(session, self.lines)


def handle(session: Session, topic: str, payload: bytes, now: datetime, touched: Touched) -> None:
    """Applies one message in the caller's transaction; what can't be applied leaves nothing but a quarantine row."""
    try:
        with session.begin_nested():
            _apply(session, topic, payload, now, touched)
            session.flush()
    except INAPPLICABLE as error:
        expected = isinstance(error, Refused | BadMessage | topics.TopicError)
        log.warning("message on %r put aside: %s", topic[:200], error, exc_info=None if expected else error)
        line, seq = (None, None) if isinstance(error, UnknownGate) else _number_of(topic, payload)
        inbox.quarantine(session, topic, payload, str(error) or repr(error), now, line, seq)
        if line is not None:
            touched.add(line, False)


def _apply(session: Session, topic: str, payload: bytes, now: datetime, touched: Touched) -> None:
    where = topics.parse(topic)
    gate = session.get(Gate, (where.site, where.gate))
    if gate is None:
        raise UnknownGate(f"gate {where.site}/{where.gate} is not known; `python -m central gate add` makes it so")
    match where.kind:
        case "status":
            gates.status_changed(gate, Status.decode(payload), now)
        case "about":
            gates.about_changed(gate, About.decode(payload))
        case "state":
            gates.state_changed(gate, GateState.decode(payload), now)
        case "reply":
            lanes.gate_replied(session, gate, where.leaf, Reply.decode(payload), now)
        case "event":
            event = Event.decode(payload)
            if (event.gate, event.stream, event.type) != (where.gate, where.stream, where.leaf):
                raise BadMessage(f"event {event.id}: its gate, stream or type is not that of its topic {topic}")
            _event(session, gate, event, now, touched)


def _event(session: Session, gate: Gate, event: Event, now: datetime, touched: Touched) -> None:
    facts = event.facts()
    at = Occurrence.of(event, gate, now)
    new = inbox.keep_event(session, at)
    touched.add(Line(gate.site_id, gate.id, event.journal, event.stream), not new)
    if new:
        gate.last_event_at = now
        HANDLERS.get(type(facts), nothing_more)(session, at, facts)


def entered(session: Session, at: Occurrence, facts: Entered) -> None:
    stays.vehicle_entered(session, at, facts)


def exit_requested(session: Session, at: Occurrence, facts: ExitRequested) -> None:
    stays.exit_requested(session, at, facts)


def exit_withdrawn(session: Session, at: Occurrence, facts: ExitWithdrawn) -> None:
    stays.exit_withdrawn(session, at, facts)


def exited(session: Session, at: Occurrence, facts: Exited) -> None:
    stays.vehicle_exited(session, at, facts)


def command_done(session: Session, at: Occurrence, facts: CommandDone) -> None:
    reply = Reply(verdict=facts.verdict, reason=facts.reason)
    lanes.gate_replied(session, at.gate, facts.cmd_id, reply, at.received_at)


def nothing_more(session: Session, at: Occurrence, facts: Wire) -> None:
    """The kept event is all that is wanted of it: refusals, passages, notices, health."""


HANDLERS: dict[type[Wire], Callable[[Session, Occurrence, Wire], None]] = {
    Entered: entered,
    ExitRequested: exit_requested,
    ExitWithdrawn: exit_withdrawn,
    Exited: exited,
    CommandDone: command_done,
}


def _number_of(topic: str, payload: bytes) -> tuple[Line | None, int | None]:
    """The line and number of an event that could not be applied, as far as they can be made out."""
    try:
        where = topics.parse(topic)
        body = json.loads(payload)
        journal, stream, seq = body["journal"], topics.Stream(body["stream"]), body["seq"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None, None
    sound = isinstance(journal, str) and len(journal) == 36 and isinstance(seq, int) and 0 < seq < 1 << 63
    return (
        (Line(where.site, where.gate, journal, str(stream)), seq) if sound and where.kind == "event" else (None, None)
    )
