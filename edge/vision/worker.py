"""The gate's vision child: `python -m edge.vision.worker`. Commands come on stdin, events go out on stdout.

It watches only when told to, so a resting lane costs no CPU but a look every few seconds that tells whether the camera
still delivers. It ends when stdin closes: its gate has gone. Its log goes to stderr.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.address import shown
from edge.vision.arrival import Arrivals
from edge.vision.errors import CameraHung, VisionError
from edge.vision.eye import Eye
from edge.vision.messages import (
    BadLine,
    Beat,
    Command,
    Event,
    Fault,
    Ready,
    Rest,
    Taken,
    TakeSnapshot,
    Watch,
    decode_command,
    encode,
)
from edge.vision.reader import DEFAULT, FALLBACKS, Reader, open_reader
from edge.vision.spool import Spool
from edge.vision.supervisor import SOURCE_VARIABLE
from edge.vision.view import View
from edge.vision.watch import AcceptRule, VisitWatch

BEAT_S = 1.0
ENDED, NO_ENGINE, CAMERA_HUNG = 0, 3, 4  # exit status

log = logging.getLogger("parkmeter.vision")


class Worker:
    """The child's one loop.

    commands  what the gate says; None when it has gone
    arrivals  looks for motion too, where no loop lies before the boom
    """

    def __init__(
        self,
        source: str,
        reader: Reader,
        spool: Spool,
        rule: AcceptRule,
        view: View,
        commands: queue.SimpleQueue[Command | None],
        arrivals: Arrivals | None = None,
    ) -> None:
        self._reader, self._spool, self._rule, self._view, self._commands = reader, spool, rule, view, commands
        self._eye = Eye(source, opened=lambda: _tell(Ready(reader.name, shown(source))), failed=_tell)
        self._arrivals = arrivals
        self._watch: VisitWatch | None = None
        self._before: PlateRead | None = None  # what was accepted last
        self._beat_at = 0.0

    def run(self) -> None:
        """Until stdin closes."""
        try:
            while self._obey():
                self._beat()
                self._eye.tend()
                if self._is_watching:
                    self._look_for_plate()
                else:
                    self._look_for_motion()
                    self._settle()
        finally:
            self._eye.close()
            self._settle(all_of_them=True)

    @property
    def _is_watching(self) -> bool:
        return self._watch is not None and not self._watch.decided

    def _obey(self) -> bool:
        """Obeys every command that waits; when there is nothing to read, waits a little for one. False at the end."""
        wait_s = 0.0 if self._is_watching and self._eye.is_open else BEAT_S / 4
        while True:
            try:
                command = self._commands.get(timeout=wait_s) if wait_s else self._commands.get_nowait()
            except queue.Empty:
                return True
            if command is None:
                return False
            self._do(command)
            wait_s = 0.0

    def _do(self, command: Command) -> None:
        match command:
            case Watch(visit):
                if self._watch is None or self._watch.visit != visit:
                    self._end_watch()
                    self._watch = VisitWatch(
                        visit, self._reader.name, self._keep, self._rule, self._spool.develop, self._before
                    )
                    self._eye.watch()
            case Rest():
                self._end_watch()
            case TakeSnapshot():
                self._snapshot()

    def _end_watch(self) -> None:
        if self._watch is not None:
            _tell(*self._watch.end())
            self._before = self._watch.accepted or self._before
            self._watch = None
            self._eye.rest()

    def _look_for_plate(self) -> None:
        frame = self._eye.capture()
        if frame is not None and self._arrivals is not None:
            _tell(*self._arrivals.look(frame.image))
        if frame is not None and self._watch is not None:
            _tell(*self._watch.add(frame, self._view.read(self._reader, frame.image, frame.exposed_at)))

    def _look_for_motion(self) -> None:
        if self._arrivals is not None and self._arrivals.is_due and (plane := self._eye.plane()) is not None:
            _tell(*self._arrivals.look(plane))

    def _snapshot(self) -> None:
        frame = self._eye.capture()
        if frame is None:
            return
        try:
            sha256, path = self._spool.show(frame.image)
        except OSError as refused:
            _tell(Fault("spool_failed", f"the live picture could not be written: {refused}"))
        else:
            _tell(Taken(sha256, str(path)))

    def _keep(self, image: np.ndarray) -> str:
        try:
            return self._spool.keep(image)
        except OSError as refused:
            # The picture is lost, the read is not.
            _tell(Fault("spool_failed", f"a picture could not be written: {refused}"))
            return ""

    def _settle(self, all_of_them: bool = False) -> None:
        try:
            self._spool.settle(all_of_them)
        except OSError as refused:
            _tell(Fault("spool_failed", f"a picture may not outlast a power cut: {refused}"))

    def _beat(self) -> None:
        if time.monotonic() >= self._beat_at:
            self._beat_at = time.monotonic() + BEAT_S
            _tell(Beat(self._watch.visit if self._watch and self._is_watching else ""))


def main(argv: Sequence[str] | None = None) -> int:
    os.nice(10)  # the gate's own tick comes first
    parser = _parser()
    options = parser.parse_args(argv)
    if not options.source:
        parser.error(f"no camera: expected --source, or {SOURCE_VARIABLE} in the environment")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="vision: %(message)s")
    cv2.setNumThreads(options.threads)
    rule = AcceptRule(options.accept, options.agree, coming=options.arrival == "motion")
    commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(commands,), name="commands", daemon=True).start()
    try:
        reader = open_reader(options.engine, options.regions.split(","), options.threads, options.fallback)
        spool = Spool(options.spool)
    except (VisionError, ValueError) as missing:
        _tell(Fault("engine_missing", str(missing)))
        return NO_ENGINE
    except OSError as refused:
        _tell(Fault("spool_failed", f"the folder {options.spool} can't be used: {refused.strerror}"))
        return NO_ENGINE
    try:
        arrivals = Arrivals(options.view) if options.arrival == "motion" else None
        Worker(options.source, reader, spool, rule, options.view, commands, arrivals).run()
    except CameraHung as hung:
        _tell(Fault("camera_failed", str(hung)))
        os._exit(CAMERA_HUNG)  # an orderly end would wait for threads that never come back
    except BrokenPipeError:
        log.info("the gate has gone")
    except KeyboardInterrupt:
        log.info("interrupted")
    return ENDED


def _listen(commands: queue.SimpleQueue[Command | None]) -> None:
    """Puts each line of stdin into the queue, None at its end."""
    for line in sys.stdin.buffer:
        try:
            commands.put(decode_command(line))
        except BadLine as bad:
            log.warning("a command was refused: %s", bad)
    commands.put(None)


def _tell(*events: Event) -> None:
    for event in events:
        sys.stdout.buffer.write(encode(event))
    sys.stdout.buffer.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m edge.vision.worker", description=__doc__)
    # the gate gives it in the environment, which other users of the machine can't read: it may hold a password
    help_text = f"the camera, as edge.toml names it; default: {SOURCE_VARIABLE} in the environment"
    parser.add_argument("--source", default=os.environ.get(SOURCE_VARIABLE), help=help_text)
    parser.add_argument("--engine", default=DEFAULT)
    parser.add_argument("--fallback", choices=FALLBACKS, default=FALLBACKS[0], help="who is asked where it is not sure")
    parser.add_argument("--regions", default="in", help="accepted plate regions, separated by commas")
    parser.add_argument("--spool", required=True, type=Path, help="folder the pictures are written to")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--accept", type=float, default=AcceptRule.accept, help="joint confidence that is believed")
    parser.add_argument("--agree", type=int, default=AcceptRule.agree, help="frames that must read the same text")
    parser.add_argument("--arrival", choices=("loop", "motion"), default="loop", help="who says that somebody comes")
    parser.add_argument("--view", type=View.of, default=View(), help="LEFT,TOP,RIGHT,BOTTOM: where plates count")
    return parser


if __name__ == "__main__":
    sys.exit(main())
