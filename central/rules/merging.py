"""Two stays that were one visit, made one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from central.rules import stay as stays
from central.rules.arrivals import with_visit
from central.rules.corrections import UNSEEN, NotSo, since, told
from central.rules.stay import Stay
from central.rules.stay_table import Status


@dataclass(frozen=True, slots=True)
class Merged:
    """The one stay, and whose entry and exit it has: ids of the two, None where it has none."""

    stay: Stay
    entry_of: str | None
    exit_of: str | None


def merged(kept: Stay, other: Stay, now: datetime, *, paid: bool) -> Merged:
    """The kept stay with what is known of both. NotSo where they can't have been one visit.

    paid  something was paid for one of them: then it is asked for the difference alone, never twice
    An entry whose vehicle then left unseen, as far as was known, does not count where the other has one: the time
    between is not charged.
    """
    if kept.id == other.id:
        raise NotSo("expected two different stays")
    for one, two in ((kept, other), (other, kept)):
        seen = one.exited_at or (one.requested_at if one.entered_at is None else None)
        if two.entered_at and seen and seen <= two.entered_at:
            raise NotSo(f"one was at the exit at {told(seen)}, the other came in at {told(two.entered_at)}: two visits")
    entry = _entry(kept, other)
    permits = [stay.permit_until for stay in (kept, other) if stay.permit_until]
    exempt, permit = kept.exempt or other.exempt, max(permits, default=None)
    if entry is None:
        status = Status.UNMATCHED
    elif exempt:
        status = Status.EXEMPT
    else:
        status = Status.PAID if paid and permit else Status.OPEN
    entered_at = None if entry is None else entry.entered_at
    base = replace(kept, status=status, entered_at=entered_at, exempt=exempt, permit_until=permit, **UNSEEN)
    exit_seen = _exit([one for one in (kept, other) if _seen_since(one, entered_at)])
    if exit_seen is not None:
        visit = exit_seen if entered_at is None else since(exit_seen, entered_at)
        return Merged(with_visit(base, visit), entry and entry.id, exit_seen.id)
    if Status.CLOSED_BY_SYSTEM in (kept.status, other.status) and not (kept.inside or other.inside):
        return Merged(stays.replace_by_newer(base), entry and entry.id, None)
    return Merged(stays.overstay(base, now), entry and entry.id, None)


def _entry(kept: Stay, other: Stay) -> Stay | None:
    """Whose entry counts: the earlier, of those that are not known to have left unseen."""
    known = [stay for stay in (kept, other) if stay.entered_at is not None]
    lasting = [stay for stay in known if stay.status is not Status.CLOSED_BY_SYSTEM or stay.exited_at is not None]
    return min(lasting or known, key=lambda stay: stay.entered_at, default=None)


def _seen_since(stay: Stay, entered_at: datetime | None) -> bool:
    """Whether it was at an exit after that entry."""
    seen = stay.exited_at or stay.requested_at
    return seen is not None and (entered_at is None or seen >= entered_at)


def _exit(seen: list[Stay]) -> Stay | None:
    """Whose visit of the exit counts: the earlier departure, else the later wish to leave."""
    left = [stay for stay in seen if stay.exited_at is not None]
    if left:
        return min(left, key=lambda stay: stay.exited_at)
    return max(seen, key=lambda stay: stay.requested_at, default=None)
