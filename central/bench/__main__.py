"""`python -m central.bench NAME`: runs a benchmark of central; exit status 1 where a bar does not hold."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from central.bench import pages, price, strangers

BENCHES = {
    "price": (price.figures, "what a stay's price costs to work out, and that old versions make it no dearer"),
    "pages": (pages.figures, "every page at a million stays, beside the same page at ten thousand"),
    "strangers": (strangers.figures, "that a form takes as long for a plate that is here as for one that is not"),
}
COLUMNS = ("what", "value", "unit", "baseline", "ratio", "bar", "holds")
HELD, MISSED = 0, 1  # exit status


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="parkmeter bench",
        description="Measures central on this machine and holds it to its bars.",
        epilog="\n".join(f"  {name:<9} {what}" for name, (_, what) in BENCHES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=BENCHES, help="which")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--stays", type=int, metavar="N", help=f"pages: at so many stays (default {pages.MANY:,})")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="pages: where the databases stay for the next time")
    parser.add_argument(
        "--postgres", metavar="URL", help="pages: on this server, postgresql://USER@HOST/{name}, instead of on SQLite"
    )
    options = parser.parse_args(argv)
    more = {"stays": options.stays, "keep": options.keep, "url": options.postgres}
    given = {name: value for name, value in more.items() if value is not None}
    if given and options.name != "pages":
        parser.error("--stays, --keep and --postgres are of `bench pages` alone")
    if options.stays is not None and options.stays <= pages.FEW:
        parser.error(f"--stays {options.stays}: expected more than {pages.FEW:,}, which it is held against")
    with tempfile.TemporaryDirectory(prefix="parkmeter-bench-") as folder:
        figures = BENCHES[options.name][0](Path(folder), **given)
    if options.json:
        print(json.dumps({"name": options.name, "machine": machine(), "figures": figures}))
    else:
        print(table(options.name, figures))
    return HELD if all(figure["holds"] for figure in figures) else MISSED


def machine() -> dict[str, str]:
    """Processor, cores, how busy they are, kernel, Python and SQLite."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load": f"{os.getloadavg()[0]:.2f}",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def table(name: str, figures: Sequence[dict[str, Any]]) -> str:
    """The figures for a person to read."""
    holds = {True: "yes", False: "NO"}
    rows = [COLUMNS, *((*(str(one[column]) for column in COLUMNS[:-1]), holds[one["holds"]]) for one in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    words = ", ".join(f"{key} {value}" for key, value in machine().items())
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"{name}: {words}", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
