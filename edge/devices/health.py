"""The machine under the gate: free disk, temperature and the Pi's own complaints about its power."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
_THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
#   bit of the firmware's word (Raspberry Pi documentation, vcgencmd get_throttled)
_COMPLAINTS = {0: "under_voltage", 1: "frequency_capped", 2: "throttled", 3: "too_hot"}


@dataclass(frozen=True, slots=True)
class Machine:
    """How the machine is.

    temperature_c  of the processor, degrees Celsius; None where it can't be told
    complaints     of the Pi's firmware at this moment, e.g. "under_voltage"
    """

    temperature_c: float | None
    complaints: tuple[str, ...]


def free_bytes(folder: Path) -> int:
    """What the disk of `folder` has left for this program; 0 when it can't be asked, as a dead disk takes nothing."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def machine() -> Machine:
    """Reads the sensors; never raises."""
    heat = _number(_THERMAL, 10)
    word = _number(_THROTTLED, 16) or 0
    complaints = tuple(name for bit, name in _COMPLAINTS.items() if word >> bit & 1)
    return Machine(round(heat / 1000, 1) if heat is not None else None, complaints)


def _number(path: Path, base: int) -> int | None:
    try:
        return int(path.read_text().strip(), base)
    except (OSError, ValueError):
        return None
