"""A table read from TOML or JSON, taken apart key by key; whatever is wrong is named with where it stands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from central.rules.tariff import TariffError

T = TypeVar("T")
_REQUIRED = object()


class CheckedTable:
    """One table. Each key is taken once with its check; `done` refuses the keys nobody took."""

    def __init__(self, where: str, table: object) -> None:
        if not isinstance(table, Mapping):
            raise TariffError(f"{where}: expected a table, got {table!r}")
        self.where = where
        self._left = dict(table)
        self._taken: list[str] = []

    def take(self, key: str, check: Callable[[str, Any], T], default: Any = _REQUIRED) -> T:
        """The checked value of a key, or the default; TariffError where it is wrong or needed and missing."""
        self._taken.append(key)
        if key not in self._left:
            if default is _REQUIRED:
                raise TariffError(f"{self.where}: {key} is missing")
            return default
        return check(f"{self.where}: {key}", self._left.pop(key))

    def done(self) -> None:
        for key in self._left:
            known = ", ".join(sorted(self._taken))
            raise TariffError(f"{self.where}: unknown key {key!r}: expected one of {known}")


def whole(least: int = 0, most: int = 10**9) -> Callable[[str, Any], int]:
    """Checks a whole number of least..most."""

    def check(where: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise TariffError(f"{where}: {value!r}: expected a whole number, {least} or more")
        if value > most:
            raise TariffError(f"{where}: {value!r}: expected a whole number, {most} or less")
        return value

    return check


def yes_or_no(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TariffError(f"{where}: {value!r}: expected true or false")
    return value


def text(where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TariffError(f"{where}: {value!r}: expected a text that is not empty")
    return value.strip()


def one_of(words: Iterable[T]) -> Callable[[str, Any], T]:
    """Checks one of some words, or of the members of a StrEnum."""
    known = {str(word): word for word in words}

    def check(where: str, value: Any) -> T:
        if not isinstance(value, str) or value not in known:
            raise TariffError(f"{where}: {value!r}: expected one of {', '.join(known)}")
        return known[value]

    return check


def many(check_one: Callable[[str, Any], T], *, empty: bool = False) -> Callable[[str, Any], tuple[T, ...]]:
    """Checks a list of which each item passes; an empty one only where that may be."""

    def check(where: str, value: Any) -> tuple[T, ...]:
        if not isinstance(value, list | tuple) or not (value or empty):
            raise TariffError(f"{where}: {value!r}: expected a list" + ("" if empty else " with at least one item"))
        return tuple(check_one(f"{where}[{number}]", item) for number, item in enumerate(value, 1))

    return check


def day(where: str, value: Any) -> date:
    """Checks a date, as TOML writes it or as ISO text."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, date) or isinstance(found, datetime):
        raise TariffError(f"{where}: {value!r}: expected a date like 2026-04-01")
    return found


def minute_of_day(where: str, value: Any) -> int:
    """Checks a time of day, "20:30" or TOML's own; "24:00" is the end of the day. Whole minutes."""
    if value == "24:00":
        return 1_440
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, time) or found.second or found.microsecond or found.tzinfo:
        raise TariffError(f'{where}: {value!r}: expected a local time of day like "20:30"')
    return found.hour * 60 + found.minute
