"""Pictures of figures: each a drawing with its title, a sentence that says the same, and the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _

from central.rules import chart
from central.rules.chart import Cell, Drawing
from central.rules.day_figures import LENGTHS
from central.rules.money import rupees

HOURS = [f"{hour:02d}" for hour in range(24)]


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawing. says: what it shows, in a sentence; series: what its colours are; head, rows: the table behind."""

    id: str
    title: str
    says: str
    drawing: Drawing
    series: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """columns, rows: their names; cells: row by row."""

    id: str
    title: str
    says: str
    columns: list[str]
    rows: list[str]
    cells: tuple[Cell, ...]


def grouped(
    id: str,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[int]],
    *,
    of: str,
    every: int = 1,
    money: bool = False,
) -> Picture:
    """Bars for each label. of: what the labels are, the head of the table's first column; money: in paise."""
    say = rupees if money else str
    totals = [sum(values) for values in series.values()]
    busiest = max(range(len(labels)), key=lambda at: sum(values[at] for values in series.values()), default=0)
    says = ", ".join(f"{name}: {say(total)}" for name, total in zip(series, totals, strict=True))
    if any(totals):
        says = _("%(sums)s. Most at %(label)s.", sums=says, label=labels[busiest])
    return Picture(
        id=id,
        title=title,
        says=says or _("Nothing yet."),
        drawing=chart.bars(labels, list(series.values()), every=every, say=say, **(_TICKS if money else {})),
        series=tuple(series) if len(series) > 1 else (),
        head=(of, *series),
        rows=[(label, *(say(values[at]) for values in series.values())) for at, label in enumerate(labels)],
    )


def occupancy(samples: Sequence[tuple[datetime, int]], midnight: datetime, capacity: int | None) -> Picture:
    """A day's samples, ten minutes apart."""
    points = [((at - midnight).total_seconds() / 86_400, inside) for at, inside in samples]
    across = [(hour / 24, f"{hour:02d}") for hour in range(0, 25, 4)]
    local = [(at.astimezone(midnight.tzinfo).strftime("%H:%M"), str(inside)) for at, inside in samples]
    most = max((inside for _at, inside in samples), default=0)
    return Picture(
        id="occupancy",
        title=_("Vehicles inside today"),
        says=_("At most %(most)d.", most=most)
        if samples
        else _("Nobody has looked yet; this is noted every ten minutes."),
        drawing=chart.line(points, across, limit=capacity, gap=1 / 48),
        head=(_("Time"), _("Inside")),
        rows=local,
    )


def history(
    id: str, title: str, values: Sequence[tuple[datetime, float | None]], since: datetime, until: datetime, unit: str
) -> Picture:
    """One value of a gate over time; what was not told leaves a gap."""
    told = [(at, value) for at, value in values if value is not None]
    length = (until - since).total_seconds()
    points = [((at - since).total_seconds() / length, value) for at, value in told]
    hours = int(length // 3600)
    across = [(part / 4, "" if part == 4 else _("%(hours)d h ago", hours=hours * (4 - part) // 4)) for part in range(5)]
    latest = f"{told[-1][1]:g} {unit}".strip() if told else _("never told")
    return Picture(
        id=id,
        title=title,
        says=_("Latest: %(value)s.", value=latest),
        drawing=chart.line(points, across, gap=2_000 / length),
        head=(_("Time"), title),
        rows=[(f"{at.astimezone(since.tzinfo):%H:%M}", f"{value:g} {unit}".strip()) for at, value in told],
    )


def week(id: str, title: str, weekdays: Sequence[str], counts: Sequence[Sequence[int]]) -> HeatMap:
    """Hours of the day across, days of the week down."""
    row, hour = max(
        ((row, hour) for row in range(len(counts)) for hour in range(24)), key=lambda at: counts[at[0]][at[1]]
    )
    says = _("Nothing yet.")
    if counts[row][hour]:
        says = _(
            "Busiest: %(day)s from %(hour)s:00 (%(count)d).",
            day=weekdays[row], hour=HOURS[hour], count=counts[row][hour],
        )  # fmt: skip
    return HeatMap(id, title, says, HOURS, list(weekdays), chart.heat(counts))


def length_words() -> list[str]:
    """Names of the stretches of `LENGTHS`, shortest first."""
    edges = [
        _("%(hours)s h", hours=minutes // 60) if minutes >= 60 else _("%(minutes)s min", minutes=minutes)
        for minutes in LENGTHS
    ]
    return [f"< {edges[0]}", *(f"< {edge}" for edge in edges[1:]), f"{edges[-1]} +"]


def _short(paise: int) -> str:
    """An amount for ticks: no paise, thousands and lakhs short."""
    value = paise // 100
    if value >= 100_000:
        return f"₹{value / 100_000:g} L"
    return f"₹{value / 1_000:g}k" if value >= 1_000 else rupees(value * 100)


_TICKS = {"tick": _short, "unit": 100}
