"""Plates as the gate knows them: one reading of one frame, and the frames of one visit joined into one plate. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from edge.rules.plate.decode import UNSEEN, Decoded, Slot, checked_regions, decode
from edge.rules.plate.formats import REGIONS

__all__ = ["REGIONS", "Decoded", "PlateRead", "Slot", "Vote", "checked_regions", "decode", "normalise", "vote"]

SURE = 0.85  # probability at which one reading may stand alone
LIKELY = 0.5  # one below it speaks neither for its text nor against another when frames are counted
FAINTEST = 0.15  # what the reader must give every character of such a reading, whatever the formats say


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One reading of one plate in one frame.

    text          normalised: A-Z and 0-9 only, "MH 12-ab 1234" is "MH12AB1234"
    confidence    per character, 0.0 (a guess) to 1.0 (certain), same length as text
    box           plate corners in the frame, pixels, clockwise from top left, four (x, y)
    seen_at       when the frame was exposed, monotonic seconds (not when reading finished)
    raw           what the reader saw before formats were considered
    format        the format the text follows, "" when none
    probability   that the whole text is right, 0.0 to 1.0
    loose         the format says so little that a match alone proves nothing
    evidence      log of how much likelier this is a plate than any other text; below 0 it is probably none
    alternatives  (text, probability) of what else it might have been, best first, text itself included
    engine        who read it
    asked         why a second engine was asked about this frame, whoever's reading this is; "" when none was
    """

    text: str
    confidence: tuple[float, ...]
    box: tuple[tuple[float, float], ...]
    seen_at: float
    raw: str = ""
    format: str = ""
    probability: float = 0.0
    loose: bool = True
    evidence: float = 0.0
    alternatives: tuple[tuple[str, float], ...] = ()
    engine: str = ""
    asked: str = ""

    def is_sure(self, threshold: float = SURE) -> bool:
        """This one reading may stand alone: telling, and right with at least this probability."""
        return self.is_telling and self.probability >= threshold

    @property
    def is_telling(self) -> bool:
        """Of a telling format, every character really seen, and likelier a plate than any other text."""
        return bool(self.text) and not self.loose and self.evidence >= 0 and min(self.confidence) >= FAINTEST


@dataclass(frozen=True, slots=True)
class Vote:
    """The joint result of one visit.

    text        the plate, "" when no frame had one
    confidence  joint probability that text is right, 0.0 to 1.0
    frames      how many frames read exactly this text
    accepted    enough frames agree and the confidence passes the threshold
    """

    text: str
    confidence: float
    frames: int
    accepted: bool


def normalise(text: str) -> str:
    """A-Z and 0-9 only, in capitals: "MH 12-ab 1234" is "MH12AB1234"."""
    return re.sub("[^A-Z0-9]", "", text.upper())


def vote(reads: Sequence[PlateRead], agreeing: int = 2, threshold: float = 0.9) -> Vote:
    """The frames of one visit joined by their summed log probabilities.

    agreeing   how many more likely frames must read exactly the winning text than another one
    threshold  what the joint confidence must reach

    A frame says nothing against a text it didn't think of beyond `UNSEEN`; frames are not independent, so the sum is
    tempered by its square root: ten looks at the same smear don't make it certain.
    """
    reads = [read for read in reads if read.text]
    if not reads:
        return Vote("", 0.0, 0, False)
    texts = {text for read in reads for text, _ in read.alternatives} | {read.text for read in reads}
    totals = {text: sum(math.log(_probability(read, text)) for read in reads) for text in texts}
    temper = math.sqrt(len(reads))
    best = max(texts, key=lambda text: (totals[text], text))
    shares = {text: math.exp((total - totals[best]) / temper) for text, total in totals.items()}
    # The winner can be no surer than the best frame that reads it is allowed to make it.
    doubt = math.exp(max(math.log(_probability(read, best)) for read in reads))
    confidence = min(1 / sum(shares.values()), 1 - (1 - doubt) / temper)
    frames = sum(read.text == best for read in reads)
    likely = [read for read in reads if read.is_telling and read.probability >= LIKELY]
    ahead = sum(1 if read.text == best else -1 for read in likely)
    return Vote(best, confidence, frames, ahead >= max(1, agreeing) and confidence >= threshold)


def _probability(read: PlateRead, text: str) -> float:
    found = next((p for other, p in read.alternatives if other == text), None)
    if found is None and text == read.text:
        found = read.probability
    return min(1.0, max(found or 0.0, UNSEEN))
