"""The gate looks at every part of itself, for a technician who asks how it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from edge.diagnostics.surroundings import COOL_AGAIN_C, SILENT_S, Lookout, Surroundings
from edge.journal.journal import Journal, JournalError
from edge.journal.recorder import Recorder
from edge.maintenance.camera import Darkroom
from edge.maintenance.words import CannotDo, Flash, Situation
from edge.protocol.ids import uuid7
from edge.protocol.maintenance import SelfTestArgs
from edge.protocol.messages import Clock, Command, Reply
from edge.rules.commands import Given
from edge.rules.room import MB, Room, room

FLASH_S = 1.0
JOURNAL_S = 3.0
DISK_LEAST_MB = 400


@dataclass(frozen=True, slots=True)
class Check:
    """One part. detail: what was seen."""

    check: str
    ok: bool
    detail: str = ""


class SelfTest:
    """tell: puts news into the controller's queue; wall: the gate's clock; free: of the journal's disk, bytes."""

    def __init__(
        self,
        recorder: Recorder,
        darkroom: Darkroom,
        lookout: Lookout,
        tell: Callable[[object], None],
        wall: Callable[[], datetime],
        free: Callable[[], int],
    ) -> None:
        self._recorder, self._darkroom, self._lookout = recorder, darkroom, lookout
        self._tell, self._wall, self._free = tell, wall, free

    def run(self, args: SelfTestArgs, _order: Command | Given, situation: Situation) -> Reply:
        """Every check in turn; the reason counts those that failed."""
        around = self._lookout.look()
        checks = [
            *_barrier(situation),
            self._lamp(args, situation),
            self._journal(situation),
            self._vision(),
            *_line(around),
            *_machine(around, self._free()),
        ]
        failed = [one.check for one in checks if not one.ok]
        reason = f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}" if failed else ""
        return Reply(verdict="done", reason=reason, result={"checks": [asdict(one) for one in checks]})

    def _lamp(self, args: SelfTestArgs, situation: Situation) -> Check:
        if not args.flash:
            return Check("lamp_and_buzzer", False, "not tried: flash was false")
        if not situation.quiet:
            return Check("lamp_and_buzzer", False, "not tried: the boom moves or somebody is in the lane")
        self._tell(Flash(FLASH_S))
        return Check("lamp_and_buzzer", True, f"driven for {FLASH_S:g} s; whether they worked only a person can see")

    def _journal(self, situation: Situation) -> Check:
        """Writes and reads for real."""
        probe = uuid7()

        def write_and_read(journal: Journal) -> bool:
            journal.remember_command(probe, "self_test", at=self._wall())
            with journal.reading():
                return journal.seen_command(probe)

        try:
            fine = self._recorder.submit(write_and_read).result(JOURNAL_S)
        except TimeoutError:
            return Check("journal", False, f"the disk did not answer within {JOURNAL_S:g} s")
        except JournalError as error:
            return Check("journal", False, str(error))
        if situation.unwritten:
            return Check("journal", False, f"{situation.unwritten} records wait in memory to be written")
        return Check("journal", fine, "written and read" if fine else "what was written could not be read")

    def _vision(self) -> Check:
        try:
            picture = self._darkroom.frame()
            return Check("vision", True, f"a picture of {picture.stat().st_size} bytes")
        except (CannotDo, OSError) as error:
            return Check("vision", False, str(error))


def _barrier(situation: Situation) -> list[Check]:
    inputs = situation.inputs
    limits = (inputs.limit_open, inputs.limit_closed)
    agree = {"open": (True, False), "closed": (False, True)}.get(situation.boom, limits) == limits
    active = [name for name in ("stop", "fire", "detached", "mains_failed") if getattr(inputs, name)]
    stands = f"open limit {'active' if limits[0] else 'off'}, closed limit {'active' if limits[1] else 'off'}"
    return [
        Check("inputs", inputs.valid, "" if inputs.valid else "they can't be read"),
        Check("alarms", not active, ", ".join(active) or "none active"),
        Check("limits", inputs.valid and agree and limits != (True, True), f"boom {situation.boom}, {stands}"),
        Check("boom", situation.boom not in ("fault", "stopped", "unknown"), f"it is {situation.boom}"),
    ]


def _line(around: Surroundings) -> list[Check]:
    since, waited_s = around.connected_since, around.oldest_s
    return [
        Check("broker", since is not None, f"connected since {since:%Y-%m-%d %H:%M:%SZ}" if since else "out of reach"),
        Check("central", waited_s <= SILENT_S, f"an event has waited for {waited_s:g} s" if waited_s else "none waits"),
    ]


def _machine(around: Surroundings, free: int) -> list[Check]:
    heat = around.temperature_c
    return [
        Check("clock", around.clock is not Clock.UNTRUSTED, str(around.clock)),
        Check("disk", room(free) is Room.AMPLE, f"{free // MB} MB free, expected {DISK_LEAST_MB} or more"),
        Check("temperature", heat is None or heat < COOL_AGAIN_C, "no sensor" if heat is None else f"{heat:g} degrees"),
        Check("power", "under_voltage" not in around.complaints, ", ".join(around.complaints) or "no complaints"),
    ]
