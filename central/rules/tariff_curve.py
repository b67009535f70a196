"""What a tariff costs by the length of the stay, for those who have to judge it before it is in force. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.rules.pricing import price
from central.rules.quote import PricedStay
from central.rules.schedule import fits_vehicle
from central.rules.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Curve:
    """The price by length of stay of classes that a tariff prices alike.

    paise  for each of the lengths asked for, in their order
    """

    vehicle_classes: tuple[str, ...]
    paise: tuple[int, ...]


def curves(tariff: Tariff, entered_at: datetime, minutes: Sequence[int]) -> list[Curve]:
    """One curve for each group of classes, in the tariff's order; stays of that many minutes from entered_at (UTC)."""
    lengths = [timedelta(minutes=length) for length in minutes]
    made = []
    for classes in alike(tariff):
        stay = PricedStay(entered_at, classes[0])
        made.append(Curve(classes, tuple(price(tariff, stay, entered_at + length).total_paise for length in lengths)))
    return made


def alike(tariff: Tariff) -> list[tuple[str, ...]]:
    """The classes of the tariff, those together that the same elements and limits are for."""
    groups: dict[object, list[str]] = {}
    for name in tariff.vehicle_classes:
        whens = [element.when for element in tariff.elements]
        fitting = tuple(index for index, when in enumerate(whens) if fits_vehicle(when, name, None))
        groups.setdefault((fitting, tariff.limits_for(name)), []).append(name)
    return [tuple(group) for group in groups.values()]
