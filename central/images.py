"""Pictures from gates: checked, then kept as files named by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from central.store.once import insert_once
from central.store.schema import Gate, Image

MAX_BYTES = 2_000_000
_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"


class BadImage(ValueError):
    """Not a picture we keep: says what is wrong. `too_big` where that is its size."""

    def __init__(self, message: str, *, too_big: bool = False) -> None:
        super().__init__(message)
        self.too_big = too_big


def keep(folder: Path, sha256: str, content: bytes) -> None:
    """Writes a picture's file. BadImage when it is not a JPEG, too big, or not what the hash says."""
    if len(content) > MAX_BYTES:
        raise BadImage(f"image of {len(content)} bytes: at most {MAX_BYTES} are taken", too_big=True)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadImage("image: its bytes do not have the SHA-256 of its address")
    # cameras may pad a JPEG after its end marker
    if not content.startswith(_JPEG_START) or _JPEG_END not in content[-64:]:
        raise BadImage("image: expected a whole JPEG")
    path = path_of(folder, sha256)
    if not path.exists():
        _write(path, content)


def remember(session: Session, gate: Gate, sha256: str, size: int, now: datetime) -> bool:
    """Notes that a gate has brought a picture of `size` bytes; True when it is new."""
    row = {
        "sha256": sha256,
        "site_id": gate.site_id,
        "gate_id": gate.id,
        "bytes": size,
        "stored_at": now,
    }
    return insert_once(session, Image, row)


def path_of(folder: Path, sha256: str) -> Path:
    """Where a picture lies, whether it has come yet or not."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise BadImage("image: expected 64 hexadecimal digits, lower case, as its name")
    return folder / sha256[:2] / f"{sha256}.jpg"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
