"""What the road does to a plate: fading, dust, mud, scratches, chips, shadows. On the plate seen straight on."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

_DUST, _MUD, _RUST = (118, 138, 152), (52, 74, 96), (36, 66, 120)


@lru_cache(maxsize=1)
def grain() -> np.ndarray:
    """Fixed white noise, float32 (2048, 2048), mean 0, deviation 1, repeating after 1024: cut at random, so that no
    frame rolls its own."""
    return np.tile(np.random.default_rng(20240607).standard_normal((1024, 1024), np.float32), (2, 2))


def cut_grain(dice: np.random.Generator, high: int, wide: int) -> np.ndarray:
    """A piece of the grain, float32 (high, wide); larger pieces wrap around."""
    noise = grain()
    y, x = (int(v) for v in dice.integers(0, 1024, 2))
    if high <= 1024 and wide <= 1024:
        return noise[y : y + high, x : x + wide]
    return noise[np.arange(y, y + high)[:, None] % 1024, np.arange(x, x + wide) % 1024]


def clouds(dice: np.random.Generator, high: int, wide: int, cells: int) -> np.ndarray:
    """Soft spots, float32 (high, wide), deviation about 0.6; `cells` of them across."""
    coarse = np.ascontiguousarray(cut_grain(dice, max(2, cells * high // max(1, wide) + 1), cells))
    return cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)


def wear(art: np.ndarray, dice: np.random.Generator, most: float = 1.0) -> np.ndarray:
    """The plate after some years, uint8 of the same shape; `most` 0 (new) to 1 bounds how many."""
    age = most * dice.beta(1.1, 2.2)
    high, wide = art.shape[:2]
    worn = art.astype(np.float32)
    if dice.random() < 0.6:
        worn += (worn.mean(axis=(0, 1)) - worn) * age * dice.uniform(0, 0.45)
    _cover(worn, np.clip(clouds(dice, high, wide, 6) * 0.5 + _from_below(dice, high), 0, 1) * age * 0.6, _DUST)
    if dice.random() < 0.5 * age + 0.05:
        spots = np.clip(clouds(dice, high, wide, int(dice.integers(8, 30))) - dice.uniform(0.9, 1.5), 0, 0.5) * 2
        _cover(worn, spots, _MUD if dice.random() < 0.7 else _RUST)
    if dice.random() < 0.5 * age:
        chips = clouds(dice, high, wide, int(dice.integers(20, 60))) > dice.uniform(1.0, 1.5)
        worn[chips] = worn[0, 0] * 0.5 + np.median(worn.reshape(-1, 3)[::7], axis=0) * 0.5
    for _ in range(dice.poisson(3 * age)):
        ends = [(int(dice.integers(wide)), int(dice.integers(high))) for _ in range(2)]
        tone = dice.uniform(60, 220)
        cv2.line(worn, *ends, (tone, tone, tone), 1, cv2.LINE_AA)
    if dice.random() < 0.1 * age:
        bent = [(0, 0), (int(wide * dice.uniform(0.02, 0.1)), 0), (0, int(high * dice.uniform(0.1, 0.35)))]
        flip = np.array(bent) if dice.random() < 0.5 else np.array([wide - 1, 0]) - np.array(bent) * (1, -1)
        cv2.fillConvexPoly(worn, flip.astype(np.int32), (50, 50, 52), cv2.LINE_AA)
    if dice.random() < 0.25:
        worn *= _shadow(dice, high, wide)[..., None]
    return np.clip(worn, 0, 255).astype(np.uint8)


def _from_below(dice: np.random.Generator, high: int) -> np.ndarray:
    return (np.linspace(0, 1, high, dtype=np.float32)[:, None] ** 2) * np.float32(dice.uniform(0.1, 0.9))


def _cover(art: np.ndarray, share: np.ndarray, colour) -> None:
    art += (np.array(colour, np.float32) - art) * share[..., None]


def _shadow(dice: np.random.Generator, high: int, wide: int) -> np.ndarray:
    """Share of light left where something's shadow falls across, float32 (high, wide)."""
    x = np.arange(wide, dtype=np.float32) / wide
    y = np.arange(high, dtype=np.float32)[:, None] / high
    edge = (x - dice.uniform(0.2, 0.8)) * dice.normal() + (y - dice.uniform(0.2, 0.8)) * dice.normal()
    return 1 - np.clip(edge * dice.uniform(8, 40) + 0.5, 0, 1) * np.float32(dice.uniform(0.2, 0.6))
