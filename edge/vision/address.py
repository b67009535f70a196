"""Addresses of live cameras, as text."""

from __future__ import annotations

import re

STREAM = re.compile(r"(rtsp|rtsps|http|https)://", re.IGNORECASE)
DEVICE = re.compile(r"(?:/dev/video|camera:)(\d+)")
PICAMERA = re.compile(r"picamera2(:\d{1,2})?(\?.*)?")


def is_address(text: str) -> bool:
    """Whether `text` names a live camera rather than a file."""
    return bool(STREAM.match(text) or DEVICE.fullmatch(text) or PICAMERA.fullmatch(text))


def shown(address: str) -> str:
    """The address without a password that may stand in it."""
    return re.sub(r"//[^/@]*@", "//", address)
