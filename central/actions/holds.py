"""What must not be erased yet: what a dispute, a notice, money or a person's word holds back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CompoundSelect, Select, func, select, union, union_all
from sqlalchemy.orm import Session

from central.actions.access import normal_plate
from central.actions.audit import audit
from central.actions.errors import Refused
from central.rules.due import DueStatus
from central.rules.retention import partly_masked
from central.rules.violations import ENDED, Status
from central.store.schema import Attempt, Due, LegalHold, Refund, Site, Stay, Violation
from edge.protocol.ids import uuid7

STAY, PLATE = "stay", "plate"
_LIVE = [str(status) for status in Status if status not in ENDED]
_UNPAID = [str(DueStatus.OPEN), str(DueStatus.QUOTED)]

# why a stay is held -> the stays that are
WHY: dict[str, tuple[Select, ...]] = {
    "disputed": (select(Stay.id).where(Stay.disputed_at.is_not(None)),),
    "a notice is open": (
        select(Violation.stay_id).where(Violation.status.in_(_LIVE), Violation.stay_id.is_not(None)),
        select(Violation.other_stay_id).where(Violation.status.in_(_LIVE), Violation.other_stay_id.is_not(None)),
    ),
    "money is owed": (
        select(Due.stay_id).where(Due.state.in_(_UNPAID), Due.stay_id.is_not(None)),
        select(Due.stay_id)
        .join(Attempt, Attempt.due_id == Due.id)
        .join(Refund, Refund.attempt_id == Attempt.id)
        .where(Refund.state != "done", Due.stay_id.is_not(None)),
    ),
    "a person holds it": (
        select(LegalHold.subject).where(LegalHold.of == STAY, LegalHold.lifted_at.is_(None)),
        # every site: the index of plates begins with it
        select(Stay.id).where(
            Stay.site_id.in_(select(Site.id)),
            Stay.plate.in_(select(LegalHold.subject).where(LegalHold.of == PLATE, LegalHold.lifted_at.is_(None))),
        ),
    ),
}


def held_stays() -> CompoundSelect:
    """Ids of the stays of which nothing is erased; one that is held for two reasons is there twice."""
    return union_all(*(one for group in WHY.values() for one in group))


def counted(session: Session) -> dict[str, int]:
    """How many stays are held, by reason."""
    counts = {}
    for why, parts in WHY.items():
        count = select(func.count()).select_from(union(*parts).subquery())
        counts[why] = int(session.scalar(count) or 0)
    return counts


def held_plates() -> Select:
    return select(LegalHold.subject).where(LegalHold.of == PLATE, LegalHold.lifted_at.is_(None))


def held_pictures() -> CompoundSelect:
    """Hashes of the pictures that stay: of held stays, of open notices, of vehicles that are still inside."""
    held = held_stays().subquery()
    kept = (Stay.id.in_(select(held)), Stay.closed_at.is_(None))
    return union(
        *(
            select(picture).where(picture.is_not(None), which)
            for picture in (Stay.entry_image, Stay.exit_image)
            for which in kept
        ),
        *(
            select(picture).where(picture.is_not(None), Violation.status.in_(_LIVE))
            for picture in (Violation.image, Violation.other_image)
        ),
    )


def place(session: Session, of: str, subject: str, reason: str, now: datetime, by: str) -> LegalHold:
    """Holds a stay or a plate. Refused where there is no such stay, no reason, or it is held already."""
    if of == PLATE:
        subject = normal_plate(subject)
    elif of != STAY:
        raise Refused(f"hold of {of[:20]!r}: expected stay or plate")
    elif session.get(Stay, subject.strip()) is None:
        raise Refused("there is no such stay: expected its number, from the address of its page")
    subject, reason = subject.strip(), _reason(reason)
    known = select(LegalHold).where(LegalHold.of == of, LegalHold.subject == subject, LegalHold.lifted_at.is_(None))
    if session.scalar(known) is not None:
        raise Refused("this is held already")
    made = LegalHold(id=uuid7(), of=of, subject=subject, reason=reason, by=by, at=now, lifted_by="", lifted_why="")
    session.add(made)
    audit(session, now, by, "hold placed", made.id, of=of, why=reason, **_named(of, subject))
    return made


def lift(session: Session, hold_id: str, reason: str, now: datetime, by: str) -> None:
    """Lets go; the next run erases what is due."""
    row = session.get(LegalHold, hold_id, with_for_update=True)
    if row is None or row.lifted_at is not None:
        raise Refused("there is no such hold, or it was lifted already")
    row.lifted_at, row.lifted_by, row.lifted_why = now, by, _reason(reason)
    audit(session, now, by, "hold lifted", row.id, of=row.of, why=row.lifted_why, **_named(row.of, row.subject))
    if row.of == PLATE:
        row.subject = partly_masked(row.subject)


def _named(of: str, subject: str) -> dict[str, str]:
    return {"plate": subject} if of == PLATE else {"stay": subject}


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not 3 <= len(text) <= 200:
        raise Refused("say why: expected 3 to 200 characters")
    return text
