"""Files of the CA and the broker: secrets at 0600, made once or replaced whole, never half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from central.settings import SettingsError

SECRET, PUBLIC = 0o600, 0o644


class PkiError(SettingsError):
    """A key, certificate or folder that can't be used: says which and what to do."""


def create(path: Path, content: bytes, mode: int = SECRET) -> None:
    """A new file; PkiError where there is one already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise PkiError(f"{path}: is there already and is never overwritten") from error
    except OSError as error:
        raise PkiError(f"{path}: {error.strerror}; expected a folder that can be written") from error
    with os.fdopen(handle, "wb") as file:
        _fill(file, content)


def replace(path: Path, content: bytes, mode: int = PUBLIC) -> None:
    """The file with this content alone: whoever opens it sees the old or the new, whole."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)
                _fill(file, content)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise PkiError(f"{path}: {error.strerror}; expected a folder that can be written") from error


def folder(path: Path) -> Path:
    """The folder, made for its owner alone where it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PkiError(f"{path}: {error.strerror}; expected a folder that can be made") from error
    return path


def read(path: Path, hint: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PkiError(f"{path}: {error.strerror}; {hint}") from error


def read_secret(path: Path, hint: str) -> bytes:
    """A file that only its owner may read."""
    content = read(path, hint)
    if path.stat().st_mode & 0o077:
        raise PkiError(f"{path}: others may read it; expected mode 0600 (chmod 600)")
    return content


def _fill(file, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())
