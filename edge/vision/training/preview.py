"""Look at what is rendered, or measure how long it takes.

`python -m edge.vision.training.preview --out FOLDER | --measure`
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from edge.vision.training.samples import crop_at, crops, sample_at, samples


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m edge.vision.training.preview", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write scenes.png and crops.png there")
    parser.add_argument("--measure", action="store_true", help="milliseconds of processor time a scene and a crop take")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=5, help="rows of scenes; crops get four times as many (default 5)")
    chosen = parser.parse_args(words)
    if chosen.out is None and not chosen.measure:
        parser.error("nothing to do, expected --out FOLDER or --measure")
    if chosen.seed < 0:
        parser.error(f"--seed {chosen.seed}, expected 0 or more")
    if chosen.rows < 1:
        parser.error(f"--rows {chosen.rows}, expected 1 or more")
    if chosen.out is not None:
        try:
            chosen.out.mkdir(parents=True, exist_ok=True)
            _write(chosen.out / "scenes.png", scene_sheet(chosen.seed, down=chosen.rows))
            _write(chosen.out / "crops.png", crop_sheet(chosen.seed, down=4 * chosen.rows))
        except OSError as error:
            print(f"--out {chosen.out}: {error.strerror or error}, expected a folder to write in", file=sys.stderr)
            return 2
    if chosen.measure:
        cv2.setNumThreads(1)
        print(f"scene 640 x 480: {_cost_ms(lambda n: sample_at(chosen.seed, n), 80)}")
        print(f"crop 128 x 64:   {_cost_ms(lambda n: crop_at(chosen.seed, n), 400)}")
    return 0


def scene_sheet(seed: int, across: int = 4, down: int = 5) -> np.ndarray:
    """Scenes side by side with their plates and rows outlined and the text beside, BGR uint8."""
    cells = []
    for sample in islice(samples(seed), across * down):
        art = sample.image.copy()
        for plate in sample.plates:
            outlines = [(plate.corners, (0, 255, 0)), *((row, (255, 160, 0)) for row in plate.row_corners)]
            for corners, colour in outlines:
                cv2.polylines(art, [np.round(corners * 16 - 8).astype(np.int32)], True, colour, 1, cv2.LINE_AA, shift=4)
            at = (int(np.clip(plate.corners[0, 0], 0, 400)), int(np.clip(plate.corners[:, 1].max() + 16, 12, 470)))
            cv2.putText(art, f"{' '.join(plate.rows)} {plate.kind}", at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 255, 255))
        cells.append(art)
    return _tiled(cells, across)


def crop_sheet(seed: int, across: int = 10, down: int = 20) -> np.ndarray:
    """Crops side by side with their text under each, BGR uint8."""
    cells = []
    for crop in islice(crops(seed), across * down):
        cell = np.full((crop.image.shape[0] + 16, crop.image.shape[1], 3), 30, np.uint8)
        cell[:-16] = crop.image
        said = crop.text.replace("\n", " ") or crop.kind
        cv2.putText(cell, said, (2, cell.shape[0] - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (230, 230, 230))
        cells.append(cell)
    return _tiled(cells, across)


def _tiled(cells: list[np.ndarray], across: int) -> np.ndarray:
    return np.vstack([np.hstack(cells[at : at + across]) for at in range(0, len(cells), across)])


def _write(path: Path, art: np.ndarray) -> None:
    done, data = cv2.imencode(".png", art)
    if not done:
        raise OSError(f"{path.name} couldn't be put into PNG")
    path.write_bytes(data.tobytes())
    print(path)


def _cost_ms(draw: Callable[[int], object], count: int) -> str:
    """Processor time of this process, which other programs on the machine don't add to."""
    for number in range(10):
        draw(number)
    took = []
    for number in range(10, 10 + count):
        start = time.process_time()
        draw(number)
        took.append((time.process_time() - start) * 1000)
    middle, late = median(took), sorted(took)[int(count * 0.95)]
    return f"median {middle:.1f} ms, mean {sum(took) / count:.1f} ms, 95 % under {late:.1f} ms ({count} drawn)"


if __name__ == "__main__":
    raise SystemExit(main())
