"""A camera that looks at the simulated lane, and a reader that makes the mistakes the world wants."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from edge.vision.messages import Voted
from tests.simulation.world.lane import Lane
from tests.simulation.world.timeline import Timeline

# what is read of the vehicle of that name; None: nothing that is accepted
Reader = Callable[[str], str | None]


class Eyes:
    """Vision, as the controller needs it: votes once when a plate is accepted, else once when the watch ends."""

    ready = True

    def __init__(
        self, timeline: Timeline, dice: Random, lane: Lane, reader: Reader, tell: Callable[[object], None]
    ) -> None:
        self._timeline, self._dice, self._lane, self._reader, self._tell = timeline, dice, lane, reader, tell
        self._visit: str | None = None
        self._watch = 0

    def watch(self, visit: str) -> None:
        self._visit = visit
        self._watch += 1
        self._look_later(self._watch)

    def rest(self) -> None:
        visit, self._visit = self._visit, None
        if visit is not None:
            self._tell(_vote(visit, None))

    def snapshot(self) -> None:
        """The live picture is of no matter here."""

    def _look_later(self, watch: int) -> None:
        self._timeline.after(self._dice.uniform(0.2, 0.8), lambda: self._look(watch))

    def _look(self, watch: int) -> None:
        if self._visit is None or watch != self._watch:
            return
        vehicle = self._lane.foremost
        plate = None if vehicle is None else self._reader(vehicle.name)
        if plate is None:
            self._look_later(watch)
            return
        visit, self._visit = self._visit, None
        self._tell(_vote(visit, plate))


def _vote(visit: str, plate: str | None) -> Voted:
    return Voted(
        visit=visit,
        text=plate or "",
        raw=plate or "",
        format="in-standard" if plate else "",
        confidence=0.98 if plate else 0.0,
        per_char=(0.98,) * len(plate or ""),
        box=(),
        engine="simulated",
        frames=3 if plate else 0,
        accepted=plate is not None,
        seen_at=0.0,
        image="",
    )
