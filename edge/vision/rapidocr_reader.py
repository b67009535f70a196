"""The engine `rapidocr`: detect text, rectify, recognise, pick the plate by the formats.

A frame is first looked at small (fast). Only when that gives no sure plate, the neighbourhood of what looked most like
one is enlarged, and for a photo, where nobody waits, the whole frame is looked at again in full size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from edge.rules.plate.decode import checked_regions
from edge.rules.plate.plate import PlateRead
from edge.vision.detector import FAINT, TextDetector, TextLine
from edge.vision.found import Found, distinct, plate_read, plates_in, rectify, settled
from edge.vision.recogniser import LineRecogniser

SMALL_PX, LARGE_PX = 640, 2000  # longer side of the first look, and the largest of a full look
FULL_SHORTER_PX = 736  # a full look enlarges a smaller frame to this
ZOOM_PX = 640  # longer side an enlarged neighbourhood is looked at
LEAST_REACH = 0.1  # of such a neighbourhood to each side, as a share of the frame's longer side
ZOOMS = 2  # neighbourhoods enlarged at most
MOST_LINES = 32  # lines read at most per look, the surest first
CLEAR = 0.5  # detector's score of lines read in a whole frame; fainter ones are worth a closer look only


class RapidOcrReader:
    """PP-OCRv6 from rapidocr's wheel.

    recogniser  one that is there already; None: one is opened
    """

    name = "rapidocr"

    def __init__(self, regions: Iterable[str], threads: int = 1, recogniser: LineRecogniser | None = None) -> None:
        self._regions = checked_regions(regions)
        self._detector = TextDetector(threads)
        self._recogniser = recogniser or LineRecogniser(threads)

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        return [plate_read(f, seen_at) for f in distinct(self.find(frame, thorough))]

    def find(self, frame: np.ndarray, thorough: bool = False) -> list[Found]:
        """Everything in the frame that spells a plate, a plate perhaps more than once, in no order."""
        lines, found = self._look(frame, SMALL_PX, CLEAR)
        if not settled(found):
            for left, top, part in _neighbourhoods(frame, lines, found):
                _, closer = self._look(part, ZOOM_PX, FAINT)
                found += [replace(f, box=f.box + np.float32([left, top])) for f in closer]
        if thorough and not settled(found):
            found += self._look(frame, _full_side(frame), CLEAR)[1]
        return found

    def _look(self, frame: np.ndarray, longer_side_px: int, clear: float) -> tuple[list[TextLine], list[Found]]:
        """All lines that were seen, and the plates in those that were clear enough to be read."""
        seen = [line for line in self._detector.find(frame, longer_side_px) if line.width_px > 0.7 * line.height_px]
        seen.sort(key=lambda line: -line.score)
        lines = [line for line in seen if line.score >= clear][:MOST_LINES]
        slots = [self._recogniser.slots(rectify(frame, line.box)) for line in lines]
        return seen, plates_in(lines, slots, self._regions, self.name)


def _full_side(frame: np.ndarray) -> int:
    longer, shorter = max(frame.shape[:2]), min(frame.shape[:2])
    return min(LARGE_PX, max(longer, round(FULL_SHORTER_PX * longer / shorter)))


def _neighbourhoods(
    frame: np.ndarray, lines: Sequence[TextLine], found: Sequence[Found]
) -> list[tuple[int, int, np.ndarray]]:
    """(left, top, part of the frame) around what looked most like a plate, then around the surest and widest lines."""
    likely = [f.box for f in sorted(found, key=lambda f: -f.decoded.evidence)]
    likely += [line.box for line in sorted(lines, key=lambda line: -line.score * line.width_px)]
    parts: list[tuple[int, int, np.ndarray]] = []
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    for box in likely:
        if len(parts) == ZOOMS:
            break
        centre = box.mean(axis=0)
        if any((np.abs(centre - other) < reach / 2).all() for other, reach in taken):
            continue
        size = box.max(axis=0) - box.min(axis=0)
        reach = np.maximum(np.maximum(size * (1.0, 2.0), size.max() * 0.8), LEAST_REACH * max(frame.shape))
        taken.append((centre, reach))
        left, top = np.maximum(centre - reach, 0).astype(int)
        right, bottom = np.minimum(centre + reach, frame.shape[1::-1]).astype(int)
        parts.append((int(left), int(top), frame[top:bottom, left:right]))
    return parts
