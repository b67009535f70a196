"""What the reader says of one straightened plate: its slots, and whether its lettering stands in two rows. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from edge.rules.plate.decode import Decoded
from edge.vision.ctc import BLANK, slots_of
from edge.vision.found import spelt_by

STEPS = 32  # along each half of a plate
LEAST_WHOLE = 1e-6  # what `whole` can say against a plate at most


@dataclass(frozen=True, slots=True)
class Reading:
    """The reader's answer for one crop.

    steps  float32 (64, 37), each row summing to 1: the CTC blank, 0-9, A-Z; 32 steps along the upper half from left
           to right, then 32 along the lower one
    whole  probability that the crop shows a whole plate with a text, 0.0 to 1.0
    """

    steps: np.ndarray
    whole: float

    def slots(self) -> list[dict[str, float]]:
        """One per character place, the upper half's first: no character lies in both."""
        return slots_of(self.steps[:STEPS]) + slots_of(self.steps[STEPS:])

    def rows(self) -> int:
        """1 or 2 as the characters stand one after the other or above one another; 0 where hardly any was seen."""
        written = self.steps.argmax(axis=1) != BLANK
        upper, lower = np.flatnonzero(written[:STEPS]), np.flatnonzero(written[STEPS:])
        if len(upper) + len(lower) < 3:
            return 0
        return 2 if len(upper) and len(lower) and upper[-1] > lower[0] else 1

    def decoded(self, regions: Iterable[str]) -> Decoded | None:
        """The plate it spells, as sure as it is a whole one; None where it spells none."""
        decoded = spelt_by(self.slots(), regions)
        return None if decoded is None else as_whole(decoded, self.whole)


def as_whole(decoded: Decoded, whole: float) -> Decoded:
    """The same where it is a whole plate with that probability only: what is left of a longer one can spell a plate."""
    whole = min(1.0, max(whole, LEAST_WHOLE))
    return replace(
        decoded,
        confidence=decoded.confidence * whole,
        evidence=decoded.evidence + math.log(whole),
        alternatives=tuple((text, share * whole) for text, share in decoded.alternatives),
    )
