"""What an engine found in a frame: lines of text with their slots, put together and decoded into plates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge.rules.plate.decode import LONGEST, SHORTEST, Decoded, Slot, decode
from edge.rules.plate.formats import ALPHABET
from edge.rules.plate.plate import PlateRead
from edge.vision.detector import TextLine
from edge.vision.layout import around, arrangements

STRAY = 6  # slots a plate's lines may hold beyond the longest mark
PLAUSIBLE = -9.0  # readings with less evidence than this are other text


@dataclass(frozen=True, slots=True)
class Found:
    """Something that spells a plate.

    decoded  what
    box      where: corners in the frame, float32, (4, 2), clockwise from top left
    engine   who read it
    """

    decoded: Decoded
    box: np.ndarray
    engine: str


def plates_in(
    lines: Sequence[TextLine], slots: Sequence[Sequence[Slot]], regions: Iterable[str], engine: str
) -> list[Found]:
    """Everything in the lines that spells a plate; `slots` of each line, in the same order."""
    found = []
    for arrangement in arrangements(lines):
        spelt: list[Slot] = [slot for i in arrangement for slot in slots[i]]
        if (decoded := spelt_by(spelt, regions)) is not None:
            found.append(Found(decoded, around([lines[i] for i in arrangement]), engine))
    return found


def spelt_by(slots: Sequence[Slot], regions: Iterable[str]) -> Decoded | None:
    """The plate that the slots spell; None where they are too few or too many for one, or far likelier other text."""
    if not SHORTEST <= len(slots) <= LONGEST + STRAY:
        return None
    decoded = decode(slots, regions)
    return decoded if decoded.text and decoded.evidence > PLAUSIBLE else None


def slots_of_text(text: str, certainty: float) -> list[Slot]:
    """Slots of an engine that tells a line's text and one confidence: its doubt lies evenly on everything else.

    certainty  of each character, 0.0 to 1.0
    """
    sure = min(max(certainty, 1e-4), 0.9999)
    other = (1 - sure) / len(ALPHABET)
    return [dict.fromkeys(ALPHABET, other) | {"": other, letter: sure} for letter in text.upper() if letter in ALPHABET]


def rectify(frame: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The part of the frame inside the box (float32, (4, 2), clockwise from top left), seen from straight ahead."""
    width = max(4, round(max(np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[2] - box[3]))))
    height = max(4, round(max(np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1]))))
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    turn = cv2.getPerspectiveTransform(box, corners)
    return cv2.warpPerspective(frame, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def settled(found: Sequence[Found]) -> bool:
    best = max(found, key=lambda f: f.decoded.evidence, default=None)
    return best is not None and plate_read(best, 0.0).is_sure()


def distinct(found: Sequence[Found]) -> list[Found]:
    """Best first, without those that lie on a better one."""
    kept: list[Found] = []
    for candidate in sorted(found, key=lambda f: -f.decoded.evidence):
        centre = candidate.box.mean(axis=0)
        if not any(_inside(centre, k.box) or _inside(k.box.mean(axis=0), candidate.box) for k in kept):
            kept.append(candidate)
    return kept


def _inside(point: np.ndarray, box: np.ndarray) -> bool:
    return cv2.pointPolygonTest(box.astype(np.float32), (float(point[0]), float(point[1])), False) >= 0


def plate_read(found: Found, seen_at: float, asked: str = "") -> PlateRead:
    """The same as a reading of a frame. asked: why another engine was asked as well, "" where none was."""
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
        engine=found.engine,
        asked=asked,
    )
