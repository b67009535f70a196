"""Violations as pages show them: the list a page at a time, one with all that is known of it, those of a stay."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.rules.violations import ENDED
from central.rules.violations import Status as ViolationStatus
from central.store.reads.lanes import stored_images
from central.store.schema import Attempt, Audit, Due, Receipt, Site, Stay, Violation

PAGE = 50
_LIVE = [str(status) for status in ViolationStatus if status not in ENDED]
LIVE = "live"


@dataclass(frozen=True, slots=True)
class ViolationFilter:
    """What to list. None is "any".

    status  a word of `central.rules.violations.Status`, or LIVE for all that have not ended
    plate   beginning of a normalised plate
    before  id of the last of the page before
    """

    sites: tuple[str, ...]
    kind: str | None = None
    status: str | None = None
    plate: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class ViolationPage:
    """Newest first. older: the `before` of the next page, None on the last."""

    rows: list[Violation]
    older: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """One violation whole.

    due      what is asked for, None where nothing is
    attempt  the latest try to pay it
    images   which of its two pictures have come
    steps    what was done about it, oldest first
    """

    violation: Violation
    site: Site
    stay: Stay | None
    due: Due | None
    attempt: Attempt | None
    receipt: Receipt | None
    images: set[str] = field(default_factory=set)
    steps: list[Audit] = field(default_factory=list)

    @property
    def payable(self) -> bool:
        return self.due is not None and self.due.state in ("open", "quoted")


def violations(session: Session, wanted: ViolationFilter) -> ViolationPage:
    """One page. Ids are UUIDv7: their order is that of time."""
    conditions = [Violation.site_id.in_(wanted.sites)]
    if wanted.kind:
        conditions.append(Violation.kind == wanted.kind)
    if wanted.status:
        conditions.append(Violation.status.in_(_LIVE if wanted.status == LIVE else [wanted.status]))
    if wanted.plate:
        # plates are A-Z and 0-9, Z the last in every collation: a range is a prefix, and an index can do it
        conditions += [Violation.plate >= wanted.plate, Violation.plate <= wanted.plate.ljust(16, "Z")]
    if wanted.before:
        conditions.append(Violation.id < wanted.before)
    found = list(session.scalars(select(Violation).where(*conditions).order_by(Violation.id.desc()).limit(PAGE + 1)))
    return ViolationPage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def notice(session: Session, violation_id: str) -> Notice | None:
    """Everything known of a violation; None where there is no such."""
    row = session.get(Violation, violation_id)
    if row is None:
        return None
    tries = select(Attempt).where(Attempt.due_id == row.due_id).order_by(Attempt.created_at.desc(), Attempt.id.desc())
    return Notice(
        violation=row,
        site=session.get_one(Site, row.site_id),
        stay=None if row.stay_id is None else session.get_one(Stay, row.stay_id),
        due=None if row.due_id is None else session.get_one(Due, row.due_id),
        attempt=None if row.due_id is None else session.scalar(tries.limit(1)),
        receipt=session.scalar(select(Receipt).where(Receipt.due_id == row.due_id)),
        images=stored_images(session, [row.image, row.other_image]),
        steps=list(session.scalars(select(Audit).where(Audit.subject == row.id).order_by(Audit.id))),
    )


def of_stay(session: Session, stay_id: str) -> list[Violation]:
    """Those raised of a stay, oldest first."""
    return list(session.scalars(select(Violation).where(Violation.stay_id == stay_id).order_by(Violation.id)))
