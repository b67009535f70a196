"""The commands that make the CA and the broker's files, and a site that runs on what they made."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from central.__main__ import main
from central.gates import Ingest
from central.pki.authority import Authority, pki_folder
from central.pki.mosquitto import FILES
from central.settings import load
from central.store.database import Database
from edge.enrol.__main__ import main as enroll
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered
from edge.settings.file import load as gate_settings
from tests import brokers
from tests.central.car_park import Reporter, plate
from tests.central.mqtt_gate import wait_for
from tests.edge.enrol_town import Town, now, served
from tests.security.secure_broker import Client, running, tls

EXAMPLE = Path("config/mosquitto")


@pytest.fixture
def central(tmp_path, capsys, monkeypatch) -> Callable[..., tuple[int, str]]:
    """Runs a command; its status and what it printed, or why it did not."""
    for name in ("DATABASE_URL", "MQTT_URL", "PARKMETER_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        try:
            status = main([*words, "--data", str(tmp_path / "central")])
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out if status == 0 else said.err.strip().splitlines()[-1]

    return run


@pytest.fixture
def site(central) -> Callable[..., tuple[int, str]]:
    for words in ("init", "site add main", "ca init"):
        assert central(*words.split())[0] == 0
    return central


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_the_example_that_is_shipped_is_what_a_small_site_gets(site, tmp_path):
    for gate, lane in (("entry-1", "entry"), ("exit-1", "exit")):
        assert site("gate", "add", "main", gate, "--lane", lane)[0] == 0
    assert site("ca", "issue", "broker", "--host", "broker.example.org")[0] == 0
    status, said = site("broker-files", str(tmp_path / "made"), "--stand-in", "/etc/mosquitto/parkmeter")
    assert status == 0, said
    for name in sorted(path.name for path in EXAMPLE.iterdir()):
        assert (tmp_path / "made" / name).read_text() == (EXAMPLE / name).read_text(), name
    assert {path.name for path in EXAMPLE.iterdir()} == {"acl", *FILES.values()}
    secret = {"passwd", "broker.key"}
    assert {path.name for path in (tmp_path / "made").iterdir() if mode(path) == "0o600"} == secret


def test_before_there_is_a_ca_the_lab_profile_is_made_and_the_rest_is_said(central, tmp_path):
    central("init")
    central("site", "add", "main")
    status, said = central("broker-files", str(tmp_path / "made"))
    assert status == 0 and "ca init" in said and "central has no password yet" in said
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["acl", FILES[1], "passwd"]


def test_a_ca_is_made_once_with_a_key_for_its_owner_alone(site, tmp_path):
    pki = tmp_path / "central" / "pki"
    before = (pki / "ca.key").read_bytes()
    assert mode(pki / "ca.key") == "0o600" and mode(pki) == "0o700"
    status, said = site("ca", "init")
    assert (status, "never overwritten" in said, (pki / "ca.key").read_bytes() == before) == (2, True, True)
    certificate = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (certificate.not_valid_after_utc - now()).days > 3640
    assert certificate.fingerprint(hashes.SHA256()).hex() == json.loads(site("ca", "show", "--json")[1])["fingerprint"]
    (pki / "ca.pem").unlink()  # as a cut between the two files leaves it
    assert site("ca", "init")[0] == 0 and (pki / "ca.key").read_bytes() == before


def test_certificates_are_issued_renewed_shown_and_revoked(site, tmp_path):
    pki = tmp_path / "central" / "pki"
    assert site("ca", "issue", "broker", "--host", "broker.example.org", "--host", "192.0.2.5")[0] == 0
    assert site("ca", "issue", "central", "--days", "30")[0] == 0
    first, key = (pki / "broker.pem").read_bytes(), (pki / "broker.key").read_bytes()
    assert site("ca", "renew", "broker")[0] == 0
    second = x509.load_pem_x509_certificate((pki / "broker.pem").read_bytes())
    names = second.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["broker.example.org", "192.0.2.5"]
    assert (pki / "broker.pem").read_bytes() != first and (pki / "broker.key").read_bytes() == key
    assert mode(pki / "broker.key") == "0o600"
    assert site("ca", "revoke", "central", "--why", "lost")[0] == 0
    listed = json.loads(site("ca", "show", "--json")[1])["certificates"]
    assert [(row["name"], row["status"], row["why"]) for row in listed] == [
        ("broker", "good", ""), ("broker", "good", ""), ("central", "revoked", "lost")
    ]  # fmt: skip
    crl = x509.load_pem_x509_crl((pki / "crl.pem").read_bytes())
    assert [f"{entry.serial_number:x}" for entry in crl] == [listed[2]["serial"]]
    assert site("ca", "revoke", listed[0]["serial"])[0] == 0


def test_what_ends_soon_is_listed_unless_there_is_a_later_one(site):
    for words in (
        "issue central --days 20",
        "issue maintenance@main --days 20",
        "renew central",
        "issue broker --host b",
    ):
        assert site("ca", *words.split())[0] == 0
    listed = json.loads(site("ca", "show", "--ending", "30", "--json")[1])["certificates"]
    assert [row["name"] for row in listed] == ["maintenance@main"]


def test_a_password_taken_away_is_in_the_next_files_no_more(site, tmp_path):
    name = "maintenance.ravi@main"
    assert site("broker-account", name)[0] == 0
    site("broker-files", str(tmp_path / "made"))
    assert name in (tmp_path / "made" / "passwd").read_text() and name in (tmp_path / "made" / "acl").read_text()
    assert site("broker-account", name, "--remove")[0] == 0
    site("broker-files", str(tmp_path / "made"))
    assert name not in (tmp_path / "made" / "passwd").read_text() + (tmp_path / "made" / "acl").read_text()
    status, said = site("broker-account", name, "--remove")
    assert (status, "has no broker password" in said) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ca issue nobody", "expected SITE/GATE, central"),
        ("ca issue broker", "expected --host"),
        ("ca issue broker --host sp*ce", "expected a name such as"),
        ("ca issue central --host x", "--host is for"),
        ("ca issue central --days 0", "expected 1 to"),
        ("ca issue maintenance@Main", "site 'Main'"),
        ("ca renew central", "expected the key of central"),
        ("ca renew main/entry-1", "a gate renews its own"),
        ("ca revoke nobody", "expected the name or serial"),
        ("gate add main/entry-1 --code", "--lane"),
        ("gate add main --code --lane entry", "expected SITE GATE or SITE/GATE"),
        ("gate add nowhere/entry-1 --code --lane entry", "site 'nowhere'"),
        ("gate add main/entry-1 --code --lane entry --profile 3", "expected mqtts://"),
        ("broker-account nobody", "expected SITE/GATE, central"),
        ("broker-files /proc/nowhere", "/proc/nowhere"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(site, words, said):
    status, line = site(*words.split())
    assert (status, said in line) == (2, True), line


def test_without_a_ca_there_are_no_certificates_and_no_codes(central):
    central("init")
    central("site", "add", "main")
    for words in ("ca issue central", "ca show", "gate add main/entry-1 --code --lane entry"):
        status, said = central(*words.split())
        assert (status, "ca init" in said) == (2, True), said


def test_two_gates_that_home_assistant_could_not_tell_apart_are_refused(site, tmp_path):
    site("site", "add", "main-east")
    site("gate", "add", "main", "east-gate", "--lane", "entry")
    site("gate", "add", "main-east", "gate", "--lane", "entry")
    status, said = site("broker-files", str(tmp_path / "made"))
    assert (status, "would share homeassistant/device/main-east-gate/config" in said) == (2, True)


def broker_folder(site, tmp_path: Path, profile: int, port: int) -> Path:
    """The files as the command writes them; the configuration of that profile, for a mosquitto of this test."""
    folder, data = tmp_path / "broker", tmp_path / "broker-data"
    data.mkdir()
    words = ["broker-files", str(folder), "--broker-data", str(data), "--bind", "127.0.0.1", "--port", str(port)]
    status, said = site(*words)
    assert status == 0, said
    path = folder / FILES[profile]
    if os.getuid() == 0:  # started by root it steps down to a user who can't read the test's folder
        path.write_text(path.read_text() + "user root\n")
    return path


@pytest.mark.broker
def test_a_password_from_the_command_line_opens_a_real_broker(site, tmp_path):
    port = brokers.free_port()
    status, said = site("broker-account", "maintenance.ravi@main")
    assert status == 0
    name, password = said.splitlines()[0].split()
    assert site("broker-account", "central", "--out", str(tmp_path / "word"))[0] == 0
    assert mode(tmp_path / "word") == "0o600"
    configuration = broker_folder(site, tmp_path, 1, port)
    with (
        running(configuration, port),
        Client(port, name, password) as ravi,
        Client(port, "central", (tmp_path / "word").read_text().strip()) as central,
        Client(port, name, "another") as stranger,
    ):
        assert (ravi.welcome, central.welcome, stranger.said) == (True, True, "Not authorized")


@pytest.mark.broker
@pytest.mark.parametrize("profile", [2, 3])
def test_an_enrolled_gate_and_the_real_central_meet_at_the_broker(site, tmp_path, monkeypatch, profile):
    """From nothing, by the commands a person types: the gate's report is acknowledged, central's word arrives."""
    port = brokers.free_port()
    words = f"gate add main/entry-1 --code --lane entry --broker mqtts://127.0.0.1:{port} --profile {profile} --json"
    code = json.loads(site(*words.split())[1])["code"]
    assert site("ca", "issue", "broker", "--host", "127.0.0.1")[0] == 0
    assert site("ca", "issue", "central")[0] == 0
    assert site("broker-account", "central", "--out", str(tmp_path / "central.word"))[0] == 0
    settings = load(None, tmp_path / "central")
    db = Database(settings.database)
    authority = Authority.load(pki_folder(settings))
    with served(Town("", db, settings, authority), authority) as town:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
        assert enroll(["--central", town.url, "--gate", "main/entry-1", "--config-out", str(tmp_path / "pi")]) == 0
    ours = gate_settings(tmp_path / "pi" / "edge.toml").mqtt
    configuration = broker_folder(site, tmp_path, profile, port)
    context = tls(ours.ca_file)
    if ours.cert_file:
        context.load_cert_chain(ours.cert_file, ours.key_file)
    password = ours.password_file.read_text().strip() if ours.password_file else ""
    pki = tmp_path / "central" / "pki"
    by_certificate = {"cert_file": pki / "central.pem", "key_file": pki / "central.key"}
    by_password = {"username": "central", "password_file": tmp_path / "central.word"}
    joined = {"url": f"mqtts://127.0.0.1:{port}", "ca_file": pki / "ca.pem"}
    joined |= by_certificate if profile == 3 else by_password
    settings = settings.model_copy(update={"mqtt": settings.mqtt.model_copy(update=joined)})
    stop = threading.Event()
    with running(configuration, port):
        ingest = threading.Thread(target=Ingest(settings, Database(settings.database)).run, args=(stop,))
        ingest.start()
        try:
            with Client(port, ours.username, password, tls=context) as gate:
                assert gate.welcome
                gate.subscribe("#")
                reporter, session = Reporter("entry-1"), uuid7()
                facts = Entered(plate=plate("DL1CAB1234"), ticket=reporter.new_ticket())
                topic, event = reporter.report(facts, now(), session)
                acked = "parking/v1/main/entry-1/ack"
                for _ in range(30):  # again and again, as a gate does: central may not listen yet
                    gate.send(topic.replace("/delhi/", "/main/"), event)
                    if wait_for(lambda: acked in gate.arrived, 1.0):
                        break
                gate.wait_for(acked)
                gate.wait_for(f"parking/v1/main/session/{session}")
                assert {part.split("/")[2] for part in gate.arrived} == {"main"}
        finally:
            stop.set()
            ingest.join()
