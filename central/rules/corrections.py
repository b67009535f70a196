"""What a person may set right on a stay, who may, in which status, and what the stay is then. Pure.

These are the steps that life does not take and a person may: `central.rules.stay_table` has no way back inside, this
has. None of them charges time that nobody saw the vehicle here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from central.rules import stay as stays
from central.rules.arrivals import with_visit
from central.rules.stay import Stay
from central.rules.stay_table import INSIDE, Status

SHORTEST_REASON, LONGEST_REASON = 3, 200
# what a stay is without its visit of the exit
UNSEEN = {"requested_at": None, "stopped_at": None, "withdrawn_at": None, "restarted_at": None, "exited_at": None}


class NotSo(ValueError):
    """What a person says can't be: says why. Nothing has changed."""


class Kind(StrEnum):
    ENTRY = "entry"  # it came in, and no gate told
    EXIT = "exit"  # it was seen leaving, and no gate told
    GONE = "gone"  # it is not here any more: closed by system, nothing is charged
    PLATE = "plate"
    CLASS = "class"
    LOST_TICKET = "lost_ticket"
    DISPUTE = "dispute"
    RESOLVE = "resolve"
    MERGE = "merge"  # two stays were one visit
    SPLIT_EXIT = "split_exit"  # the exit was another vehicle's
    SPLIT_VISIT = "split_visit"  # it left unseen between, and came in again
    REOPEN = "reopen"  # it never left
    VOID = "void"  # recorded in error


_INSIDE_OR_STRANGE = INSIDE | {Status.UNMATCHED}
_SEEN = frozenset(Status) - {Status.VOID, Status.PREPAID, Status.DISPUTED}

#   kind              least role    of a stay that is
TABLE: dict[Kind, tuple[str, frozenset[Status]]] = {
    Kind.ENTRY:       ("attendant",  frozenset({Status.UNMATCHED})),
    Kind.EXIT:        ("attendant",  INSIDE),
    Kind.GONE:        ("attendant",  INSIDE),
    Kind.PLATE:       ("attendant",  _SEEN),
    Kind.CLASS:       ("attendant",  _INSIDE_OR_STRANGE | {Status.LEFT_OWING}),
    Kind.LOST_TICKET: ("attendant",  _INSIDE_OR_STRANGE - {Status.EXEMPT}),
    Kind.DISPUTE:     ("attendant",  _SEEN),
    Kind.RESOLVE:     ("supervisor", _SEEN | {Status.DISPUTED}),
    Kind.MERGE:       ("supervisor", _SEEN),
    Kind.SPLIT_EXIT:  ("supervisor", _SEEN - {Status.UNMATCHED}),
    Kind.SPLIT_VISIT: ("supervisor", _SEEN - {Status.UNMATCHED}),
    Kind.REOPEN:      ("supervisor", frozenset({Status.LEFT_OWING, Status.CLOSED, Status.CLOSED_BY_SYSTEM})),
    Kind.VOID:        ("supervisor", frozenset(Status) - {Status.VOID, Status.DISPUTED}),
}  # fmt: skip


def checked_reason(text: str) -> str:
    """The reason as it is kept; NotSo where it says nothing, or too much."""
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NotSo(f"say why: expected {SHORTEST_REASON} to {LONGEST_REASON} characters, got {len(reason)}")
    return reason


def clash(stay: Stay, others: Iterable[Stay]) -> Stay | None:
    """Another stay of the same plate that says the vehicle was here in the same time; None: there is none.

    others  of the same plate. Those that left unseen say nothing of how long they were here.
    """
    return next((other for other in others if other.id != stay.id and _overlap(stay, other)), None)


def came_in(stay: Stay, at: datetime, permit_until: datetime | None, now: datetime) -> Stay:
    """The stay, or the exit without an entry, with the entry a person tells of."""
    _past(at, now, "it came in")
    entered = stays.enter(stay.id, stay.plate, stay.vehicle_class, at, permit_until)
    seen = stay.requested_at or stay.exited_at
    if seen is None:
        return entered
    if at >= seen:
        raise NotSo(f"it was at the exit at {told(seen)}: expected an entry before that")
    return with_visit(entered, since(stay, at))


def went_out(stay: Stay, at: datetime, now: datetime) -> Stay:
    """The stay of a vehicle that a person saw leaving; it owes what it had not paid until then."""
    _past(at, now, "it left")
    for what, when in (("came in", stay.entered_at), ("asked to leave", stay.requested_at)):
        if when is not None and at < when:
            raise NotSo(f"it {what} at {told(when)}: expected a time after that")
    return stays.leave(stay, at)


def gone_unseen(stay: Stay) -> Stay:
    """The stay of a vehicle that is not here, and that nobody saw leaving: never charged for unseen time."""
    return stays.replace_by_newer(stay)


def inside_again(stay: Stay, now: datetime, *, paid: bool) -> Stay:
    """The stay as if its vehicle had never been at the exit; its clock runs since its entry."""
    if stay.entered_at is None:
        raise NotSo("its entry is not known: nothing would be left of it")
    status = Status.EXEMPT if stay.exempt else Status.PAID if paid and stay.permit_until else Status.OPEN
    return stays.overstay(replace(stay, status=status, **UNSEEN), now)


def exit_alone(stay: Stay, new_id: str, plate: str | None) -> Stay:
    """What a stay's vehicle did at the exit, as the unmatched visit of another with that plate."""
    if stay.requested_at is None and stay.exited_at is None:
        raise NotSo("it has not been at an exit: there is nothing to split off")
    return replace(
        stays.unmatched(new_id, plate, stay.vehicle_class),
        **{name: getattr(stay, name) for name in UNSEEN},
    )


def two_visits(
    stay: Stay,
    came_back_at: datetime,
    new_id: str,
    permit_until: datetime | None,
    now: datetime,
    *,
    paid_before: bool,
    paid_after: bool,
) -> tuple[Stay, Stay]:
    """The stay as two: the first left unseen and is not charged, the second came in then and did what was seen since.

    permit_until  of the second, where nothing was paid since
    """
    _past(came_back_at, now, "it came back")
    if stay.entered_at is None or came_back_at <= stay.entered_at:
        raise NotSo("expected it to have come back after it came in")
    seen = stay.requested_at or stay.exited_at
    if seen is not None and came_back_at >= seen:
        raise NotSo(f"it was at the exit at {told(seen)}: expected it to have come back before that")
    first = replace(stay, status=Status.CLOSED_BY_SYSTEM, **UNSEEN)
    if not paid_before:
        first = replace(first, permit_until=None)
    second = replace(
        stays.enter(new_id, stay.plate, stay.vehicle_class, came_back_at, permit_until), exempt=stay.exempt
    )
    if stay.exempt:
        second = replace(second, status=Status.EXEMPT, permit_until=stay.permit_until)
    elif paid_after:
        second = replace(second, status=Status.PAID, permit_until=stay.permit_until)
    return first, (stays.overstay(second, now) if seen is None else with_visit(second, since(stay, came_back_at)))


def lost_ticket(stay: Stay) -> Stay:
    """The stay once it is priced as one without a ticket; an exit without an entry has a price then."""
    if stay.status is not Status.UNMATCHED:
        return stay
    return replace(stay, status=Status.LEFT_OWING if stay.exited_at else Status.QUOTED)


def _overlap(one: Stay, other: Stay) -> bool:
    if one.status in _NO_VISIT or other.status in _NO_VISIT or one.entered_at is None or other.entered_at is None:
        return False
    if one.inside and other.inside:
        return True
    return _before(one.entered_at, _end(other)) and _before(other.entered_at, _end(one))


_NO_VISIT = frozenset({Status.VOID, Status.PREPAID, Status.UNMATCHED})


def _end(stay: Stay) -> datetime | None:
    """Until when a stay says that its vehicle was here; None: it is."""
    return None if stay.inside else stay.exited_at or stay.entered_at


def _before(start: datetime, end: datetime | None) -> bool:
    return end is None or start < end


def since(stay: Stay, entered_at: datetime) -> Stay:
    """What it did at the exit, where its clock stopped only after that entry."""
    if stay.stopped_at is None or stay.stopped_at >= entered_at:
        return stay
    return replace(stay, stopped_at=stay.requested_at)


def _past(at: datetime, now: datetime, what: str) -> None:
    if at > now:
        raise NotSo(f"{what} at {told(at)}: expected a time that is past")


def told(at: datetime) -> str:
    return f"{at:%d %b %H:%M} UTC"
