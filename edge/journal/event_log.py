"""Everything the gate recorded, sent or not: the part of the journal that the maintenance page reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edge.journal.file import Database
from edge.protocol.messages import Event


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the log.

    n        its place, growing with time: pass the last one seen as `before` for the next page
    event    as it is or will be sent
    waiting  central has not committed it yet
    """

    n: int
    event: Event
    waiting: bool


class EventLog:
    """The log of one journal, over a writing or a reading connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, events: Iterable[Event], life: int) -> None:
        """Writes events, one after another; part of the caller's transaction."""
        self._db.conn.executemany(
            "INSERT INTO events (life, stream, seq, type, session, wall_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    life,
                    event.stream.value,
                    event.seq,
                    event.type,
                    event.session,
                    int(event.wall.timestamp() * 1000),
                    event.model_dump_json(),
                )
                for event in events
            ],
        )

    def recent(self, limit: int, before: int | None = None, type: str | None = None) -> list[LogRow]:
        """The latest `limit` lines, latest first, older than line `before` and of one event type where given."""
        rows = self._db.execute(
            "SELECT events.n, body, outbox.n IS NOT NULL FROM events LEFT JOIN outbox USING (n)"
            " WHERE (:before IS NULL OR events.n < :before) AND (:type IS NULL OR type = :type)"
            " ORDER BY events.n DESC LIMIT :limit",
            {"before": before, "type": type, "limit": limit},
        ).fetchall()
        return [LogRow(n, Event.decode(body), bool(waiting)) for n, body, waiting in rows]

    def prune(self, older_than: datetime) -> int:
        """Deletes lines from before `older_than`, never one that central still lacks; how many."""
        return self._db.execute(
            "DELETE FROM events WHERE wall_ms < ? AND n NOT IN (SELECT n FROM outbox)",
            [int(older_than.timestamp() * 1000)],
        ).rowcount
