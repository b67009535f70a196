"""Loads a photo whole or refuses it with a reason: OpenCV would hand over half a picture without a word."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from edge.vision.errors import BadPhoto

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff"})
MOST_PIXELS = 30_000_000
SMALLEST_PX = 16  # a side below this can't hold a plate


def load_photo(path: Path) -> np.ndarray:
    """The photo as uint8 BGR, H x W x 3, turned upright as its EXIF says. BadPhoto says why it can't be read.

    Its size is read from the header before anything is decoded, so a huge photo costs nothing.
    """
    if path.is_dir():
        raise BadPhoto(f"{path}: is a folder; expected a photo")
    if path.exists() and not path.is_file():  # a pipe would keep us waiting for ever
        raise BadPhoto(f"{path}: is no ordinary file; expected a photo")
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # Pillow's own warning about large pictures comes before our check, which is stricter.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as image:
                _check_size(path, *image.size)
                image.load()
                return _as_bgr(ImageOps.exif_transpose(image))
    except BadPhoto:
        raise
    except FileNotFoundError:
        raise BadPhoto(f"{path}: there is no such file") from None
    except PermissionError:
        raise BadPhoto(f"{path}: may not be read; check its permissions") from None
    except Image.DecompressionBombError:
        raise BadPhoto(f"{path}: is far too large; expected less than {MOST_PIXELS / 1e6:.0f} megapixels") from None
    except UnidentifiedImageError:
        raise BadPhoto(f"{path}: is no photo; expected {', '.join(FORMATS)}") from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as broken:
        # Pillow's decoders raise all of these on damaged files.
        raise BadPhoto(f"{path}: is truncated or damaged ({_one_line(broken)}); expected a whole photo") from None


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height >= MOST_PIXELS:
        raise BadPhoto(
            f"{path}: has {width * height / 1e6:.1f} megapixels ({width} x {height}); "
            f"expected less than {MOST_PIXELS / 1e6:.0f}"
        )
    if min(width, height) < SMALLEST_PX:
        raise BadPhoto(f"{path}: is only {width} x {height} pixels; expected at least {SMALLEST_PX} a side")


def _as_bgr(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):  # 16 bits of grey, as some night cameras write
        grey = (np.asarray(image, np.uint32) >> 8).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
