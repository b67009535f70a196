"""One lane: its barrier and vehicles move as the physics say, whether a gate is alive to drive it or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.rules.signals import Drive, Inputs, Outputs
from edge.simulation.world import traffic
from edge.simulation.world.physics import World
from edge.simulation.world.traffic import Vehicle
from tests.simulation.world.timeline import Timeline

TICK_S = 0.02
SPEED = 2.0  # vehicles and motor; people and timeouts keep their own pace
REST_S = 1.0  # what moved has come to rest, sensors and debouncing too
SLOW_TICK_S = 0.1  # with the boom up and nobody moving: soon enough to see who begins to
STILL_TICK_S = 0.5
EMPTY_TICK_S = 120.0
BACKED_OUT_S = 1.2
SETTLES_S = 0.1  # a loop's level is believed after its debouncing and a tick or two


class Tenant(Protocol):
    """The gate that drives the lane."""

    @property
    def attentive(self) -> bool:
        """It has something to do within milliseconds."""

    def tick(self) -> None: ...


class Lane:
    """A lane in simulated time. It is a Barrier, as the gate's controller needs one.

    passed  told of each vehicle that went through;  left: of each that backed out
    tenant  the gate that is alive here, None while it has no power
    """

    def __init__(self, timeline: Timeline, name: str) -> None:
        self.timeline, self.name = timeline, name
        self.world = World(speed=SPEED)
        self.tenant: Tenant | None = None
        self.passed: Callable[[str], None] = lambda vehicle: None
        self.left: Callable[[str], None] = lambda vehicle: None
        self._outputs = Outputs()
        self._seen_passed = self._seen_left = 0
        self._at = timeline.now
        self._moved_at = timeline.now
        self._due = float("inf")
        self._clear_at = 0.0
        self._pulse_in(TICK_S)

    # -- a Barrier

    def read(self) -> Inputs:
        return self.world.inputs()

    def drive(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self.world.drive(outputs)

    def close(self) -> None:
        self.drive(Outputs())

    # -- what people do

    def arrive(self, vehicle: str, look: dict, *, tailgates: bool = False) -> None:
        self._catch_up()
        self.world.arrive(vehicle, look, tailgates=tailgates)
        self.stir()

    def back_out(self, vehicle: str) -> None:
        self._catch_up()
        self.world.leave(vehicle)
        self._clear_at = float("inf")
        self.stir()

    @property
    def may_turn_in(self) -> bool:
        """Nobody backs out, nor has a moment ago: no vehicle is where another one still is."""
        return self.timeline.now >= self._clear_at

    def press(self) -> None:
        self._catch_up()
        self.world.press("button")
        self.stir()

    def break_wire(self, kind: str, wire: str, on: bool) -> None:
        self._catch_up()
        self.world.fault(kind, wire, on)
        self.stir()

    def vehicle(self, name: str) -> Vehicle | None:
        return next((vehicle for vehicle in self.world.vehicles if vehicle.name == name), None)

    def merged_with(self, name: str) -> str | None:
        """Who follows that vehicle so closely that the loops, slow as they settle, feel one long vehicle."""
        leader = self.vehicle(name)
        if leader is None:
            return None
        loop_m = traffic.CLOSING.end_m - traffic.CLOSING.start_m
        blind_m = loop_m + SETTLES_S * SPEED * traffic.CAREFUL_MPS
        tail_m = leader.nose_m - leader.build.length_m
        behind = [v for v in self.world.vehicles if v.nose_m < leader.nose_m and tail_m - v.nose_m <= blind_m]
        return behind[0].name if behind else None

    @property
    def foremost(self) -> Vehicle | None:
        """The vehicle whose plate the camera sees: the first that is not yet past the boom."""
        before = (v for v in self.world.vehicles if v.nose_m < traffic.BOOM_M + 1.0)
        return next(before, None)

    @property
    def empty(self) -> bool:
        return not self.world.vehicles

    # -- time

    def stir(self) -> None:
        """Something moves, or what the wires say has changed."""
        self._moved_at = self.timeline.now
        self.wake()

    def wake(self) -> None:
        """The gate has heard something: it gets a tick at once."""
        if self._due > self.timeline.now + TICK_S:
            self._pulse_in(TICK_S)

    def _pulse_in(self, delay_s: float) -> None:
        due = self._due = self.timeline.now + delay_s
        self.timeline.after(delay_s, lambda: self._pulse() if due == self._due else None)

    def _pulse(self) -> None:
        self._due = float("inf")
        self._catch_up()
        if self._moving():
            self._moved_at = self.timeline.now
        if self.tenant is not None:
            self.tenant.tick()
        self._tell()
        if self._due == float("inf"):
            self._pulse_in(self._pause_s())

    def _catch_up(self) -> None:
        dt_s, self._at = self.timeline.now - self._at, self.timeline.now
        if self._moving() or not self._down or self.timeline.now - self._moved_at < 2 * REST_S:
            self.world.advance(dt_s)
        else:
            self.world.stall_clock(dt_s)

    def _moving(self) -> bool:
        plant = self.world.plant
        driven = self._outputs.drive is not Drive.OFF or plant.speed_deg_s != 0.0 or plant.hand_deg is not None
        return driven or plant.button_pressed or any(vehicle.speed_mps for vehicle in self.world.vehicles)

    @property
    def _down(self) -> bool:
        return self.world.plant.angle_deg <= 0.0

    def _pause_s(self) -> float:
        if self.timeline.now - self._moved_at < REST_S or (self.tenant is not None and self.tenant.attentive):
            return TICK_S
        if not self._down:
            return SLOW_TICK_S
        return EMPTY_TICK_S if self.empty else STILL_TICK_S

    def _tell(self) -> None:
        world = self.world
        for record in world.passed[self._seen_passed :]:
            self._seen_passed += 1
            self.passed(record["vehicle"])
        for vehicle in world.left[self._seen_left :]:
            self._seen_left += 1
            self._clear_at = self.timeline.now + BACKED_OUT_S
            self.left(vehicle)
