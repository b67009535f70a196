"""`parkmeter aim`: how well a camera is aimed, from a photo, one frame of a camera, or live in a browser."""

from __future__ import annotations

import argparse
import json
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2

from edge.http.aim_view import LiveAim
from edge.http.server import HttpError
from edge.rules.plate.formats import REGIONS
from edge.vision.address import shown
from edge.vision.aim.look import Look, look
from edge.vision.camera import SOURCES, open_camera
from edge.vision.errors import VisionError
from edge.vision.frame import Camera, Recording
from edge.vision.photo import load_photo
from edge.vision.reader import DEFAULT, ENGINES, Reader, open_reader

GOOD, TO_CHANGE, UNABLE = 0, 1, 2  # exit status


def main(argv: Sequence[str] | None = None, ready: Callable[[str], bool] = lambda address: True) -> int:
    """The exit status. `ready` is told the live view's address, and asked before each frame whether to go on."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.live and options.photo:
        parser.error("--live: expected --source with it, a photo does not change")
    cv2.setNumThreads(1)
    try:
        reader = open_reader(options.engine, options.region or ["in"])
        if options.photo:
            return _said(
                str(options.photo), look(reader, load_photo(options.photo), options.lens_deg, 0.0, True), options
            )
        camera = open_camera(options.source)
        try:
            if isinstance(camera, Recording):
                camera.next_visit()
            if options.live:
                return _live(camera, reader, options, ready)
            frame = camera.capture()
            if frame is None:
                raise VisionError(f"camera {shown(options.source)}: gave no frame; expected one")
            seen = look(reader, frame.image, options.lens_deg, frame.exposed_at)
            return _said(shown(options.source), seen, options)
        finally:
            camera.close()
    except (VisionError, HttpError) as error:
        print(f"parkmeter aim: {error}", file=sys.stderr)
        return UNABLE
    except OSError as error:
        print(f"parkmeter aim: {error.filename or 'the picture'}: {error.strerror}", file=sys.stderr)
        return UNABLE
    except KeyboardInterrupt:
        return GOOD


def _live(camera: Camera, reader: Reader, options: argparse.Namespace, ready: Callable[[str], bool]) -> int:
    """Until it is interrupted: each frame looked at and shown; a changed verdict is printed too."""
    signal.signal(signal.SIGTERM, _stopped)
    with tempfile.TemporaryDirectory(prefix="parkmeter-aim-") as folder:
        token = secrets.token_urlsafe(16)
        view = LiveAim(options.host, options.port, token, Path(folder))
        view.start()
        address = f"http://{options.host}:{view.port}/{token}/"
        print(f"live view: {address}  (Ctrl-C ends it)", flush=True)
        status, last = TO_CHANGE, None
        try:
            while ready(address):
                frame = camera.capture()
                if frame is None:
                    break
                seen = look(reader, frame.image, options.lens_deg, time.monotonic())
                view.show(seen.jpeg(), seen.told())
                status = GOOD if not seen.wrong else TO_CHANGE
                kinds = [line.split(":")[0].rstrip("0123456789. ") for line in seen.wrong]
                if kinds != last:
                    last = kinds
                    _said(shown(options.source), seen, options)
        except KeyboardInterrupt:
            pass
        finally:
            view.stop()
        return status


def _said(name: str, seen: Look, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"source": name} | seen.told()), flush=True)
    else:
        print("\n".join([name, *(f"  {line}" for line in seen.lines)]), flush=True)
    if options.draw and not cv2.imwrite(str(options.draw), seen.drawn):
        raise VisionError(f"--draw {options.draw}: could not be written; expected a .jpg or .png in a writable folder")
    return GOOD if not seen.wrong else TO_CHANGE


def _stopped(*_: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parkmeter aim",
        description="Says how well a camera sees a plate, and what to change.",
        epilog="Exit status: 0 well aimed, 1 something to change, 2 no picture or wrong usage.",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--photo", type=Path, metavar="FILE", help="a still that was taken before")
    what.add_argument("--source", metavar="CAMERA", help=f"a camera as in edge.toml: {SOURCES}")
    add = parser.add_argument
    add("--live", action="store_true", help="with --source: a page with the picture and the verdict, until Ctrl-C")
    add("--host", default="127.0.0.1", help="where the page is served; 0.0.0.0 for the whole network")
    add("--port", type=_port, default=0, help="its port (default: any free one)")
    add("--region", action="append", choices=sorted(REGIONS), help="plates to expect (default: in)")
    add("--lens-deg", type=_lens, default=66.0, metavar="DEG", help="the lens's horizontal angle (default 66)")
    add("--engine", choices=sorted(ENGINES), default=DEFAULT, help="the reader")
    add("--draw", type=Path, metavar="FILE", help="write the picture with the verdict on it")
    add("--json", action="store_true", help="print one JSON object a look")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; expected 0 to 65535")
    return int(text)


def _lens(text: str) -> float:
    try:
        angle = float(text)
    except ValueError:
        angle = 0.0
    if not 5 <= angle <= 170:
        raise argparse.ArgumentTypeError(f"{text!r} is no lens's angle; expected 5 to 170 degrees")
    return angle


if __name__ == "__main__":
    sys.exit(main())
