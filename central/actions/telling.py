"""Writes down what is to be told, in the transaction of the fact: once to each recipient by each channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.recipients import Recipient, at_address
from central.rules import telling as rules
from central.rules.telling import Channel, Event
from central.store.once import insert_once
from central.store.schema import Notification, Site
from edge.protocol.ids import uuid7

WAITING, SENDING, SENT, DROPPED, DEAD = "waiting", "sending", "sent", "dropped", "dead"


def tell(
    session: Session,
    event: Event,
    key: str,
    to: Iterable[Recipient],
    site_id: str | None,
    now: datetime,
    *,
    useful_until: datetime | None = None,
    **facts: Any,
) -> int:
    """Queues a message by every channel each recipient has chosen; how many are new.

    key    the fact, such as its due's id. A fact that is applied again tells nobody again.
    site_id  whose clock keeps quiet hours; None where it is about no car park, and goes at once
    facts  of its template: words, numbers, instants; those that are None are left out
    """
    zone = ZoneInfo("UTC" if site_id is None else session.get_one(Site, site_id).timezone)
    said = {name: _stored(value) for name, value in facts.items() if value is not None}
    rows, reached = 0, set()
    for one in to:
        for channel in one.channels(event):
            where = (channel, one.address(channel) or one.ref)
            if where in reached:
                continue  # who has an account, and typed the same address on the stay's page, is told once
            reached.add(where)
            due_at = rules.send_at(event, channel, now, one.quiet, zone)
            inbox = channel is Channel.INBOX  # nothing is sent: it is seen on a page
            row = {
                "id": uuid7(), "key": f"{event}:{key}", "event": str(event), "site_id": site_id, "recipient": one.ref,
                "channel": str(channel), "facts": said, "state": SENT if inbox else WAITING, "due_at": due_at,
                "useful_until": useful_until, "tries": 0, "reason": "", "created_at": now,
                "sent_at": due_at if inbox else None,
            }  # fmt: skip
            rows += insert_once(session, Notification, row)
    return rows


def tell_address(
    session: Session, event: Event, key: str, address: str, now: datetime, *, language: str = "en", **facts: Any
) -> int:
    """Sends to an e-mail address or a mobile number as such: a one-time code (`code`, `purpose`), an invitation
    (`url`, `role`). `useful_until` as in `tell`."""
    return tell(session, event, key, [at_address(address, language)], None, now, language=language, **facts)


def try_again(session: Session, row_id: str, now: datetime, by: str) -> None:
    """A person has a message that was given up sent once more."""
    row = session.get(Notification, row_id, with_for_update=True)
    if row is None or row.state != DEAD:
        raise Refused("only a message that was given up can be sent again")
    row.state, row.due_at, row.tries, row.reason = WAITING, now, 0, ""
    audit(session, now, by, "message sent again", f"notification/{row.id}", channel=row.channel, event=row.event)


def read(session: Session, recipients: Collection[str], now: datetime) -> None:
    """Everything that has come to these inboxes is read."""
    mine = Notification.recipient.in_(recipients), Notification.channel == str(Channel.INBOX)
    new = update(Notification).where(*mine, Notification.due_at <= now, Notification.read_at.is_(None))
    session.execute(new.values(read_at=now))


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
