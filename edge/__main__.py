"""The edge's command line: `python -m edge gate` runs a gate, `python -m edge read` reads plates in pictures."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from edge.lazily import lazily

# what packages of the gate import for occasions that a gate never has; together two megabytes
RARELY = ("more_itertools", "dateutil.parser", "html", "difflib", "urllib.request")

USAGE = """usage: parkmeter gate --config FILE [--check]
       parkmeter read PHOTO... [--region in] [--json] [--draw FOLDER]

  gate    runs the gate at one barrier
  read    reads the number plates in photos, folders, videos or from a camera

Each has its own --help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; its exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    command, rest = (words[0], words[1:]) if words else ("", [])
    if command == "gate":
        return _gate(rest)
    if command == "read":
        from edge.vision.read import main as read

        return read(rest)
    if command in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    wrong = f"unknown command {command!r}" if command else "no command given"
    print(f"parkmeter: {wrong}; expected gate or read\n\n{USAGE}", file=sys.stderr)
    return 2


def _gate(rest: list[str]) -> int:
    try:
        with lazily(*RARELY):
            from edge.gate import main as gate
    except ModuleNotFoundError as error:
        remedy = "run it as ./parkmeter gate, or pip install -r requirements.txt"
        print(f"parkmeter gate: package {error.name!r} is not installed: {remedy}", file=sys.stderr)
        return 2
    return gate(rest)


if __name__ == "__main__":
    sys.exit(main())
