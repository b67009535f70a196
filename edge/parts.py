"""The parts of a gate as its controller needs them, and small values it is given."""

from __future__ import annotations

from typing import Protocol

from edge.protocol.ids import ticket, uuid7
from edge.protocol.messages import GateState, Reply


class Eyes(Protocol):
    """Vision, as the controller needs it."""

    @property
    def ready(self) -> bool: ...
    def watch(self, visit: str) -> None: ...
    def rest(self) -> None: ...
    def snapshot(self) -> None: ...


class Line(Protocol):
    """The line to central, as the controller needs it."""

    def publish_state(self, state: GateState) -> None: ...
    def reply(self, cmd_id: str, reply: Reply) -> None: ...


class FreshIds:
    """Ids from the system's randomness, for the rules."""

    def uuid(self) -> str:
        return uuid7()

    def ticket(self) -> str:
        return ticket()
