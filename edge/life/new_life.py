"""`python -m edge.life.new_life JOURNAL`: a restored journal counts on under a new UUID, with all that was unsent.

Central may have heard more from the card that the copy came from: the copy's next numbers would be taken for repeats.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from edge.journal.file import open_reader
from edge.journal.journal import Journal, JournalError
from edge.protocol.ids import uuid7
from edge.protocol.messages import Ack
from edge.protocol.topics import Stream
from edge.rules.records import Moment


def begin(path: Path) -> tuple[str, int]:
    """The journal's new UUID and how many events wait in it; JournalError for a file that is no journal of ours."""
    db = open_reader(path)
    try:
        row = db.execute("SELECT value FROM meta WHERE key = 'gate'").fetchone()
    except sqlite3.Error as error:
        raise JournalError(f"journal {path}: can't be read ({error})") from error
    finally:
        db.close()
    if row is None:
        raise JournalError(f"journal {path}: belongs to no gate yet; there is nothing to take over")
    journal = Journal.open(path, gate=row[0], at=Moment(datetime.now(UTC), 0, uuid7()))
    try:
        # what an old copy that was put back is told by central, said at once: more has come than it ever counted
        journal.acknowledge(Ack(journal=journal.uuid, through={Stream.MONEY: journal.last_seq(Stream.MONEY) + 1}))
        return journal.uuid, journal.outbox.depth()
    finally:
        journal.close()


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 1 or words[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        uuid, waiting = begin(Path(words[0]))
    except JournalError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"    journal {uuid}: {waiting} events go out by it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
