"""No thread dies in silence: the controller hears of it and ends the process, and systemd starts it again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def tell_of_deaths(tell: Callable[[BaseException], None]) -> Callable[[], None]:
    """From now on `tell` gets what ended a thread of this process; calling the result puts things back."""
    before = threading.excepthook

    def hook(death: threading.ExceptHookArgs) -> None:
        if death.exc_value is None or isinstance(death.exc_value, SystemExit):
            return
        name = death.thread.name if death.thread else "unknown"
        log.critical("thread %s died", name, exc_info=death.exc_value)
        tell(death.exc_value)

    def put_back() -> None:
        threading.excepthook = before

    threading.excepthook = hook
    return put_back
