"""Renders what the world says is in the lane, as a picture a real reader has to read."""

from __future__ import annotations

import random
from collections import OrderedDict

import cv2
import numpy as np

from edge.simulation.scene.backdrop import draw_backdrop
from edge.simulation.scene.bodywork import Vehicle3D, build
from edge.simulation.scene.lens import HEIGHT_PX, WIDTH_PX, Lens, paint
from edge.simulation.scene.plates import draw_plate, wear
from edge.simulation.scene.solids import moved

EXPOSURE_S = 1 / 250
FINE = 2  # vehicles are painted this much larger, then averaged down
MASTER_PX_PER_MM = 2.4
BOOM_HEIGHT_M, PIVOT_Y_M = 0.79, -1.75
PIECES, STRIPE_M = 10, 0.35
RED, WHITE = (40, 36, 196), (236, 236, 236)
LIGHTS = {"red": (60, 50, 255), "green": (90, 230, 80), "amber_flash": (40, 180, 255)}
_REMEMBERED = 12


class Scene:
    """Renders looks of the lane. One instance serves one thread; pictures differ only by their look and noise.

    daylight  1.0 noon to 0.0 night, when the camera's own lamp and the road light remain
    """

    def __init__(self, daylight: float = 1.0, lens: Lens | None = None) -> None:
        if not 0.0 <= daylight <= 1.0:
            raise ValueError(f"scene daylight is {daylight}: expected 0.0 (night) to 1.0 (noon)")
        self.daylight = daylight
        self.lens = lens or Lens()
        self._backdrop = draw_backdrop(self.lens, daylight)
        self._vehicles: OrderedDict[tuple, tuple[Vehicle3D, np.ndarray]] = OrderedDict()
        self._still: tuple[tuple, np.ndarray] | None = None
        noise = np.random.default_rng(3)
        grain = 2.2 + 4.0 * (1 - daylight)
        self._noise = [noise.normal(0, grain, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.int16) for _ in range(3)]
        self._dice = random.Random(17)

    def render(self, look: dict) -> np.ndarray:
        """The picture, BGR uint8 (720, 1280, 3), of a world's look."""
        seen = [v for v in look["vehicles"] if v["tail_m"] < self.lens.eye[0] - 0.4]
        key = tuple((v["vehicle"], round(v["nose_m"], 2), round(v["speed_mps"], 1)) for v in seen)
        if self._still is None or self._still[0] != key:
            canvas = self._backdrop.copy()
            for vehicle in reversed(seen):
                self._draw_vehicle(canvas, vehicle)
            self._still = (key, canvas)
        picture = self._still[1].copy()
        self._draw_boom(picture, look["boom_deg"], look["light"])
        return cv2.add(picture, self._dice.choice(self._noise), dtype=cv2.CV_8U)

    def plate_corners(self, vehicle: dict) -> np.ndarray:
        """Where a vehicle's plate is in the picture, pixels, clockwise from top left, (4, 2)."""
        shape, _ = self._known(vehicle)
        return self.lens.project(shape.plate + np.array([vehicle["nose_m"], 0, 0]))[0]

    def _known(self, vehicle: dict) -> tuple[Vehicle3D, np.ndarray]:
        """The vehicle's shape and its plate's art, made once and kept while it is about."""
        about = tuple(vehicle[name] for name in ("vehicle", "class", "plate", "lines", "style", "colour"))
        if about not in self._vehicles:
            name, kind, plate, lines, style, colour = about
            art = wear(draw_plate(plate, lines, style, MASTER_PX_PER_MM), name)
            self._vehicles[about] = (build(kind, name, lines, colour), art)
            if len(self._vehicles) > _REMEMBERED:
                self._vehicles.popitem(last=False)
        self._vehicles.move_to_end(about)
        return self._vehicles[about]

    def _draw_vehicle(self, canvas: np.ndarray, vehicle: dict) -> None:
        shape, art = self._known(vehicle)
        nose = np.array([vehicle["nose_m"], 0.0, 0.0])
        solid = moved(shape.solid, vehicle["nose_m"])
        pixels, depth = self.lens.project(np.concatenate([solid.faces, [_shadow_of(shape) + nose]]))
        ahead = pixels[depth.min(axis=1) > 0.1].reshape(-1, 2)
        if not len(ahead):
            return
        left, top = np.clip(np.floor(ahead.min(axis=0)).astype(int) - 40, 0, (WIDTH_PX, HEIGHT_PX))
        right, bottom = np.clip(np.ceil(ahead.max(axis=0)).astype(int) + 40, 0, (WIDTH_PX, HEIGHT_PX))
        if right - left < 2 or bottom - top < 2:
            return
        area = canvas[top:bottom, left:right]
        self._draw_shadow(area, (left, top), shape, nose)
        fine = cv2.resize(area, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_NEAREST)
        paint(fine, self.lens, solid, self.daylight, FINE, (left, top))
        corners, depth = self.lens.project(shape.plate + nose)
        if depth.min() > 0.3:
            self._screw_on(fine, art, (corners - np.array([left, top])) * FINE)
        if self.daylight < 0.6:
            self._light_lamps(fine, shape, nose, (left, top))
        drawn = cv2.resize(fine, area.shape[1::-1], interpolation=cv2.INTER_AREA)
        area[:] = self._smear(drawn, shape, nose, vehicle["speed_mps"])

    def _draw_shadow(self, area: np.ndarray, origin: tuple[int, int], shape: Vehicle3D, nose: np.ndarray) -> None:
        corners, depth = self.lens.project(_shadow_of(shape) + nose)
        if depth.min() <= 0.1:
            return
        small = np.zeros(((area.shape[0] + 7) // 8, (area.shape[1] + 7) // 8), np.uint8)
        points = ((corners - np.array(origin)) / 8 * 16).round().astype(np.int32)
        cv2.fillPoly(small, [points], 255, cv2.LINE_8, shift=4)
        soft = cv2.GaussianBlur(small, (0, 0), 1.6)
        shade = cv2.resize(soft, area.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        keep = 255 - cv2.convertScaleAbs(shade, alpha=0.62 * (0.3 + 0.7 * self.daylight))
        area[:] = cv2.multiply(area, cv2.merge([keep] * 3), scale=1 / 255)

    def _screw_on(self, fine: np.ndarray, art: np.ndarray, corners: np.ndarray) -> None:
        """Warps the plate to its corners, first averaged down to near its size there so that nothing aliases."""
        wide = np.linalg.norm(corners[1] - corners[0])
        share = min(1.0, 1.25 * wide / art.shape[1])
        size = (max(4, round(art.shape[1] * share)), max(2, round(art.shape[0] * share)))
        small = cv2.resize(art, size, interpolation=cv2.INTER_AREA)
        small = cv2.convertScaleAbs(small, alpha=0.62 + 0.36 * self.daylight)
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, fine.shape[1::-1])
        if (high - low).min() < 2:
            return
        edge = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(edge, (corners - low).astype(np.float32))
        spot = fine[low[1] : high[1], low[0] : high[0]]
        window = tuple(int(side) for side in high - low)
        warped = cv2.warpPerspective(small, matrix, window, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mask = np.zeros(spot.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, ((corners - low) * 16).round().astype(np.int32), 255, cv2.LINE_8, shift=4)
        cv2.copyTo(warped, mask, spot)

    def _light_lamps(self, fine: np.ndarray, shape: Vehicle3D, nose: np.ndarray, origin: tuple[int, int]) -> None:
        """Dipped headlamps with their halo."""
        places, depth = self.lens.project(shape.lamps + nose)
        for place, away in zip((places - np.array(origin)) * FINE, depth, strict=True):
            if away <= 0.3:
                continue
            reach = int(np.clip(900 / away, 16, 300))
            x, y = (int(value) for value in place)
            left, top = max(0, x - reach), max(0, y - reach)
            spot = fine[top : y + reach, left : x + reach]
            if not spot.size:
                continue
            rows, columns = np.ogrid[top : top + spot.shape[0], left : left + spot.shape[1]]
            near = np.sqrt((rows - y) ** 2 + (columns - x) ** 2) / reach
            halo = np.clip(1 - near, 0, 1) ** 3 * 150 + 255 * np.exp(-((near * 9) ** 2))
            spot[:] = np.clip(spot + halo[..., None] * np.array([0.86, 0.95, 1.0]), 0, 255).astype(np.uint8)

    def _smear(self, drawn: np.ndarray, shape: Vehicle3D, nose: np.ndarray, speed_mps: float) -> np.ndarray:
        """Motion during the exposure, along the plate's own way through the picture, and the lens's softness."""
        plate = shape.plate.mean(axis=0) + nose
        ends = np.stack([plate, plate - np.array([speed_mps * EXPOSURE_S, 0, 0])])
        places, depth = self.lens.project(ends)
        way = places[0] - places[1]
        length = float(np.hypot(*way))
        if depth.min() > 0.3 and 1.2 < length < 60:
            side = int(np.ceil(length)) | 1
            kernel = np.zeros((side, side), np.float32)
            middle, half = side // 2, way / 2
            start, end = ((middle + sign * half) * 16 for sign in (-1, 1))
            cv2.line(kernel, start.astype(int).tolist(), end.astype(int).tolist(), 1.0, 1, cv2.LINE_AA, shift=4)
            drawn = cv2.filter2D(drawn, -1, kernel / kernel.sum())
        return cv2.GaussianBlur(drawn, (3, 3), 0.55)

    def _draw_boom(self, picture: np.ndarray, angle_deg: float, light: str) -> None:
        """The striped arm with its strip of lights, at its angle."""
        turn = np.radians(angle_deg)
        along, across = np.array([0, np.cos(turn), np.sin(turn)]), np.array([0, -np.sin(turn), np.cos(turn)])
        pivot = np.array([0.0, PIVOT_Y_M, BOOM_HEIGHT_M])
        shown = 0.42 + 0.58 * self.daylight
        bands = ((-0.042, 0.03, 1.0), (-0.055, -0.042, 0.5), (0.03, 0.042, None))  # face, underside, lights
        for low, high, tone in bands:
            edges = [
                pivot + across * height + along * STRIPE_M * np.arange(PIECES + 1)[:, None] for height in (high, low)
            ]
            upper, lower = (np.clip(self.lens.project(edge)[0], -1e5, 1e5) for edge in edges)
            for number in range(PIECES):
                colour = np.array(RED if number % 2 else WHITE) * tone * shown if tone else LIGHTS[light]
                corners = np.array([upper[number], upper[number + 1], lower[number + 1], lower[number]])
                points = (corners * 16).round().astype(np.int32)
                cv2.fillConvexPoly(picture, points, [float(c) for c in colour], cv2.LINE_AA, shift=4)


def _shadow_of(shape: Vehicle3D) -> np.ndarray:
    """Where the vehicle darkens the ground, corners (4, 3), its nose at x = 0."""
    half, length = shape.shadow
    left = half + 0.35  # the sun stands to the right
    return np.array([[0.05, -left, 0], [0.05, half, 0], [-length, half, 0], [-length, -left, 0]], float)
