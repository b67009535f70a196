"""Questions to the journal for staff: its lines by what they are about, and the stays it mirrors, page by page."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.http.models import JournalQuestion, SessionsQuestion
from edge.journal.event_log import LogRow
from edge.journal.file import Database, JournalError, explain, open_reader
from edge.journal.mirror import Mirror, MirrorRow
from edge.protocol.messages import Event, SessionState, SessionStatus

LOOK_S = 2.0  # a question takes no longer: a small card's disk is the recorder's first
_OPS = 20_000

# a plate is read out of the body: so few ask by one that an index would cost every vehicle more than it gives
LINES = """
SELECT events.n, body, outbox.n IS NOT NULL FROM events LEFT JOIN outbox USING (n)
WHERE (:before IS NULL OR events.n < :before) AND (:type IS NULL OR type = :type)
  AND (:session IS NULL OR session = :session)
  AND (:since IS NULL OR wall_ms >= :since) AND (:until IS NULL OR wall_ms < :until)
  AND (:plate IS NULL OR json_extract(body, '$.data.plate.text') = :plate)
ORDER BY events.n DESC LIMIT :limit
"""

STAYS = f"""
SELECT body, passed, local, coalesce(entered_ms, 0), session FROM sessions
WHERE NOT gone AND status != '{SessionStatus.CLOSED}' AND (:plate IS NULL OR plate = :plate)
  AND (:ms IS NULL OR (coalesce(entered_ms, 0), session) < (:ms, :session))
ORDER BY coalesce(entered_ms, 0) DESC, session DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class StaysPage:
    """Some stays, how many vehicles are inside in all, and where the next page begins, None on the last."""

    stays: list[MirrorRow]
    inside: int
    next: str | None


def lines(path: Path, asked: JournalQuestion) -> list[LogRow]:
    """The lines that were asked for, latest first; JournalError when they can't be read, or not in time."""
    wanted = asked.model_dump(exclude={"since", "until", "form"})
    with _asking(path) as db:
        rows = db.execute(LINES, wanted | {"since": _ms(asked.since), "until": _ms(asked.until)})
        return [LogRow(n, Event.decode(body), bool(waiting)) for n, body, waiting in rows]


def stays(path: Path, asked: SessionsQuestion) -> StaysPage:
    """Stays that are not over, the latest entry first; JournalError when they can't be read, or not in time."""
    ms, _, session = (asked.before or "").partition(".")
    wanted = {"plate": asked.plate, "limit": asked.limit, "ms": int(ms) if ms else None, "session": session}
    with _asking(path) as db:
        rows = list(db.execute(STAYS, wanted))
        inside = Mirror(db).inside_count()
    found = [MirrorRow(SessionState.decode(body), bool(passed), bool(local)) for body, passed, local, *_ in rows]
    return StaysPage(found, inside, f"{rows[-1][3]}.{rows[-1][4]}" if len(rows) == asked.limit else None)


def inside(path: Path) -> int:
    """Vehicles inside as far as this gate knows; JournalError when it can't be read."""
    with _asking(path) as db:
        return Mirror(db).inside_count()


@contextmanager
def _asking(path: Path) -> Iterator[Database]:
    with closing(open_reader(path)) as db:
        until = time.monotonic() + LOOK_S
        db.conn.set_progress_handler(lambda: time.monotonic() > until, _OPS)
        try:
            yield db
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise JournalError(
                    f"the journal was searched for {LOOK_S:g} s: expected a narrower question, as type and until"
                ) from error
            raise explain(error, path) from error
        except sqlite3.Error as error:
            raise explain(error, path) from error


def _ms(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp() * 1000)
