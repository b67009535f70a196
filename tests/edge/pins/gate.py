"""A real gate process on the pins of a file: started, driven by contacts, and ended, or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.protocol.signing import Signer
from tests.edge.pins.file_wires import Header
from tests.edge.pins.scope import INPUTS, OUTPUTS
from tests.waiting import wait_for

UP, DOWN = OUTPUTS["raise_boom"], OUTPUTS["lower_boom"]
KEY = Signer(Ed25519PrivateKey.generate()).public


def table(name: str, pins: dict[str, int]) -> str:
    return "\n".join([f"[devices.{name}]", *(f"{key} = {pin}" for key, pin in pins.items())])


class PinGate:
    """A real gate process on a boom that rests down, with no broker, no camera and a button that gives tickets."""

    def __init__(self, folder: Path) -> None:
        self.header = Header(folder)
        self.config = folder / "edge.toml"
        self.config.write_text(
            f"""
            [gate]
            site = "main"
            id = "entry-1"
            lane = "entry"
            data_dir = "data"
            [mqtt]
            url = "mqtt://127.0.0.1:9"
            [central]
            public_keys = ["{KEY}"]
            [plate]
            patience_s = 2.0
            [vision]
            source = "folder:nowhere"
            [http]
            port = 0
            [boom]
            start_s = 9.0
            travel_s = 10.0
            [devices]
            kind = "gpio"
            {table("inputs", INPUTS)}
            {table("outputs", OUTPUTS)}
            """
        )
        self.header.contact(INPUTS["limit_closed"], active=True)
        self._log_path, self.starts = folder / "log", 0
        self._log = self._log_path.open("a")
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "edge", "gate", "--config", str(self.config)]
        self.process = subprocess.Popen(command, stderr=self._log, env=self.header.environment)
        self.starts += 1
        up = lambda: self._log_path.read_text().count("pages on") == self.starts  # noqa: E731
        wait_for(lambda: up() or self.process.poll() is not None, "the gate is up", 30.0)
        assert self.process.poll() is None

    def raise_boom(self) -> None:
        """Until the relay is on: a vehicle comes, can't be read, and its driver presses the button."""
        self.header.contact(INPUTS["arming_loop"], active=True)

        def pressed() -> bool:
            on = self.header.level(UP) == 1
            self.header.contact(INPUTS["button"], active=not on and time.monotonic() % 0.6 < 0.3)
            return on

        wait_for(pressed, "the boom is driven up", 30.0)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._log.close()
        self.header.close()

    def claims(self) -> list[int]:
        return [pin for pin, what in self.header.log() if what == "output"]
