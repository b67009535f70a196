"""setup_pi.sh, run for real on a system below a folder: what it makes, what it leaves alone, what it refuses."""

from __future__ import annotations

import os
import stat
import subprocess

import pytest

from edge.version import VERSION
from tests.firmware.gate_root import ROOT, SCRIPTS, GateRoot, run


def listing(root) -> dict[str, tuple]:
    """Every path below root with what it is: mode, and target or content."""
    found = {}
    for path in sorted(root.rglob("*")):
        mode = path.lstat().st_mode
        what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(root))] = (stat.S_IMODE(mode), what)
    return found


def test_a_gate_is_set_up_with_a_versioned_program_settings_user_and_services(gate_root):
    ran = gate_root.set_up()
    assert ran.returncode == 0, ran.stderr
    root = gate_root.root
    [version] = gate_root.versions
    assert version.startswith(f"{VERSION}-") and gate_root.runs == version
    assert (root / "opt/parkmeter/current/parkmeter").stat().st_mode & 0o111
    assert not list((root / "opt").rglob("__pycache__"))
    assert 'data_dir = "/var/lib/parkmeter"' in gate_root.config.read_text()
    assert stat.S_IMODE(gate_root.config.stat().st_mode) == 0o640
    assert stat.S_IMODE(gate_root.config.parent.stat().st_mode) == 0o750
    groups = (root / "etc/group").read_text()
    assert "gpio:" in groups and ":parkmeter\n" in groups and "\nparkmeter:" in groups
    assert (
        "parkmeter:" in (root / "etc/passwd").read_text() and "/usr/sbin/nologin" in (root / "etc/passwd").read_text()
    )
    units = root / "etc/systemd/system"
    for name in ("parkmeter-gate.service", "parkmeter-safe-mode.service", "parkmeter-update.path"):
        assert (units / name).read_bytes() == (SCRIPTS / "systemd" / name).read_bytes()
    wanted = units / "multi-user.target.wants"
    assert sorted(path.name for path in wanted.iterdir()) == ["parkmeter-gate.service", "parkmeter-update.path"]
    assert "RuntimeWatchdogSec" in (root / "etc/systemd/system.conf.d/parkmeter-watchdog.conf").read_text()


def test_a_second_run_changes_nothing_and_settings_are_never_overwritten(gate_root):
    assert gate_root.set_up().returncode == 0
    gate_root.config.write_text("# mine\n")
    before = listing(gate_root.root)
    ran = gate_root.set_up()
    assert ran.returncode == 0, ran.stderr
    assert "is kept as it is" in ran.stdout
    assert listing(gate_root.root) == before


def test_a_dry_run_prints_every_step_and_changes_nothing(gate_root):
    before = listing(gate_root.root)
    ran = run("setup_pi.sh", "--root", gate_root.root, "--any-debian", "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert listing(gate_root.root) == before
    for word in ("useradd", "would copy", "would make: a Python environment", "would point", "edge.toml", "enable"):
        assert word in ran.stdout


def test_the_machine_itself_can_be_looked_at_dry_too():
    ran = run("setup_pi.sh", "--any-debian", "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert "would run: env DEBIAN_FRONTEND=noninteractive apt-get install" in ran.stdout
    assert "python3-picamera2" in ran.stdout and "overlayroot" in ran.stdout


def test_central_is_set_up_with_its_own_settings_and_a_shut_in_broker(gate_root):
    ran = gate_root.set_up("--central")
    assert ran.returncode == 0, ran.stderr
    root = gate_root.root
    assert 'data_dir = "/var/lib/parkmeter-central"' in (root / "etc/parkmeter/central.toml").read_text()
    units = root / "etc/systemd/system"
    assert (units / "mosquitto.service.d/parkmeter.conf").exists() and not (units / "parkmeter-gate.service").exists()


@pytest.mark.parametrize(
    "os_release, said",
    [
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", "this is ubuntu: expected Raspberry Pi OS or Debian"),
        ("ID=debian\nVERSION_CODENAME=bullseye\n", "this is debian bullseye: expected bookworm or trixie"),
        ("", "this is an unknown system"),
    ],
)
def test_another_system_is_refused_in_one_line(gate_root, os_release, said):
    (gate_root.root / "etc/os-release").write_text(os_release)
    ran = gate_root.set_up()
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert said in ran.stderr
    assert not gate_root.opt.exists()


def test_trixie_is_taken_and_a_debian_that_is_no_pi_only_when_told(folder):
    trixie = GateRoot(folder, "trixie")
    assert trixie.set_up().returncode == 0
    ran = run("setup_pi.sh", "--root", trixie.root, "--skip-packages", "--skip-venv")
    assert ran.returncode == 1 and "--any-debian" in ran.stderr


@pytest.mark.parametrize(
    "words, said",
    [(["--fly"], "unknown option --fly"), (["--root", "/nowhere/at/all"], "there is no folder /nowhere/at/all")],
)
def test_wrong_words_are_refused(words, said):
    ran = run("setup_pi.sh", *words)
    assert ran.returncode == 1 and said in ran.stderr


def test_without_root_it_says_so(tmp_path):
    if os.getuid() != 0:
        ran = run("setup_pi.sh")
    else:
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "bash", "-s"]
        script = (SCRIPTS / "setup_pi.sh").read_text().replace('. "$HERE/lib.sh"', (SCRIPTS / "lib.sh").read_text())
        ran = subprocess.run(command, input=script, capture_output=True, text=True, cwd="/", check=False)
    assert ran.returncode == 1 and "needs root: run sudo" in ran.stderr


def test_the_same_program_has_the_same_version_name_and_another_has_another(folder):
    names = []
    for number in range(2):
        made = GateRoot(folder / str(number))
        assert made.set_up().returncode == 0
        names += made.versions
    assert names[0] == names[1]
    script = f'. {SCRIPTS}/lib.sh; version_of "$1"'
    changed = folder / "0/root/opt/parkmeter/current"
    (changed / "config/edge.toml").write_text("# another\n")
    ran = subprocess.run(["bash", "-c", script, "x", changed], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"{VERSION}-") and ran.stdout != names[0]


def test_every_script_says_how_it_is_used():
    for name in ("setup_pi.sh", "update.sh", "backup.sh", "restore.sh"):
        ran = run(name, "--help")
        assert (ran.returncode, ran.stderr) == (0, ""), name
        assert ran.stdout.startswith(f"usage: {name}")
    assert (ROOT / "firmware_scripts").is_dir()
