"""Who gets into the broker at all, in each profile, on a real mosquitto with the files that central makes."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from central.pki import mosquitto
from central.pki.authority import serial_text
from tests import brokers
from tests.central.mqtt_gate import wait_for
from tests.security.secure_broker import Client, Paper, SiteCa, folder_of, reload, running, tls

pytestmark = pytest.mark.broker

NAME, PASSWORD = "north.entry-1", "a long and random one"
STATUS = "parking/v1/north/entry-1/status"
OTHERS_STATUS = "parking/v1/north/exit-1/status"
SOUTHS_STATUS = "parking/v1/south/entry-1/status"


@dataclass(frozen=True)
class House:
    """A broker, its folder and its CA, and another CA that is none of its business."""

    port: int
    folder: Path
    ca: SiteCa
    stranger: SiteCa
    broker: brokers.RunningBroker


@pytest.fixture(scope="module", params=[1, 2, 3])
def any_house(request, tmp_path_factory) -> Iterator[tuple[int, House]]:
    with house(tmp_path_factory.mktemp("door"), request.param) as made:
        yield request.param, made


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> Iterator[House]:
    """Profile 3."""
    with house(tmp_path_factory.mktemp("certified"), 3) as made:
        yield made


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory) -> Iterator[House]:
    """Profile 2."""
    with house(tmp_path_factory.mktemp("encrypted"), 2) as made:
        yield made


class house:
    """A House while it runs."""

    def __init__(self, folder: Path, profile: int) -> None:
        self._ca, self._stranger = SiteCa(folder / "ca"), SiteCa(folder / "stranger")
        self._port, self._folder = brokers.free_port(), folder / "broker"
        path = folder_of(self._folder, profile, {NAME: PASSWORD}, ca=self._ca, port=self._port)
        self._running = running(path, self._port)

    def __enter__(self) -> House:
        return House(self._port, self._folder, self._ca, self._stranger, self._running.__enter__())

    def __exit__(self, *how) -> None:
        self._running.__exit__(*how)


def refused_by_tls(house: House, context: ssl.SSLContext) -> str:
    """Why the handshake, or the first answer after it (where TLS 1.3 tells of our certificate), failed."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
        try:
            with context.wrap_socket(line, server_hostname="localhost") as secure:
                secure.sendall(b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x1e\x00\x02me")  # CONNECT
                answer = secure.recv(4)
        except (ssl.SSLError, ConnectionError) as error:
            return getattr(error, "reason", None) or type(error).__name__
    return "" if answer else "hung up"


def shown(house: House) -> bytes:
    """The certificate the broker shows, DER."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as line:
        try:
            with tls(house.ca.path).wrap_socket(line, server_hostname="localhost") as secure:
                return secure.getpeercert(binary_form=True) or b""
        except (ssl.SSLError, ConnectionError):
            return b""


def with_reasons(context: ssl.SSLContext) -> ssl.SSLContext:
    """TLS 1.2, where the server judges our certificate before it lets us speak, so that its reason reaches us."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def good(house: House, name: str = NAME) -> Paper:
    return house.ca.paper(name)


def test_a_gate_with_its_own_certificate_comes_in_under_its_own_name_alone(certified):
    context = tls(certified.ca.path, good(certified))
    with Client(certified.port, tls=tls(certified.ca.path, certified.ca.paper("central"))) as central:
        central.subscribe("#")
        # what it calls itself is not asked: the certificate says who it is
        with Client(certified.port, "south.entry-1", "whatever", tls=context) as gate:
            assert gate.welcome
            gate.publish(OTHERS_STATUS, SOUTHS_STATUS, "parking/v1/north/entry-1/ack", STATUS)
        central.wait_for(STATUS)
        assert central.arrived == [STATUS]


def test_gates_of_one_id_at_two_sites_are_two(certified):
    with (
        Client(certified.port, tls=tls(certified.ca.path, good(certified, "north.entry-1"))) as north,
        Client(certified.port, tls=tls(certified.ca.path, good(certified, "south.entry-1"))) as south,
        Client(certified.port, tls=tls(certified.ca.path, certified.ca.paper("central"))) as central,
    ):
        for gate in (north, south):
            gate.subscribe("#")
        central.publish("parking/v1/south/entry-1/cmd/open", "parking/v1/north/entry-1/cmd/open")
        for gate, site in ((north, "north"), (south, "south")):
            gate.wait_for(f"parking/v1/{site}/entry-1/cmd/open")
            assert gate.arrived == [f"parking/v1/{site}/entry-1/cmd/open"]


def test_without_a_certificate_nobody_comes_in(certified):
    assert refused_by_tls(certified, tls(certified.ca.path))


def test_a_certificate_of_another_ca_is_refused(certified):
    assert refused_by_tls(certified, tls(certified.ca.path, certified.stranger.paper(NAME)))


def test_an_expired_certificate_is_refused(certified):
    expired = certified.ca.paper(NAME, lasts=timedelta(seconds=-60))
    assert refused_by_tls(certified, tls(certified.ca.path, expired))
    assert "EXPIRED" in refused_by_tls(certified, with_reasons(tls(certified.ca.path, expired)))


def test_a_servers_certificate_is_no_clients(certified):
    assert refused_by_tls(certified, tls(certified.ca.path, certified.ca.paper(NAME, "server")))


@pytest.mark.parametrize("name", ["nobody", "north.entry-9", "south.entry-1.x", "NORTH.ENTRY-1"])
def test_a_certificate_of_a_name_that_is_not_listed_may_do_nothing(certified, name):
    with Client(certified.port, tls=tls(certified.ca.path, certified.ca.paper("central"))) as central:
        central.subscribe("#")
        with Client(certified.port, tls=tls(certified.ca.path, certified.ca.paper(name))) as client:
            client.subscribe("#")
            client.publish(STATUS, OTHERS_STATUS)
            central.publish("parking/v1/north/entry-1/cmd/open")
            with Client(certified.port, tls=tls(certified.ca.path, good(certified))) as gate:
                gate.publish(STATUS)
            central.wait_for(STATUS)
            assert central.arrived == [STATUS] and client.arrived == []


def test_a_revoked_certificate_is_refused_once_the_broker_has_reloaded(tmp_path):
    with house(tmp_path, 3) as made:
        paper, other = good(made), good(made, "north.exit-1")
        assert refused_by_tls(made, tls(made.ca.path, paper)) == ""
        serial = serial_text(x509.load_pem_x509_certificate(paper.certificate.read_bytes()).serial_number)
        (made.folder / "crl.pem").write_bytes(made.ca.revoke(serial))
        reload(made.broker)
        assert wait_for(lambda: "REVOKED" in refused_by_tls(made, with_reasons(tls(made.ca.path, paper))))
        assert refused_by_tls(made, tls(made.ca.path, paper))
        assert refused_by_tls(made, tls(made.ca.path, other)) == "", "only that one"


def test_a_renewed_certificate_of_the_broker_is_shown_once_it_has_reloaded(tmp_path):
    with house(tmp_path, 2) as made:
        assert shown(made)  # it serves, and so heeds signals
        paper = made.ca.paper("broker", "server", ("localhost",))
        (made.folder / "broker.key").write_bytes(paper.key.read_bytes())
        (made.folder / "broker.pem").write_bytes(paper.certificate.read_bytes())
        reload(made.broker)
        wanted = x509.load_pem_x509_certificate(paper.certificate.read_bytes()).public_bytes(Encoding.DER)
        assert wait_for(lambda: shown(made) == wanted)


@pytest.mark.parametrize("profile", ["encrypted", "certified"])
def test_tls_1_1_is_refused_and_1_2_is_taken(request, profile):
    made = request.getfixturevalue(profile)
    for version, refused in ((ssl.TLSVersion.TLSv1_1, True), (ssl.TLSVersion.TLSv1_2, False)):
        context = tls(made.ca.path, good(made))
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that it is the broker that refuses, not we
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        said = refused_by_tls(made, context)
        assert ("PROTOCOL_VERSION" in said) if refused else said in ("", "hung up")


@pytest.mark.parametrize("profile", ["encrypted", "certified"])
def test_a_client_refuses_a_broker_of_another_ca(request, profile):
    made = request.getfixturevalue(profile)
    assert refused_by_tls(made, tls(made.stranger.path, good(made))) == "CERTIFICATE_VERIFY_FAILED"


def test_anonymous_is_refused_in_every_profile(any_house):
    profile, made = any_house
    if profile == 3:
        assert refused_by_tls(made, tls(made.ca.path))
        return
    context = tls(made.ca.path) if profile == 2 else None
    with Client(made.port, tls=context) as client:
        assert client.said == "Not authorized"


@pytest.mark.parametrize(
    ("name", "password"), [(NAME, "wrong"), (NAME, ""), ("north.exit-1", PASSWORD), ("nobody", PASSWORD)]
)
def test_a_wrong_password_is_refused(any_house, name, password):
    profile, made = any_house
    if profile == 3:
        # a password, right or wrong, is no certificate
        assert refused_by_tls(made, tls(made.ca.path))
        return
    with Client(made.port, name, password, tls=tls(made.ca.path) if profile == 2 else None) as client:
        assert client.said == "Not authorized"


def test_the_right_password_comes_in(any_house):
    profile, made = any_house
    context = {1: None, 2: tls(made.ca.path), 3: tls(made.ca.path, good(made))}[profile]
    with Client(made.port, NAME, PASSWORD, tls=context) as client:
        assert client.welcome
        client.publish(STATUS)


def test_the_passwords_are_read_again_on_a_hup(tmp_path):
    with house(tmp_path, 2) as made:
        context = tls(made.ca.path)
        assert shown(made)  # it serves, and so heeds signals
        text = mosquitto.password_list({NAME: mosquitto.password_hash("another")})
        (made.folder / "passwd").write_text(text)
        reload(made.broker)

        def comes_in() -> bool:
            if refused_by_tls(made, context) == "ConnectionResetError":
                return False  # it is just reading its files
            with Client(made.port, NAME, "another", tls=context) as client:
                return client.welcome

        assert wait_for(comes_in)
