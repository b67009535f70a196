"""What an entry or an exit does to all the stays of its plate, in whatever order gates report them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from central.rules import stay as stays
from central.rules.stay import Stay
from central.rules.stay_table import Status

# not settled: what such a stay was seen doing at the exit may turn out to be another's doing
_GIVES_UP_ITS_EXIT = frozenset(
    {Status.OPEN, Status.QUOTED, Status.OVERSTAYED, Status.LEFT_OWING, Status.CLOSED_BY_SYSTEM}
)


class Why(StrEnum):
    """Why a stay changed, for the log and the review queue."""

    ENTERED = "entered"
    ENTERED_AGAIN = "entered_again"  # closed by system: its plate came in again, so it had left unseen
    OVERTAKEN = "overtaken"  # told late: its plate had already come in again, or been settled without it
    ENTRY_FOUND = "entry_found"  # told late: this entry belongs to an exit already seen
    JOINED = "joined"  # the unmatched record of that exit, now void
    EXIT_MOVED = "exit_moved"  # its exit was that of the entry told late: it gave it away, and left unseen before


@dataclass(frozen=True, slots=True)
class Change:
    """One stay to be stored, new or known, as it is now."""

    stay: Stay
    why: Why


def on_entry(entered: Stay, of_plate: Iterable[Stay], named: Collection[str] = ()) -> tuple[Change, ...]:
    """What to store when a gate reports an entry.

    entered   the stay the entry opens, from `stay.enter`
    of_plate  the site's stays of the same plate (none for an unread vehicle) that are inside, unmatched, or entered,
              asked to leave or left later, and the one with the entry's own id if there is any
    named     ids of unmatched records whose exit named that very stay: only its own entry is joined to those

    An entry already known changes nothing. A stay of the plate that entered before is closed by system; one that
    entered after makes the new one the closed one. An unmatched exit after this entry, with no other entry of the plate
    between, is joined to it. What an older stay did at the exit after this entry was this one's doing, unless it was
    settled: then the older one keeps it, and nobody pays twice.
    """
    known = list(of_plate)
    own = next((stay for stay in known if stay.id == entered.id), None)
    if own is not None and (own.entered_at is not None or own.status is not Status.UNMATCHED):
        return ()
    others = [stay for stay in known if stay.id != entered.id and stay.status is not Status.VOID]
    if entered.plate is None:
        others = []
    strangers = [stay for stay in others if stay.status is Status.UNMATCHED and stay.id not in named]
    older = [stay for stay in others if stay.entered_at and stay.entered_at <= entered.entered_at]
    newer = [stay.entered_at for stay in others if stay.entered_at and stay.entered_at > entered.entered_at]
    around = next((stay for stay in older if (seen := _seen_at_exit(stay)) and seen > entered.entered_at), None)
    if own is not None and _seen_at_exit(own):
        around = None  # its own exit named it: what an older stay did there was another visit's doing
    changes = [
        Change(stays.replace_by_newer(stay), Why.ENTERED_AGAIN) for stay in older if stay.inside and stay != around
    ]
    exit_record = own or _exit_between(strangers, entered.entered_at, min(newer, default=None))
    if around is not None and around.status not in _GIVES_UP_ITS_EXIT:
        changes.append(Change(stays.replace_by_newer(entered), Why.OVERTAKEN))
    elif around is not None:
        changes.append(Change(_overtaken(_with_exit(entered, around), newer), Why.ENTRY_FOUND))
        earlier = _exit_between(strangers, around.entered_at, entered.entered_at)
        changes.append(Change(_with_exit(_without_exit(around), earlier), Why.EXIT_MOVED))
        changes += [Change(stays.void(earlier), Why.JOINED)] if earlier else []
    elif exit_record is not None:
        changes.append(Change(_overtaken(_with_exit(entered, exit_record), newer), Why.ENTRY_FOUND))
        changes += [Change(stays.void(exit_record), Why.JOINED)] if exit_record is not own else []
    elif newer:
        changes.append(Change(stays.replace_by_newer(entered), Why.OVERTAKEN))
    else:
        changes.append(Change(entered, Why.ENTERED))
    return tuple(changes)


def whose_exit(at: datetime, of_plate: Iterable[Stay]) -> Stay | None:
    """The stay an exit of exactly this plate at that instant ends, where the gate could not say.

    The latest that had entered by then, closed by system or not, unless it was seen leaving already; None: unmatched.
    """
    entered = [s for s in of_plate if s.entered_at and s.entered_at <= at and s.status is not Status.VOID]
    latest = max(entered, key=lambda stay: stay.entered_at, default=None)
    return latest if latest is not None and latest.exited_at is None else None


def with_visit(stay: Stay, record: Stay) -> Stay:
    """The stay with what its vehicle did at the exit, where a person says that an unmatched record is of it.

    A vehicle that has backed away again stopped no clock.
    """
    if record.exited_at is None and record.withdrawn:
        return stays.withdraw(stay, record.withdrawn_at)
    asked_at = record.requested_at or record.exited_at
    stay = stays.request_exit(stay, record.stopped_at or asked_at)
    stay = replace(stay, requested_at=max(stay.requested_at or asked_at, asked_at))
    return stay if record.exited_at is None else stays.leave(stay, record.exited_at)


def _seen_at_exit(stay: Stay) -> datetime | None:
    """When a stay's vehicle was last seen at the exit."""
    return stay.exited_at or stay.requested_at


def _exit_between(strangers: list[Stay], after: datetime, before: datetime | None) -> Stay | None:
    """The first unmatched exit after an entry of the plate and before its next, which None says is not known."""
    found = [
        (seen, stay)
        for stay in strangers
        if (seen := _seen_at_exit(stay)) and seen >= after and (before is None or seen < before)
    ]
    return min(found, key=lambda pair: pair[0], default=(None, None))[1]


def _with_exit(entered: Stay, seen: Stay | None) -> Stay:
    """The stay of an entry with all that another record had been seen doing at the exit since."""
    stay = entered
    if seen is None:
        return stay
    if seen.requested_at is not None and seen.requested_at >= entered.entered_at:
        stopped_at = seen.stopped_at or seen.requested_at
        # a clock that stopped before this entry stopped for an earlier visit of the exit
        stay = stays.request_exit(stay, stopped_at if stopped_at >= entered.entered_at else seen.requested_at)
        stay = replace(stay, requested_at=seen.requested_at)
    if seen.withdrawn_at is not None and seen.withdrawn_at >= entered.entered_at:
        stay = stays.withdraw(stay, seen.withdrawn_at)
    if seen.exited_at is not None:
        stay = stays.leave(stay, seen.exited_at)
    return stay


def _overtaken(stay: Stay, newer: list[datetime]) -> Stay:
    """The stay, closed by system where it was not seen leaving although its plate came in again."""
    return stays.replace_by_newer(stay) if newer and stay.inside else stay


def _without_exit(stay: Stay) -> Stay:
    """A stay closed by system, because what it was seen doing at the exit was its plate's next visit's doing."""
    unseen = {"requested_at": None, "stopped_at": None, "withdrawn_at": None, "restarted_at": None, "exited_at": None}
    closed = stay if stay.status is Status.CLOSED_BY_SYSTEM else stays.replace_by_newer(stay)
    return replace(closed, **unseen)
