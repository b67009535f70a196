"""The lane camera's lens: where things in the lane land in its picture, and how their faces are shaded and painted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from edge.simulation.scene.solids import Solid, normals

WIDTH_PX, HEIGHT_PX = 1280, 720
SUN = np.array([0.50, 0.42, 0.76])  # a unit vector: over the camera's right shoulder
SKY_BGR = np.array([236.0, 214.0, 192.0])
GROUND_BGR = np.array([96.0, 98.0, 100.0])


@dataclass(frozen=True, slots=True)
class Lens:
    """Where the camera stands and looks (metres, lane coordinates), and its focal length in pixels."""

    eye: tuple[float, float, float] = (3.0, 1.4, 1.9)
    target: tuple[float, float, float] = (-1.6, 0.0, 0.95)
    focal_px: float = 2130.0

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (..., 2) and depth (...) of points (..., 3); what is behind the camera has depth below zero."""
        seen = (points - np.array(self.eye)) @ _axes(self.eye, self.target).T
        depth = seen[..., 2]
        safe = np.where(depth > 0.05, depth, 0.05)[..., None]
        return seen[..., :2] / safe * self.focal_px + np.array([WIDTH_PX / 2, HEIGHT_PX / 2]), depth


@lru_cache(maxsize=8)
def _axes(eye: tuple[float, float, float], target: tuple[float, float, float]) -> np.ndarray:
    """Right, down and forward, unit rows."""
    forward = np.array(target) - np.array(eye)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return np.array([right, np.cross(forward, right), forward])


def shade(solid: Solid, eye: np.ndarray, daylight: float) -> np.ndarray:
    """Colour of each face under sun and sky, BGR float (n, 3)."""
    normal = normals(solid.faces)
    middle = solid.faces.mean(axis=1)
    view = eye - middle
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    sun = np.clip(normal @ SUN, 0, None)
    sky = 0.5 + 0.5 * normal[:, 2]
    day = 0.46 + 0.34 * sky + 0.42 * sun
    lamp = np.clip(np.sum(normal * view, axis=1), 0, None)
    night = 0.07 + 0.07 * sky + 0.62 * lamp * np.clip(9.0 / np.sum((eye - middle) ** 2, axis=1), 0.05, 0.9)
    light = daylight * day + (1 - daylight) * night
    facing = np.clip(np.sum(normal * view, axis=1), 0, 1)
    mirrored = 2 * facing[:, None] * normal - view
    horizon = np.clip(mirrored[:, 2:] * 2.2 + 0.35, 0, 1)
    around = (horizon * SKY_BGR + (1 - horizon) * GROUND_BGR) * (0.06 + 0.94 * daylight)
    mirror = (solid.gloss * (0.10 + 0.75 * (1 - facing) ** 3))[:, None]
    glint = (solid.gloss * np.clip(mirrored @ SUN, 0, 1) ** 40)[:, None] * 210.0 * daylight
    colour = solid.colours * light[:, None] * (1 - mirror) + around * mirror + glint
    colour += solid.colours * solid.glow[:, None]
    return np.clip(colour, 0, 255)


def paint(canvas: np.ndarray, lens: Lens, solid: Solid, daylight: float, scale: int = 1, origin=(0.0, 0.0)) -> None:
    """Paints the faces that look at the camera, far ones first.

    `scale` and `origin` (pixels of the whole picture) say which part of it, how much enlarged, the canvas is.
    """
    eye = np.array(lens.eye)
    middle = solid.faces.mean(axis=1)
    towards = np.einsum("ij,ij->i", normals(solid.faces), eye - middle) > 0
    seen = solid.only(np.flatnonzero(towards))
    pixels, depth = lens.project(seen.faces)
    away = np.linalg.norm(middle[towards] - eye, axis=1)
    order = np.lexsort((-away, seen.layer))
    order = order[depth.min(axis=1)[order] > 0.1]
    colours = shade(seen, eye, daylight)[order].tolist()
    points = np.clip((pixels[order] - np.array(origin)) * scale * 16, -2e6, 2e6).round().astype(np.int32)
    for corners, colour in zip(points, colours, strict=True):
        cv2.fillConvexPoly(canvas, corners, colour, cv2.LINE_8, shift=4)
