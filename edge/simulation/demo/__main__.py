"""The demo: a car park of real processes on this machine, with simulated vehicles that come, pay and leave."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from edge.simulation.demo.brokers import KINDS, choose_kind
from edge.simulation.demo.carpark import CarPark, world_of
from edge.simulation.demo.drivers import Driver, Links, Visit
from edge.simulation.demo.plans import plans
from edge.simulation.demo.processes import StartError, free_port, port_is_free
from edge.simulation.demo.reckoning import Reckoning, reckon
from edge.simulation.world.server import WorldError

WEB_PORT = 8000
MOST_AT_ONCE = 16
QUEUE_AT_ENTRY = 2
PACE_S = (4.0, 12.0)  # between two vehicles, seconds of a life at speed 1
GLANCE_S = 0.2
CATCH_UP_S = 60.0


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="parkmeter demo",
        description="Runs a whole car park on this machine: an MQTT broker, central, a mock payment provider, an entry"
        " and an exit gate, with simulated vehicles whose plates are really read. Ctrl-C stops everything.",
    )
    add = made.add_argument
    add("--vehicles", type=_count, metavar="N", help="stop after N visits (default: go on until Ctrl-C)")
    add("--speed", type=_speed, default=1.0, metavar="X", help="vehicles and booms move X times faster, 0.5 to 20")
    add("--json", action="store_true", help="print one JSON object about the visits at the end, all else on stderr")
    add("--seed", type=int, help="draws vehicles and drivers' plans (default: other ones each time)")
    add("--port", type=_port, metavar="P", help=f"web port (default {WEB_PORT}; with --vehicles any free one)")
    add("--broker", choices=KINDS, help="default: mosquitto where it is on PATH, else the embedded one")
    add("--data", type=Path, metavar="DIR", help="keep the run's files in DIR (default: a temporary folder)")
    add("--keep", action="store_true", help="keep the temporary folder too, and say where it is")
    return made


class Demo:
    """One run. `troubles` says what kept drivers from ending their visits."""

    def __init__(self, options: argparse.Namespace, park: CarPark) -> None:
        self._options, self._park = options, park
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._drivers: list[Driver] = []
        self._links = Links()
        self._finished = 0
        self.troubles: list[str] = []

    def drive(self, seed: int) -> None:
        """Sends vehicles until all N have come and gone, or for ever; StartError when a process falls."""
        coming, wanted = plans(seed), self._options.vehicles
        pace = random.Random(seed)
        next_at, sent = time.monotonic(), 0
        while wanted is None or self._finished < wanted:
            self._check()
            self._drivers = [driver for driver in self._drivers if driver.is_alive()]
            if time.monotonic() >= next_at and sent != wanted and self._room():
                driver = Driver(next(coming), self._park, self._links, self._over, self._tell)
                self._drivers.append(driver)
                driver.start()
                sent += 1
                next_at = time.monotonic() + pace.uniform(*PACE_S) / self._park.speed
            self._over.wait(GLANCE_S)

    def stop(self) -> None:
        """Calls the drivers off and waits for them."""
        self._over.set()
        for driver in self._drivers:
            driver.join(timeout=5.0)

    def reckon(self) -> Reckoning:
        """Truth against claims, once central has been told everything, or has had time enough."""
        until = time.monotonic() + CATCH_UP_S
        while True:
            with world_of(self._park.entry) as entry, world_of(self._park.exit) as exit_lane:
                reckoning = reckon(entry.look(), exit_lane.look(), self._park.stays())
            if not reckoning.lost or time.monotonic() > until:
                return reckoning

    def _room(self) -> bool:
        if len(self._drivers) >= MOST_AT_ONCE:
            return False
        with world_of(self._park.entry) as world:
            waiting = [seen for seen in world.look(history=False)["vehicles"] if seen["phase"] != "passed"]
        return len(waiting) < QUEUE_AT_ENTRY

    def _check(self) -> None:
        if fallen := self._park.fallen():
            raise StartError(f"{fallen.name} has ended{fallen.last_words()}")

    def _tell(self, visit: Visit) -> None:
        with self._turn:
            if not self._over.is_set():
                say(line(visit))
            if visit.trouble:
                self.troubles.append(f"{visit.plan.plate}: {visit.trouble}")
            self._finished += 1


def line(visit: Visit) -> str:
    """One visit as one line for people."""
    plan, now = visit.plan, time.strftime("%H:%M:%S")
    head = f"{now}  {plan.plate:<10}  {plan.vehicle_class:<6}"
    if visit.trouble:
        return f"{head}  TROUBLE: {visit.trouble}"
    read = f"read {visit.read_as}" if visit.read_as else "not read"
    told = [read, f"in after {visit.entered - visit.arrived:.1f} s"]
    if visit.paid is None or not visit.paid.amount:
        told.append("nothing to pay")
    else:
        refused = f", after {visit.paid.refused} declined" if visit.paid.refused else ""
        told.append(f"paid ₹{visit.paid.amount} by UPI {visit.paid_where}{refused}")
    return "  ".join([head, ", ".join([*told, f"left after {visit.left - visit.arrived:.0f} s"])])


def main(argv: list[str] | None = None) -> int:
    options = parser().parse_args(argv)
    port = options.port or (WEB_PORT if options.vehicles is None else free_port())
    if not port_is_free(port):
        return complain(f"port {port} is taken: ./parkmeter demo --port {port + 1}, or stop what uses it")
    try:
        kind = choose_kind(options.broker)
        with interruptible(), folder(options) as place, car_park(place, kind, port, options.speed) as park:
            return run(options, park)
    except Stopped:
        say("stopped")
        return 0 if options.vehicles is None else 130
    except (StartError, WorldError, ValueError, OSError) as error:
        return complain(str(error))


def run(options: argparse.Namespace, park: CarPark) -> int:
    began = time.monotonic()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    say(f"starting {park.broker.kind} broker, central and two gates ...")
    park.make()
    park.start()
    greet(park, seed, time.monotonic() - began)
    demo = Demo(options, park)
    driving = time.monotonic()
    try:
        demo.drive(seed)
        seconds = time.monotonic() - driving
        reckoning = demo.reckon()
    finally:
        demo.stop()
    facts = {"troubles": demo.troubles, "broker": park.broker.kind, "seed": seed, "seconds": round(seconds, 1)}
    return report(options, reckoning, facts)


def greet(park: CarPark, seed: int, seconds: float) -> None:
    say(f"ready after {seconds:.0f} s, seed {seed}\n")
    say(f"  pages               {park.web}/")
    say(f"  first administrator {park.setup_link()}   (works once)")
    for gate in park.gates:
        say(f"  {gate.name.lower():<19} {gate.display}")
    say(f"  as a technician     {park.diag}")
    say("\nCtrl-C stops everything. One line per vehicle:\n")


def report(options: argparse.Namespace, reckoning: Reckoning, run_facts: dict) -> int:
    """Prints the end of a run of N visits; its exit status."""
    facts = dataclasses.asdict(reckoning) | run_facts
    if options.json:
        print(json.dumps(facts))
    else:
        say("\n" + ", ".join(f"{key} {value}" for key, value in facts.items() if value != []))
    whole = not facts["troubles"] and reckoning.entered == reckoning.exited == options.vehicles
    return 0 if reckoning.clean and whole else 1


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turns the first Ctrl-C or SIGTERM into Stopped, and holds later ones off while things are put away."""

    def stop(*_: object) -> None:
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_IGN)
        raise Stopped

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, stop)
    yield


@contextlib.contextmanager
def folder(options: argparse.Namespace) -> Iterator[Path]:
    """The run's folder; a temporary one goes with the run unless --keep."""
    if options.data:
        yield options.data.expanduser().absolute()
        return
    place = Path(tempfile.mkdtemp(prefix="parkmeter-demo-"))
    try:
        yield place
    finally:
        if options.keep:
            say(f"the run's files are in {place}")
        else:
            shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def car_park(place: Path, kind: str, port: int, speed: float) -> Iterator[CarPark]:
    park = CarPark(place, kind, port, speed)
    try:
        yield park
    finally:
        park.stop()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def complain(text: str) -> int:
    say(f"parkmeter demo: {text}")
    return 2


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1 to 10000")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a port from 1 to 65535")
    return int(text)


def _speed(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0.5 <= float(text) <= 20.0:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r}: expected a number from 0.5 to 20")


if __name__ == "__main__":
    sys.exit(main())
