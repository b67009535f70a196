"""What the camera and the weather do to a picture: blur, night, infra-red, glare, rain, noise, JPEG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.vision.training.wear import cut_grain


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a picture is taken.

    light        by day, night or infra (lit by an infra-red lamp, grey)
    motion_px    length of the motion blur, 0 none;  motion_deg its direction
    defocus_px   deviation of the defocus, 0 none
    rain         0 dry to 1 heavy
    glare        lamps or sun in view, 0 none to 1
    exposure     gain; contrast, gamma
    warmth       gain of red over blue
    noise        deviation, grey levels
    jpeg         quality 1-100, or 0 for none
    grey         picture without colour
    """

    light: str
    motion_px: float
    motion_deg: float
    defocus_px: float
    rain: float
    glare: float
    exposure: float
    contrast: float
    gamma: float
    warmth: float
    noise: float
    jpeg: int
    grey: bool


def make_conditions(dice: np.random.Generator, letter_px: float) -> Conditions:
    """Conditions under which letters `letter_px` tall can still be read, if only just."""
    light = ("day", "night", "infra")[dice.choice(3, p=(0.72, 0.16, 0.12))]
    dark = light != "day"
    return Conditions(
        light=light,
        motion_px=letter_px * dice.uniform(0.05, 0.26) if dice.random() < 0.2 else 0.0,
        motion_deg=float(dice.choice([dice.normal(0, 12), dice.normal(90, 12), dice.uniform(0, 180)])),
        defocus_px=letter_px * dice.beta(1, 2.5) * 0.13 if dice.random() < 0.6 else 0.0,
        rain=dice.uniform(0.2, 1.0) if dice.random() < 0.1 else 0.0,
        glare=dice.uniform(0.2, 1.0) if dice.random() < (0.35 if dark else 0.12) else 0.0,
        exposure=float(np.exp(np.clip(dice.normal(0.05, 0.2), -0.45, 0.5))),
        contrast=dice.uniform(0.6, 0.95 if dark else 1.15),
        gamma=float(np.exp(dice.normal(0, 0.22))),
        warmth=float(np.exp(dice.normal(0, 0.08))),
        noise=dice.gamma(1.5, 4.5 if dark else 2.2),
        jpeg=int(dice.integers(25, 96)) if dice.random() < 0.8 else 0,
        grey=light == "infra" or bool(dice.random() < 0.06),
    )


def take(picture: np.ndarray, seen: Conditions, dice: np.random.Generator) -> np.ndarray:
    """The picture as the camera gives it, BGR uint8 of the same shape."""
    if seen.rain:
        picture = _rain(picture, seen.rain, dice)
    if seen.defocus_px > 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), seen.defocus_px)
    if seen.motion_px >= 1.5:
        picture = cv2.filter2D(picture, -1, _streak(seen.motion_px, seen.motion_deg))
    if seen.grey:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    picture = _expose(picture, seen)
    if seen.glare:
        picture = _glare(picture, seen, dice)
    if seen.noise > 0.5:
        picture = _grainy(picture, seen, dice)
    if seen.jpeg:
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, seen.jpeg])
        if not done:
            raise ValueError(f"picture of shape {picture.shape} couldn't be put into JPEG, expected BGR uint8")
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return picture


def _streak(length_px: float, degrees: float) -> np.ndarray:
    size = int(np.ceil(length_px)) | 1
    kernel = np.zeros((size, size), np.float32)
    turn = np.radians(degrees)
    reach = np.array([np.cos(turn), np.sin(turn)]) * (length_px - 1) / 2
    ends = [tuple(np.round((size // 2 + side * reach) * 16).astype(int).tolist()) for side in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, shift=4)
    return kernel / kernel.sum()


def _expose(picture: np.ndarray, seen: Conditions) -> np.ndarray:
    """One look-up per channel: gamma, contrast round mid-grey, exposure, warmth."""
    level = (np.arange(256) / 255.0) ** seen.gamma
    gain = seen.exposure * (0.8 if seen.light == "night" else 1.0)
    level = np.clip((level - 0.45) * seen.contrast + 0.45, 0, 1) * gain * 255
    warm = 1.0 if seen.grey else seen.warmth
    table = np.clip(np.stack([level / warm, level, level * warm], axis=1), 0, 255).astype(np.uint8)
    return cv2.LUT(picture, table[None])


def _glare(picture: np.ndarray, seen: Conditions, dice: np.random.Generator) -> np.ndarray:
    """Lamps' halos (small at night, wide by day), worked out at a quarter of the size."""
    high, wide = picture.shape[:2]
    veil = np.zeros((max(2, high // 4), max(2, wide // 4)), np.float32)
    for _ in range(int(dice.integers(1, 4))):
        y, x = dice.uniform(0, veil.shape[0]), dice.uniform(0, veil.shape[1])
        size = veil.shape[1] * (dice.uniform(0.02, 0.08) if seen.light != "day" else dice.uniform(0.1, 0.35))
        rows, columns = np.ogrid[: veil.shape[0], : veil.shape[1]]
        away = ((rows - y) ** 2 + (columns - x) ** 2).astype(np.float32) / np.float32(size * size)
        veil += 1 / (1 + away * away)
    veil = cv2.resize(np.clip(veil * seen.glare * 150, 0, 255).astype(np.uint8), (wide, high))
    return cv2.add(picture, cv2.merge([veil] * 3))


def _grainy(picture: np.ndarray, seen: Conditions, dice: np.random.Generator) -> np.ndarray:
    high, wide = picture.shape[:2]
    layers = 1 if seen.grey else 2
    noise = [cv2.convertScaleAbs(cut_grain(dice, high, wide), alpha=seen.noise) for _ in range(2 * layers)]
    up, down = (cv2.merge([noise[i], noise[i], noise[i + 2 * (layers - 1)]]) for i in (0, 1))
    return cv2.subtract(cv2.add(picture, up), down)


def _rain(picture: np.ndarray, heavy: float, dice: np.random.Generator) -> np.ndarray:
    """Streaks, and drops on the lens that smear what is behind them."""
    high, wide = picture.shape[:2]
    streaks = np.zeros((high, wide), np.uint8)
    lean = dice.normal(0, 0.2)
    for x, y, length in dice.uniform(0, 1, (int(30 + 130 * heavy), 3)):
        long = (0.02 + 0.06 * length) * high
        start = (int(x * wide), int(y * high))
        cv2.line(streaks, start, (int(x * wide + lean * long), int(y * high + long)), int(40 + 60 * length), 1)
    wet = cv2.add(picture, cv2.merge([streaks] * 3))
    if dice.random() < 0.5:
        drops = np.zeros((high, wide), np.uint8)
        for x, y, size in dice.uniform(0, 1, (int(4 + 10 * heavy), 3)):
            cv2.circle(drops, (int(x * wide), int(y * high)), max(2, int((0.005 + 0.012 * size) * wide)), 255, -1)
        smeared = cv2.blur(wet, (max(3, high // 40),) * 2)
        wet = np.where(drops[..., None] > 0, smeared, wet)
    return wet
