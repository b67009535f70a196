"""The days' figures as reports want them: sums over days, by whatever they are kept by; never by adding up history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.rules.day_figures import WHOLE_DAY, By, Figure
from central.store.schema import DayFigure, Gate, TariffVersion

Named = dict[str, dict[str, int]]  # name -> figure -> sum


def named(session: Session, site_id: str, by: By, figures: Collection[Figure], first: str, last: str) -> Named:
    """Sums of those days, both within, for each name that a figure was kept by."""
    total = func.sum(DayFigure.value)
    wanted = select(DayFigure.name, DayFigure.figure, total).group_by(DayFigure.name, DayFigure.figure)
    return _nested(session, wanted, site_id, by, figures, first, last)


def daily(session: Session, site_id: str, figures: Collection[Figure], first: str, last: str) -> Named:
    """Each day's sums: day -> figure -> value; a day of nothing is left out."""
    wanted = select(DayFigure.day, DayFigure.figure, DayFigure.value)
    return _nested(session, wanted, site_id, By.ALL, figures, first, last)


def whole(session: Session, site_id: str, figures: Collection[Figure], first: str, last: str) -> dict[str, int]:
    """Sums of those days together; 0 for what there is none of."""
    found = named(session, site_id, By.ALL, figures, first, last).get("", {})
    return {str(figure): found.get(str(figure), 0) for figure in figures}


def hourly(
    session: Session, site_id: str, figures: Collection[Figure], first: str, last: str
) -> dict[tuple[str, int], dict[str, int]]:
    """Each hour's: (day, hour) -> figure -> value."""
    wanted = select(DayFigure.day, DayFigure.hour, DayFigure.figure, DayFigure.value).where(
        DayFigure.site_id == site_id,
        DayFigure.figure.in_([str(figure) for figure in figures]),
        DayFigure.by == str(By.ALL),
        DayFigure.day.between(first, last),
        DayFigure.hour != WHOLE_DAY,
    )
    found: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for day, hour, figure, value in session.execute(wanted):
        found[day, hour][figure] = value
    return found


def gate_names(session: Session, site_id: str) -> dict[str, str]:
    rows = session.execute(select(Gate.id, Gate.name).where(Gate.site_id == site_id))
    return dict(tuple(row) for row in rows)


def tariff_numbers(session: Session, ids: Collection[str]) -> dict[str, int]:
    rows = session.execute(select(TariffVersion.id, TariffVersion.version).where(TariffVersion.id.in_(ids)))
    return dict(tuple(row) for row in rows)


def _nested(session: Session, wanted, site_id, by, figures, first, last) -> Named:
    rows = wanted.where(
        DayFigure.site_id == site_id,
        DayFigure.figure.in_([str(figure) for figure in figures]),
        DayFigure.by == str(by),
        DayFigure.day.between(first, last),
        DayFigure.hour == WHOLE_DAY,
    )
    found: Named = defaultdict(dict)
    for name, figure, value in session.execute(rows):
        found[name][figure] = int(value)
    return found
