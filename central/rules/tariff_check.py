"""Refuses a tariff whose parts contradict themselves or one another, naming the part. Pure."""

from __future__ import annotations

from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_cover import check_cover, check_overlaps
from central.rules.tariff_parts import Element, Limits, Restart, StepTable, TimePrice, WindowFlat

LONGEST_DAY_MINUTES = {Restart.EVERY_24H: 1_440, Restart.MIDNIGHT: 1_500}  # a local day has 25 h when clocks go back


MOST_ELEMENTS = 100  # more than any board has room for


def check(tariff: Tariff) -> None:
    """Raises TariffError naming the first element, or limits, that is wrong and what is expected."""
    if tariff.valid_to is not None and tariff.valid_to < tariff.valid_from:
        raise TariffError(f"tariff: valid_to {tariff.valid_to} is before valid_from {tariff.valid_from}")
    if len(tariff.elements) > MOST_ELEMENTS:
        raise TariffError(f"tariff: {len(tariff.elements)} elements: expected at most {MOST_ELEMENTS}")
    names = [element.name for element in tariff.elements]
    for name in names:
        if names.count(name) > 1:
            raise TariffError(f"element {name!r}: the name is used twice: expected each once")
    for element in tariff.elements:
        _check_when(tariff, element)
        _check_components(tariff, element)
    _check_limits(tariff)
    check_overlaps(tariff)
    check_cover(tariff)


def _check_when(tariff: Tariff, element: Element) -> None:
    when, where = element.when, f"element {element.name!r}: when"
    if (when.from_minute is None) != (when.to_minute is None):
        raise TariffError(f"{where}: from and to belong together: expected both or neither")
    if when.from_minute is not None and when.from_minute % 1_440 == when.to_minute % 1_440:
        raise TariffError(f"{where}: from and to are the same time of day: expected a window, or neither")
    if when.from_minute == 1_440:
        raise TariffError(f'{where}: from "24:00": expected "00:00"')
    if when.from_date and when.to_date and when.to_date < when.from_date:
        raise TariffError(f"{where}: to_date {when.to_date} is before from_date {when.from_date}")
    if when.max_minutes is not None and when.max_minutes <= when.min_minutes:
        raise TariffError(f"{where}: max_minutes {when.max_minutes}: expected more than min_minutes {when.min_minutes}")
    for name in (when.holidays, when.not_holidays):
        if name is not None and name not in tariff.holiday_sets:
            known = ", ".join(sorted(tariff.holiday_sets)) or "none is defined"
            raise TariffError(f"{where}: unknown holiday set {name!r}: expected one of holiday_sets ({known})")
    for vehicle_class in sorted(when.vehicle_classes - set(tariff.vehicle_classes)):
        priced = ", ".join(tariff.vehicle_classes)
        raise TariffError(f"{where}: the tariff does not price {vehicle_class!r}: expected of {priced}")


def _check_components(tariff: Tariff, element: Element) -> None:
    where, when = f"element {element.name!r}", element.when
    if element.adds and not (element.components and all(isinstance(one, WindowFlat) for one in element.components)):
        raise TariffError(f"{where}: adds: expected components of kind window_flat alone")
    if element.adds and (when.min_minutes or when.max_minutes is not None):
        raise TariffError(f"{where}: adds: expected no min_minutes and no max_minutes")
    if sum(isinstance(component, TimePrice | StepTable) for component in element.components) > 1:
        raise TariffError(f"{where}: expected at most one of time and step_table")
    for component in element.components:
        if isinstance(component, WindowFlat) and when.from_minute is None and not (when.from_date and when.to_date):
            raise TariffError(f"{where}: window_flat needs a window: expected when.from and when.to, or both dates")
        if isinstance(component, StepTable):
            _check_steps(tariff, element, component)


def _check_steps(tariff: Tariff, element: Element, table: StepTable) -> None:
    where = f"element {element.name!r}: step_table"
    for (before, cost), (limit, price) in zip(table.steps, table.steps[1:], strict=False):
        if limit <= before:
            raise TariffError(f"{where}: step up to {limit} min overlaps the one up to {before} min: expected more")
        if price < cost:
            raise TariffError(
                f"{where}: step up to {limit} min costs {price} paise: expected {cost} or more (cumulative)"
            )
    last = table.steps[-1][0]
    longest = LONGEST_DAY_MINUTES.get(tariff.restart)
    if element.when.max_minutes is not None:
        longest = min(longest or element.when.max_minutes, element.when.max_minutes) - element.when.min_minutes
    if table.then is None and (longest is None or last < longest):
        raise TariffError(f"{where}: gap after {last} min: expected 'then', or steps up to {longest or 'a restart'}")


def _check_limits(tariff: Tariff) -> None:
    named: set[str] = set()
    for number, limits in enumerate(tariff.limits, 1):
        where = f"limits[{number}]"
        classes = limits.vehicle_classes or frozenset(tariff.vehicle_classes)
        if classes <= named:
            raise TariffError(f"{where}: unreachable: earlier limits are for all its vehicle classes")
        if unknown := sorted(classes - set(tariff.vehicle_classes)):
            raise TariffError(f"{where}: the tariff does not price {unknown[0]!r}")
        if limits.rolling_24h_paise and limits.calendar_day_paise:
            raise TariffError(f"{where}: rolling_24h_paise and calendar_day_paise: expected at most one of them")
        _check_floor(where, limits)
        named |= classes


def _check_floor(where: str, limits: Limits) -> None:
    floor = limits.minimum_paise or 0
    for name in ("rolling_24h_paise", "calendar_day_paise", "session_paise"):
        cap = getattr(limits, name)
        if cap is not None and cap < floor:
            raise TariffError(f"{where}: minimum_paise {floor} is more than {name} {cap}")
