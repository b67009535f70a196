"""Refuses a tariff whose elements cross, leave a moment without a price, or never apply. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from central.rules.schedule import fits_date, fits_vehicle, window_date
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_parts import ALL_WEEK, Element, Restart, When

FOUR_WEEKS = 28  # of every stretch of dates: shows each weekday on a day that is no holiday
FOREVER = 10**9


def check_overlaps(tariff: Tariff) -> None:
    """Refuses two elements restricted in the same way whose windows cross: which should hold is anyone's guess.

    One within the other is an exception before its rule, and different kinds of restriction are ordered on purpose.
    """
    for first, second in combinations((element for element in tariff.elements if not element.adds), 2):
        one, other = _spans(first.when), _spans(second.when)
        if one.keys() != other.keys():
            continue
        meet = all(one[kind] & other[kind] for kind in one)
        if meet and not _within(one, other) and not _within(other, one):
            raise TariffError(
                f"element {second.name!r}: overlap with element {first.name!r}: expected windows that do not meet, "
                "or one within the other"
            )


def _within(one: dict[str, _Span], other: dict[str, _Span]) -> bool:
    return all(one[kind] <= other[kind] for kind in one)


class _Range:
    """Whole numbers from first to before last, with a set's `&` (do they meet) and `<=` (is it within)."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def __and__(self, other: _Range) -> bool:
        return max(self.first, other.first) < min(self.last, other.last)

    def __le__(self, other: _Range) -> bool:
        return other.first <= self.first and self.last <= other.last


_Span = _Range | frozenset


def _spans(when: When) -> dict[str, _Span]:
    """What an element is restricted to, by kind; kinds that restrict nothing are left out."""
    spans: dict[str, _Span] = {}
    if when.from_minute is not None:
        first, last = when.from_minute, when.to_minute
        hours = range(first, last) if first < last else (*range(first, 1_440), *range(last))
        spans["time"] = frozenset(hours)
    if when.from_date or when.to_date:
        last = when.to_date.toordinal() + 1 if when.to_date else FOREVER
        spans["date"] = _Range((when.from_date or date.min).toordinal(), last)
    if when.min_minutes or when.max_minutes is not None:
        spans["duration"] = _Range(when.min_minutes, FOREVER if when.max_minutes is None else when.max_minutes)
    if when.weekdays != ALL_WEEK:
        spans["weekday"] = when.weekdays
    if when.holidays:
        spans["holidays"] = frozenset({when.holidays})
    if when.not_holidays:
        spans["not_holidays"] = frozenset({when.not_holidays})
    if when.vehicle_classes:
        spans["class"] = when.vehicle_classes
    if when.passes:
        spans["pass"] = when.passes
    return spans


def check_cover(tariff: Tariff) -> None:
    """Refuses a tariff in which some moment has no element, or some element no moment."""
    reached: set[int] = set()
    dates = list(_unlike(tariff, _telling_dates(tariff)))
    for vehicle_class, pass_kind, fitting in _telling_vehicles(tariff):
        who = f"a {vehicle_class}" + (f" with pass {pass_kind!r}" if pass_kind else "")
        for chain, on, minute in _chains(tariff, fitting, dates):
            reached |= _walk_durations(
                tariff, chain, f"{who} on {on:%a %Y-%m-%d} at {minute // 60:02d}:{minute % 60:02d}"
            )
    minutes = _telling_minutes(tariff)
    for index, element in enumerate(tariff.elements):
        if element.adds and any(_fits(tariff, element, on, minute) for on in dates for minute in minutes):
            continue
        if index not in reached:
            raise TariffError(
                f"element {element.name!r}: unreachable: earlier elements always come first, or it never fits"
            )


def _walk_durations(tariff: Tariff, chain: tuple[int, ...], moment: str) -> set[int]:
    """The elements of a chain that come first for some duration; TariffError where none does."""
    whens = [tariff.elements[index].when for index in chain]
    longest = {Restart.EVERY_24H: 1_440, Restart.MIDNIGHT: 1_500}.get(tariff.restart, FOREVER)
    turns = {0, *(when.min_minutes for when in whens), *(when.max_minutes for when in whens if when.max_minutes)}
    reached = set()
    for minutes in sorted(turn for turn in turns if turn < longest):
        first = next((index for index in chain if _lasts(tariff.elements[index].when, minutes)), None)
        if first is None:
            last = tariff.elements[chain[-1] if chain else -1].name
            after = f", from {minutes} min on" if minutes else ""
            raise TariffError(
                f"element {last!r}: gap: nothing up to it prices {moment}{after}: "
                "expected an element that does, such as a last one without 'when'"
            )
        reached.add(first)
    return reached


def _lasts(when: When, minutes: int) -> bool:
    return when.min_minutes <= minutes and (when.max_minutes is None or minutes < when.max_minutes)


def _telling_vehicles(tariff: Tariff) -> Iterator[tuple[str, str | None, tuple[int, ...]]]:
    """One (class, kind of pass, indices of the elements for it) for each way that elements tell vehicles apart."""
    seen = set()
    kinds = sorted({kind for element in tariff.elements for kind in element.when.passes})
    for vehicle_class in tariff.vehicle_classes:
        for pass_kind in (None, *kinds):
            fitting = tuple(
                index
                for index, element in enumerate(tariff.elements)
                if not element.adds and fits_vehicle(element.when, vehicle_class, pass_kind)
            )
            if fitting not in seen:
                seen.add(fitting)
                yield vehicle_class, pass_kind, fitting


def _chains(tariff: Tariff, fitting: tuple[int, ...], dates: list[date]) -> Iterator[tuple[tuple[int, ...], date, int]]:
    """Each different list of elements that may apply at one moment, with such a moment."""
    seen = set()
    for on in dates:
        for minute in _telling_minutes(tariff):
            chain = tuple(index for index in fitting if _fits(tariff, tariff.elements[index], on, minute))
            if chain not in seen:
                seen.add(chain)
                yield chain, on, minute


def _telling_minutes(tariff: Tariff) -> list[int]:
    """Minutes of the day that show every way in which elements tell times apart."""
    whens = [element.when for element in tariff.elements]
    return sorted({0, *(m % 1_440 for w in whens for m in (w.from_minute, w.to_minute) if m is not None)})


def _fits(tariff: Tariff, element: Element, on: date, minute: int) -> bool:
    began = window_date(element.when, on.toordinal(), minute)
    return began is not None and fits_date(element.when, began, tariff)


def _unlike(tariff: Tariff, dates: Iterator[date]) -> Iterator[date]:
    """The first of all dates on which, and after which, the same elements fit: one tells as much as many."""
    seen = set()
    for on in dates:
        day = on.toordinal()
        fits = tuple(fits_date(one.when, at, tariff) for one in tariff.elements for at in (day - 1, day))
        if fits not in seen:
            seen.add(fits)
            yield on


def _telling_dates(tariff: Tariff) -> Iterator[date]:
    """Dates that show every way in which elements tell dates apart."""
    found = set()
    for element in tariff.elements:
        when = element.when
        for turn in (when.from_date, when.to_date and when.to_date + timedelta(days=1)):
            if turn is not None:
                found.update(turn + timedelta(days=days) for days in range(-8, FOUR_WEEKS))
    for holiday in {day for days in tariff.holiday_sets.values() for day in days}:
        found.update(holiday + timedelta(days=days) for days in (-1, 0, 1))
    found.update(tariff.valid_from + timedelta(days=days) for days in range(FOUR_WEEKS))
    yield from sorted(day for day in found if day >= tariff.valid_from)
