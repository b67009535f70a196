"""The vision child with a stopwatch on its networks: `python -m edge.bench.timed_vision TIMES`, then the child's words.

Each line of the file TIMES is one run of a network: when it began and ended, monotonic seconds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import onnxruntime


def install(times: Path) -> None:
    """From now on every network of this process tells the file how long it ran."""
    told = times.open("a", buffering=1)

    class TimedSession(onnxruntime.InferenceSession):
        def run(self, *inputs, **options):
            began = time.monotonic()
            try:
                return super().run(*inputs, **options)
            finally:
                told.write(f"{began:.6f} {time.monotonic():.6f}\n")

    onnxruntime.InferenceSession = TimedSession


def ran_between(times: Path, since: float, until: float) -> float:
    """Seconds that networks ran within those two moments, as the file tells."""
    total = 0.0
    for line in times.read_text().splitlines():
        began, ended = map(float, line.split())
        total += max(0.0, min(ended, until) - max(began, since))
    return total


if __name__ == "__main__":
    from edge.vision.worker import main

    install(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
