"""The port between a gate and its barrier: the real adapter and the simulated one stand behind it alike."""

from __future__ import annotations

from typing import Protocol

from edge.rules.signals import Inputs, Outputs


class DeviceError(Exception):
    """A device that can't be used: says which and what to do."""


class Barrier(Protocol):
    """The wires of one barrier."""

    def read(self) -> Inputs:
        """Samples every input. Returns at once; never waits, never raises: what can't be read is `valid=False`."""

    def drive(self, outputs: Outputs) -> None:
        """Applies every output. Returns at once; driving the same outputs again changes nothing."""

    def close(self) -> None:
        """Releases both relays and the pins. Safe to call twice."""
