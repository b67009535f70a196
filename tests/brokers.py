"""Real brokers for tests: each on a free loopback port in a process of its own, stopped by its handle."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.simulation.demo.processes import free_port

MOSQUITTO = shutil.which("mosquitto") or next(
    (path for path in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto") if os.access(path, os.X_OK)), None
)

_EMBEDDED = """
import asyncio, logging, sys
from amqtt.broker import Broker
async def main():
    config = {"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{sys.argv[1]}"}},
              "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}}
    broker = Broker(config)
    await broker.start()
    await asyncio.Event().wait()
logging.disable(logging.CRITICAL)
asyncio.run(main())
"""


class RunningBroker:
    """A broker that can be killed and started again on the same port. A mosquitto keeps nothing over a kill."""

    host = "127.0.0.1"

    def __init__(self, command: list[str], port: int) -> None:
        self.port = port
        self._command = command
        self._process: subprocess.Popen | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"mqtt://{self.host}:{self.port}"

    def start(self) -> None:
        """Returns once it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"broker did not start: {self._command[0]}")
            time.sleep(0.02)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends it; safe to call twice."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(how)
            self._process.wait(timeout=10)


@contextmanager
def mosquitto(users: dict[str, str] | None = None, lines: str = "") -> Iterator[RunningBroker]:
    """A mosquitto: anonymous, or letting in `users` (name: password) alone. `lines` go to its configuration."""
    if MOSQUITTO is None:
        raise RuntimeError("no mosquitto found: apt install mosquitto")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = [f"listener {port} 127.0.0.1", f"allow_anonymous {'false' if users else 'true'}", lines]
        if users:
            passwords = Path(folder, "passwords")
            passwords.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
            passwords.chmod(0o600)
            subprocess.run([_passwd(), "-U", str(passwords)], check=True, capture_output=True)
            config.append(f"password_file {passwords}")
        # mosquitto changes its user when started by root, and could not read our private folder
        config.append("user root" if os.getuid() == 0 else "")
        Path(folder, "mosquitto.conf").write_text("\n".join(config) + "\n")
        yield from _running([MOSQUITTO, "-c", str(Path(folder, "mosquitto.conf"))], port)


@contextmanager
def embedded() -> Iterator[RunningBroker]:
    """An amqtt, anonymous: what a machine without mosquitto gets."""
    port = free_port()
    yield from _running([sys.executable, "-c", _EMBEDDED, str(port)], port)


def _running(command: list[str], port: int) -> Iterator[RunningBroker]:
    broker = RunningBroker(command, port)
    try:
        yield broker
    finally:
        broker.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _passwd() -> str:
    return shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
