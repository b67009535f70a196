"""What the gate's web pages may show: replaced whole by the controller, read by any thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edge.protocol.messages import GateState
from edge.rules.display import Display


@dataclass(slots=True)
class Panel:
    """The latest of everything. Each field is replaced, never changed in place.

    display   the lane's screen
    state     as published to central, None before the first tick
    figures   plain numbers for staff: uptime, queue depths, reaction times
    snapshot  the newest live picture's file, None while there is none
    """

    display: Display = field(default_factory=Display)
    state: GateState | None = None
    figures: dict[str, float | int | str | bool] = field(default_factory=dict)
    snapshot: Path | None = None
