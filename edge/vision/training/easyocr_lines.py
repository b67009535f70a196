"""Lines of rendered plates as EasyOCR hands them to a network: grey, 64 pixels high, drawn out to one width."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.rules.plate.formats import ALPHABET
from edge.simulation.scene.plates import draw_plate
from edge.vision.training.layouts_spelling import spell
from edge.vision.training.samples import crop_at

HIGH, WIDE = 64, 384  # pixels
LONGEST = 14  # characters of a label, padded
_LEARNT = "-one"  # kinds of crops that show one line and all of it end like this
_NOTHING = ("empty", "grille", "backdrop")  # kinds that show no text
_PX_PER_MM = (0.4, 0.55, 0.75)  # few, so that letters are drawn once and kept
_TRIES = 100  # a third of all crops has more lines than one


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws batch number n of a seed: "pictures" uint8 (size, 64, 384), "texts" int64 (size, 14), "kinds".

    size   lines in a batch
    plain  new Indian plates only, clean and straight, in the simulation's own typeface; else all the renderer knows
    """

    seed: int
    size: int
    plain: bool

    def __call__(self, number: int) -> dict[str, np.ndarray]:
        draw = plain_line if self.plain else worn_line
        drawn = [draw(self.seed, number * self.size + place) for place in range(self.size)]
        texts = np.zeros((self.size, LONGEST), np.int64)
        for row, (_, text, _) in zip(texts, drawn, strict=True):
            spelt = [1 + ALPHABET.index(symbol) for symbol in text][:LONGEST]
            row[: len(spelt)] = spelt
        return {
            "pictures": np.stack([drawn_out(picture) for picture, _, _ in drawn]),
            "texts": texts,
            "kinds": np.array([kind for _, _, kind in drawn]),
        }


def plain_line(seed: int, number: int) -> tuple[np.ndarray, str, str]:
    """A new plate seen straight on, cut a little wide or narrow: grey uint8 (h, w), its text, its kind."""
    dice = np.random.default_rng([seed, 3, number])
    text = spell(dice, "in", "civil")
    art = cv2.cvtColor(draw_plate(text, px_per_mm=dice.choice(_PX_PER_MM)), cv2.COLOR_BGR2GRAY)
    high, wide = art.shape
    off = dice.normal(0, 0.025, 4) * high
    left, top, right, bottom = off[0], off[1], wide + off[2], high + off[3]
    cut = np.float32([[left, top], [right, top], [right, bottom], [left, bottom]])
    size = (round(right - left), round(bottom - top))
    onto = np.float32([[0, 0], [size[0], 0], size, [0, size[1]]])
    seen = cv2.warpPerspective(
        art, cv2.getPerspectiveTransform(cut, onto), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return seen, text, "in-plain-one"


def worn_line(seed: int, number: int) -> tuple[np.ndarray, str, str]:
    """A line of any plate the renderer knows, or nothing at all, as worn and badly seen as it comes."""
    dice = np.random.default_rng([seed, 4, number])
    wide = int(dice.integers(2 * HIGH, WIDE + 1))  # EasyOCR keeps a line's own proportions
    for attempt in range(_TRIES):
        crop = crop_at(seed, number * _TRIES + attempt, (wide, HIGH))
        if crop.kind.endswith(_LEARNT) or crop.kind in _NOTHING:
            text = "".join(symbol for symbol in crop.text if symbol in ALPHABET)
            return cv2.cvtColor(crop.image, cv2.COLOR_BGR2GRAY), text, crop.kind
    raise RuntimeError(f"{_TRIES} crops from {number * _TRIES} of seed {seed} on, and no line among them")


def drawn_out(picture: np.ndarray) -> np.ndarray:
    """The picture at EasyOCR's height and our width: what is too short goes on with its last column."""
    high, wide = picture.shape
    across = min(WIDE, -(-wide * HIGH // high))
    line = cv2.resize(picture, (across, HIGH), interpolation=cv2.INTER_CUBIC)
    return np.hstack([line, np.repeat(line[:, -1:], WIDE - across, axis=1)])
