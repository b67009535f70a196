"""Writes down who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.store.schema import Audit


def audit(session: Session, now: datetime, by: str, what: str, subject: str, **detail: Any) -> None:
    """One line of the audit log, in the transaction of what it tells of."""
    session.add(Audit(at=now, by=by, what=what, subject=subject, detail=detail))
