"""How every process of central logs: a line of time, part and level, and no whole plate in it, whoever wrote it."""

from __future__ import annotations

import logging

from central.rules.retention import mask_text, partly_masked


class WithoutPlates(logging.Formatter):
    """A line, its traceback too, with each plate as "MH12****34"."""

    def format(self, record: logging.LogRecord) -> str:
        # tracebacks and database errors quote whatever was typed or read
        return mask_text(super().format(record), partly_masked)


def set_up() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutPlates("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
