"""The camera that watches an approach: what of its light, noise and shake goes on from one frame to the next."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from edge.simulation.scene.lens import Lens
from edge.vision.training.camera_effects import Conditions, take
from edge.vision.training.scenes_light import night

HOLDS = 0.85  # share of a frame's exposure and shake that the next one keeps
EXPOSED_S = {"day": (1 / 800, 1 / 200), "night": (1 / 250, 1 / 80), "infra": (1 / 500, 1 / 120)}


class Shutter:
    """Takes frame after frame. light: day, night or infra."""

    def __init__(self, dice: np.random.Generator, light: str, rain: bool) -> None:
        self._dice, self._light = dice, light
        self._lit = int(dice.integers(1 << 30))  # how bright the night's things are stays so through the clip
        self._exposed_s = dice.uniform(*EXPOSED_S[light])
        self._drift = np.zeros(3)  # exposure, shake across and down
        self._heavy = dice.uniform(0.3, 0.9) if rain else 0.0
        self._lean = dice.normal(0, 0.2)
        self._drops = dice.uniform(0, 1, (int(4 + 8 * self._heavy), 3)) if rain else None
        self._always = Conditions(
            light=light, motion_px=0.0, motion_deg=0.0, defocus_px=dice.uniform(0.0, 0.9), rain=0.0, glare=0.0,
            exposure=float(np.exp(dice.normal(0.0, 0.15))), contrast=dice.uniform(0.75, 1.1),
            gamma=float(np.exp(dice.normal(0, 0.12))), warmth=float(np.exp(dice.normal(0, 0.06))),
            noise=dice.uniform(0.8, 3.0) if light == "day" else dice.uniform(2.5, 8.0),
            jpeg=int(dice.integers(60, 95)), grey=light == "infra",
        )  # fmt: skip

    def shake(self) -> np.ndarray:
        """How far the picture has moved by now, pixels (2,): the mast sways in the wind."""
        fresh = self._dice.normal(0, (0.05, 0.35, 0.35))
        self._drift = HOLDS * self._drift + fresh
        return self._drift[1:]

    def take(self, scene: np.ndarray, plates: list[np.ndarray], way_px: np.ndarray, lamps: np.ndarray) -> np.ndarray:
        """The frame, BGR uint8.

        plates  corners of each, (4, 2)
        way_px  how far the nearest plate moves in a second, pixels (2,)
        lamps   lit headlamps in the picture: x, y, reach, (n, 3)
        """
        if self._light != "day":
            scene = night(scene, plates, self._light, np.random.default_rng(self._lit))
        scene = _lit(scene, lamps, 0.4 if self._light == "infra" else 1.0)
        if self._drops is not None:
            scene = self._rained(scene)
        way = way_px * self._exposed_s
        seen = replace(
            self._always,
            motion_px=float(np.hypot(*way)),
            motion_deg=float(np.degrees(np.arctan2(way[1], way[0]))),
            exposure=self._always.exposure * float(np.exp(self._drift[0])),
        )
        return take(scene, seen, self._dice)

    def _rained(self, scene: np.ndarray) -> np.ndarray:
        """Streaks anew in each frame; drops on the lens stay."""
        high, wide = scene.shape[:2]
        streaks = np.zeros((high, wide), np.uint8)
        for x, y, length in self._dice.uniform(0, 1, (int(30 + 130 * self._heavy), 3)):
            long = (0.02 + 0.06 * length) * high
            start = (int(x * wide), int(y * high))
            cv2.line(streaks, start, (int(x * wide + self._lean * long), int(y * high + long)), int(40 + 60 * length))
        wet = cv2.add(scene, cv2.merge([streaks] * 3))
        mask = np.zeros((high, wide), np.uint8)
        for x, y, size in self._drops:
            cv2.circle(mask, (int(x * wide), int(y * high)), max(2, int((0.005 + 0.012 * size) * wide)), 255, -1)
        cv2.copyTo(cv2.blur(wet, (high // 40,) * 2), mask, wet)
        return wet


def lamps_of(lens: Lens, lamps: np.ndarray, origin: tuple[float, float]) -> np.ndarray:
    """Headlamps (n, 3) as the picture has them: x, y and reach, px (m, 3); those behind the camera are left out."""
    places, depth = lens.project(lamps)
    reach = np.clip(lens.focal_px * 0.35 / np.maximum(depth, 0.3), 12, 170)
    return np.column_stack([places - np.array(origin), reach])[depth > 0.5]


def _lit(scene: np.ndarray, lamps: np.ndarray, strength: float) -> np.ndarray:
    """Halos of headlamps that shine at the camera, worked out at a quarter of the size."""
    if not len(lamps):
        return scene
    high, wide = scene.shape[:2]
    rows, columns = np.ogrid[: high // 4, : wide // 4]
    veil = np.zeros((high // 4, wide // 4), np.float32)
    for x, y, reach in lamps:
        near = np.sqrt((rows - y / 4) ** 2 + (columns - x / 4) ** 2) / (reach / 4)
        veil += np.clip(1 - near, 0, 1) ** 3 * 130 + 255 * np.exp(-((near * 8) ** 2))
    veil = cv2.resize(np.clip(veil * strength, 0, 255).astype(np.uint8), (wide, high))
    return cv2.add(scene, cv2.merge([veil] * 3))
