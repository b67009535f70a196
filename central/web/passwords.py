"""Passwords of staff: hashed with Argon2id, checked in the same time for everybody, weak ones refused."""

from __future__ import annotations

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128

HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory

# what people type when they are told "twelve characters": whole passwords, and words that are no secret by themselves
_TRIED_FIRST = """
    password1234 passwordpassword password12345 password123456 1234567890ab 123456789012 1234567890123 qwertyuiop12
    qwertyuiop123 qwertyuiop1234 qwertyuiopasdf asdfghjkl1234 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde3 iloveyou1234
    letmeinletmein welcome12345 welcome123456 administrator administrator1 changemenow1 changeme1234 trustno1trustno1
    admin1234567 adminadmin12 adminadminadmin parkmeter123 parkmeter1234 parkingparking parking12345 india1234567
    correcthorsebatterystaple
"""
_COMMON = frozenset(_TRIED_FIRST.split())
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class WeakPassword(ValueError):
    """A password that is easily guessed: says what to choose instead."""


def check(password: str, *known: str) -> None:
    """WeakPassword unless it may be used. known: words a stranger knows, such as the e-mail and the name."""
    if len(password) < SHORTEST:
        raise WeakPassword(f"at least {SHORTEST} characters; a few words in a row are easy to remember")
    if len(password) > LONGEST:
        raise WeakPassword(f"at most {LONGEST} characters")
    plain = password.lower()
    if plain in _COMMON or _is_run(plain) or len(set(plain)) < 5 or re.fullmatch(r"(.{1,6})\1+", plain):
        raise WeakPassword("one of the first that are tried; a few words in a row are better")
    for word in filter(None, (part for text in known for part in re.split(r"[\s@.]+", text.lower()))):
        if len(word) >= 4 and len(plain.replace(word, "")) < SHORTEST // 2:
            raise WeakPassword("it is hardly more than your own name or e-mail")


def hashed(password: str) -> str:
    return HASHER.hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """True where the password is right. With no hash, as much work is done for nothing, so that time tells nothing."""
    try:
        HASHER.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def rehashed(password_hash: str, password: str) -> str | None:
    """The right password hashed anew where its hash was made with weaker parameters, else None."""
    return hashed(password) if HASHER.check_needs_rehash(password_hash) else None


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex())


def _is_run(plain: str) -> bool:
    """True for one run of the keyboard, the alphabet or the digits, forward or backward."""
    return any(plain in run or plain[::-1] in run for run in _RUNS)
