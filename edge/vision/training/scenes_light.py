"""Night over a finished scene: what is lit stands out, the rest sinks away."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np


def night(canvas: np.ndarray, plates: Iterable[np.ndarray], light: str, dice: np.random.Generator) -> np.ndarray:
    """Dark but for what is lit: plates throw lamps' and infra-red light back, signs and metal less so."""
    rest = dice.uniform(0.12, 0.5) if light == "night" else dice.uniform(0.08, 0.35)
    dark = cv2.convertScaleAbs(canvas, alpha=rest)
    for corners in plates:
        mask = np.zeros(canvas.shape[:2], np.uint8)
        points = np.round(np.clip(corners, -4000, 4000) * 16 - 8).astype(np.int32)
        cv2.fillConvexPoly(mask, points, 255, cv2.LINE_AA, shift=4)
        low = np.clip(corners.min(axis=0).astype(int) - 1, 0, None)
        top = corners.max(axis=0).astype(int) + 2
        area = np.s_[low[1] : max(low[1], top[1]), low[0] : max(low[0], top[0])]
        if not canvas[area].size:
            continue
        lit = cv2.convertScaleAbs(np.ascontiguousarray(canvas[area]), alpha=dice.uniform(max(rest, 0.55), 1.25))
        share = mask[area][..., None].astype(np.float32) / 255
        dark[area] = dark[area] + (lit.astype(np.float32) - dark[area]) * share
    return dark
