"""Sites and gates by name, for choosing among them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import Gate, Site


def sites(session: Session) -> list[Site]:
    return list(session.scalars(select(Site).order_by(Site.name, Site.id)))


def gates(session: Session) -> list[Gate]:
    return list(session.scalars(select(Gate).order_by(Gate.site_id, Gate.lane, Gate.name, Gate.id)))
