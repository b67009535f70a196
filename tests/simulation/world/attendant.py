"""The attendant: helps where a display asks for a person, through central, as the lanes page does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from central.actions import lanes
from central.actions.errors import Refused
from edge.rules.boom_words import BoomState
from tests.simulation.world.central import Away, Central
from tests.simulation.world.drivers import Driver
from tests.simulation.world.gate import Gate
from tests.simulation.world.life import SITE

ROUND_S = 15.0


def rounds(central: Central, gates: list[Gate], standing: Callable[[Gate], Driver | None]) -> Iterator[float]:
    """Looks at both lanes for ever. standing: the driver whose vehicle is the first before a boom."""
    while True:
        yield ROUND_S
        for gate in gates:
            life = gate.life
            if life is None:
                continue
            boom = life.controller._boom
            driver = standing(gate)
            if boom.state is BoomState.FAULT or boom.reversals >= life.controller._timing.reversals:
                _order(central, gate, "reset_fault", "the boom stands still")
            elif driver is not None and driver.needs_person:
                _order(central, gate, "open", "the driver has shown his ticket")


def _order(central: Central, gate: Gate, name: str, reason: str) -> None:
    now = central.timeline.utc
    try:
        central.web(lambda session: lanes.order(session, SITE, gate.id, name, now, by="attendant", reason=reason))
    except (Away, Refused):
        return  # he tries again on his next round
    central.timeline.note(f"attendant: {gate.id} {name}")
