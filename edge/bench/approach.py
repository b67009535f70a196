"""`bench approach`: rendered approaches read as a gate's vision child reads its camera, and held against their truth.

Each turn of a vehicle before the barrier is one visit. The engine gets every N-th frame and nothing of the truth. A
visit with nothing to read (an empty plate, a sign, somebody on foot) is right when it stays undecided.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2

from edge.bench.figures import Bar, BenchError, Figure, all_hold, percentile, table
from edge.bench.machine import machine
from edge.rules.plate.plate import PlateRead
from edge.vision.errors import VisionError
from edge.vision.frame import Frame
from edge.vision.messages import Voted
from edge.vision.reader import DEFAULT, ENGINES, FALLBACKS, Reader, open_reader
from edge.vision.training.approach import KINDS, RATE, Clip, Still, Turn, approach_at
from edge.vision.view import View
from edge.vision.watch import AcceptRule, VisitWatch

HELD, MISSED, UNABLE = 0, 1, 2  # exit status
WRONG = Bar("value", "<=", 0.1)
# Nothing but a loop tells a sheet of paper held quite still from a plate, so this kind is told and held to nothing.
NOT_COUNTED = ("held-alone",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one visit went.

    turn      the truth
    text      what was decided, "" for nothing
    frames    that were read until then, or in all
    took_s    from the visit's beginning until the deciding frame was taken, or its end
    read_ms   processor time of each of those frames, this process
    """

    kind: str
    number: int
    turn: Turn
    text: str
    frames: int
    took_s: float
    read_ms: tuple[float, ...]

    @property
    def right(self) -> bool:
        """What was decided is true; where there is nothing to read, that nothing was."""
        return self.text == self.turn.text

    @property
    def wrong(self) -> bool:
        return self.text not in ("", self.turn.text)


def visits_of(clip: Clip, reader: Reader, every: int, armed: str) -> Iterator[Outcome]:
    """Each turn's visit, as the vision child watches it. armed: "loop" or "motion", who says that somebody comes."""
    view, rule = View(*clip.view), AcceptRule(coming=armed == "motion")
    waiting, before = deque(clip.turns), None
    visit = _Visit(waiting.popleft(), armed, reader, rule, before)
    for count, still in enumerate(clip.frames()):
        while still.at_s >= visit.turn.until_s and waiting:
            yield visit.outcome(clip)
            before = visit.watch.accepted or before
            visit = _Visit(waiting.popleft(), armed, reader, rule, before)
        if count % every == 0:
            visit.look(still, view)
    yield visit.outcome(clip)


class _Visit:
    """One turn as it is watched."""

    def __init__(self, turn: Turn, armed: str, reader: Reader, rule: AcceptRule, before: PlateRead | None) -> None:
        self.turn, self._reader = turn, reader
        self._from_s = turn.loop_s if armed == "loop" else turn.from_s
        self.watch = VisitWatch("visit", reader.name, lambda image: "", rule, before=before)
        self._text, self._took_s = "", turn.until_s - self._from_s
        self._read_ms: list[float] = []

    def look(self, still: Still, view: View) -> None:
        if self.watch.decided or not self._from_s <= still.at_s < self.turn.until_s:
            return
        began = time.process_time()
        reads = view.read(self._reader, still.image, still.at_s)
        told = self.watch.add(Frame(still.image, still.at_s), reads)
        self._read_ms.append(1000 * (time.process_time() - began))
        if told and isinstance(told[-1], Voted):
            self._text, self._took_s = told[-1].text, still.at_s - self._from_s

    def outcome(self, clip: Clip) -> Outcome:
        return Outcome(
            clip.kind, clip.number, self.turn, self._text, len(self._read_ms), self._took_s, tuple(self._read_ms)
        )


def figures_of(outcomes: Sequence[Outcome]) -> list[Figure]:
    """Shares of each kind and of all, and how long a decision took."""
    counted = [one for one in outcomes if one.kind not in NOT_COUNTED]
    groups = {kind: [one for one in outcomes if one.kind == kind] for kind in dict.fromkeys(o.kind for o in outcomes)}
    figures = []
    for name, members in (groups | {"all": counted}).items():
        if not members:
            continue
        count = len(members)
        what = f"{name}, of {count}" if name not in NOT_COUNTED else f"{name} (not counted), of {count}"
        bar = WRONG if name not in NOT_COUNTED else None
        undecided = [one for one in members if not one.text and one.turn.text]
        sure = [one for one in members if one.text and one.right]
        figures += [
            Figure(f"decided right: {what}", _share(one.right for one in members), "%"),
            Figure(f"decided wrong: {what}", _share(one.wrong for one in members), "%", bar=bar),
            Figure(f"undecided: {what}", 100 * len(undecided) / count, "%"),
        ]
        if sure:
            figures += [
                Figure(f"frames read until decided: {name}, median", median(one.frames for one in sure), "frames"),
                Figure(f"first frame to deciding frame: {name}, median", 1000 * median(o.took_s for o in sure), "ms"),
            ]
    took = [ms for one in outcomes for ms in one.read_ms]
    figures.append(Figure("processor time of a frame, median", median(took), "ms"))
    figures.append(Figure("processor time of a frame, p95", percentile(took, 0.95), "ms"))
    return figures


def _share(hits) -> float:
    held = list(hits)
    return 100 * sum(held) / len(held)


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    cv2.setNumThreads(1)
    try:
        reader = open_reader(options.engine, ["in"], fallback=options.fallback)
        outcomes = []
        for number in range(options.first, options.first + options.clips):
            kind = options.kind or list(KINDS)[number % len(KINDS)]
            for one in visits_of(approach_at(options.seed, kind, number), reader, options.every, options.armed):
                outcomes.append(one)
                if options.told and (one.wrong or not one.right):
                    said = one.text or "undecided"
                    print(
                        f"{kind} {number}: {said}{' WRONG' if one.wrong else ''}, truth {one.turn.text or 'none'}",
                        file=sys.stderr,
                        flush=True,
                    )
    except (VisionError, BenchError) as error:
        print(f"parkmeter bench: {error}", file=sys.stderr)
        return UNABLE
    figures = figures_of(outcomes)
    if options.json:
        print(json.dumps({"name": "approach", "machine": machine(), "figures": [f.told() for f in figures]}))
    else:
        print(table(f"approach, {options.engine}", machine(), figures))
    return HELD if all_hold(figures) else MISSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parkmeter bench approach",
        description="Reads rendered approaches as a gate does, and scores what it decides.",
    )
    add = parser.add_argument
    every = f"read only each N-th of the {RATE} frames a second, as a slow machine would (default 2)"
    armed = "what begins a visit: an arming loop 3 m before the stop line, or the camera alone (the harder, default)"
    add("--engine", choices=sorted(ENGINES), default=DEFAULT, help=f"the reader (default: {DEFAULT})")
    add("--fallback", choices=FALLBACKS, default=FALLBACKS[0], help="who is asked where platenet is not sure")
    add(
        "--clips", type=_some, default=2 * len(KINDS), metavar="N", help="so many, kinds in turn (default: two of each)"
    )
    add("--first", type=int, default=0, metavar="N", help="number of the first clip (default 0)")
    add("--kind", choices=list(KINDS), help="only this one")
    add("--every", type=_some, default=2, metavar="N", help=every)
    add("--armed", choices=("loop", "motion"), default="motion", help=armed)
    add("--seed", type=int, default=1, help="of the clips (default 1)")
    add("--told", action="store_true", help="tell each visit that was not decided right, as it comes")
    add("--json", action="store_true", help="print one JSON object instead of a table")
    return parser


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
