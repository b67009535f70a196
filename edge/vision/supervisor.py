"""Keeps the gate's vision child alive: starts it, hands its events on, starts it anew when it dies, hangs or bloats.

Nothing here blocks the gate: commands are written to a pipe that is never waited for, and every event is handed to
`on_message`, from this supervisor's thread, which must only put it into a queue.
"""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.vision.engines import FALLBACKS
from edge.vision.messages import BadLine, Command, Event, Fault, Ready, Rest, TakeSnapshot, Watch, decode_event, encode

START_S = 60.0  # loading the networks on a cold Pi
HANG_S = 20.0  # no word for this long: a frame takes a second or two on a Pi, and no beat comes meanwhile
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # before a restart, twice as long each time
HEALTHY_S = 60.0  # a child that lived this long starts the waits anew
GLANCE_S = 0.5  # how often a silent child's supervisor looks whether it is being closed
END_S = 3.0  # how long a child may take to end when told to
MAX_MB = 900  # of memory in use, then the child is started anew between two visits ...
FAR_TOO_BIG = 1.5  # ... and with so many times that at once
WEIGH_S = 5.0  # how often the child is weighed
SOURCE_VARIABLE = "PARKMETER_VISION_SOURCE"

log = logging.getLogger("parkmeter.vision")


def worker_command(
    engine: str,
    regions: Sequence[str],
    spool: Path,
    threads: int = 1,
    accept: float = 0.9,
    agree: int = 2,
    view: str = "0,0,1,1",
    arrival: str = "loop",
    fallback: str = FALLBACKS[0],
) -> list[str]:
    """The command line of the vision child. Its camera is not on it: anyone on the machine may read a command line.

    accept, agree  joint confidence (0 to 1) and frames of the same text that make a vote accepted
    view           where in the picture plates count, see edge.vision.view
    arrival        "loop", or "motion" where the camera is to see who comes
    fallback       who is asked where platenet is not sure
    """
    options = {"engine": engine, "regions": ",".join(regions), "spool": spool}
    options |= {"threads": threads, "accept": accept, "agree": agree, "view": view, "arrival": arrival}
    options |= {"fallback": fallback}
    return [sys.executable, "-m", "edge.vision.worker", *(f"--{name}={value}" for name, value in options.items())]


class VisionSupervisor:
    """The gate's handle on vision. Any thread may call it; `close` ends the child and waits for it.

    source  the camera, which the child finds in its environment: its address may hold a password
    max_mb  memory the child may use, in MB; beyond it a leak is taken for granted and the child is started anew
    """

    def __init__(
        self,
        command: Sequence[str],
        on_message: Callable[[Event], None],
        start_s: float = START_S,
        hang_s: float = HANG_S,
        first_wait_s: float = FIRST_WAIT_S,
        source: str = "",
        max_mb: int = MAX_MB,
        weigh_s: float = WEIGH_S,
    ) -> None:
        self._max_mb, self._weigh_s = max_mb, weigh_s
        self._environment = os.environ | {SOURCE_VARIABLE: source}
        self._command, self._on_message = list(command), on_message
        self._start_s, self._hang_s, self._first_wait_s = start_s, hang_s, first_wait_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._visit: str | None = None
        self._ready = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="vision", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Engine and camera are up: a watch will be seen to."""
        return self._ready

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        child = self._child
        return child.pid if child else None

    def watch(self, visit: str) -> None:
        """Read the plate of this visit's vehicle; a child that is restarted meanwhile takes it up again."""
        with self._lock:
            self._visit = visit
            self._send(Watch(visit))

    def rest(self) -> None:
        with self._lock:
            self._visit = None
            self._send(Rest())

    def snapshot(self) -> None:
        """Ask for the newest frame; Taken says where it is."""
        with self._lock:
            self._send(TakeSnapshot())

    def close(self) -> None:
        """Ends the child; no event comes afterwards."""
        self._closing.set()
        with self._lock:
            if self._child is not None and self._child.stdin is not None:
                self._child.stdin.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _supervise(self) -> None:
        wait_s = self._first_wait_s
        while not self._closing.is_set():
            started = time.monotonic()
            fault = self._live()
            if self._closing.is_set():
                return
            if time.monotonic() - started > HEALTHY_S:
                wait_s = self._first_wait_s
            log.warning("%s; starting it again in %.1f s", fault.detail, wait_s)
            self._on_message(fault)
            self._closing.wait(wait_s)
            wait_s = min(LONGEST_WAIT_S, 2 * wait_s)

    def _live(self) -> Fault:
        """One child from start to end; returns why it ended."""
        try:
            child = self._spawn()
        except OSError as error:  # no memory for another process, or an update is just replacing the program
            return Fault("vision_lost", f"vision can't be started ({error})")
        try:
            return self._listen(child)
        finally:
            self._bury(child)

    def _spawn(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=self._environment
        )
        assert child.stdin and child.stdout
        os.set_blocking(child.stdin.fileno(), False)
        with self._lock:
            self._child = child
            if self._visit is not None:
                self._send(Watch(self._visit))
            if self._closing.is_set():
                child.stdin.close()
        return child

    def _listen(self, child: subprocess.Popen[bytes]) -> Fault:
        """Hands on the child's events until it ends or says nothing for too long; returns why."""
        assert child.stdout
        unfinished, patience_s = b"", self._start_s
        heard_at = time.monotonic()
        weigh_at = heard_at + self._weigh_s
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if time.monotonic() >= weigh_at:
                    weigh_at = time.monotonic() + self._weigh_s
                    if (too_big := self._weigh(child.pid)) is not None:
                        return too_big
                if self._closing.is_set():
                    patience_s = min(patience_s, END_S)
                left_s = heard_at + patience_s - time.monotonic()
                if not selector.select(max(0.0, min(left_s, GLANCE_S))):
                    if left_s <= 0:
                        return Fault("vision_hung", f"vision said nothing for {patience_s:g} s")
                    continue
                received = os.read(child.stdout.fileno(), 65536)
                if not received:
                    return Fault("vision_lost", f"vision ended by itself{_how(child)}")
                *lines, unfinished = (unfinished + received).split(b"\n")
                for line in lines:
                    heard_at, patience_s = time.monotonic(), self._hang_s
                    self._hand_on(line)

    def _weigh(self, pid: int) -> Fault | None:
        """Why the child must go for the memory it uses; None while it may stay."""
        mb = rss_mb(pid)
        if mb <= self._max_mb or (self._visit is not None and mb <= self._max_mb * FAR_TOO_BIG):
            return None
        return Fault("vision_memory", f"vision uses {mb:.0f} MB of memory, more than the {self._max_mb} it may")

    def _hand_on(self, line: bytes) -> None:
        try:
            event = decode_event(line)
        except BadLine as bad:
            log.warning("vision said something strange: %s", bad)
            return
        if isinstance(event, Ready):
            self._ready = True
        elif isinstance(event, Fault) and event.code != "spool_failed":
            self._ready = False
        if not self._closing.is_set():
            self._on_message(event)

    def _bury(self, child: subprocess.Popen[bytes]) -> None:
        self._ready = False
        with self._lock:
            self._child = None
            assert child.stdin and child.stdout
            child.stdin.close()
        try:
            child.wait(END_S if self._closing.is_set() else 0.2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def _send(self, command: Command) -> None:
        """Called with the lock held. What can't be written is lost: a restarted child is told the visit anew."""
        if self._child is None or self._child.stdin is None or self._child.stdin.closed:
            return
        try:
            self._child.stdin.write(encode(command))
        except (BrokenPipeError, BlockingIOError) as failed:
            log.warning("vision takes no command: %s", failed)


def rss_mb(pid: int) -> float:
    """Memory that a process has in use, MB; 0 when it has gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except (OSError, ValueError, IndexError):
        return 0.0


def _how(child: subprocess.Popen[bytes]) -> str:
    try:
        status = child.wait(1.0)
    except subprocess.TimeoutExpired:
        return ""
    return f" (killed by signal {-status})" if status < 0 else f" (exit status {status})"
