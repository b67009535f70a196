"""The thread that owns the journal, so that the controller's 20 ms loop never waits for a disk."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from edge.journal.journal import Journal, JournalError

log = logging.getLogger(__name__)

T = TypeVar("T")
BEAT_S = 1.0


class Recorder:
    """Does what it is asked with the journal, one request after another, in the order they came.

    beat  monotonic seconds of its last sign of life, for the watchdog
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._requests: queue.SimpleQueue[tuple[Callable[[Journal], object], Future] | None] = queue.SimpleQueue()
        self._watchers: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._gate = threading.Lock()
        self._closing = False
        self.beat = time.monotonic()

    def start(self) -> None:
        self._thread.start()

    def submit(self, do: Callable[[Journal], T]) -> Future[T]:
        """Asks for `do(journal)`; returns at once. The future has its result, or its JournalError.

        A callback added to the future runs on the recorder's thread and should only enqueue.
        """
        answer: Future[T] = Future()
        with self._gate:
            if self._closing:
                answer.set_exception(JournalError("the recorder has stopped: nothing more is recorded"))
                return answer
            self._requests.put((do, answer))
        return answer

    def watch(self, grown: Callable[[], None]) -> None:
        """Calls `grown` on the recorder's thread after each request that recorded events; it should only enqueue."""
        self._watchers.append(grown)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finishes what was asked before, then closes the journal. Safe to call twice."""
        with self._gate:
            if not self._closing:
                self._closing = True
                self._requests.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self._journal.close()

    def _run(self) -> None:
        while True:
            self.beat = time.monotonic()
            try:
                request = self._requests.get(timeout=BEAT_S)
            except queue.Empty:
                continue
            if request is None:
                return
            before = self._journal.grown
            self._answer(*request)
            if self._journal.grown != before:
                for grown in self._watchers:
                    grown()

    def _answer(self, do: Callable[[Journal], object], answer: Future) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            result = do(self._journal)
        except JournalError as error:
            log.error("not recorded: %s", error)
            answer.set_exception(error)
        except Exception as error:  # the asker gets it; the recorder must outlive one bad request
            log.exception("a request to the recorder failed")
            answer.set_exception(error)
        else:
            answer.set_result(result)
