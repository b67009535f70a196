"""What the barrier's wires say and what they are told. Pure: the vocabulary shared by rules and devices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Drive(Enum):
    """What the boom's motor is told: both relays off, raise, or lower."""

    OFF = "off"
    OPEN = "open"
    CLOSE = "close"


class Light(Enum):
    """The lane's traffic light."""

    RED = "red"
    GREEN = "green"
    AMBER_FLASH = "amber_flash"


@dataclass(frozen=True, slots=True)
class Inputs:
    """One sample of every input of a barrier, as levels. True is "active".

    Inputs are wired normally closed: a cut wire or a dead sensor reads active.

    arming_loop   A: a vehicle stands before the boom, where its plate is read
    closing_loop  S: a vehicle stands under the boom
    photocell     P: the beam across the boom's line is broken
    exit_loop     X: a vehicle stands just beyond the boom
    limit_open    the boom is fully raised
    limit_closed  the boom is fully lowered
    detached      the boom arm has swung out of its holder
    stop          an emergency stop is pressed
    fire          the fire alarm panel wants the lane open
    mains_failed  the mains supply is gone
    button        the driver presses the lane's button (ticket at entry, help at exit)
    valid         every input could be read; False makes the rest untrustworthy
    """

    arming_loop: bool = False
    closing_loop: bool = False
    photocell: bool = False
    exit_loop: bool = False
    limit_open: bool = False
    limit_closed: bool = False
    detached: bool = False
    stop: bool = False
    fire: bool = False
    mains_failed: bool = False
    button: bool = False
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a barrier is told, whole, every tick.

    drive   the motor; a relay adapter turns it into two contacts that are never both closed
    light   the lane's traffic light
    buzzer  True sounds it
    """

    drive: Drive = Drive.OFF
    light: Light = Light.RED
    buzzer: bool = False
