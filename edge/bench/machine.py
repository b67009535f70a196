"""The machine a benchmark ran on, in words, so that two figures are only compared where they may be."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path


def machine() -> dict[str, str]:
    """Processor, cores, how busy they are, kernel, Python and SQLite."""
    load, _, _ = os.getloadavg()
    return {
        "cpu": _cpu(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load": f"{load:.2f}",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _cpu() -> str:
    """The processor's own name; a Pi tells its board's instead, which says more than "ARM"."""
    board = _text(Path("/proc/device-tree/model")).strip("\0\n ")
    if board:
        return board
    for line in _text(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
