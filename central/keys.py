"""Central's secrets: files of mode 0600 under data_dir/keys, made once by `init`."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.settings import Settings, SettingsError
from edge.protocol.signing import Signer

SIGNING = "signing.pem"  # signs what gates obey
WEB = "web"  # signs cookies
LINKS = "links"  # pay links are derived from it
PSP_API = "psp_api"  # we to the payment provider
PSP_WEBHOOK = "psp_webhook"  # the payment provider to us
_TEXT_KEYS = (WEB, LINKS, PSP_API, PSP_WEBHOOK)


def make(settings: Settings) -> list[str]:
    """Makes every key that is missing; returns the names of those made. Existing ones are never touched."""
    folder = settings.keys_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [name for name in _TEXT_KEYS if _create(folder / name, secrets.token_hex(32).encode())]
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return [*made, SIGNING] if _create(folder / SIGNING, pem) else made


def read(settings: Settings, name: str) -> bytes:
    """The secret of that name; SettingsError when it is missing, empty, or others may read it."""
    named = {PSP_API: settings.payments.api_key_file, PSP_WEBHOOK: settings.payments.webhook_secret_file}
    return _guarded(named.get(name) or settings.keys_dir / name)


def signer(settings: Settings) -> Signer:
    """What signs messages to gates."""
    pem = read(settings, SIGNING)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError as error:
        raise SettingsError(f"{settings.keys_dir / SIGNING}: expected an Ed25519 private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{settings.keys_dir / SIGNING}: expected an Ed25519 key, got another kind")
    return Signer(key)


def mqtt_password(settings: Settings) -> str | None:
    """The broker password, None when none is set."""
    path = settings.mqtt.password_file
    return None if path is None else _guarded(path).decode()


def own_secret(path: Path) -> str:
    """What the first line of a file of the operator's own says, in the same way guarded."""
    return _guarded(path).decode()


def digest(token: str) -> str:
    """How a bearer token is stored: SHA-256, hex. Tokens are long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _create(path: Path, content: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return True


def _guarded(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}: expected a key; `python -m central init` makes it") from error
    if mode & 0o077:
        raise SettingsError(f"{path}: others may read it; expected mode 0600 (chmod 600)")
    if not content.strip():
        raise SettingsError(f"{path}: is empty; expected a secret")
    return content.strip()
