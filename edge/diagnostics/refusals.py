"""Orders that were turned away, for the record: each, but no more than a flood of them may fill a disk with."""

from __future__ import annotations

from edge.protocol.messages import CommandDone, GateNotice, Wire
from edge.rules.commands import REPLAYED, TurnedAway

MOST = 10  # at once; then one more every EACH_S
EACH_S = 6.0


class Refusals:
    """Turns refusals into facts. Time is an argument, monotonic seconds."""

    def __init__(self) -> None:
        self._left, self._filled_at, self._untold = float(MOST), 0.0, 0

    def told(self, refused: TurnedAway, now: float) -> list[Wire]:
        """What to record of it; nothing where there were too many just before, which are told as a number later."""
        self._left = min(MOST, self._left + (now - self._filled_at) / EACH_S)
        self._filled_at = now
        if self._left < 1.0:
            self._untold += 1
            return []
        self._left -= 1.0
        if refused.cmd_id is None or refused.reason == REPLAYED:
            # what came again has its own outcome on record, which this must not take the place of
            who = refused.cmd_id or "without a readable id"
            return [GateNotice(code="command_refused", detail=f"{refused.name} {who}: {refused.reason}"[:300])]
        return [
            CommandDone(
                cmd_id=refused.cmd_id,
                name=refused.name,
                verdict="rejected",
                reason=refused.reason[:300],
                by=refused.by[:240],
            )
        ]

    def untold(self) -> list[Wire]:
        """A notice of those that were not told one by one; mostly none."""
        if not self._untold:
            return []
        untold, self._untold = self._untold, 0
        return [GateNotice(code="command_refused", detail=f"{untold} more were refused; the log has the first of them")]
