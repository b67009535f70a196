"""The reading port, and its engine `rapidocr`: detect text, rectify, recognise, pick the plate by the formats.

A frame is first looked at small (fast). Only when that gives no sure plate, the neighbourhood of what looked most like
one is enlarged, and for a photo, where nobody waits, the whole frame is looked at again in full size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from edge.rules.plate.decode import LONGEST, SHORTEST, Decoded, Slot, checked_regions, decode
from edge.rules.plate.plate import PlateRead
from edge.vision.detector import FAINT, TextDetector, TextLine
from edge.vision.errors import UnknownEngine
from edge.vision.layout import around, arrangements
from edge.vision.recogniser import LineRecogniser, slots_of

SMALL_PX, LARGE_PX = 640, 2000  # longer side of the first look, and the largest of a full look
FULL_SHORTER_PX = 736  # a full look enlarges a smaller frame to this
ZOOM_PX = 640  # longer side an enlarged neighbourhood is looked at
LEAST_REACH = 0.1  # of such a neighbourhood to each side, as a share of the frame's longer side
ZOOMS = 2  # neighbourhoods enlarged at most
MOST_LINES = 32  # lines read at most per look, the surest first
CLEAR = 0.5  # detector's score of lines read in a whole frame; fainter ones are worth a closer look only
STRAY = 6  # slots a plate's lines may hold beyond the longest mark
PLAUSIBLE = -9.0  # readings with less evidence than this are other text


class Reader(Protocol):
    """Reads the plates of a frame. One instance serves one thread."""

    name: str

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        """Plates in `frame` (uint8 BGR, H x W x 3), likeliest first; `seen_at` in monotonic seconds goes into each.

        thorough  take the time to look as closely as it can: nobody waits, and no other frame will come
        """
        ...


@dataclass(frozen=True, slots=True)
class _Found:
    """One arrangement of lines that spells something: what, where, and which lines it took."""

    decoded: Decoded
    box: np.ndarray


class RapidOcrReader:
    """PP-OCRv6 from rapidocr's wheel."""

    name = "rapidocr"

    def __init__(self, regions: Iterable[str], threads: int = 1) -> None:
        self._regions = checked_regions(regions)
        self._detector = TextDetector(threads)
        self._recogniser = LineRecogniser(threads)

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        lines, found = self._look(frame, SMALL_PX, CLEAR)
        if not _settled(found):
            for left, top, part in _neighbourhoods(frame, lines, found):
                _, closer = self._look(part, ZOOM_PX, FAINT)
                found += [_Found(f.decoded, f.box + np.float32([left, top])) for f in closer]
        if thorough and not _settled(found):
            found += self._look(frame, _full_side(frame), CLEAR)[1]
        return [_plate_read(f, seen_at) for f in _distinct(found)]

    def _look(self, frame: np.ndarray, longer_side_px: int, clear: float) -> tuple[list[TextLine], list[_Found]]:
        """All lines that were seen, and the plates in those that were clear enough to be read."""
        seen = [line for line in self._detector.find(frame, longer_side_px) if line.width_px > 0.7 * line.height_px]
        seen.sort(key=lambda line: -line.score)
        lines = [line for line in seen if line.score >= clear][:MOST_LINES]
        slots = [slots_of(self._recogniser.read(rectify(frame, line.box))) for line in lines]
        return seen, self._plates(lines, slots)

    def _plates(self, lines: Sequence[TextLine], slots: Sequence[list[dict[str, float]]]) -> list[_Found]:
        found = []
        for arrangement in arrangements(lines):
            spelt: list[Slot] = [slot for i in arrangement for slot in slots[i]]
            if SHORTEST <= len(spelt) <= LONGEST + STRAY:
                decoded = decode(spelt, self._regions)
                if decoded.text and decoded.evidence > PLAUSIBLE:
                    found.append(_Found(decoded, around([lines[i] for i in arrangement])))
        return found


ENGINES: dict[str, Callable[..., Reader]] = {"rapidocr": RapidOcrReader}


def open_reader(engine: str, regions: Iterable[str], threads: int = 1) -> Reader:
    """The reader of that name. UnknownEngine or EngineMissing says what to do; ValueError names an unknown region."""
    if engine not in ENGINES:
        raise UnknownEngine(f"there is no reading engine {engine!r}; expected one of {', '.join(ENGINES)}")
    return ENGINES[engine](regions, threads=threads)


def rectify(frame: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The part of the frame inside the box (float32, (4, 2), clockwise from top left), seen from straight ahead."""
    width = max(4, round(max(np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[2] - box[3]))))
    height = max(4, round(max(np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1]))))
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    turn = cv2.getPerspectiveTransform(box, corners)
    return cv2.warpPerspective(frame, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _settled(found: Sequence[_Found]) -> bool:
    best = max(found, key=lambda f: f.decoded.evidence, default=None)
    return best is not None and _plate_read(best, 0.0).is_sure()


def _full_side(frame: np.ndarray) -> int:
    longer, shorter = max(frame.shape[:2]), min(frame.shape[:2])
    return min(LARGE_PX, max(longer, round(FULL_SHORTER_PX * longer / shorter)))


def _neighbourhoods(
    frame: np.ndarray, lines: Sequence[TextLine], found: Sequence[_Found]
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


def _distinct(found: Sequence[_Found]) -> list[_Found]:
    """Best first, without those that lie on a better one."""
    kept: list[_Found] = []
    for candidate in sorted(found, key=lambda f: -f.decoded.evidence):
        centre = candidate.box.mean(axis=0)
        if not any(_inside(centre, k.box) or _inside(k.box.mean(axis=0), candidate.box) for k in kept):
            kept.append(candidate)
    return kept


def _inside(point: np.ndarray, box: np.ndarray) -> bool:
    return cv2.pointPolygonTest(box.astype(np.float32), (float(point[0]), float(point[1])), False) >= 0


def _plate_read(found: _Found, seen_at: float) -> PlateRead:
    decoded = found.decoded
    return PlateRead(
        text=decoded.text,
        confidence=decoded.per_char,
        box=tuple((float(x), float(y)) for x, y in found.box),
        seen_at=seen_at,
        raw=decoded.raw,
        format=decoded.format,
        probability=decoded.confidence,
        loose=decoded.loose,
        evidence=decoded.evidence,
        alternatives=decoded.alternatives,
    )
