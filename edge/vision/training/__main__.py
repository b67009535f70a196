"""`./parkmeter train detector|reader|easyocr`: learns a network from rendered plates, and exports it."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from edge.vision.training import easyocr_training
from edge.vision.training.learning import detector_task, reader_task
from edge.vision.training.learning.export import export
from edge.vision.training.learning.loop import Course, Task, train

TASKS: dict[str, type[Task]] = {"detector": detector_task.Learning, "reader": reader_task.Learning}
#            name        batch  samples    highest rate, repeats
LESSONS = {"detector": (16,    160_000,   2e-3,         2),
           "reader":   (64,    4_000_000, 2e-3,         2)}  # fmt: skip
INTERRUPTED = 130  # exit status


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["easyocr"]:
        return easyocr_training.main(argv[1:])
    asked = _arguments(argv)
    import torch

    batch, samples, rate, repeats = LESSONS[asked.network]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    task = TASKS[asked.network](asked.seed, asked.batch or batch)
    course = Course(
        folder=asked.folder,
        batches=max(1, (asked.samples or samples) // (asked.batch or batch)),
        rate=asked.rate or rate,
        workers=asked.workers,
        repeats=repeats,
        check=asked.checks,
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end, it keeps what it has learnt
    try:
        state = train(task, course, device)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    export(task, state, course, asked.seed, asked.out)
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="./parkmeter train", description=__doc__)
    asked.add_argument("network", choices=sorted(TASKS))
    asked.add_argument("--folder", type=Path, default=Path("data/training"), help="where its state is kept, and found")
    asked.add_argument("--out", type=Path, default=Path("edge/vision/models"), help="where the finished network goes")
    asked.add_argument("--samples", type=_some, help="pictures to learn from, repeats counted")
    asked.add_argument("--batch", type=_some, help="pictures a step")
    asked.add_argument("--rate", type=float, help="of learning, at its highest")
    asked.add_argument("--workers", type=_some, default=1, help="processes that draw pictures")
    asked.add_argument("--threads", type=_some, default=1, help="of the network's arithmetic (busy machines: 1)")
    asked.add_argument("--checks", type=_some, default=8, help="batches of other pictures that it is scored on")
    asked.add_argument("--seed", type=int, default=1)
    return asked.parse_args(argv)


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a whole number, 1 or more")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(main())
