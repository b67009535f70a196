"""What central has to tell gates, as messages ready to publish: rows of the outbox, and acknowledgements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import outbox
from central.actions.access import publish_access
from central.actions.inbox import Line
from central.actions.mirror import session_state
from central.links import Links
from central.store.database import Database
from central.store.schema import MqttOutbox, Site, Stay
from edge.protocol.messages import Ack
from edge.protocol.signing import Signer
from edge.protocol.topics import GateTopics, Stream


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, and the outbox rows that are done when the broker has it."""

    topic: str
    payload: bytes
    retained: bool
    rows: list[int]


def waiting(db: Database, signer: Signer, links: Links, now: datetime, limit: int, busy: Set[int]) -> list[Outgoing]:
    """The next messages that are not on their way yet. Several rows about one stay become one message, its newest."""
    messages: dict[object, Outgoing] = {}
    expired: list[int] = []
    with db.read() as session:
        for row in outbox.unpublished(session, limit + len(busy)):
            if row.id in busy:
                continue
            if row.expires_at is not None and row.expires_at <= now:
                expired.append(row.id)
                continue
            key = row.stay_id or row.id
            earlier = messages.pop(key, None)
            rows = [*(earlier.rows if earlier else []), row.id]
            messages[key] = Outgoing(row.topic, _payload(session, row, signer, links), row.retained, rows)
    if expired:
        confirm(db, expired, now)
    return list(messages.values())


def confirm(db: Database, rows: list[int], now: datetime) -> None:
    """The broker has these."""
    with db.begin() as session:
        outbox.mark_published(session, rows, now)


def repeat_everything(db: Database, now: datetime) -> None:
    """Queues every site's access list and the state of every stay, once more: those that have ended too, until they
    are cleared, since a gate that was cut off takes a vehicle to be inside until it is told."""
    with db.begin() as session:
        outbox.republish_stays(session, now)
        for site in session.scalars(select(Site)):
            publish_access(session, site, now)


def acks(through: dict[Line, int]) -> list[tuple[str, bytes]]:
    """Topic and payload of the acknowledgement each journal is owed."""
    journals: dict[tuple[str, str, str], dict[Stream, int]] = defaultdict(dict)
    for line, seq in through.items():
        if seq > 0:
            journals[line.site, line.gate, line.journal][Stream(line.stream)] = seq
    return [
        (GateTopics(site, gate).ack, Ack(journal=journal, through=streams).encode())
        for (site, gate, journal), streams in journals.items()
    ]


def _payload(session: Session, row: MqttOutbox, signer: Signer, links: Links) -> bytes:
    if row.stay_id is not None:
        body = session_state(session, session.get_one(Stay, row.stay_id), links).encode().decode()
        return signer.sign(row.topic, body)
    if row.body is None:
        return b""
    return signer.sign(row.topic, row.body) if row.signed else row.body.encode()
