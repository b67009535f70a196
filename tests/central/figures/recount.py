"""What is kept, beside the same counted anew."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from central.rules.day_figures import Figure
from central.store import figures_kept
from central.store.database import Database
from central.store.schema import DayFigure, Site


def kept(db: Database, site_id: str) -> Counter:
    """A site's figures as pages read them, without those that have come back to nothing."""
    with db.read() as session:
        rows = session.scalars(select(DayFigure).where(DayFigure.site_id == site_id))
        return Counter({(row.day, row.hour, row.figure, row.by, row.name): row.value for row in rows if row.value})


def agrees(db: Database) -> None:
    """Every site's figures are what its stays and its books come to."""
    with db.read() as session:
        sites = list(session.scalars(select(Site.id)))
        anew = {site_id: figures_kept.of_site(session.connection(), site_id) for site_id in sites}
    for site_id in sites:
        counted = {tuple(map(_plain, key)): value for key, value in anew[site_id].items() if value}
        assert kept(db, site_id) == counted


def total(db: Database, site_id: str, figure: Figure, by: str = "", name: str = "") -> int:
    """A figure over all days."""
    return sum(
        value for (_, hour, *of), value in kept(db, site_id).items() if hour == -1 and of == [str(figure), by, name]
    )


def _plain(part: object) -> object:
    return str(part) if isinstance(part, str) else part
