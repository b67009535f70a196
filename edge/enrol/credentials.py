"""The gate's key pair: made here, asked a certificate for, and checked against the one that came."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.enrol.errors import EnrolError

Key = ec.EllipticCurvePrivateKey


def new_key() -> Key:
    """An EC key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: Key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def load_key(pem: bytes, where: str) -> Key:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise EnrolError(f"{where}: expected an unencrypted private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EnrolError(f"{where}: expected an EC key")
    return key


def signing_request(key: Key, common_name: str) -> str:
    """PKCS #10 in PEM, in that name."""
    try:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    except ValueError as error:  # over 64 characters
        raise EnrolError(f"gate {common_name}: expected ids that together have at most 63 characters") from error
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def load_certificate(pem: str, what: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise EnrolError(f"{what}: expected a certificate in PEM") from error


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the whole certificate, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def key_fingerprint(key: Key) -> str:
    """SHA-256 of the public key's SubjectPublicKeyInfo, hex."""
    return hashlib.sha256(_public_der(key.public_key())).hexdigest()


def check(certificate: x509.Certificate, key: Key, common_name: str, ca: x509.Certificate) -> None:
    """EnrolError unless the certificate is of this key and name, by this CA."""
    names = [part.value for part in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [common_name] or _public_der(certificate.public_key()) != _public_der(key.public_key()):
        raise EnrolError(f"central's certificate is not of this gate's key and name, expected CN={common_name}")
    try:
        certificate.verify_directly_issued_by(ca)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise EnrolError("central's certificate is not signed by its CA") from error


def _public_der(key) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
