"""Sends the pictures of visits to central over HTTP, by content hash; keeps them while cut off, within bounds."""

from __future__ import annotations

import http.client
import logging
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from edge.journal.image_queue import QueuedImage
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.pictures.room import ImageSettings, PictureRoom, remove
from edge.protocol.messages import GateNotice

log = logging.getLogger(__name__)

TIMEOUT_S = 15.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
IDLE_S = 5.0
_MAYBE_LATER = {401, 403, 404, 408, 425, 429}  # what a person or time may mend; other 4xx: this picture is refused


class ImageUploader:
    """One thread. `wake` tells it that a picture was queued.

    free_bytes  what the card has left; None: it is asked
    """

    def __init__(
        self,
        settings: ImageSettings,
        recorder: Recorder,
        notify: Callable[[GateNotice], None],
        free_bytes: Callable[[], int] | None = None,
    ) -> None:
        self._settings = settings
        self._recorder = recorder
        self._notify = notify
        self._room = PictureRoom(settings, self._ask, notify, free_bytes)
        self._awake = threading.Event()
        self._stopping = False
        self._wait_s = FIRST_WAIT_S
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="images", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

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
            try:
                idle_s = self._turn()
            except (JournalError, OSError) as error:  # OSError: the card is read-only, or the recorder is very slow
                log.error("pictures: %s", error or "the recorder does not answer")
                idle_s = IDLE_S
            if idle_s and not self._stopping:
                self._awake.wait(idle_s)
                self._awake.clear()

    def _turn(self) -> float:
        """Sends or drops one picture; seconds until the next turn."""
        if self._room.make():
            return 0.0
        waiting = self._ask(_oldest)
        if not waiting or self._settings.url is None:
            return IDLE_S
        return self._send(waiting[0])

    def _send(self, image: QueuedImage) -> float:
        try:
            content = Path(image.path).read_bytes()
        except OSError as error:
            self._drop(image, "image_lost", f"picture {image.sha256} can't be read: {error.strerror}")
            return 0.0
        try:
            status = self._put(image.sha256, content)
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: no such address can be
            return self._later(f"can't be reached ({error})")
        if status in (200, 201, 204):
            self._ask(lambda journal: remove(journal, image.sha256))
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
            self._awake.wait(min(left, IDLE_S))  # one more picture is no reason to try sooner
            self._awake.clear()
        return 0.0

    def _drop(self, image: QueuedImage, code: str, detail: str) -> None:
        Path(image.path).unlink(missing_ok=True)  # first: it makes the room that the queue's change may need
        self._ask(lambda journal: remove(journal, image.sha256))
        log.warning("pictures: %s", detail)
        self._notify(GateNotice(code=code, detail=detail))

    def _ask(self, do: Callable[[Journal], object]):
        return self._recorder.submit(do).result(timeout=60.0)


def _oldest(journal: Journal) -> list[QueuedImage]:
    with journal.reading():
        return journal.images.oldest(1)
