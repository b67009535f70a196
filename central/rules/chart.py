"""Where the parts of a drawing go: bars, a line over time, a heat map. Pure; pixels of a drawing WIDTH across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 78, 18, 10, 36  # margins, room for the ticks' words
SHADES = 5  # of a heat map, beside none


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """series: 1 and up, tells the colour."""

    series: int
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """across, up: ticks. line: path of the SVG, "" for none; limit: where a line across stands, None for none."""

    bars: tuple[Bar, ...] = ()
    line: str = ""
    limit: float | None = None
    across: tuple[Tick, ...] = ()
    up: tuple[Tick, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Cell:
    """shade: 0 for nothing, to SHADES for the most."""

    column: int
    row: int
    shade: int
    value: int


def bars(
    labels: Sequence[str],
    series: Sequence[Sequence[int]],
    *,
    stacked: bool = False,
    every: int = 1,
    say: Callable[[int], str] = str,
    tick: Callable[[int], str] | None = None,
    unit: int = 1,
) -> Drawing:
    """A group of bars, or one stack, for each label.

    every  so many labels are named once;  say, tick: a value in words, and short;  unit: what ticks divide
    """
    wholes = [sum(of) if stacked else max(of, default=0) for of in zip(*series, strict=True)]
    top = round_up(max(wholes, default=0), unit)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    wide = step * 0.72 / (1 if stacked else len(series))
    found = []
    for place in range(len(labels)):
        base = 0
        for number, values in enumerate(series):
            value = max(0, values[place])
            if value:
                x = LEFT + step * (place + 0.14) + (0 if stacked else wide * number)
                high = _high(value, top)
                y = _y(base + value if stacked else value, top)
                says = f"{labels[place]}: {say(value)}"
                found.append(Bar(number + 1, round(x, 1), y, round(max(wide - 0.6, 0.8), 1), high, says))
            base += value
    middle = [LEFT + step * (place + 0.5) for place in range(len(labels))]
    named = [Tick(round(x, 1), text) for number, (x, text) in enumerate(zip(middle, labels, strict=True))
             if number % every == 0]  # fmt: skip
    return Drawing(tuple(found), across=tuple(named), up=_up(top, tick or say))


def line(
    points: Sequence[tuple[float, float]],
    across: Sequence[tuple[float, str]],
    *,
    limit: float | None = None,
    say: Callable[[int], str] = str,
    gap: float = 1.0,
) -> Drawing:
    """A line through (part of the width, value), broken where two points are further apart than `gap`."""
    top = round_up(max((int(value + 0.999) for value in (*(y for _, y in points), limit or 0)), default=0))
    path, before = [], None
    for part, value in points:
        joined = before is not None and part - before <= gap
        path.append(f"{'L' if joined else 'M'}{_x(part)} {_y(value, top)}")
        if not joined:
            path.append("h0.1")  # a point alone is seen too
        before = part
    return Drawing(
        line="".join(path),
        limit=None if limit is None else _y(limit, top),
        across=tuple(Tick(_x(part), text) for part, text in across),
        up=_up(top, say),
    )


def heat(rows: Sequence[Sequence[int]]) -> tuple[Cell, ...]:
    """Each value's shade beside the greatest."""
    most = max((value for row in rows for value in row), default=0)
    return tuple(
        Cell(column, number, -(-value * SHADES // most) if most else 0, value)
        for number, row in enumerate(rows)
        for column, value in enumerate(row)
    )


def round_up(value: int, unit: int = 1) -> int:
    """A whole number of units, not below, that four ticks divide well: 4, 8, 12, 20, 40, 80 and so on."""
    size = 4 * unit
    while True:
        for factor in (1, 2, 3, 5):
            if size * factor >= value:
                return size * factor
        size *= 10


def _up(top: int, say: Callable[[int], str]) -> tuple[Tick, ...]:
    return tuple(Tick(_y(top * part // 4, top), say(top * part // 4)) for part in range(5))


def _x(part: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * part, 1)


def _y(value: float, top: int) -> float:
    return round(HEIGHT - BOTTOM - _high(value, top), 1)


def _high(value: float, top: int) -> float:
    return round((HEIGHT - TOP - BOTTOM) * value / top, 1)
