"""One look through a camera that is being aimed: the figures, the verdict, and the picture with both on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from edge.vision.aim.measure import Picture, measure
from edge.vision.aim.verdict import told, verdict
from edge.vision.drawing import draw_reads
from edge.vision.errors import BadPhoto
from edge.vision.reader import Reader
from edge.vision.watch import foremost

FONT, GOOD, BAD = cv2.FONT_HERSHEY_SIMPLEX, (60, 160, 40), (40, 40, 200)


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame was worth. wrong: what to change, a line each; drawn: the picture with it on, uint8 BGR."""

    picture: Picture
    wrong: tuple[str, ...]
    drawn: np.ndarray

    @property
    def lines(self) -> list[str]:
        """For a person: the verdict, then the figures."""
        return [*(self.wrong or ("well aimed",)), told(self.picture)]

    def jpeg(self) -> bytes:
        """The drawn picture as a file."""
        done, coded = cv2.imencode(".jpg", self.drawn, [cv2.IMWRITE_JPEG_QUALITY, 85])
        if not done:
            raise BadPhoto("the picture can't be written as JPEG; expected one that can")
        return coded.tobytes()

    def told(self) -> dict:
        """As JSON can say it."""
        return {"good": not self.wrong, "verdict": list(self.wrong) or ["well aimed"], "picture": asdict(self.picture)}


def look(reader: Reader, frame: np.ndarray, lens_deg: float, seen_at: float, thorough: bool = False) -> Look:
    """Reads a frame (uint8 BGR) and judges it."""
    read = foremost(reader.read(frame, seen_at, thorough))
    picture = measure(frame, read, lens_deg)
    wrong = tuple(verdict(picture))
    return Look(picture, wrong, _drawn(draw_reads(frame, [read] if read else []), picture, wrong))


def _drawn(picture: np.ndarray, figures: Picture, wrong: tuple[str, ...]) -> np.ndarray:
    """The verdict in a bar under the picture, so that it never hides the plate."""
    width = picture.shape[1]
    lines = [*(wrong or ("well aimed",)), told(figures)]
    row = max(18, width // 40)
    bar = np.full((row * len(lines) + row // 2, width, 3), GOOD if not wrong else BAD, np.uint8)
    for number, line in enumerate(lines):
        wide = cv2.getTextSize(line, FONT, 1.0, 1)[0][0]
        size = min(0.9 * width / wide, row / 32)
        cv2.putText(bar, line, (row // 4, row * (number + 1)), FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
    return np.vstack([picture, bar])
