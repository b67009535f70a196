"""Enrolment at central's side: what a code opens, for whom, how often, and what is written down of it."""

from __future__ import annotations

import base64
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from central import keys
from central.actions import certificates, enrolment, rotation
from central.actions.enrolment import Refusal
from central.actions.errors import Refused
from central.actions.gates import gate_with_token
from central.pki.authority import Authority, pki_folder, serial_text
from central.store.schema import Audit, BrokerAccount, Certificate, EnrolmentCode, Gate
from central.web import create_app
from central.web.limits import limiter
from edge.protocol.enrolling import (
    BadCode,
    Enrolled,
    EnrolRequest,
    RotateRequest,
    Sealed,
    is_sealed,
    new_code,
    no_proof,
    prove,
    read_code,
)
from edge.protocol.enrolling import (
    rotation as to_sign,
)
from tests.central.car_park import SITE, START, CarPark, minutes

BROKER = "mqtts://broker.example.org:8883"
DAY = timedelta(hours=24)


def request(key, name: str) -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode()


@dataclass
class Office:
    """Central with a CA, and gates that knock."""

    park: CarPark
    authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        self.authority = Authority.make(pki_folder(self.park.settings), "CA", START)

    def code(self, gate: str = "entry-1", now=START, profile=3, broker=BROKER) -> str:
        with self.park.db.begin() as session:
            row = session.get_one(Gate, (SITE, gate))
            return enrolment.make_code(
                session, self.park.settings, row, now, "tests", profile=profile, broker_url=broker
            )

    def asked(
        self, code: str, gate: str = "entry-1", site: str = SITE, *, key=None, name=None, ca=None
    ) -> EnrolRequest:
        key = key or ec.generate_private_key(ec.SECP256R1())
        unproven = EnrolRequest(
            site=site,
            gate=gate,
            nonce=secrets.token_hex(16),
            ca=ca or self.authority.fingerprint,
            csr=request(key, name or f"{site}.{gate}"),
            proof=no_proof(),
        )
        return prove(read_code(code), unproven)

    def knock(self, asked: EnrolRequest, now=START) -> Sealed | Refusal:
        with self.park.db.begin() as session:
            return enrolment.enrol(session, self.park.settings, self.authority, asked, now, "tests")

    def enrolled(self, code: str, key=None, now=START) -> Enrolled:
        asked = self.asked(code, key=key)
        answer = self.knock(asked, now)
        assert isinstance(answer, Sealed), answer
        assert is_sealed(read_code(code), asked, answer)
        return Enrolled.decode(answer.body)

    def rotate(self, token: str, given: Enrolled, old, new, now=START, **other):
        certificate = x509.load_pem_x509_certificate(given.certificate.encode())
        asked = RotateRequest(
            site=given.site,
            gate=given.gate,
            serial=serial_text(certificate.serial_number),
            csr=request(new, f"{given.site}.{given.gate}"),
            signature="",
        ).model_copy(update=other)
        signature = old.sign(to_sign(asked), ec.ECDSA(hashes.SHA256()))
        asked = asked.model_copy(update={"signature": base64.b64encode(signature).decode()})
        with self.park.db.begin() as session:
            return rotation.rotate(session, self.authority, token, asked, now, "tests")

    def audit(self) -> list[tuple[str, str]]:
        with self.park.db.read() as session:
            return [(row.what, row.subject) for row in session.scalars(select(Audit).order_by(Audit.id))]


@pytest.fixture
def office(park) -> Office:
    return Office(park)


def key():
    return ec.generate_private_key(ec.SECP256R1())


def test_a_code_opens_once_and_gives_all_that_a_gate_needs(office):
    mine = key()
    given = office.enrolled(office.code(), mine)
    certificate = x509.load_pem_x509_certificate(given.certificate.encode())
    certificate.verify_directly_issued_by(office.authority.certificate)
    assert certificate.subject.rfc4514_string() == f"CN={SITE}.entry-1"
    assert certificate.public_key() == mine.public_key()
    assert (given.profile, given.broker_url, given.username, given.password) == (3, BROKER, f"{SITE}.entry-1", None)
    assert given.public_keys == (keys.signer(office.park.settings).public,)
    assert given.ca == office.authority.pem
    with office.park.db.read() as session:
        assert gate_with_token(session, given.token).id == "entry-1"
        assert gate_with_token(session, office.park.entry_token) is None, "the token it had before is of no use now"
    assert office.audit()[-3:] == [
        ("enrolment code made", f"{SITE}/entry-1"),
        ("certificate issued", f"{SITE}.entry-1"),
        ("gate enrolled", f"{SITE}/entry-1"),
    ]


def test_a_gate_that_joins_by_password_gets_one_of_its_own_and_central_keeps_only_its_hash(office):
    given = office.enrolled(office.code(profile=2))
    with office.park.db.read() as session:
        [account] = session.scalars(select(BrokerAccount))
    assert account.username == given.username and len(given.password) >= 32
    assert account.password_hash.startswith("$7$") and given.password not in account.password_hash


def test_neither_the_code_nor_what_is_proven_with_it_is_kept(office):
    code = read_code(office.code())
    with office.park.db.read() as session:
        [row] = session.scalars(select(EnrolmentCode))
        audit = json.dumps([line.detail for line in session.scalars(select(Audit))])
    kept = " ".join(str(value) for value in vars(row).values()) + audit
    assert code not in kept and code[:10] not in kept


def refused(answer: Sealed | Refusal) -> str:
    assert isinstance(answer, Refusal) and "\n" not in answer.said
    return answer.said


def test_a_used_code_is_refused_also_to_who_says_the_very_same_again(office):
    code = office.code()
    asked = office.asked(code)
    assert isinstance(office.knock(asked), Sealed)
    assert "used already" in refused(office.knock(asked))
    assert "used already" in refused(office.knock(office.asked(code)))
    assert ("enrolment refused", f"{SITE}/entry-1") in office.audit()


def test_of_two_that_come_with_one_code_at_once_one_gets_in(office):
    code = office.code()
    both = [office.asked(code), office.asked(code)]
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(office.knock, both))
    assert sorted(type(answer).__name__ for answer in answers) == ["Refusal", "Sealed"]


def test_a_code_is_good_for_a_day(office):
    code = office.code()
    assert "good until" in refused(office.knock(office.asked(code), START + DAY))
    assert isinstance(office.knock(office.asked(code), START + DAY - timedelta(seconds=1)), Sealed)


def test_a_newer_code_replaces_the_one_before(office):
    first, second = office.code(), office.code()
    assert "replaced" in refused(office.knock(office.asked(first)))
    assert isinstance(office.knock(office.asked(second)), Sealed)


@pytest.mark.parametrize("tries", [4, 5])
def test_five_wrong_tries_make_a_code_void(office, tries):
    code = office.code()
    for _ in range(tries):
        assert "wrong code" in refused(office.knock(office.asked(new_code())))
    answer = office.knock(office.asked(code))
    assert isinstance(answer, Sealed) if tries < 5 else "void" in refused(answer)


def test_anothers_code_is_a_wrong_one(office):
    code = office.code("exit-1")
    assert "wrong code" in refused(office.knock(office.asked(code, "entry-1")))
    assert isinstance(office.knock(office.asked(code, "exit-1")), Sealed)


@pytest.mark.parametrize("gate", ["entry-1", "entry-9"])
def test_a_stranger_is_told_the_same_of_a_gate_that_is_there_and_of_one_that_is_not(office, gate):
    said = refused(office.knock(office.asked(new_code(), gate)))
    assert said.replace(gate, "GATE") == "wrong code for gate delhi/GATE; after 5 wrong tries a code is void"


@pytest.mark.parametrize(
    "change",
    [
        {"csr": request(ec.generate_private_key(ec.SECP256R1()), f"{SITE}.entry-1")},
        {"nonce": "0" * 32},
        {"ca": "0" * 64},
        {"gate": "exit-1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_proof_is_good_for_its_own_request_alone(office, change):
    asked = office.asked(office.code()).model_copy(update=change)
    assert "wrong code" in refused(office.knock(asked))


@pytest.mark.parametrize(
    "name", ["delhi.exit-1", "mumbai.entry-1", "central", "entry-1", "delhi.entry-1.", "DELHI.ENTRY-1"]
)
def test_a_request_in_another_name_is_refused_and_the_code_stays_good(office, name):
    code = office.code()
    assert "expected the name CN=delhi.entry-1" in refused(office.knock(office.asked(code, name=name)))
    assert isinstance(office.knock(office.asked(code)), Sealed)


def test_a_key_of_another_kind_is_refused(office):
    code = office.code()
    for other in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())):
        assert "EC key on P-256" in refused(office.knock(office.asked(code, key=other)))


def test_text_that_is_no_request_is_refused(office):
    code = office.code()
    asked = office.asked(code).model_copy(update={"csr": "-----BEGIN nothing", "proof": no_proof()})
    assert "csr" in refused(office.knock(prove(read_code(code), asked)))


def test_who_was_shown_another_ca_is_refused(office):
    assert "another CA" in refused(office.knock(office.asked(office.code(), ca="ab" * 32)))


def test_an_answer_fits_its_own_request_and_code_alone(office):
    code = office.code()
    asked = office.asked(code)
    answer = office.knock(asked)
    assert is_sealed(read_code(code), asked, answer)
    assert not is_sealed(read_code(new_code()), asked, answer)
    assert not is_sealed(read_code(code), office.asked(code), answer)
    elsewhere = answer.model_copy(update={"body": answer.body.replace("8883", "8884")})
    assert not is_sealed(read_code(code), asked, elsewhere)


def test_a_gate_enrolled_anew_ends_its_earlier_certificates(office):
    first, second = office.enrolled(office.code()), office.enrolled(office.code(), now=minutes(1))
    certificates.publish_revocations(office.park.db, office.park.settings, office.authority, minutes(1))
    crl = x509.load_pem_x509_crl((pki_folder(office.park.settings) / certificates.CRL).read_bytes())
    assert crl.is_signature_valid(office.authority.key.public_key())
    serial = [x509.load_pem_x509_certificate(given.certificate.encode()).serial_number for given in (first, second)]
    assert [entry.serial_number for entry in crl] == serial[:1]


def test_a_key_that_was_certified_before_is_not_certified_again(office):
    mine = key()
    office.enrolled(office.code(), mine)
    assert "certified before" in refused(office.knock(office.asked(office.code(), key=mine)))


@pytest.mark.parametrize(
    ("profile", "broker"),
    [(1, "mqtts://b"), (2, "mqtt://b"), (3, "mqtt://b"), (3, "mqtts://user:pw@b"), (3, "nonsense"), (3, "mqtts://b:0")],
)
def test_a_code_with_a_broker_that_does_not_fit_its_profile_is_refused(office, profile, broker):
    with pytest.raises(Refused, match="broker"):
        office.code(profile=profile, broker=broker)


def test_a_new_key_is_certified_on_the_word_of_the_old_one(office):
    old, new, newest = key(), key(), key()
    given = office.enrolled(office.code(), old)
    made = office.rotate(given.token, given, old, new, minutes(5))
    assert isinstance(made, Certificate), made
    again = given.model_copy(update={"certificate": made.pem})
    lost = office.rotate(given.token, given, old, key(), minutes(6))
    assert isinstance(lost, Certificate), "a gate that never saw the answer may ask again with what it has"
    assert "revoked" in refused(office.rotate(given.token, again, new, newest, minutes(7)))
    assert ("key rotated", f"{SITE}/entry-1") in office.audit()


def test_a_rotation_is_refused_without_the_right_token_key_and_name(office):
    old = key()
    given = office.enrolled(office.code(), old)
    other = office.park.entry_token
    assert "token" in refused(office.rotate("", given, old, key()))
    assert "token" in refused(office.rotate(other, given, old, key()))
    assert "not signed by its key" in refused(office.rotate(given.token, given, key(), key()))
    assert "not of delhi/exit-1" in refused(office.rotate(given.token, given, old, key(), gate="exit-1"))
    assert "not one of" in refused(office.rotate(given.token, given, old, key(), serial="abc"))
    assert "certified before" in refused(office.rotate(given.token, given, old, old))
    name = request(key(), f"{SITE}.exit-1")
    assert "expected the name" in refused(office.rotate(given.token, given, old, key(), csr=name))
    assert "expired" in refused(office.rotate(given.token, given, old, key(), START + timedelta(days=900)))
    with office.park.db.begin() as session:
        certificates.revoke(session, f"{SITE}.entry-1", "stolen", START, "tests")
    assert "revoked (stolen)" in refused(office.rotate(given.token, given, old, key()))


TOO_LONG = pytest.param(new_code() + "0", id="one too many")


@pytest.mark.parametrize("text", ["", "ABCDE", TOO_LONG, "7ZK2M-AAAAA-BBBBB-CCCC!", "é" * 20])
def test_what_is_no_code_is_said_before_anyone_is_asked(text):
    with pytest.raises(BadCode, match="20 letters and digits"):
        read_code(text)


def test_a_code_is_read_however_it_is_typed():
    code = new_code()
    assert len(set(code)) > 5 and [len(part) for part in code.split("-")] == [5, 5, 5, 5]
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert read_code(f" {typed}\n") == code.replace("-", "")


@pytest.fixture
def door(sqlite, settings):
    """Central's pages, and a gate that knocks there."""
    office = Office(CarPark(sqlite, settings))
    app = create_app(settings.model_copy(update={"database_url": f"sqlite:///{sqlite.url.database}"}))
    yield office, app.test_client()
    limiter.reset()
    app.extensions["parkmeter"].database.close()


def live_code(office: Office) -> str:
    return office.code(now=datetime.now(UTC))


def test_the_door_shows_the_ca_and_takes_a_gate_in(door):
    office, client = door
    assert client.get("/api/v1/enrol/ca").text == office.authority.pem
    asked = office.asked(live_code(office))
    assert Sealed.decode(client.post("/api/v1/enrol", data=asked.encode()).data)
    again = client.post("/api/v1/enrol", data=asked.encode())
    assert (again.status_code, "used already" in again.json["error"]) == (403, True)
    assert (pki_folder(office.park.settings) / certificates.CRL).exists()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"site": "../x"}', b"x" * 30_000, b"[" * 10_000])
def test_what_is_no_request_is_refused_in_a_line(door, body):
    answer = door[1].post("/api/v1/enrol", data=body)
    assert answer.status_code in (400, 413) and answer.json["error"] and "\n" not in answer.json["error"]


def test_a_stranger_who_guesses_is_slowed_down(door):
    office, client = door
    answers = [client.post("/api/v1/enrol", data=office.asked(new_code()).encode()) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2


def test_over_a_network_it_is_https_or_nothing(door):
    office, client = door
    asked = office.asked(live_code(office)).encode()
    far = {"REMOTE_ADDR": "192.0.2.7"}
    for path in ("/api/v1/enrol", "/api/v1/enrol/rotate"):
        answer = client.post(path, data=asked, environ_base=far)
        assert (answer.status_code, "https" in answer.json["error"]) == (403, True)
    answer = client.post("/api/v1/enrol", data=asked, environ_base=far, base_url="https://park.example")
    assert answer.status_code == 200


def test_a_central_without_a_ca_says_how_to_make_one(sqlite, settings):
    app = create_app(settings.model_copy(update={"database_url": f"sqlite:///{sqlite.url.database}"}))
    for answer in (
        app.test_client().get("/api/v1/enrol/ca"),
        app.test_client().post("/api/v1/enrol", data=EnrolRequest(
            site="a", gate="b", nonce="0" * 32, ca="0" * 64, csr="x", proof=no_proof()
        ).encode()),
    ):  # fmt: skip
        assert (answer.status_code, "ca init" in answer.json["error"]) == (503, True)
    limiter.reset()
    app.extensions["parkmeter"].database.close()
