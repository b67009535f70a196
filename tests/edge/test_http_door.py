"""Who comes in at the gate's pages: by token or by client certificate, and how guessing is slowed down."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized

from edge.http.door import MOST_ADDRESSES, MOST_WRONG, WRONG_S, Door, Guesses
from edge.http.keys import Scope
from edge.http.tls import TlsFiles, context
from edge.settings.file import SettingsError
from tests.edge.http_gate import KEYS, TOKENS, ServedGate, serving

DAY = timedelta(days=1)


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(token: str | None, address: str = "192.0.2.7") -> dict[str, str]:
    header = {} if token is None else {"HTTP_AUTHORIZATION": token}
    return {"REMOTE_ADDR": address} | header


def guess(door: Door, times: int, address: str = "192.0.2.7") -> None:
    for _ in range(times):
        with pytest.raises(Unauthorized):
            door.admit(asked("Bearer guess", address), Scope.READ)


def test_a_token_opens_its_scopes_and_no_other():
    door = Door(KEYS)
    caller = door.admit(asked(f"bearer {TOKENS['mender']}"), Scope.MAINTAIN)
    assert caller.name == "mender" and not caller.may(Scope.PLATES)
    with pytest.raises(Forbidden, match="scope maintain; 'reader' has none"):
        door.admit(asked(f"Bearer {TOKENS['reader']}"), Scope.MAINTAIN)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", f"Basic {TOKENS['reader']}", TOKENS["reader"]])
def test_what_is_no_bearer_token_is_told_what_is_expected_and_is_no_guess(header):
    door = Door(KEYS)
    for _ in range(MOST_WRONG + 1):
        with pytest.raises(Unauthorized, match="Authorization: Bearer TOKEN"):
            door.admit(asked(header), Scope.READ)


def test_a_gate_without_tokens_is_shut():
    with pytest.raises(Forbidden, match=r"http\.token_file"):
        Door(()).admit(asked("Bearer x"), Scope.READ)


def test_after_ten_wrong_tokens_an_address_waits_and_others_do_not():
    clock = Clock()
    door = Door(KEYS, clock)
    guess(door, MOST_WRONG)
    right = f"Bearer {TOKENS['reader']}"
    with pytest.raises(TooManyRequests, match=r"wait of 60 s") as refused:
        door.admit(asked(right), Scope.READ)
    assert refused.value.retry_after == 60
    assert door.admit(asked(right, "192.0.2.8"), Scope.READ).name == "reader"
    clock.now += WRONG_S
    assert door.admit(asked(right), Scope.READ).name == "reader"


def test_one_host_of_ipv6_can_not_guess_from_each_of_its_addresses():
    door = Door(KEYS, Clock())
    for n in range(MOST_WRONG):
        guess(door, 1, f"2001:db8::{n:x}")
    with pytest.raises(TooManyRequests):
        door.admit(asked("Bearer guess", "2001:db8::ffff"), Scope.READ)
    guess(door, 1, "2001:db8:0:1::1")


def test_guesses_from_everywhere_fill_no_memory():
    guesses = Guesses(Clock())
    for n in range(3 * MOST_ADDRESSES):
        guesses.note(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(guesses) == MOST_ADDRESSES


def test_guessing_over_the_wire_ends_in_429_and_the_display_goes_on(tmp_path):
    with serving(tmp_path) as gate:
        seen = [gate.ask("/api/v1/status", "wrong" * 8, source="127.0.0.9").status for _ in range(MOST_WRONG + 1)]
        assert seen == [401] * MOST_WRONG + [429]
        last = gate.ask("/api/v1/status", "reader", source="127.0.0.9")
        assert last.status == 429 and 0 < int(last.headers["Retry-After"]) <= 60
        assert gate.ask("/display", source="127.0.0.9").status == 200
        assert gate.ask("/api/v1/status", "reader").status == 200


# -- TLS and client certificates ---------------------------------------------------------------------------------


class Authority:
    """A certificate authority for a test, and what it signs."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._cert = self._signed(subject, subject, self._key, ca=True)
        self.file.write_bytes(self._cert.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, units: tuple[str, ...] = (), *, ends: timedelta = DAY) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        names += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
        cert = self._signed(x509.Name(names), self._cert.subject, key, ca=False, ends=ends)
        stem = self._folder / f"{self._name}-{name}".replace(" ", "-")
        files = stem.with_suffix(".crt"), stem.with_suffix(".key")
        files[0].write_bytes(cert.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(_pem(key, serialization.NoEncryption()))
        return files

    def _signed(self, subject, issuer, key, *, ca: bool, ends: timedelta = DAY) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("gate.example.org")]), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _pem(key, how) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "site")


@pytest.fixture(scope="module")
def secure(tmp_path_factory, site):
    files = TlsFiles(*site.issue("gate"), site.file)
    with serving(tmp_path_factory.mktemp("gate"), tls=files, client=client(site)) as gate:
        yield gate


def client(site: Authority, files: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=site.file)
    made.check_hostname = False
    if files is not None:
        made.load_cert_chain(*files)
    return made


def asking(gate: ServedGate, made: ssl.SSLContext, path: str, **more):
    before, gate.tls = gate.tls, made
    try:
        return gate.ask(path, **more)
    finally:
        gate.tls = before


def test_the_pages_are_there_over_tls_for_a_token_and_for_the_display(secure):
    assert secure.ask("/display").status == 200
    assert secure.ask("/api/v1/status", "reader").status == 200
    assert secure.ask("/api/v1/status").status == 401


def test_a_client_certificate_opens_the_scopes_it_names(secure, site):
    mine = client(site, site.issue("asha", ("read", "maintain")))
    assert asking(secure, mine, "/api/v1/status").status == 200
    refused = asking(secure, mine, "/api/v1/snapshot")
    assert refused.status == 403 and "'asha'" in refused.json["detail"]
    kind = {"Content-Type": "application/json"}
    body = b'{"reason": "a look at the boom"}'
    assert asking(secure, mine, "/api/v1/actions/open", method="POST", body=body, headers=kind).status == 200
    assert secure.given[-1].by == "http asha: a look at the boom"


def test_scopes_may_stand_in_one_unit_and_unknown_words_open_nothing(secure, site):
    mine = client(site, site.issue("ravi", ("read, plates", "Workshop")))
    assert asking(secure, mine, "/api/v1/status").json["plate"]["text"] == "MH12AB1234"
    assert asking(secure, mine, "/api/v1/snapshot").status == 403


def test_a_certificate_of_another_authority_or_of_yesterday_opens_nothing(secure, site, tmp_path):
    strange = Authority(tmp_path, "strange").issue("asha", ("read",))
    late = site.issue("late", ("read",), ends=-DAY)
    for files in (strange, late):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            asking(secure, client(site, files), "/api/v1/status")


def test_old_tls_and_plain_http_are_not_spoken(secure, site, tmp_path):
    old = client(site)
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        asking(secure, old, "/display")
    with pytest.raises((HTTPException, ConnectionError)):
        asking(secure, None, "/display")
    assert secure.ask("/display").status == 200


def test_without_tls_no_header_can_pretend_to_be_a_certificate(tmp_path):
    with serving(tmp_path) as gate:
        forged = {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL-Client-S-DN-CN": "x", "SSL_CLIENT_S_DN_OU": "read"}
        assert gate.ask("/api/v1/status", headers=forged).status == 401


@pytest.mark.parametrize("which", ["cert", "key", "client_ca"])
def test_files_that_are_none_are_refused_by_name(site, tmp_path, which):
    cert, key = site.issue("gate")
    junk = tmp_path / "junk.pem"
    junk.write_text("no pem\n")
    files = {"cert": cert, "key": key, "client_ca": site.file} | {which: junk}
    with pytest.raises(SettingsError, match=r"http\.(cert_file|client_ca_file): .*junk\.pem.* can't be used"):
        context(TlsFiles(**files))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(site, tmp_path):
    cert, _ = site.issue("gate")
    locked = tmp_path / "locked.key"
    locked.write_bytes(_pem(ec.generate_private_key(ec.SECP256R1()), serialization.BestAvailableEncryption(b"x")))
    with pytest.raises(SettingsError, match="the key has a password"):
        context(TlsFiles(cert, locked))
