"""What is wrong with gates at this moment, the gravest first."""

from __future__ import annotations

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from central.store.schema import Gate, GateFault

_GRAVITY = case({"fault": 0, "alarm": 1}, value=GateFault.severity, else_=2)


def active_faults(session: Session, site_id: str | None = None, gate_id: str | None = None) -> list[GateFault]:
    """Of one gate, of a site's or of all. One that an earlier start of the gate had found says nothing any more."""
    query = (
        select(GateFault)
        .join(Gate, (Gate.site_id == GateFault.site_id) & (Gate.id == GateFault.gate_id))
        .where(or_(GateFault.boot.is_(None), Gate.boot.is_(None), GateFault.boot == Gate.boot))
        .order_by(_GRAVITY, GateFault.since, GateFault.code)
    )
    if site_id is not None:
        query = query.where(GateFault.site_id == site_id)
    if gate_id is not None:
        query = query.where(GateFault.gate_id == gate_id)
    return list(session.scalars(query))
