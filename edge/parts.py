"""The parts of a gate as its controller needs them, and small values it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.diagnostics.bulletin import Bulletin
from edge.maintenance.words import Situation
from edge.protocol.ids import ticket, uuid7
from edge.protocol.messages import Command, GateState, Reply
from edge.rules.commands import Given


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


class Crew(Protocol):
    """Who carries out what maintenance orders, as the controller needs it."""

    def take(self, order: Command | Given, situation: Situation) -> None: ...


@dataclass(frozen=True, slots=True)
class Helpers:
    """Who does what is not the lane's. None of it waits.

    crew      None: such orders are refused
    bulletin  what maintenance hears live, None for nothing
    answered  told what became of each order
    pictured  told of each live picture's file
    """

    crew: Crew | None = None
    bulletin: Bulletin | None = None
    answered: Callable[[str, Reply], None] = lambda cmd_id, reply: None
    pictured: Callable[[str], None] = lambda path: None


class FreshIds:
    """Ids from the system's randomness, for the rules."""

    def uuid(self) -> str:
        return uuid7()

    def ticket(self) -> str:
        return ticket()
