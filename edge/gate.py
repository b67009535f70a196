"""One gate, wired: settings -> devices, journal, line to central, vision, pages -> the controller's loop."""

from __future__ import annotations

import argparse
import hashlib
import logging
import queue
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

from edge import chosen, memory
from edge.clock import GateClock
from edge.controller import Controller
from edge.devices.health import free_bytes, machine
from edge.devices.ports import Barrier, DeviceError
from edge.diagnostics.discovery import discovery
from edge.http.app import HttpError, HttpServer, create_app
from edge.journal.journal import Grant, Journal, JournalError
from edge.journal.recorder import Recorder
from edge.life.back_dating import recorded
from edge.life.clock_trust import ClockSet
from edge.maintenance.muster import muster
from edge.orders import Orders
from edge.panel import Panel
from edge.pictures.uploader import ImageUploader
from edge.protocol.ids import uuid7
from edge.protocol.messages import About, GateNotice, GateStarted
from edge.protocol.signing import Verifier, public_from_text
from edge.protocol.topics import GateTopics
from edge.rules.records import Fact
from edge.scribe import Failed, Scribe
from edge.settings.file import Settings, SettingsError, load
from edge.threads import tell_of_deaths
from edge.uplink.broker import BrokerError
from edge.uplink.uplink import Uplink, UplinkSettings
from edge.version import VERSION
from edge.vision.supervisor import VisionSupervisor, worker_command
from edge.watchdog import Watchdog

log = logging.getLogger("parkmeter.gate")

_CANT_START = (SettingsError, DeviceError, JournalError, BrokerError, HttpError)


def barrier(settings: Settings) -> Barrier:
    """The barrier the settings name. DeviceError says what is missing."""
    devices = settings.devices
    if devices.kind == "simulated":
        from edge.devices.simulated import SimulatedBarrier

        return SimulatedBarrier(str(devices.world), speed=devices.speed)
    from edge.devices.gpio import GpioBarrier

    return GpioBarrier(chosen.pins(settings))


def run(settings: Settings, config: Path, safe: bool = False) -> int:
    """Runs the gate until SIGTERM or SIGINT; the exit status. What can't be had at the start is raised as it is.

    safe  in safe mode, see edge.life.safe_mode
    """
    memory.one_heap()
    gate = settings.gate
    _make_folder(gate.data_dir)
    spool = chosen.spool(settings)
    _make_folder(spool)
    news: queue.SimpleQueue = queue.SimpleQueue()
    panel = Panel()
    with ExitStack() as stack:
        stack.callback(tell_of_deaths(lambda error: news.put(Failed(error))))
        # what is stopped last comes first: the recorder outlives all who record
        line: list[Uplink] = []
        known = recorded(chosen.journal_path(settings))
        clock = GateClock(uuid7(), offline=lambda: not (line and line[0].connected), recorded=known)
        journal = Journal.open(chosen.journal_path(settings), gate=gate.id, at=clock.moment())
        left_open, held = journal.open_grants(), journal.held
        recorder = Recorder(journal)
        recorder.start()
        stack.callback(recorder.stop)
        recorder.submit(lambda journal: journal.mirror.access())  # long lists take a second: not with a driver waiting
        scribe = Scribe(recorder, clock, spool, news.put)
        stack.callback(scribe.close)
        clock.on_set(_clock_set(scribe, recorder))
        clock.start()
        stack.callback(clock.stop)
        carried = _settle_grants(left_open, scribe)
        wires = barrier(settings)
        stack.callback(wires.close)
        orders = Orders(recorder, news.put, clock.wall)
        app = create_app(
            chosen.http_settings(settings),
            panel,
            lambda: _facts(line, eyes, clock),
            give=orders.give,
            look=lambda: eyes.snapshot(),
        )
        pages = HttpServer(app, settings.http.host, settings.http.port, chosen.tls(settings))
        stack.callback(pages.stop)
        uplink = _uplink(settings, config, recorder, news.put, clock, pages.port)
        line.append(uplink)
        stack.callback(uplink.stop)
        uploader = ImageUploader(chosen.image_settings(settings), recorder, _notifier(scribe))
        scribe.pictures.on_queued(uploader.wake)
        stack.callback(uploader.stop)
        command = worker_command(
            settings.vision.engine,
            settings.plate.regions,
            spool,
            settings.vision.threads,
            settings.plate.accept,
            settings.plate.agree_frames,
            ",".join(map(str, settings.vision.view)),
            settings.vision.arrival,
            settings.vision.fallback,
        )
        eyes = VisionSupervisor(command, news.put, source=settings.vision.source, max_mb=settings.vision.max_mb)
        stack.callback(eyes.close)
        care = muster(settings, recorder, clock, uplink, eyes, scribe.pictures, spool, orders, news.put)
        stack.callback(care.stop)
        controller = Controller(
            wires,
            scribe,
            eyes,
            uplink,
            panel,
            rules=chosen.lane_rules(settings),
            timing=chosen.boom_timing(settings),
            news=news,
            wall=clock.wall,
            free_bytes=lambda: free_bytes(gate.data_dir),
            carried=carried,
            held=held,
            helpers=care.helpers,
            boot=clock.boot,
            safe=safe,
        )
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: controller.stop())
        so_far = (("carried on", carried), ("held open", held), ("safe mode", safe))
        reason = ", ".join(word for word, so in so_far if so)
        scribe.record([Fact(GateStarted(version=VERSION, reason=reason))])
        uplink.start()
        uploader.start()
        eyes.start()
        care.start(news.put)
        pages.start()
        # not the pictures' thread: an upload may take its time, and the boom must not stop for it
        dog = Watchdog({"controller": lambda: controller.beat, "recorder": lambda: recorder.beat,
                        "uplink": lambda: uplink.beat})  # fmt: skip
        dog.start()
        stack.callback(dog.stop)
        log.info("gate %s of %s: %s, pages on %s://%s:%d/display", gate.id, gate.site, gate.lane,
                 chosen.scheme(settings), settings.http.host, pages.port)  # fmt: skip
        memory.give_back()
        controller.run()
        log.info("gate %s stops", gate.id)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """`parkmeter gate`: runs one gate; the exit status."""
    parser = argparse.ArgumentParser(
        prog="parkmeter gate", description="Runs the gate at one barrier: reads plates, moves the boom, keeps its log."
    )
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="settings, see config/edge.toml")
    parser.add_argument(
        "--safe-mode", action="store_true", help="after repeated crashes: nothing moves the boom before reset_fault"
    )
    parser.add_argument("--check", action="store_true", help="only check the settings, print OK and end")
    parser.add_argument("--verbose", action="store_true", help="log every detail")
    options = parser.parse_args(argv)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname).1s %(name)s: %(message)s",
    )
    try:
        settings = load(options.config)
        _check_named(settings, options.config)
        if options.check:
            print(f"OK: {options.config}: gate {settings.gate.id} of {settings.gate.site}, {settings.gate.lane}")
            return 0
        return run(settings, options.config, options.safe_mode)
    except _CANT_START as error:
        print(f"parkmeter gate: {error}", file=sys.stderr)
        return 2


def _check_named(settings: Settings, config: Path) -> None:
    try:
        chosen.check(settings)
    except (SettingsError, BrokerError) as error:
        raise SettingsError(f"{config}: {error}") from error


def _settle_grants(left_open: list[Grant], scribe: Scribe) -> Grant | None:
    """The latest grant a crash left, for the lane to judge; those before it are long past and count as passed."""
    for grant in left_open[:-1]:
        scribe.record([Fact(grant.assumed(), grant.session)], grant.id)
    return left_open[-1] if left_open else None


def _uplink(
    settings: Settings, config: Path, recorder: Recorder, tell: Callable[[object], None], clock: GateClock, port: int
) -> Uplink:
    gate = settings.gate
    topics = GateTopics(gate.site, gate.id)
    about = About(
        version=VERSION,
        lane=gate.lane,
        name=gate.name,
        engine=settings.vision.engine,
        config_hash=hashlib.sha256(config.read_bytes()).hexdigest(),
        display_url=chosen.display_url(settings, port),
    )
    verifier = Verifier([public_from_text(text) for text in settings.central.public_keys])
    options = UplinkSettings(broker=chosen.broker(settings), topics=topics, boot=clock.boot, about=about)
    staff = [public_from_text(text) for text in settings.maintenance.public_keys]
    uplink = Uplink(
        options, recorder, verifier, tell, clock.wall, clock.label, maintenance=Verifier(staff) if staff else None
    )
    if settings.mqtt.discovery:
        uplink.keep(*discovery(topics, gate.name, VERSION))
    return uplink


def _facts(line: list[Uplink], eyes: VisionSupervisor, clock: GateClock) -> dict:
    here = machine()
    return {
        "version": VERSION,
        "boot": clock.boot,
        "clock": clock.moment().clock,
        "connected": bool(line and line[0].connected),
        "refused_messages": line[0].refused if line else 0,
        "vision": "ready" if eyes.ready else "down",
        "temperature_c": here.temperature_c,
        "complaints": here.complaints,
    }


def _clock_set(scribe: Scribe, recorder: Recorder) -> Callable[[ClockSet], None]:
    """Gives what waits since before the clock was set its right time, and tells central what the start counts from."""

    def set_right(told: ClockSet) -> None:
        recorder.submit(lambda journal: journal.back_date(told)).add_done_callback(_or_log)
        scribe.record([Fact(GateNotice(code="clock_set", detail=str(told)))])

    def _or_log(answer: Future) -> None:
        if error := answer.exception():
            log.error("events recorded before the clock was set keep their wrong time: %s", error)

    return set_right


def _notifier(scribe: Scribe) -> Callable[[GateNotice], None]:
    return lambda notice: scribe.record([Fact(notice)])


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"gate.data_dir: can't make {path} ({error.strerror}); expected a writable folder"
        ) from error
