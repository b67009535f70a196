"""Sends the pictures of visits to central over HTTP, by content hash; keeps them while cut off, within bounds."""

from __future__ import annotations

import http.client
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from edge.image_queue import QueuedImage
from edge.journal import Journal, JournalError
from edge.protocol.messages import GateNotice
from edge.recorder import Recorder

log = logging.getLogger(__name__)

TIMEOUT_S = 15.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
IDLE_S = 5.0
SWEEP_S = 60.0
YOUNG_S = 600.0  # a picture of a visit that is still going on is not on the queue yet
_MAYBE_LATER = {401, 403, 404, 408, 425, 429}  # what a person or time may mend; other 4xx: this picture is refused


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


class ImageUploader:
    """One thread. `wake` tells it that a picture was queued; beat: monotonic seconds of its last sign of life."""

    def __init__(self, settings: ImageSettings, recorder: Recorder, notify: Callable[[GateNotice], None]) -> None:
        self._settings = settings
        self._recorder = recorder
        self._notify = notify
        self._awake = threading.Event()
        self._stopping = False
        self._wait_s = FIRST_WAIT_S
        self._trouble = ""
        self._sweep_at = 0.0
        self._thread = threading.Thread(target=self._run, name="images", daemon=True)
        self.beat = time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        """Ends the thread, at the latest after an upload's time limit. Safe to call twice."""
        self._stopping = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT_S + 1.0)

    def _run(self) -> None:
        while not self._stopping:
            self.beat = time.monotonic()
            try:
                idle_s = self._turn()
            except JournalError as error:
                log.error("pictures: %s", error)
                idle_s = IDLE_S
            if idle_s and not self._stopping:
                self._awake.wait(idle_s)
                self._awake.clear()

    def _turn(self) -> float:
        """Sends or drops one picture; seconds until the next turn."""
        waiting, total = self._ask(lambda journal: (journal.images.oldest(1), journal.images.total_bytes()))
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_S
            self._sweep()
        if not waiting:
            return IDLE_S
        oldest = waiting[0]
        if total > self._settings.max_bytes:
            self._drop(oldest, "images_dropped", "no room for more pictures: the oldest waiting one was dropped")
            return 0.0
        if self._settings.url is None:
            return IDLE_S
        return self._send(oldest)

    def _send(self, image: QueuedImage) -> float:
        try:
            content = Path(image.path).read_bytes()
        except OSError as error:
            self._drop(image, "image_lost", f"picture {image.sha256} can't be read: {error.strerror}")
            return 0.0
        try:
            status = self._put(image.sha256, content)
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            return self._later(f"can't be reached ({error})")
        if status in (200, 201, 204):
            self._ask(lambda journal: _remove(journal, image.sha256))
            self._wait_s, self._trouble = FIRST_WAIT_S, ""
            return 0.0
        if 400 <= status < 500 and status not in _MAYBE_LATER:
            self._drop(image, "image_refused", f"central refused picture {image.sha256} with status {status}")
            return 0.0
        return self._later(f"answered with status {status}")

    def _put(self, sha256: str, content: bytes) -> int:
        parts = urlsplit(self._settings.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
        try:
            headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {self._settings.token}"}
            connection.request("PUT", f"{parts.path}/api/v1/images/{sha256}", body=content, headers=headers)
            answer = connection.getresponse()
            answer.read(65_536)
            return answer.status
        finally:
            connection.close()

    def _later(self, trouble: str) -> float:
        """Tries again after a pause that doubles, said once per kind of trouble."""
        pause = self._wait_s * random.uniform(0.5, 1.0)
        self._wait_s = min(LONGEST_WAIT_S, self._wait_s * 2)
        if trouble != self._trouble:
            log.warning("pictures: central %s; they wait here", trouble)
            self._trouble = trouble
        until = time.monotonic() + pause
        while not self._stopping and (left := until - time.monotonic()) > 0:
            self.beat = time.monotonic()
            self._awake.wait(min(left, IDLE_S))  # one more picture is no reason to try sooner
            self._awake.clear()
        return 0.0

    def _drop(self, image: QueuedImage, code: str, detail: str) -> None:
        self._ask(lambda journal: _remove(journal, image.sha256))
        Path(image.path).unlink(missing_ok=True)
        log.warning("pictures: %s", detail)
        self._notify(GateNotice(code=code, detail=detail))

    def _sweep(self) -> None:
        """Deletes the oldest pictures nobody waits for, beyond the folder's bound."""
        files = sorted((_age(path), path) for path in self._settings.spool.glob("*.jpg") if len(path.stem) == 64)
        total = sum(size for (_, size), _ in files)
        kept = {image.sha256 for image in self._ask(lambda journal: journal.images.oldest(1_000_000))}
        now = time.time()
        for (modified, size), path in files:
            if total <= self._settings.spool_bytes:
                return
            if path.stem not in kept and now - modified > YOUNG_S:
                path.unlink(missing_ok=True)
                total -= size

    def _ask(self, do: Callable[[Journal], object]):
        return self._recorder.submit(do).result(timeout=60.0)


def _remove(journal: Journal, sha256: str) -> None:
    with journal.transaction():
        journal.images.remove(sha256)


def _age(path: Path) -> tuple[float, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0, 0
    return status.st_mtime, status.st_size
