"""Events that central has not yet committed: the part of the journal that the uplink drains."""

from __future__ import annotations

from collections.abc import Mapping

from edge.journal.file import Database
from edge.protocol.messages import Ack, Event
from edge.protocol.topics import Stream

RANK: dict[Stream, int] = {Stream.MONEY: 0, Stream.OPS: 1, Stream.DIAG: 2}


class Outbox:
    """Queue of one journal's unacknowledged events, over a writing or a reading connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, event: Event, n: int) -> None:
        """Queues the event in row `n` of the log; part of the caller's transaction."""
        self._db.execute("INSERT INTO outbox VALUES (?, ?, ?)", [RANK[event.stream], event.seq, n])

    def add_run(self, life: int, stream: Stream, first: int, last: int) -> None:
        """Queues the events of one stream that the log has just taken, from seq `first` to `last`."""
        self._db.conn.execute(
            "INSERT INTO outbox SELECT ?, seq, n FROM events WHERE life = ? AND stream = ? AND seq BETWEEN ? AND ?",
            (RANK[stream], life, stream.value, first, last),
        )

    def window(self, limit: int, beyond: Mapping[Stream, int] | None = None) -> list[Event]:
        """The next events to send, at most `limit`: money first, then ops, then diag, each in order of seq.

        beyond  per stream, the seq up to which the caller has them in flight already; absent is 0
        """
        events: list[Event] = []
        for stream, rank in RANK.items():
            if len(events) >= limit:
                break
            rows = self._db.execute(
                "SELECT body FROM outbox JOIN events USING (n) WHERE rank = ? AND outbox.seq > ?"
                " ORDER BY outbox.seq LIMIT ?",
                [rank, (beyond or {}).get(stream, 0), limit - len(events)],
            )
            events.extend(Event.decode(body) for (body,) in rows)
        return events

    def acknowledge(self, ack: Ack) -> int:
        """Drops what central has committed; how many. The caller has checked that the ack is for this journal."""
        with self._db.atomic():
            return sum(
                self._db.execute("DELETE FROM outbox WHERE rank = ? AND seq <= ?", [RANK[stream], through]).rowcount
                for stream, through in ack.through.items()
            )

    def depth(self) -> int:
        """How many events wait."""
        return self._db.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def oldest(self) -> Event | None:
        """The event that has waited longest, None when none waits."""
        sql = "SELECT body FROM events WHERE n = (SELECT min(n) FROM outbox)"
        row = self._db.execute(sql).fetchone()
        return Event.decode(row[0]) if row else None
