"""Writes down who did what."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from central.rules import chain
from central.store.audit import AuditPlate
from central.store.people import Audit


def audit(session: Session, now: datetime, by: str, what: str, subject: str, **detail: Any) -> None:
    """One line of the audit log, in the transaction of what it tells of; `audit_chain` links it a moment later.

    A plate (plate=..., plates=[...]) stands in it as a seal only: the log outlives it. So none belongs into `subject`.
    """
    plates = dict(chain.plates_in(detail))
    salts = {field: secrets.token_hex(16) for field in plates}
    seals = {field: chain.seal(salts[field], plate) for field, plate in plates.items()}
    row = Audit(at=now, by=by, what=what, subject=subject, detail=chain.with_values(detail, seals))
    session.add(row)
    session.add_all(
        AuditPlate(row=row, field=field, salt=salts[field], plate=plate, at=now) for field, plate in plates.items()
    )
