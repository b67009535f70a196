"""What the gate's web pages may show: replaced whole by the controller, read by any thread."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from edge.protocol.messages import GateState
from edge.rules.display import Display


class Panel:
    """The latest of everything. Each field is replaced, never changed in place.

    display   the lane's screen
    state     as published to central, None before the first tick
    since     since when each input has its level; lacks those that have not changed since the start
    figures   plain numbers for staff: uptime, queue depths, reaction times
    snapshot  the newest live picture's file, None while there is none
    """

    __slots__ = ("_state", "display", "figures", "since", "snapshot")

    def __init__(self) -> None:
        self.display = Display()
        self.since: dict[str, datetime] = {}
        self.figures: dict[str, float | int | str | bool] = {}
        self.snapshot: Path | None = None
        self._state: GateState | None = None

    @property
    def state(self) -> GateState | None:
        return self._state

    @state.setter
    def state(self, state: GateState) -> None:
        before = self._state.inputs if self._state else {}
        changed = [name for name, level in state.inputs.items() if name in before and before[name] is not level]
        if changed:
            self.since = self.since | dict.fromkeys(changed, state.wall)
        self._state = state
