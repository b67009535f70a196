"""A folder of labelled photos: its labels.csv read and checked, or a small rendered one made."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.bench.figures import BenchError
from edge.rules.plate.formats import REGIONS
from edge.rules.plate.plate import normalise

COLUMNS = ("photo", "region", "text", "also", "two_line", "x", "y", "w", "h")
KINDS = ("car", "van", "auto", "truck", "bike")
RENDERED = 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """A photo and what its plate says. texts: normalised, any of them is right; box: x, y, width, height, pixels."""

    photo: Path
    region: str
    texts: tuple[str, ...]
    two_line: bool
    box: tuple[float, float, float, float]


def read_labels(path: Path, folder: Path) -> list[Labelled]:
    """The photos of a labels file; BenchError holds one line for each label that is wrong."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            lacking = [name for name in COLUMNS if name not in (table.fieldnames or ())]
            if lacking:
                raise BenchError(f"{path}: has no column {', '.join(lacking)}; expected {','.join(COLUMNS)}")
            rows = list(table)
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror}; expected a labels.csv with {','.join(COLUMNS)}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BenchError(f"{path}: is no CSV in UTF-8 ({error}); expected {','.join(COLUMNS)}") from error
    if not rows:
        raise BenchError(f"{path}: holds no label; expected at least one photo")
    labelled, wrong, seen = [], [], set()
    for number, row in enumerate(rows, 2):
        try:
            one = _labelled(row, folder)
            if one.photo in seen:
                raise ValueError(f"photo {one.photo.name!r} is labelled twice; expected once")
            seen.add(one.photo)
            labelled.append(one)
        except ValueError as bad:
            wrong.append(f"{path}: line {number}: {bad}")
    if wrong:
        raise BenchError("\n".join(wrong))
    return labelled


def _labelled(row: dict, folder: Path) -> Labelled:
    if any(row[name] is None for name in COLUMNS):
        raise ValueError(f"has too few fields; expected {len(COLUMNS)}")
    name, region = row["photo"], row["region"]
    photo = next((path for path in (folder / "photos" / name, folder / name) if path.is_file()), None)
    if not name or Path(name).name != name or photo is None:
        raise ValueError(f"there is no photo {name!r}; expected it in {folder} or its photos/")
    if region not in REGIONS:
        raise ValueError(f"region {region!r} is not known; expected one of {', '.join(REGIONS)}")
    texts = tuple(filter(None, (normalise(text) for text in [row["text"], *row["also"].split("|")])))
    if not normalise(row["text"]):
        raise ValueError(f"text {row['text']!r} has no letter or digit; expected what the plate says")
    if row["two_line"] not in ("0", "1"):
        raise ValueError(f"two_line is {row['two_line']!r}; expected 0 or 1")
    try:
        box = tuple(float(row[side]) for side in ("x", "y", "w", "h"))
    except ValueError:
        box = (0.0, 0.0, 0.0, 0.0)
    if not (box[2] > 0 and box[3] > 0):
        raise ValueError("x, y, w, h are no box; expected four numbers, w and h above 0")
    return Labelled(photo, region, texts, row["two_line"] == "1", (box[0], box[1], box[2], box[3]))


def render_labelled(folder: Path, seed: int, count: int = RENDERED) -> Path:
    """Writes rendered Indian plates on vehicles before the boom, with their labels.csv; returns its path."""
    import cv2

    from edge.simulation.scene.picture import Scene
    from edge.simulation.world.traffic import BUILDS, STOP_LINE_M

    (folder / "photos").mkdir(parents=True)
    scene, dice, rows = Scene(), random.Random(seed), []
    for number in range(count):
        kind, lines = KINDS[number % len(KINDS)], 1 + number % 2
        series = "".join(dice.choices("ABCDEFGHJKLMNP", k=2))
        text = f"{dice.choice(('MH', 'KA', 'DL', 'UP'))}{dice.randrange(10, 51)}{series}{dice.randrange(1000, 10000)}"
        nose_m = STOP_LINE_M - dice.uniform(0.0, 4.0)
        about = {"vehicle": f"bench {number}", "class": kind, "plate": text, "lines": lines, "style": "white"}
        where = {"nose_m": nose_m, "tail_m": nose_m - BUILDS[kind].length_m, "speed_mps": 0.0, "colour": None}
        vehicle = {**about, **where}
        name = f"{number:03d}.png"
        cv2.imwrite(
            str(folder / "photos" / name), scene.render({"vehicles": [vehicle], "boom_deg": 85.0, "light": "green"})
        )
        corners = scene.plate_corners(vehicle)
        (left, top), (wide, high) = corners.min(axis=0), corners.max(axis=0) - corners.min(axis=0)
        rows.append([name, "in", text, "", lines - 1, *(round(float(v), 1) for v in (left, top, wide, high))])
    path = folder / "labels.csv"
    _write(path, rows)
    return path


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
