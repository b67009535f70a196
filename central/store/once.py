"""Inserts a row unless it is there already: the base of everything that may be said twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.store.base import Base

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_once(session: Session, table: type[Base], values: dict[str, Any]) -> bool:
    """True when a row was inserted, False when one of the table's unique keys was taken. No exception either way."""
    insert = _INSERTS[session.get_bind().dialect.name](table.__table__)
    keys = table.__table__.primary_key.columns
    # what comes back tells; a count of rows is not given by every driver
    return session.execute(insert.values(**values).on_conflict_do_nothing().returning(*keys)).first() is not None
