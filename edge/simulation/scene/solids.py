"""Solids made of coloured four-cornered faces: lofts, tubes, boxes. Pure geometry.

Metres; x along the lane towards the camera, y to the camera's right, z up. A vehicle's own x is 0 at its nose and
negative behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

Colour = tuple[float, float, float]  # blue, green, red, 0 to 255


@dataclass(frozen=True, slots=True)
class Solid:
    """Faces to be painted.

    faces    corners, float64 (n, 4, 3), anticlockwise seen from outside
    colours  BGR 0 to 255, (n, 3)
    gloss    how much a face mirrors the sky, 0 (cloth) to 1 (glass), (n,)
    glow     own light, added whatever the hour, 0 to 1, (n,)
    layer    faces of a higher layer are painted over those of a lower one, whatever their distance, (n,)
    """

    faces: np.ndarray
    colours: np.ndarray
    gloss: np.ndarray
    glow: np.ndarray
    layer: np.ndarray

    def only(self, which: np.ndarray) -> Solid:
        """The faces of these indices."""
        return Solid(*(getattr(self, name)[which] for name in Solid.__slots__))


def join(*solids: Solid) -> Solid:
    return Solid(*(np.concatenate([getattr(solid, name) for solid in solids]) for name in Solid.__slots__))


def moved(solid: Solid, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Solid:
    return replace(solid, faces=solid.faces + np.array([x, y, z]))


def above(solid: Solid, layer: int) -> Solid:
    """The same, painted over everything of lower layers."""
    return replace(solid, layer=np.full(len(solid.faces), layer))


def painted(
    faces: np.ndarray, colour: Colour | np.ndarray, gloss: float = 0.2, glow: float = 0.0, layer: int = 0
) -> Solid:
    """Faces of one colour, or of a colour each, (n, 3)."""
    n = len(faces)
    colours = np.broadcast_to(np.array(colour, float), (n, 3))
    return Solid(faces, colours, np.full(n, gloss), np.full(n, glow), np.full(n, layer))


@dataclass(frozen=True, slots=True)
class Rib:
    """One cross-section of a body.

    x            where it stands
    half_width   of it
    low, high    its lowest and highest point
    square       2 is an ellipse, 8 nearly a box
    """

    x: float
    half_width: float
    low: float
    high: float
    square: float = 4.0


class Shell:
    """A body skinned over its ribs, nose first, with capped ends."""

    def __init__(self, ribs: Sequence[Rib], stations: int = 36, around: int = 52) -> None:
        xs = np.array([rib.x for rib in ribs])
        fine = np.unique(np.concatenate([xs, np.linspace(xs[0], xs[-1], stations)]))[::-1]
        rising = np.argsort(xs)
        columns = np.array([[rib.half_width, rib.low, rib.high, rib.square] for rib in ribs])[rising]
        self._xs = fine
        self._ribs = np.column_stack([np.interp(fine, xs[rising], column) for column in columns.T])
        self._around = around

    def skin(
        self, colour: Callable[[np.ndarray, np.ndarray], np.ndarray] | Colour, gloss: float = 0.5, cap: bool = True
    ) -> Solid:
        """The outside; `colour` is one colour, or gives (n, 3) for the faces' middles and normals, both (n, 3)."""
        turn = np.linspace(0, 2 * np.pi, self._around + 1)
        half, low, high, square = (column[:, None] for column in self._ribs.T)
        power = 2.0 / square
        y = half * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power
        z = (low + high) / 2 + (high - low) / 2 * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power
        points = np.stack([np.broadcast_to(self._xs[:, None], y.shape), y, z], axis=2)
        faces = np.stack([points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]], axis=2).reshape(-1, 4, 3)
        if cap:
            ring = points[0]
            centre = np.broadcast_to(ring.mean(axis=0), ring[:-1].shape)
            faces = np.concatenate([faces, np.stack([centre, centre, ring[:-1], ring[1:]], axis=1)])
        if isinstance(colour, tuple):
            return painted(faces, colour, gloss)
        return painted(faces, colour(faces.mean(axis=1), normals(faces)), gloss)

    def front_at(self, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """The x of the skin where something moving forwards at (y, z) would leave it; the rearmost rib if never."""
        half, low, high, square = (column[:, None] for column in self._ribs.T)
        reach = (np.abs(y) / half) ** square + (np.abs(z - (low + high) / 2) / ((high - low) / 2)) ** square
        inside = reach <= 1.0
        first = np.argmax(inside, axis=0)
        x = self._xs[first].astype(float)
        for i, rib in enumerate(first):
            if rib > 0 and inside[rib, i]:
                outer, inner = reach[rib - 1, i], reach[rib, i]
                share = (1.0 - inner) / max(outer - inner, 1e-9)
                x[i] += share * (self._xs[rib - 1] - self._xs[rib])
        return np.where(inside.any(axis=0), x, self._xs[-1])

    def decal(
        self,
        left: float,
        right: float,
        low: float,
        high: float,
        colour: Colour,
        gloss: float = 0.4,
        glow: float = 0.0,
        cells: int = 6,
        lean: float = 0.0,
        taper: float = 0.0,
        layer: int = 1,
        rows: int | None = None,
    ) -> Solid:
        """A patch laid on the front: y from left to right, z from low to high.

        lean raises its right edge by so many metres (lamps swept back), taper narrows its top on both sides.
        """
        across, up = np.linspace(0, 1, cells + 1), np.linspace(0, 1, (rows or max(2, cells // 2)) + 1)
        u, v = np.meshgrid(across, up)
        middle = (left + right) / 2
        y = left + (right - left) * u
        y = middle + (y - middle) * (1 - taper * v)
        z = low + (high - low) * v + lean * u
        x = self.front_at(y.ravel(), z.ravel()).reshape(y.shape) + 0.012
        grid = np.stack([x, y, z], axis=2)
        faces = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=2).reshape(-1, 4, 3)
        return painted(faces, colour, gloss, glow, layer)


def tube(
    start: Sequence[float],
    end: Sequence[float],
    radius: float,
    colour: Colour,
    end_radius: float | None = None,
    gloss: float = 0.2,
    sides: int = 10,
    glow: float = 0.0,
    rings: int = 1,
) -> Solid:
    """A round bar, or a cone when its end radius differs."""
    a, b = np.array(start, float), np.array(end, float)
    along = (b - a) / np.linalg.norm(b - a)
    other = np.array([0.0, 0.0, 1.0]) if abs(along[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    side = np.cross(along, other)
    side /= np.linalg.norm(side)
    up = np.cross(along, side)
    turn = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up
    last = radius if end_radius is None else end_radius
    shares = np.linspace(0, 1, rings + 1)
    points = np.array([a + (b - a) * s + ring * (radius + (last - radius) * s) for s in shares])
    faces = [np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2).reshape(-1, 4, 3)]
    for centre, rim in ((a, points[0]), (b, points[-1])):
        middle = np.broadcast_to(centre, rim[:-1].shape)
        faces.append(np.stack([middle, middle, rim[:-1], rim[1:]], axis=1))
    return painted(outward(np.concatenate(faces), (a + b) / 2), colour, gloss, glow)


def ball(
    centre: Sequence[float], radii: Sequence[float], colour: Colour, gloss: float = 0.2, glow: float = 0.0
) -> Solid:
    """An ellipsoid."""
    lon, lat = np.meshgrid(np.linspace(0, 2 * np.pi, 17), np.linspace(-np.pi / 2, np.pi / 2, 10))
    points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=2)
    points = points * np.array(radii) + np.array(centre)
    faces = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2).reshape(-1, 4, 3)
    return painted(outward(faces, np.array(centre)), colour, gloss, glow)


def box(low: Sequence[float], high: Sequence[float], colour: Colour, gloss: float = 0.1, glow: float = 0.0) -> Solid:
    (x0, y0, z0), (x1, y1, z1) = low, high
    corner = np.array([[x, y, z] for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)], float)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return painted(outward(corner[np.array(sides)], corner.mean(axis=0)), colour, gloss, glow)


def normals(faces: np.ndarray) -> np.ndarray:
    """Unit normals, (n, 3); the zero vector for a face without area."""
    ax, ay, az = (faces[:, 2] - faces[:, 0]).T
    bx, by, bz = (faces[:, 3] - faces[:, 1]).T
    across = np.column_stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])  # faster than np.cross
    return across / np.maximum(np.sqrt(np.einsum("ij,ij->i", across, across)), 1e-12)[:, None]


def outward(faces: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The faces, turned so that each looks away from the centre."""
    inward = np.sum(normals(faces) * (faces.mean(axis=1) - centre), axis=1) < 0
    faces = faces.copy()
    faces[inward] = faces[inward][:, ::-1]
    return faces
