"""Wires what maintenance may order of a gate: the crew, what it can do, and what it is told live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.clock import GateClock
from edge.devices.health import free_bytes
from edge.diagnostics.bulletin import Bulletin
from edge.diagnostics.logtap import LogTap
from edge.diagnostics.surroundings import Lookout
from edge.journal.recorder import Recorder
from edge.maintenance.camera import Darkroom, Eyes
from edge.maintenance.crew import Crew, Do
from edge.maintenance.self_test import SelfTest
from edge.maintenance.updating import Updating
from edge.maintenance.words import CannotDo, Situation
from edge.orders import Orders
from edge.parts import Helpers
from edge.pictures.pictures import Pictures
from edge.protocol.maintenance import Args, LogLevelArgs
from edge.protocol.messages import About, Command, Reply
from edge.protocol.topics import GateTopics
from edge.rules.commands import Given
from edge.settings.file import Settings
from edge.uplink.uplink import Uplink
from edge.version import VERSION


@dataclass(frozen=True, slots=True)
class Muster:
    """All of maintenance at one gate.

    helpers  for the controller
    """

    helpers: Helpers
    crew: Crew
    tap: LogTap
    updating: Updating

    def start(self, tell: Callable[[object], None]) -> None:
        """Starts looking around and taking orders; tells what became of an update that brought this start."""
        self.tap.install()
        self.crew.start()
        if (outcome := self.updating.after_start()) is not None:
            tell(outcome)

    def stop(self) -> None:
        self.tap.remove()
        self.crew.stop()


def muster(
    settings: Settings,
    recorder: Recorder,
    clock: GateClock,
    uplink: Uplink,
    eyes: Eyes,
    pictures: Pictures,
    spool: Path,
    orders: Orders,
    tell: Callable[[object], None],
) -> Muster:
    """Everything of `Muster`, not started yet.

    orders  who waits for what became of those that the gate's own pages gave
    tell    puts news into the controller's queue
    """
    gate = settings.gate
    topics = GateTopics(gate.site, gate.id)
    lookout = Lookout(recorder, clock, lambda: uplink.connected_since)
    darkroom = Darkroom(eyes, spool, pictures.keep)
    tap = LogTap(lambda line: uplink.say(topics.log, line))
    self_test = SelfTest(recorder, darkroom, lookout, tell, clock.wall, lambda: free_bytes(gate.data_dir))
    updating = Updating(settings.maintenance.update_command, gate.data_dir / "update-asked.json", VERSION, tell)
    offer = Offer(settings.maintenance.offer_file, uplink)
    does: dict[str, Do] = {
        "self_test": self_test.run,
        "snapshot": darkroom.snapshot,
        "restart_vision": darkroom.restart,
        "log_level": _log_level(tap),
        "rotate_key": _rotate_key(settings),
        "update": updating.start,
    }

    def tend() -> None:
        tap.tend()
        offer.look()

    crew = Crew(tell, lookout, does, tend)
    bulletin = Bulletin(topics, uplink.keep, uplink.say, clock.boot, plates=settings.mqtt.discovery_plates)
    helpers = Helpers(crew=crew, bulletin=bulletin, answered=orders.answered, pictured=darkroom.taken)
    return Muster(helpers, crew, tap, updating)


class Offer:
    """Tells which version an update would install, once the file that says so has changed."""

    def __init__(self, file: Path | None, uplink: Uplink) -> None:
        self._file, self._uplink = file, uplink
        self._told = ""

    def look(self) -> None:
        about = self._uplink.settings.about
        latest = self._read()
        if about is not None and latest != self._told:
            self._told = latest
            told: About = about.model_copy(update={"latest": latest})
            self._uplink.keep(self._uplink.settings.topics.about, told.encode())

    def _read(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8").strip()[:40] if self._file else ""
        except (OSError, UnicodeDecodeError):
            return ""  # none is offered


def _log_level(tap: LogTap) -> Do:
    def set_level(args: Args, _order: Command | Given, _situation: Situation) -> Reply:
        assert isinstance(args, LogLevelArgs)
        tap.set(args.level, args.minutes * 60.0)
        return Reply(verdict="done", result={"level": args.level, "minutes": args.minutes})

    return set_level


def _rotate_key(settings: Settings) -> Do:
    def rotate_key(_args: Args, _order: Command | Given, _situation: Situation) -> Reply:
        if settings.mqtt.key_file is None and settings.central.token_file is None:
            raise CannotDo("not enrolled: neither mqtt.key_file nor central.token_file is set")
        from edge.enrol.errors import EnrolError  # only then: it needs far more than a gate does
        from edge.enrol.keys import rotate

        try:
            return Reply(verdict="done", result={"fingerprint": rotate(settings)})
        except EnrolError as error:
            raise CannotDo(str(error)) from error

    return rotate_key
