"""Queues what gates must hear, in the transaction of the change that causes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from central.store.schema import MqttOutbox, Stay
from edge.protocol import topics


def publish_stay(session: Session, stay: Stay, now: datetime) -> None:
    """The stay has changed: its gates get its newest state, also where they had been told to forget it."""
    stay.version, stay.cleared_at = stay.version + 1, None
    session.add(MqttOutbox(topic=topics.session(stay.site_id, stay.id), stay_id=stay.id, retained=True, created_at=now))


def republish_stays(session: Session, now: datetime, closed_since: datetime | None = None) -> None:
    """Says the state of every stay that was not cleared once more, unchanged, those that wait to be told excepted.

    closed_since  of the closed ones only those that have ended since then
    """
    queued = select(MqttOutbox.stay_id).where(MqttOutbox.published_at.is_(None), MqttOutbox.stay_id.is_not(None))
    told = select(Stay.site_id, Stay.id).where(Stay.cleared_at.is_(None), Stay.id.not_in(queued)).order_by(Stay.id)
    if closed_since is not None:
        told = told.where(or_(Stay.closed_at.is_(None), Stay.closed_at >= closed_since))
    common = {"retained": True, "signed": True, "created_at": now}
    rows = [
        {"topic": topics.session(site, stay_id), "stay_id": stay_id} | common for site, stay_id in session.execute(told)
    ]
    if rows:
        session.execute(insert(MqttOutbox), rows)


def clear_retained(session: Session, stay: Stay, now: datetime) -> None:
    """Takes a stay's state off the broker."""
    topic = topics.session(stay.site_id, stay.id)
    session.add(MqttOutbox(topic=topic, body=None, retained=True, signed=False, created_at=now))


def publish(
    session: Session, topic: str, body: str, now: datetime, *, retained: bool, expires_at: datetime | None = None
) -> None:
    """Any other signed message."""
    session.add(MqttOutbox(topic=topic, body=body, retained=retained, created_at=now, expires_at=expires_at))


def unpublished(session: Session, limit: int) -> list[MqttOutbox]:
    """Messages that wait, oldest first."""
    waiting = select(MqttOutbox).where(MqttOutbox.published_at.is_(None)).order_by(MqttOutbox.id).limit(limit)
    return list(session.scalars(waiting))


def mark_published(session: Session, ids: list[int], now: datetime) -> None:
    session.execute(update(MqttOutbox).where(MqttOutbox.id.in_(ids)).values(published_at=now))


def forget_published(session: Session, now: datetime, keep: timedelta) -> int:
    """Deletes messages published longer than `keep` ago; returns how many."""
    old = MqttOutbox.published_at < now - keep
    count = session.scalar(select(func.count()).select_from(MqttOutbox).where(old)) or 0
    session.execute(MqttOutbox.__table__.delete().where(old))
    return count
