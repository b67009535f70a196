"""Notifications as pages show them: an inbox, and the outbox with what was given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
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
    ours = Notification.site_id.in_(sites) | Notification.site_id.is_(None)
    by_state = select(Notification.state, func.count()).where(ours, Notification.channel != "inbox")
    few = by_state.where(Notification.state.in_(_FEW)).group_by(Notification.state)
    late = by_state.where(Notification.state.in_(_ENDED), Notification.due_at > now - LATELY)
    found = dict([*session.execute(few).all(), *session.execute(late.group_by(Notification.state)).all()])
    return {state: found.get(state, 0) for state in STATES}


def outbox(
    session: Session, sites: Collection[str], state: str, before: str | None = None
) -> tuple[list[Notification], str | None]:
    """Rows in a state, newest first, and the `before` of the next page."""
    ours = Notification.site_id.in_(sites) | Notification.site_id.is_(None)
    wanted = select(Notification).where(ours, Notification.state == state, Notification.channel != "inbox")
    if before:
        wanted = wanted.where(Notification.id < before)
    rows = list(session.scalars(wanted.order_by(Notification.id.desc()).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _come(recipients: Collection[str], now: datetime):
    return select(Notification).where(
        Notification.recipient.in_(recipients), Notification.channel == "inbox", Notification.due_at <= now
    )
