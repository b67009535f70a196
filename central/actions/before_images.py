"""What rows about some stays hold now, so that what is changed of them can be told, kept, and put back exactly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import inspect, or_, select, update
from sqlalchemy.orm import Session

from central.actions import billing
from central.store import figures_kept
from central.store.base import Base, UtcDateTime
from central.store.schema import CorrectionImage, CouponUse, Due, GateEvent, Receipt, Stay, Violation

Key = tuple[str, str]
Row = dict[str, Any]

TABLES: dict[str, type[Base]] = {
    "stay": Stay,
    "due": Due,
    "receipt": Receipt,
    "gate_event": GateEvent,
    "coupon_use": CouponUse,
    "violation": Violation,
    "notice_due": Due,
}
# a version only grows, and whether gates have been told to forget a stay follows from it
_NEVER_BACK = {"id", "version", "cleared_at", "created_at"}
_COLUMNS = {
    "stay": [column.name for column in Stay.__table__.columns if column.name not in _NEVER_BACK],
    "due": [column.name for column in Due.__table__.columns if column.name not in _NEVER_BACK],
    # what is printed on a receipt stays, and so does what a gate reported: only whose it is can change
    "receipt": ["stay_id"],
    "gate_event": ["stay_id"],
    "coupon_use": ["stay_id", "state", "due_id", "changed_at", "why"],
    "violation": ["stay_id", "other_stay_id", "key", "status", "decided_at", "decided_by", "decision"],
    "notice_due": ["stay_id", "state"],
}
# whose a row is: put back even where what it says has gone on since
WHOSE = ("stay_id", "other_stay_id", "key")


def take(session: Session, stay_ids: list[str]) -> dict[Key, Row]:
    """Every row that a correction of these stays may change, as it is in the database now."""
    session.flush()
    rows: dict[Key, Row] = {}
    for name, where in (
        ("stay", or_(Stay.id.in_(stay_ids), Stay.joined_to.in_(stay_ids))),
        ("due", Due.stay_id.in_(stay_ids) & (Due.kind == billing.OF_STAY)),
        ("receipt", Receipt.stay_id.in_(stay_ids)),
        ("gate_event", GateEvent.stay_id.in_(stay_ids)),
        ("coupon_use", CouponUse.stay_id.in_(stay_ids)),
        ("violation", or_(Violation.stay_id.in_(stay_ids), Violation.other_stay_id.in_(stay_ids))),
        ("notice_due", Due.stay_id.in_(stay_ids) & (Due.kind == billing.OF_VIOLATION)),
    ):
        table = TABLES[name].__table__
        columns = [table.c.id, *(table.c[column] for column in _COLUMNS[name])]
        for found in session.execute(select(*columns).where(where)).mappings():
            rows[name, found["id"]] = {column: _plain(found[column]) for column in _COLUMNS[name]}
    return rows


def images(before: dict[Key, Row], after: dict[Key, Row]) -> list[CorrectionImage]:
    """What differs, row by row; of a row that is new, all of it."""
    found = []
    for (of, row_id), now in sorted(after.items()):
        was = before.get((of, row_id))
        if was is None:
            if of in ("stay", "due"):
                found.append(CorrectionImage(of=of, row_id=row_id, before=None, after=now))
            continue
        changed = [column for column in now if now[column] != was[column]]
        if changed:
            old, new = ({column: row[column] for column in changed} for row in (was, now))
            found.append(CorrectionImage(of=of, row_id=row_id, before=old, after=new))
    return found


def current(session: Session, image: CorrectionImage) -> Row:
    """What the columns of an image hold now."""
    table = TABLES[image.of].__table__
    columns = [table.c[column] for column in image.after]
    found = session.execute(select(*columns).where(table.c.id == image.row_id)).mappings().one()
    return {column: _plain(found[column]) for column in image.after}


def put_back(session: Session, image: CorrectionImage, *, whose: bool = False) -> None:
    """Gives the row's changed columns what they held before. whose: those alone that say whose it is."""
    model = TABLES[image.of]
    columns = [column for column in image.before if not whose or column in WHOSE]
    if not columns:
        return
    values = {column: _typed(model, column, image.before[column]) for column in columns}
    change = update(model).where(model.id == image.row_id).values(**values)
    with figures_kept.counted(session, [image.row_id] if model is Stay else []):
        session.execute(change.execution_options(synchronize_session=False))
    row = session.identity_map.get(inspect(model).identity_key_from_primary_key((image.row_id,)))
    if row is not None:
        session.refresh(row)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(model: type[Base], column: str, value: Any) -> Any:
    instant = isinstance(model.__table__.c[column].type, UtcDateTime)
    return datetime.fromisoformat(value) if instant and value is not None else value
