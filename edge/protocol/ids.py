"""Identifiers that sort by time and tickets that can't be guessed. Time may be given."""

from __future__ import annotations

import secrets
import time

_FIXED = 0xF << 76 | 0b11 << 62  # the bits of version and variant
_VERSION_7 = 0x7 << 76 | 0b10 << 62


def uuid7(unix_ms: int | None = None, random: bytes | None = None) -> str:
    """A UUID version 7 (RFC 9562 section 5.7) as lower-case text.

    unix_ms  milliseconds since 1970, default the wall clock
    random   10 bytes, default from the system
    """
    ms = time.time_ns() // 1_000_000 if unix_ms is None else unix_ms
    tail = secrets.token_bytes(10) if random is None else random
    number = (ms & (1 << 48) - 1) << 80 | int.from_bytes(tail, "big")
    digits = f"{number & ~_FIXED | _VERSION_7:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# no 0/O, 1/I/L: a person reads it off a screen and types it
TICKET_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
TICKET_LENGTH = 26


def ticket() -> str:
    """A stay's bearer token: 26 characters of a 31-letter alphabet, 128.8 bits, safe in a URL and readable aloud."""
    return "".join(secrets.choice(TICKET_ALPHABET) for _ in range(TICKET_LENGTH))
