"""Ed25519 signatures of what central sends to gates.

A signed message is JSON {"v": 1, "key": ID, "sig": BASE64, "body": TEXT}. The signature covers the topic, a line feed
and the body's exact text, so nothing need be re-serialised to check it and no message is good on another topic.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class SignatureRefused(ValueError):
    """A message that is not signed by a key we trust, or not for this topic."""


def key_id(public: Ed25519PublicKey) -> str:
    """First 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(_raw(public)).hexdigest()[:16]


def public_text(public: Ed25519PublicKey) -> str:
    """The key as one line of base64, for a settings file."""
    return base64.b64encode(_raw(public)).decode()


def public_from_text(text: str) -> Ed25519PublicKey:
    """Inverse of `public_text`; ValueError names what is wrong."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"public key {text!r}: expected base64 of 32 bytes") from error
    if len(raw) != 32:
        raise ValueError(f"public key {text!r}: expected base64 of 32 bytes, got {len(raw)}")
    return Ed25519PublicKey.from_public_bytes(raw)


class Signer:
    """Signs with central's private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key_id = key_id(private.public_key())

    @property
    def public(self) -> str:
        return public_text(self._private.public_key())

    def sign(self, topic: str, body: str) -> bytes:
        """The signed message's bytes, ready to publish on `topic`."""
        signature = self._private.sign(_covered(topic, body))
        sig = base64.b64encode(signature).decode()
        return json.dumps({"v": 1, "key": self.key_id, "sig": sig, "body": body}, separators=(",", ":")).encode()


class Verifier:
    """Checks against the public keys a gate was given; several, so that a key can be rotated."""

    def __init__(self, publics: list[Ed25519PublicKey]) -> None:
        self._keys: Mapping[str, Ed25519PublicKey] = {key_id(public): public for public in publics}

    def open(self, topic: str, payload: bytes) -> str:
        """The body's text; SignatureRefused says why it can't be had."""
        try:
            message = json.loads(payload)
            key, sig, body = message["key"], base64.b64decode(message["sig"], validate=True), message["body"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SignatureRefused(f"message on {topic}: expected a signed JSON object") from error
        if not isinstance(body, str):
            raise SignatureRefused(f"message on {topic}: its body must be text")
        if not body.isascii() and body.encode("utf-8", "ignore").decode() != body:
            raise SignatureRefused(f"message on {topic}: its body is not Unicode text")
        if not isinstance(key, str) or key not in self._keys:
            raise SignatureRefused(f"message on {topic}: signed by unknown key {key!r}")
        try:
            self._keys[key].verify(sig, _covered(topic, body))
        except InvalidSignature as error:
            raise SignatureRefused(f"message on {topic}: the signature does not fit") from error
        return body


def _covered(topic: str, body: str) -> bytes:
    return topic.encode() + b"\n" + body.encode()


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes_raw()
