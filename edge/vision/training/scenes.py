"""A whole picture: a backdrop, vehicles with their plates, and where each plate's corners came to lie."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge.simulation.scene.lens import Lens, paint
from edge.vision.training.camera_effects import make_conditions, take
from edge.vision.training.layouts import Layout, make_layout
from edge.vision.training.plates import Plate, draw_plate
from edge.vision.training.scenes_backdrops import around, make_backdrop, put
from edge.vision.training.scenes_light import night
from edge.vision.training.scenes_vehicles import SOLID_KINDS, make_side, solid_vehicle
from edge.vision.training.wear import wear

NARROWEST_PX, WIDEST_PX = 60, 300


@dataclass(frozen=True, slots=True)
class Placed:
    """A plate in a picture.

    layout   what it shows;  empty  True when its rows were left out
    corners  of the sheet, clockwise from its own top left, float32 (4, 2), may lie outside the picture
    rows     corners of each row's lettering, float32 (n, 4, 2)
    hidden   share of the plate that something nearer hides, 0.0 to 1.0
    """

    layout: Layout
    empty: bool
    corners: np.ndarray
    rows: np.ndarray
    hidden: float = 0.0


def make_scene(
    dice: np.random.Generator, size: tuple[int, int], fonts: tuple[str, ...]
) -> tuple[np.ndarray, list[Placed]]:
    """A picture BGR uint8 (size is width, height) and the plates in it; one picture in eight has none."""
    wide, high = size
    bare = dice.random() < 0.125
    canvas = make_backdrop(dice, wide, high, int(dice.integers(1, 6) if bare else dice.poisson(0.8)))
    placed: list[Placed] = []
    if bare and dice.random() < 0.5:
        _flat(dice, canvas, (wide / 2, high / 2), dice.uniform(90, 220), None)
    if not bare:
        # Another vehicle stands behind, to the side: the nearer one may hide part of it.
        if dice.random() < 0.25:
            beside = wide * (dice.uniform(0.08, 0.25) if dice.random() < 0.5 else dice.uniform(0.75, 0.92))
            across = max(_across(dice, wide) * 0.6, NARROWEST_PX * wide / 640)
            placed.append(_flat(dice, canvas, (beside, high * dice.uniform(0.3, 0.6)), across, _plate(dice, fonts)))
        spot = _spot(dice, wide, high)
        draw = _solid if dice.random() < 0.42 else _flat
        before = canvas.copy() if placed else None
        placed.append(draw(dice, canvas, spot, _across(dice, wide), _plate(dice, fonts)))
        if before is not None:
            placed[0] = _behind(placed[0], np.any(before != canvas, axis=2))
    heights = [_letter_px(plate) for plate in placed]
    seen = make_conditions(dice, min(heights, default=20.0))
    if seen.light != "day":
        canvas = night(canvas, [plate.corners for plate in placed], seen.light, dice)
    return take(canvas, seen, dice), [plate for plate in placed if plate.hidden < 0.95]


def _spot(dice: np.random.Generator, wide: int, high: int) -> tuple[float, float]:
    """Where the middle of the nearest plate goes; one in twelve lies across the picture's edge."""
    if dice.random() < 0.08:
        along, end = dice.random(), float(dice.integers(2))
        x, y = (along, end) if dice.random() < 0.5 else (end, along)
    else:
        x, y = np.clip(dice.normal((0.5, 0.58), (0.16, 0.15)), (0.02, 0.05), 0.98)
    return wide * float(x), high * float(y)


def _across(dice: np.random.Generator, wide: int) -> float:
    """The plate's width: as many small as large, in ratio."""
    share = wide / 640
    return float(np.exp(dice.uniform(np.log(NARROWEST_PX * share), np.log(WIDEST_PX * share))))


def _plate(dice: np.random.Generator, fonts: tuple[str, ...]) -> tuple[Plate, bool]:
    layout, empty = make_layout(dice), bool(dice.random() < 0.04)
    return draw_plate(dice, layout, int(dice.integers(150, 320)), fonts, empty), empty


def _sharp(dice: np.random.Generator, plate: Plate, across: float) -> np.ndarray:
    """The worn plate, no more than a third finer than it will be seen."""
    art = wear(plate.art, dice)
    shrink = across * 1.35 / art.shape[1]
    return cv2.resize(art, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 0.8 else art


def screw_on(canvas: np.ndarray, dice: np.random.Generator, plate: Plate, empty: bool, corners: np.ndarray) -> Placed:
    """Wears the plate, lays it on the canvas with its corners on the given ones, and says where all came to lie."""
    across = float(np.hypot(*(corners[1] - corners[0])))
    art = _sharp(dice, plate, across)
    put(canvas, art, corners, art.shape[0] * dice.uniform(0, 0.13))
    move = cv2.getPerspectiveTransform(plate.corners, corners.astype(np.float32))
    rows = plate.rows
    if len(rows):
        rows = cv2.perspectiveTransform(rows.reshape(1, -1, 2), move).reshape(-1, 4, 2)
    return Placed(plate.layout, empty, corners.astype(np.float32), rows.astype(np.float32))


def _solid(dice, canvas: np.ndarray, spot, across: float, drawn: tuple[Plate, bool]) -> Placed:
    """The front of one of the simulation's solids, seen from any barrier's camera."""
    plate, empty = drawn
    wide_mm, high_mm = plate.layout.size_mm
    kind = SOLID_KINDS[dice.choice(len(SOLID_KINDS), p=(0.36, 0.1, 0.16, 0.12, 0.1, 0.1, 0.06))]
    vehicle = solid_vehicle(kind, int(dice.integers(8)), 1 if wide_mm > 2.6 * high_mm else 2)
    turn, away = np.radians(dice.normal(0, 17)), dice.uniform(2.2, 6.5)
    middle = vehicle.plate.mean(axis=0)
    eye = middle + np.array([np.cos(turn) * away, np.sin(turn) * away, dice.uniform(0.0, 1.5)])
    target = middle + np.array([0, dice.normal(0, 0.1), dice.normal(0, 0.1)])
    held = _fitted(vehicle.plate, high_mm / wide_mm)
    lens = Lens(tuple(eye.tolist()), tuple(target.tolist()), 1000.0)
    corners, _ = lens.project(held)
    lens = Lens(lens.eye, lens.target, 1000.0 * across / float(np.hypot(*(corners[1] - corners[0]))))
    corners, _ = lens.project(held)
    origin = corners.mean(axis=0) - np.array(spot)
    paint(canvas, lens, vehicle.solid, float(dice.uniform(0.55, 1.0)), 1, tuple(origin.tolist()))
    return screw_on(canvas, dice, plate, empty, corners - origin)


def _fitted(holder: np.ndarray, ratio: float) -> np.ndarray:
    """Corners of a plate `ratio` as high as wide, in the middle of the holder's, as wide or as high as fits."""
    across, down = holder[1] - holder[0], holder[3] - holder[0]
    own = float(np.linalg.norm(down) / np.linalg.norm(across))
    across, down = (across, down * ratio / own) if ratio <= own * 1.3 else (across * own * 1.3 / ratio, down * 1.3)
    middle = holder.mean(axis=0)
    return np.array([middle + across * x + down * y for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))])


def _flat(dice, canvas: np.ndarray, spot, across: float, drawn: tuple[Plate, bool] | None) -> Placed | None:
    """A flat side put askew; without a plate it is a vehicle that carries none."""
    side = make_side(dice)
    left, top, room, tall = side.plate
    ratio = 0.4 if drawn is None else drawn[0].layout.size_mm[1] / drawn[0].layout.size_mm[0]
    wide = min(room * dice.uniform(0.75, 1.0), tall * 1.15 / ratio)
    middle = np.array([left + room / 2, top + tall / 2])
    grow = across / wide
    size = np.array(side.art.shape[1::-1], float)
    corners = (np.array([(0, 0), (size[0], 0), size, (0, size[1])]) - middle) * grow
    lean, narrow = dice.normal(0, 0.09), dice.normal(0, 0.06)
    skew = np.array([(1, lean), (dice.normal(0, 0.05), dice.uniform(0.85, 1.1))])
    turn = np.radians(dice.normal(0, 3))
    spin = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    corners = corners * (1 + narrow * np.array([[1], [-1], [-1], [1]])) @ skew @ spin + np.array(spot)
    own = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    move = cv2.getPerspectiveTransform(own, corners.astype(np.float32))
    outline = cv2.perspectiveTransform(side.body[None].astype(np.float32), move)[0]
    _lay(canvas, side.art, move, outline)
    if drawn is None:
        return None
    half = np.array([wide, wide * ratio]) / 2
    flat = (middle + np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half).astype(np.float32)
    held = cv2.perspectiveTransform(flat[None], move)[0]
    if dice.random() < 0.3:
        held = around(dice, held.mean(axis=0), across, across * ratio, 0.08)
    return screw_on(canvas, dice, drawn[0], drawn[1], held)


def _lay(canvas: np.ndarray, art: np.ndarray, move: np.ndarray, outline: np.ndarray) -> None:
    high, wide = canvas.shape[:2]
    laid = cv2.warpPerspective(art, move, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(mask, [np.round(np.clip(outline, -4000, 4000) * 16).astype(np.int32)], 255, cv2.LINE_8, shift=4)
    cv2.copyTo(laid, mask, canvas)


def _behind(plate: Placed, covered: np.ndarray) -> Placed:
    """The plate with what the mask covers of it counted, of what lies in the picture."""
    area = np.zeros(covered.shape, np.uint8)
    cv2.fillConvexPoly(area, np.round(np.clip(plate.corners, -4000, 4000)).astype(np.int32), 1)
    return replace(plate, hidden=float(covered[area > 0].mean()) if area.any() else 0.0)


def _letter_px(plate: Placed) -> float:
    rows = plate.rows if len(plate.rows) else plate.corners[None]
    return float(min(np.hypot(*(row[3] - row[0])) for row in rows))
