"""Runs central's processes as children of one: starts again what dies, with back-off, and stops all on a signal."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

SUPERVISOR = "PARKMETER_SUPERVISOR"  # in a child's environment: the process without which it must not run
BACK_OFF_S = (0.2, 1.0, 2.0, 5.0, 15.0)
SETTLED_S = 30.0  # a child that ran as long starts its back-off anew
POLL_S = 0.1
ALONE_S = 0.5
STOP_S = 15.0


@dataclass
class Child:
    """One process, and when it may be started again."""

    name: str
    words: Sequence[str]
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = field(default=0.0)

    def tend(self, now: float) -> None:
        """Starts it where its time has come; notices where it has died."""
        if self.process is not None and (status := self.process.poll()) is not None:
            self.failures = 0 if now - self.started_at > SETTLED_S else self.failures
            delay = BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)]
            log.error("%s ended with status %s; it starts again in %g s", self.name, status, delay)
            self.process, self.failures, self.start_at = None, self.failures + 1, now + delay
        if self.process is None and now >= self.start_at:
            environ = os.environ | {SUPERVISOR: str(os.getpid())}
            self.process = subprocess.Popen([sys.executable, "-m", "central", *self.words], env=environ)
            self.started_at = now

    def end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)


def end_with_supervisor() -> None:
    """Ends this process, as SIGTERM would, once the supervisor that started it is gone: killed, it could not say so.

    Else its children would hold the port and the broker's connection against those of the next start.
    """
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor:
        threading.Thread(target=_mourn, args=(int(supervisor),), name="supervisor", daemon=True).start()


def _mourn(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(ALONE_S)
    log.error("the supervisor is gone: ending")
    os.kill(os.getpid(), signal.SIGTERM)


def supervise(children: Sequence[Child], stop: threading.Event) -> None:
    """Keeps the children running until `stop` is set, then ends them: asked first, forced after a while."""
    try:
        while not stop.is_set():
            for child in children:
                child.tend(time.monotonic())
            stop.wait(POLL_S)
    finally:
        _end(children)


def _end(children: Sequence[Child]) -> None:
    for child in children:
        child.end(signal.SIGTERM)
    deadline = time.monotonic() + STOP_S
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("%s did not stop in time and is ended by force", child.name)
            child.end(signal.SIGKILL)
            child.process.wait()
