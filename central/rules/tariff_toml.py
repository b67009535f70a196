"""Writes a tariff as TOML, and sets single keys in a text that a person wrote, leaving the rest as it is. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_parts import (
    ALL_WEEK,
    VEHICLE_CLASSES,
    Component,
    Element,
    Flat,
    Limits,
    StepTable,
    TimePrice,
    When,
)
from central.rules.tariff_text import WEEKDAYS, tariff_from_toml

_TABLE = re.compile(r"^\s*\[", re.M)


def tariff_to_toml(tariff: Tariff) -> str:
    """The tariff as text; `tariff_from_toml` gives back an equal one."""
    return "\n".join(_lines(tariff)) + "\n"


def with_keys(toml: str, **values: str | int | date | None) -> str:
    """A tariff's text with some of its top keys set (None: taken out), every other line and comment as it was.

    TariffError where the text is no sound tariff, or would be none with these keys.
    """
    before = tariff_from_toml(toml)
    table = _TABLE.search(toml)
    head, rest = (toml[: table.start()], toml[table.start() :]) if table else (toml, "")
    for key, value in values.items():
        head = _set(head, key, value)
    try:
        after = tariff_from_toml(head + rest)
    except TariffError as error:
        if "not TOML" not in str(error):
            raise
        after = None  # a key stood there in some way that lines don't show
    if after is not None and _but(after, values) == _but(before, values):
        return head + rest
    changed = {key: value for key, value in values.items() if value is not None or key == "valid_to"}
    return tariff_to_toml(_replaced(before, changed))


def _set(head: str, key: str, value: str | int | date | None) -> str:
    line = re.compile(rf"^(\s*{key}\s*=\s*)([^#\n]*?)(\s*(?:#.*)?)$", re.M)
    if value is None:
        return re.sub(rf"^\s*{key}\s*=.*\n?", "", head, flags=re.M)
    if line.search(head):
        return line.sub(lambda found: f"{found[1]}{_value(value)}{found[3]}", head, count=1)
    return f"{head.rstrip()}\n{key} = {_value(value)}\n\n" if head.strip() else f"{key} = {_value(value)}\n\n"


def _but(tariff: Tariff, values: dict[str, Any]) -> dict[str, Any]:
    return {field.name: getattr(tariff, field.name) for field in fields(tariff) if field.name not in values}


def _replaced(tariff: Tariff, values: dict[str, Any]) -> Tariff:
    return Tariff(**{**{field.name: getattr(tariff, field.name) for field in fields(tariff)}, **values})


def _lines(tariff: Tariff) -> Iterator[str]:
    head = {
        "id": tariff.id,
        "site": tariff.site,
        "version": tariff.version,
        "timezone": tariff.zone.key,
        "valid_from": tariff.valid_from,
        "valid_to": tariff.valid_to,
        "vehicle_classes": None if tariff.vehicle_classes == VEHICLE_CLASSES else tariff.vehicle_classes,
        "tax_included": tariff.tax_included,
        "tax_rate_bp": tariff.tax_rate_bp,
        "restart": tariff.restart,
        "exit_grace_minutes": _minutes(tariff.exit_grace),
        "quote_valid_minutes": _minutes(tariff.quote_valid),
        "free": {"minutes": _minutes(tariff.free), "mode": tariff.free_mode},
        "re_entry": {"minutes": _minutes(tariff.re_entry), "mode": tariff.re_entry_mode},
        "rounding": {"to_paise": tariff.rounding.to_paise, "mode": tariff.rounding.mode},
        "holiday_sets": {_key(name): sorted(days) for name, days in tariff.holiday_sets.items()} or None,
    }
    yield from (f"{key} = {_value(value)}" for key, value in head.items() if value is not None)
    for limits in tariff.limits:
        yield "\n[[limits]]"
        yield from (f"{key} = {_value(value)}" for key, value in _limits(limits).items())
    for element in tariff.elements:
        yield "\n[[elements]]"
        yield from (f"{key} = {_value(value)}" for key, value in _element(element).items())


def _limits(limits: Limits) -> dict[str, Any]:
    kept = {field.name: getattr(limits, field.name) for field in fields(limits)}
    return {key: value for key, value in kept.items() if value not in (None, frozenset())}


def _element(element: Element) -> dict[str, Any]:
    made: dict[str, Any] = {"name": element.name, "components": [_component(one) for one in element.components]}
    if element.adds:
        made["adds"] = True
    when = _when(element.when)
    return {**made, "when": when} if when else made


def _when(when: When) -> dict[str, Any]:
    made = {
        "from": _time(when.from_minute),
        "to": _time(when.to_minute),
        "from_date": when.from_date,
        "to_date": when.to_date,
        "weekdays": None if when.weekdays == ALL_WEEK else [WEEKDAYS[number] for number in sorted(when.weekdays)],
        "holidays": when.holidays,
        "not_holidays": when.not_holidays,
        "vehicle_classes": when.vehicle_classes or None,
        "passes": when.passes or None,
        "min_minutes": when.min_minutes or None,
        "max_minutes": when.max_minutes,
    }
    return {key: value for key, value in made.items() if value is not None}


def _component(component: Component) -> dict[str, Any]:
    match component:
        case TimePrice():
            return {"kind": "time", **_price(component)}
        case StepTable(steps, then):
            rows = [{"up_to_minutes": limit, "price_paise": price} for limit, price in steps]
            return {"kind": "step_table", "steps": rows, **({"then": _price(then)} if then else {})}
        case _:
            kind = "flat" if isinstance(component, Flat) else "window_flat"
            return {"kind": kind, "price_paise": component.price_paise}


def _price(price: TimePrice) -> dict[str, int]:
    return {"price_paise": price.price_paise, "block_minutes": price.block_minutes}


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case str():
            # JSON's escapes are TOML's too, but for DEL, which TOML wants escaped
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
        case dict():
            return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
        case frozenset():
            return _value(sorted(value))
        case _:
            return "[" + ", ".join(_value(one) for one in value) + "]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _time(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"
