"""The verdict on an aimed camera: each figure held to its range, with what to change where it is outside. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.vision.aim.measure import Picture, Plate


@dataclass(frozen=True, slots=True)
class Limit:
    """The range of one figure.

    name    of it, as JSON tells it
    figure  takes it from a plate
    least, most  of the range
    says    the figure in words, to be formatted with its value
    low, high    what to change below and above the range
    """

    name: str
    figure: Callable[[Plate], float]
    least: float
    most: float
    says: str
    low: str
    high: str

    def judged(self, plate: Plate) -> str | None:
        """One line that says what is wrong and what to change; None where it is within."""
        value = self.figure(plate)
        if self.least <= value <= self.most:
            return None
        cure = self.low if value < self.least else self.high
        return f"{self.says.format(value)}: expected {self.least:g} to {self.most:g}; {cure}"


TWO_LINES_LEAST_PX = 80  # of width: each of its lines holds half the characters

# Beside `python -m edge.vision.aim.sweep`, on rendered plates; docs/camera.md tells its figures.
LIMITS = (
    # rendered ones were read from 50 px on (two lines: 35); a real one is dirty, and its strokes want two pixels
    Limit("width_px", lambda p: p.width_px, 100, 400, "plate {:.0f} px wide", "come closer or zoom",
          "go back or zoom out: it leaves the picture soon, and costs time"),
    # a blur of 1.5 to 2 px at 160 px of width; at 3 px reads were no longer accepted
    Limit("sharpness", lambda p: p.sharpness, 0.2, 50, "plate is soft, sharpness {:.2f}", "focus at the plate's place",
          "much noise: more light or less gain"),
    # plates at rest lay at 0.5 to 2.6; beyond these, smeared over 6 to 9 px of 160, reads fell away
    Limit("smear", lambda p: p.smear, 0.35, 6, "plate is smeared, upright to level edges {:.2f}",
          "it moves sideways in the exposure: shorter exposure, more light",
          "it moves up or down in the exposure: shorter exposure, more light"),
    # a rule of thumb: rendered plates were read at 6 to 245, real ones lose their dirtier letters first
    Limit("mean", lambda p: p.mean, 40, 215, "plate's brightness {:.0f}", "longer exposure, gain or a lamp",
          "shorter exposure or less gain, or turn the lamp away"),
    # a rule of thumb too: letters in pure black or ground in pure white lose their edges to glare
    Limit("clipped", lambda p: p.clipped, 0, 0.35, "share of the plate wholly black or white {:.2f}", "",
          "it is burnt out or blocked up: change the exposure, move the lamp"),
    # turned by 30 degrees rendered plates were read; with perspective added rows become hard to part
    Limit("angle_deg", lambda p: p.angle_deg, -15, 15, "plate turned by {:.0f} degrees", "turn the camera level",
          "turn the camera level"),
)  # fmt: skip


def verdict(picture: Picture) -> list[str]:
    """What to change, most pressing first; empty where the camera is well aimed."""
    plate = picture.plate
    if plate is None:
        return [_no_plate(picture)]
    lines = [line for limit in limits_of(plate) if (line := limit.judged(plate)) is not None]
    if not lines and not plate.accepted:
        lines.append(
            f"plate read as {plate.text} without being sure: expected an accepted read; clean it or try another"
        )
    return lines


def limits_of(plate: Plate) -> list[Limit]:
    """The ranges for this plate: one of two lines may be narrower."""
    width, *others = LIMITS
    return [replace(width, least=TWO_LINES_LEAST_PX) if plate.lines == 2 else width, *others]


def _no_plate(picture: Picture) -> str:
    why = "aim at a vehicle's plate at the stop line, come closer or zoom"
    if picture.mean < 20:
        why = f"the picture is dark (brightness {picture.mean:.0f}): take off the cap, or more light"
    elif picture.mean > 235:
        why = f"the picture is white (brightness {picture.mean:.0f}): shorter exposure"
    return f"no plate found: expected one in the picture; {why}"


def told(picture: Picture) -> str:
    """The figures in a line for a person."""
    plate = picture.plate
    whole = f"picture {picture.width_px} x {picture.height_px}, brightness {picture.mean:.0f}"
    if plate is None:
        return whole
    return (
        f"{plate.text}{'' if plate.accepted else ' (unsure)'}: {plate.width_px:.0f} x {plate.height_px:.0f} px, "
        f"sharpness {plate.sharpness:.2f}, smear {plate.smear:.1f}, brightness {plate.mean:.0f}, "
        f"clipped {100 * plate.clipped:.0f}%, turned {plate.angle_deg:.0f} degrees, about {plate.distance_m:.1f} m; "
        f"{whole}"
    )
