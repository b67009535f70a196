"""Key pairs on EC P-256: made, kept, and judged where somebody asks for a certificate."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from central.pki import files
from central.pki.files import PkiError

PublicKey = ec.EllipticCurvePublicKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_fingerprint(key: PublicKey) -> str:
    """SHA-256 of the SubjectPublicKeyInfo, hex."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()


def load_key(path: Path, hint: str) -> ec.EllipticCurvePrivateKey:
    pem = files.read_secret(path, hint)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise PkiError(f"{path}: expected an unencrypted private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PkiError(f"{path}: expected an EC key on P-256")
    return key


def request_key(text: str, common_name: str) -> PublicKey:
    """The key of a certificate request: made by its owner, on P-256, in that name alone. PkiError says why not."""
    try:
        request = x509.load_pem_x509_csr(text.encode())
        subject = [(part.oid, part.value) for part in request.subject]
        key, signed = request.public_key(), request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature) as error:
        raise PkiError("csr: expected a certificate request (PKCS #10) in PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise PkiError("csr: expected an EC key on P-256")
    if not signed:
        raise PkiError("csr: its signature does not fit its key")
    if subject != [(NameOID.COMMON_NAME, common_name)]:
        got = request.subject.rfc4514_string()[:100]
        raise PkiError(f"csr: expected the name CN={common_name} and nothing else, got {got!r}")
    return key


def signed(certificate: str, signature: str, content: bytes) -> bool:
    """Whether the certificate's key has signed this: ECDSA with SHA-256, the signature in base64."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    try:
        key.verify(base64.b64decode(signature, validate=True), content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
