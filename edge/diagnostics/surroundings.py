"""The machine and the line around the gate: looked at now and then, off the controller's thread, and judged here."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from edge.clock import GateClock
from edge.devices.health import Machine, machine
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.protocol.messages import Clock

TOO_HOT_C, COOL_AGAIN_C = 80.0, 75.0  # a Pi slows itself down from 80 degrees on
SILENT_S = 600.0
ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One look.

    temperature_c, complaints  see edge.devices.health.Machine
    oldest_s         age of the oldest event that central has not acknowledged, 0.0 for none
    cpu_percent      of one core, this process, since the look before
    clock            how far the wall clock can be believed
    connected_since  None while the broker is out of reach
    """

    temperature_c: float | None = None
    complaints: tuple[str, ...] = ()
    oldest_s: float = 0.0
    cpu_percent: float = 0.0
    clock: Clock = Clock.SYNCED
    connected_since: datetime | None = None

    def faults(self, before: Collection[str] = ()) -> dict[str, str]:
        """Codes of what is wrong with it and a detail of each. before: the codes of the last look, for what lingers."""
        found = {}
        hot = COOL_AGAIN_C if "too_hot" in before else TOO_HOT_C
        if (self.temperature_c or 0.0) >= hot or "too_hot" in self.complaints:
            found["too_hot"] = f"{self.temperature_c:g} degrees" if self.temperature_c else "the firmware says so"
        if "under_voltage" in self.complaints:
            found["under_voltage"] = "the firmware says so"
        if self.clock is Clock.UNTRUSTED:
            found["clock_untrusted"] = "not synchronised"
        if self.oldest_s > SILENT_S:
            # in whole tens of minutes: the fault is told again whenever its detail changes
            found["central_silent"] = f"an event has waited for more than {int(self.oldest_s // 600) * 10} minutes"
        return found


class Lookout:
    """Looks around; for a thread that may wait a little.

    connected_since  asked at each look
    """

    def __init__(
        self,
        recorder: Recorder,
        clock: GateClock,
        connected_since: Callable[[], datetime | None] = lambda: None,
        sensors: Callable[[], Machine] = machine,
    ) -> None:
        self._recorder, self._clock = recorder, clock
        self._connected_since, self._sensors = connected_since, sensors
        self._spent_s, self._looked_at = _cpu_s(), clock.moment().mono_ms / 1000

    def look(self) -> Surroundings:
        """How it is now."""
        now = self._clock.moment()
        spent_s, elapsed_s = _cpu_s(), now.mono_ms / 1000 - self._looked_at
        percent = 100 * (spent_s - self._spent_s) / elapsed_s if elapsed_s > 0 else 0.0
        self._spent_s, self._looked_at = spent_s, now.mono_ms / 1000
        here = self._sensors()
        return Surroundings(
            temperature_c=here.temperature_c,
            complaints=here.complaints,
            oldest_s=self._oldest_s(),
            cpu_percent=round(percent, 1),
            clock=self._clock.label(),
            connected_since=self._connected_since(),
        )

    def _oldest_s(self) -> float:
        def ask(journal: Journal):
            with journal.reading():
                return journal.outbox.oldest()

        try:
            oldest = self._recorder.submit(ask).result(ASK_S)
        except (JournalError, TimeoutError):
            return 0.0  # another fault, told by those whom it stops
        if oldest is None:
            return 0.0
        now = self._clock.moment()
        age_s = (now.mono_ms - oldest.mono_ms) / 1000 if oldest.boot == now.boot else (
            now.wall - oldest.wall
        ).total_seconds()  # fmt: skip
        return round(max(0.0, age_s), 1)


def _cpu_s() -> float:
    spent = os.times()
    return spent.user + spent.system
