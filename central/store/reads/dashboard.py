"""How a car park stands at this moment: what is inside, what waits for a person, how its gates are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from central.rules.stay_table import INSIDE, Status
from central.store.reads.faults import active_faults
from central.store.schema import Gate, GateFault, GateSample, OccupancySample, Quarantine, Site, Stay

COUNTED = 500  # what waits is counted up to this: beyond it, how many matters no more


@dataclass(frozen=True, slots=True)
class GateNow:
    """A gate with what is wrong with it, the gravest first. wants_help: somebody at its display asks for a person."""

    gate: Gate
    faults: list[GateFault]

    @property
    def wants_help(self) -> bool:
        return self.gate.status == "online" and str(self.gate.state.get("message", "")).startswith("help")


@dataclass(frozen=True, slots=True)
class SiteNow:
    """One site. inside: vehicles; overstayed of those; owing, review, unapplied: what waits, counted up to COUNTED."""

    site: Site
    inside: int
    overstayed: int
    owing: int
    review: int
    unapplied: int
    samples: list[tuple[datetime, int]]
    gates: list[GateNow]


def site_now(session: Session, site: Site, since: datetime) -> SiteNow:
    """since: from when samples of its occupancy are wanted."""
    of_site = Stay.site_id == site.id
    by_status = (
        select(Stay.status, func.count())
        .where(of_site, Stay.status.in_([str(status) for status in INSIDE]))
        .group_by(Stay.status)
    )
    inside = dict(tuple(row) for row in session.execute(by_status))
    samples = select(OccupancySample.at, OccupancySample.inside).where(
        OccupancySample.site_id == site.id, OccupancySample.at >= since
    )
    return SiteNow(
        site=site,
        inside=sum(inside.values()),
        overstayed=inside.get(str(Status.OVERSTAYED), 0),
        owing=_some(session, Stay.id, of_site, Stay.status == str(Status.LEFT_OWING)),
        review=_some(session, Stay.id, of_site, Stay.review.is_not(None)),
        unapplied=_some(session, Quarantine.id, ~Quarantine.seen),
        samples=[tuple(row) for row in session.execute(samples.order_by(OccupancySample.at))],
        gates=gates_now(session, site.id),
    )


def gates_now(session: Session, site_id: str) -> list[GateNow]:
    of_site = select(Gate).where(Gate.site_id == site_id).order_by(Gate.lane, Gate.name, Gate.id)
    faults = active_faults(session, site_id)
    return [GateNow(gate, [fault for fault in faults if fault.gate_id == gate.id]) for gate in session.scalars(of_site)]


def gate_now(session: Session, site_id: str, gate_id: str) -> GateNow | None:
    gate = session.get(Gate, (site_id, gate_id))
    return None if gate is None else GateNow(gate, active_faults(session, site_id, gate_id))


def gate_history(session: Session, site_id: str, gate_id: str, since: datetime) -> list[GateSample]:
    """How a gate was, every ten minutes, oldest first."""
    of_gate = (GateSample.site_id == site_id, GateSample.gate_id == gate_id, GateSample.at >= since)
    return list(session.scalars(select(GateSample).where(*of_gate).order_by(GateSample.at)))


def _some(session: Session, column: ColumnElement, *where: ColumnElement[bool]) -> int:
    some = select(column).where(*where).limit(COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
