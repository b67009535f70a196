"""What gates have reported: kept once, acknowledged without a gap, and put aside where it can't be applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, union_all, update
from sqlalchemy.orm import Session

from central.actions.occurrence import Occurrence
from central.store.once import insert_once
from central.store.schema import AckCursor, GateEvent, Quarantine
from edge.protocol.topics import Stream

# a message of any size can be sent to us; this much of one that is refused is kept
KEPT_PAYLOAD_BYTES = 64 * 1024
# enough for a person to see which gate it is and what it sends
KEPT_OF_A_STRANGER = 100
_STEP = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One journal's stream of one gate: what sequence numbers count in."""

    site: str
    gate: str
    journal: str
    stream: str


def keep_event(session: Session, occurrence: Occurrence) -> bool:
    """True when the event is new: its effects belong in this very transaction."""
    event, gate = occurrence.event, occurrence.gate
    line = Line(gate.site_id, gate.id, event.journal, event.stream)
    cursor = session.get(AckCursor, (line.site, line.gate, line.journal, line.stream))
    if event.stream is Stream.DIAG and cursor is not None and event.seq <= cursor.through_seq:
        return False  # old diagnostics are deleted, so the row itself can't tell
    request = event.data.get("request")
    row = {
        "id": event.id,
        "site_id": gate.site_id,
        "gate_id": gate.id,
        "journal": event.journal,
        "stream": str(event.stream),
        "seq": event.seq,
        "type": event.type,
        "at": occurrence.at,
        "wall": event.wall,
        "clock": str(event.clock),
        "offline": event.offline,
        "boot": event.boot,
        "mono_ms": event.mono_ms,
        "received_at": occurrence.received_at,
        "session": event.session,
        "request": request if isinstance(request, str) else None,
        # of the ticket only its hash is kept, and that with its stay
        "data": {name: value for name, value in event.data.items() if name != "ticket"},
    }
    if insert_once(session, GateEvent, row):
        return True
    known = session.get(GateEvent, event.id)
    if known is None or (known.journal, known.stream, known.seq) != (event.journal, event.stream, event.seq):
        raise ValueError(f"event {event.id}: its id or its number {event.stream} {event.seq} was used by another event")
    return False


def quarantine(
    session: Session,
    topic: str,
    payload: bytes,
    reason: str,
    now: datetime,
    line: Line | None = None,
    seq: int | None = None,
) -> None:
    """Puts a message aside, once. With its line and number it counts as received, so the gate may let go of it.

    One kept before its gate was known gets its line and number now.
    """
    place = {}
    if line is not None:
        place = {"site_id": line.site, "gate_id": line.gate, "journal": line.journal, "stream": line.stream, "seq": seq}
    row = _row(topic, payload, reason, now) | place
    if not insert_once(session, Quarantine, row) and place:
        numberless = update(Quarantine).where(Quarantine.fingerprint == row["fingerprint"], Quarantine.seq.is_(None))
        session.execute(numberless.values(**place, reason=row["reason"], seen=False))


def quarantine_strange(
    session: Session, site: str, gate: str, topic: str, payload: bytes, reason: str, now: datetime
) -> bool:
    """Puts an event of a gate that is not known aside; False, and nothing done, where many of it are there already.

    It counts as not received: the gate keeps it, and it is applied once the gate is known.
    """
    of_gate = select(Quarantine.id).where(
        Quarantine.site_id == site, Quarantine.gate_id == gate, Quarantine.seq.is_(None)
    )
    if len(session.scalars(of_gate.limit(KEPT_OF_A_STRANGER)).all()) == KEPT_OF_A_STRANGER:
        return False
    insert_once(session, Quarantine, _row(topic, payload, reason, now) | {"site_id": site, "gate_id": gate})
    return True


def _row(topic: str, payload: bytes, reason: str, now: datetime) -> dict[str, Any]:
    return {
        "fingerprint": hashlib.sha256(topic.encode(errors="replace") + b"\n" + payload).hexdigest(),
        "received_at": now,
        "topic": _storable(topic[:1000]),
        "payload": payload[:KEPT_PAYLOAD_BYTES],
        "reason": _storable(reason[:1000]),
        "seen": False,
    }


def _storable(text: str) -> str:
    """The text without what no database takes: NUL, and halves of a character."""
    return text.replace("\0", "").encode(errors="replace").decode()


def advance(session: Session, line: Line, now: datetime, *, waiting_from: int) -> int:
    """Moves the line's cursor over everything that has come without a gap; returns up to where.

    waiting_from  the lowest number the gate says it still keeps: one below it that has not come never will, so that
                  gap is written down for staff and stepped over
    """
    key = (line.site, line.gate, line.journal, line.stream)
    cursor = session.get(AckCursor, key, with_for_update=True)
    if cursor is None:
        row = {"site_id": line.site, "gate_id": line.gate, "journal": line.journal, "stream": line.stream}
        insert_once(session, AckCursor, row | {"through_seq": 0})
        cursor = session.get_one(AckCursor, key, with_for_update=True)
    while (came := _walk(session, line, cursor)) is not None and cursor.through_seq + 1 < waiting_from:
        first, last = cursor.through_seq + 1, min(came, waiting_from) - 1
        reason = (
            f"{line.stream} events {first} to {last} of journal {line.journal} never came; the gate no longer has them"
        )
        topic = f"{line.site}/{line.gate}"
        quarantine(session, topic, f"{line.journal} {line.stream} {first}-{last}".encode(), reason, now)
        cursor.through_seq = last
    return cursor.through_seq


def cursors(session: Session, lines: Iterable[Line]) -> dict[Line, int]:
    """Where every line stands of the journals these lines are of."""
    journals = {(line.site, line.gate, line.journal) for line in lines}
    return {
        Line(site, gate, journal, cursor.stream): cursor.through_seq
        for site, gate, journal in sorted(journals)
        for cursor in session.scalars(
            select(AckCursor).where(AckCursor.site_id == site, AckCursor.gate_id == gate, AckCursor.journal == journal)
        )
    }


def _walk(session: Session, line: Line, cursor: AckCursor) -> int | None:
    """Moves the cursor up to the first gap; the first number beyond that gap, None where there is no gap."""
    while True:
        numbers = [
            select(table.seq).where(
                table.site_id == line.site,
                table.gate_id == line.gate,
                table.journal == line.journal,
                table.stream == line.stream,
                table.seq > cursor.through_seq,
            )
            for table in (GateEvent, Quarantine)
        ]
        came = list(session.scalars(union_all(*numbers).order_by("seq").limit(_STEP)))
        for seq in came:
            if seq > cursor.through_seq + 1:
                return seq
            cursor.through_seq = seq
        session.flush()
        if len(came) < _STEP:
            return None
