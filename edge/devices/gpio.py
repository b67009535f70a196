"""The real barrier: a Raspberry Pi's pins through gpiozero. Contacts are normally closed, relays active high."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

from edge.devices.pins import Pins
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


class GpioBarrier:
    """The wires of one barrier. Both relays on at once is impossible: one is switched off before the other goes on.

    pin_factory  gpiozero's; None takes the Pi's own
    clock        monotonic seconds, for a flashing light
    """

    def __init__(
        self,
        pins: Pins,
        pin_factory: gpiozero.Factory | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        pins.check()
        self._clock = clock
        self._devices: list[gpiozero.Device] = []
        self._closed = False
        self._is_blind = False
        self._driven: Outputs | None = None
        try:
            factory = pin_factory or _pi_pins()
            # the relays before all else: whatever fails after this finds them claimed, and off
            self._relays = {
                Drive.OPEN: self._output(pins.raise_boom, factory),
                Drive.CLOSE: self._output(pins.lower_boom, factory),
            }
            self._red = self._output(pins.light_red, factory)
            self._green = self._output(pins.light_green, factory)
            self._buzzer = self._output(pins.buzzer, factory)
            # pull-up: the closed contact pulls the pin to ground, so an open one, and a cut wire, is high: active.
            # Levels are polled: edges get lost.
            self._inputs = {
                name: self._keep(gpiozero.InputDevice(pin, pull_up=True, pin_factory=factory))
                for name, pin in pins.inputs.items()
            }
            self.drive(Outputs())
        except Exception as error:  # lgpio's own errors, and those of other pin libraries, have no common ancestor
            self.close()
            raise DeviceError(_why(error)) from error

    def read(self) -> Inputs:
        """Samples every input; a pin that can't be read makes the whole sample invalid."""
        try:
            # gpiozero calls a pulled-up pin active when it is low, which is our contact at rest
            inputs = Inputs(**{name: not device.value for name, device in self._inputs.items()})
        except Exception:  # as above
            if not self._is_blind:  # fifty times a second, else
                log.exception("an input can't be read")
            self._is_blind = True
            return Inputs(valid=False)
        self._is_blind = False
        return inputs

    def drive(self, outputs: Outputs) -> None:
        if self._closed:
            return
        if outputs == self._driven:
            if outputs.light is Light.AMBER_FLASH:
                self._show(outputs.light)
            return
        self._driven = None  # a write that fails half way must not pass for done
        for drive, relay in self._relays.items():
            if drive is not outputs.drive:
                relay.off()
        if outputs.drive in self._relays:
            self._relays[outputs.drive].on()
        self._show(outputs.light)
        self._buzzer.value = outputs.buzzer
        self._driven = outputs

    def close(self) -> None:
        """Switches off and gives back every pin that still can be. Safe to call twice."""
        self._closed = True
        for device in self._devices:
            try:
                if isinstance(device, gpiozero.OutputDevice) and not device.closed:
                    device.off()
                device.close()
            except Exception:  # as above
                log.exception("%r can't be switched off", device)

    def _show(self, light: Light) -> None:
        # a lane light has two lamps: amber is shown as red flashing
        self._green.value = light is Light.GREEN
        dark = light is Light.AMBER_FLASH and int(self._clock() / FLASH_S) % 2 == 1
        self._red.value = light is not Light.GREEN and not dark

    def _output(self, pin: int, factory: gpiozero.Factory) -> gpiozero.OutputDevice:
        return self._keep(gpiozero.OutputDevice(pin, initial_value=False, pin_factory=factory))

    def _keep(self, device):
        self._devices.append(device)
        return device


def _pi_pins() -> gpiozero.Factory:
    """The Pi's own pins, through lgpio: gpiozero's fall-backs lack pull-ups on a Pi 5, or the kernel's claims."""
    if gpiozero.Device.pin_factory is None:
        os.environ.setdefault("GPIOZERO_PIN_FACTORY", "lgpio")
        gpiozero.Device.ensure_pin_factory()
    return gpiozero.Device.pin_factory


def _why(error: Exception) -> str:
    if isinstance(error, gpiozero.GPIOPinInUse) or "busy" in str(error).lower():
        return (
            f"the GPIO pins are held by another program ({error}): "
            "stop it first, `sudo systemctl stop parkmeter-gate` where that is the gate"
        )
    return (
        f"the GPIO pins can't be used ({error}): run on a Raspberry Pi with `sudo apt install python3-lgpio`, "
        "as a user of group gpio"
    )
