"""The folder with what a gate was given: each file 0600, the key and its certificate always changed together.

enrolment.json       who this gate is, and where central is
ca.pem               the site's CA
gate.token           for pictures
mqtt.password        with profiles 1 and 2
current -> pair-ID   gate.key and gate.pem; a new pair is written beside, then the link is swapped
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.enrol.credentials import Key, key_fingerprint, key_pem
from edge.enrol.errors import EnrolError

CURRENT = "current"
KEY, CERTIFICATE = "gate.key", "gate.pem"
CA, TOKEN, PASSWORD, RECORD = "ca.pem", "gate.token", "mqtt.password", "enrolment.json"


class Record(BaseModel):
    """What is known of an enrolment. central: its address; insecure_http: a trial on one machine."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    site: str
    gate: str
    central: str
    insecure_http: bool = False


def read_record(folder: Path) -> Record:
    path = folder / RECORD
    try:
        return Record.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise EnrolError(f"this gate is not enrolled: there is no {path}; run ./parkmeter enroll") from None
    except (OSError, ValidationError) as error:
        raise EnrolError(f"{path}: can't be read; enrol this gate again: ./parkmeter enroll --replace") from error


def read(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnrolError(f"{path}: {error.strerror}; enrol this gate again: ./parkmeter enroll --replace") from error


def make(folder: Path, files: dict[str, str], key: Key, certificate: str) -> None:
    """The whole folder, in one rename; an earlier one is kept beside as NAME.before."""
    new = folder.with_name(f".{folder.name}.new")
    before = folder.with_name(f"{folder.name}.before")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        for name, content in files.items():
            write(new / name, content)
        put_pair(new, key, certificate)
        _owned_as(new, folder.parent)
        if folder.exists():
            shutil.rmtree(before, ignore_errors=True)
            os.rename(folder, before)
        os.rename(new, folder)
        _settle(folder.parent)
    except OSError as error:
        where = error.filename or folder
        raise EnrolError(f"{where}: {error.strerror}; expected a folder that can be written") from error


def put_pair(folder: Path, key: Key, certificate: str) -> None:
    """Makes this the current pair: current/ always holds a key with its own certificate. One earlier pair stays."""
    pair = folder / f"pair-{key_fingerprint(key)[:16]}"
    link, spare = folder / CURRENT, folder / f".{CURRENT}.new"
    before = os.readlink(link) if link.is_symlink() else ""
    pair.mkdir(mode=0o700, exist_ok=True)
    write(pair / KEY, key_pem(key))
    write(pair / CERTIFICATE, certificate)
    _owned_as(pair, folder)
    _settle(pair)
    spare.unlink(missing_ok=True)
    spare.symlink_to(pair.name)
    os.replace(spare, link)
    _settle(folder)
    for old in folder.glob("pair-*"):
        if old.name not in (pair.name, before):
            shutil.rmtree(old, ignore_errors=True)


def write_settings(path: Path, content: str) -> None:
    """The settings file whole: as readable as it was; a new one of root's in a service's folder by its group too."""
    if path.exists():
        before = path.stat()
        mode, owner, group = before.st_mode & 0o777, before.st_uid, before.st_gid
    else:
        holder = path.parent.stat()
        owner, group = holder.st_uid, holder.st_gid
        mode = 0o640 if owner == 0 != group else 0o600
    write(path, content)
    if os.geteuid() == 0:
        os.chown(path, owner, group)
    path.chmod(mode)


def write(path: Path, content: str) -> None:
    """The file whole, for its owner alone."""
    spare = path.with_name(f".{path.name}.new")
    spare.unlink(missing_ok=True)
    handle = os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _owned_as(spare, path.parent)
    os.replace(spare, path)


def _owned_as(path: Path, like: Path) -> None:
    """Run by root, what is made belongs to whoever has the folder: the gate's service must be able to read it."""
    if os.geteuid() == 0:
        owner = like.stat()
        for one in [path, *path.rglob("*")]:
            os.chown(one, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _settle(folder: Path) -> None:
    """The folder's own entries on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
