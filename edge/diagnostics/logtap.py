"""The gate's log, live on the line: bounded, rate-limited, silent about itself, and never in anybody's way."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from edge.protocol.messages import LogLine

LINES_PER_S, BURST = 10.0, 50.0
MOST_TEXT = 2000
DEFAULT = logging.WARNING
OFF = logging.CRITICAL + 1
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR, "off": OFF}


class LogTap(logging.Handler):
    """Hands each line to `say`, which only enqueues; what is too much is counted, and told with the next line.

    While it asks for more detail than the log has, the log's other handlers stay at the level they had.
    """

    def __init__(self, say: Callable[[bytes], None], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(DEFAULT)
        self._say, self._clock = say, clock
        self._root = logging.getLogger()
        self._usual = self._root.level
        self._until: float | None = None
        self._left, self._filled_at, self._dropped = BURST, clock(), 0
        self._busy = threading.local()

    def install(self) -> None:
        for handler in self._root.handlers:
            handler.setLevel(max(handler.level, self._usual))
        self._root.addHandler(self)

    def remove(self) -> None:
        self._root.removeHandler(self)
        self._root.setLevel(self._usual)

    def set(self, level: str, for_s: float) -> None:
        """Sets the least level that goes out, a key of LEVELS; after `for_s` it is the default again."""
        self.setLevel(LEVELS[level])
        self._root.setLevel(min(self._usual, LEVELS[level]))
        self._until = self._clock() + for_s

    def tend(self) -> None:
        """Now and then: ends a level whose time is over."""
        if self._until is not None and self._clock() >= self._until:
            self._until = None
            self.setLevel(DEFAULT)
            self._root.setLevel(self._usual)

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(self._busy, "now", False):
            return  # what `say` logs itself would come back here for ever
        self._busy.now = True
        try:
            if self._may_pass():
                self._say(self._line(record).encode())
        except (ValueError, TypeError):  # a record whose arguments don't fit its text: the other handlers say so
            self._dropped += 1
        finally:
            self._busy.now = False

    def _may_pass(self) -> bool:
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._filled_at) * LINES_PER_S)
        self._filled_at = now
        if self._left < 1.0:
            self._dropped += 1
            return False
        self._left -= 1.0
        return True

    def _line(self, record: logging.LogRecord) -> LogLine:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text += f" ({record.exc_info[0].__name__}: {record.exc_info[1]})"
        text = text[:MOST_TEXT].encode("utf-8", "replace").decode()
        if self._dropped:
            text, self._dropped = f"{text} ({self._dropped} lines were left out before this)", 0
        wall = datetime.fromtimestamp(record.created, UTC)
        return LogLine(wall=wall, level=record.levelname.lower(), logger=record.name, text=text)
