"""Who appears in an approach: vehicles with plates and stickers, people with a printed sheet; how they are painted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge.simulation.scene.lens import HEIGHT_PX, WIDTH_PX, Lens, paint
from edge.simulation.scene.solids import Solid, ball, join, tube
from edge.vision.training.approach_drive import Drive, Hand
from edge.vision.training.layouts import make_layout
from edge.vision.training.plates import draw_plate
from edge.vision.training.plates_sheet import stamp
from edge.vision.training.scenes_backdrops import put
from edge.vision.training.scenes_vehicles import solid_vehicle
from edge.vision.training.typeface import make_face, write
from edge.vision.training.wear import wear

NEAREST_M = 0.6  # what is closer to the lens is no longer drawn
PLATE_PX = 320  # a plate is drawn this wide before it is laid into the picture


@dataclass(frozen=True, slots=True)
class Board:
    """A flat thing: its art (BGR uint8), and its corners about its carrier's origin, clockwise as seen, (4, 3)."""

    art: np.ndarray
    corners: np.ndarray


@dataclass(frozen=True, slots=True)
class Actor:
    """One who appears.

    body    faces, None where only boards are carried
    plate   its plate or sheet
    text    that it shows, "" for an empty one
    moves   where it is when
    others  boards with other text
    lamps   of a vehicle, (n, 3)
    is_vehicle  False: a person
    """

    body: Solid | None
    plate: Board
    text: str
    moves: Drive | Hand
    others: tuple[Board, ...] = ()
    lamps: np.ndarray | None = None
    is_vehicle: bool = True


def make_vehicle(dice, fonts: tuple[str, ...], kind: str, drive: Drive, lines: str, empty: bool = False) -> Actor:
    layout = make_layout(dice, "in", lines)
    wide_mm, high_mm = layout.size_mm
    vehicle = solid_vehicle(kind, int(dice.integers(8)), 1 if wide_mm > 2.6 * high_mm else 2)
    drawn = draw_plate(dice, layout, PLATE_PX, fonts, empty)
    held = _fitted(vehicle.plate, high_mm / wide_mm)
    board = Board(wear(drawn.art, dice, 0.6), held)
    return Actor(vehicle.solid, board, "" if empty else layout.text, drive, (), vehicle.lamps)


def with_number(dice, vehicle: Actor, words: str) -> Actor:
    """The vehicle with a sticker beside or over its plate, on the same plane."""
    wide, high = dice.uniform(0.3, 0.5), dice.uniform(0.07, 0.11)
    aside = dice.choice([-1.0, 1.0]) * (0.29 + wide / 2)
    up = dice.uniform(-0.02, 0.06)
    if dice.random() < 0.4:
        aside, up = dice.uniform(-0.15, 0.15), 0.25
    middle = vehicle.plate.corners.mean(axis=0) + np.array([0.01, aside, up])
    half = np.array([(0, -wide, high), (0, wide, high), (0, wide, -high), (0, -wide, -high)]) / 2
    return replace(vehicle, others=(*vehicle.others, Board(sticker(dice, words), middle + half)))


def sticker(dice, words: str) -> np.ndarray:
    art = np.empty((60, 260, 3), np.uint8)
    art[:] = dice.choice([(240, 240, 240), (40, 200, 240), (60, 40, 190)])
    dark = int(art[0, 0].astype(int).sum()) < 380
    ink = write(words, 38, 240, make_face(dice, ("pressed", "european")[dice.integers(2)]), dice)
    stamp(art, ink, (260 - ink.shape[1]) // 2, 11, (245, 245, 245) if dark else (25, 25, 30))
    return art


def make_holder(dice, fonts: tuple[str, ...], hand: Hand) -> Actor:
    """A person beside the lane with a sheet of paper in both hands, a plate printed on it."""
    layout = make_layout(dice, "in", "one")
    drawn = draw_plate(dice, layout, PLATE_PX, fonts)
    edge = round(PLATE_PX * 0.06)
    art = cv2.copyMakeBorder(drawn.art, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(238, 240, 240))
    wide = dice.uniform(0.4, 0.55)
    high = wide * art.shape[0] / art.shape[1]
    half = np.array([(0, -wide, high), (0, wide, high), (0, wide, -high), (0, -wide, -high)]) / 2
    return Actor(_person(dice, hand.x - 0.35, hand.y), Board(art, half), layout.text, hand, is_vehicle=False)


def _person(dice, x: float, y: float) -> Solid:
    shirt, cloth = (tuple(float(v) for v in dice.integers(30, 210, 3)) for _ in range(2))
    skin = (92.0, 122.0, 168.0)
    arms = [tube([x, y + side * 0.22, 1.35], [x + 0.3, y + side * 0.2, 1.15], 0.05, skin, 0.04) for side in (-1, 1)]
    legs = [tube([x, y + side * 0.1, 0.0], [x, y + side * 0.1, 0.85], 0.09, cloth) for side in (-1, 1)]
    return join(
        ball([x, y, 1.15], [0.14, 0.23, 0.36], shirt), ball([x, y, 1.66], [0.1, 0.09, 0.13], skin), *arms, *legs
    )


def place(actor: Actor, at_s: float) -> tuple[Solid | None, np.ndarray]:
    """Its body and its plate's corners where they are then."""
    corners = actor.moves.place(actor.plate.corners, at_s)
    if actor.body is None or not isinstance(actor.moves, Drive):
        return actor.body, corners
    return replace(actor.body, faces=actor.moves.place(actor.body.faces, at_s)), corners


def act(canvas: np.ndarray, lens: Lens, actor: Actor, at_s: float, daylight: float) -> np.ndarray | None:
    """Paints it; its plate's corners in the picture, float32 (4, 2), None where they are behind the camera."""
    body, held = place(actor, at_s)
    origin = origin_of(canvas)
    if body is not None:
        paint(canvas, lens, body, daylight, 1, origin)
    for board in actor.others:
        _lay(canvas, lens, board.art, actor.moves.place(board.corners, at_s))
    return _lay(canvas, lens, actor.plate.art, held)


def origin_of(canvas: np.ndarray) -> tuple[float, float]:
    """The lens's picture is larger: where this one, about the same middle, begins in it."""
    return (WIDTH_PX - canvas.shape[1]) / 2, (HEIGHT_PX - canvas.shape[0]) / 2


def _lay(canvas: np.ndarray, lens: Lens, art: np.ndarray, held: np.ndarray) -> np.ndarray | None:
    corners, depth = lens.project(held)
    if depth.min() < NEAREST_M:
        return None
    corners = (corners - np.array(origin_of(canvas))).astype(np.float32)
    across = max(4.0, float(np.hypot(*(corners[1] - corners[0]))))
    shrink = across * 1.25 / art.shape[1]
    fine = cv2.resize(art, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 0.8 else art
    put(canvas, fine, corners)
    return corners


def _fitted(holder: np.ndarray, ratio: float) -> np.ndarray:
    """Corners of a plate `ratio` as high as wide about the holder's middle, no more than a third higher than it."""
    across, down = holder[1] - holder[0], holder[3] - holder[0]
    own = float(np.linalg.norm(down) / np.linalg.norm(across))
    high = min(1.3, ratio / own)
    across, down = across * high * own / ratio, down * high
    middle = holder.mean(axis=0)
    return np.array([middle + across * x + down * y for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))])
