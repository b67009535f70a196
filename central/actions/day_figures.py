"""The days' figures beside what is kept with every change: counting them anew, samples, and a site's capacity."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.rules.stay_table import INSIDE
from central.store import figures_kept
from central.store.once import insert_once
from central.store.schema import DayFigure, Gate, GateSample, OccupancySample, Site, Stay
from edge.protocol.messages import GateHealth

SAMPLE_EVERY = timedelta(minutes=10)
KEEP_GATE_SAMPLES = timedelta(days=8)
KEEP_OCCUPANCY = timedelta(days=400)
MOST_PLACES = 100_000


def rebuild(session: Session, site_id: str, now: datetime) -> int:
    """Counts a site's figures anew from its stays and its books; how many there are. The site waits meanwhile."""
    site = lock_site(session, site_id)
    session.flush()
    session.execute(delete(DayFigure).where(DayFigure.site_id == site_id))
    counts = figures_kept.of_site(session.connection(), site_id)
    figures_kept.write(session.connection(), site_id, counts)
    site.figured_at = now
    return sum(1 for value in counts.values() if value)


def never_counted(session: Session) -> list[str]:
    """Sites that an earlier version of this program has filled."""
    return list(session.scalars(select(Site.id).where(Site.figured_at.is_(None)).order_by(Site.id)))


def sample_occupancy(session: Session, now: datetime) -> None:
    """How many vehicles each site holds now; what is too old goes."""
    at = slot(now)
    inside = Stay.status.in_([str(status) for status in INSIDE])
    for site_id in list(session.scalars(select(Site.id).order_by(Site.id))):
        count = session.scalar(select(func.count()).select_from(Stay).where(Stay.site_id == site_id, inside))
        insert_once(session, OccupancySample, {"site_id": site_id, "at": at, "inside": count or 0})
    session.execute(delete(OccupancySample).where(OccupancySample.at < now - KEEP_OCCUPANCY))
    session.execute(delete(GateSample).where(GateSample.at < now - KEEP_GATE_SAMPLES))


def sample_gate(session: Session, gate: Gate, health: GateHealth, now: datetime) -> None:
    """Keeps the first health of each ten minutes."""
    row = {"site_id": gate.site_id, "gate_id": gate.id, "at": slot(now), "health": health.model_dump(mode="json")}
    insert_once(session, GateSample, row)


def slot(at: datetime) -> datetime:
    """The first instant of the ten minutes that an instant is in."""
    return at - timedelta(seconds=at.timestamp() % SAMPLE_EVERY.total_seconds())


def set_capacity(session: Session, site_id: str, places: str, now: datetime, by: str) -> Site:
    """How many vehicles a site holds; "" for not known. Refused for what is no such number."""
    site = session.get(Site, site_id, with_for_update=True)
    if site is None:
        raise Refused(f"site {site_id!r} is not known")
    typed = places.strip()
    if typed and not (typed.isascii() and typed.isdecimal() and len(typed) < 7 and 0 < int(typed) <= MOST_PLACES):
        raise Refused(f"places {typed[:20]!r}: expected a whole number from 1 to {MOST_PLACES}, or nothing")
    capacity = int(typed) if typed else None
    if capacity != site.capacity:
        audit(session, now, by, "capacity set", site_id, before=site.capacity, after=capacity)
        site.capacity = capacity
    return site
