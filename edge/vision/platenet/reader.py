"""The engine `platenet`: find plates, straighten them, read them in one go; what it is not sure of, rapidocr is asked.

A frame is looked at once, 640 px on its longer side; a photo, where nobody waits, a second time in twice that size when
the first look was not sure. Then rapidocr reads the plates that were found, which is quick; only when that is not sure
either, it looks for plates of its own in the whole frame. The best of all readings is taken by its evidence.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.rules.plate.decode import checked_regions
from edge.rules.plate.plate import PlateRead
from edge.vision.engines import ENGINES, FALLBACKS
from edge.vision.errors import UnknownEngine
from edge.vision.found import Found, distinct, plate_read, settled
from edge.vision.platenet.corners import plates_of
from edge.vision.platenet.crops import crops_of
from edge.vision.platenet.networks import Networks, OnnxNetworks
from edge.vision.platenet.picture import LONGER_PX, fit
from edge.vision.platenet.reading import Reading, as_whole
from edge.vision.platenet.second import RapidOcrSecond, Second

MOST_PLATES = 4  # read of a look, the likeliest first
MOST_ASKED = 2  # plates of a frame that the second reader is shown
WHOLE = 0.5  # a crop that is less likely a whole plate is not shown to it: what is cut off can't be read by anyone
HOPELESS = 0.02  # of a crop that is no plate: it is not decoded

log = logging.getLogger("parkmeter.vision")


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in the frame: its corners (pixels, clockwise from its own top left, float32 (4, 2)), and what it says."""

    corners: np.ndarray
    reading: Reading


class PlatenetReader:
    """Our own networks, and rapidocr where they are not sure. One instance serves one thread.

    fallback  "rapidocr", or "none": platenet alone, as also where rapidocr is not installed. UnknownEngine for others
    networks  some that are there already; None: those that are shipped
    second    who is asked instead of rapidocr
    """

    name = "platenet"

    def __init__(
        self,
        regions: Iterable[str],
        threads: int = 1,
        fallback: str = "rapidocr",
        networks: Networks | None = None,
        second: Second | None = None,
    ) -> None:
        self._regions = checked_regions(regions)
        if fallback not in FALLBACKS:
            raise UnknownEngine(f"there is no fallback {fallback!r} of platenet; expected {' or '.join(FALLBACKS)}")
        if second is None and fallback == "rapidocr":
            if ENGINES["rapidocr"].missing:
                log.warning("rapidocr is not installed: platenet works alone")
            else:
                second = RapidOcrSecond(self._regions, threads)
        self._networks, self._second = networks or OnnxNetworks(threads), second
        self.asked = ""  # why the second reader was asked about the latest frame, "" where it was not

    def read(self, frame: np.ndarray, seen_at: float, thorough: bool = False) -> list[PlateRead]:
        plates, found = self._look(frame, LONGER_PX)
        if thorough and not settled(found) and max(frame.shape[:2]) > LONGER_PX:
            closer = self._look(frame, 2 * LONGER_PX)
            plates, found = closer[0] or plates, found + closer[1]
        self.asked = "" if self._second is None or settled(found) else why(plates, found)
        if self._second is not None and self.asked:
            found += self._second_opinion(self._second, frame, plates, found, thorough)
        return [plate_read(f, seen_at, self.asked) for f in distinct(found)]

    def _look(self, frame: np.ndarray, longer_px: int) -> tuple[list[Plate], list[Found]]:
        """The plates in the frame, the likeliest first, and what they spell."""
        fitted = fit(frame, longer_px)
        seen = plates_of(self._networks.cells(fitted.picture))[:MOST_PLATES]
        corners = [fitted.in_frame(plate.corners) for plate in seen]
        readings = self._networks.readings(crops_of(frame, corners))
        plates = [Plate(*both) for both in zip(corners, readings, strict=True)]
        found = []
        for plate in plates:
            if plate.reading.whole > HOPELESS and (decoded := plate.reading.decoded(self._regions)) is not None:
                found.append(Found(decoded, plate.corners, self.name))
        return plates, found

    def _second_opinion(
        self, second: Second, frame: np.ndarray, plates: Sequence[Plate], found: Sequence[Found], thorough: bool
    ) -> list[Found]:
        more: list[Found] = []
        for plate in [plate for plate in plates if plate.reading.whole >= WHOLE][:MOST_ASKED]:
            for f in second.find_on(frame, plate.corners, plate.reading.rows()):
                more.append(replace(f, decoded=as_whole(f.decoded, plate.reading.whole)))
        return more if settled([*found, *more]) else more + second.find(frame, thorough)


def why(plates: Sequence[Plate], found: Sequence[Found]) -> str:
    """Why a second reader is asked. No text of a plate is in it: it is kept longer than plates are."""
    if not plates:
        return "no plate found"
    best = max(found, key=lambda f: f.decoded.evidence, default=None)
    if best is None:
        return "no text read"
    return f"{'no telling format' if best.decoded.loose else 'not sure'}: {best.decoded.confidence:.2f}"
