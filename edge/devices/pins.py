"""Which pin is which, and the wirings that are refused because the boom would move by itself. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge.devices.ports import DeviceError

# From power-on until a program claims them, GPIO 0 to 8 are pulled up, the others down (BCM2835 ARM Peripherals,
# table 6-31; the RP1 of the Pi 5 does the same), and 14 and 15 are the serial console's.
HIGH_AT_POWER_ON = (*range(9), 14, 15)


@dataclass(frozen=True, slots=True)
class Pins:
    """BCM numbers.

    inputs  field of `Inputs` -> pin; a contact that opens, or a cut wire, reads active
    raise_boom, lower_boom  relays; light_red, light_green; buzzer: active high, with external pull-downs
    relays  how the board's inputs work; "active_low" is refused, see `check`
    """

    inputs: dict[str, int]
    raise_boom: int
    lower_boom: int
    light_red: int
    light_green: int
    buzzer: int
    relays: Literal["active_high", "active_low"] = "active_high"

    def check(self) -> None:
        """DeviceError for a wiring that would move the boom by itself."""
        if self.relays == "active_low":
            raise DeviceError(
                'devices.outputs.relays is "active_low": a line is 0 for a moment when it is claimed, so at each start '
                "such a board would close both relays; expected a board with active-high inputs, and pull-downs"
            )
        for name in ("raise_boom", "lower_boom"):
            pin = getattr(self, name)
            if pin in HIGH_AT_POWER_ON:
                raise DeviceError(
                    f"devices.outputs.{name} is GPIO {pin}, which is high from power-on until the gate starts, with "
                    "its relay closed; expected a pin that is pulled down then: 9 to 13 or 16 to 27"
                )
