"""Addresses of brokers, and the three ways in: password, TLS, and TLS with the gate's own certificate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.protocol.signing import Verifier
from edge.protocol.topics import GateTopics
from edge.uplink.broker import Broker, BrokerError
from edge.uplink.uplink import Uplink, UplinkSettings
from tests import brokers
from tests.edge.journal_makers import BOOT, at
from tests.waiting import wait_for


def test_an_address_says_where_and_who():
    broker = Broker.at("mqtt://entry-1:p%40ss@broker.example")
    assert (broker.host, broker.port, broker.tls) == ("broker.example", 1883, False)
    assert (broker.username, broker.password) == ("entry-1", "p@ss")
    assert Broker.at("mqtts://broker.example").port == 8883
    assert Broker.at("mqtts://[::1]:9000").host == "::1"


def test_a_password_is_the_first_line_of_its_file_and_never_shown(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hush hush\nsecond line\n")
    broker = Broker.at("mqtt://h", username="entry-1", password_file=secret)
    assert broker.password == "hush hush"
    assert "hush" not in repr(broker) + str(broker)


@pytest.mark.parametrize(
    "url",
    ["", "broker", "http://h", "mqtt://", "mqtt://h:0x", "mqtt://h:99999", "mqtt://h/path", "mqtt://u:hush@h?x=1"],
)
def test_an_address_that_can_not_be_used_is_refused_and_told_what_is_expected(url):
    with pytest.raises(BrokerError, match="expected mqtt://host:port") as refusal:
        Broker.at(url)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    "url, files, says",
    [
        ("mqtt://h", {"ca_file": Path("x")}, "need mqtts"),
        ("mqtts://h", {"cert_file": Path("x")}, "together"),
        ("mqtt://h", {"password_file": Path("nowhere")}, "can't be read"),
        ("mqtt://:hush@h", {}, "needs a username"),
    ],
)
def test_secrets_that_do_not_fit_are_refused(url, files, says):
    with pytest.raises(BrokerError, match=says):
        Broker.at(url, **files)


def test_an_empty_password_file_is_refused(tmp_path):
    (tmp_path / "password").write_text("\n")
    with pytest.raises(BrokerError, match="is empty"):
        Broker.at("mqtt://h", username="u", password_file=tmp_path / "password")


class Authority:
    """Makes certificates for one test, valid an hour."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key, self._name = ec.generate_private_key(ec.SECP256R1()), _named(name)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(self._build(self._name, self._key.public_key(), ca=True)))

    def issue(self, name: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        cert_file, key_file = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        cert_file.write_bytes(_pem(self._build(_named(name), key.public_key(), ca=False)))
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
        return cert_file, key_file

    def _build(self, subject, public, *, ca: bool):
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder(self._name, subject, public, x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.broker
# paho leaves the socket of a failed handshake to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_gate_gets_in_with_its_own_certificate_and_not_without(tmp_path, caplog):
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    server_cert, server_key = ours.issue("broker")
    cert_file, key_file = ours.issue("entry-1")
    lines = f"cafile {ours.file}\ncertfile {server_cert}\nkeyfile {server_key}\nrequire_certificate true"
    recorder = Recorder(Journal.open(tmp_path / "journal.sqlite3", gate="entry-1", at=at()))
    recorder.start()

    def uplink(**files) -> Uplink:
        where = Broker.at(f"mqtts://127.0.0.1:{running.port}", **files)
        settings = UplinkSettings(where, GateTopics("college", "entry-1"), BOOT, retry_s=(0.05, 0.2))
        line = Uplink(settings, recorder, Verifier([]), lambda _: None)
        line.start()
        return line

    with brokers.mosquitto(lines=lines) as running:
        good = uplink(ca_file=ours.file, cert_file=cert_file, key_file=key_file)
        wait_for(lambda: good.connected, "the gate gets in")
        good.stop()
        for files, says in (({"ca_file": theirs.file}, "certificate verify failed"), ({"ca_file": ours.file}, "")):
            caplog.clear()
            bad = uplink(**files)
            wait_for(lambda: "trying again" in caplog.text, "it is refused")
            assert says in caplog.text and not bad.connected
            bad.stop()
    recorder.stop()
