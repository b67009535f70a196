"""What the reader learns from: rendered crops, its loss, and how it is scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from edge.rules.plate.formats import ALPHABET
from edge.vision.training.learning.batches import Batch
from edge.vision.training.learning.networks import CROP, STEPS, Reader
from edge.vision.training.samples import crop_at

LONGEST = 14  # characters of a label, padded
PLAIN_AT_FIRST = 40_000  # crops over which their share falls from all to PLAIN
PLAIN = 0.15
UNREAD = ("partial", "sign")  # what stands on these is neither learnt as text nor as nothing


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws batch number n of a seed.

    size   crops in a batch
    gentle the first crops are plain ones: without, a reader says nothing at all for thousands of batches
    """

    seed: int
    size: int
    gentle: bool = False

    def _plain(self, number: int) -> bool:
        share = max(PLAIN, 1 - number / PLAIN_AT_FIRST) if self.gentle else 0.0
        return bool(np.random.default_rng([self.seed, 8, number]).random() < share)

    def __call__(self, number: int) -> Batch:
        first = number * self.size
        made = [crop_at(self.seed, n, CROP, plain=self._plain(n)) for n in range(first, first + self.size)]
        rows = [crop.text.split("\n") for crop in made]
        return {
            "pictures": np.stack([crop.image for crop in made]),
            "texts": _spelt(["".join(of) for of in rows]),
            "upper": _spelt([of[0] for of in rows]),
            "lower": _spelt(["".join(of[1:]) for of in rows]),
            "whole": np.array([bool(crop.text) for crop in made], np.float32),
            "learnt": np.array([crop.kind not in UNREAD for crop in made]),
            "kinds": np.array([crop.kind for crop in made]),
        }


def _spelt(texts: list[str]) -> np.ndarray:
    """Symbols of each text, int64 (n, 14), 0 where it has ended."""
    spelt = np.zeros((len(texts), LONGEST), np.int64)
    for row, text in zip(spelt, texts, strict=True):
        symbols = [1 + ALPHABET.index(c) for c in text if c in ALPHABET][:LONGEST]
        row[: len(symbols)] = symbols
    return spelt


def varied(pictures: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """The same crops shifted, grown, tinted and covered a little, so that none is seen twice alike."""
    high, wide = pictures.shape[1:3]
    out = np.empty_like(pictures)
    for at, picture in enumerate(pictures):
        grow, lean = dice.normal(1, 0.02, 2), dice.normal(0, 0.012)
        shift = dice.normal(0, (1.6, 1.0))
        move = np.float32([[grow[0], lean, shift[0] + (1 - grow[0]) * wide / 2],
                           [0.0, grow[1], shift[1] + (1 - grow[1]) * high / 2]])  # fmt: skip
        seen = cv2.warpAffine(picture, move, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen = seen.astype(np.float32) * dice.uniform(0.7, 1.2) * dice.normal(1, 0.06, 3).astype(np.float32)
        if dice.random() < 0.08:
            seen = 255 - seen
        if dice.random() < 0.15:
            seen[:] = seen.mean(2, keepdims=True)
        if dice.random() < 0.3:
            seen += dice.normal(0, dice.uniform(2, 10), (high, wide, 1)).astype(np.float32)
        out[at] = np.clip(seen, 0, 255)
    return out


class Learning:
    """The reader's side of the training loop."""

    name = "reader"
    measure = "plates read without a fault"

    def __init__(self, seed: int, batch: int) -> None:
        self.drawing = Drawing(seed, batch, gentle=True)
        self.checks = Drawing(seed + 1, batch)
        self._ctc = nn.CTCLoss(blank=0, zero_infinity=True)
        self._whole = nn.BCEWithLogitsLoss()
        self._seed = seed

    def network(self) -> Reader:
        return Reader()

    def vary(self, batch: Batch, number: int) -> Batch:
        return batch | {"pictures": varied(batch["pictures"], np.random.default_rng([self._seed, 9, number]))}

    def loss(self, network: Reader, batch: dict[str, Tensor]) -> Tensor:
        symbols, whole = network.raw(batch["pictures"])
        learnt = batch["learnt"]
        shares = torch.log_softmax(symbols[learnt].float(), 2).transpose(0, 1)
        rows = self._row(shares[:STEPS], batch["upper"][learnt]) + self._row(shares[STEPS:], batch["lower"][learnt])
        return rows + 0.3 * self._whole(whole.float(), batch["whole"])

    def _row(self, shares: Tensor, texts: Tensor) -> Tensor:
        """A plate of one row is spelt along the upper half: a reader that must choose learns much later."""
        return self._ctc(shares, texts, torch.full((len(texts),), STEPS), (texts > 0).sum(1))

    @torch.no_grad()
    def score(self, network: Reader, batches: list[Batch]) -> tuple[float, dict[str, tuple[int, int]]]:
        """Share of plates spelt without a fault, and (right, of) for each kind: what is no plate must be told so."""
        right, of = Counter(), Counter()
        device = next(network.parameters()).device
        for batch in batches:
            shares, whole = network(torch.from_numpy(batch["pictures"]).to(device))
            for spelt, sure, text, kind in zip(
                spelt_by(shares), whole.tolist(), batch["texts"], batch["kinds"], strict=True
            ):
                wanted = [int(c) for c in text if c]
                of[str(kind)] += 1
                right[str(kind)] += (spelt == wanted and sure > 0.5) if wanted else sure <= 0.5
        plates = [kind for kind in of if "-" in kind]
        share = sum(right[k] for k in plates) / max(1, sum(of[k] for k in plates))
        return share, {kind: (right[kind], of[kind]) for kind in sorted(of)}


def spelt_by(shares: Tensor) -> list[list[int]]:
    """Symbols of each crop, likeliest step by step, doubled ones and blanks left out: CTC's plain reading."""
    texts = []
    for steps in shares.argmax(2).cpu().numpy():
        kept = steps[np.insert(steps[1:] != steps[:-1], 0, True)]
        texts.append([int(c) for c in kept if c])
    return texts
