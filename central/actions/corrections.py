"""Setting a stay right, by a person, with a reason: what was there before is kept, so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import before_images, billing, corporate_corrections, webhooks_out
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import as_rule, hold, lock_site, note
from central.actions.staff import ROLES
from central.rules import corrections as rules
from central.rules import stay as stay_rules
from central.rules.corrections import Kind, NotSo
from central.rules.due import AttemptStatus
from central.rules.money import rupees
from central.rules.stay_table import Status
from central.store.schema import Attempt, Correction, Due, Receipt, Site, Stay
from edge.protocol.ids import uuid7

SYSTEM, DRIVER = "central", "driver"
# words of the timeline
NOTED = {
    Kind.ENTRY: "entered by hand",
    Kind.EXIT: "left by hand",
    Kind.GONE: "gone unseen",
    Kind.PLATE: "plate corrected",
    Kind.CLASS: "class corrected",
    Kind.LOST_TICKET: "lost ticket",
    Kind.DISPUTE: "disputed",
    Kind.RESOLVE: "dispute resolved",
    Kind.MERGE: "merged",
    Kind.SPLIT_EXIT: "exit split off",
    Kind.SPLIT_VISIT: "visit split off",
    Kind.REOPEN: "reopened",
    Kind.VOID: "struck out",
}


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever corrects: an e-mail and a role of the staff; SYSTEM for a job of ours, DRIVER for one who disputes."""

    name: str
    role: str

    def may(self, kind: Kind) -> bool:
        if self.role not in ROLES:
            return self.role == SYSTEM or (self.role == DRIVER and kind is Kind.DISPUTE)
        return ROLES.index(self.role) <= ROLES.index(rules.TABLE[kind][0])


@dataclass
class Change:
    """A correction while it is made. rows: its stays, held, by id; made: ids of stays it makes."""

    session: Session
    site: Site
    rows: list[Stay]
    who: Who
    now: datetime
    made: list[str] = field(default_factory=list)
    id: str = field(default_factory=uuid7)

    @property
    def row(self) -> Stay:
        return self.rows[0]

    def paid(self, *rows: Stay) -> bool:
        return any(billing.paid_paise(self.session, row.id) > 0 for row in rows or self.rows)

    def no_clash(self, *stays: stay_rules.Stay, but: tuple[str, ...] = ()) -> None:
        """Refused where a stay's vehicle would be here twice at once."""
        for stay in stays:
            no_clash(self.session, self.site.id, stay, but)

    def no_payment_under_way(self) -> None:
        """Refused while somebody pays what would be given up."""
        of_stays = select(Attempt).join(Due, Due.id == Attempt.due_id).where(
            Due.stay_id.in_([row.id for row in self.rows]),
            Due.state.in_(billing.UNPAID),
            Attempt.state.in_([str(AttemptStatus.CREATED), str(AttemptStatus.PENDING)]),
            Attempt.expires_at > self.now,
        )  # fmt: skip
        if (one := self.session.scalar(of_stays.limit(1))) is not None:
            raise Refused(f"a payment of {rupees(one.amount_paise)} is under way: wait until it has ended")


@contextmanager
def correcting(
    session: Session,
    kind: Kind,
    stay_ids: tuple[str, ...],
    who: Who,
    reason: str,
    now: datetime,
    *,
    fresh: bool = False,
    **detail: Any,
) -> Iterator[Change]:
    """The stays, held, to be changed within; afterwards what changed is on record. Refused where it may not be.

    fresh  the stay was made for this very correction
    """
    least, statuses = rules.TABLE[kind]
    with telling("reason"):
        reason = rules.checked_reason(reason)
    with telling():
        if not who.may(kind):
            raise Refused(f"a {who.role} may not do this: ask a {least}")
        change = Change(session, *_held(session, stay_ids), who, now)
        if Status(change.row.status) not in statuses:
            raise Refused(f"this can't be done with a stay that is {change.row.status.replace('_', ' ')}")
        ids = [row.id for row in change.rows]
        before = {} if fresh else before_images.take(session, ids)
        corporate_corrections.taken_off_by(session, kind, detail, change.rows, now, who.name, reason)
        yield change
        _keep(change, kind, reason, before, [*ids, *change.made], detail)


def no_clash(session: Session, site_id: str, stay: stay_rules.Stay, but: tuple[str, ...] = ()) -> None:
    if stay.plate is None or stay.entered_at is None:
        return
    session.flush()
    same = select(Stay).where(Stay.site_id == site_id, Stay.plate == stay.plate, Stay.id.not_in([stay.id, *but]))
    other = rules.clash(stay, [as_rule(row) for row in session.scalars(same.where(Stay.status != str(Status.VOID)))])
    if other is not None:
        since = f"{other.entered_at:%d %b %H:%M} UTC"
        raise Refused(f"{stay.plate} has another stay in that time, since {since}: merge the two, or correct that one")


def move_money(session: Session, row: Stay, to: Stay, *, of: Callable[[Due], bool] = lambda due: True) -> None:
    """What was paid for the stay, and its receipts, belong to the other from now on."""
    paid = select(Due).where(Due.stay_id == row.id, Due.kind == billing.OF_STAY, Due.state.in_(billing.PAID))
    for due in list(session.scalars(paid)):
        if of(due):
            due.stay_id = to.id
            for receipt in session.scalars(select(Receipt).where(Receipt.due_id == due.id)):
                receipt.stay_id = to.id
    session.flush()


@contextmanager
def telling(field: str = "") -> Iterator[None]:
    """What the rules say can't be is refused in their words; field: which of what was typed they are about."""
    try:
        yield
    except (NotSo, stay_rules.IllegalStep) as error:
        raise Refused(str(error), field=field) from error


def _held(session: Session, stay_ids: tuple[str, ...]) -> tuple[Site, list[Stay]]:
    first = session.get(Stay, stay_ids[0])
    if first is None:
        raise Refused("there is no such stay")
    site = lock_site(session, first.site_id)
    held = {stay_id: hold(session, stay_id) for stay_id in sorted(stay_ids)}
    if any(row is None or row.site_id != site.id for row in held.values()):
        raise Refused("there is no such stay at this site")
    return site, [held[stay_id] for stay_id in stay_ids]


def _keep(
    change: Change, kind: Kind, reason: str, before: dict, stay_ids: list[str], detail: dict[str, Any]
) -> Correction:
    session, who, now = change.session, change.who, change.now
    images = before_images.images(before, before_images.take(session, stay_ids))
    if not images:
        raise Refused("nothing would change")
    kept = Correction(
        id=change.id,
        site_id=change.site.id,
        stay_id=change.row.id,
        kind=str(kind),
        reason=reason,
        by=who.name,
        role=who.role,
        at=now,
        detail=detail,
    )
    session.add(kept)
    session.flush()
    for image in images:
        image.correction_id = kept.id
    session.add_all(images)
    for stay_id in dict.fromkeys(stay_ids):
        told = {"correction": kept.id, "why": reason, **detail}
        note(session, session.get_one(Stay, stay_id), now, NOTED[kind], who.name, **told)
    audit(session, now, who.name, f"stay: {NOTED[kind]}", change.row.id, correction=kept.id, why=reason, **detail)
    webhooks_out.stay_changed(session, "stay.corrected", change.row, now)
    session.flush()
    return kept
