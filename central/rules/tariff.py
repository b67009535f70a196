"""A tariff: what a site charges, as immutable data. Pure. Prices come out of `central.rules.pricing.price`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from central.rules.tariff_parts import (
    UNROUNDED,
    VEHICLE_CLASSES,
    Element,
    FreeMode,
    Limits,
    ReEntryMode,
    Restart,
    Rounding,
)


class TariffError(ValueError):
    """A tariff that can't be used: says which element or key, what was wrong and what is expected."""


@dataclass(frozen=True)
class Tariff:
    """One version of one site's prices. Immutable once used: a change is a new version.

    id, site, version     identity; version grows from 1
    valid_from, valid_to  local dates of entry it is for, both included; valid_to None: until replaced
    zone                  the site's time zone
    vehicle_classes       the classes it prices
    tax_included          True: prices contain the tax; False: it comes on top
    tax_rate_bp           basis points, 1 800 is 18 %
    free                  time without charge, and what becomes of it in a longer stay
    exit_grace            time to drive out after paying
    quote_valid           how long a quoted amount holds
    re_entry, re_entry_mode  a return within this time of leaving is no fresh stay
    holiday_sets          named sets of local dates
    """

    id: str
    site: str
    version: int
    zone: ZoneInfo
    valid_from: date
    elements: tuple[Element, ...]
    valid_to: date | None = None
    vehicle_classes: tuple[str, ...] = VEHICLE_CLASSES
    tax_included: bool = True
    tax_rate_bp: int = 1_800
    rounding: Rounding = UNROUNDED
    free: timedelta = timedelta(0)
    free_mode: FreeMode = FreeMode.CLIFF
    exit_grace: timedelta = timedelta(minutes=15)
    quote_valid: timedelta = timedelta(minutes=5)
    re_entry: timedelta = timedelta(0)
    re_entry_mode: ReEntryMode = ReEntryMode.NO_FREE
    restart: Restart = Restart.NEVER
    limits: tuple[Limits, ...] = ()
    holiday_sets: Mapping[str, frozenset[date]] = field(default_factory=dict)

    def __hash__(self) -> int:  # identity enough for a cache, and cheap beside hashing every element
        return hash((self.id, self.site, self.version))

    def is_return(self, left_at: datetime, entered_at: datetime) -> bool:
        """True where an entry is a return within the re-entry window of an earlier exit."""
        return timedelta(0) <= entered_at - left_at <= self.re_entry if self.re_entry else False

    def limits_for(self, vehicle_class: str) -> Limits:
        for limits in self.limits:
            if not limits.vehicle_classes or vehicle_class in limits.vehicle_classes:
                return limits
        return Limits()
