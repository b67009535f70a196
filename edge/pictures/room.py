"""Keeps pictures from filling the card: what of the spool goes, and when. Events matter more than pictures."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.devices import health
from edge.journal.image_queue import QueuedImage
from edge.journal.journal import Journal
from edge.protocol.messages import GateNotice
from edge.rules.room import Room

log = logging.getLogger(__name__)

SWEEP_S = 60.0
TELL_S = 60.0
YOUNG_S = 600.0  # a picture of a visit that is still going on is not on the queue yet
AT_ONCE = 50  # then stopping is possible again


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """Where pictures go and how many are kept.

    url        base address of central; None: they stay here
    token      the gate's bearer token
    spool      their folder on this gate
    max_bytes  waiting for central at most; beyond it the oldest go
    spool_bytes  in the folder at most, waiting or not
    """

    url: str | None
    token: str | None
    spool: Path
    max_bytes: int
    spool_bytes: int


class PictureRoom:
    """The spool's bounds.

    ask         does something with the journal and returns what it came to
    notify      tells staff
    free_bytes  what the card has left; None: it is asked
    """

    def __init__(
        self,
        settings: ImageSettings,
        ask: Callable[[Callable[[Journal], object]], object],
        notify: Callable[[GateNotice], None],
        free_bytes: Callable[[], int] | None = None,
    ) -> None:
        self._settings, self._ask, self._notify = settings, ask, notify
        self._free_bytes = free_bytes or (lambda: health.free_bytes(settings.spool))
        self._sweep_at = 0.0
        self._dropped = 0
        self._tell_at = 0.0

    def make(self) -> bool:
        """Deletes what there is no room for; whether there is more to do at once."""
        self._tell_dropped()
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_S
            self._sweep()
        waiting, total, room = self._ask(_look)
        if room >= Room.SCARCE:
            return self._save_card(waiting)
        for image in waiting:
            if total <= self._settings.max_bytes:
                return False
            self._drop(image)
            total -= image.bytes
        return total > self._settings.max_bytes and bool(waiting)

    def _save_card(self, waiting: list[QueuedImage]) -> bool:
        """The card fills up, by whatever it is: pictures go, those that nobody waits for first."""
        for path in self._spare():
            path.unlink(missing_ok=True)
            if not self._is_scarce():
                return False
        for image in waiting:
            self._drop(image)
            if not self._is_scarce():
                return False
        return bool(waiting)

    def _is_scarce(self) -> bool:
        """Looks at the card anew: the controller's last look is seconds old, and by then too many would be gone."""
        return self._ask(lambda journal: journal.notice_free(self._free_bytes())) >= Room.SCARCE

    def _drop(self, image: QueuedImage) -> None:
        """Drops a waiting picture; told together with others like it, as there may be thousands."""
        Path(image.path).unlink(missing_ok=True)  # first: it makes the room that the queue's change may need
        self._ask(lambda journal: remove(journal, image.sha256))
        self._dropped += 1

    def _tell_dropped(self) -> None:
        if not self._dropped or time.monotonic() < self._tell_at:
            return
        detail = f"no room for more pictures: the {self._dropped} oldest waiting were dropped"
        log.warning("pictures: %s", detail)
        self._notify(GateNotice(code="images_dropped", detail=detail))
        self._dropped, self._tell_at = 0, time.monotonic() + TELL_S

    def _sweep(self) -> None:
        """Deletes the oldest pictures nobody waits for, beyond the folder's bound."""
        total = sum(_age(path)[1] for path in self._files())
        if total <= self._settings.spool_bytes:
            return
        for path in self._spare():
            total -= _age(path)[1]
            path.unlink(missing_ok=True)
            if total <= self._settings.spool_bytes:
                return

    def _files(self) -> list[Path]:
        return [path for path in self._settings.spool.glob("*.jpg") if len(path.stem) == 64]

    def _spare(self) -> list[Path]:
        """Pictures that are not on the queue and were not taken just now, oldest first."""
        waiting = {image.sha256 for image in self._ask(lambda journal: journal.images.oldest(1_000_000))}
        latest = time.time() - YOUNG_S
        aged = sorted((_age(path)[0], path) for path in self._files() if path.stem not in waiting)
        return [path for modified, path in aged if modified < latest]


def remove(journal: Journal, sha256: str) -> None:
    """Takes a picture off the queue."""
    with journal.transaction():
        journal.images.remove(sha256)


def _look(journal: Journal) -> tuple[list[QueuedImage], int, Room]:
    with journal.reading():
        return journal.images.oldest(AT_ONCE), journal.images.total_bytes(), journal.room


def _age(path: Path) -> tuple[float, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0, 0
    return status.st_mtime, status.st_size
