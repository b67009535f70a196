"""Which element of a tariff prices a vehicle at each moment: the tariff laid over the site's calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from central.rules.local_time import day_pieces, local_ordinal
from central.rules.quote import PassCover
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_parts import Element, When, WindowFlat


class Choice(NamedTuple):
    """An element that may price a piece of time, from min_s until before max_s since charging began (None: no end).

    window  tells one occurrence of the element's window from the next; 0 where it charges none
    """

    element: int
    window: int
    min_s: int
    max_s: int | None


class Piece(NamedTuple):
    """A stretch of time, epoch seconds, in which the same elements may apply; the first whose duration fits does.

    extras  surcharges that apply besides it: (element, window) each
    """

    start: int
    end: int
    choices: tuple[Choice, ...]
    extras: tuple[tuple[int, int], ...] = ()


Applying = tuple[tuple[Choice, ...], tuple[tuple[int, int], ...]]  # choices and extras of a moment


class Schedule:
    """The elements that can ever price one vehicle class (holding one kind of pass), laid over the calendar."""

    def __init__(self, tariff: Tariff, vehicle_class: str, pass_kind: str | None) -> None:
        self._tariff = tariff
        self._who = f"a {vehicle_class}" + (f" with pass {pass_kind!r}" if pass_kind else "")
        self._elements = [
            (index, element)
            for index, element in enumerate(tariff.elements)
            if not element.adds and fits_vehicle(element.when, vehicle_class, pass_kind)
        ]
        self._surcharges = [
            (index, element)
            for index, element in enumerate(tariff.elements)
            if element.adds and fits_vehicle(element.when, vehicle_class, pass_kind)
        ]
        whens = [element.when for _, element in (*self._elements, *self._surcharges)]
        self._cuts = tuple(
            sorted({m for w in whens for m in (w.from_minute, w.to_minute) if m is not None} - {0, 1440})
        )
        self._always = self._choices(0, 0) if all(_is_always(when) for when in whens) else None
        self._days: dict[int, tuple[tuple[int, Applying], ...]] = {}

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """The pieces that fill start..end in order. TariffError where no element applies at all."""
        if start >= end:
            return
        if self._always is not None:
            yield Piece(start, end, self._always)
            return
        zone = self._tariff.zone
        ordinal = local_ordinal(zone, start)
        current: Applying = ((), ())
        began = start
        while True:
            for at, applying in self._day(ordinal):
                if at >= end:
                    yield Piece(began, end, *current)
                    return
                if applying != current:
                    if at > began:
                        yield Piece(began, at, *current)
                        began = at
                    current = applying
            ordinal += 1

    def _day(self, ordinal: int) -> tuple[tuple[int, Applying], ...]:
        day = self._days.get(ordinal)
        if day is None:
            pieces = day_pieces(self._tariff.zone, ordinal, self._cuts)
            day = tuple((at, (self._choices(on, minute), self._extras(on, minute))) for at, on, minute in pieces)
            self._days[ordinal] = day
        return day

    def _extras(self, ordinal: int, minute: int) -> tuple[tuple[int, int], ...]:
        """The surcharges whose calendar fits, each with its window."""
        found = []
        for index, element in self._surcharges:
            began = window_date(element.when, ordinal, minute)
            if began is not None and fits_date(element.when, began, self._tariff):
                found.append((index, _occurrence(element, began)))
        return tuple(found)

    def _choices(self, ordinal: int, minute: int) -> tuple[Choice, ...]:
        """The elements whose calendar fits, down to the first that no duration limits."""
        found = []
        for index, element in self._elements:
            began = window_date(element.when, ordinal, minute)
            if began is None or not fits_date(element.when, began, self._tariff):
                continue
            when = element.when
            max_s = None if when.max_minutes is None else when.max_minutes * 60
            found.append(Choice(index, _occurrence(element, began), when.min_minutes * 60, max_s))
            if when.min_minutes == 0 and max_s is None:
                return tuple(found)
        if not found:
            day = f" on {date.fromordinal(ordinal)} at {minute // 60:02d}:{minute % 60:02d}" if ordinal else ""
            raise TariffError(f"tariff {self._tariff.id}: no element prices {self._who}{day}")
        return tuple(found)


@lru_cache(maxsize=1_024)
def schedule(tariff: Tariff, vehicle_class: str, pass_kind: str | None) -> Schedule:
    """The schedule of one vehicle class and kind of pass; made once, since it is the same every time."""
    return Schedule(tariff, vehicle_class, pass_kind)


def pieces(tariff: Tariff, vehicle_class: str, held: PassCover | None, start: int, end: int) -> Iterator[Piece]:
    """The pieces of start..end (epoch seconds) for a vehicle, whose pass may begin or end within."""
    without = schedule(tariff, vehicle_class, None)
    if held is None:
        yield from without.pieces(start, end)
        return
    first, last = pass_span(held, start, end)
    yield from without.pieces(start, first)
    yield from schedule(tariff, vehicle_class, held.kind).pieces(first, last)
    yield from without.pieces(last, end)


def pass_span(held: PassCover, start: int, end: int) -> tuple[int, int]:
    """The part of start..end (epoch seconds) in which a pass is valid; an empty one at `end` where it never is."""
    first = start if held.valid_from is None else max(start, epoch_s(held.valid_from))
    last = end if held.valid_to is None else min(end, epoch_s(held.valid_to))
    return (first, last) if first < last else (end, end)


def epoch_s(at: datetime) -> int:
    """Whole seconds since 1970 of an aware instant, part seconds dropped."""
    if at.tzinfo is None:
        raise ValueError(f"instant {at.isoformat()} has no time zone: expected aware UTC")
    return int(at.astimezone(UTC).timestamp() // 1)


def fits_vehicle(when: When, vehicle_class: str, pass_kind: str | None) -> bool:
    """True where an element is for this class and pass; one that names no pass is for vehicles with and without."""
    return (not when.vehicle_classes or vehicle_class in when.vehicle_classes) and (
        not when.passes or pass_kind in when.passes
    )


def window_date(when: When, ordinal: int, minute: int) -> int | None:
    """Ordinal of the date that the element's daily window of this moment began on; None outside its hours."""
    first, last = when.from_minute, when.to_minute
    if first is None or last is None:
        return ordinal
    if first < last:
        return ordinal if first <= minute < last else None
    if minute >= first:
        return ordinal
    return ordinal - 1 if minute < last else None


def fits_date(when: When, ordinal: int, tariff: Tariff) -> bool:
    """True where the date a window began on is one the element is for."""
    on = date.fromordinal(ordinal) if ordinal > 0 else date.min
    return (
        on.weekday() in when.weekdays
        and (when.from_date is None or when.from_date <= on)
        and (when.to_date is None or on <= when.to_date)
        and (when.holidays is None or on in tariff.holiday_sets[when.holidays])
        and (when.not_holidays is None or on not in tariff.holiday_sets[when.not_holidays])
    )


def _is_always(when: When) -> bool:
    """True where an element fits every date and hour."""
    dated = when.from_date or when.to_date or when.holidays or when.not_holidays or len(when.weekdays) < 7
    return when.from_minute is None and not dated


def _occurrence(element: Element, began: int) -> int:
    """The window a date belongs to: its night or day, or (1) the whole run of an event given by dates alone.

    0 for an element without a window price, so that midnight does not cut it.
    """
    if not any(isinstance(component, WindowFlat) for component in element.components):
        return 0
    when = element.when
    whole_event = when.from_minute is None and when.from_date and when.to_date and len(when.weekdays) == 7
    return 1 if whole_event else began
