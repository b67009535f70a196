"""The person of a bench test at a terminal: questions with yes and no, inputs shown live, Enter leaves one out."""

from __future__ import annotations

import select
import sys
from dataclasses import fields
from typing import TextIO

from edge.rules.signals import Inputs

_NAMES = tuple(field.name for field in fields(Inputs) if field.name != "valid")


class Terminal:
    """Asks on `out`, listens on `keys`."""

    def __init__(self, keys: TextIO | None = None, out: TextIO | None = None) -> None:
        self._keys, self._out = keys or sys.stdin, out or sys.stdout
        self._shown: Inputs | None = None
        self._gave_up = False
        self._is_live = self._out.isatty()

    def tell(self, text: str) -> None:
        self._line(text)

    def confirm(self, text: str) -> bool:
        return self._yes(text)

    def sees(self, wire: str, text: str) -> bool:
        return self._yes(text)

    def please(self, thing: str, state: str, text: str) -> None:
        self._gave_up = False
        self._line(f"> {text}.  (Enter: leave it out)")

    def live(self, inputs: Inputs) -> None:
        """One line of what is active, again only when it has changed."""
        if inputs == self._shown:
            return
        self._shown = inputs
        active = [name for name in _NAMES if getattr(inputs, name)] if inputs.valid else ["CAN'T BE READ"]
        text = f"  active: {' '.join(active) or '-'}"
        self._out.write(f"\r\033[K{text}" if self._is_live else f"{text}\n")
        self._out.flush()

    def gave_up(self) -> bool:
        if not self._gave_up and select.select([self._keys], [], [], 0.0)[0]:
            self._gave_up = True
            if not self._keys.readline():
                raise KeyboardInterrupt  # the terminal has gone: nobody watches the boom
        return self._gave_up

    def _yes(self, text: str) -> bool:
        while True:
            self._line(f"? {text}  [y/n]", end=" ")
            answer = self._keys.readline()
            if not answer:
                raise KeyboardInterrupt  # as above
            if answer.strip().lower() in ("y", "yes", "n", "no"):
                return answer.strip().lower().startswith("y")
            self._line("  expected y or n")

    def _line(self, text: str, end: str = "\n") -> None:
        self._out.write(f"\r\033[K{text}{end}" if self._is_live else f"{text}{end}")
        self._out.flush()
