"""One lane with its barrier: the plant's boom and the vehicles that pass it. Pure: time comes as steps."""

from __future__ import annotations

import dataclasses
import math

from edge.rules.signals import Drive, Inputs, Light, Outputs
from edge.simulation.world import traffic
from edge.simulation.world.plant import WIRES, Occupied, Plant, Spec
from edge.simulation.world.traffic import BUILDS, Ahead, Phase, Vehicle

BUTTON_S = 0.5
FINEST_STEP_S = 0.02  # of the vehicles' own time
SIMPLE_FAULTS = {"jam": "jammed", "detached": "detached", "unreadable": "unreadable"}
FAULTS = (*SIMPLE_FAULTS, "power_cut", "broken_wire", "stuck_active", "stuck_clear", "hand_lift", "heal")
PRESSABLE = {"button": "button_pressed", "stop": "stop_pressed", "fire": "fire_alarm"}


class Refused(ValueError):
    """A request the lane can't follow: says which and why."""


class World:
    """A lane and everything in it.

    plant     the barrier, as built (`Spec`) and as broken
    speed     how much faster than life vehicles, the motor and the loops' delays go; people's patience stays real
    now_s     real seconds since the lane began
    vehicles  those in the lane, foremost first
    passed    one record for each vehicle that went through: vehicle, its look, times in milliseconds and now_s
    left      ids of the vehicles that backed out
    """

    def __init__(self, spec: Spec | None = None, speed: float = 1.0) -> None:
        self._life = spec or Spec()
        self.plant = Plant(self._life)
        self.now_s = 0.0
        self.speed = 1.0
        self.vehicles: list[Vehicle] = []
        self.passed: list[dict] = []
        self.left: list[str] = []
        self._outputs = Outputs()
        self._button_until_s = math.inf
        self.set_speed(speed)

    # --- what people do

    def arrive(self, name: str, look: dict, cruise_mps: float | None = None, tailgates: bool = False) -> None:
        """A vehicle turns into the lane. `look` is what a camera sees of it; its "class" chooses the build."""
        if any(vehicle.name == name for vehicle in self.vehicles):
            raise Refused(f"vehicle {name}: already in the lane, give each arrival its own id")
        build = BUILDS[look["class"]]
        last_m = self.vehicles[-1].tail_m if self.vehicles else math.inf
        pace_mps = cruise_mps or build.cruise_mps
        nose_m = min(traffic.APPEARS_M, last_m - 2 * traffic.GAP_M)
        self.vehicles.append(Vehicle(name, build, pace_mps, look, tailgates, nose_m, speed_mps=pace_mps))

    def leave(self, name: str) -> None:
        vehicle = self._find(name)
        if vehicle.nose_m > traffic.CLOSING.end_m:
            raise Refused(f"vehicle {name}: already past the boom, it can't back out any more")
        vehicle.phase = Phase.BACKING

    def stall(self, name: str, on: bool) -> None:
        self._find(name).stalled = on

    def press(self, name: str) -> None:
        setattr(self.plant, PRESSABLE[name], True)
        if name == "button":
            self._button_until_s = self.now_s + BUTTON_S

    def release(self, name: str) -> None:
        setattr(self.plant, PRESSABLE[name], False)

    def fault(self, name: str, wire: str | None = None, on: bool = True) -> None:
        """Breaks something, or mends it again."""
        if name not in FAULTS:
            raise Refused(f"fault {name}: expected one of {', '.join(FAULTS)}")
        needs_wire = name in ("broken_wire", "stuck_active", "stuck_clear")
        if needs_wire and wire not in WIRES:
            raise Refused(f"fault {name}: wire is {wire}, expected one of {', '.join(WIRES)}")
        plant = self.plant
        if name in SIMPLE_FAULTS:
            setattr(plant, SIMPLE_FAULTS[name], on)
        elif name == "power_cut":
            plant.mains = not on
        elif name == "hand_lift":
            plant.hand_deg = 80.0 if on else None
        elif name == "broken_wire":
            (plant.broken_wires.add if on else plant.broken_wires.discard)(wire)
        elif name == "heal":
            plant.heal()
        elif on:
            plant.stuck[wire] = name == "stuck_active"
        else:
            plant.stuck.pop(wire, None)

    def set_speed(self, factor: float) -> None:
        """Rebuilds the barrier for the new pace, as it stands and with what is broken."""
        old, life = self.plant, self._life
        spec = dataclasses.replace(
            life,
            travel_s=life.travel_s / factor,
            ramp_s=life.ramp_s / factor,
            loop_on_s=life.loop_on_s / factor,
            loop_off_s=life.loop_off_s / factor,
            start_deg=old.angle_deg,
        )
        self.speed, self.plant = factor, Plant(spec)
        for kept in ("violations", "jammed", "hand_deg", "detached", "mains", "unreadable", "broken_wires", "stuck"):
            setattr(self.plant, kept, getattr(old, kept))
        for pressed in PRESSABLE.values():
            setattr(self.plant, pressed, getattr(old, pressed))

    # --- the barrier's wires

    def inputs(self) -> Inputs:
        return self.plant.inputs()

    def drive(self, outputs: Outputs) -> None:
        """Applies the outputs, and notes which vehicle they are for."""
        before, self._outputs = self._outputs, outputs
        raised = outputs.drive is Drive.OPEN and before.drive is not Drive.OPEN
        invited = outputs.light is Light.GREEN and before.light is not Light.GREEN
        if not (raised or invited):
            return
        vehicle = self._first_before_boom()
        if vehicle and not vehicle.called and not self._covered(traffic.CLOSING):
            vehicle.called = True
            vehicle.stop_to_open_ms = self._stood_ms(vehicle)

    # --- time

    def stall_clock(self, lost_s: float) -> None:
        """Real time that went by without the world: clocks run on, nothing moves."""
        self.now_s += lost_s

    def advance(self, dt_s: float) -> None:
        """Lets dt_s real seconds pass."""
        self.now_s += dt_s
        if self.now_s >= self._button_until_s:
            self.plant.button_pressed, self._button_until_s = False, math.inf
        steps = max(1, math.ceil(dt_s * self.speed / FINEST_STEP_S))
        for _ in range(steps):
            self._move_vehicles(dt_s * self.speed / steps)
            self.plant.advance(self._outputs.drive, dt_s / steps, self._occupied())
        if self._is_up():
            for vehicle in self.vehicles:
                if vehicle.called and vehicle.stop_to_up_ms is None:
                    vehicle.stop_to_up_ms = self._stood_ms(vehicle)

    def _move_vehicles(self, dt_s: float) -> None:
        ahead = Ahead(math.inf, False, self.plant.angle_deg, self._outputs.light is Light.RED)
        for vehicle in self.vehicles:
            vehicle.decide(ahead, self.now_s, dt_s)
            vehicle.drive(ahead, dt_s)
            self._note(vehicle)
            ahead = dataclasses.replace(ahead, tail_m=vehicle.tail_m, reversing=vehicle.speed_mps < 0.0)
        gone = [v for v in self.vehicles if v.phase is Phase.BACKING and v.nose_m < traffic.TURNS_OFF_M]
        self.left += [vehicle.name for vehicle in gone]
        self.vehicles = [v for v in self.vehicles if v not in gone and v.tail_m < traffic.OUT_OF_SIGHT_M]

    def _note(self, vehicle: Vehicle) -> None:
        moving = vehicle.speed_mps != 0.0
        if moving:
            vehicle.still_since_s = None
        elif vehicle.still_since_s is None:
            vehicle.still_since_s = self.now_s
        if vehicle.at_line:
            vehicle.stood_since_s = vehicle.still_since_s
        phase = vehicle.phase_now()
        if phase is Phase.PASSED and vehicle.phase is not Phase.PASSED:
            self.passed.append({**_known(vehicle), "passed_s": round(self.now_s, 3)})
        vehicle.phase = phase

    def _occupied(self) -> Occupied:
        zones = (traffic.ARMING, traffic.CLOSING, traffic.BEAM, traffic.EXIT)
        return Occupied(*(self._covered(zone) for zone in zones))

    def _covered(self, zone: traffic.Zone) -> bool:
        return any(zone.covered_by(vehicle.nose_m, vehicle.tail_m) for vehicle in self.vehicles)

    def _first_before_boom(self) -> Vehicle | None:
        zone = traffic.ARMING
        waiting = (v for v in self.vehicles if v.is_before_line and zone.covered_by(v.nose_m, v.tail_m))
        return next(waiting, None)

    def _stood_ms(self, vehicle: Vehicle) -> float:
        return 0.0 if vehicle.stood_since_s is None else (self.now_s - vehicle.stood_since_s) * 1000.0

    def _is_up(self) -> bool:
        return self.plant.angle_deg >= 90.0 - self.plant.spec.window_deg

    def _find(self, name: str) -> Vehicle:
        for vehicle in self.vehicles:
            if vehicle.name == name:
                return vehicle
        raise Refused(f"vehicle {name}: not in the lane")

    # --- what can be seen

    def look(self, history: bool = True) -> dict:
        """Everything, as JSON can say it; `history` False leaves out what grows with time."""
        seen = {
            "now_s": round(self.now_s, 3),
            "speed": self.speed,
            "boom_deg": round(self.plant.angle_deg, 2),
            "drive": self._outputs.drive.value,
            "light": self._outputs.light.value,
            "buzzer": self._outputs.buzzer,
            "inputs": dataclasses.asdict(self.inputs()),
            "vehicles": [self._seen(vehicle) for vehicle in self.vehicles],
        }
        if not history:
            return seen
        times = {
            key: [record[key] for record in self.passed if record[key] is not None]
            for key in ("stop_to_open_ms", "stop_to_up_ms")
        }
        violations = [violation._asdict() for violation in self.plant.violations]
        return {**seen, "passed": list(self.passed), "left": list(self.left), "violations": violations, **times}

    def _seen(self, vehicle: Vehicle) -> dict:
        still = vehicle.still_since_s
        return {
            **_known(vehicle),
            "phase": vehicle.phase.value,
            "nose_m": round(vehicle.nose_m, 3),
            "tail_m": round(vehicle.tail_m, 3),
            "speed_mps": round(vehicle.speed_mps, 3),
            "stopped_s": None if still is None else round(self.now_s - still, 3),
        }


def _known(vehicle: Vehicle) -> dict:
    def rounded(ms: float | None) -> float | None:
        return None if ms is None else round(ms, 1)

    times = {"stop_to_open_ms": rounded(vehicle.stop_to_open_ms), "stop_to_up_ms": rounded(vehicle.stop_to_up_ms)}
    return {"vehicle": vehicle.name, **vehicle.look, **times}
