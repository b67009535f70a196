"""A Pi's lines in a file, so that they outlive the process that drives them, as copper does.

One byte a line holds its level. A line is claimed by a lock on that byte, as the kernel lets one process claim it: when
the process dies, however it dies, its locks are gone. Every change is also added to FILE.log: "17 output", "17 1".
Chosen by gpiozero's own way: GPIOZERO_PIN_FACTORY names it, an entry point finds it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from gpiozero.pins.mock import MockFactory, MockPin

VARIABLE = "PARKMETER_TEST_WIRES"
LINES = 28


class PinError(Exception):
    """As lgpio's own."""


class FilePin(MockPin):
    """One line of the file."""

    def __init__(self, factory, info) -> None:
        self._line = int(info.name.removeprefix("GPIO"))
        try:
            fcntl.lockf(factory.wires, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, self._line)
        except OSError as taken:
            raise PinError("'GPIO busy'") from taken
        super().__init__(factory, info)

    def close(self) -> None:
        super().close()
        fcntl.lockf(self.factory.wires, fcntl.LOCK_UN, 1, self._line)

    def _set_function(self, value: str) -> None:
        claimed = value == "output" and self._function != "output"
        self._function = value
        self._note(value)
        if claimed:
            self._write(0)  # lgpio claims an output at 0

    def _set_pull(self, value: str) -> None:
        self._pull = value

    def _get_state(self) -> bool:
        return os.pread(self.factory.wires, 1, self._line) == b"\1"

    def _set_state(self, value: float) -> None:
        self._write(int(value))

    def _write(self, level: int) -> None:
        if self._get_state() is not bool(level):
            self._note(str(level))
        os.pwrite(self.factory.wires, bytes([level]), self._line)

    def _note(self, what: str) -> None:
        os.write(self.factory.log, f"{self._line} {what}\n".encode())


class FileFactory(MockFactory):
    """The header of a Pi whose lines lie in the file that the environment names."""

    def __init__(self) -> None:
        super().__init__(pin_class=FilePin)
        path = os.environ[VARIABLE]
        self.wires = os.open(path, os.O_RDWR)
        self.log = os.open(f"{path}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)


class Header:
    """The same lines from outside: contacts that a test opens and closes, relays that it looks at."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wires"
        self.path.write_bytes(bytes(LINES))
        self._fd = os.open(self.path, os.O_RDWR)
        entry = folder / "site" / "parkmeter_test_wires-1.dist-info"
        entry.mkdir(parents=True)
        (entry / "METADATA").write_text("Metadata-Version: 2.1\nName: parkmeter-test-wires\nVersion: 1\n")
        points = "[gpiozero_pin_factories]\nfile = tests.edge.pins.file_wires:FileFactory\n"
        (entry / "entry_points.txt").write_text(points)
        root = Path(__file__).resolve().parents[3]
        self.environment = os.environ | {
            VARIABLE: str(self.path),
            "GPIOZERO_PIN_FACTORY": "file",
            "PYTHONPATH": f"{root}{os.pathsep}{folder / 'site'}",
        }

    def close(self) -> None:
        os.close(self._fd)

    def contact(self, pin: int, active: bool) -> None:
        os.pwrite(self._fd, bytes([active]), pin)

    def is_claimed(self, pin: int) -> bool:
        """Whether some process holds the line."""
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, pin)
        except OSError:
            return True
        fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, pin)
        return False

    def level(self, pin: int, *, strict: bool = True) -> int:
        """Of an output with a pull-down. strict: the kernel makes a released line an input, so that the pull-down wins;
        otherwise it goes on being driven as it was left."""
        if strict and not self.is_claimed(pin):
            return 0
        return os.pread(self._fd, 1, pin)[0]

    def log(self) -> list[tuple[int, str]]:
        path = Path(f"{self.path}.log")
        lines = path.read_text().splitlines() if path.exists() else []
        return [(int(pin), what) for pin, _, what in (line.partition(" ") for line in lines)]
