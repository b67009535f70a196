"""`python -m edge.bench.engine_child ENGINE`: one engine in a process of its own, so that its memory is its own.

Reads a JSON line {"photo", "region", "thorough"} at a time and answers {"text", "accepted", "asked", "ms", "peak_mb"}
or {"error"}; ends with stdin. ENGINE-alone is an engine that may ask a second one, without it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from edge.rules.plate.decode import checked_regions
from edge.rules.plate.plate import PlateRead
from edge.vision.detector import TextLine, clockwise
from edge.vision.errors import VisionError
from edge.vision.found import distinct, plate_read, plates_in, slots_of_text
from edge.vision.photo import load_photo
from edge.vision.reader import FALLBACKS, Reader, open_reader

BASELINE = "rapidocr at 640"
ALONE = "-alone"
MB = 1 << 10  # of the kilobytes that the kernel tells


class Package640:
    """The rapidocr package's own way from frame to lines, its detector's longer side at most 640, on one thread."""

    name = BASELINE

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        one = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
        params = {f"EngineConfig.onnxruntime.{key}": value for key, value in one.items()}
        limits = {"Det.limit_side_len": 640, "Det.limit_type": "max", "Global.log_level": "error"}
        self._package = RapidOCR(params=params | limits)

    def regional(self, region: str) -> Reader:
        self._regions = checked_regions([region])
        return self

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        told = self._package(frame)
        if told.boxes is None or not told.txts:
            return []
        lines = [
            TextLine(clockwise(np.float32(box)), float(share))
            for box, share in zip(told.boxes, told.scores, strict=True)
        ]
        slots = [slots_of_text(text, float(share)) for text, share in zip(told.txts, told.scores, strict=True)]
        return [plate_read(found, seen_at) for found in distinct(plates_in(lines, slots, self._regions, self.name))]


class Regional:
    """An engine's readers by region, each made when its first photo comes."""

    def __init__(self, engine: str) -> None:
        self._engine, self._readers = engine.removesuffix(ALONE), {}
        self._fallback = "none" if engine.endswith(ALONE) else FALLBACKS[0]

    def regional(self, region: str) -> Reader:
        if region not in self._readers:
            self._readers.clear()  # one at a time, as a gate has it
            self._readers[region] = open_reader(self._engine, [region], fallback=self._fallback)
        return self._readers[region]


def peak_mb() -> float:
    """The most memory this process ever held; not what its parent held, as getrusage would tell."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / MB


def main() -> int:
    cv2.setNumThreads(1)
    answers, sys.stdout = sys.stdout, sys.stderr  # packages that chatter must not spoil an answer
    engine = Package640() if sys.argv[1] == BASELINE else Regional(sys.argv[1])
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            frame, reader = load_photo(Path(asked["photo"])), engine.regional(asked["region"])
            began = time.perf_counter()
            reads = reader.read(frame, 0.0, asked["thorough"])
            ms = 1000 * (time.perf_counter() - began)
        except VisionError as error:
            answer: dict = {"error": str(error)}
        else:
            best = reads[0] if reads else None
            told = {"text": best.text, "accepted": best.is_sure()} if best else {"text": "", "accepted": False}
            asked = getattr(reader, "asked", "")  # of engines that may ask a second one
            answer = told | {"asked": asked, "ms": ms, "peak_mb": peak_mb()}
        print(json.dumps(answer), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
