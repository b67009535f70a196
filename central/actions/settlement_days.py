"""Which days' settlement files are to be fetched from the provider, and what became of each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions.settlement import queue
from central.rules.reconciliation import Outcome, Resolution
from central.store.once import insert_once
from central.store.schema import SettlementDay, SettlementFile, Site, Unreconciled

#: a provider makes the file of a day in the night after it
FROM_HOUR = 6
#: so many mornings a day's file is asked for
MORNINGS = 10


class State(StrEnum):
    """Of a day's file."""

    WAITING = "waiting"
    TAKEN = "taken"
    EMPTY = "empty"  # it is there, and says that nothing was paid out
    GIVEN_UP = "given_up"


def to_ask(session: Session, provider: str, now: datetime) -> list[SettlementDay]:
    """The days whose files are asked for now, oldest first; those that were given up by now are queued for staff.

    It begins with the day before the first morning, and goes on from there, also after central was off.
    """
    site = session.scalar(select(Site).order_by(Site.created_at, Site.id).limit(1))
    if site is None:
        return []
    local = now.astimezone(ZoneInfo(site.timezone))
    last = local.date() - timedelta(days=1 if local.hour >= FROM_HOUR else 2)
    newest = session.scalar(select(func.max(SettlementDay.day)).where(SettlementDay.provider == provider))
    first = last if newest is None else date.fromisoformat(newest) + timedelta(days=1)
    oldest = last - timedelta(days=MORNINGS - 1)
    day = max(first, oldest)
    while day <= last:
        row = {"provider": provider, "day": day.isoformat(), "site_id": site.id, "state": str(State.WAITING)}
        insert_once(session, SettlementDay, row | {"tries": 0, "problem": ""})
        day += timedelta(days=1)
    mine = (SettlementDay.provider == provider, SettlementDay.state == str(State.WAITING))
    waiting = session.scalars(select(SettlementDay).where(*mine).order_by(SettlementDay.day))
    return [row for row in waiting if not _given_up(session, row, oldest.isoformat(), now)]


def asked(session: Session, provider: str, day: str, now: datetime, problem: str) -> None:
    """The provider was asked, and the file is not there, or is no file."""
    row = _held(session, provider, day)
    row.tries, row.asked_at, row.problem = row.tries + 1, now, problem[:300]


def done(session: Session, provider: str, day: str, now: datetime, state: State) -> None:
    """The file is there."""
    row = _held(session, provider, day)
    row.tries, row.asked_at, row.problem, row.state = row.tries + 1, now, "", str(state)


def came(session: Session, provider: str, day: str, now: datetime, by: str) -> None:
    """A file of the day was taken in, whoever brought it: nobody need look for it any more."""
    waits = select(Unreconciled).where(Unreconciled.key == _key(provider, day), Unreconciled.resolution.is_(None))
    if (item := session.scalar(waits.with_for_update())) is not None:
        item.resolution, item.resolved_at, item.resolved_by = str(Resolution.CAME_LATER), now, by
        item.reason = "the file was taken in"


def _given_up(session: Session, row: SettlementDay, oldest: str, now: datetime) -> bool:
    if row.day >= oldest:
        return False
    uploaded = select(SettlementFile.sha256).where(
        SettlementFile.provider == row.provider, SettlementFile.day == row.day
    )
    if session.scalar(uploaded.limit(1)) is not None:
        row.state = str(State.TAKEN)
        return True
    row.state = str(State.GIVEN_UP)
    queue(session, _key(row.provider, row.day), Outcome.FILE_MISSING, row.site_id, now, row.day)
    return True


def _held(session: Session, provider: str, day: str) -> SettlementDay:
    return session.get_one(SettlementDay, (provider, day), with_for_update=True)


def _key(provider: str, day: str) -> str:
    return f"file:{provider}:{day}"
