"""`python -m edge.vision.aim.sweep`: how far a rendered plate may shrink, blur, smear or dim and still be read.

The limits of `verdict` come from this table. Rendered plates only: a real one is dirtier.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from edge.simulation.scene.plates import draw_plate, wear
from edge.vision.aim.measure import measure
from edge.vision.reader import open_reader
from edge.vision.watch import foremost


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is done to a plate of 160 px. Pixels, but gain (of brightness) and angle_deg."""

    width_px: int = 160
    blur_px: float = 0.0
    sideways_px: int = 0
    upwards_px: int = 0
    gain: float = 1.0
    angle_deg: float = 0.0


STEPS: dict[str, Sequence[float]] = {
    "width_px": (40, 50, 60, 80, 100, 130, 200, 300, 400, 560),
    "blur_px": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0),
    "sideways_px": (3, 6, 9, 12, 16),
    "upwards_px": (3, 6, 9, 12, 16),
    "gain": (0.05, 0.1, 0.2, 0.5, 1.5, 3.0, 5.0, 8.0),
    "angle_deg": (5, 10, 15, 20, 30),
}


def picture(text: str, lines: int, trouble: Trouble) -> np.ndarray:
    """A plate on its dark holder in a grey scene, uint8 BGR, 480 x 640."""
    art = wear(draw_plate(text, lines, "white", 2.0), text)
    width = trouble.width_px if lines == 1 else round(trouble.width_px * 0.68)
    height = round(width * art.shape[0] / art.shape[1])
    scene = np.full((480, 640, 3), 90, np.uint8)
    left, top = 320 - width // 2, 240 - height // 2
    scene[top - 6 : top + height + 6, left - 6 : left + width + 6] = 30
    small = cv2.resize(art, (width, height), interpolation=cv2.INTER_AREA)
    scene[top : top + height, left : left + width] = cv2.convertScaleAbs(small, alpha=0.85)
    turn = cv2.getRotationMatrix2D((320, 240), -trouble.angle_deg, 1.0)
    scene = cv2.warpAffine(scene, turn, (640, 480), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if trouble.blur_px:
        scene = cv2.GaussianBlur(scene, (0, 0), trouble.blur_px)
    scene = cv2.blur(scene, (max(1, trouble.sideways_px), max(1, trouble.upwards_px)))
    grain = np.random.default_rng(1).normal(0, 2, scene.shape)
    return np.clip(scene * trouble.gain + grain, 0, 255).astype(np.uint8)


def rows(
    plates: int, seed: int, only: Sequence[str] = tuple(STEPS)
) -> Iterator[tuple[str, float, int, float, int, str]]:
    """(trouble, how much, lines, share read right, share accepted in percent, median figures) per step."""
    reader, dice = open_reader("rapidocr", ["in"]), random.Random(seed)
    texts = [
        f"MH{dice.randrange(1, 51):02d}{''.join(dice.choices('ABCDEFGHJKLMNP', k=2))}{dice.randrange(10000):04d}"
        for _ in range(plates)
    ]
    steps = [(name, much, lines) for name in only for much in STEPS[name] for lines in (1, 2)]
    for name, much, lines in steps:
        trouble = replace(Trouble(), **{name: type(getattr(Trouble(), name))(much)})
        frames = [picture(text, lines, trouble) for text in texts]
        reads = [foremost(reader.read(frame, 0.0)) for frame in frames]
        right = sum(read is not None and read.text == text for read, text in zip(reads, texts, strict=True))
        sure = sum(read is not None and read.is_sure() for read in reads)
        seen = [measure(frame, read, 66.0).plate for frame, read in zip(frames, reads, strict=True) if read]
        yield name, much, lines, right / plates, round(100 * sure / plates), _figures(seen)


def _figures(seen: Sequence) -> str:
    if not seen:
        return "nothing found"
    names = ("width_px", "sharpness", "smear", "mean", "clipped", "angle_deg")
    return ", ".join(f"{name} {np.median([getattr(plate, name) for plate in seen]):.2f}" for name in names)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m edge.vision.aim.sweep", description=__doc__)
    parser.add_argument("--plates", type=int, choices=range(1, 101), metavar="N", default=5, help="per step (1 to 100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[field.name for field in fields(Trouble)], action="append")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    for name, much, lines, right, sure, figures in rows(options.plates, options.seed, options.only or tuple(STEPS)):
        print(
            f"{name:<12} {much:<5g} {lines} line  right {100 * right:3.0f}%  accepted {sure:3d}%  {figures}", flush=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
