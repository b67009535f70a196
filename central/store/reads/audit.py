"""The audit log as pages show it: filtered, a page at a time, with its plates put back where they are still kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.rules.chain import CHECKED, SEAL, with_values
from central.store.schema import Audit, AuditHead, AuditLink, AuditPlate, PictureLook, Stay

PAGE = 50
EXPORT = 500  # rows read at once


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to list. None is "any".

    by, what, subject  exactly that
    plate       rows that tell of exactly that plate, while it is kept
    begin, end  from `begin` to before `end`; aware UTC
    before      id of the last row of the page before
    """

    by: str | None = None
    what: str | None = None
    subject: str | None = None
    plate: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row; link: its place in the chain, None while it has none. detail: without plates that are forgotten."""

    row: Audit
    detail: dict[str, Any]
    link: AuditLink | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[AuditRow]
    older: int | None


def audit(session: Session, wanted: AuditFilter) -> AuditPage:
    rows = _rows(session, wanted, PAGE + 1)
    return AuditPage(rows[:PAGE], rows[PAGE - 1].row.id if len(rows) > PAGE else None)


def whole(session: Session, wanted: AuditFilter) -> Iterator[AuditRow]:
    """Every row that fits, newest first."""
    while True:
        rows = _rows(session, wanted, EXPORT)
        yield from rows
        if len(rows) < EXPORT:
            return
        wanted = replace(wanted, before=rows[-1].row.id)


def one(session: Session, number: int) -> AuditRow | None:
    row = session.get(Audit, number)
    if row is None:
        return None
    link = session.scalar(select(AuditLink).where(AuditLink.audit_id == number))
    return AuditRow(row, _with_plates(session, [row])[number], link)


def head(session: Session) -> AuditHead | None:
    return session.get(AuditHead, 1)


def last_check(session: Session) -> Audit | None:
    """When the log was last looked through, and what was found."""
    checks = select(Audit).where(Audit.subject == "audit", Audit.what == CHECKED)
    return session.scalar(checks.order_by(Audit.id.desc()).limit(1))


def _rows(session: Session, wanted: AuditFilter, limit: int) -> list[AuditRow]:
    conditions: list[Any] = []
    if wanted.by:
        conditions.append(Audit.by == wanted.by)
    if wanted.what:
        conditions.append(Audit.what == wanted.what)
    if wanted.subject:
        conditions.append(Audit.subject == wanted.subject)
    if wanted.plate:
        conditions.append(Audit.id.in_(select(AuditPlate.audit_id).where(AuditPlate.plate == wanted.plate)))
    if wanted.begin:
        conditions.append(Audit.at >= wanted.begin)
    if wanted.end:
        conditions.append(Audit.at < wanted.end)
    if wanted.before:
        conditions.append(Audit.id < wanted.before)
    rows = list(session.scalars(select(Audit).where(*conditions).order_by(Audit.id.desc()).limit(limit)))
    details = _with_plates(session, rows)
    return [AuditRow(row, details[row.id]) for row in rows]


def _with_plates(session: Session, rows: list[Audit]) -> dict[int, dict[str, Any]]:
    plates: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    for kept in session.scalars(select(AuditPlate).where(AuditPlate.audit_id.in_(plates))):
        plates[kept.audit_id][kept.field] = kept.plate
    return {row.id: _unsealed(with_values(row.detail, plates[row.id])) for row in rows}


def _unsealed(value: Any) -> Any:
    """A seal whose plate is forgotten says nothing to people."""
    if isinstance(value, dict):
        return {key: _unsealed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_unsealed(one) for one in value]
    return "(forgotten)" if isinstance(value, str) and value.startswith(SEAL) else value


@dataclass(frozen=True, slots=True)
class LookPage:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[PictureLook]
    older: str | None


def looks(session: Session, by: str | None = None, sha256: str | None = None, before: str | None = None) -> LookPage:
    """Who of staff was shown which picture; of one person, of one picture, before a row."""
    wanted = select(PictureLook)
    if by:
        wanted = wanted.where(PictureLook.by == by)
    if sha256:
        wanted = wanted.where(PictureLook.sha256 == sha256)
    if before:
        wanted = wanted.where(PictureLook.id < before)
    found = list(session.scalars(wanted.order_by(PictureLook.id.desc()).limit(PAGE + 1)))
    return LookPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def looks_at(session: Session, stay: Stay) -> list[PictureLook]:
    """Who looked at a stay's pictures, oldest first; the latest PAGE."""
    pictures = [name for name in (stay.entry_image, stay.exit_image) if name]
    wanted = select(PictureLook).where(PictureLook.sha256.in_(pictures))
    return list(session.scalars(wanted.order_by(PictureLook.id.desc()).limit(PAGE)))[::-1] if pictures else []
