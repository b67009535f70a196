"""How a published tariff is written down for a test: its board, and the stays whose price the board gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from central.rules.tariff import Tariff
from central.rules.tariff_text import tariff_from_dict

TUESDAY = "2026-09-01T10:00"


@dataclass(frozen=True)
class Board:
    """What one place charges, as far as the source tells it.

    source  who said so, and when; "undated" where the page does not say. Prices contain their tax.
    """

    place: str
    source: str
    elements: tuple[dict[str, Any], ...]
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def tariff(self) -> Tariff:
        named = {name for one in self.elements for name in one.get("when", {}).get("vehicle_classes", [])}
        return tariff_from_dict(
            {
                "id": self.place,
                "site": "published",
                "version": 1,
                "timezone": "Asia/Kolkata",
                "valid_from": "2026-04-01",
                "vehicle_classes": sorted(named) or ["car"],
                "tax_included": True,
                "tax_rate_bp": 1_800,
                "elements": list(self.elements),
                **self.keys,
            }
        )


@dataclass(frozen=True)
class Case:
    """One stay and what it costs.

    stated  True: the source names this very amount for this very length; False: worked by hand from its rates
    """

    board: Board
    parked: str
    rupees: float
    vehicle_class: str = "car"
    stated: bool = True
    entered: str = TUESDAY
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def entered_at(self) -> datetime:
        return datetime.fromisoformat(f"{self.entered}+05:30").astimezone(UTC)

    @property
    def left_at(self) -> datetime:
        return self.entered_at + length(self.parked)

    def __str__(self) -> str:
        return f"{self.board.place}, {self.vehicle_class}, {self.parked}: Rs {self.rupees:g}"


def length(text: str) -> timedelta:
    """ "9d 3h 5m" as a length of time."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    return timedelta(**{units[unit]: int(number) for number, unit in re.findall(r"(\d+)([dhm])", text)})


def minutes(text: str) -> int:
    return int(length(text).total_seconds()) // 60


def steps(table: str, then: tuple[int, str] | None = None, *classes: str, name: str = "", **when: Any) -> dict:
    """An element of cumulative steps: "30m 50, 2h 100"; then (rupees, block) beyond the last."""
    pairs = [re.fullmatch(r"\s*(\S+) (\d+)\s*", part).groups() for part in table.split(",")]
    rows = [{"up_to_minutes": minutes(limit), "price_paise": int(price) * 100} for limit, price in pairs]
    component: dict[str, Any] = {"kind": "step_table", "steps": rows}
    if then:
        component["then"] = {"price_paise": then[0] * 100, "block_minutes": minutes(then[1])}
    return element([component], classes, name, when)


def hourly(price: int, *classes: str, block: str = "1h", name: str = "", **when: Any) -> dict:
    """An element that costs so many rupees for each block begun."""
    component = {"kind": "time", "price_paise": price * 100, "block_minutes": minutes(block)}
    return element([component], classes, name, when)


def surcharge(price: int, *classes: str, name: str, **when: Any) -> dict:
    """An element that adds so many rupees for each of its windows."""
    return {**element([{"kind": "window_flat", "price_paise": price * 100}], classes, name, when), "adds": True}


def element(components: list[dict], classes: tuple[str, ...], name: str, when: dict[str, Any]) -> dict:
    """from_ and to in `when` are the window's ends."""
    when = {key.rstrip("_"): value for key, value in when.items()}
    if classes:
        when["vehicle_classes"] = [*classes]
    return {"name": name or " ".join(classes) or "Parking", "components": components} | ({"when": when} if when else {})


def caps(key: str, **rupees: int) -> list[dict]:
    """Limits, one for each class: caps("rolling_24h_paise", car=300, bike=100)."""
    return [{"vehicle_classes": [name], key: price * 100} for name, price in rupees.items()]
