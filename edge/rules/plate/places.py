"""Where plates are in the picture, and which of several is nearer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

SMALLER = 0.75  # a plate lower than this share of another one's height is clearly the smaller
LOWER = 1.0  # further down than this, in heights of the larger, is clearly lower


@dataclass(frozen=True, slots=True)
class Place:
    """A plate's middle, and its mean width and height, pixels."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, box: Sequence[tuple[float, float]]) -> Place:
        """Of its corners, clockwise from top left."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = box
        width = (hypot(bx - ax, by - ay) + hypot(cx - dx, cy - dy)) / 2
        height = (hypot(dx - ax, dy - ay) + hypot(cx - bx, cy - by)) / 2
        return cls((ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4, max(width, 1.0), max(height, 1.0))

    def lies_within(self, size: tuple[int, int]) -> bool:
        """All of it is in a picture of that width and height."""
        across, down = self.width / 2, self.height / 2
        return across <= self.x <= size[0] - across and down <= self.y <= size[1] - down

    def is_before(self, other: Place) -> bool:
        """This one is nearer to the camera: larger and not higher up, or lower down and not smaller.

        A barrier's camera looks down along the lane, so who comes nearer grows and sinks. Size alone misleads: the
        two rows of a lorry behind may be higher than the one row of a scooter before it.
        """
        larger = other.height < SMALLER * self.height
        smaller = self.height < SMALLER * other.height
        down = (self.y - other.y) / max(self.height, other.height)
        return (larger and down >= -LOWER) or (down > LOWER and not smaller)


def not_behind(places: Sequence[Place]) -> list[int]:
    """Numbers of the places before which there is none."""
    return [
        number
        for number, place in enumerate(places)
        if not any(other.is_before(place) and not place.is_before(other) for other in places)
    ]
