"""What the detector learns from: rendered scenes, its loss, and how it is scored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from edge.vision.training.learning.batches import Batch
from edge.vision.training.learning.networks import STRIDE, Detector
from edge.vision.training.samples import Label, sample_at

SIZE = (640, 480)  # of a scene
UNIT_PX = 32.0  # the network's corners are in these
SURELY_SEEN = 0.9  # share of a plate in sight from which it is taught as one; below, nothing is taught of its place
CORE = 0.3  # of a plate's width and height: cells this near its middle learn its corners
FOUND = 0.7  # overlap with the true plate from which it counts as found
SURE = 0.4  # probability from which a cell is taken for a plate when scoring


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws batch number n of a seed. size: scenes in a batch."""

    seed: int
    size: int

    def __call__(self, number: int) -> Batch:
        first = number * self.size
        made = [sample_at(self.seed, first + i, SIZE) for i in range(self.size)]
        maps = [targets(sample.plates, SIZE) for sample in made]
        return {
            "pictures": np.stack([sample.image for sample in made]),
            "heat": np.stack([heat for heat, _, _ in maps]),
            "corners": np.stack([corners for _, corners, _ in maps]),
            "weight": np.stack([weight for _, _, weight in maps]),
        }


def targets(plates: tuple[Label, ...], size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network should say of a scene, float32.

    Returns heat (h / 8, w / 8): 1 at a plate's middle, falling off round it, -1 where nothing is taught; corners
    (8, h / 8, w / 8) in units of 32 pixels from the cell's middle; and their weight (h / 8, w / 8), 0 where none.
    """
    wide, high = size[0] // STRIDE, size[1] // STRIDE
    heat = np.zeros((high, wide), np.float32)
    corners = np.zeros((8, high, wide), np.float32)
    weight = np.zeros((high, wide), np.float32)
    x, y = np.meshgrid((np.arange(wide) + 0.5) * STRIDE, (np.arange(high) + 0.5) * STRIDE)
    for plate in plates:
        if plate.seen < SURELY_SEEN:
            cover = np.zeros((high, wide), np.uint8)
            cv2.fillConvexPoly(cover, np.round(plate.corners / STRIDE).astype(np.int32), 1)
            heat[cover > 0] = -1
            continue
        middle = plate.corners.mean(0)
        along = (plate.corners[1] - plate.corners[0] + plate.corners[2] - plate.corners[3]) / 2
        down = (plate.corners[3] - plate.corners[0] + plate.corners[2] - plate.corners[1]) / 2
        turned = np.linalg.inv(np.stack([along, down], 1) + 1e-3 * np.eye(2))
        shares = np.stack([x - middle[0], y - middle[1]], -1) @ turned.T  # in widths and heights from the middle
        near = _falling_off(shares, np.linalg.norm(along), np.linalg.norm(down))
        heat = np.where(heat < 0, heat, np.maximum(heat, near))
        nearest = np.unravel_index(np.argmin(np.hypot(x - middle[0], y - middle[1])), x.shape)
        heat[nearest] = 1
        core = (np.abs(shares) < CORE).all(-1)
        core[nearest] = True
        for corner in range(4):
            corners[2 * corner][core] = (plate.corners[corner, 0] - x[core]) / UNIT_PX
            corners[2 * corner + 1][core] = (plate.corners[corner, 1] - y[core]) / UNIT_PX
        weight[core] = UNIT_PX / (core.sum() * np.sqrt(np.linalg.norm(along) * np.linalg.norm(down)))
    return heat, corners, weight


def _falling_off(shares: np.ndarray, along_px: float, down_px: float) -> np.ndarray:
    """A bell over the plate, at least one cell wide."""
    broad = np.array([max(0.16, 0.6 * STRIDE / along_px), max(0.16, 0.6 * STRIDE / max(down_px, 1.0))])
    return np.exp(-((shares / broad) ** 2).sum(-1) / 2).astype(np.float32)


class Learning:
    """The detector's side of the training loop."""

    name = "detector"
    measure = "plates found with their corners"

    def __init__(self, seed: int, batch: int) -> None:
        self.drawing = Drawing(seed, batch)
        self.checks = Drawing(seed + 1, batch)
        self._seed = seed

    def network(self) -> Detector:
        return Detector()

    def vary(self, batch: Batch, number: int) -> Batch:
        """Tinted, turned grey or inside out now and then: where a plate is does not hang on its colours."""
        dice = np.random.default_rng([self._seed, 9, number])
        out = batch["pictures"].copy()
        for at, picture in enumerate(out):
            seen = picture * (dice.uniform(0.75, 1.25) * dice.normal(1, 0.07, 3)).astype(np.float32)
            if dice.random() < 0.15:
                seen[:] = seen.mean(2, keepdims=True)
            np.clip(seen, 0, 255, out=seen)
            out[at] = seen
        return batch | {"pictures": out}

    def loss(self, network: Detector, batch: dict[str, Tensor]) -> Tensor:
        score, corners = network.raw(batch["pictures"])
        score, corners, heat = score.squeeze(1).float(), corners.float(), batch["heat"]
        share = torch.sigmoid(score).clamp(1e-5, 1 - 1e-5)
        peak = (heat == 1).float()
        # CenterNet's focal loss: cells near a middle are punished less for taking themselves for it.
        hit = peak * (1 - share) ** 2 * torch.log(share)
        miss = (heat >= 0) * (1 - peak) * (1 - heat.clamp(0, 1)) ** 4 * share**2 * torch.log(1 - share)
        plates = peak.sum().clamp(min=1)
        off = functional.smooth_l1_loss(corners, batch["corners"], reduction="none", beta=0.05).sum(1)
        return -(hit + miss).sum() / plates + (off * batch["weight"]).sum() / plates

    @torch.no_grad()
    def score(self, network: Detector, batches: list[Batch]) -> tuple[float, dict[str, tuple[int, int]]]:
        """Share of plates in full sight whose corners were found, and how many things were taken for plates."""
        right = of = strays = 0
        device = next(network.parameters()).device
        for batch in batches:
            cells = network(torch.from_numpy(batch["pictures"]).to(device)).cpu().numpy()
            for said, heat, corners in zip(cells, batch["heat"], batch["corners"], strict=True):
                true = [_quadrilateral(corners.transpose(1, 2, 0)[cell] * UNIT_PX, cell) for cell in _peaks(heat, 1.0)]
                found = [_quadrilateral(said[cell][1:], cell) for cell in _peaks(said[..., 0], SURE)]
                hidden = heat < 0
                for plate in true:
                    of += 1
                    right += any(overlap(plate, other) >= FOUND for other in found)
                for other in found:
                    x, y = np.clip(other.mean(0) / STRIDE, 0, np.array(heat.shape[::-1]) - 1).astype(int)
                    strays += not hidden[y, x] and not any(overlap(plate, other) > 0.3 for plate in true)
        return right / max(1, of), {"found": (right, of), "strays": (strays, of)}


def _peaks(heat: np.ndarray, least: float) -> list[tuple[int, int]]:
    """Cells at least as high as `least` and as their eight neighbours."""
    around = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    return [(int(y), int(x)) for y, x in np.argwhere((heat >= least) & (heat >= around))]


def _quadrilateral(offsets: np.ndarray, cell: tuple[int, int]) -> np.ndarray:
    middle = (np.array([cell[1], cell[0]]) + 0.5) * STRIDE
    return (offsets.reshape(4, 2) + middle).astype(np.float32)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Shared area of two quadrilaterals as a share of what both cover; 0 where one of them is crossed."""
    if not (cv2.isContourConvex(one) and cv2.isContourConvex(other)):
        return 0.0
    shared, _ = cv2.intersectConvexConvex(one, other)
    return float(shared / max(1e-6, cv2.contourArea(one) + cv2.contourArea(other) - shared))
