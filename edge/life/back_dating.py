"""The journal's part in believing a clock: the latest instants on record, and the right time for what waits there."""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from edge.journal.file import Database, JournalError, open_reader
from edge.life.clock_trust import ClockSet, Recorded, back_dated
from edge.protocol.messages import Clock, Event

log = logging.getLogger(__name__)

# two weeks of a gate's minutes: what is older says no more than that the clock has not been set for long
_LOOKED_AT = 20_000
_NEWEST = (
    "SELECT wall_ms FROM events WHERE n > (SELECT max(n) FROM events) - ? AND json_extract(body, '$.clock') IN ({})"
    " ORDER BY n DESC LIMIT 1"
)


def recorded(path: Path) -> Recorded:
    """The latest instants in the journal at `path`; none where there is no journal, or none that can be read."""
    if not path.exists():
        return Recorded()
    try:
        db = open_reader(path)
    except JournalError as error:
        log.warning("the clock can't be held against the journal: %s", error)
        return Recorded()
    try:
        return Recorded(synced=_newest(db, Clock.SYNCED), trusted=_newest(db, Clock.SYNCED, Clock.HOLDOVER))
    except sqlite3.Error as error:  # opening it to write finds out what is wrong, and tells it
        log.warning("the clock can't be held against the journal %s: %s", path, error)
        return Recorded()
    finally:
        db.close()


def back_date(db: Database, told: ClockSet) -> int:
    """Gives what waits in the outbox since before the clock was set its right time; how many events.

    Part of the caller's transaction. What central has already is placed there, by the same arithmetic.
    """
    waiting = db.execute("SELECT n, body FROM outbox JOIN events USING (n) ORDER BY n").fetchall()
    changed = 0
    for n, body in waiting:
        event = Event.decode(body)
        right = back_dated(event, told)
        if right is event:
            continue
        wall_ms = int(right.wall.timestamp() * 1000)
        db.execute("UPDATE events SET wall_ms = ?, body = ? WHERE n = ?", [wall_ms, right.encode().decode(), n])
        changed += 1
    return changed


def _newest(db: Database, *clocks: Clock) -> datetime | None:
    marks = ", ".join("?" * len(clocks))
    row = db.execute(_NEWEST.format(marks), [_LOOKED_AT, *map(str, clocks)]).fetchone()
    return datetime.fromtimestamp(row[0] / 1000, UTC) if row else None
