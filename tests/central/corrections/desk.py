"""People who correct stays at a car park of tests, and every column of what they may have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from central.actions import ledger, undoing
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.store.schema import Correction, Due, MqttOutbox, Receipt, Stay
from tests.central.car_park import SITE, CarPark

ATTENDANT, SUPERVISOR = Who("asha@example.org", "attendant"), Who("ravi@example.org", "supervisor")
REASON = "seen on the camera"
# a version only grows, and with it a stay is told anew
GROWS = ("version", "cleared_at")


def do(park: CarPark, act: Callable[..., Any], *args: Any, now: datetime, who: Who = SUPERVISOR, **more: Any) -> Any:
    """A correction, in a transaction of its own; the books are sound after it."""
    with park.db.begin() as session:
        found = act(session, *args, who=who, reason=REASON, now=now, **more)
    sound(park)
    return found


def refused(park: CarPark, match: str, act: Callable[..., Any], *args: Any, **more: Any) -> None:
    """It is refused in those words, and nothing has changed."""
    before = everything(park)
    with pytest.raises(Refused, match=match):
        do(park, act, *args, **more)
    assert everything(park) == before


def undo(park: CarPark, correction_id: str | None = None, *, now: datetime, who: Who = SUPERVISOR) -> None:
    do(park, undoing.undo, correction_id or latest(park), now=now, who=who)


def latest(park: CarPark) -> str:
    with park.db.read() as session:
        return session.scalar(select(Correction.id).order_by(Correction.id.desc()).limit(1))


def corrections(park: CarPark) -> list[Correction]:
    with park.db.read() as session:
        return list(session.scalars(select(Correction).order_by(Correction.id)))


def sound(park: CarPark) -> None:
    with park.db.read() as session:
        assert ledger.check(session) == []


def everything(park: CarPark) -> dict[str, dict[str, Any]]:
    """Every stay, due and receipt, whole but for what only grows."""
    with park.db.read() as session:
        return {
            row.id: {
                column.name: getattr(row, column.name) for column in table.__table__.columns if column.name not in GROWS
            }
            for table in (Stay, Due, Receipt)
            for row in session.scalars(select(table))
        }


def columns(park: CarPark, stay_id: str) -> dict[str, Any]:
    return everything(park)[stay_id]


def told_newer(park: CarPark, before: dict[str, int]) -> None:
    """Every stay that changed is told to its gates with a higher version, and waits to be."""
    with park.db.read() as session:
        waiting = set(session.scalars(select(MqttOutbox.stay_id).where(MqttOutbox.published_at.is_(None))))
        for stay_id, version in versions(park).items():
            if stay_id in before and version != before[stay_id]:
                assert version > before[stay_id] and stay_id in waiting


def versions(park: CarPark) -> dict[str, int]:
    return {stay.id: stay.version for stay in park.stays()}


__all__ = ["ATTENDANT", "REASON", "SITE", "SUPERVISOR", "do", "everything", "refused", "undo"]
