"""Makes a run repeatable: every id, ticket and clock that the product asks the system for comes from the seed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from random import Random
from unittest.mock import patch

import central.actions.gates
import central.actions.lanes
import edge.controller
import edge.journal.file
import edge.journal.journal
import edge.protocol.ids
import edge.uplink.inbox
from tests.simulation.world.timeline import START, Timeline


class _Secrets:
    """`secrets`, as far as the product uses it."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def token_bytes(self, count: int) -> bytes:
        return self._dice.randbytes(count)

    def token_hex(self, count: int) -> str:
        return self._dice.randbytes(count).hex()

    token_urlsafe = token_hex

    def choice(self, of: Sequence):
        return self._dice.choice(of)


class _Uuid:
    """`uuid`, with random UUIDs from the seed."""

    UUID = uuid.UUID

    def __init__(self, dice: Random) -> None:
        self._dice = dice

    def uuid4(self) -> uuid.UUID:
        return uuid.UUID(bytes=self._dice.randbytes(16), version=4)


class _Time:
    """`time`, as the machines of the world have it."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def monotonic(self) -> float:
        return self._timeline.now

    def time_ns(self) -> int:
        return (START + timedelta(seconds=self._timeline.now)).timestamp().__int__() * 1_000_000_000


@contextmanager
def determined(seed: int, timeline: Timeline) -> Iterator[None]:
    """While it lasts, the system's randomness and clock are the world's."""
    dice = Random(f"ids {seed}")
    time, secrets, uuids = _Time(timeline), _Secrets(dice), _Uuid(dice)
    with ExitStack() as stack:
        for module, name, instead in (
            (edge.protocol.ids, "secrets", secrets),
            (edge.protocol.ids, "time", time),
            (edge.controller, "time", time),
            (edge.uplink.inbox, "time", time),
            (edge.journal.journal, "uuid", uuids),
            (edge.journal.file, "uuid", uuids),
            (central.actions.gates, "secrets", secrets),
            (central.actions.lanes, "secrets", secrets),
        ):
            stack.enter_context(patch.object(module, name, instead))
        yield
