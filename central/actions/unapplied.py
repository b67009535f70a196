"""What people do about messages that could not be applied."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.actions.errors import Refused
from central.store.schema import Quarantine


def mark_seen(session: Session, number: int, now: datetime, by: str) -> None:
    """A person has looked at it; it stays kept. Refused when there is no such message."""
    row = session.get(Quarantine, number, with_for_update=True)
    if row is None:
        raise Refused(f"message {number} is not there")
    if not row.seen:
        row.seen = True
        audit(session, now, by, "quarantine seen", str(number), topic=row.topic, reason=row.reason)
