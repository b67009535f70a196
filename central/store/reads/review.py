"""Everything a person should look at, oldest first: stays, claims of plates, odd money, messages that did not fit."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from central.rules.attempt import AttemptStatus
from central.rules.candidates import Candidate, ranked
from central.rules.matching import OpenStay
from central.rules.stay_table import INSIDE, Status
from central.store.reads.lanes import stored_images
from central.store.schema import Account, Attempt, Due, OddDecision, PlateClaim, Quarantine, Site, Stay, User

PAGE = 10
COUNTED = 100
# so many of a site's stays are compared with one that is looked at, the newest of them
_COMPARED = 500


class What(StrEnum):
    STAY = "stay"
    CLAIM = "claim"
    MONEY = "money"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. key: its place in the queue, in the order of time; at: since when it is there.

    stay        of a stay
    candidates  stays that may have been the same visit, the likeliest first, with what speaks for each
    claim, claimant, message  of the other kinds
    attempt, due, plate       of money: what came, what was asked for, and for which vehicle
    """

    key: str
    what: What
    at: datetime
    site_id: str | None
    stay: Stay | None = None
    candidates: list[tuple[Candidate, Stay]] = field(default_factory=list)
    claim: PlateClaim | None = None
    claimant: User | None = None
    attempt: Attempt | None = None
    due: Due | None = None
    plate: str | None = None
    message: Quarantine | None = None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """later: the `after` of the next page, None on the last. images: pictures of its stays that have come."""

    items: list[Item]
    later: str | None
    images: set[str]


def queue(session: Session, kinds: Collection[What], site_id: str | None = None, after: str = "") -> ReviewPage:
    """One page of those kinds, of one site or of all. after: the key of the last one of the page before."""
    # named one by one: an index goes by them, and the few that wait are found among many that don't
    sites = [site_id] if site_id else list(session.scalars(select(Site.id)))
    parts = [_OF[what](session, sites, after) for what in What if what in kinds]
    found = list(heapq.merge(*parts, key=lambda item: item.key))
    shown = found[:PAGE]
    for item in shown:
        if item.stay is not None:
            item.candidates.extend(_candidates(session, item.stay))
    pictures = [
        picture for item in shown if item.stay for row in (item.stay, *(other for _candidate, other in item.candidates))
        for picture in (row.entry_image, row.exit_image)
    ]  # fmt: skip
    return ReviewPage(shown, shown[-1].key if len(found) > PAGE else None, stored_images(session, pictures))


def waiting(session: Session, kinds: Collection[What]) -> dict[What, int]:
    """How many there are of each kind, counted up to COUNTED."""
    counts = {
        What.STAY: select(Stay.id).where(Stay.review.is_not(None)),
        What.CLAIM: select(PlateClaim.id).where(PlateClaim.state == "waiting"),
        What.MONEY: _odd(select(Attempt.id)),
        What.MESSAGE: select(Quarantine.id).where(~Quarantine.seen),
    }
    return {
        what: session.scalar(select(func.count()).select_from(counts[what].limit(COUNTED).subquery())) or 0
        for what in kinds
    }


def _stays(session: Session, sites: Sequence[str], after: str) -> Iterable[Item]:
    wanted = select(Stay).where(Stay.review.is_not(None), Stay.site_id.in_(sites))
    if after:
        wanted = wanted.where(Stay.id > after)
    rows = session.scalars(wanted.order_by(Stay.id).limit(PAGE + 1))
    return [Item(row.id, What.STAY, _time_of(row.id), row.site_id, stay=row) for row in rows]


def _claims(session: Session, sites: Sequence[str], after: str) -> Iterable[Item]:
    wanted = select(PlateClaim, User).join(User, User.id == PlateClaim.user_id)
    wanted = wanted.where(PlateClaim.state == "waiting", PlateClaim.id > after, PlateClaim.site_id.in_(sites))
    rows = session.execute(wanted.order_by(PlateClaim.id).limit(PAGE + 1))
    return [Item(row.id, What.CLAIM, row.made_at, row.site_id, claim=row, claimant=user) for row, user in rows]


def _money(session: Session, sites: Sequence[str], after: str) -> Iterable[Item]:
    of_site = func.coalesce(Stay.site_id, Account.site_id)
    wanted = _odd(select(Attempt, Due, of_site, Stay.plate).join(Due, Due.id == Attempt.due_id))
    wanted = wanted.outerjoin(Stay, Stay.id == Due.stay_id).outerjoin(Account, Account.id == Due.account_id)
    wanted = wanted.where(Attempt.id > after, of_site.in_(sites)).order_by(Attempt.id).limit(PAGE + 1)
    return [
        Item(attempt.id, What.MONEY, attempt.created_at, where, attempt=attempt, due=due, plate=plate)
        for attempt, due, where, plate in session.execute(wanted)
    ]


def _messages(session: Session, _sites: Sequence[str], after: str) -> Iterable[Item]:
    # of every site: which one a message is of may not have been readable
    wanted = select(Quarantine).where(~Quarantine.seen)
    if after:
        # numbered, not named by time: within one millisecond its key comes before any other
        time, number = _time_of(after), _number_of(after)
        later = Quarantine.received_at >= time + timedelta(milliseconds=1)
        same = and_(Quarantine.received_at >= time, Quarantine.id > number) if number is not None else None
        wanted = wanted.where(later if same is None else or_(later, same))
    rows = session.scalars(wanted.order_by(Quarantine.received_at, Quarantine.id).limit(PAGE + 1))
    return [Item(_key_of(row), What.MESSAGE, row.received_at, row.site_id, message=row) for row in rows]


_OF = {What.STAY: _stays, What.CLAIM: _claims, What.MONEY: _money, What.MESSAGE: _messages}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = "7000-0"  # no UUID goes on like this, whose variant is never 0


def _candidates(session: Session, row: Stay) -> list[tuple[Candidate, Stay]]:
    """An exit without an entry may be of one that is inside; one that is inside may have been at such an exit."""
    seen = row.requested_at or row.exited_at
    if row.status == Status.UNMATCHED:
        others = [Stay.status.in_([str(status) for status in INSIDE])]
        # said so that the few that are inside are gone through, and not all that ever came
        others += [func.coalesce(Stay.entered_at, seen) < seen] if seen else []
    elif Status(row.status) in INSIDE and row.entered_at is not None:
        others = [
            Stay.status == str(Status.UNMATCHED),
            Stay.review.is_not(None),
            func.coalesce(Stay.requested_at, Stay.exited_at) > row.entered_at,
        ]
    else:
        return []
    here = select(Stay).where(Stay.site_id == row.site_id, Stay.id != row.id, *others)
    found = {one.id: one for one in session.scalars(here.order_by(Stay.id.desc()).limit(_COMPARED))}
    return [(one, found[one.id]) for one in ranked(_open(row), map(_open, found.values()))]


def _open(row: Stay) -> OpenStay:
    return OpenStay(row.id, row.plate, row.vehicle_class)


def _odd(wanted: Select) -> Select:
    decided = select(OddDecision.attempt_id).where(OddDecision.attempt_id == Attempt.id)
    return wanted.where(Attempt.state == str(AttemptStatus.MISMATCH), ~decided.exists())


def _time_of(key: str) -> datetime:
    """When a UUIDv7 was made (RFC 9562: its first 48 bits are milliseconds)."""
    return _EPOCH + timedelta(milliseconds=int(key[:8] + key[9:13], 16))


def _key_of(row: Quarantine) -> str:
    ms = f"{(row.received_at - _EPOCH) // timedelta(milliseconds=1):012x}"
    return f"{ms[:8]}-{ms[8:]}-{_FIRST}{row.id >> 48:03x}-{row.id & (1 << 48) - 1:012x}"


def _number_of(key: str) -> int | None:
    """The number of the message whose key it is; None where it is another's."""
    return int(key[20:].replace("-", ""), 16) if key[14:20] == _FIRST else None
