"""What drivers mean to do, and how their plates are read, drawn from the dice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from central.rules.matching import LOOK_ALIKES

Pays = Literal["before", "before and again", "at exit", "declined first", "unknown first", "declined, charged later"]
PAYS: tuple[Pays, ...] = (*Pays.__args__, "declined, charged later", "unknown first")  # what banks do to people


@dataclass(slots=True)
class Plan:
    """What a driver means to do, and how his plate is read.

    read_in, read_out  what vision reads at the entry and at the exit, None for nothing
    parks_s     between the gates
    backs_out   at the entry, once the boom is up for him
    balks       at the exit, once he has seen the amount; he comes back later
    tailgates   follows the vehicle before him without stopping
    """

    name: str
    plate: str
    vehicle_class: str
    pays: Pays
    read_in: str | None
    read_out: str | None
    parks_s: float
    backs_out: bool = False
    balks: bool = False
    tailgates: bool = False

    @property
    def well_read(self) -> bool:
        return self.read_in == self.plate == self.read_out and not self.tailgates


def plan(dice: Random, number: int, pays: Sequence[Pays] = PAYS, parks_most_s: float = 5000.0) -> Plan:
    """A driver from the dice. No plate twice, nor a misreading that is another's plate."""
    plate = f"DL{dice.randint(1, 13):02d}AB{1234 * (number + 1):04d}"
    return Plan(
        name=f"v{number}",
        plate=plate,
        vehicle_class=dice.choice(["car", "car", "car", "van", "auto", "bike"]),
        pays=dice.choice(pays),
        read_in=_reading(dice, plate),
        read_out=_reading(dice, plate),
        parks_s=min(parks_most_s, dice.choice([dice.uniform(20, 70), dice.uniform(60, 600), dice.uniform(600, 5000)])),
        backs_out=dice.random() < 0.1,
        balks=dice.random() < 0.1,
    )


def _reading(dice: Random, plate: str) -> str | None:
    roll = dice.random()
    if roll < 0.06:
        return None
    if roll < 0.12:
        return plate[:4] + dice.choice("WXYZ") + plate[5:]
    if roll < 0.16:
        at = dice.randrange(2, 4)
        alike = [other for group, _ in LOOK_ALIKES if plate[at] in group for other in group if other != plate[at]]
        return plate[:at] + dice.choice(alike) + plate[at + 1 :] if alike else plate
    return plate
