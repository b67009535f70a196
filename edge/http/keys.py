"""The file of access tokens: who has which, and what each may do. Only digests of tokens stand in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.settings.file import SettingsError

LINE = "NAME SCOPE[,SCOPE...] SHA256-OF-THE-TOKEN"
OLD_NAME = "token"  # of the one token of a file that holds nothing else
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Scope(StrEnum):
    """What a token or client certificate opens."""

    READ = "read"  # status, inputs, journal, sessions, metrics
    LIVE = "live"  # pictures
    MAINTAIN = "maintain"  # actions
    PLATES = "plates"  # plates unmasked, and asking by one


OLD_SCOPES = frozenset({Scope.READ, Scope.LIVE})


@dataclass(frozen=True, slots=True)
class Key:
    """One token.

    name    who uses it, for the journal: a-z, 0-9, '.', '_' and '-'
    scopes  what it opens
    digest  SHA-256 of the token
    """

    name: str
    scopes: frozenset[Scope]
    digest: bytes

    @classmethod
    def of(cls, name: str, scopes: frozenset[Scope], token: str) -> Key:
        return cls(name, scopes, digest(token))

    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.name} {','.join(sorted(self.scopes))} {self.digest.hex()}"


def digest(token: str) -> bytes:
    """What is kept of a token. Tokens are random and long, so that a plain hash can't be searched."""
    return hashlib.sha256(token.encode()).digest()


def checked_name(text: str) -> str:
    """The name; ValueError says what is expected."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"expected a name of a-z, 0-9, '.', '_' and '-', at most 32 of them, got {text!r}")
    return text


def checked_scopes(words: list[str]) -> frozenset[Scope]:
    """The scopes; ValueError names the one that is none."""
    unknown = [word for word in words if word not in set(Scope)]
    if unknown or not words:
        raise ValueError(f"expected scopes of {', '.join(Scope)}, got {unknown[0] if unknown else 'none'!r}")
    return frozenset(map(Scope, words))


def read_keys(path: Path) -> tuple[Key, ...]:
    """The file's tokens: named ones, a line each, or one line that is itself a token for reading and live pictures.

    SettingsError names the line that is wrong. Blank lines and those that begin with # are passed over.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: can't be read; expected lines of {LINE}") from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise SettingsError(f"{path}: empty; expected lines of {LINE}: python -m edge.http.token makes one")
    if len(lines) == 1 and len(lines[0][1].split()) == 1:
        return (Key.of(OLD_NAME, OLD_SCOPES, lines[0][1]),)
    keys = [_key(path, number, line) for number, line in lines]
    names = [key.name for key in keys]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise SettingsError(f"{path}: expected every name once, {twice!r} stands twice")
    return tuple(keys)


def _key(path: Path, number: int, line: str) -> Key:
    # never the line itself in a message: it may be a token
    words = line.split()
    if len(words) != 3 or not _DIGEST.fullmatch(words[2]):
        raise SettingsError(f"{path}: line {number}: expected {LINE}, the last in 64 digits of 0-9 and a-f")
    try:
        return Key(checked_name(words[0]), checked_scopes(words[1].split(",")), bytes.fromhex(words[2]))
    except ValueError as error:
        raise SettingsError(f"{path}: line {number}: {error}") from error
