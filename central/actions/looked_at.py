"""Notes who of staff was shown which picture."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.once import insert_once
from central.store.schema import PictureLook
from edge.protocol.ids import uuid7

# whoever is shown the same picture again within that time has looked once
ONCE_IN = timedelta(minutes=10)


def noted(session: Session, by: str, sha256: str, now: datetime) -> bool:
    """Whether that look is noted already, so that nothing need be written."""
    latest = select(PictureLook.at).where(PictureLook.by == by, PictureLook.sha256 == sha256)
    at = session.scalar(latest.order_by(PictureLook.at.desc()).limit(1))
    return at is not None and now - at < ONCE_IN


def look(session: Session, by: str, sha256: str, page: str, now: datetime) -> None:
    """Notes it, once. page: the path of the page the picture was on."""
    if noted(session, by, sha256, now):
        return
    span = int(now.timestamp() // ONCE_IN.total_seconds())
    row = {"id": uuid7(), "at": now, "by": by, "sha256": sha256, "page": page[:200], "span": span}
    insert_once(session, PictureLook, row)
