"""`parkmeter read`: reads the plates of photos, folders, video files and cameras, one line each."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.rules.plate.formats import REGIONS
from edge.rules.plate.plate import PlateRead
from edge.vision.address import is_address, shown
from edge.vision.camera import open_camera
from edge.vision.drawing import draw_reads
from edge.vision.errors import BadPhoto, CameraError, EngineMissing, VisionError
from edge.vision.frame import Camera
from edge.vision.photo import load_photo
from edge.vision.reader import DEFAULT, ENGINES, FALLBACKS, Reader, open_reader
from edge.vision.recordings import VIDEO_SUFFIXES, photos_in
from edge.vision.visits import Visit, Visits

READ, SOME_UNREAD, USAGE = 0, 1, 2  # exit status
HAIR_S = 1e-3  # so that a frame due exactly now isn't missed by a rounding
SAMPLE_S = 0.2  # of a video file, a frame this often is read


def main(argv: Sequence[str] | None = None) -> int:
    """Reads what the command line names and prints a line for each. Returns the exit status."""
    options = _parser().parse_args(argv)
    try:
        if options.draw:
            options.draw.mkdir(parents=True, exist_ok=True)
        reader = open_reader(options.engine, options.region or ["in"], options.threads, options.fallback)
    except EngineMissing as missing:
        print(f"parkmeter read: {missing}", file=sys.stderr)
        return USAGE
    except OSError as refused:
        print(f"parkmeter read: --draw {options.draw}: {refused.strerror}; expected a folder", file=sys.stderr)
        return USAGE
    cv2.setNumThreads(options.threads)
    reading = _Reading(reader, options)
    try:
        for name in options.photo:
            reading.read(name)
    except KeyboardInterrupt:
        return reading.status
    except BrokenPipeError:
        # Whoever read our lines has seen enough; Python would complain again while closing standard output.
        sys.stdout = None  # type: ignore[assignment]
    return reading.status


class _Reading:
    """One run of the command: how to read, how to print, and whether anything failed so far."""

    def __init__(self, reader: Reader, options: argparse.Namespace) -> None:
        self._reader, self._options = reader, options
        self._drawn: Counter[str] = Counter()
        self.status = READ

    def read(self, name: str) -> None:
        path = Path(name)
        try:
            if is_address(name):
                self._video(name, open_camera(name))
            elif path.is_dir():
                self._folder(path)
            elif path.suffix.lower() in VIDEO_SUFFIXES and path.is_file():
                self._video(name, open_camera(f"video:{path}", live=False))
            else:
                self._photo(path)
        except CameraError as failed:
            self._failed(name, failed)

    def _folder(self, folder: Path) -> None:
        photos = photos_in(folder)
        if not photos:
            self._failed(str(folder), BadPhoto(f"{folder}: holds no photo"))
        for photo in photos:
            self._photo(photo)

    def _photo(self, path: Path) -> None:
        try:
            frame = load_photo(path)
        except BadPhoto as bad:
            self._failed(str(path), bad)
            return
        started = time.perf_counter()
        reads = self._reader.read(frame, time.monotonic(), thorough=True)
        self._print({"image": str(path), "ms": _ms_since(started), "plates": [_plate(r) for r in reads]})
        self._draw(path.stem, frame, reads)

    def _video(self, name: str, camera: Camera) -> None:
        """A line per visit as it ends, and with --frames a line per frame that was read."""
        visits, spent = Visits(), time.perf_counter()
        shown_name = shown(name)
        try:
            for exposed_at, frame in _sampled(camera, every_s=0 if is_address(name) else SAMPLE_S):
                started = time.perf_counter()
                # On a running picture a plate is seen again: only what really looks like one counts.
                reads = [r for r in self._reader.read(frame, exposed_at) if r.evidence >= 0]
                if self._options.frames:
                    at = {"image": shown_name, "at_s": round(exposed_at, 3), "ms": _ms_since(started)}
                    self._print(at | {"plates": [_plate(r) for r in reads]})
                if reads:
                    self._draw(f"{_file_name(shown_name)}-{exposed_at:010.3f}", frame, reads)
                self._visits(shown_name, visits.add(exposed_at, reads), spent)
        finally:
            self._visits(shown_name, visits.finish(), spent)
            camera.close()

    def _visits(self, name: str, ended: Iterable[Visit], spent: float) -> None:
        for visit in ended:
            vote, best = visit.vote(), visit.best
            joint = {"confidence": round(vote.confidence, 4), "accepted": vote.accepted, "frames": vote.frames}
            plate = _plate(best) | joint
            times = {"from_s": round(visit.first_s, 3), "to_s": round(visit.last_s, 3)}
            self._print({"image": name, "ms": _ms_since(spent), "visit": times, "plates": [plate]})

    def _draw(self, name: str, frame: np.ndarray, reads: Sequence[PlateRead]) -> None:
        if not self._options.draw:
            return
        self._drawn[name] += 1
        again = f"-{self._drawn[name]}" if self._drawn[name] > 1 else ""  # photos of two folders may share a name
        target = self._options.draw / f"{name}{again}.jpg"
        if not cv2.imwrite(str(target), draw_reads(frame, reads)):
            self._failed(name, VisionError(f"{target}: could not be written; check the folder and the disk"))

    def _failed(self, name: str, error: Exception) -> None:
        self.status = SOME_UNREAD
        print(f"parkmeter read: {error}", file=sys.stderr, flush=True)
        if self._options.json:
            self._print({"image": shown(name), "error": str(error), "plates": []})

    def _print(self, line: dict) -> None:
        print(json.dumps(line) if self._options.json else _readable(line), flush=True)


def _sampled(camera: Camera, every_s: float) -> Iterator[tuple[float, np.ndarray]]:
    due = float("-inf")
    for frame in camera.frames():
        if frame.exposed_at >= due:
            due = frame.exposed_at + every_s - HAIR_S
            yield frame.exposed_at, frame.image


def _plate(read: PlateRead) -> dict:
    return {
        "text": read.text,
        "raw": read.raw,
        "format": read.format,
        "confidence": round(read.probability, 4),
        "per_char": [round(share, 3) for share in read.confidence],
        "accepted": read.is_sure(),
        "box": [[round(x, 1), round(y, 1)] for x, y in read.box],
        "engine": read.engine,
        "asked": read.asked,
    }


def _readable(line: dict) -> str:
    plates = ", ".join(map(_readable_plate, line["plates"]))
    when = f" {line['visit']['from_s']:.1f}-{line['visit']['to_s']:.1f} s" if "visit" in line else ""
    when = f" {line['at_s']:.1f} s" if "at_s" in line else when
    return f"{line['image']}{when}: {plates or 'no plate'}  [{line['ms']:.0f} ms]"


def _readable_plate(plate: dict) -> str:
    """Its text and confidence; where two engines were asked also whose reading it is, and why they were."""
    unsure = "" if plate["accepted"] else " (unsure)"
    by = f" (by {plate['engine']}, asked as: {plate['asked']})" if plate["asked"] else ""
    return f"{plate['text']} {100 * plate['confidence']:.0f}%{unsure}{by}"


def _file_name(source: str) -> str:
    """What a file made from that video or camera may be called."""
    return re.sub("[^A-Za-z0-9.]+", "-", Path(source).stem).strip("-") or "camera"


def _ms_since(started: float) -> float:
    return round(1000 * (time.perf_counter() - started), 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parkmeter read",
        description="Read the number plates of photos, folders of photos, video files and cameras, best plate first.",
        epilog="Exit status: 0 everything was read, 1 something could not be read, 2 wrong usage or engine missing.",
    )
    what = "a photo, a folder, a video file, rtsp://ADDRESS, /dev/video0 or camera:0"
    regions = "plates to expect; may be given more than once (default: in)"
    frames = "of a video or camera, also print every frame that was read"
    asked = "who is asked where platenet is not sure"
    add = parser.add_argument
    add("photo", nargs="+", metavar="PHOTO", help=what)
    add("--region", action="append", choices=sorted(REGIONS), help=regions)
    add("--json", action="store_true", help="print one JSON object a line")
    add("--frames", action="store_true", help=frames)
    add("--draw", type=Path, metavar="FOLDER", help="write each picture with what was read drawn on it")
    add("--engine", choices=sorted(ENGINES), default=DEFAULT, help=f"the reader (default: {DEFAULT})")
    add("--fallback", choices=FALLBACKS, default=FALLBACKS[0], help=f"{asked} (default: {FALLBACKS[0]})")
    add("--threads", type=_threads, default=1, metavar="N", help="threads to read with (default: 1)")
    return parser


def _threads(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads; expected 1 to 64")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
