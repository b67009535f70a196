"""Takes the lane's facts and questions to the recorder and brings the answers back as news. Never waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from edge.clock import GateClock
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.pictures.pictures import Pictures
from edge.protocol.messages import AccessList
from edge.rules.access import Known
from edge.rules.lane.words import CommitGrant, Committed, Looked, LookUp
from edge.rules.records import Fact, Grant, Moment
from edge.rules.room import Room
from edge.unwritten import Entry, Unwritten
from edge.zones import zone

log = logging.getLogger(__name__)

LAST_TRY_S = 10.0
KEPT = timedelta(days=90)  # log lines that central has; it keeps its own, for longer


@dataclass(frozen=True, slots=True)
class Failed:
    """Something in another thread that must not happen: the controller raises it."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Depths:
    """What waits: events for central's ack, pictures for their upload; and the room on the disk."""

    outbox: int
    images: int
    room: Room
    free_bytes: int


class Scribe:
    """The controller's pen.

    tell       puts news into the controller's queue; called on any thread
    pictures   those of the spool
    unwritten  records the journal would not take, tried again by `retry`
    """

    def __init__(self, recorder: Recorder, clock: GateClock, spool: Path, tell: Callable[[object], None]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._tell = tell
        self.pictures = Pictures(recorder, spool, clock.wall)
        self._unwritten = Unwritten(self._write)
        self._retrying = False
        self._held = self._unheld = False

    @property
    def unwritten(self) -> int:
        return len(self._unwritten)

    def record(self, facts: Iterable[Fact], resolves: str | None = None, moment: Moment | None = None) -> None:
        """Writes the facts and queues the pictures they name; what the journal refuses stays here, see `retry`."""
        entry = Entry(tuple(facts), resolves, moment or self._clock.moment())
        self.pictures.named(entry.images)
        due = self.pictures.due()

        def done(answer: Future) -> None:
            error = answer.exception()
            if error is not None:
                self.pictures.put_back(due)
            if isinstance(error, JournalError):
                self._unwritten.add(entry, error)
            elif error is not None:
                self._tell(Failed(error))

        self._recorder.submit(lambda journal: self._write(journal, entry, due)).add_done_callback(done)

    def retry(self) -> None:
        """Tries again what was not written, a little at a time, so that a grant need not wait long."""
        if self._unheld:
            self.hold(self._held)
        self.pictures.queue_due()
        if not self._retrying and not self._unwritten.is_idle:
            self._retrying = True
            self._go_on_retrying()

    def close(self) -> None:
        """The end, before the recorder's: one last try, and what can't be written then goes to the log."""
        going_on = self._recorder.alive
        while going_on:
            answer = self._recorder.submit(self._unwritten.write_some)
            wait([answer], timeout=LAST_TRY_S)
            going_on = answer.done() and answer.exception() is None and answer.result()
        if self._recorder.alive:
            wait([self._recorder.submit(lambda journal: self._unwritten.give_up_all())], timeout=LAST_TRY_S)
        else:  # it died, and the gate stops for that
            self._unwritten.give_up_all()

    def hold(self, held: bool) -> None:
        """Remembers over a restart whether a person holds the boom open."""
        self._held, self._unheld = held, False

        def done(answer: Future) -> None:
            if answer.exception() is not None:
                log.error("it is not on record that the boom is held open: %s: %s", held, answer.exception())
                self._unheld = True

        self._recorder.submit(lambda journal: journal.hold(held)).add_done_callback(done)

    def commit(self, action: CommitGrant) -> None:
        """Commits a grant; Committed comes as news."""
        grant: Grant = action.grant
        self.pictures.named([grant.image] if grant.image else [])
        due = self.pictures.due()

        def write(journal: Journal) -> None:
            found = self.pictures.found(due)
            journal.grant(grant, found)
            if found:
                self.pictures.tell()

        def done(answer: Future) -> None:
            error = answer.exception()
            if error is not None:
                self.pictures.put_back(due)
            if error is None or isinstance(error, JournalError):
                self._tell(Committed(grant.id, done=error is None))
            else:
                self._tell(Failed(error))

        self._recorder.submit(write).add_done_callback(done)

    def look_up(self, action: LookUp) -> None:
        """Asks what is known that bears on a visit; Looked comes as news."""

        def done(answer: Future) -> None:
            error = answer.exception()
            if error is None:
                self._tell(Looked(action.visit, answer.result()))
            elif isinstance(error, JournalError):
                log.error("the journal can't be asked: %s", error)
                self._tell(Looked(action.visit, Known(can_record=False)))
            else:
                self._tell(Failed(error))

        self._recorder.submit(lambda journal: known(journal, action.plate)).add_done_callback(done)

    def measure(self, free_bytes: int) -> None:
        """Tells the journal how full the disk is; Depths comes as news."""

        def ask(journal: Journal) -> Depths:
            room = journal.notice_free(free_bytes)
            return Depths(journal.outbox.depth(), journal.images.total_bytes(), room, free_bytes)

        def done(answer: Future) -> None:
            if answer.exception() is None:
                self._tell(answer.result())

        self._recorder.submit(ask).add_done_callback(done)

    def prune(self) -> None:
        """Forgets what is long over and done with."""
        older = self._clock.wall() - KEPT

        def done(answer: Future) -> None:
            if answer.exception() is not None:
                log.error("the journal could not be pruned: %s", answer.exception())

        self._recorder.submit(lambda journal: journal.prune(older)).add_done_callback(done)

    def _go_on_retrying(self) -> None:
        self._recorder.submit(self._unwritten.write_some).add_done_callback(self._retried)

    def _retried(self, answer: Future) -> None:
        error = answer.exception()
        if error is None and answer.result():
            self._go_on_retrying()
            return
        self._retrying = False
        if error is not None and not isinstance(error, JournalError):
            self._tell(Failed(error))

    def _write(self, journal: Journal, entry: Entry, due: Iterable[tuple[str, datetime]] = ()) -> None:
        found = self.pictures.found([*due, *((image, entry.moment.wall) for image in entry.images)])
        journal.record_all(entry.facts, at=entry.moment, resolves=entry.resolves, pictures=found)
        if found:
            self.pictures.tell()


def known(journal: Journal, plate: str | None) -> Known:
    """What the journal knows that bears on a vehicle with this plate, None for an unread one."""
    with journal.reading():
        lists, where = _usable(journal.mirror.access_of(plate))
        return Known(
            stays=tuple(journal.mirror.sessions_with_plate(plate)) if plate else (),
            inside=journal.mirror.inside_count(),
            lists=lists,
            zone=where,
            can_record=journal.room is not Room.FULL,
        )


def _usable(lists: AccessList | None) -> tuple[AccessList | None, tzinfo | None]:
    """The lists with the zone of their hours, None for one nobody knows: an error at central must not shut the gate."""
    return lists, zone(lists.timezone) if lists else None
