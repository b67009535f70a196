"""Notifications as pages show them: an inbox, and the outbox with what was given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from central.store.schema import Notification, Site

PAGE = 30
# states that are shown, the one that wants a person first
STATES = ("dead", "waiting", "sending", "sent", "dropped")
_FEW, _ENDED = ("dead", "waiting", "sending"), ("sent", "dropped")
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of an inbox and the site it is about, None for none."""

    row: Notification
    site: Site | None


def inbox(
    session: Session, recipients: Collection[str], now: datetime, before: str | None = None
) -> tuple[list[Seen], str | None]:
    """What has come to the inbox of these recipients, newest first, and the `before` of the next page."""
    wanted = _come(recipients, now)
    if before:
        wanted = wanted.where(Notification.id < before)
    rows = list(session.scalars(wanted.order_by(Notification.id.desc()).limit(PAGE + 1)))
    seen = [Seen(row, None if row.site_id is None else session.get_one(Site, row.site_id)) for row in rows[:PAGE]]
    return seen, rows[PAGE - 1].id if len(rows) > PAGE else None


def unread(session: Session, recipients: Collection[str], now: datetime, most: int = 99) -> int:
    """How many have not been read, up to `most`."""
    new = _come(recipients, now).where(Notification.read_at.is_(None)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(new)) or 0


def counts(session: Session, sites: Collection[str], now: datetime) -> dict[str, int]:
    """How many wait, are given up and so on; of what has ended, of the last day alone."""
    by_state = select(Notification.state, func.count()).where(Notification.channel != "inbox")
    few = by_state.where(Notification.state.in_(_FEW))
    late = by_state.where(Notification.state.in_(_ENDED), Notification.due_at > now - LATELY)
    found = dict.fromkeys(STATES, 0)
    for wanted in (few, late):
        for one in _of_each(wanted.group_by(Notification.state), sites):
            for state, count in session.execute(one):
                found[state] += count
    return found


def outbox(
    session: Session, sites: Collection[str], state: str, before: str | None = None
) -> tuple[list[Notification], str | None]:
    """Rows in a state, newest first, and the `before` of the next page."""
    wanted = select(Notification).where(Notification.state == state, Notification.channel != "inbox")
    if before:
        wanted = wanted.where(Notification.id < before)
    wanted = wanted.order_by(Notification.id.desc()).limit(PAGE + 1)
    rows = [row for one in _of_each(wanted, sites) for row in session.scalars(one)]
    rows.sort(key=lambda row: row.id, reverse=True)
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _of_each(wanted: Select[Any], sites: Collection[str]) -> list[Select[Any]]:
    """What is wanted of one site after another, as indexes have it, and of what is about none."""
    return [wanted.where(Notification.site_id == site) for site in (*sites, None)]


def _come(recipients: Collection[str], now: datetime):
    return select(Notification).where(
        Notification.recipient.in_(recipients), Notification.channel == "inbox", Notification.due_at <= now
    )
