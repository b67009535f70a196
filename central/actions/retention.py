"""Erases what was kept long enough, a batch at a time, and writes down what went; each class of data has its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from central import images
from central.actions import access, holds, masking
from central.actions.audit import audit
from central.rules import retention as rules
from central.rules.chain import CUT
from central.rules.retention import Kind
from central.settings import Settings
from central.store.base import Base
from central.store.schema import (
    AccessRule,
    Audit,
    AuditCut,
    AuditLink,
    AuditPlate,
    Image,
    LoginEvent,
    Notification,
    PictureLook,
    Quarantine,
    RetentionRun,
    Site,
)

AT_ONCE = 200
ERASED = "erased"
# what a killed upload may have left is no orphan before that
YOUNG_S = 24 * 3600

# takes a session, the instant before which things go, how many at most, and now; gives the ids of what went
Way = Callable[[Session, datetime, int, datetime], list]


def run(session: Session, kind: Kind, settings: Settings, now: datetime) -> int:
    """One batch of one class, with its proof in the same transaction; how many rows, AT_ONCE at most."""
    before = rules.due(kind, now, settings.retention.model_dump())
    if kind is Kind.PICTURES:
        gone = _pictures(session, before, AT_ONCE, settings.images)
    elif kind is Kind.AUDIT:
        gone = _audit(session, before, AT_ONCE, now)
    else:
        gone = WAYS[kind](session, before, AT_ONCE, now)
    proof = rules.proof(gone)
    if proof is None:
        return 0
    told = {"rows": proof.rows, "first_id": proof.first_id, "last_id": proof.last_id, "digest": proof.digest}
    session.add(RetentionRun(kind=str(kind), at=now, before=before, **told))
    audit(session, now, "central", ERASED, str(kind), before=before.isoformat(), **told)
    session.flush()
    return proof.rows


def sweep_orphans(session: Session, folder: Path, now: datetime) -> list[str]:
    """Deletes the files of the pictures' folder that no row knows; their names."""
    gone: list[str] = []
    for inner in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        old = [one for one in inner.iterdir() if one.is_file() and now.timestamp() - one.stat().st_mtime > YOUNG_S]
        known = set(session.scalars(select(Image.sha256).where(Image.sha256.in_([one.stem for one in old]))))
        for one in old:
            if one.suffix != ".jpg" or one.stem not in known:
                one.unlink(missing_ok=True)
                gone.append(one.name)
    return gone


def note_orphans(session: Session, names: list[str], now: datetime) -> None:
    proof = rules.proof(names)
    if proof is not None:
        audit(session, now, "central", ERASED, "files of no picture", rows=proof.rows, digest=proof.digest)


def _pictures(session: Session, before: datetime, limit: int, folder: Path) -> list[str]:
    wanted = select(Image.sha256).where(Image.stored_at < before, Image.sha256.not_in(holds.held_pictures()))
    names = list(session.scalars(wanted.order_by(Image.stored_at, Image.sha256).limit(limit)))
    for name in names:
        # first the file: should we end here, its row is found again
        images.path_of(folder, name).unlink(missing_ok=True)
    _delete(session, Image.sha256, names)
    return names


def _audit(session: Session, before: datetime, limit: int, now: datetime) -> list[int]:
    """The oldest rows of the log, in the order of its chain; what is left stands on the hash of the last of them."""
    rows = session.execute(
        select(AuditLink.position, AuditLink.hash, Audit.id, Audit.at)
        .join(Audit, Audit.id == AuditLink.audit_id)
        .order_by(AuditLink.position)
        .limit(limit)
    ).all()
    gone = []
    for row in rows:
        if row.at >= before:
            break
        gone.append(row)
    if not gone:
        return []
    last, ids = gone[-1], [row.id for row in gone]
    session.add(AuditCut(position=last.position, hash=last.hash, at=now))
    session.flush()
    _delete(session, AuditPlate.audit_id, ids)
    _delete(session, AuditLink.audit_id, ids)
    _delete(session, Audit.id, ids)
    audit(session, now, "central", CUT, "audit", position=last.position, hash=last.hash)
    return ids


def _lists(session: Session, before: datetime, limit: int, now: datetime) -> list[str]:
    """Takes off what was over before then; every gate of the site gets the list without it."""
    over = select(AccessRule).where(AccessRule.valid_until < before, AccessRule.plate.not_in(holds.held_plates()))
    rows = list(session.scalars(over.order_by(AccessRule.valid_until, AccessRule.id).limit(limit)))
    for row in rows:
        session.delete(row)
    for site_id in sorted({row.site_id for row in rows}):
        site = session.get_one(Site, site_id, with_for_update=True)
        site.access_version += 1
        access.publish_access(session, site, now)
    return [row.id for row in rows]


def _rows(key: InstrumentedAttribute, at: InstrumentedAttribute, *more) -> Way:
    """Deletes the oldest rows of a table."""

    def erase(session: Session, before: datetime, limit: int, now: datetime) -> list:
        wanted = select(key).where(at < before, *more).order_by(at, key).limit(limit)
        ids = list(session.scalars(wanted))
        _delete(session, key, ids)
        return ids

    return erase


def _delete(session: Session, key: InstrumentedAttribute, ids: Iterable) -> None:
    table: type[Base] = key.class_
    session.execute(delete(table).where(key.in_(list(ids))).execution_options(synchronize_session=False))


WAYS: dict[Kind, Way] = {
    Kind.STAYS: masking.stays,
    Kind.GATE_EVENTS: masking.gate_events,
    Kind.NOTICES: masking.notices,
    Kind.PASSES: masking.passes,
    Kind.LISTS: _lists,
    Kind.CLAIMS: masking.claims,
    Kind.AUDIT_PLATES: _rows(AuditPlate.id, AuditPlate.at, AuditPlate.plate.not_in(holds.held_plates())),
    Kind.LOGINS: _rows(LoginEvent.id, LoginEvent.at),
    Kind.NOTIFICATIONS: _rows(
        Notification.id, Notification.created_at, Notification.state.in_(("sent", "dropped", "dead"))
    ),
    Kind.QUARANTINE: _rows(Quarantine.id, Quarantine.received_at, Quarantine.seen),
    Kind.LOOKS: _rows(PictureLook.id, PictureLook.at),
}
