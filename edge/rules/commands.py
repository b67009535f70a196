"""Whether a command may be acted on, and an order on its way. Pure; a signature was checked before it got here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from edge.protocol.maintenance import COMMANDS, REPLAYED, check
from edge.protocol.messages import Clock, Command

__all__ = ["ACCEPTED", "LONGEST_LIFE", "NAMES", "REPLAYED", "Given", "TurnedAway", "judge"]

ACCEPTED = "accepted"

NAMES = tuple(COMMANDS)

# a longer life means central's clock, or ours, can't be right; such a command must not lie in wait
LONGEST_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was given at the gate itself; for the controller, as a Command is."""

    cmd_id: str
    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """An order that was refused before it came to the lane, for the record.

    cmd_id  None where it could not be made out
    by      who gave it, "" where that was not proven
    """

    cmd_id: str | None
    name: str
    by: str
    reason: str


def judge(command: Command, now: datetime, boot: str, gate: str, seen: bool, clock: Clock = Clock.SYNCED) -> str:
    """ACCEPTED, or the reason for refusing in a word and what was expected.

    now    the gate's wall clock, aware
    boot   this start of the gate process: a command for an earlier one must not move the boom now
    seen   whether this cmd_id was accepted before
    clock  how far `now` can be believed: a gate whose clock is off would refuse every order of its operators. Then
           only boot and cmd_id bind a command, to this start of the gate and to one use.
    """
    if seen:
        return REPLAYED
    if command.gate != gate:
        return f"wrong gate: expected {gate}"
    if command.boot != boot:
        return "wrong boot: the gate has restarted since the command was given"
    if wrong := check(command.name, command.args):
        return wrong
    if clock is not Clock.SYNCED:
        return ACCEPTED
    if command.not_after < now:
        return f"expired at {command.not_after.isoformat()}, it is {now.isoformat()}"
    if command.not_after - now > LONGEST_LIFE:
        return f"lives too long: expected at most {LONGEST_LIFE.seconds} s from now"
    return ACCEPTED
