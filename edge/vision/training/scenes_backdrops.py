"""Where vehicles stand: streets, walls, car parks and plain clutter, with signs that are no plates."""

from __future__ import annotations

import cv2
import numpy as np

from edge.vision.training.scenes_signs import blotch, board, grille
from edge.vision.training.wear import cut_grain


def make_backdrop(dice: np.random.Generator, wide: int, high: int, signs: int) -> np.ndarray:
    """A place with no plate in it, BGR uint8 (high, wide, 3); `signs` is how many boards with text it gets."""
    kind = dice.choice(4, p=(0.5, 0.2, 0.15, 0.15))
    art = (_street, _street, _clutter, _wall)[kind](dice, wide, high)
    # Places are greyer than paint boxes.
    grey = cv2.cvtColor(cv2.cvtColor(art, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    share = dice.beta(2, 3.5)
    art = cv2.addWeighted(art, share, grey, 1 - share, 0)
    for _ in range(signs):
        across = int(wide * dice.uniform(0.08, 0.35))
        tall = int(across * dice.choice([0.2, 0.3, 0.5, 1.0, 1.4]))
        piece = board(dice, across, tall) if dice.random() < 0.75 else grille(dice, across, tall)
        put(art, piece, around(dice, (wide * dice.uniform(0, 1), high * dice.uniform(0, 0.8)), across, tall, 0.12))
    rough = np.ascontiguousarray(cut_grain(dice, high, wide))
    return cv2.add(art, cv2.merge([cv2.convertScaleAbs(rough, alpha=dice.uniform(0, 6))] * 3))


def around(dice: np.random.Generator, middle, wide: float, high: float, skew: float) -> np.ndarray:
    """A box seen a little askew about a middle, float32 (4, 2), clockwise from top left."""
    box = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) / 2
    box += dice.uniform(-skew, skew, (4, 2)) * min(wide, high) / 2
    turn = np.radians(dice.normal(0, 3.5))
    spin = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    return (box @ spin + np.array(middle)).astype(np.float32)


def put(art: np.ndarray, piece: np.ndarray, corners: np.ndarray, round_px: float = 0.0) -> np.ndarray:
    """Lays the piece over the art, its corners on the given ones; returns the map from piece to art, float64 (3, 3).

    `round_px` rounds the piece's corners off, pixels of the piece; the given ones are where they would have met.

    Coordinates are continuous: 0 is the first pixel's outer edge, so pixel i covers i to i + 1.
    """
    high, wide = piece.shape[:2]
    own = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    move = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    top = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (art.shape[1], art.shape[0]))
    size = (int(top[0] - low[0]), int(top[1] - low[1]))
    if min(size) < 1:
        return move
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    shift = np.array([[1, 0, -0.5 - low[0]], [0, 1, -0.5 - low[1]], [0, 0, 1]])
    local = shift @ move @ half
    laid = cv2.warpPerspective(piece, local, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(_sheet(wide, high, round_px), local, size, flags=cv2.INTER_LINEAR)
    area = art[low[1] : top[1], low[0] : top[0]]
    share = mask[..., None].astype(np.float32) / 255
    area[:] = area + (laid.astype(np.float32) - area) * share
    return move


def _sheet(wide: int, high: int, round_px: float) -> np.ndarray:
    """Where a sheet with round corners is, uint8 (high, wide), 0 or 255."""
    if round_px < 1:
        return np.full((high, wide), 255, np.uint8)
    mask = np.zeros((high, wide), np.uint8)
    reach = round(round_px)
    cv2.rectangle(mask, (reach, 0), (wide - 1 - reach, high - 1), 255, -1)
    cv2.rectangle(mask, (0, reach), (wide - 1, high - 1 - reach), 255, -1)
    for x in (reach, wide - 1 - reach):
        for y in (reach, high - 1 - reach):
            cv2.circle(mask, (x, y), reach, 255, -1, cv2.LINE_AA)
    return mask


def _street(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Sky, buildings, trees, a road and its kerb."""
    art = np.empty((high, wide, 3), np.uint8)
    horizon = int(high * dice.uniform(0.15, 0.6))
    sky, haze = dice.integers(150, 256, 3) * (1, 0.97, 0.92), dice.integers(170, 250, 3)
    ramp = np.linspace(0, 1, max(1, horizon))[:, None]
    art[:horizon] = (sky * (1 - ramp) + haze * ramp)[:, None]
    art[horizon:] = blotch(dice, wide, high - horizon) // 2 + np.uint8(40)
    x = -20
    while x < wide:
        across, tall = int(dice.uniform(0.08, 0.3) * wide), int(dice.uniform(0.4, 1.3) * horizon)
        if dice.random() < 0.7:
            colour = dice.integers(60, 230, 3)
            cv2.rectangle(art, (x, horizon - tall), (x + across, horizon + 4), colour.tolist(), -1)
            step = max(8, int(dice.uniform(0.02, 0.06) * wide))
            glass = (colour * dice.uniform(0.3, 0.8)).tolist()
            for left in range(x + 4, x + across - step // 2, step):
                for top in range(horizon - tall + 5, horizon - 6, step):
                    cv2.rectangle(art, (left, top), (left + step // 2, top + step // 2), glass, -1)
        else:
            green = (dice.uniform(0.4, 1.0) * np.array([40, 110, 60]) + dice.uniform(0, 30, 3)).tolist()
            for _ in range(6):
                spot = (int(x + dice.uniform(0, across)), int(horizon - dice.uniform(0.1, 0.8) * tall))
                cv2.circle(art, spot, max(2, int(across * dice.uniform(0.15, 0.4))), green, -1, cv2.LINE_AA)
        x += int(across * dice.uniform(0.6, 1.5))
    for _ in range(int(dice.integers(0, 4))):
        start = (int(dice.uniform(0, 1) * wide), high)
        end = (int(dice.uniform(0.3, 0.7) * wide), horizon)
        cv2.line(art, start, end, dice.integers(120, 250, 3).tolist(), int(dice.integers(2, 10)), cv2.LINE_AA)
    return art


def _wall(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Brick, tile or plaster behind, concrete below."""
    art = blotch(dice, wide, high)
    step = int(dice.uniform(0.03, 0.12) * wide)
    seam = (np.median(art[::8, ::8], axis=(0, 1)) * dice.uniform(0.5, 0.9)).tolist()
    brick = dice.random() < 0.5
    for row, y in enumerate(range(0, high, max(6, step // 2))):
        cv2.line(art, (0, y), (wide, y), seam, 1)
        for x in range((row % 2) * step // 2 if brick else 0, wide, max(8, step)):
            cv2.line(art, (x, y), (x, y + step // 2), seam, 1)
    return art


def _clutter(dice: np.random.Generator, wide: int, high: int) -> np.ndarray:
    """Soft colour with shapes of any kind thrown over it."""
    art = blotch(dice, wide, high)
    for _ in range(int(dice.integers(5, 30))):
        colour, size = dice.integers(0, 256, 3).tolist(), dice.uniform(0.02, 0.3) * wide
        spot = dice.uniform(0, 1, 2) * (wide, high)
        if dice.random() < 0.5:
            shape = spot + dice.uniform(-size, size, (int(dice.integers(3, 7)), 2))
            cv2.fillPoly(art, [shape.astype(np.int32)], colour, cv2.LINE_AA)
        else:
            ends = spot + dice.uniform(-size, size, (2, 2))
            thick = int(dice.integers(1, 9))
            cv2.line(art, *ends.astype(int).tolist(), colour, thick, cv2.LINE_AA)
    return art
