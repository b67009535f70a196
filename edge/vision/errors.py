"""What can go wrong with seeing: each error is one sentence that says what was wrong and what is expected."""

from __future__ import annotations


class VisionError(Exception):
    """Base of every error of this package."""


class EngineMissing(VisionError, ImportError):
    """A reading engine was chosen that isn't installed."""


class UnknownEngine(VisionError, ValueError):
    """A reading engine was named that doesn't exist."""


class BadPhoto(VisionError, ValueError):
    """A file that can't be read as a photo."""


class CameraError(VisionError, OSError):
    """A camera that doesn't open, or that stopped delivering frames."""


class CameraHung(VisionError):
    """The camera gave no answer in time: only a new process can open it again. No CameraError, which is tried again."""
