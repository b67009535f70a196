"""Checks of single settings: paths, addresses, camera sources, keys. Each says what is expected."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from edge.protocol.signing import public_from_text
from edge.settings.picamera import SOURCE as PICAMERA
from edge.settings.picamera import BadSource, picamera_settings

SOURCES = "folder:PATH, video:PATH, scene:SOCKET, /dev/videoN, camera:N, picamera2:N or rtsp://ADDRESS"
_PATHS = ("folder", "video", "scene")
_DEVICE = re.compile(r"(?:/dev/video|camera:)[0-9]{1,3}")
_STREAM = re.compile(r"(?:rtsp|rtsps|http|https)://[^\s/]+\S*", re.IGNORECASE)
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

# RFC 8032 prints its private half, so anyone could sign a command that opens the gate
_PUBLISHED_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    return path.expanduser() if path.is_absolute() else (folder / path.expanduser())


def existing(path: Path, info: ValidationInfo) -> Path:
    path = beside_the_file(path, info)
    if not path.is_file():
        raise ValueError(f"expected a readable file, there is none at {path}")
    return path


def source(text: str, info: ValidationInfo) -> str:
    """A camera as edge.vision.camera opens it; a path in it is beside the settings file."""
    if PICAMERA.fullmatch(text):
        try:
            picamera_settings(text)
        except BadSource as bad:
            raise ValueError(str(bad)) from bad
        return text
    kind, _, path = text.partition(":")
    if kind in _PATHS and path:
        return f"{kind}:{beside_the_file(Path(path), info)}"
    if not _DEVICE.fullmatch(text) and not _STREAM.fullmatch(text):
        raise ValueError(f"expected {SOURCES}")
    return text


def url(*schemes: str, secret: bool = False) -> Callable[[str], str]:
    """A check for an address with one of these schemes. secret: it may hold a name and a password."""

    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and is_host(parts.hostname or "") and parts.port != 0
        except ValueError:
            usable = False
        if not usable or not (text.isascii() and text.isprintable()) or " " in text:
            raise ValueError(f"expected an address like {schemes[0]}://host:port")
        if "@" in parts.netloc and not secret:
            raise ValueError(f"expected an address like {schemes[0]}://host:port, without a name or password")
        return text.rstrip("/")

    return check


def host(text: str) -> str:
    if not is_host(text):
        raise ValueError("expected an address of this machine or its name, like 127.0.0.1 or 0.0.0.0")
    return text


def is_host(text: str) -> bool:
    """Whether this may be the name or address of a machine (RFC 1123): a resolver refuses others in its own ways."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        labels = text.removesuffix(".").split(".")
        return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return True


def public_key(text: str) -> str:
    return _own_key(text, "central's", ": `./parkmeter central gate add` prints it")


def maintenance_key(text: str) -> str:
    return _own_key(text, "maintenance's")


def _own_key(text: str, whose: str, hint: str = "") -> str:
    try:
        public_from_text(text)
    except ValueError as error:
        raise ValueError(f"expected {whose} public key, base64 of 32 bytes{hint}") from error
    if text == _PUBLISHED_KEY:
        raise ValueError(f"expected {whose} own public key: this one is a published example, anyone can sign with it")
    return text


def without_secrets(text: str) -> str:
    """A message without the name and password of any address in it."""
    return re.sub(r"//\S*@", "//", text)
