"""gpiozero's simulated pins under a scope: every change of every line, in order, as lgpio would make it."""

from __future__ import annotations

from gpiozero.pins.mock import MockFactory, MockPin

INPUTS = {
    "arming_loop": 5,
    "closing_loop": 6,
    "photocell": 13,
    "exit_loop": 19,
    "limit_open": 16,
    "limit_closed": 20,
    "detached": 21,
    "stop": 12,
    "fire": 26,
    "mains_failed": 25,
    "button": 24,
}
OUTPUTS = {"raise_boom": 17, "lower_boom": 27, "light_red": 22, "light_green": 23, "buzzer": 18}


class PinError(Exception):
    """As lgpio's own: neither an OSError nor gpiozero's."""


class ScopedPin(MockPin):
    """A pin whose every change the factory's `seen` keeps: "output", "input", 0 or 1."""

    @property
    def number(self) -> int:
        return int(self.info.name.removeprefix("GPIO"))

    def _set_function(self, value: str) -> None:
        if value == "output" and self.number in self.factory.refused:
            raise PinError(self.factory.refused[self.number])
        claimed = value == "output" and self.function != "output"
        super()._set_function(value)
        self.factory.seen.append((self.number, value))
        if claimed:
            self._change_state(False)  # lgpio claims an output at 0 (gpio_claim_output's level)

    def _set_state(self, value: float) -> None:
        if self.number in self.factory.dead:
            raise PinError("can't set GPIO")
        super()._set_state(value)

    def _change_state(self, value: float) -> bool:
        changed = super()._change_state(value)
        if changed and self.function == "output":
            self.factory.seen.append((self.number, int(value)))
        return changed

    def _get_state(self) -> bool:
        if self.factory.unreadable and self.function == "input":
            raise PinError("unknown handle")
        return super()._get_state()


class Scope(MockFactory):
    """The header of one Pi.

    seen        (pin, "output" | "input" | 0 | 1), in order
    refused     pin -> why it can't be claimed as an output
    dead        pins that can't be written
    unreadable  no input can be read
    """

    def __init__(self) -> None:
        super().__init__(pin_class=ScopedPin)
        self.seen: list[tuple[int, str | int]] = []
        self.refused: dict[int, str] = {}
        self.dead: set[int] = set()
        self.unreadable = False

    def level(self, name: str) -> int:
        """Of an output, by its name."""
        return int(self.pin(OUTPUTS[name]).state)

    def contact(self, name: str, active: bool) -> None:
        """Opens a normally closed contact, which is active, or closes it."""
        pin = self.pin(INPUTS[name])
        (pin.drive_high if active else pin.drive_low)()

    def of(self, *names: str) -> list[tuple[str, str | int]]:
        """What was seen of these outputs, by name."""
        wanted = {OUTPUTS[name]: name for name in names}
        return [(wanted[pin], what) for pin, what in self.seen if pin in wanted]
