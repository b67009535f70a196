"""Approaches: clips of who drives up to a barrier, with what every frame shows. For testing what reads them.

A clip has dice of its own, made of seed, kind and number, so the same seed gives the same bytes (on machines with the
same fonts installed; `fonts=()` leaves them out).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from edge.simulation.scene.lens import Lens
from edge.vision.training.approach_camera import Shutter, lamps_of
from edge.vision.training.approach_cast import Actor, act, origin_of
from edge.vision.training.approach_drive import Drive
from edge.vision.training.approach_kinds import KINDS, Staging, stage
from edge.vision.training.scenes_backdrops import make_backdrop
from edge.vision.training.typeface_fonts import installed_fonts

__all__ = ["KINDS", "Clip", "Shown", "Still", "Turn", "approach_at"]

SIZE = (640, 480)
RATE = 10  # frames a second
GONE_M = 1.0  # past the stop line by so much it is the next one's turn
LOOP_M = 3.0  # the arming loop begins so far before the stop line
_APPROACHES = 3  # apart from the dice of scenes and crops


@dataclass(frozen=True, slots=True)
class Shown:
    """A plate in a frame.

    who      number of whoever carries it, the same through the clip
    text     A-Z and 0-9, "" for an empty one
    corners  pixels, clockwise from the plate's own top left, float32 (4, 2); may lie outside the picture
    seen     share of it that can be seen: inside the picture, behind nothing; 0.0 to 1.0
    """

    who: int
    text: str
    corners: np.ndarray
    seen: float


@dataclass(frozen=True, slots=True)
class Still:
    """A frame.

    image       BGR uint8, 480 x 640 x 3
    at_s        when it was taken, seconds from the clip's start
    plates      all that can be seen, the nearest first
    at_barrier  who is before the barrier or on the way there, None for nobody
    """

    image: np.ndarray
    at_s: float
    plates: tuple[Shown, ...]
    at_barrier: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One vehicle's time before the barrier.

    who      None for nobody
    text     what its plate says, "" where none can be read
    from_s, until_s  from when (the one before has gone) till when
    loop_s   when it comes onto the arming loop, three metres before the stop line
    """

    who: int | None
    text: str
    from_s: float
    until_s: float
    loop_s: float


class Clip:
    """One approach. `view` is what an installer would set, shares of the picture: left, top, right, bottom."""

    def __init__(self, seed: int, kind: str, number: int, fonts: tuple[str, ...]) -> None:
        self.kind, self.number = kind, number
        self._seeds = [seed, _APPROACHES, list(KINDS).index(kind), number]
        self._stage: Staging = stage(np.random.default_rng([*self._seeds, 1]), kind, fonts)
        self.view, self.lasts_s = self._stage.view, self._stage.lasts_s

    @property
    def turns(self) -> list[Turn]:
        """Who comes to the barrier, one after the other; of an empty lane one turn of nobody."""
        turns, since = [], 0.0
        for who in self._stage.order:
            until = min(self._gone_s(who), self.lasts_s)
            turns.append(Turn(who, self._stage.cast[who].text, since, until, max(since, self._on_loop_s(who))))
            since = until
        return turns or [Turn(None, "", 0.0, self.lasts_s, 0.0)]

    def frames(self) -> Iterator[Still]:
        """Its frames, ten a second; each call renders them anew, the same."""
        dice = np.random.default_rng([*self._seeds, 2])
        staging, (wide, high) = self._stage, SIZE
        backdrop = make_backdrop(dice, wide, high, staging.signs)
        shutter = Shutter(dice, staging.light, staging.rain)
        for number in range(round(self.lasts_s * RATE)):
            at_s = number / RATE
            shake = shutter.shake()
            move = np.array([(1, 0, shake[0]), (0, 1, shake[1])], np.float32)
            scene = cv2.warpAffine(backdrop, move, SIZE, borderMode=cv2.BORDER_REPLICATE)
            lens = _shaken(staging.lens, shake)
            plates = _enact(scene, lens, staging.cast, at_s)
            image = shutter.take(
                scene, [plate.corners for plate in plates], self._way(lens, at_s), self._lamps(lens, scene, at_s)
            )
            yield Still(image, at_s, tuple(plates), self._at_barrier(at_s))

    def _gone_s(self, who: int) -> float:
        """When it has driven on, or backed out."""
        drive: Drive = self._stage.cast[who].moves
        steps = np.arange(drive.leaves_at_s, self.lasts_s, 0.05)
        away = (at for at in steps if abs(drive.nose_m(float(at)) - drive.stop_m) > GONE_M)
        return float(next(away, self.lasts_s + 1))

    def _on_loop_s(self, who: int) -> float:
        drive: Drive = self._stage.cast[who].moves
        steps = np.arange(0.0, self.lasts_s, 0.05)
        return float(next(at for at in steps if drive.nose_m(float(at)) >= drive.stop_m - LOOP_M))

    def _at_barrier(self, at_s: float) -> int | None:
        return next((turn.who for turn in self.turns if turn.from_s <= at_s < turn.until_s), None)

    def _way(self, lens: Lens, at_s: float) -> np.ndarray:
        """How far the nearest vehicle's plate moves in a second, pixels."""
        best = np.zeros(2)
        for actor in sorted((a for a in self._stage.cast if a.is_vehicle), key=lambda a: a.moves.nose_m(at_s)):
            (now, then), depth = lens.project(
                np.array([actor.moves.place(actor.plate.corners, at_s + step).mean(axis=0) for step in (0, 0.02)])
            )
            if depth.min() > 0.6:
                best = (then - now) / 0.02
        return best

    def _lamps(self, lens: Lens, scene: np.ndarray, at_s: float) -> np.ndarray:
        if self._stage.light == "day":
            return np.zeros((0, 3))
        lit = [actor.moves.place(actor.lamps, at_s) for actor in self._stage.cast if actor.lamps is not None]
        return lamps_of(lens, np.concatenate(lit), origin_of(scene)) if lit else np.zeros((0, 3))


def approach_at(seed: int, kind: str, number: int, fonts: tuple[str, ...] | None = None) -> Clip:
    """Clip `number` of a kind (KINDS) and seed. ValueError where there is no such kind."""
    if kind not in KINDS:
        raise ValueError(f"there is no approach {kind!r}; expected one of {', '.join(KINDS)}")
    if min(seed, number) < 0:
        raise ValueError(f"seed {seed} and number {number}, expected whole numbers, 0 or more")
    return Clip(seed, kind, number, installed_fonts() if fonts is None else fonts)


def _shaken(lens: Lens, shake_px: np.ndarray) -> Lens:
    """The lens turned by what moves its picture so far."""
    away = np.linalg.norm(np.array(lens.target) - np.array(lens.eye))
    aside, down = shake_px * away / lens.focal_px
    return Lens(lens.eye, (lens.target[0], lens.target[1] - aside, lens.target[2] + down), lens.focal_px)


def _enact(scene: np.ndarray, lens: Lens, cast: tuple[Actor, ...], at_s: float) -> list[Shown]:
    """Paints all who appear, far ones first; their plates, near ones first."""
    far_first = sorted(range(len(cast)), key=lambda who: _nearness(cast[who], at_s))
    shown: list[Shown] = []
    for who in far_first:
        before = scene.copy() if shown else None
        corners = act(scene, lens, cast[who], at_s, 1.0)
        if before is not None:
            covered = np.any(before != scene, axis=2)
            shown = [Shown(s.who, s.text, s.corners, s.seen * (1 - _covered(s.corners, covered))) for s in shown]
        if corners is not None:
            shown.append(Shown(who, cast[who].text, corners, _inside(corners)))
    return [plate for plate in reversed(shown) if plate.seen > 0.05]


def _nearness(actor: Actor, at_s: float) -> float:
    return float(actor.moves.place(actor.plate.corners, at_s)[:, 0].mean())


def _inside(corners: np.ndarray) -> float:
    edge = np.array([(0, 0), (SIZE[0], 0), SIZE, (0, SIZE[1])], np.float32)
    shared, _ = cv2.intersectConvexConvex(corners, edge)
    return float(np.clip(shared / max(cv2.contourArea(corners), 1e-6), 0, 1))


def _covered(corners: np.ndarray, covered: np.ndarray) -> float:
    area = np.zeros(covered.shape, np.uint8)
    cv2.fillConvexPoly(area, np.round(np.clip(corners, -4000, 4000)).astype(np.int32), 1)
    return float(covered[area > 0].mean()) if area.any() else 0.0
