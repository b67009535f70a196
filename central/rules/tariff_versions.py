"""When each version of a site's prices is in force, and where a new one may begin. Pure.

draft --schedule--> SCHEDULED --its time comes--> IN_FORCE --the next begins, or its own end--> ENDED
  ^                     |
  +-----withdraw--------+
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from central.rules.tariff import TariffError


class Stage(StrEnum):
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Span:
    """When a version prices entries.

    number  its version
    begin   first instant, aware UTC
    end     first instant after it, None: until the next begins
    """

    number: int
    begin: datetime
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.begin <= at and (self.end is None or at < self.end)

    def stage(self, now: datetime) -> Stage:
        if now < self.begin:
            return Stage.SCHEDULED
        return Stage.IN_FORCE if self.covers(now) else Stage.ENDED


def ended_by(new: Span, known: Sequence[Span], now: datetime, zone: ZoneInfo) -> list[Span]:
    """The versions that a new one ends by beginning. TariffError where it would begin in the past or run into another.

    zone  the site's, for the words of the refusal
    """
    if new.begin < now:
        raise TariffError(f"valid_from {_day(new.begin, zone)} is past: expected today or later")
    if new.end is not None and new.end <= new.begin:
        raise TariffError(f"valid_to {_day(new.end, zone)} comes before it begins: expected a later day, or none")
    for other in sorted(known, key=lambda span: span.begin):
        if other.begin >= new.begin and (new.end is None or new.end > other.begin) and other.end != other.begin:
            raise TariffError(
                f"overlap: version {other.number} is scheduled from {_day(other.begin, zone)}: "
                "expected valid_to before that day, or version "
                f"{other.number} withdrawn first"
            )
    return [span for span in known if span.covers(new.begin)]


def unpriced(known: Iterable[Span], now: datetime) -> list[tuple[datetime, datetime | None]]:
    """The stretches from now on that no version prices, in order; (from, until), until None for good."""
    gaps, at = [], now
    for span in sorted(known, key=lambda span: span.begin):
        if span.end is not None and span.end <= at:
            continue
        if span.begin > at:
            gaps.append((at, span.begin))
        if span.end is None:
            return gaps
        at = span.end
    return [*gaps, (at, None)]


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
