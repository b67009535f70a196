"""Messages from gates: one function for each, every one of them may come twice and in any order."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from central.actions import gate_clock, gates, inbox, lanes, stays, violation_watch, waiting
from central.actions.errors import Refused
from central.actions.inbox import Line
from central.actions.occurrence import Occurrence
from central.store.schema import Gate
from edge.protocol import topics
from edge.protocol.messages import (
    About,
    BadMessage,
    CommandDone,
    Entered,
    EntryRefused,
    Event,
    Exited,
    ExitRequested,
    ExitWithdrawn,
    FaultState,
    GateHealth,
    GateStarted,
    GateState,
    Reply,
    Status,
    Wire,
)

log = logging.getLogger(__name__)

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# a board without a battery's clock counts from 1970; instants near the calendar's ends can't be told in every zone
EARLIEST_WALL, LATEST_WALL = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# what a hostile or half-understood message can raise on its way; anything else is the database's trouble or a bug
INAPPLICABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, IntegrityError, DataError)


class UnknownGate(Refused):
    """A gate that has not been added here. It is told nothing, so it keeps what it has until it is."""

    def __init__(self, where: topics.FromGate) -> None:
        super().__init__(f"gate {where.site}/{where.gate} is not known; `python -m central gate add` makes it so")
        self.where = where


@dataclass
class Touched:
    """Lines that a batch has heard of and owes an acknowledgement, and the lowest number each gate still keeps."""

    lines: dict[Line, int] = field(default_factory=dict)

    def add(self, line: Line, waiting_from: int | None) -> None:
        self.lines[line] = max(self.lines.get(line, 1), waiting_from or 1)

    def acknowledge(self, session: Session, now: datetime) -> dict[Line, int]:
        """Up to where every line of the journals heard of is committed, once this transaction is."""
        for line, waiting_from in self.lines.items():
            inbox.advance(session, line, now, waiting_from=waiting_from)
        return inbox.cursors(session, self.lines)


def handle(
    session: Session,
    topic: str,
    payload: bytes,
    now: datetime,
    touched: Touched,
    *,
    retained: bool = False,
    asks: Collection[str] = (),
) -> None:
    """Applies one message in the caller's transaction; what can't be applied leaves nothing but a quarantine row.

    retained  the broker had kept it: nobody says it just now
    asks      the commands that home automation may ask for
    """
    try:
        with session.begin_nested():
            _apply(session, topics.parse(topic), topic, payload, now, touched, retained, asks)
            session.flush()
    except UnknownGate as error:
        kept = error.where.kind == "event" and inbox.quarantine_strange(
            session, error.where.site, error.where.gate, topic, payload, str(error), now
        )
        log.warning("message on %r %s: %s", topic[:200], "put aside" if kept else "not kept", error)
    except (*INAPPLICABLE, StatementError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error, INAPPLICABLE):
            raise
        expected = isinstance(error, Refused | BadMessage | topics.TopicError)
        log.warning("message on %r put aside: %s", topic[:200], error, exc_info=None if expected else error)
        line, seq = _number_of(topic, payload)
        inbox.quarantine(session, topic, payload, _reason(error), now, line, seq)
        if line is not None:
            touched.add(line, None)


def _apply(
    session: Session,
    where: topics.FromGate,
    topic: str,
    payload: bytes,
    now: datetime,
    touched: Touched,
    retained: bool,
    asks: Collection[str],
) -> None:
    gate = session.get(Gate, (where.site, where.gate))
    if gate is None:
        raise UnknownGate(where)
    match where.kind:
        case "status":
            gate_status(session, gate, Status.decode(payload), now)
        case "about":
            gates.about_changed(gate, About.decode(payload))
        case "state":
            state = GateState.decode(payload)
            gates.state_changed(gate, state, now)
            if not retained:
                gates.heard_from(gate, state.boot, now)
        case "health":
            gates.health_told(session, gate, GateHealth.decode(payload), now)
        case "fault" if not payload:
            gates.fault_over(session, gate, where.leaf, now)
        case "fault":
            fault = FaultState.decode(payload)
            if fault.code != where.leaf:
                raise BadMessage(f"fault {fault.code}: its code is not that of its topic {topic}")
            gates.fault_told(session, gate, fault, now)
        case "ask":
            # a retained one would move the boom at every start of central
            if payload and not retained:
                lanes.asked(session, gate, where.leaf, payload, asks, now)
        case "reply":
            if not UUID.fullmatch(where.leaf):
                raise BadMessage(f"reply: {where.leaf[:40]!r}: expected the id of a command")
            lanes.gate_replied(session, gate, where.leaf, Reply.decode(payload), now)
        case "event":
            event = Event.decode(payload)
            if (event.gate, event.stream, event.type) != (where.gate, where.stream, where.leaf):
                raise BadMessage(f"event {event.id}: its gate, stream or type is not that of its topic {topic}")
            _event(session, gate, event, now, touched)


def _event(session: Session, gate: Gate, event: Event, now: datetime, touched: Touched) -> None:
    if not EARLIEST_WALL <= event.wall < LATEST_WALL:
        raise BadMessage(f"event {event.id}: wall: expected an instant from {EARLIEST_WALL:%Y} to {LATEST_WALL:%Y}")
    facts = event.facts()
    at = Occurrence.of(event, gate, now, gate_clock.by_its_start(session, gate, event, now))
    new = inbox.keep_event(session, at)
    touched.add(Line(gate.site_id, gate.id, event.journal, event.stream), event.waiting_from)
    gates.heard_from(gate, event.boot, now)
    if new:
        gate.last_event_at = now
        HANDLERS.get(type(facts), nothing_more)(session, at, facts)


def gate_status(session: Session, gate: Gate, status: Status, now: datetime) -> None:
    """A gate that started anew has forgotten who waited at it."""
    if gates.status_changed(gate, status, now):
        waiting.forgotten_by(session, gate, status.boot, now)


def gate_started(session: Session, at: Occurrence, facts: GateStarted) -> None:
    waiting.forgotten_by(session, at.gate, at.event.boot, at.received_at, started_at=at.at)


def entered(session: Session, at: Occurrence, facts: Entered) -> None:
    stays.vehicle_entered(session, at, facts)


def exit_requested(session: Session, at: Occurrence, facts: ExitRequested) -> None:
    stays.exit_requested(session, at, facts)


def exit_withdrawn(session: Session, at: Occurrence, facts: ExitWithdrawn) -> None:
    stays.exit_withdrawn(session, at, facts)


def exited(session: Session, at: Occurrence, facts: Exited) -> None:
    stays.vehicle_exited(session, at, facts)


def entry_refused(session: Session, at: Occurrence, facts: EntryRefused) -> None:
    violation_watch.refused(session, at, facts)


def command_done(session: Session, at: Occurrence, facts: CommandDone) -> None:
    reply = Reply(verdict=facts.verdict, reason=facts.reason)
    lanes.gate_replied(session, at.gate, facts.cmd_id, reply, at.received_at)


def gate_health(session: Session, at: Occurrence, facts: GateHealth) -> None:
    """Also told live; this one may have waited in the gate's outbox."""
    if at.gate.health_at is None or at.gate.health_at < at.at:
        gates.health_told(session, at.gate, facts, at.at)


def nothing_more(session: Session, at: Occurrence, facts: Wire) -> None:
    """The kept event is all that is wanted of it: passages, notices."""


HANDLERS: dict[type[Wire], Callable[[Session, Occurrence, Wire], None]] = {
    Entered: entered,
    ExitRequested: exit_requested,
    ExitWithdrawn: exit_withdrawn,
    Exited: exited,
    EntryRefused: entry_refused,
    CommandDone: command_done,
    GateStarted: gate_started,
    GateHealth: gate_health,
}


def _number_of(topic: str, payload: bytes) -> tuple[Line | None, int | None]:
    """The line and number of an event that could not be applied, as far as they can be made out."""
    try:
        where = topics.parse(topic)
        body = json.loads(payload)
        journal, stream, seq = body["journal"], topics.Stream(body["stream"]), body["seq"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None, None
    sound = isinstance(journal, str) and UUID.fullmatch(journal) and type(seq) is int and 0 < seq < 1 << 63
    return (
        (Line(where.site, where.gate, journal, str(stream)), seq) if sound and where.kind == "event" else (None, None)
    )


def _reason(error: Exception) -> str:
    """What was wrong, without the statement and its values where the database or its driver said it."""
    return str(getattr(error, "orig", None) or error) or repr(error)
