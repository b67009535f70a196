"""update.sh, run for real: bundles that are refused, and a real gate changed to another version and back."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from edge.simulation.world.client import WorldClient
from tests.firmware.gate_root import SCRIPTS, GateRoot, bundle, checksummed, run
from tests.waiting import wait_for


@pytest.fixture
def set_up(folder, pattern):
    made = GateRoot(folder, like=pattern)
    made.fill_in_settings()
    yield made
    made.close()


@pytest.fixture
def running(set_up):
    set_up.start()
    return set_up


def small_bundle(folder: Path, members: dict[str, str | None], kind: bytes = tarfile.REGTYPE) -> Path:
    """A tar of these paths; a None is a link to /etc/passwd."""
    path = folder / "small.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            if text is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(info)
            else:
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
    return checksummed(path)


@pytest.mark.parametrize(
    "members, said",
    [
        ({"../evil": "x"}, "a path that leads out of it"),
        ({"/etc/evil": "x"}, "a path that leads out of it"),
        ({"parkmeter/a": "x", "parkmeter/link": None}, "holds links or devices"),
        ({"one/a": "x", "two/b": "y"}, "expected one folder in it"),
        ({"parkmeter/a": "x"}, "is no ParkMeter: expected edge/version.py"),
        ({"parkmeter/edge/version.py": 'VERSION = "1; rm -rf /"\n'}, "is no ParkMeter: expected edge/version.py"),
    ],
)
def test_a_bundle_that_is_none_is_refused_before_anything_is_done(set_up, folder, members, said):
    before = set_up.versions
    ran = set_up.update(small_bundle(folder, members))
    assert ran.returncode == 1 and said in ran.stderr and ran.stderr.count("\n") == 1
    assert set_up.versions == before and not list(set_up.opt.glob(".update*"))


def test_a_bundle_that_was_damaged_on_its_way_or_has_no_checksum_is_refused(set_up, folder):
    made = small_bundle(folder, {"parkmeter/a": "x"})
    with made.open("ab") as file:
        file.write(b"\0")
    assert "is damaged or another file" in set_up.update(made).stderr
    made.with_name(made.name + ".sha256").unlink()
    assert "no checksum: expected --sha256" in set_up.update(made).stderr
    ran = set_up.update(made, "--sha256", "0" * 64)
    assert ran.returncode == 1 and "expected 0000" in ran.stderr


def keys(folder: Path, name: str) -> Path:
    private = folder / f"{name}.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    return private


def sign(made: Path, private: Path) -> None:
    command = ["openssl", "pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", made, "-out", f"{made}.sig"]
    subprocess.run(command, check=True)


def test_where_a_key_is_known_only_its_signature_counts(set_up, folder):
    ours, theirs = keys(folder, "ours"), keys(folder, "theirs")
    public = set_up.config.parent / "update.pub"
    made = small_bundle(folder, {"parkmeter/a": "x"})
    assert "expected the key that signs bundles" in set_up.update("--signed", made).stderr
    subprocess.run(["openssl", "pkey", "-in", ours, "-pubout", "-out", public], check=True)
    assert "no signature: expected" in set_up.update(made).stderr
    sign(made, theirs)
    assert "is not signed by the key" in set_up.update(made).stderr
    sign(made, ours)
    ran = set_up.update("--signed", made)
    assert "signed by the key of" in ran.stdout and "is no ParkMeter" in ran.stderr


def asked(made: GateRoot, word: str, *words: object) -> list[str]:
    return [str(SCRIPTS / "asked_update.sh"), word, "--root", str(made.root), *map(str, words)]


def test_an_update_that_the_gate_asks_for_is_root_s_to_judge_and_the_gate_hears_why_not(set_up, folder):
    asking = asked(set_up, "ask")
    place = set_up.data / "update"
    place.mkdir(parents=True)
    none = subprocess.run(asking, capture_output=True, text=True, check=False)
    assert none.returncode == 1 and "there is no bundle" in none.stderr
    small_bundle(folder, {"parkmeter/a": "x"}).rename(place / "bundle.tar.gz")
    with subprocess.Popen(asking, stdout=subprocess.PIPE, text=True) as waiting:
        wait_for((place / "request").exists, "the request is there")
        served = subprocess.run(asked(set_up, "serve"), capture_output=True, text=True, check=False)
        said, _ = waiting.communicate(timeout=30)
    assert (served.returncode, waiting.returncode) == (1, 1)
    assert "no checksum: expected --sha256" in said and not (place / "request").exists()


@pytest.mark.parametrize("text", ["", "not an id\n", "../../../etc/passwd\n"])
def test_a_request_that_is_none_is_taken_away_and_nothing_is_done(set_up, text):
    place = set_up.data / "update"
    place.mkdir(parents=True)
    (place / "request").write_text(text)
    ran = subprocess.run(asked(set_up, "serve"), capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "expected 32 hexadecimal digits" in ran.stderr
    assert not (place / "request").exists()


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "expected a bundle"),
        (["--wait", "soon", "x"], "--wait soon: expected whole seconds"),
        (["a", "b"], "one bundle, not a and b"),
        (["--fly"], "unknown option --fly"),
        (["--back"], "there is no version before"),
        (["/no/such/bundle"], "/no/such/bundle can't be read"),
    ],
)
def test_wrong_words_are_refused(set_up, words, said):
    ran = run("update.sh", "--root", set_up.root, *words)
    assert ran.returncode == 1 and said in ran.stderr


def test_a_machine_that_was_never_set_up_is_refused(gate_root: GateRoot):
    ran = gate_root.update("x")
    assert ran.returncode == 1 and "expected a machine that setup_pi.sh has set up" in ran.stderr


def test_a_gate_that_does_not_answer_is_left_alone_unless_it_is_known_to_be_down(set_up, folder):
    made, before = bundle(folder, "9.9.9"), set_up.runs
    ran = set_up.update(made)
    assert ran.returncode == 1 and "the gate does not answer" in ran.stderr and "--gate-is-down" in ran.stderr
    assert set_up.runs == before
    ran = run("update.sh", "--root", set_up.root, "--skip-venv", "--gate-is-down", "--restart-with", "true",
              "--wait", "0", made)  # fmt: skip
    assert ran.returncode == 1 and "neither 9.9.9" in ran.stderr
    assert set_up.runs == before


@pytest.mark.slow
def test_a_gate_at_rest_is_updated_and_goes_back_when_told_and_old_versions_go(running, folder):
    first = running.runs
    dry = running.update("--dry-run", bundle(folder, "9.9.8"))
    assert dry.returncode == 0, dry.stderr
    assert "would point" in dry.stdout and running.runs == first and running.versions == [first]
    boot = running.status()["boot"]
    ran = running.update(folder / "parkmeter-9.9.8.tar.gz")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    second = running.runs
    assert second.startswith("9.9.8-") and running.versions == sorted([first, second])
    assert running.status()["version"] == "9.9.8" and running.status()["boot"] != boot
    assert [event.data["version"] for event in running.events("gate.started")][-1] == "9.9.8"
    assert "in place already" in running.update(folder / "parkmeter-9.9.8.tar.gz").stdout
    ran = running.update(bundle(folder, "9.9.9"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert running.versions == sorted([second, running.runs]), "the last two are kept"
    ran = running.update("--back")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert running.runs == second and running.status()["version"] == "9.9.8"


@pytest.mark.slow
def test_a_version_that_does_not_come_up_well_is_taken_back_and_the_gate_runs_as_before(running, folder):
    before, version = running.runs, running.status()["version"]
    dies = {"edge/gate.py": ("controller.run()", "raise SystemExit(9)")}
    ran = running.update("--wait", "6", bundle(folder, "9.9.9", dies))
    assert ran.returncode == 1
    assert "did not come up well" in ran.stderr and f"{before} runs again" in ran.stderr
    assert (running.runs, running.versions) == (before, [before])
    assert running.status()["version"] == version


@pytest.mark.slow
def test_a_version_that_does_not_understand_the_settings_is_never_switched_to(running, folder):
    before, boot = running.runs, running.status()["boot"]
    ran = running.update(
        bundle(folder, "9.9.9", {"edge/settings/file.py": ("    gate: GateSection", "    grate: GateSection")})
    )
    assert ran.returncode == 1 and "it does not: nothing was changed" in ran.stderr
    assert (running.versions, running.status()["boot"]) == ([before], boot)


@pytest.mark.slow
def test_while_a_vehicle_is_in_the_lane_no_update_begins(running, folder):
    made = bundle(folder, "9.9.9")
    with WorldClient(str(folder / "w")) as world:
        world.arrive("v1", "MH12AB1234", "car")
        wait_for(lambda: running.status().get("visit"), "the gate deals with the vehicle")
        ran = running.update(made)
    assert ran.returncode == 1 and "not now: " in ran.stderr
    assert len(running.versions) == 1
