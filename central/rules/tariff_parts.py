"""What a tariff is made of: prices, when they apply, and the limits around them. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import get_args

from edge.protocol.messages import VehicleClass

VEHICLE_CLASSES: tuple[str, ...] = get_args(VehicleClass)
ALL_WEEK = frozenset(range(7))


class FreeMode(StrEnum):
    """What becomes of the free minutes of a stay that outlasts them."""

    CLIFF = "cliff"  # they are charged too
    DEDUCTED = "deducted"  # they stay free


class Restart(StrEnum):
    """When step tables, blocks and flat charges begin again."""

    NEVER = "never"
    EVERY_24H = "24h"  # counted from the start of charging
    MIDNIGHT = "midnight"  # local


class RoundingMode(StrEnum):
    NEAREST = "nearest"
    UP = "up"
    DOWN = "down"


class ReEntryMode(StrEnum):
    """How a return within the re-entry window is priced."""

    NO_FREE = "no_free"  # a new stay without free minutes
    CONTINUE = "continue"  # as if the vehicle had not left; what it paid before is credited


@dataclass(frozen=True, slots=True)
class Flat:
    """Charged once as soon as the element applies; again after each restart."""

    price_paise: int


@dataclass(frozen=True, slots=True)
class TimePrice:
    """Charged for each block begun. A block is paid whole and runs on into the next element's hours."""

    price_paise: int
    block_minutes: int


@dataclass(frozen=True, slots=True)
class StepTable:
    """Cumulative price up to each limit, then a price per block begun.

    steps  (up to minutes, price in all), both growing
    then   beyond the last step; None only where the table restarts before it is used up
    """

    steps: tuple[tuple[int, int], ...]
    then: TimePrice | None = None


@dataclass(frozen=True, slots=True)
class WindowFlat:
    """Charged once for each window of the element (a night, an event) the stay touches, however often it restarts."""

    price_paise: int


Component = Flat | TimePrice | StepTable | WindowFlat


@dataclass(frozen=True, slots=True)
class When:
    """Where an element applies. None, or an empty set, restricts nothing.

    from_minute, to_minute  local minute of day, the end excluded; from > to is a window over midnight, which belongs to
                            the day it begins on (its date, weekday and holiday)
    from_date, to_date      local dates, both included
    weekdays                Monday 0 to Sunday 6
    holidays                name of a holiday set the day must be in
    not_holidays            name of a holiday set the day must not be in
    vehicle_classes         classes it is for
    passes                  kinds of pass it is for; the pass must be valid at that moment
    min_minutes             from this many minutes since charging began (or restarted)
    max_minutes             until before this many
    """

    from_minute: int | None = None
    to_minute: int | None = None
    from_date: date | None = None
    to_date: date | None = None
    weekdays: frozenset[int] = ALL_WEEK
    holidays: str | None = None
    not_holidays: str | None = None
    vehicle_classes: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()
    min_minutes: int = 0
    max_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A priced part of the tariff. The first element whose `when` fits a moment prices it.

    components  at most one of TimePrice and StepTable, any number of the others; none means free of charge
    adds        a surcharge, of WindowFlat alone: charged besides the element that prices the moment, in whose time it
                counts for nothing
    """

    name: str
    components: tuple[Component, ...] = ()
    when: When = When()
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps and floors of some vehicle classes; the first that names the class holds. All int paise, None for none.

    vehicle_classes     empty: every class
    rolling_24h_paise   most that 24 hours cost, counted from the start of charging
    calendar_day_paise  most that a local date costs; not together with the rolling cap
    session_paise       most that a stay costs
    minimum_paise       least that a stay costs which costs anything
    lost_ticket_paise   least that a stay costs whose ticket is lost
    """

    vehicle_classes: frozenset[str] = frozenset()
    rolling_24h_paise: int | None = None
    calendar_day_paise: int | None = None
    session_paise: int | None = None
    minimum_paise: int | None = None
    lost_ticket_paise: int | None = None


@dataclass(frozen=True, slots=True)
class Rounding:
    """The last step of a price: to a multiple of to_paise (1 leaves it as it is)."""

    to_paise: int = 1
    mode: RoundingMode = RoundingMode.NEAREST


UNROUNDED = Rounding()
