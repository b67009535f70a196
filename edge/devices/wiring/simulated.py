"""A bench test with no barrier: a plant with its wires, right or wrong, and a technician who does what he is asked."""

from __future__ import annotations

from dataclasses import replace

from edge.devices.wiring.bench import TICK_S
from edge.rules.signals import Drive, Inputs, Light, Outputs
from edge.simulation.world.plant import WIRES, Occupied, Plant, Spec

RELAYS = ("raise_boom", "lower_boom")
LAMPS = ("light_red", "light_green", "buzzer")
#   fault          how many wires, and what it is
FAULTS = {
    "swap":        (2, "swap:A,B exchanges two inputs, two lamps, or raise_boom,lower_boom"),
    "invert":      (1, "invert:A puts an input on the normally open contact"),
    "cut":         (1, "cut:A cuts the wire of an input or an output"),
    "short":       (1, "short:A lets an input's wire touch ground"),
    "deaf_stop":   (0, "deaf_stop leaves the operator without STOP"),
    "slow_beam":   (0, "slow_beam breaks the beam never in time"),
}  # fmt: skip
POSITIONS_DEG = {"down": 0.0, "half": 45.0, "up": 90.0}


class BadFault(ValueError):
    """A fault that can't be made: one line."""


class SimulatedBench:
    """Barrier, clock and person at once.

    wrong  faults as text, "swap:limit_open,limit_closed"
    """

    def __init__(self, wrong: tuple[str, ...] = (), *, pulsed: bool = False) -> None:
        self.plant = Plant(Spec(pulsed=pulsed))
        self._occupied, self._drive, self._outputs, self._now = Occupied(), Drive.OFF, Outputs(), 0.0
        self._soon: tuple[str, float] | None = None
        self._wrong = [_fault(text) for text in wrong]
        self._deaf, self._pressed = ("deaf_stop", ()) in self._wrong, False
        self.said: list[str] = []
        for _ in range(10):
            self.tick()

    # -- the barrier

    def read(self) -> Inputs:
        true = self.plant.inputs()
        levels = {name: getattr(true, name) for name in WIRES}
        if self._deaf:
            levels["stop"] = self._pressed
        for kind, wires in self._wrong:
            if wires and wires[0] not in WIRES:
                continue
            if kind == "swap":
                levels[wires[0]], levels[wires[1]] = levels[wires[1]], levels[wires[0]]
            elif kind in ("invert", "cut", "short"):
                levels[wires[0]] = {"invert": not levels[wires[0]], "cut": True, "short": False}[kind]
        return replace(true, **levels)

    def drive(self, outputs: Outputs) -> None:
        drive = outputs.drive
        if ("swap", RELAYS) in self._wrong:
            drive = {Drive.OPEN: Drive.CLOSE, Drive.CLOSE: Drive.OPEN, Drive.OFF: Drive.OFF}[drive]
        dead = {Drive.OPEN: "raise_boom", Drive.CLOSE: "lower_boom"}.get(drive)
        self._drive = Drive.OFF if ("cut", (dead,)) in self._wrong else drive
        self._outputs = outputs

    def close(self) -> None:
        self.drive(Outputs())

    # -- its time

    def now(self) -> float:
        return self._now

    def tick(self) -> None:
        self._now += TICK_S
        if self._soon is not None and 10.0 < self.plant.angle_deg < self._soon[1]:
            self._act(self._soon[0], True)
            self._soon = None
        self.plant.advance(self._drive, TICK_S, self._occupied)

    # -- the technician

    def tell(self, text: str) -> None:
        self.said.append(text)
        print(text)

    def confirm(self, text: str) -> bool:
        return True

    def sees(self, wire: str, text: str) -> bool:
        on = {"light_red": self._outputs.light is Light.RED, "light_green": self._outputs.light is Light.GREEN}
        on["buzzer"] = self._outputs.buzzer
        if ("swap", LAMPS[:2]) in self._wrong:
            on["light_red"], on["light_green"] = on["light_green"], on["light_red"]
        return on[wire] and ("cut", (wire,)) not in self._wrong

    def please(self, thing: str, state: str, text: str) -> None:
        print(f"> {text}")
        if thing == "boom":
            self.plant.hand_deg = POSITIONS_DEG[state]
            for _ in range(200):
                self.tick()
            self.plant.hand_deg = None
        elif state == "act while moving":
            late = thing == "photocell" and ("slow_beam", ()) in self._wrong
            self._soon = None if late else (thing, 80.0)
        else:
            self._act(thing, state == "act")

    def live(self, inputs: Inputs) -> None:
        """He looks at the barrier, not at the screen."""

    def gave_up(self) -> bool:
        return False

    def _act(self, wire: str, on: bool) -> None:
        plant = self.plant
        match wire:
            case "arming_loop" | "closing_loop" | "exit_loop":
                self._occupied = self._occupied._replace(**{wire.removesuffix("_loop"): on})
            case "photocell":
                self._occupied = self._occupied._replace(photocell=on)
            case "mains_failed":
                plant.mains = not on
            case "stop":
                self._pressed = on
                plant.stop_pressed = on and not self._deaf
            case "fire":
                plant.fire_alarm = on
            case "button":
                plant.button_pressed = on
            case "detached":
                plant.detached = on


def _fault(text: str) -> tuple[str, tuple[str, ...]]:
    """A fault's kind and wires. BadFault says what is wrong."""
    kind, _, rest = text.partition(":")
    wires = tuple(rest.split(",")) if rest else ()
    known = (*WIRES, *RELAYS, *LAMPS)
    if kind not in FAULTS or len(wires) != FAULTS[kind][0] or not set(wires) <= set(known):
        kinds = "; ".join(what for _, what in FAULTS.values())
        raise BadFault(f"fault {text!r}: expected one of: {kinds}; wires are {', '.join(known)}")
    return kind, wires
