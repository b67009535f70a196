"""`parkmeter wiring`: the guided bench test of a gate's wires, at a terminal, with a report at its end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from edge import chosen
from edge.devices.pins import Pins
from edge.devices.ports import Barrier, DeviceError
from edge.devices.wiring.bench import Bench, Clock, Person, RealClock
from edge.devices.wiring.report import Report
from edge.devices.wiring.session import run_test
from edge.devices.wiring.simulated import FAULTS, BadFault, SimulatedBench
from edge.devices.wiring.terminal import Terminal
from edge.rules.boom_words import Timing
from edge.settings.file import Settings, SettingsError, load

PASSED, FAILED, REFUSED, BROKEN_OFF = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the test; its exit status."""
    options = _parser().parse_args(argv)
    if options.fault and not options.simulate:
        return _refused("--fault: expected --simulate with it, real wires have faults enough of their own")
    signal.signal(signal.SIGTERM, _stopped)
    try:
        settings = load(options.config)
        timing = chosen.boom_timing(settings)
        barrier, person, clock = _place(settings, options, timing)
    except (SettingsError, DeviceError, BadFault) as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"{error.filename}: can't be used ({error.strerror}); expected a folder this user may write")
    gate = settings.gate
    report = Report(gate.site, gate.id, datetime.now(UTC), options.simulate)
    try:
        run_test(Bench(barrier, person, clock, timing), person, _pins(settings), report)
    except KeyboardInterrupt:
        print("\nbroken off: everything is switched off", file=sys.stderr)
    finally:
        barrier.close()
    print(f"\n{report.text()}")
    folder = options.report or gate.data_dir / "wiring"
    try:
        print(f"report: {report.write(folder)}")
    except OSError as error:
        return _refused(f"the report can't be written to {folder} ({error.strerror}); expected a writable folder")
    return BROKEN_OFF if not report.finished else PASSED if report.passed else FAILED


def _place(settings: Settings, options: argparse.Namespace, timing: Timing) -> tuple[Barrier, Person, Clock]:
    """The barrier, who stands at it, and its time. DeviceError says what is missing."""
    if options.simulate:
        bench = SimulatedBench(tuple(options.fault), pulsed=timing.pulse_s is not None)
        return bench, bench, bench
    devices = settings.devices
    if devices.kind != "gpio":
        raise DeviceError(f'devices.kind is "{devices.kind}", with no wires to test; expected "gpio", or --simulate')
    settings.gate.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("LG_WD", str(settings.gate.data_dir))  # lgpio makes a pipe there, else in the working folder
    from edge.devices.gpio import GpioBarrier

    pins = Pins(inputs=devices.inputs.model_dump(), **devices.outputs.model_dump())
    return GpioBarrier(pins), Terminal(), RealClock()


def _pins(settings: Settings) -> dict[str, int]:
    devices = settings.devices
    if devices.inputs is None or devices.outputs is None:
        raise SettingsError("[devices.inputs] and [devices.outputs]: expected both, the report names their pins")
    both = {**devices.inputs.model_dump(), **devices.outputs.model_dump()}
    return {name: pin for name, pin in both.items() if isinstance(pin, int)}


def _refused(why: str) -> int:
    print(f"parkmeter wiring: {why}", file=sys.stderr)
    return REFUSED


def _stopped(*_) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    kinds = "; ".join(what for _, what in FAULTS.values())
    parser = argparse.ArgumentParser(prog="parkmeter wiring", description=__doc__)
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="settings, see config/edge.toml")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="where the report goes; default: DATA_DIR/wiring")
    parser.add_argument("--simulate", action="store_true", help="on a simulated barrier, by a simulated technician")
    parser.add_argument("--fault", action="append", default=[], help=f"with --simulate, a wrong wire: {kinds}")
    return parser
