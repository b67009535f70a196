"""What stands around a lane behind pins: its eyes, its line to central, and a world that people may touch."""

from __future__ import annotations

from edge.protocol.messages import GateState, Reply
from edge.simulation.world.physics import World
from edge.simulation.world.plant import Occupied


class Eyes:
    """Told to watch and to rest; what is seen there, the lane says."""

    def __init__(self) -> None:
        self.ready, self.visit = True, None

    def watch(self, visit: str) -> None:
        self.visit = visit

    def rest(self) -> None:
        self.visit = None

    def snapshot(self) -> None:
        """There is no camera."""


class Line:
    """Keeps what would go to central."""

    def __init__(self) -> None:
        self.states: list[GateState] = []
        self.replies: list[Reply] = []

    def publish_state(self, state: GateState) -> None:
        self.states.append(state)

    def reply(self, cmd_id: str, reply: Reply) -> None:
        self.replies.append(reply)


class TouchedWorld(World):
    """A lane where somebody may also stand, or drive the wrong way: `extra` covers sensors by hand."""

    extra = Occupied()

    def _occupied(self) -> Occupied:
        return Occupied(*(a or b for a, b in zip(super()._occupied(), self.extra, strict=True)))
