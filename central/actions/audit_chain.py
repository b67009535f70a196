"""Links the audit log's rows into a chain, finds what was done to them, and writes the chain's end down elsewhere.

A row is written in its fact's own transaction and linked a moment later, by whichever jobs process comes first, holding
the one row of `audit_head`. Linking in the fact's transaction would hold that row until each of them ends: every two
facts would wait for one another, and two that also lock a site the other way round would deadlock. The price is a tail
of rows, some seconds long, that stand unlinked: it is counted and shown.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions.audit import audit
from central.rules import chain
from central.rules.chain import CHECKED, CUT, Break, Broken, Entry, Link, Walk
from central.store.once import insert_once
from central.store.schema import Audit, AuditCut, AuditHead, AuditLink, AuditPlate

AT_ONCE = 500
# PostgreSQL commits rows in another order than that of their numbers; one that is so far behind was not written by us
BEHIND = 1000
HEADS = "audit-heads.jsonl"
LEAST_KEPT = timedelta(days=365)  # whatever the settings say
_LINKED = select(AuditLink.position).where(AuditLink.audit_id == Audit.id).exists()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole log found.

    rows    linked, and sound up to what is broken
    tail    not linked yet
    broken  the first thing wrong; None: nothing is
    heads   how many heads that were written down elsewhere it was held against
    """

    rows: int
    tail: int
    broken: Broken | None
    heads: int


@dataclass(frozen=True, slots=True)
class WrittenHead:
    """The chain's end on a day, as it was written down outside the database."""

    day: str
    at: datetime
    position: int
    hash: str


def link_new(session: Session) -> int:
    """Links what was written since; how many rows, AT_ONCE at most."""
    insert_once(session, AuditHead, {"id": 1, "position": 0, "hash": chain.START, "audit_id": 0})
    head = session.get_one(AuditHead, 1, with_for_update=True, populate_existing=True)
    rows = list(session.scalars(_unlinked(head).order_by(Audit.id).limit(AT_ONCE)))
    for row in rows:
        previous, head.hash = head.hash, chain.linked(head.hash, _entry(row))
        head.position += 1
        head.audit_id = max(head.audit_id, row.id)
        session.add(AuditLink(position=head.position, audit_id=row.id, previous=previous, hash=head.hash))
    session.flush()
    return len(rows)


def check(session: Session, data_dir: Path) -> Verdict:
    """Reads the whole log, held against the heads that were written down in `data_dir`."""
    # before anything is read of the database: no head may be newer than what is seen there
    heads = written_heads(data_dir)
    cut = session.scalar(select(AuditCut).order_by(AuditCut.position.desc()).limit(1))
    walk = Walk(cut.position, cut.hash) if cut else Walk()
    first = walk.position
    head = session.get(AuditHead, 1)
    tail = session.scalar(select(func.count()).select_from(_unlinked(head).subquery()))
    told = [(one.position, one.hash) for one in (*heads, head) if one is not None]
    wanted, passed = {position for position, _ in told}, {walk.position: walk.hash}
    broken = None if cut is None else _unsaid(session, cut) or _too_young(heads, cut)
    for link, entry in _links(session, first) if broken is None else ():
        broken = walk.step(link, entry)
        if broken is not None:
            break
        if link.position in wanted:
            passed[link.position] = link.hash
    broken = broken or chain.ends_early(walk, told, passed, first) or _put_among(session, head)
    return Verdict(walk.position - first, tail, broken, len(heads))


def note_check(session: Session, found: Verdict, now: datetime, by: str) -> None:
    """Writes into the log itself that it was looked at, and what was found."""
    said = {"rows": found.rows, "tail": found.tail, "sound": found.broken is None}
    if found.broken is not None:
        said |= {"kind": str(found.broken.kind), "position": found.broken.position, "row": found.broken.entry_id}
    audit(session, now, by, CHECKED, "audit", **said)


def write_head(session: Session, data_dir: Path, day: str, now: datetime) -> tuple[int, str] | None:
    """Writes the chain's end down, once a day ("2026-11-24"): position and hash; None where that need not be.

    Whoever rewrites the database has not the file, nor the jobs' log, on his side.
    """
    head, path = session.get(AuditHead, 1), data_dir / HEADS
    if head is None or head.position == 0 or any(one.day == day for one in written_heads(data_dir)[-1:]):
        return None
    line = {"day": day, "at": now.isoformat(), "position": head.position, "hash": head.hash}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return head.position, head.hash


def written_heads(data_dir: Path) -> list[WrittenHead]:
    """The head of each day, oldest first. ValueError where the file is not ours any more."""
    path = data_dir / HEADS
    if not path.is_file():
        return []
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [
            WrittenHead(one["day"], datetime.fromisoformat(one["at"]), int(one["position"]), str(one["hash"]))
            for one in lines
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a day, a position and a hash in each line of JSON") from error


def _unlinked(head: AuditHead | None):
    behind = head.audit_id - BEHIND if head else 0
    return select(Audit).where(Audit.id > behind, ~_LINKED)


def _put_among(session: Session, head: AuditHead | None) -> Broken | None:
    """A row that is older than any that could wait to be linked."""
    if head is None:
        return None
    stray = select(Audit.id).where(Audit.id <= head.audit_id - BEHIND, ~_LINKED)
    row = session.scalar(stray.order_by(Audit.id).limit(1))
    return None if row is None else Broken(Break.INSERTED, head.position, row)


def _unsaid(session: Session, cut: AuditCut) -> Broken | None:
    """A beginning that is gone with nothing in the log to say that its time was over."""
    rows = session.scalars(select(Audit).where(Audit.what == CUT).order_by(Audit.id.desc()))
    said = any((row.detail.get("position"), row.detail.get("hash")) == (cut.position, cut.hash) for row in rows)
    return None if said else Broken(Break.DELETED, cut.position, None)


def _too_young(heads: list[WrittenHead], cut: AuditCut) -> Broken | None:
    """A beginning that is gone, and was still being written when it was too young to go."""
    recent = [one for one in heads if one.at > heads[-1].at - LEAST_KEPT]
    return Broken(Break.DELETED, cut.position, None) if any(one.position < cut.position for one in recent) else None


def _links(session: Session, after: int) -> Iterator[tuple[Link, Entry | None]]:
    """Every link behind a position with its row, plates put back where their seals fit."""
    while True:
        wanted = select(AuditLink, Audit).outerjoin(Audit, Audit.id == AuditLink.audit_id)
        wanted = wanted.where(AuditLink.position > after).order_by(AuditLink.position).limit(AT_ONCE)
        page = session.execute(wanted).all()
        ids = [row.id for _, row in page if row is not None]
        false = {
            one.audit_id
            for one in session.scalars(select(AuditPlate).where(AuditPlate.audit_id.in_(ids)))
            if _sealed(next(row for _, row in page if row and row.id == one.audit_id), one.field)
            != chain.seal(one.salt, one.plate)
        }
        for link, row in page:
            entry = None if row is None else _entry(row)
            if entry is not None and entry.id in false:
                entry = Entry(entry.id, entry.at, entry.by, entry.what, entry.subject, {})
            yield Link(link.position, link.audit_id, link.previous, link.hash), entry
        session.expunge_all()
        if len(page) < AT_ONCE:
            return
        after = page[-1][0].position


def _sealed(row: Audit, field: str) -> object:
    name, _dot, at = field.partition(".")
    value = row.detail.get(name)
    return value[int(at)] if at and isinstance(value, list) and int(at) < len(value) else value


def _entry(row: Audit) -> Entry:
    return Entry(row.id, row.at, row.by, row.what, row.subject, row.detail)
