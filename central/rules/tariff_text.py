"""Reads a tariff from the text or table an administrator wrote. Pure: it takes the text, not the file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from central.rules.checked_table import CheckedTable, day, many, minute_of_day, one_of, text, whole, yes_or_no
from central.rules.money import WHOLE_BP
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_check import check
from central.rules.tariff_parts import (
    VEHICLE_CLASSES,
    Component,
    Element,
    Flat,
    FreeMode,
    Limits,
    ReEntryMode,
    Restart,
    Rounding,
    RoundingMode,
    StepTable,
    TimePrice,
    When,
    WindowFlat,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEAR_MINUTES = 366 * 1_440

paise, minutes, some_minutes = whole(), whole(0, YEAR_MINUTES), whole(1, YEAR_MINUTES)
vehicle_class = one_of(VEHICLE_CLASSES)


def tariff_from_toml(toml: str) -> Tariff:
    """The tariff of a TOML text, checked whole. TariffError says where it is wrong and what is expected."""
    try:
        table = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise TariffError(f"tariff is not TOML: {error}") from error
    return tariff_from_dict(table)


def tariff_from_dict(source: Mapping[str, object]) -> Tariff:
    """As tariff_from_toml, from a table already parsed."""
    table = CheckedTable("tariff", source)
    free = CheckedTable("free", table.take("free", _as_is, {}))
    re_entry = CheckedTable("re_entry", table.take("re_entry", _as_is, {}))
    tariff = Tariff(
        id=table.take("id", text),
        site=table.take("site", text),
        version=table.take("version", whole(1)),
        zone=table.take("timezone", _zone),
        valid_from=table.take("valid_from", day),
        valid_to=table.take("valid_to", day, None),
        vehicle_classes=table.take("vehicle_classes", many(vehicle_class), VEHICLE_CLASSES),
        tax_included=table.take("tax_included", yes_or_no),
        tax_rate_bp=table.take("tax_rate_bp", whole(0, WHOLE_BP)),
        rounding=table.take("rounding", _rounding, Rounding()),
        free=timedelta(minutes=free.take("minutes", minutes, 0)),
        free_mode=free.take("mode", one_of(FreeMode), FreeMode.CLIFF),
        exit_grace=timedelta(minutes=table.take("exit_grace_minutes", minutes, 15)),
        quote_valid=timedelta(minutes=table.take("quote_valid_minutes", some_minutes, 5)),
        re_entry=timedelta(minutes=re_entry.take("minutes", minutes, 0)),
        re_entry_mode=re_entry.take("mode", one_of(ReEntryMode), ReEntryMode.NO_FREE),
        restart=table.take("restart", one_of(Restart), Restart.NEVER),
        limits=table.take("limits", many(_limits, empty=True), ()),
        holiday_sets=table.take("holiday_sets", _holiday_sets, {}),
        elements=table.take("elements", many(_element)),
    )
    for part in (table, free, re_entry):
        part.done()
    check(tariff)
    return tariff


def _as_is(where: str, value: Any) -> Any:
    return value


def _zone(where: str, value: Any) -> ZoneInfo:
    name = text(where, value)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TariffError(f'{where}: unknown zone {name!r}: expected a name like "Asia/Kolkata"') from None


def _rounding(where: str, value: Any) -> Rounding:
    table = CheckedTable(where, value)
    rule = Rounding(table.take("to_paise", whole(1, 100_000), 1), table.take("mode", one_of(RoundingMode), "nearest"))
    table.done()
    return Rounding(rule.to_paise, RoundingMode(rule.mode))


def _holiday_sets(where: str, value: Any) -> dict[str, frozenset[date]]:
    table = CheckedTable(where, value)
    sets = {name: frozenset(table.take(name, many(day))) for name in dict(value)}
    table.done()
    return sets


def _limits(where: str, value: Any) -> Limits:
    table = CheckedTable(where, value)
    limits = Limits(
        vehicle_classes=frozenset(table.take("vehicle_classes", many(vehicle_class), ())),
        rolling_24h_paise=table.take("rolling_24h_paise", whole(1), None),
        calendar_day_paise=table.take("calendar_day_paise", whole(1), None),
        session_paise=table.take("session_paise", whole(1), None),
        minimum_paise=table.take("minimum_paise", whole(1), None),
        lost_ticket_paise=table.take("lost_ticket_paise", whole(1), None),
    )
    table.done()
    return limits


def _element(where: str, value: Any) -> Element:
    table = CheckedTable(where, value)
    name = table.take("name", text)
    table.where = f"element {name!r}"
    element = Element(
        name,
        table.take("components", many(_component, empty=True)),
        table.take("when", _when, When()),
        table.take("adds", yes_or_no, False),
    )
    table.done()
    return element


def _when(where: str, value: Any) -> When:
    table = CheckedTable(where, value)
    weekdays = table.take("weekdays", many(one_of(WEEKDAYS)), WEEKDAYS)
    when = When(
        from_minute=table.take("from", minute_of_day, None),
        to_minute=table.take("to", minute_of_day, None),
        from_date=table.take("from_date", day, None),
        to_date=table.take("to_date", day, None),
        weekdays=frozenset(WEEKDAYS.index(name) for name in weekdays),
        holidays=table.take("holidays", text, None),
        not_holidays=table.take("not_holidays", text, None),
        vehicle_classes=frozenset(table.take("vehicle_classes", many(vehicle_class), ())),
        passes=frozenset(table.take("passes", many(text), ())),
        min_minutes=table.take("min_minutes", minutes, 0),
        max_minutes=table.take("max_minutes", some_minutes, None),
    )
    table.done()
    return when


def _component(where: str, value: Any) -> Component:
    table = CheckedTable(where, value)
    match table.take("kind", one_of(("flat", "time", "step_table", "window_flat"))):
        case "flat":
            component = Flat(table.take("price_paise", paise))
        case "time":
            component = _time_price(table)
        case "window_flat":
            component = WindowFlat(table.take("price_paise", paise))
        case _:
            component = StepTable(table.take("steps", many(_step)), table.take("then", _then, None))
    table.done()
    return component


def _time_price(table: CheckedTable) -> TimePrice:
    return TimePrice(table.take("price_paise", paise), table.take("block_minutes", some_minutes))


def _then(where: str, value: Any) -> TimePrice:
    table = CheckedTable(where, value)
    price = _time_price(table)
    table.done()
    return price


def _step(where: str, value: Any) -> tuple[int, int]:
    table = CheckedTable(where, value)
    step = table.take("up_to_minutes", some_minutes), table.take("price_paise", paise)
    table.done()
    return step
