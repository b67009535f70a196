"""How a gate joins: the messages over HTTPS, and the proof of the one-time code both ways. Pure but for the dice.

The code never travels. As in SCRAM (RFC 5802) the gate shows that it knows the code by a proof that is good for one
request alone, and central, which keeps only hashes of it, answers under a key that is made from the code too:
who stands in between without the code can neither make a proof that fits another key or CA, nor answer.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator

from edge.protocol import topics
from edge.protocol.messages import Sha256, Wire

# Crockford's base 32: no I, L, O, U, which are taken for 1, 1, 0, V
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20  # 5 bits each: 100
GROUP = 5
_EXPECTED = f"expected {LENGTH} letters and digits, as central printed them"
_LOOKALIKES = str.maketrans("OIL", "011", "- \t\r\n")

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Pem = Annotated[str, Field(min_length=1, max_length=8000)]
Profile = Literal[1, 2, 3]


class BadCode(ValueError):
    """Text that can't be a one-time code: says what is expected."""


def new_code() -> str:
    """A fresh code, grouped as it is printed: "7ZK2M-...", 100 random bits."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(text: str) -> str:
    """A code as typed: case, hyphens and spaces don't matter, nor O for 0 or I for 1. BadCode says what is wrong."""
    code = text.upper().translate(_LOOKALIKES)
    strange = sorted(set(code) - set(ALPHABET))
    if strange:
        raise BadCode(f"code: {strange[0]!r} is in no code; {_EXPECTED}")
    if len(code) != LENGTH:
        raise BadCode(f"code: {_EXPECTED}, got {len(code)}")
    return code


def common_name(site: str, gate: str) -> str:
    """Who a gate is to the broker, as CN and user name. No id holds a '.', so no two gates of any sites share one."""
    return f"{topics.name(site, 'site')}.{topics.name(gate, 'gate')}"


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """What central keeps of a code, each 32 bytes. Neither makes a gate's proof.

    stored  SHA-256 of the key behind the gate's proof
    server  makes central's answer
    """

    stored: bytes
    server: bytes


def code_keys(code: str) -> CodeKeys:
    """What is kept of a code, as `read_code` returns it."""
    return CodeKeys(hashlib.sha256(_client_key(code)).digest(), _mac(code.encode(), b"parkmeter enrolment: central"))


class EnrolRequest(Wire):
    """A gate asks to be certified.

    nonce  128 random bits, hex
    ca     SHA-256 of the CA certificate the gate was shown (DER), hex: central refuses a request made over another's
    csr    PKCS #10 in PEM, signed by the gate's own key, which never leaves the gate
    proof  of the code, over all of the above
    """

    site: str
    gate: str
    nonce: Nonce
    ca: Sha256
    csr: Pem
    proof: Sha256

    @field_validator("site", "gate")
    @classmethod
    def _id(cls, value: str) -> str:
        return topics.name(value)


class Sealed(Wire):
    """Central's answer: the body's exact text, and its HMAC-SHA256 by the code's server key, for that request."""

    body: str
    mac: Sha256


class Enrolled(Wire):
    """What a gate gets, as the body of `Sealed`.

    certificate, ca  PEM
    profile          1 password, 2 TLS and password, 3 TLS and client certificate
    username         of the broker; the certificate's CN says the same
    password         made for this gate alone; None with profile 3
    token            for pictures, as Authorization: Bearer
    public_keys      central's, which sign what a gate obeys
    url              central's address, for pictures and drivers' phones
    """

    site: str
    gate: str
    lane: Literal["entry", "exit"]
    name: str
    certificate: Pem
    ca: Pem
    profile: Profile
    broker_url: str
    username: str
    password: str | None
    token: str
    public_keys: tuple[str, ...]
    url: str


class RotateRequest(Wire):
    """A gate asks for a certificate of a new key. Sent with its token.

    serial     of the certificate it has, hex
    signature  by that certificate's key, ECDSA with SHA-256 over `rotation`, base64
    """

    site: str
    gate: str
    serial: Hex
    csr: Pem
    signature: Annotated[str, Field(max_length=200)]

    @field_validator("site", "gate")
    @classmethod
    def _id(cls, value: str) -> str:
        return topics.name(value)


class Rotated(Wire):
    """The new certificate, PEM."""

    certificate: Pem


def prove(code: str, request: EnrolRequest) -> EnrolRequest:
    """The request with the proof of the code in it."""
    key = _client_key(code)
    proof = _xor(key, _mac(hashlib.sha256(key).digest(), _covered(request)))
    return request.model_copy(update={"proof": proof.hex()})


def proven(keys: CodeKeys, request: EnrolRequest) -> bool:
    """Whether the request was made with the code. Takes as long either way."""
    key = _xor(bytes.fromhex(request.proof), _mac(keys.stored, _covered(request)))
    return hmac.compare_digest(hashlib.sha256(key).digest(), keys.stored)


def seal(keys: CodeKeys, request: EnrolRequest, answer: Enrolled) -> Sealed:
    body = answer.model_dump_json()
    return Sealed(body=body, mac=_answer_mac(keys, request, body).hex())


def is_sealed(code: str, request: EnrolRequest, answer: Sealed) -> bool:
    """Whether the answer is to this very request, by one who knows the code."""
    return hmac.compare_digest(_answer_mac(code_keys(code), request, answer.body), bytes.fromhex(answer.mac))


def rotation(request: RotateRequest) -> bytes:
    """What the old key signs."""
    return _joined("parkmeter rotation 1", request.site, request.gate, request.serial, _digest(request.csr))


def no_proof() -> str:
    """In the place of a proof not yet made."""
    return "0" * 64


def _answer_mac(keys: CodeKeys, request: EnrolRequest, body: str) -> bytes:
    return _mac(keys.server, _joined("parkmeter enrolled 1", request.proof, _digest(body)) + _covered(request))


def _covered(request: EnrolRequest) -> bytes:
    return _joined("parkmeter enrol 1", request.site, request.gate, request.nonce, request.ca, _digest(request.csr))


def _client_key(code: str) -> bytes:
    return _mac(code.encode(), b"parkmeter enrolment: gate")


def _joined(*words: str) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
