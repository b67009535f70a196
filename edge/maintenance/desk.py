"""Where orders that are not the lane's go, and where what became of each order is told; for the controller alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edge.diagnostics.refusals import Refusals
from edge.maintenance.words import Outcome, Situation
from edge.parts import Helpers, Line
from edge.protocol.messages import Command, CommandDone, Reply, Wire
from edge.rules.commands import Given, TurnedAway
from edge.rules.signals import Drive, Light, Outputs


class Desk:
    """Never waits. record: puts facts on record; line: to central."""

    def __init__(self, helpers: Helpers, line: Line, record: Callable[[list[Wire]], None]) -> None:
        self._helpers, self._line, self._record = helpers, line, record
        self._refusals = Refusals()
        self._flash_until = float("-inf")

    def hand_over(self, order: Command | Given, situation: Situation | None) -> None:
        """An order that is not the lane's goes to the crew. situation None: the inputs were not read yet."""
        if self._helpers.crew is None or situation is None:
            reply = Reply(verdict="rejected", reason=f"{order.name}: this gate can't do that now")
            self.answer(Outcome(order.cmd_id, order.name, order.by, reply))
        else:
            self._helpers.crew.take(order, situation)

    def answer(self, outcome: Outcome) -> None:
        """Puts on record what became of an order, and tells whoever waits for it."""
        reply, cmd_id = outcome.reply, outcome.cmd_id
        if reply.verdict != "accepted":
            who = {"cmd_id": cmd_id, "name": outcome.name, "by": outcome.by}
            self._record([CommandDone(**who, verdict=reply.verdict, reason=reply.reason)])
        self._helpers.answered(cmd_id, reply)
        self._line.reply(cmd_id, reply)

    def turned_away(self, refused: TurnedAway, now: float) -> None:
        self._record(self._refusals.told(refused, now))

    def minute(self) -> None:
        """Once a minute: how many refusals were not told one by one."""
        self._record(self._refusals.untold())

    def flash(self, until: float) -> None:
        """Lamp and buzzer are to be on until that monotonic time, as far as nothing moves and nobody is there."""
        self._flash_until = until

    def flashing(self, outputs: Outputs, now: float, empty: bool) -> Outputs:
        """The outputs as they go to the barrier. empty: nobody is in the lane."""
        if now >= self._flash_until or not empty or outputs.drive is not Drive.OFF:
            return outputs
        return replace(outputs, light=Light.AMBER_FLASH, buzzer=True)
