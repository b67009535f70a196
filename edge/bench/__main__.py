"""`./parkmeter bench NAME`: runs a benchmark; exit status 1 where a bar does not hold."""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from edge.bench.figures import BenchError, Figure, all_hold, table
from edge.bench.machine import machine

HELD, MISSED, UNABLE = 0, 1, 2  # exit status


def _journal(folder: Path, seed: int) -> list[Figure]:
    from edge.bench.journal import figures

    return figures(folder, seed)


def _gate(folder: Path, seed: int) -> list[Figure]:
    from edge.bench.gate import figures

    return figures(folder, seed)


#   name      does                      and measures
BENCHES: dict[str, tuple[Callable[[Path, int], list[Figure]], str]] = {
    "journal": (_journal, "commits of the gate's log, beside sqlite3 writing the same rows; commits for a vehicle"),
    "gate":    (_gate,    "frame to relay, beside the networks' own time; memory and idle CPU of the gate process"),
}  # fmt: skip


# measured by central itself, which is another program
CENTRALS = {
    "price": "what a stay's price costs to work out",
    "pages": "every page at a million stays, beside ten thousand",
    "strangers": "whether a form answers as fast for a plate that is not here",
}


# measured with options of its own
OWN = {
    "plates": "how well and fast every installed engine reads labelled photos: bench plates [FOLDER]",
    "approach": "what is decided of rendered vehicles that drive up, after the vote: bench approach [--engine E]",
}


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), "")
    if name in OWN:
        words.remove(name)
        return import_module(f"edge.bench.{name}").main(words)
    if any(word in CENTRALS for word in words):
        return subprocess.call([sys.executable, "-m", "central.bench", *words])
    parser = argparse.ArgumentParser(
        prog="parkmeter bench",
        description="Measures this machine and holds it to its bars.",
        epilog="\n".join(f"  {name:<8} {what}" for name, what in _told().items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=_told(), help="which")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--seed", type=int, default=1, help="of the vehicles and facts (default 1)")
    parser.add_argument(
        "--disk", type=Path, metavar="FOLDER", default=Path.cwd(),
        help="where the journals are written: name one on the disk the gate will use (default: the working folder)",
    )  # fmt: skip
    options = parser.parse_args(words)
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(name)s: %(message)s")
    run, _ = BENCHES[options.name]
    try:
        with _folder(options.disk) as folder:
            figures = run(folder, options.seed)
    except BenchError as error:
        print(f"parkmeter bench: {error}", file=sys.stderr)
        return UNABLE
    if options.json:
        print(json.dumps({"name": options.name, "machine": machine(), "figures": [f.told() for f in figures]}))
    else:
        print(table(options.name, machine(), figures))
    return HELD if all_hold(figures) else MISSED


def _told() -> dict[str, str]:
    return {name: what for name, (_, what) in BENCHES.items()} | OWN | CENTRALS


@contextmanager
def _folder(disk: Path) -> Iterator[Path]:
    """A folder of the benchmark's own on that disk, gone afterwards."""
    try:
        made = tempfile.TemporaryDirectory(prefix=".parkmeter-bench-", dir=disk)
    except OSError as error:
        raise BenchError(f"--disk {disk}: {error.strerror}; expected a writable folder") from error
    with made as name:
        yield Path(name)


if __name__ == "__main__":
    sys.exit(main())
