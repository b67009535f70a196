"""Facts that the journal would not take: kept in order, written when it can, bounded, and none given up in silence."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge.journal.journal import Journal, JournalError, JournalFull
from edge.protocol.messages import EVENT_TYPES, EVENTS, GateNotice
from edge.protocol.topics import Stream
from edge.rules.records import Fact, Moment

log = logging.getLogger(__name__)

MOST = 5000  # hours of a busy lane, some megabytes
MOST_TRIES = 5
AT_ONCE = 20  # a long backlog must not keep a grant waiting


@dataclass(slots=True)
class Entry:
    """One record to be made.

    facts     that belong together
    resolves  id of the grant that ends with them, None for none
    moment    when it was
    tries     so far, but for those that found the disk full
    """

    facts: tuple[Fact, ...]
    resolves: str | None
    moment: Moment
    tries: int = 0

    @property
    def images(self) -> list[str]:
        """Hashes of the pictures its facts name."""
        return [image for fact in self.facts if (image := getattr(fact.what, "image", None))]

    @property
    def is_money(self) -> bool:
        return self.resolves is not None or any(
            EVENTS[EVENT_TYPES[type(fact.what)]][0] is Stream.MONEY for fact in self.facts
        )


class Unwritten:
    """The queue. All but `len` is for the recorder's thread.

    write  records one entry; JournalError when it can't
    """

    def __init__(self, write: Callable[[Journal, Entry], object]) -> None:
        self._write = write
        self._waiting: deque[Entry] = deque()
        self._lost = 0
        self._latest: Moment | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Nothing waits, and nothing is to be told."""
        return not self._waiting and not self._lost

    def add(self, entry: Entry, error: JournalError) -> None:
        """Keeps what was refused just now; the least important goes when there is no room here either."""
        entry.tries += not isinstance(error, JournalFull)
        if len(self._waiting) >= MOST:
            cheapest = next((one for one in self._waiting if not one.is_money), self._waiting[0])
            self._waiting.remove(cheapest)
            self._give_up(cheapest, f"{MOST} others wait")
        self._waiting.append(entry)

    def write_some(self, journal: Journal) -> bool:
        """Writes the next few; whether it is worth going on at once."""
        for _ in range(AT_ONCE):
            if not self._waiting:
                self._tell_of_losses(journal)
                return False
            entry = self._waiting[0]
            try:
                self._write(journal, entry)
            except JournalFull:
                return False
            except JournalError as error:  # no matter of room: it may be this fact that can't be written
                entry.tries += 1
                if entry.tries < MOST_TRIES:
                    return False
                self._give_up(entry, str(error))
            self._waiting.popleft()
        return True

    def give_up_all(self) -> None:
        """The end: whatever is left is written to the log, for a person to see to."""
        while self._waiting:
            self._give_up(self._waiting.popleft(), "the gate stops")

    def _give_up(self, entry: Entry, why: str) -> None:
        self._lost += len(entry.facts)
        self._latest = entry.moment
        for fact in entry.facts:
            log.critical(
                "not on record, and not tried again (%s): %s at %s, stay %s: %s",
                why, type(fact.what).__name__, entry.moment.wall.isoformat(), fact.session, fact.what.model_dump_json(),
            )  # fmt: skip

    def _tell_of_losses(self, journal: Journal) -> None:
        if not self._lost or self._latest is None:
            return
        notice = GateNotice(code="facts_lost", detail=f"{self._lost} facts could not be recorded; they are in the log")
        try:
            journal.record(notice, at=self._latest)
        except JournalError:
            return
        self._lost = 0
