"""Takes the lane's facts and questions to the recorder and brings the answers back as news. Never waits."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.clock import GateClock
from edge.image_queue import QueuedImage
from edge.journal import Journal, JournalError
from edge.protocol.messages import AccessList
from edge.recorder import Recorder
from edge.rules.access import Known
from edge.rules.lane_words import CommitGrant, Committed, Looked, LookUp
from edge.rules.records import Fact, Grant, Moment
from edge.rules.room import Room

log = logging.getLogger(__name__)

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
    unwritten  facts the disk had no room for, tried again by `retry`
    """

    def __init__(self, recorder: Recorder, clock: GateClock, spool: Path, tell: Callable[[object], None]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._spool = spool
        self._tell = tell
        self._unwritten: deque[tuple[tuple[Fact, ...], str | None, Moment]] = deque()
        self._pictured = lambda: None

    @property
    def unwritten(self) -> int:
        return len(self._unwritten)

    def on_picture(self, call: Callable[[], None]) -> None:
        """Calls `call` on the recorder's thread after a picture was queued for its upload."""
        self._pictured = call

    def record(self, facts: Iterable[Fact], resolves: str | None = None, moment: Moment | None = None) -> None:
        """Writes the facts; those a full disk refuses stay here and are tried again."""
        facts, moment = tuple(facts), moment or self._clock.moment()

        def done(answer: Future) -> None:
            error = answer.exception()
            if isinstance(error, JournalError):
                self._unwritten.append((facts, resolves, moment))
            elif error is not None:
                self._tell(Failed(error))

        self._recorder.submit(
            lambda journal: journal.record_all(facts, at=moment, resolves=resolves)
        ).add_done_callback(done)

    def retry(self) -> None:
        """Tries again what was not written."""
        for _ in range(len(self._unwritten)):
            self.record(*self._unwritten.popleft())

    def commit(self, action: CommitGrant) -> None:
        """Commits a grant; Committed comes as news."""
        grant: Grant = action.grant

        def done(answer: Future) -> None:
            error = answer.exception()
            if error is None or isinstance(error, JournalError):
                self._tell(Committed(grant.id, done=error is None))
            else:
                self._tell(Failed(error))

        self._recorder.submit(lambda journal: journal.grant(grant)).add_done_callback(done)

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

    def keep_image(self, sha256: str) -> None:
        """Queues a picture of the spool for its upload."""
        path, taken_at = self._spool / f"{sha256}.jpg", self._clock.wall()

        def queue(journal: Journal) -> None:
            if path.is_file():
                with journal.transaction():
                    journal.images.add(QueuedImage(sha256, str(path), path.stat().st_size, taken_at))

        def done(answer: Future) -> None:
            if answer.exception() is not None:
                log.error("picture %s is not on the upload's queue: %s", sha256, answer.exception())
            self._pictured()

        self._recorder.submit(queue).add_done_callback(done)

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


def known(journal: Journal, plate: str | None) -> Known:
    """What the journal knows that bears on a vehicle with this plate, None for an unread one."""
    return Known(
        stays=tuple(journal.mirror.sessions_with_plate(plate)) if plate else (),
        inside=journal.mirror.inside_count(),
        lists=_usable(journal.mirror.access()),
        can_record=journal.room is not Room.FULL,
    )


def _usable(lists: AccessList | None) -> AccessList | None:
    """The lists without opening hours of a zone nobody knows: a typing error at central must not shut the gate."""
    if lists is None:
        return None
    try:
        ZoneInfo(lists.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        log.error(
            "access lists version %d: unknown time zone %r, opening hours are not kept", lists.version, lists.timezone
        )
        return lists.model_copy(update={"hours": ()})
    return lists
