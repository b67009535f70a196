"""The real barrier: a Raspberry Pi's pins through gpiozero. Contacts are normally closed, relays active high."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from edge.devices.ports import DeviceError
from edge.rules.signals import Drive, Inputs, Light, Outputs

try:
    import gpiozero
except ImportError as error:
    raise DeviceError(
        'devices.kind is "gpio" but gpiozero is not installed: '
        "on the Pi run `sudo apt install python3-gpiozero python3-lgpio`"
    ) from error

log = logging.getLogger(__name__)

FLASH_S = 0.5


@dataclass(frozen=True, slots=True)
class Pins:
    """BCM numbers.

    inputs  field of `Inputs` -> pin; a contact that opens, or a cut wire, reads active
    raise_boom, lower_boom  relays; light_red, light_green; buzzer: active high, with external pull-downs
    """

    inputs: dict[str, int]
    raise_boom: int
    lower_boom: int
    light_red: int
    light_green: int
    buzzer: int


class GpioBarrier:
    """The wires of one barrier. Both relays on at once is impossible: one is switched off before the other goes on.

    pin_factory  gpiozero's; None takes the Pi's own
    """

    def __init__(self, pins: Pins, pin_factory: gpiozero.Factory | None = None) -> None:
        self._devices: list[gpiozero.Device] = []
        self._closed = False
        self._is_blind = False
        try:
            self._relays = {
                Drive.OPEN: self._output(pins.raise_boom, pin_factory),
                Drive.CLOSE: self._output(pins.lower_boom, pin_factory),
            }
            self._red = self._output(pins.light_red, pin_factory)
            self._green = self._output(pins.light_green, pin_factory)
            self._buzzer = self._output(pins.buzzer, pin_factory)
            # pull-up: the closed contact pulls the pin to ground, so an open one, and a cut wire, is high: active
            self._inputs = {
                name: self._keep(gpiozero.DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory))
                for name, pin in pins.inputs.items()
            }
        except (gpiozero.GPIOZeroError, OSError, ImportError, RuntimeError) as error:
            self.close()
            raise DeviceError(
                f"the GPIO pins can't be used ({error}): run on a Raspberry Pi with `sudo apt install python3-lgpio`, "
                "as a user of group gpio, and see that no other program holds the pins"
            ) from error
        self._driven: Outputs | None = None
        self.drive(Outputs())

    def read(self) -> Inputs:
        """Samples every input; a pin that can't be read makes the whole sample invalid."""
        try:
            # gpiozero calls a pulled-up pin active when it is low, which is our contact at rest
            inputs = Inputs(**{name: not device.value for name, device in self._inputs.items()})
        except Exception:  # lgpio's own errors, and those of other pin libraries, have no common ancestor but this
            if not self._is_blind:  # fifty times a second, else
                log.exception("an input can't be read")
            self._is_blind = True
            return Inputs(valid=False)
        self._is_blind = False
        return inputs

    def drive(self, outputs: Outputs) -> None:
        if self._closed or outputs == self._driven:
            return
        for drive, relay in self._relays.items():
            if drive is not outputs.drive:
                relay.off()
        if outputs.drive in self._relays:
            self._relays[outputs.drive].on()
        if self._driven is None or outputs.light is not self._driven.light:
            self._show(outputs.light)
        self._buzzer.value = outputs.buzzer
        self._driven = outputs

    def close(self) -> None:
        """Switches everything off and gives the pins back. Safe to call twice."""
        self._closed = True
        for device in self._devices:
            if isinstance(device, gpiozero.DigitalOutputDevice) and not device.closed:
                device.off()
            device.close()

    def _show(self, light: Light) -> None:
        # a lane light has two lamps: amber is shown as red flashing
        self._green.value = light is Light.GREEN
        if light is Light.AMBER_FLASH:
            self._red.blink(FLASH_S, FLASH_S)
        else:
            self._red.value = light is Light.RED

    def _output(self, pin: int, factory: gpiozero.Factory | None) -> gpiozero.DigitalOutputDevice:
        return self._keep(gpiozero.DigitalOutputDevice(pin, initial_value=False, pin_factory=factory))

    def _keep(self, device):
        self._devices.append(device)
        return device
