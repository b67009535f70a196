"""The site's certificate authority: an EC P-256 key that is never overwritten, and what it signs.

Profiles of X.509 as RFC 5280 has them; every certificate below the CA serves one use, server or client.
"""

from __future__ import annotations

import fcntl
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.pki import files
from central.pki.files import PkiError
from central.pki.key_pairs import PublicKey, key_pem, load_key, new_key
from central.settings import Settings

CA_LASTS = timedelta(days=3653)
LASTS = timedelta(days=825)  # what the strictest TLS clients still take from a private CA
# a Pi without a battery clock may start some hours behind
BACKDATED = timedelta(days=1)
HINT = "make the site's CA with `./parkmeter central ca init`"
_HOST = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")

Use = Literal["server", "client"]
_USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


def pki_folder(settings: Settings) -> Path:
    return settings.data_dir / "pki"


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def serial_text(serial: int) -> str:
    return f"{serial:x}"


@dataclass(frozen=True, slots=True)
class Authority:
    """The CA, loaded."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path, name: str, now: datetime) -> Authority:
        """A new CA in `folder`; PkiError where there is one."""
        files.folder(folder)
        certificate_path, key_path = folder / "ca.pem", folder / "ca.key"
        if certificate_path.exists():
            raise PkiError(f"{certificate_path}: is there already and is never overwritten")
        if key_path.exists():  # an earlier try was cut off in between
            key = load_key(key_path, HINT)
        else:
            key = new_key()
            files.create(key_path, key_pem(key))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _begun(subject, subject, key.public_key(), now, now + CA_LASTS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        made = builder.sign(key, hashes.SHA256())
        files.create(certificate_path, pem(made).encode(), files.PUBLIC)
        return cls(key, made)

    @classmethod
    def load(cls, folder: Path) -> Authority:
        key = load_key(folder / "ca.key", HINT)
        return cls(key, load_certificate(folder))

    @property
    def pem(self) -> str:
        return pem(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return fingerprint_of(self.certificate)

    def issue(
        self,
        key: PublicKey,
        common_name: str,
        use: Use,
        now: datetime,
        *,
        hosts: Sequence[str] = (),
        lasts: timedelta = LASTS,
    ) -> x509.Certificate:
        """A certificate for that key and name; it never outlives the CA. hosts: names and addresses of a server."""
        if not 1 <= len(common_name) <= 64:
            raise PkiError(f"name {common_name[:80]!r}: a certificate holds 1 to 64 characters, got {len(common_name)}")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        until = min(now + lasts, self.certificate.not_valid_after_utc)
        builder = _begun(subject, self.certificate.subject, key, now, until)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([_USES[use]]), critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), False)
        return builder.sign(self.key, hashes.SHA256())

    def revocations(self, revoked: Iterable[tuple[str, datetime]], now: datetime) -> bytes:
        """The CRL in PEM of (serial, when). It runs as long as the CA: a broker refuses everyone over a stale one."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - BACKDATED).next_update(self.certificate.not_valid_after_utc)
        number = x509.CRLNumber(int(now.timestamp() * 1000))
        builder = builder.add_extension(number, critical=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        for serial, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def load_certificate(folder: Path) -> x509.Certificate:
    """The CA's certificate alone, which is no secret."""
    path = folder / "ca.pem"
    content = files.read(path, HINT)
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError as error:
        raise PkiError(f"{path}: expected a certificate in PEM") from error


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def hosts_of(text: bytes) -> list[str]:
    """The names and addresses that a server's certificate is for; none where it is a client's."""
    try:
        held = x509.load_pem_x509_certificate(text).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    except ValueError as error:
        raise PkiError("expected a certificate in PEM") from error
    return [str(name.value) for name in held.value]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Holds the folder while a list that others write too is read and written."""
    with open(files.folder(folder) / ".lock", "a") as lock:  # closing lets go of it
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _begun(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    # the order matters to nobody, but an expired one must still be makeable: it begins before it ends
    begins = min(now, until) - BACKDATED
    builder = builder.not_valid_before(begins).not_valid_after(until)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        if not _HOST.fullmatch(text):
            raise PkiError(f"host {text!r}: expected a name such as broker.example.org, or an address") from None
        return x509.DNSName(text.lower())
