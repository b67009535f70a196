"""Passwords: hashed with Argon2id, checked in the same time for everybody, weak ones refused.

What is refused, and nothing else (NIST SP 800-63B 5.1.1.2: length and what is tried first, no rules of composition):
too short for the role, the passwords that are tried first also with digits, signs or look-alike letters, repetitions,
runs of the keyboard, and hardly more than the person's own name or address, or this site's own words.
"""

from __future__ import annotations

import re
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

SHORTEST, LONGEST = 12, 128

HASHER = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory

# whole passwords that are tried first
_TRIED_FIRST = """
    password1234 passwordpassword password12345 password123456 1234567890ab 123456789012 1234567890123 qwertyuiop12
    qwertyuiop123 qwertyuiop1234 qwertyuiopasdf asdfghjkl1234 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsxcde3 iloveyou1234
    letmeinletmein welcome12345 welcome123456 administrator administrator1 changemenow1 changeme1234 trustno1trustno1
    admin1234567 adminadmin12 adminadminadmin parkmeter123 parkmeter1234 parkingparking parking12345 india1234567
    correcthorsebatterystaple 1q2w3e4r 1qaz2wsx zaq12wsx q1w2e3r4 qazwsxedc a1b2c3d4 aa123456 abcd1234 abc12345
    pass1234 pass@123 1234abcd 123qweasd qwe12345 147258369 159357456 987654321 11223344 12344321 1g2w3e4r
"""
_COMMON = frozenset(_TRIED_FIRST.split())
# words that are no secret with a few digits and signs around them: "P@ssw0rd!23", "Krishna@108"
_WORDS_ALONE = """
    password passwort pass passcode qwerty qwertyuiop asdfgh asdfghjkl zxcvbn iloveyou welcome letmein admin
    administrator root login master monkey dragon sunshine princess football cricket superman batman shadow michael
    jesus hello freedom whatever trustno secret changeme default test tester testing guest user temp india bharat
    hindustan jaihind mumbai delhi newdelhi bangalore bengaluru chennai kolkata hyderabad pune krishna ganesh ganesha
    hanuman shiva lakshmi jaishreeram sairam omsairam radhe radhekrishna iloveindia sachin dhoni virat kohli google
    facebook whatsapp computer internet samsung mobile android iphone parkmeter parking park vehicle
"""
_WORDS = frozenset(_WORDS_ALONE.split())
_LOOKS_LIKE = str.maketrans("@431!05$7", "aaeiiosst")
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class WeakPassword(ValueError):
    """A password that is easily guessed: says what to choose instead."""


def check(password: str, *known: str, shortest: int = SHORTEST) -> None:
    """WeakPassword unless it may be used. known: words a stranger knows, such as the e-mail and the name."""
    if len(password) < shortest:
        why = _("at least %(count)d characters; a few words in a row are easy to remember", count=shortest)
        raise WeakPassword(why)
    if len(password) > LONGEST:
        raise WeakPassword(_("at most %(count)d characters", count=LONGEST))
    plain = password.lower()
    guessed = plain in _COMMON or _is_run(plain) or _is_word(plain)
    if guessed or len(set(plain)) < 5 or re.fullmatch(r"(.{1,6})\1+", plain):
        raise WeakPassword(_("one of the first that are tried; a few words in a row are better"))
    rest = plain
    for word in (part for text in known for part in re.split(r"[\s@.+]+", text.lower()) if len(part) >= 4):
        rest = rest.replace(word, "")
    if rest != plain and len(rest) < shortest // 2:
        raise WeakPassword(_("it is hardly more than your own name or address"))


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


def _is_word(plain: str) -> bool:
    """True for one common word with nothing but digits and signs around it, look-alike signs read as letters."""
    bare = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    return bare in _WORDS or re.sub(r"[^a-z]", "", bare.translate(_LOOKS_LIKE)) in _WORDS or _inside(plain) in _WORDS


def _inside(plain: str) -> str:
    """The letters of a password whose look-alike signs are also at its ends: "@dmin123" is "admin"."""
    return re.sub(r"[^a-z]", "", re.sub(r"[0-9\W_]+$", "", plain).translate(_LOOKS_LIKE))
