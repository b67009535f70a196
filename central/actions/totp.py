"""The second factor: six digits of an authenticator app (RFC 6238), each taken once; recovery codes for a lost phone.

The secret is kept encrypted by a key that is in no database: who has only the tables has no second factor.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from central import keys
from central.actions import login, sessions
from central.actions import people_messages as messages
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import Visit, who
from central.actions.people_changes import held
from central.store.schema import LoginEvent, RecoveryCode, User

STEP_S = 30
RECOVERY_CODES = 10
REFUSED = "second factor refused"
_LOOK_BACK, _MOST_WRONG = timedelta(minutes=15), 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def begin(session: Session, user_id: str, key: bytes) -> str:
    """The secret to enrol with; the one that waits already, so that a page can be loaded again."""
    user = held(session, user_id)
    if user.totp_since is not None:
        raise Refused("the second factor is on already")
    secret = _secret(user, key)
    if secret is None:
        secret = pyotp.random_base32()
        user.totp_sealed = _seal(key).encrypt(secret.encode())
    return secret


def enrolment_uri(user: User, secret: str) -> str:
    """What an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email or user.phone, issuer_name="ParkMeter")


def confirm(
    session: Session, user_id: str, typed: str, key: bytes, now: datetime, visit: Visit, session_id: str
) -> list[str] | None:
    """Recovery codes, shown once, where the first code is right; None else. Every other session is over."""
    user = held(session, user_id)
    if user.totp_since is not None or not _take(user, typed, key, now):
        return None
    user.totp_since = now
    sessions.end_all(session, user.id, now, but=session_id)
    sessions.remember(session, user.id, "second factor on", now, visit.address, visit.device)
    audit(session, now, who(user), "second factor on", who(user))
    messages.tell(session, user, "second factor on", now)
    return new_recovery_codes(session, user.id)


def new_recovery_codes(session: Session, user_id: str) -> list[str]:
    """Ten codes to be written down; those of before are worth nothing."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    made = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(user_id, code)) for code in made)
    return made


def check(session: Session, user_id: str, typed: str, key: bytes, now: datetime, visit: Visit) -> bool:
    """Whether the app's code, or a recovery code, is right. Commit it either way: a wrong one counts.

    Refused after many wrong ones, for a while.
    """
    user = held(session, user_id)
    wrong = select(func.count()).select_from(LoginEvent).where(LoginEvent.user_id == user.id)
    recent = wrong.where(LoginEvent.what == REFUSED, LoginEvent.at > now - _LOOK_BACK)
    if (session.scalar(recent) or 0) >= _MOST_WRONG:
        raise Refused("many wrong codes: wait a quarter of an hour")
    if user.totp_since is not None and (_take(user, typed, key, now) or _recover(session, user, typed, now)):
        return True
    login.refused(session, user, now, visit, REFUSED)
    return False


def left(session: Session, user_id: str) -> int:
    """How many recovery codes are unused."""
    unused = select(func.count()).select_from(RecoveryCode)
    return session.scalar(unused.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))) or 0


def turn_off(session: Session, user_id: str, now: datetime, by: str) -> None:
    """By the person, who has shown the password; or by an administrator, for one whose phone is gone."""
    user = held(session, user_id)
    if user.totp_since is None:
        raise Refused("the second factor is not on")
    user.totp_sealed, user.totp_since = None, None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    if by != who(user):
        sessions.end_all(session, user.id, now)
    sessions.remember(session, user.id, "second factor off", now)
    audit(session, now, by, "second factor off", who(user))
    messages.tell(session, user, "second factor off", now)


def _take(user: User, typed: str, key: bytes, now: datetime) -> bool:
    """Takes a code of the step of now, or one beside it; never one of a step that was taken, or before."""
    secret, digits = _secret(user, key), "".join(typed.split())
    if secret is None:
        return False
    here, app = int(now.timestamp()) // STEP_S, pyotp.TOTP(secret)
    for step in (here - 1, here, here + 1):
        if step > user.totp_step and hmac.compare_digest(app.generate_otp(step).encode(), digits.encode()):
            user.totp_step = step
            return True
    return False


def _recover(session: Session, user: User, typed: str, now: datetime) -> bool:
    wanted = select(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash == _hash(user.id, typed)
    )
    code = session.scalar(wanted.with_for_update())
    if code is None or code.used_at is not None:
        return False
    code.used_at = now
    messages.tell(session, user, "recovery code used", now)
    return True


def _secret(user: User, key: bytes) -> str | None:
    if user.totp_sealed is None:
        return None
    try:
        return _seal(key).decrypt(user.totp_sealed).decode()
    except InvalidToken:
        return None  # the key is another since: an administrator takes the second factor off


def _seal(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"totp\n" + key).digest()))


def _recovery_code() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _hash(user_id: str, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return keys.digest(f"{user_id}:{plain}")
