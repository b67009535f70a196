"""The spool's pictures: which of a visit are sent to central, and which nobody will ever ask for."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

from edge.journal.image_queue import QueuedImage
from edge.journal.journal import Journal
from edge.journal.recorder import Recorder

log = logging.getLogger(__name__)

REMEMBERED = 8  # visits: the vehicle in the boom's line, and those around it


class VisitPictures:
    """What is wanted of each visit: its first picture, for who watches the lane, and every one that a record names.

    Vision keeps one each time it is told to stop reading, so a driver who waits for an hour makes hundreds.
    """

    def __init__(self) -> None:
        self._spare: OrderedDict[str, str | None] = OrderedDict()

    def taken(self, visit: str, sha256: str) -> tuple[bool, list[str]]:
        """Takes note of a new picture: whether to send it at once, and which earlier ones nobody wants any more."""
        is_first = visit not in self._spare
        earlier = self._spare.get(visit)
        unwanted = [earlier] if earlier and earlier != sha256 else []
        self._spare[visit] = None if is_first else sha256
        while len(self._spare) > REMEMBERED:
            _, spare = self._spare.popitem(last=False)
            unwanted += [spare] if spare else []
        return is_first, unwanted

    def named(self, names: Iterable[str]) -> None:
        """A grant or a fact names these pictures: they are kept."""
        for sha256 in names:
            for visit, spare in self._spare.items():
                if spare == sha256:
                    self._spare[visit] = None


class Pictures:
    """The spool, as the controller and the recorder's thread need it. wall: the gate's clock, aware."""

    def __init__(self, recorder: Recorder, spool: Path, wall: Callable[[], datetime]) -> None:
        self._recorder, self._spool, self._wall = recorder, spool, wall
        self._visits = VisitPictures()
        self._due: deque[tuple[str, datetime]] = deque()
        self.tell: Callable[[], None] = lambda: None

    def on_queued(self, call: Callable[[], None]) -> None:
        """Calls `call` on the recorder's thread after a picture was queued for its upload; it should only enqueue."""
        self.tell = call

    def taken(self, visit: str, sha256: str) -> None:
        """Vision has put a picture of this visit into the spool."""
        is_first, unwanted = self._visits.taken(visit, sha256)
        if is_first:
            self._due.append((sha256, self._wall()))
        for each in unwanted:
            self._recorder.submit(lambda journal, each=each: self._delete(journal, each))

    def keep(self, sha256: str) -> None:
        """Queues a picture of the spool for its upload, at once."""
        self._due.append((sha256, self._wall()))
        self.queue_due()

    def named(self, names: Iterable[str]) -> None:
        """A grant or a fact is about to name these; its record queues them, see `found`."""
        self._visits.named(names)

    def due(self) -> list[tuple[str, datetime]]:
        """First pictures not queued yet, and when they were taken: for whoever records next, in the same commit."""
        due = []
        while self._due:
            due.append(self._due.popleft())
        return due

    def put_back(self, due: Iterable[tuple[str, datetime]]) -> None:
        """They were not queued after all."""
        self._due.extend(due)

    def queue_due(self) -> None:
        """Queues those that no record has taken along meanwhile."""
        due = self.due()
        if not due:
            return

        def queue(journal: Journal) -> None:
            with journal.transaction():
                for image in self.found(due):
                    journal.images.add(image)

        def done(answer: Future) -> None:
            if answer.exception() is not None:
                log.error("%d pictures are not on the upload's queue: %s", len(due), answer.exception())
            self.tell()

        self._recorder.submit(queue).add_done_callback(done)

    def found(self, wanted: Iterable[tuple[str, datetime]]) -> list[QueuedImage]:
        """Those of these pictures, each with when it was taken, that lie in the spool."""
        found = []
        for sha256, taken_at in wanted:
            path = self._spool / f"{sha256}.jpg"
            try:
                found.append(QueuedImage(sha256, str(path), path.stat().st_size, taken_at))
            except OSError:
                continue  # vision could not write it, or it has had to make room
        return found

    def _delete(self, journal: Journal, sha256: str) -> None:
        with journal.reading():
            waits = journal.images.waits(sha256)
        try:
            if not waits:
                (self._spool / f"{sha256}.jpg").unlink(missing_ok=True)
        except OSError as error:
            log.error("picture %s can't be deleted: %s", sha256, error)
