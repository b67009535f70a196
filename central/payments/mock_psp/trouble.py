"""Outages and slow answers of the mock PSP on command, so that a car park can be tried against them."""

from __future__ import annotations

import threading
import time

from central.payments.mock_psp.orders import Refused

KINDS = ("none", "down", "slow")
LONGEST_S = 3_600
SLOWEST_S = 30


class Trouble:
    """What ails the service, until when. Thread-safe."""

    def __init__(self) -> None:
        self._set = ("none", 0.0, 0.0)
        self._never = threading.Event()

    def begin(self, kind: str, for_s: int, delay_s: int) -> None:
        """down: requests are refused (503); slow: they are answered after delay_s. Refused (400) for any other word."""
        if kind not in KINDS:
            raise Refused(f"kind {kind!r}: expected one of {', '.join(KINDS)}")
        self._set = (kind, time.monotonic() + for_s, float(delay_s))

    def strike(self) -> None:
        """Before a request is served."""
        kind, until, delay_s = self._set
        if time.monotonic() >= until:
            return
        if kind == "down":
            raise Refused("the payment service is out of order", 503)
        if kind == "slow":
            self._never.wait(delay_s)
