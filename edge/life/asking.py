"""`python -m edge.life.asking`: asks this machine's gate whether it may be stopped, and whether it came up well.

For the update script. Exit status: 0 yes, 1 no (and why), 3 the gate does not answer.
"""

from __future__ import annotations

import argparse
import json
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.settings.file import Settings, SettingsError, load, secret

YES, NO, USAGE, SILENT = 0, 1, 2, 3
ANSWERS_S = 5.0
AGAIN_S = 0.5
# the boom does not move and nothing is granted: also a fault, which an update may be there to mend
AT_REST = ("closed", "fault")


class NoAnswer(Exception):
    """The gate can't be asked: where, and why."""


@dataclass(frozen=True, slots=True)
class GateIs:
    """What a gate says of itself.

    boom     its state, "" before it has looked at its wires
    visit    a vehicle is being dealt with
    boot     of this start of the process
    version  of its program
    vision   it reads plates
    """

    boom: str
    visit: bool
    boot: str
    version: str
    vision: bool

    @staticmethod
    def of(told: dict[str, Any]) -> GateIs:
        told = told | told.get("process", {})
        return GateIs(
            boom=told.get("boom") or "",
            visit=bool(told.get("visit")),
            boot=str(told.get("boot", "")),
            version=str(told.get("version", "")),
            vision=told.get("vision") == "ready",
        )

    def busy(self) -> str:
        """Why it must not be stopped now; "" when it may."""
        if self.boom not in AT_REST:
            return f"the boom is {self.boom or 'not known yet'}: expected {' or '.join(AT_REST)}"
        return "a vehicle is in the lane" if self.visit else ""

    def unwell(self, version: str, not_boot: str, vision: bool) -> str:
        """Why it has not come up well as this version; "" when it has."""
        if not_boot and self.boot == not_boot:
            return "the gate has not been started anew"
        if version and self.version != version:
            return f"the gate is version {self.version}: expected {version}"
        if self.boom in ("", "boot"):
            return "the gate does not know its boom yet"
        return "the gate does not read plates yet" if vision and not self.vision else ""


def ask(settings: Settings, token: str) -> GateIs:
    """The gate of these settings, asked over HTTP on this machine; NoAnswer says why not."""
    http = settings.http
    host = "127.0.0.1" if http.host in ("0.0.0.0", "::", "") else http.host
    cert = getattr(http, "cert_file", None)
    base = f"{'https' if cert else 'http'}://{f'[{host}]' if ':' in host else host}:{http.port}"
    line = None
    if cert:
        line = ssl.create_default_context(cafile=cert)
        line.check_hostname = False  # its own certificate, by another name than the loopback's
    for path in ("/api/v1/status", "/status.json"):  # the second is what older versions have
        request = urllib.request.Request(base + path, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=ANSWERS_S, context=line) as answer:
                return GateIs.of(json.load(answer))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404:
                raise NoAnswer(f"{base}{path}: {error.code} {error.reason}; is the token right?") from error
        except (OSError, ValueError) as error:
            raise NoAnswer(f"{base}{path}: {getattr(error, 'reason', error)}") from error
    raise NoAnswer(f"{base}: has no status page")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m edge.life.asking", description=__doc__)
    parser.add_argument("what", choices=("idle", "boot", "vision", "well"))
    parser.add_argument("--config", type=Path, required=True, help="the gate's settings")
    parser.add_argument("--token-file", type=Path, help="one line, for reading; default: http.token_file")
    parser.add_argument("--wait", type=float, default=0.0, metavar="S", help="ask again for so long")
    parser.add_argument("--version", default="", help="well: it must be this version")
    parser.add_argument("--not-boot", default="", help="well: it must be another start than this")
    parser.add_argument("--with-vision", action="store_true", help="well: it must read plates")
    options = parser.parse_args(argv)
    try:
        settings = load(options.config)
        path = options.token_file or settings.http.token_file
        if path is None:
            raise SettingsError(f"{options.config}: no http.token_file, so the gate can't be asked; expected one")
        token = secret(path)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return USAGE
    deadline, pause = time.monotonic() + options.wait, threading.Event()
    while True:
        status, word = _answer(settings, token, options)
        if status == YES or time.monotonic() >= deadline:
            print(word)
            return status
        pause.wait(AGAIN_S)


def _answer(settings: Settings, token: str, options: argparse.Namespace) -> tuple[int, str]:
    try:
        gate = ask(settings, token)
    except NoAnswer as silent:
        return SILENT, f"the gate does not answer: {silent}"
    if options.what == "boot":
        return YES, gate.boot
    if options.what == "vision":
        return (YES, "it reads plates") if gate.vision else (NO, "it does not read plates")
    if options.what == "idle":
        why = gate.busy()
        return (NO, why) if why else (YES, "idle")
    why = gate.unwell(options.version, options.not_boot, options.with_vision)
    return (NO, why) if why else (YES, f"well: version {gate.version}")


if __name__ == "__main__":
    sys.exit(main())
