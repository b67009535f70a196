"""Reads one rectified line of text with rapidocr's recogniser, keeping every character's probability."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np

from edge.rules.plate.formats import ALPHABET
from edge.vision.ctc import BLANK, FIRST_CHARACTER, PAST_CHARACTERS, slots_of
from edge.vision.onnx_models import open_model

MODEL = "PP-OCRv6_rec_small.onnx"
HEIGHT_PX = 48  # what the network was trained on
WIDTH_PX = 320  # shorter lines are padded up to this
WIDEST_PX = 960
SOFTEN = 0.8  # exponent on the probabilities: it says 0.9999 more often than it is right 9,999 times in 10,000
STRANGE = PAST_CHARACTERS  # the last column of what `read` returns


class LineRecogniser:
    """Reads lines. One instance serves one thread."""

    def __init__(self, threads: int = 1) -> None:
        self._session = open_model(MODEL, threads)
        characters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        # The network's own order: the CTC blank, its list, and a space.
        self._columns = [_column(symbol) for symbol in ["", *characters, " "]]
        self._by_column = [np.flatnonzero(np.array(self._columns) == column) for column in range(STRANGE)]

    def read(self, crop: np.ndarray) -> np.ndarray:
        """Probabilities per step along a line (uint8 BGR), float32 of shape (steps, 2 + 36), each row summing to 1.

        Columns: nothing here (the CTC blank, a space, a dash, a dot), then 0-9 and A-Z, then any other symbol.
        """
        height, width = crop.shape[:2]
        inked = int(np.clip(np.ceil(HEIGHT_PX * width / height), 8, WIDEST_PX))
        tensor = np.zeros((1, 3, HEIGHT_PX, max(inked, WIDTH_PX)), np.float32)
        resized = cv2.resize(crop, (inked, HEIGHT_PX))
        tensor[0, :, :, :inked] = resized.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1.0
        steps = self._session.run(None, {"x": tensor})[0][0]
        folded = np.empty((len(steps), STRANGE + 1), np.float32)
        for column, sources in enumerate(self._by_column):
            folded[:, column] = steps[:, sources].sum(axis=1)
        folded[:, STRANGE] = np.maximum(0.0, 1.0 - folded[:, :STRANGE].sum(axis=1))
        return folded

    def slots(self, crop: np.ndarray) -> list[dict[str, float]]:
        """One slot per character place along the line, see `ctc.slots_of`."""
        return slots_of(self.read(crop), SOFTEN)


def _column(symbol: str) -> int:
    """Where a symbol of the network's list is counted: accents and case are dropped, separators are nothing."""
    if not symbol or unicodedata.category(symbol[0])[0] in "PZ":
        return BLANK
    plain = unicodedata.normalize("NFKD", symbol)[0].upper()
    found = ALPHABET.find(plain)
    return FIRST_CHARACTER + found if found >= 0 else STRANGE
