"""`./parkmeter enroll` and the change of a key, against a central that is really served over HTTPS."""

from __future__ import annotations

import hashlib
import io
import json
import os
import ssl
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from central import keys as central_keys
from central.actions import certificates, enrolment
from central.actions.gates import gate_with_token
from central.pki.authority import Authority
from central.web.limits import limiter
from edge.enrol import folder
from edge.enrol.__main__ import main as enroll
from edge.enrol.errors import EnrolError
from edge.enrol.keys import rotate
from edge.enrol.settings_text import with_values
from edge.protocol.enrolling import new_code
from edge.settings.file import load
from tests.edge.enrol_town import Town, central, now, served

TEMPLATE = Path("config/edge.toml")


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Iterator[Town]:
    """One for all tests: each makes a code of its own, which ends the one before."""
    made = central(tmp_path_factory.mktemp("town"))
    with served(made, made.authority) as running:
        yield running


@pytest.fixture(autouse=True)
def patient() -> None:
    """Nobody is slowed down for what another test has asked."""
    limiter.reset()


@pytest.fixture
def run(tmp_path, capsys, monkeypatch):
    """Types a code into `enroll`; its status, and what it said last."""

    def typed(town: Town, code: str, *words: str, gate: str = "main/entry-1") -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{code}\n"))
        capsys.readouterr()
        status = enroll(["--central", town.url, "--gate", gate, "--config-out", str(tmp_path / "pi"), *words])
        said = capsys.readouterr()
        return status, (said.out if status == 0 else said.err).strip()

    return typed


def modes(path: Path) -> set[str]:
    return {oct(one.stat().st_mode & 0o777) for one in path.rglob("*") if one.is_file()}


@pytest.mark.parametrize("profile", [1, 2, 3])
def test_a_gate_enrols_with_a_code_and_can_start_on_what_it_was_given(town, run, tmp_path, profile):
    status, said = run(town, town.code(profile=profile))
    assert status == 0, said
    pi = tmp_path / "pi"
    settings = load(pi / "edge.toml")
    assert (settings.gate.site, settings.gate.id, settings.gate.lane) == ("main", "entry-1", "entry")
    assert settings.gate.name == 'The "entry", north'
    assert settings.central.public_keys == (central_keys.signer(town.settings).public,)
    with town.db.read() as session:
        token = settings.central.token_file.read_text().strip()
        assert gate_with_token(session, token).id == "entry-1"
    assert (settings.mqtt.password_file is None) == (profile == 3) == (settings.mqtt.username == "")
    assert (settings.mqtt.cert_file is not None) == (profile == 3)
    assert (settings.mqtt.ca_file is not None) == (profile > 1)
    if profile == 3:  # key and certificate are one pair, for OpenSSL too
        ssl.create_default_context().load_cert_chain(settings.mqtt.cert_file, settings.mqtt.key_file)
    assert modes(pi) == {"0o600"} and oct((pi / "keys").stat().st_mode & 0o777) == "0o700"


def test_all_else_of_the_settings_stays_as_the_example_has_it(town, run, tmp_path):
    run(town, town.code())
    made, example = (tomllib.loads(path.read_text()) for path in (tmp_path / "pi" / "edge.toml", TEMPLATE))
    for section in example:
        if section not in ("gate", "mqtt", "central"):
            assert made[section] == example[section]
    assert "# the car park's id: a-z, 0-9 and '-'" in (tmp_path / "pi" / "edge.toml").read_text()


def test_the_private_key_is_made_on_the_gate_and_is_nowhere_at_central(town, run, tmp_path):
    run(town, town.code())
    key = (tmp_path / "pi" / "keys" / folder.CURRENT / folder.KEY).read_text()
    body = "".join(key.splitlines()[1:-1])
    everything = b"".join(path.read_bytes() for path in town.settings.data_dir.rglob("*") if path.is_file())
    assert body.encode() not in everything
    certificate = x509.load_pem_x509_certificate((tmp_path / "pi/keys/current/gate.pem").read_bytes())
    assert serialization.load_pem_private_key(key.encode(), None).public_key() == certificate.public_key()


def test_nothing_is_overwritten_unasked_and_the_code_is_not_spent_on_it(town, run, tmp_path):
    code = town.code()
    settings = tmp_path / "pi" / "edge.toml"
    settings.parent.mkdir()
    settings.write_text(TEMPLATE.read_text().replace("stop = 12", "stop = 4"))
    status, said = run(town, code)
    assert (status, "is there already; --replace" in said, said.count("\n")) == (2, True, 0)
    assert run(town, code, "--replace")[0] == 0
    assert load(settings).devices.inputs.stop == 4, "what a technician set stays"
    first = (tmp_path / "pi/keys/current/gate.pem").read_text()
    assert run(town, town.code(), "--replace")[0] == 0
    assert (tmp_path / "pi/keys.before/current/gate.pem").read_text() == first


def test_keys_may_stand_where_the_gate_can_write(town, run, tmp_path):
    assert run(town, town.code(), "--keys-out", str(tmp_path / "state" / "keys"))[0] == 0
    settings = load(tmp_path / "pi" / "edge.toml")
    assert settings.mqtt.key_file == tmp_path / "state" / "keys" / "current" / "gate.key"


@pytest.mark.parametrize(
    ("code", "gate", "said"),
    [
        (None, "main/exit-1", "wrong code for gate main/exit-1"),
        (None, "other/entry-1", "wrong code for gate other/entry-1"),
        pytest.param(new_code(), "main/entry-1", "wrong code for gate main/entry-1", id="another code"),
        ("ABC", "main/entry-1", "expected 20 letters and digits"),
        ("", "main/entry-1", "expected 20 letters and digits"),
        (None, "entry-1", "expected SITE/GATE"),
        (None, "Main/entry-1", "expected SITE/GATE"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_and_nothing_is_written(town, run, tmp_path, code, gate, said):
    status, line = run(town, town.code() if code is None else code, gate=gate)
    assert (status, said in line.splitlines()[-1], (tmp_path / "pi").exists()) == (2, True, False)


def test_a_used_code_is_refused(town, run, tmp_path):
    code = town.code()
    assert run(town, code)[0] == 0
    status, said = run(town, code, "--replace")
    assert (status, "this code was used already" in said) == (2, True)


def test_a_fingerprint_given_is_held_against_the_ca_before_anything_is_typed(town, run):
    status, said = run(town, town.code(), "--fingerprint", "ab" * 32)
    assert (status, "this is another central" in said) == (2, True)
    right = ":".join(town.authority.fingerprint[n : n + 2] for n in range(0, 64, 2)).upper()
    assert run(town, town.code(), "--fingerprint", right)[0] == 0


def test_a_server_whose_certificate_its_ca_did_not_sign_is_sent_nothing(tmp_path, run):
    made = central(tmp_path)
    with served(made, Authority.make(tmp_path / "stranger", "S", now())) as town:
        code = town.code()
        status, said = run(town, code)
        assert (status, "neither of its CA nor of one this machine trusts" in said) == (2, True)


def test_who_stands_in_between_with_a_ca_of_its_own_gets_no_proof_and_can_not_answer(tmp_path, run):
    """He serves all of central's pages, under his own CA, and has all but the code."""
    ours, his = central(tmp_path / "ours"), central(tmp_path / "his")
    code = ours.code()
    his.code()
    with served(his, his.authority) as between:
        status, said = run(between, code)
        assert (status, "wrong code" in said) == (2, True)
    with served(ours, ours.authority) as town:
        assert run(town, code)[0] == 0, "the code is as good as it was"


def test_an_answer_that_was_not_made_with_the_code_is_refused(tmp_path, run, monkeypatch):
    made = central(tmp_path)
    with served(made, made.authority) as town:
        # one who has the CA's key, and so its TLS, but not the code: his answers are sealed with another
        sealed = enrolment.seal
        monkeypatch.setattr(enrolment, "seal", lambda keys, asked, answer: sealed(enrolment._NOBODYS, asked, answer))
        status, said = run(town, town.code())
        assert (status, "not from the central that made this code" in said) == (2, True)
        assert not (tmp_path / "pi").exists()


def test_plain_http_is_for_this_machine_and_only_when_asked_for(tmp_path, run):
    made = central(tmp_path)
    with served(made, None) as town:
        status, said = run(town, town.code())
        assert (status, "expected https://" in said) == (2, True)
        assert run(town, town.code(), "--insecure-http")[0] == 0
        assert load(tmp_path / "pi" / "edge.toml")
    town.url = "http://park.example.org"
    assert "expected https://" in run(town, new_code(), "--insecure-http", "--replace")[1]


def test_a_central_that_is_not_there_is_said_in_a_line(run, tmp_path):
    made = central(tmp_path)
    for url in ("https://127.0.0.1:9", "https://", "ftp://x", "https://127.0.0.1:99999", "https://a@b"):
        made.url = url
        status, said = run(made, new_code())
        assert status == 2 and said.startswith("parkmeter enroll: central") and "\n" not in said
    made.db.close()


def test_a_gate_changes_its_key_and_the_old_pair_is_swapped_for_the_new_in_one_step(town, run, tmp_path):
    run(town, town.code())
    settings = load(tmp_path / "pi" / "edge.toml")
    before = settings.mqtt.cert_file.read_text()
    fingerprint = rotate(settings)
    after = x509.load_pem_x509_certificate(settings.mqtt.cert_file.read_bytes())
    der = after.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert fingerprint == hashlib.sha256(der).hexdigest()
    assert settings.mqtt.cert_file.read_text() != before
    ssl.create_default_context().load_cert_chain(settings.mqtt.cert_file, settings.mqtt.key_file)
    assert modes(tmp_path / "pi") == {"0o600"}
    rotate(settings)
    rotate(settings)
    keys = tmp_path / "pi" / "keys"
    assert len(list(keys.glob("pair-*"))) == 2, "the pair before, and the present one"
    with town.db.read() as session:
        assert len(certificates.good(session, "main.entry-1", now())) == 2


@pytest.mark.parametrize("profile", [1, 2])
def test_a_gate_that_joins_by_password_has_a_key_to_change_too(town, run, tmp_path, profile):
    run(town, town.code(profile=profile))
    assert len(rotate(load(tmp_path / "pi" / "edge.toml"))) == 64


def test_a_gate_that_is_not_enrolled_says_so_when_it_is_to_change_its_key(tmp_path):
    path = tmp_path / "edge.toml"
    key = "q" * 42 + "A="
    path.write_text(TEMPLATE.read_text().replace("PASTE central's key here", key[:43] + "="))
    with pytest.raises(EnrolError, match="not enrolled"):
        rotate(load(path))
    (tmp_path / "gate.token").write_text("by hand\n")
    path.write_text(with_values(path.read_text(), {("central", "token_file"): "gate.token"}))
    with pytest.raises(EnrolError, match="not enrolled"):
        rotate(load(path))


def test_a_rotation_that_central_refuses_or_does_not_hear_changes_nothing(town, run, tmp_path):
    run(town, town.code())
    settings = load(tmp_path / "pi" / "edge.toml")
    before = settings.mqtt.cert_file.read_text()
    with town.db.begin() as session:
        certificates.revoke(session, "main.entry-1", "stolen", now(), "tests")
    with pytest.raises(EnrolError, match=r"revoked \(stolen\)"):
        rotate(settings)
    record = tmp_path / "pi" / "keys" / folder.RECORD
    record.write_text(json.dumps(json.loads(record.read_text()) | {"central": "https://127.0.0.1:9"}))
    with pytest.raises(EnrolError, match="central https"):
        rotate(settings)
    record.write_text("{")
    with pytest.raises(EnrolError, match="enrol this gate again"):
        rotate(settings)
    assert settings.mqtt.cert_file.read_text() == before


def test_what_is_written_belongs_to_who_has_the_folder(town, run, tmp_path):
    pi, owner = tmp_path / "pi", os.getuid() or 12345  # only root makes files for another
    pi.mkdir()
    os.chown(pi, owner, -1)
    assert run(town, town.code())[0] == 0
    assert {path.lstat().st_uid for path in pi.rglob("*")} == {owner}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[a]\nk = "old"   # why\n', '[a]\nk = "new"   # why\n'),
        ('[a]\n# k = "eg"          # what it is\n[b]\n', '[a]\nk = "new"           # what it is\n[b]\n'),
        ('[a]\nother = 1\n\n[b]\nk = "b\'s"\n', '[a]\nother = 1\nk = "new"\n\n[b]\nk = "b\'s"\n'),
        ("[b]\nx = 1\n", '[b]\nx = 1\n\n[a]\nk = "new"\n'),
        ('[a]\nk = ["#", "x"] # list\n', '[a]\nk = "new"      # list\n'),
        ("[a]\nkk = 1\n# k is a key\n", '[a]\nkk = 1\n# k is a key\nk = "new"\n'),
        ('[a]\n# k = "eg"\nk = "old"\n', '[a]\n# k = "eg"\nk = "new"\n'),
    ],
)
def test_a_value_is_set_where_it_stands(before, after):
    assert with_values(before, {("a", "k"): "new"}) == after


def test_a_value_is_taken_out_by_a_comment():
    assert with_values('[a]\nk = "old" # why\n', {("a", "k"): None}) == '[a]\n# k = "old" # why\n'


@pytest.mark.parametrize("text", ['[a]\nk = [\n "x"\n]\n', '[a]\nk = """\nx"""\n', "[a]\na.b = \n"])
def test_what_can_not_be_set_is_refused(text):
    with pytest.raises(EnrolError, match=r"edge\.toml"):
        with_values(text, {("a", "k"): "new"})
