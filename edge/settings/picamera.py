"""How a Pi's own camera is set, from its source: "picamera2:0?exposure_us=2000&gain=4&ir=on". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl

SOURCE = re.compile(r"picamera2(?::(?P<number>[0-9]{1,2}))?(?:\?(?P<options>.*))?")
EXPECTED = "picamera2, picamera2:1 or picamera2:0?exposure_us=2000&gain=4&ir=on"
# libcamera's AwbMode, by its numbers (control_ids_core.yaml)
AWB = {"auto": 0, "incandescent": 1, "tungsten": 2, "fluorescent": 3, "indoor": 4, "daylight": 5, "cloudy": 6}
_SWITCH = {"on": True, "off": False}


class BadSource(ValueError):
    """A source that can't be understood: one line naming the option and what is expected."""


@dataclass(frozen=True, slots=True)
class PicameraSettings:
    """One camera. What is None is left to the camera's own automatic.

    number       of the camera, as `rpicam-hello --list-cameras` counts
    width, height  of the pictures that are read, even, px
    rate         frames a second, 1 to 60
    exposure_us  time of exposure, microseconds; at a barrier 2000 or less stops a moving plate
    gain         of the sensor, 1.0 to 64.0; goes with exposure_us
    awb          white balance, a key of AWB
    ir           lit by an infrared lamp: colours are meaningless, so none is balanced and pictures are grey
    focus_m      distance of the plate, metres, for a camera with a motor; None where it has none
    turned       the camera hangs upside down
    """

    number: int = 0
    width: int = 1920
    height: int = 1080
    rate: float = 15.0
    exposure_us: int | None = None
    gain: float | None = None
    awb: str = "auto"
    ir: bool = False
    focus_m: float | None = None
    turned: bool = False

    @property
    def lores(self) -> tuple[int, int]:
        """Of the small stream that is looked at for motion: 320 wide, of the same shape, even."""
        return min(320, self.width), max(2, round(min(320, self.width) * self.height / self.width / 2) * 2)

    def controls(self) -> dict[str, object]:
        """What libcamera is told, by the names of its controls."""
        frame_us = round(1_000_000 / self.rate)
        told: dict[str, object] = {"FrameDurationLimits": (frame_us, frame_us)}
        if self.exposure_us is not None:
            told["ExposureTime"] = self.exposure_us
        if self.gain is not None:
            told["AnalogueGain"] = self.gain
        if self.ir:
            told |= {"AwbEnable": False, "ColourGains": (1.0, 1.0), "Saturation": 0.0}
        else:
            told["AwbMode"] = AWB[self.awb]
        if self.focus_m is not None:
            told |= {"AfMode": 0, "LensPosition": round(1.0 / self.focus_m, 3)}  # manual; dioptres
        return told


#   option        lowest  highest
_RANGES = {
    "width":       (64, 9152),
    "height":      (64, 6944),
    "rate":        (1.0, 60.0),
    "exposure_us": (50, 1_000_000),
    "gain":        (1.0, 64.0),
    "focus_m":     (0.1, 50.0),
}  # fmt: skip
_OPTIONS = tuple(field.name for field in fields(PicameraSettings) if field.name != "number")


def picamera_settings(source: str) -> PicameraSettings:
    """The settings of a source. BadSource says what is wrong."""
    found = SOURCE.fullmatch(source)
    if found is None:
        raise BadSource(f"camera {source!r} is not understood; expected {EXPECTED}")
    values: dict[str, object] = {"number": int(found["number"] or 0)}
    for name, text in parse_qsl(found["options"] or "", keep_blank_values=True):
        if name in values:
            raise BadSource(f"camera {source!r}: {name} is given twice; expected it once")
        values[name] = _value(source, name, text)
    settings = PicameraSettings(**values)
    if settings.exposure_us is not None and settings.exposure_us * settings.rate > 1_000_000:
        raise BadSource(
            f"camera {source!r}: exposure_us is {settings.exposure_us}, longer than a frame at {settings.rate:g} "
            f"a second; expected at most {1_000_000 / settings.rate:.0f}"
        )
    return settings


def _value(source: str, name: str, text: str) -> object:
    if name not in _OPTIONS:
        raise BadSource(f"camera {source!r}: unknown option {name!r}; expected one of {', '.join(_OPTIONS)}")
    choices = AWB if name == "awb" else _SWITCH if name in ("ir", "turned") else None
    if choices is not None:
        if text not in choices:
            raise BadSource(f"camera {source!r}: {name} is {text!r}; expected one of {', '.join(choices)}")
        return text if name == "awb" else choices[text]
    low, high = _RANGES[name]
    try:
        number = type(low)(text)
    except ValueError:
        number = None
    if number is None or not low <= number <= high or (name in ("width", "height") and number % 2):
        kind = "an even number" if name in ("width", "height") else "a number"
        raise BadSource(f"camera {source!r}: {name} is {text!r}; expected {kind}, {low} to {high}")
    return number
