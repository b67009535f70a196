"""Price by length of stay as a drawing: where its lines, ticks and names go. The template draws it, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from central.rules.money import rupees
from central.rules.tariff_curve import Curve

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 88, 12, 12, 34  # margins, room for the ticks' words


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class PriceLine:
    """number: 1 and up, tells the line's colour and dashes; path: of the SVG."""

    number: int
    vehicle_classes: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Chart:
    """across, up: ticks in pixels of a drawing WIDTH x HEIGHT; up is in whole rupees."""

    lines: list[PriceLine]
    across: list[Tick]
    up: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(curves: Sequence[Curve], minutes: Sequence[int], ticks: Sequence[tuple[int, str]]) -> Chart:
    """The curves over those lengths of stay; ticks are (minutes, words)."""
    top_rupees = _round_up(max((max(curve.paise) for curve in curves), default=0) / 100)

    def x(length: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * length / minutes[-1], 1)

    def y(paise: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * paise / (top_rupees * 100), 1)

    lines = []
    for number, curve in enumerate(curves, 1):
        path = [f"M{x(0)} {y(curve.paise[0])}"]
        for (before, cost), (_, paise) in pairwise(zip(minutes, curve.paise, strict=True)):
            if paise != cost:
                path.append(f"H{x(before)}V{y(paise)}")  # it begins right after the last length that cost the other
        lines.append(PriceLine(number, curve.vehicle_classes, "".join([*path, f"H{x(minutes[-1])}"])))
    steps = [top_rupees * 100 * part // 4 for part in range(5)]
    across = [Tick(x(length), words) for length, words in ticks]
    return Chart(lines, across, [Tick(y(paise), rupees(paise)) for paise in steps])


def _round_up(rupees: float) -> int:
    """A whole number of rupees that four ticks divide well: 4, 8, 12, 20, 40, 80 and so on."""
    size = 4
    while True:
        for factor in (1, 2, 3, 5):
            if size * factor >= rupees:
                return size * factor
        size *= 10
