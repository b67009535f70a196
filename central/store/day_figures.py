"""Tables of figures: what each day of a site adds up to, and how full it and how well its gates were."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from central.store.base import Base, Instant, Name, Word


class DayFigure(Base):
    """One sum of one day, so that no page adds up history; see `central.rules.day_figures`.

    figure  word of `Figure`;  by: word of `By`;  name: which of them, "" for the day's sum
    day     of the site's calendar, "2026-11-24"; money's is that of its entry in the books
    hour    of the site's clock, -1 for the whole day
    """

    __tablename__ = "day_figure"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    figure: Mapped[Word] = mapped_column(primary_key=True)
    by: Mapped[Word] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class OccupancySample(Base):
    """How many vehicles a site held at an instant, looked at every few minutes: seen, not counted up."""

    __tablename__ = "occupancy_sample"

    site_id: Mapped[Name] = mapped_column(ForeignKey("site.id"), primary_key=True)
    at: Mapped[Instant] = mapped_column(primary_key=True)
    inside: Mapped[int]


class GateSample(Base):
    """How a gate was: the first wire GateHealth of each ten minutes, kept for some days. at: those minutes' first."""

    __tablename__ = "gate_sample"
    __table_args__ = (
        ForeignKeyConstraint(["site_id", "gate_id"], ["gate.site_id", "gate.id"]),
        Index(None, "at"),
    )

    site_id: Mapped[Name] = mapped_column(primary_key=True)
    gate_id: Mapped[Name] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(primary_key=True)
    health: Mapped[dict[str, Any]]
