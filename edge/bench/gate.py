"""`bench gate`: from a frame to the boom's relay beside the networks' own time, and what the gate process weighs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.bench.figures import Bar, BenchError, Figure, middle, percentile
from edge.bench.lane import BenchLane
from edge.bench.timed_vision import ran_between
from edge.bench.weight import GateProcess
from edge.parts import Eyes
from edge.vision import messages as vision
from edge.vision.supervisor import VisionSupervisor, worker_command

VEHICLES, WARMING = 33, 3
KINDS = ("car", "van", "auto", "truck", "bike")
START_S = 90.0
NETWORKS = "the networks' own time in the same frames"


@dataclass(frozen=True, slots=True)
class Raising:
    """One vehicle's way from its deciding frame to the relay, milliseconds.

    total   from the frame's exposure to the motor's drive
    model   networks of it
    voted   from the vote's arrival in the gate to the drive: look-up, grant on the disk, two rules
    """

    total: float
    model: float
    voted: float

    @property
    def other(self) -> float:
        return self.total - self.model


def figures(folder: Path, seed: int) -> list[Figure]:
    """Times, memory and CPU. BenchError where vision does not start or reads nothing."""
    with GateProcess(folder / "process") as process:
        raisings = _raisings(folder, seed)
        weight = process.figures()
    other, total = [one.other for one in raisings], [one.total for one in raisings]
    model = middle([one.model for one in raisings])
    few = f"{len(raisings)} vehicles"
    return [
        Figure(f"frame to relay but the networks, median of {few}", middle(other), "ms"),
        Figure(
            f"frame to relay but the networks, 99th of {few}",
            percentile(other, 0.99),
            "ms",
            bar=Bar("value", "<=", 50),
        ),
        Figure(
            f"frame to relay in all, median of {few}",
            middle(total),
            "ms",
            NETWORKS,
            middle(total) / model,
            Bar("ratio", "<=", 1.2),
        ),
        Figure("of it from vote to relay, median", middle([one.voted for one in raisings]), "ms"),
        *weight,
    ]


class HeardEyes(VisionSupervisor):
    """The gate's own supervisor of vision; what the child says is noted on its way."""

    def __init__(self, command: list[str], tell: Callable[[object], None], source: str) -> None:
        super().__init__(command, self._hear, source=source)
        self._tell = tell
        self.up = threading.Event()
        self.fault = ""
        self.seen_at = self.voted_at = 0.0

    def _hear(self, event: vision.Event) -> None:
        now = time.monotonic()
        match event:
            case vision.Ready():
                self.up.set()
            case vision.Fault():
                self.fault = f"{event.code}: {event.detail}"
            case vision.Read():
                self.seen_at = event.seen_at
            case vision.Voted():
                self.voted_at = now
        self._tell(event)


def _raisings(folder: Path, seed: int) -> list[Raising]:
    times, eyes = folder / "times", []
    photos = _photos(folder / "photos", seed)

    def make_eyes(tell: Callable[[object], None], spool: Path) -> Eyes:
        command = worker_command("rapidocr", ["in"], spool)
        at = command.index("edge.vision.worker")
        command[at : at + 1] = ["edge.bench.timed_vision", str(times)]
        eyes.append(HeardEyes(command, tell, f"folder:{photos}"))
        return eyes[0]

    lane = BenchLane(folder / "lane", "entry", make_eyes)
    try:
        eyes[0].start()
        if not eyes[0].up.wait(START_S):
            raise BenchError(f"vision did not start in {START_S:g} s: {eyes[0].fault or 'it said nothing'}")
        raisings = [_raising(lane, eyes[0], times) for _ in range(WARMING + VEHICLES)]
    finally:
        eyes[0].close()
        lane.close()
    return raisings[WARMING:]


def _raising(lane: BenchLane, eyes: HeardEyes, times: Path) -> Raising:
    opened_at = lane.arrive()
    lane.leave()  # the file of times is whole by now
    seen_at, voted_at = eyes.seen_at, eyes.voted_at
    model_s = ran_between(times, seen_at, opened_at)
    if model_s == 0:
        raise BenchError("no network ran for the deciding frame: expected vision with its stopwatch")
    return Raising((opened_at - seen_at) * 1000, model_s * 1000, (opened_at - voted_at) * 1000)


def _photos(folder: Path, seed: int) -> Path:
    """Rendered pictures, one a vehicle, in a folder that a folder camera plays."""
    import cv2

    from edge.simulation.scene.picture import Scene
    from edge.simulation.world.traffic import BUILDS, STOP_LINE_M

    folder.mkdir()
    scene, dice = Scene(), random.Random(seed)
    for n in range(12):
        kind = KINDS[n % len(KINDS)]
        plate = (
            f"MH{dice.randrange(1, 51):02d}{''.join(dice.choices('ABCDEFGHJKLMNP', k=2))}{dice.randrange(10000):04d}"
        )
        about = {"vehicle": f"bench {n}", "class": kind, "plate": plate, "lines": 1 + n % 2, "style": "white"}
        where = {"nose_m": STOP_LINE_M, "tail_m": STOP_LINE_M - BUILDS[kind].length_m, "speed_mps": 0.0}
        look = {"vehicles": [{**about, **where, "colour": None}], "boom_deg": 0.0, "light": "red"}
        cv2.imwrite(str(folder / f"{n:02d}.png"), scene.render(look))
    return folder
