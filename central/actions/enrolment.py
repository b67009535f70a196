"""Enrolment of gates: one-time codes, and the certificate, password and token that a gate gets for one.

A refusal is an answer, not an exception: the wrong try it counts must be committed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions import certificates
from central.actions.audit import audit
from central.actions.errors import Refused
from central.pki import mosquitto
from central.pki.authority import Authority
from central.pki.files import PkiError
from central.pki.key_pairs import PublicKey, request_key
from central.settings import Settings
from central.store.schema import BrokerAccount, EnrolmentCode, Gate
from edge.protocol.enrolling import (
    CodeKeys,
    Enrolled,
    EnrolRequest,
    Profile,
    Sealed,
    code_keys,
    common_name,
    new_code,
    proven,
    read_code,
    seal,
)

CODE_LASTS = timedelta(hours=24)
WRONG_TRIES = 5
_REMEMBERED = 5  # a gate's latest codes, so that one who has an ended code is told so
_MAKE_ANOTHER = "make another with `./parkmeter central gate add SITE/GATE --code`"
# what a proof is held against where there is no code, so that it takes as long
_NOBODYS = code_keys(read_code(new_code()))
_ENDED = {
    "used": "this code was used already",
    "replaced": "this code was replaced by a newer one",
    "void": f"this code is void after {WRONG_TRIES} wrong tries",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a gate gets nothing; status as HTTP has them."""

    said: str
    status: int = 403


def make_code(
    session: Session, settings: Settings, gate: Gate, now: datetime, by: str, *, profile: Profile, broker_url: str
) -> str:
    """A new code for that gate, as it is printed; its earlier ones end. It is not kept and can't be shown again."""
    name = common_name(gate.site_id, gate.id)
    if len(name) > 64:
        raise Refused(f"gate {gate.site_id}/{gate.id}: the two ids together must have at most 63 characters")
    _check_broker(profile, broker_url)
    live = select(EnrolmentCode).where(
        EnrolmentCode.site_id == gate.site_id, EnrolmentCode.gate_id == gate.id, EnrolmentCode.ended_at.is_(None)
    )
    for earlier in session.scalars(live):
        earlier.ended_at, earlier.ended_how = now, "replaced"
    code = new_code()
    kept = code_keys(read_code(code))
    row = EnrolmentCode(
        site_id=gate.site_id,
        gate_id=gate.id,
        stored_key=kept.stored.hex(),
        server_key=kept.server.hex(),
        profile=profile,
        broker_url=broker_url,
        by=by,
        created_at=now,
        expires_at=now + CODE_LASTS,
    )
    session.add(row)
    audit(session, now, by, "enrolment code made", f"{gate.site_id}/{gate.id}", profile=profile, broker=broker_url)
    return code


def enrol(
    session: Session, settings: Settings, authority: Authority, asked: EnrolRequest, now: datetime, by: str
) -> Sealed | Refusal:
    """Certifies the gate that proves its code. by: where the request came from, for the audit log."""
    gate = session.get(Gate, (asked.site, asked.gate))
    code, said = _judged(session, asked, now)
    key: PublicKey | None = None
    if code is not None and not said:
        key, said = _key(session, authority, asked)
    if code is None or key is None or gate is None:
        # a stranger must not fill the log with names of gates that are none
        if gate is not None:
            audit(session, now, by, "enrolment refused", f"{gate.site_id}/{gate.id}", why=said)
        return Refusal(said)
    code.ended_at, code.ended_how = now, "used"
    name = common_name(gate.site_id, gate.id)
    for earlier in certificates.good(session, name, now):
        certificates.end(session, earlier, "the gate was enrolled anew", now, by)
    made = certificates.issue(session, authority, key, name, "client", now, by)
    token = secrets.token_urlsafe(32)
    gate.token_hash = keys.digest(token)
    password = _password(session, name, now) if code.profile < 3 else None
    audit(session, now, by, "gate enrolled", f"{gate.site_id}/{gate.id}", serial=made.serial, profile=code.profile)
    answer = Enrolled(
        site=gate.site_id,
        gate=gate.id,
        lane=gate.lane,
        name=gate.name,
        certificate=made.pem,
        ca=authority.pem,
        profile=code.profile,
        broker_url=code.broker_url,
        username=name,
        password=password,
        token=token,
        public_keys=(keys.signer(settings).public,),
        url=settings.public_url,
    )
    return seal(_keys(code), asked, answer)


def _judged(session: Session, asked: EnrolRequest, now: datetime) -> tuple[EnrolmentCode | None, str]:
    """The code that the request proves, "" with it where it is good, else why it is not; counts a wrong try."""
    wanted = select(EnrolmentCode).where(EnrolmentCode.site_id == asked.site, EnrolmentCode.gate_id == asked.gate)
    rows = list(session.scalars(wanted.order_by(EnrolmentCode.id.desc()).limit(_REMEMBERED).with_for_update()))
    # as many comparisons for every gate, and for those that are none
    spare = [None] * (_REMEMBERED - len(rows))
    fits = [(row, proven(_keys(row) if row else _NOBODYS, asked)) for row in [*rows, *spare]]
    code = next((row for row, fitted in fits if fitted and row), None)
    if code is None:
        _wrong(rows, now)
        return None, f"wrong code for gate {asked.site}/{asked.gate}; after {WRONG_TRIES} wrong tries a code is void"
    if code.ended_how:
        return code, f"{_ENDED[code.ended_how]}; {_MAKE_ANOTHER}"
    if now >= code.expires_at:
        return code, f"this code was good until {code.expires_at.isoformat(timespec='minutes')}; {_MAKE_ANOTHER}"
    return code, ""


def _wrong(rows: list[EnrolmentCode], now: datetime) -> None:
    if rows and rows[0].ended_at is None:
        newest = rows[0]
        newest.wrong_tries += 1
        if newest.wrong_tries >= WRONG_TRIES:
            newest.ended_at, newest.ended_how = now, "void"


def _key(session: Session, authority: Authority, asked: EnrolRequest) -> tuple[PublicKey | None, str]:
    """The key to certify, or None and why not."""
    if asked.ca != authority.fingerprint:
        return None, "the gate was shown another CA than ours: someone may stand in between"
    try:
        key = request_key(asked.csr, common_name(asked.site, asked.gate))
    except PkiError as error:
        return None, str(error)
    if certificates.certified(session, key):
        return None, "csr: this key was certified before; expected a new one"
    return key, ""


def _password(session: Session, username: str, now: datetime) -> str:
    """A new random password of a broker account; only its hash is kept."""
    password = secrets.token_urlsafe(24)
    session.merge(BrokerAccount(username=username, password_hash=mosquitto.password_hash(password), made_at=now))
    return password


def _keys(code: EnrolmentCode) -> CodeKeys:
    return CodeKeys(bytes.fromhex(code.stored_key), bytes.fromhex(code.server_key))


def _check_broker(profile: int, url: str) -> None:
    scheme = "mqtt" if profile == 1 else "mqtts"
    try:
        parts = urlsplit(url)
        usable = parts.scheme == scheme and parts.hostname and parts.port != 0 and not parts.path.strip("/")
    except ValueError:
        usable = False
    if not usable or "@" in url:
        raise Refused(f"broker {url!r}: with profile {profile} expected {scheme}://HOST[:PORT], as the gate reaches it")
