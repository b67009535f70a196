"""`bench plates`: every installed engine scored and timed on one labelled folder, photo by photo in turns.

An engine that asks a second one where it is not sure is measured twice: so, and alone.

Each engine has a process of its own, so that its memory is its own; all run on one thread, one at a time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.bench.engine_child import ALONE, BASELINE
from edge.bench.entrants import entrants
from edge.bench.figures import Bar, BenchError, Figure, all_hold, percentile, table
from edge.bench.labels import Labelled, read_labels, render_labelled
from edge.bench.machine import machine
from edge.vision.engines import ENGINES

HELD, MISSED, UNABLE = 0, 1, 2  # exit status
#   engine      figure          bar; what is measured without one is told and held to nothing
BARS: dict[str, dict[str, Bar]] = {
    "platenet" + ALONE: {"peak": Bar("value", "<=", 150), "weights": Bar("value", "<=", 6)},
    "platenet": {
        "median": Bar("ratio", "<=", 0.33), "weights": Bar("value", "<=", 6),
        "exact in": Bar("value", ">=", 95), "exact in two-line": Bar("value", ">=", 85),
        "exact all": Bar("value", ">=", 90), "wrong in": Bar("value", "<=", 1),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine said of one photo.

    right, accepted  its best plate is one of the label's texts; the engine would let it stand alone
    ms, peak_mb      how long it took, and the most memory that its process held so far
    asked            why it asked a second engine, "" when it did not
    """

    label: Labelled
    right: bool
    accepted: bool
    ms: float
    peak_mb: float
    asked: str = ""


class EngineProcess:
    """One engine's child; `close` ends it. BenchError says why it failed."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._child = subprocess.Popen(
            [sys.executable, "-m", "edge.bench.engine_child", engine],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | single,
        )  # fmt: skip

    def read(self, label: Labelled, thorough: bool) -> Answer:
        asked = {"photo": str(label.photo), "region": label.region, "thorough": thorough}
        try:
            self._child.stdin.write(json.dumps(asked) + "\n")
            self._child.stdin.flush()
            line = self._child.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise BenchError(f"engine {self.engine}: its process ended at {label.photo.name}; what it said is above")
        told = json.loads(line)
        if "error" in told:
            raise BenchError(f"engine {self.engine}: {told['error']}")
        right = told["text"] in label.texts
        return Answer(label, right, told["accepted"], told["ms"], told["peak_mb"], told["asked"])

    def close(self) -> None:
        self._child.stdin.close()
        self._child.stdout.close()
        self._child.wait()


def answers_of(engines: Sequence[str], labels: Sequence[Labelled], thorough: bool) -> dict[str, list[Answer]]:
    """Every engine's answer to every photo: the engines take turns at each, and who begins changes."""
    processes = [EngineProcess(engine) for engine in engines]
    answers: dict[str, list[Answer]] = {engine: [] for engine in engines}
    try:
        for process in processes:  # loading and the first run are not timed
            process.read(labels[0], thorough)
        for number, label in enumerate(sorted(labels, key=lambda one: one.region)):
            turn = number % len(processes)
            for process in processes[turn:] + processes[:turn]:
                answers[process.engine].append(process.read(label, thorough))
    finally:
        for process in processes:
            try:
                process.close()
            except OSError:  # it ended with a line unread
                continue
    return answers


def figures_of(answers: dict[str, list[Answer]], weights: dict[str, float]) -> list[Figure]:
    """Accuracy by region, acceptance, errors, time, memory and weights of each engine, beside the baseline's time."""
    base = percentile([one.ms for one in answers[BASELINE]], 0.5)
    figures = []
    for engine, said in answers.items():
        bars = BARS.get(engine, {})
        groups = {region: [one for one in said if one.label.region == region] for region in _regions(said)}
        groups |= {f"{name} two-line": [o for o in one if o.label.two_line] for name, one in groups.items()}
        groups |= {"all": said}
        for name, members in groups.items():
            if not members:
                continue
            shares = {
                "exact": [one.right for one in members],
                "accepted": [one.accepted for one in members],
                "wrong": [one.accepted and not one.right for one in members],
            }
            for kind, hits in shares.items():
                what = f"{engine}: {kind if kind != 'wrong' else 'accepted but wrong'}, {name}, of {len(members)}"
                figures.append(Figure(what, 100 * sum(hits) / len(hits), "%", bar=bars.get(f"{kind} {name}")))
            if engine in ENGINES and ENGINES[engine].asks:
                asked = 100 * sum(bool(one.asked) for one in members) / len(members)
                figures.append(Figure(f"{engine}: second engine asked, {name}, of {len(members)}", asked, "%"))
        times = [one.ms for one in said]
        median = percentile(times, 0.5)
        beside = None if engine == BASELINE else BASELINE
        figures += [
            Figure(f"{engine}: median", median, "ms", beside, median / base if beside else None, bars.get("median")),
            Figure(f"{engine}: p95", percentile(times, 0.95), "ms"),
            Figure(f"{engine}: peak memory", max(one.peak_mb for one in said), "MB", bar=bars.get("peak")),
            Figure(f"{engine}: weights", weights[engine], "MB", bar=bars.get("weights")),
        ]
    return figures


def _regions(said: Sequence[Answer]) -> list[str]:
    return sorted({one.label.region for one in said})


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="parkmeter-plates-") as own:
            folder = options.folder or Path(own) / "rendered"
            if options.folder is None:
                path = render_labelled(folder, options.seed)
            elif not folder.is_dir():
                raise BenchError(f"{folder}: is no folder; expected one with photos and labels.csv")
            else:
                path = options.labels or folder / "labels.csv"
            labels, sizes = read_labels(path, folder), entrants()
            answers = answers_of(list(sizes), labels, options.thorough)
        figures = figures_of(answers, sizes)
    except BenchError as error:
        for line in str(error).splitlines():
            print(f"parkmeter bench: {line}", file=sys.stderr)
        return UNABLE
    if options.json:
        print(json.dumps({"name": "plates", "machine": machine(), "figures": [f.told() for f in figures]}))
    else:
        print(table("plates", machine(), figures))
    return HELD if all_hold(figures) else MISSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parkmeter bench plates", description="Scores and times every installed engine on labelled photos."
    )
    add = parser.add_argument
    add("folder", nargs="?", type=Path, metavar="FOLDER", help="photos and labels.csv (default: a small rendered set)")
    add("--labels", type=Path, metavar="FILE", help="another labels file than FOLDER/labels.csv")
    add("--thorough", action="store_true", help="read as `parkmeter read` reads a photo, not as a gate reads a frame")
    add("--seed", type=int, default=1, help="of the rendered set (default 1)")
    add("--json", action="store_true", help="print one JSON object instead of a table")
    return parser
