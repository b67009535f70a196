"""Whether a command from central may be acted on. Pure; its signature was checked before it got here."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.protocol.messages import Clock, Command

ACCEPTED = "accepted"
REPLAYED = "replayed"

NAMES = ("open", "hold", "release", "close", "reset_fault")

# a longer life means central's clock, or ours, can't be right; such a command must not lie in wait
LONGEST_LIFE = timedelta(minutes=5)


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
    if command.name not in NAMES:
        return f"unknown command {command.name!r}: expected one of {', '.join(NAMES)}"
    if clock is not Clock.SYNCED:
        return ACCEPTED
    if command.not_after < now:
        return f"expired at {command.not_after.isoformat()}, it is {now.isoformat()}"
    if command.not_after - now > LONGEST_LIFE:
        return f"lives too long: expected at most {LONGEST_LIFE.seconds} s from now"
    return ACCEPTED
