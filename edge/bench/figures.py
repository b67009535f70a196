"""What a benchmark tells: its figures, each with what ran beside it and the bar it has to hold. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Literal

COLUMNS = ("what", "value", "unit", "baseline", "ratio", "bar", "holds")


class BenchError(Exception):
    """A benchmark that can't be run: says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit to hold.

    of     the figure's own value, or its ratio to the baseline
    sign   "<=", ">=" or "<"
    limit  in the figure's unit; a ratio has none
    """

    of: Literal["value", "ratio"]
    sign: Literal["<=", ">=", "<"]
    limit: float

    def holds(self, value: float, ratio: float | None) -> bool:
        measured = value if self.of == "value" else ratio
        if measured is None or math.isnan(measured):
            return False
        return {"<=": measured <= self.limit, ">=": measured >= self.limit, "<": measured < self.limit}[self.sign]

    def __str__(self) -> str:
        return f"{'ratio ' if self.of == 'ratio' else ''}{self.sign} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    what      in words
    value     in `unit`
    baseline  what ran beside it, interleaved, in the same minute; None where it stands alone
    ratio     value / the baseline's value
    bar       None: told, but held to nothing
    """

    what: str
    value: float
    unit: str
    baseline: str | None = None
    ratio: float | None = None
    bar: Bar | None = None

    @property
    def holds(self) -> bool | None:
        """None where there is no bar."""
        return None if self.bar is None else self.bar.holds(self.value, self.ratio)

    def told(self) -> dict:
        """As JSON can say it."""
        more = {"bar": str(self.bar) if self.bar else None, "holds": self.holds}
        return asdict(self) | {"value": rounded(self.value), "ratio": rounded(self.ratio)} | more


def all_hold(figures: Sequence[Figure]) -> bool:
    return all(figure.holds is not False for figure in figures)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, `share` from 0 to 1: of fewer than 100 values, the 99th is the largest."""
    if not values:
        raise BenchError("nothing was measured: expected at least one value")
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def middle(values: Sequence[float], least: int = 5) -> float:
    """Their median; BenchError where so few say nothing."""
    if len(values) < least:
        raise BenchError(f"{len(values)} measurements: expected at least {least}")
    return median(values)


def rounded(value: float | None) -> float | None:
    """Three significant figures, more where the whole part has more."""
    if value is None or value == 0 or not math.isfinite(value):
        return value
    return round(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def table(name: str, machine: dict[str, str], figures: Sequence[Figure]) -> str:
    """The figures for a person to read."""
    rows = [COLUMNS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    words = ", ".join(f"{key} {value}" for key, value in machine.items())
    return "\n".join([f"{name}: {words}", "", *lines])


def _cells(figure: Figure) -> tuple[str, ...]:
    told = figure.told()
    holds = {True: "yes", False: "NO", None: ""}[figure.holds]
    return (*("" if told[column] is None else str(told[column]) for column in COLUMNS[:-1]), holds)
