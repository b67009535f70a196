"""The kinds of approaches there are, and who plays in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from edge.simulation.scene.lens import Lens
from edge.vision.training.approach_cast import Actor, make_holder, make_vehicle, with_number
from edge.vision.training.approach_drive import Hand, behind, make_drive

FIRST_PX = 52.0  # how wide the plate is when it comes into sight
CARS = ("car", "car", "van", "auto", "truck", "bus")
WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Staging:
    """All that goes on in a clip.

    cast     who appears
    order    of them, those who come to the barrier, one after the other
    lens     of the camera
    lasts_s  how long
    light    day, night or infra
    signs    boards with text about the place
    view     the part of the picture in which plates count, as an installer would set it
    """

    cast: tuple[Actor, ...]
    order: tuple[int, ...]
    lens: Lens
    lasts_s: float
    light: str = "day"
    rain: bool = False
    signs: int = 0
    view: tuple[float, float, float, float] = WHOLE


def stage(dice: np.random.Generator, kind: str, fonts: tuple[str, ...]) -> Staging:
    return KINDS[kind](dice, fonts)


def _single(dice, fonts, light: str = "day", rain: bool = False) -> Staging:
    """One vehicle drives up and stands; then it drives on, backs out, or stays."""
    leave = (2.2, -1.6, 0.0)[dice.choice(3, p=(0.5, 0.25, 0.25))]
    return _one(dice, fonts, CARS[dice.integers(len(CARS))], "one", leave, light=light, rain=rain)


def _one(dice, fonts, model: str, lines: str, leave: float = 0.0, empty: bool = False, **more) -> Staging:
    lens, distance = _aimed(dice, 0.2 if model in ("bike", "scooty") else 0.5)
    drive = make_drive(dice, distance, leave)
    vehicle = make_vehicle(dice, fonts, model, drive, lines, empty)
    lasts_s = drive.leaves_at_s + (1.0 if leave else 0.0)
    return Staging((vehicle,), (0,), lens, lasts_s, signs=int(dice.random() < 0.3), **more)


def _scooter(dice, fonts) -> Staging:
    return _one(dice, fonts, ("scooty", "bike")[dice.integers(2)], "two")


def _empty(dice, fonts) -> Staging:
    """Its plate carries no number."""
    return _one(dice, fonts, "car", "one", empty=True)


def _number(dice, fonts) -> Staging:
    """A sticker or a telephone number beside its plate."""
    staging = _single(dice, fonts)
    digits = "".join(str(digit) for digit in dice.integers(0, 10, 10))
    words = (f"9{digits[1:5]} {digits[5:]}", f"TOKEN {digits[:4]}", f"NO {digits[:3]}", digits[:5])[dice.integers(4)]
    return replace(staging, cast=(with_number(dice, staging.cast[0], words),))


def _pair(dice, fonts) -> Staging:
    """A two-wheeler, and a car so close behind it that both plates are seen; each has its turn."""
    lens, distance = _aimed(dice, 0.36)
    first = make_drive(dice, distance, 3.0, arrive_s=1.5)
    first = replace(first, stand_s=dice.uniform(0.5, 0.8), aside_m=dice.normal(0, 0.1))
    gap = dice.uniform(2.8, 4.0)
    leader = make_vehicle(dice, fonts, ("scooty", "bike")[dice.integers(2)], first, "two")
    follows = behind(dice, first, gap)
    follower = make_vehicle(dice, fonts, CARS[dice.integers(4)], follows, "one")
    return Staging((leader, follower), (0, 1), lens, follows.leaves_at_s)


def _held(dice, fonts) -> Staging:
    """A vehicle with a plate of its own, and somebody beside the lane who holds a printed one up."""
    staging = _single(dice, fonts)
    return replace(staging, cast=(*staging.cast, make_holder(dice, fonts, _hand(dice))), lens=_wide(dice))


def _held_alone(dice, fonts) -> Staging:
    """Nobody comes but somebody on foot with a printed plate."""
    return Staging((make_holder(dice, fonts, _hand(dice)),), (), _wide(dice), 3.0)


def _two_lanes(dice, fonts) -> Staging:
    """The neighbour's vehicle stands at the edge of the picture."""
    lens, side = _wide(dice), float(dice.choice([-1, 1]))
    drive = make_drive(dice, 7.5)
    other = replace(
        make_drive(dice, 3.0, arrive_s=1.0), stop_m=-dice.uniform(1.5, 3.0), aside_m=side * dice.uniform(1.9, 2.2)
    )
    cast = (make_vehicle(dice, fonts, "car", drive, "one"), make_vehicle(dice, fonts, "car", other, "one"))
    return Staging(
        cast, (0,), lens, drive.leaves_at_s, view=(0.0, 0.0, 0.72, 1.0) if side > 0 else (0.28, 0.0, 1.0, 1.0)
    )


def _sign(dice, fonts) -> Staging:
    """An empty lane with signs about it."""
    return Staging((), (), _wide(dice), 1.5, signs=int(dice.integers(2, 5)))


def _hand(dice) -> Hand:
    return Hand(
        x=dice.uniform(-0.4, 0.3), y=dice.choice([-1.0, 1.0]) * dice.uniform(0.75, 0.95), low=0.6,
        high=dice.uniform(0.9, 1.2), raise_s=dice.uniform(0.2, 1.0), shake_m=dice.uniform(0.006, 0.02),
        seed=int(dice.integers(1 << 30)),
    )  # fmt: skip


def _aimed(dice, plate_m: float, stop_px: tuple[float, float] = (140, 205)) -> tuple[Lens, float]:
    """A camera at the barrier for plates so wide, and from how far off such a plate is seen."""
    eye = (dice.uniform(3.2, 4.2), dice.choice([-1, 1]) * dice.uniform(0.2, 0.6), dice.uniform(1.0, 1.5))
    across = dice.uniform(*stop_px) * (0.7 if plate_m < 0.3 else 1.0)
    away = float(np.linalg.norm(np.array(eye) - (0, 0, 0.55)))
    lens = Lens(eye, (-1.2, 0.0, 0.55), across * away / plate_m)
    return lens, min(9.0, max(2.5, away * (across / FIRST_PX - 1)))


def _wide(dice) -> Lens:
    return _aimed(dice, 0.5, (105, 130))[0]


KINDS: dict[str, Callable[[np.random.Generator, tuple[str, ...]], Staging]] = {
    "day": _single,
    "night": lambda dice, fonts: _single(dice, fonts, "night"),
    "infra": lambda dice, fonts: _single(dice, fonts, "infra"),
    "rain": lambda dice, fonts: _single(dice, fonts, rain=True),
    "pair": _pair,
    "held": _held,
    "held-alone": _held_alone,
    "number": _number,
    "two-lanes": _two_lanes,
    "sign": _sign,
    "empty": _empty,
    "scooter": _scooter,
}
