"""Who comes to the simulated car park and what they mean to do, drawn from a seed. Pure given the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# codes with many vehicles (schedule of the Central Motor Vehicles Rules, 1989) and how many districts each numbers
STATES = {
    "DL": 13,
    "MH": 49,
    "KA": 70,
    "TN": 99,
    "HR": 99,
    "UP": 96,
    "GJ": 38,
    "RJ": 58,
    "WB": 98,
    "KL": 79,
    "PB": 99,
    "MP": 70,
}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O are not issued in series
CLASSES = ("car", "car", "car", "car", "van", "auto", "bike", "scooty")
TWO_LINES = {"bike": 0.9, "scooty": 0.9, "auto": 0.5, "car": 0.1, "van": 0.1}


class Pays(StrEnum):
    """When and how a driver pays."""

    BEFORE = "before the exit"
    AT_EXIT = "at the exit"
    DECLINED = "declined first"


@dataclass(frozen=True, slots=True)
class Plan:
    """One driver's visit.

    plate     as painted
    pays      when and how
    refusals  for one who is declined first: UPI IDs tried in vain, "" for pressing Decline
    parks_s   stay between the gates in a demo without haste, seconds
    """

    vehicle: str
    plate: str
    vehicle_class: str
    lines: int
    style: str
    pays: Pays
    refusals: tuple[str, ...]
    parks_s: float


def plans(seed: int) -> Iterator[Plan]:
    """Endless visits; no plate twice, and every way of paying among any three in a row."""
    chance = random.Random(seed)
    seen: set[str] = set()
    number = 0
    while True:
        ways = list(Pays)
        chance.shuffle(ways)
        for pays in ways:
            number += 1
            yield _plan(chance, number, pays, _fresh_plate(chance, seen))


def _plan(chance: random.Random, number: int, pays: Pays, plate: str) -> Plan:
    vehicle_class = chance.choice(CLASSES)
    lines = 2 if chance.random() < TWO_LINES[vehicle_class] else 1
    style = "yellow" if vehicle_class == "auto" else chance.choices(["white", "yellow", "green"], [80, 12, 8])[0]
    refusals = ()
    if pays is Pays.DECLINED:
        refusals = tuple(
            chance.choice(["", "failure@mock", "poor@mock", "pin@mock"]) for _ in range(chance.choice([1, 1, 2]))
        )
    return Plan(f"v{number:04d}", plate, vehicle_class, lines, style, pays, refusals, chance.uniform(62.0, 120.0))


def _fresh_plate(chance: random.Random, seen: set[str]) -> str:
    while True:
        state = chance.choice(list(STATES))
        series = "".join(chance.choice(LETTERS) for _ in range(2))
        plate = f"{state}{chance.randint(1, STATES[state]):02d}{series}{chance.randint(1, 9999):04d}"
        if plate not in seen:
            seen.add(plate)
            return plate
