"""Sends what is due, one row at a time: any number of senders may run beside one another.

A row is marked before it is sent, and again after. Where a sender ends in between, an e-mail is sent once more, with
the same Message-ID, by which mailboxes may know it; any other message may have arrived and is not repeated: it is
given up, and a person may send it again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import TemplateError
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from central.actions import recipients
from central.actions.telling import DEAD, DROPPED, SENDING, SENT, WAITING
from central.links import Links
from central.notifications.channels import Channels, Envelope, NotSent
from central.notifications.doors import Doors
from central.notifications.render import Message, render
from central.rules import telling as rules
from central.rules.telling import Channel, Event
from central.store.database import Database
from central.store.schema import Notification, Site

log = logging.getLogger(__name__)

# longer than the slowest way out takes to answer, or not to
CLAIM_LASTS = timedelta(minutes=5)
AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Letter:
    """One row on its way out."""

    row_id: str
    channel: Channel
    message: Message
    envelope: Envelope


def send_due(db: Database, channels: Channels, links: Links, most_tries: int, now: datetime) -> int:
    """Sends some of what is due; how many rows it has dealt with. As many as AT_ONCE: there may be more."""
    doors = Doors.beside(links)
    for done in range(AT_ONCE):
        with db.begin() as session:
            row = _next(session, now)
            letter = None if row is None else _take(session, row, channels, doors, now)
        if row is None:
            return done
        if letter is not None:
            _send(db, channels, letter, most_tries, now)
    return AT_ONCE


def _next(session: Session, now: datetime) -> Notification | None:
    due = and_(Notification.state == WAITING, Notification.due_at <= now)
    left = and_(Notification.state == SENDING, Notification.claimed_until <= now)
    ready = select(Notification).where(or_(due, left)).order_by(Notification.due_at, Notification.id).limit(1)
    return session.scalar(ready.with_for_update(skip_locked=True))


def _take(session: Session, row: Notification, channels: Channels, doors: Doors, now: datetime) -> Letter | None:
    """Claims a row, and puts it in words; None where it is not to be sent, or not yet."""
    channel, event = Channel(row.channel), Event(row.event)
    to = recipients.find(session, row.recipient)
    site = None if row.site_id is None else session.get_one(Site, row.site_id)
    zone = ZoneInfo("UTC" if site is None else site.timezone)
    if row.state == SENDING and channel not in rules.REPEATABLE:
        return _end(row, DEAD, "the sender ended while it was being sent: it may have arrived", now)
    if to is None or channel not in to.channels(event):
        return _end(row, DROPPED, "its recipient no longer wants it", now)
    if row.useful_until is not None and row.useful_until <= now:
        return _end(row, DROPPED, "too late to be of use", now)
    if channel not in channels.urls:
        return _end(row, DROPPED, f"no way to send {channel} is set up", now)
    due_at = rules.send_at(event, channel, now, to.quiet, zone)
    if due_at > now:
        row.state, row.due_at, row.claimed_until = WAITING, due_at, None
        return None
    try:
        language = row.facts.get("language", to.language)
        message = render(event, row.facts, language, "" if site is None else site.name, zone, doors, to.ref)
    except (TemplateError, TypeError, ValueError) as error:
        log.error("notification %s can't be put in words", row.id, exc_info=error)
        return _end(row, DEAD, "it can't be put in words", now)
    row.state, row.tries, row.claimed_until = SENDING, row.tries + 1, now + CLAIM_LASTS
    where = {Channel.PUSH: doors.push_topic(to.ref), Channel.WEBHOOK: row.site_id or ""}
    envelope = Envelope(
        to=to.address(channel) or where.get(channel, ""), message_id=f"{row.id}@{doors.domain}", at=row.created_at,
        stop_url=doors.stop(to.ref),
    )  # fmt: skip
    return Letter(row.id, channel, message, envelope)


def _send(db: Database, channels: Channels, letter: Letter, most_tries: int, now: datetime) -> None:
    failure = None
    try:
        channels.send(letter.channel, letter.message, letter.envelope)
    except NotSent as error:
        failure = error
    with db.begin() as session:
        row = session.get_one(Notification, letter.row_id, with_for_update=True)
        if failure is None:
            _end(row, SENT, "", now)
        elif failure.final or row.tries >= most_tries:
            log.warning("notification %s by %s is given up: %s", row.id, row.channel, failure)
            _end(row, DEAD, str(failure), now)
        else:
            wait = rules.back_off(row.id, row.tries)
            row.state, row.due_at, row.claimed_until, row.reason = WAITING, now + wait, None, str(failure)


def _end(row: Notification, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.claimed_until = state, reason, None
    if state == SENT:
        row.sent_at = now
    if state != DEAD and row.event in rules.OF_ADDRESS:
        row.facts = {}  # a code, or a link that opens something: it is not kept
