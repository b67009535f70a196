"""A technician's orders to a gate, signed with the key of those who look after the machines."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.protocol import maintenance
from edge.protocol.ids import uuid7
from edge.protocol.messages import Command
from edge.protocol.signing import Signer
from edge.protocol.topics import GateTopics

GOOD_FOR = timedelta(seconds=20)


class OrderError(Exception):
    """An order that can't be given: says what was wrong and what is expected."""


def make_key(path: Path) -> Signer:
    """A new private key in a new file that only its owner can read; never over another one."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError as error:
        raise OrderError(f"{path} exists: a key is never written over another; name a new file") from error
    except OSError as error:
        raise OrderError(f"{path} can't be written ({error.strerror})") from error
    return Signer(private)


def read_key(path: Path) -> Signer:
    """The signer of a key file."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise OrderError(f"key file {path} can't be read ({error.strerror})") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OrderError(f"key file {path}: expected an Ed25519 private key, as `diag keygen` makes one") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise OrderError(f"key file {path}: expected an Ed25519 private key, as `diag keygen` makes one")
    return Signer(private)


def arguments(words: list[str], reason: str) -> dict[str, object]:
    """Arguments from words like minutes=5; OrderError names one that is none."""
    args: dict[str, object] = {"reason": reason}
    for word in words:
        name, is_one, value = word.partition("=")
        if not is_one or not name:
            raise OrderError(f"argument {word!r}: expected NAME=VALUE")
        args[name] = {"true": True, "false": False}.get(value, int(value) if value.isdecimal() else value)
    return args


def signed(
    topics: GateTopics, boot: str, name: str, args: dict[str, object], by: str, signer: Signer, now: datetime
) -> tuple[str, str, bytes]:
    """The command's id, topic and payload. OrderError for one that no gate would take."""
    if wrong := maintenance.check(name, args):
        raise OrderError(wrong)
    command = Command(
        cmd_id=uuid7(),
        gate=topics.gate,
        boot=boot,
        nonce=secrets.token_hex(8),
        not_after=now + GOOD_FOR,
        name=name,
        args=args,
        by=by,
    )
    topic = topics.command(name)
    return command.cmd_id, topic, signer.sign(topic, command.encode().decode())
