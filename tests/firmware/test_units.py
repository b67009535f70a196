"""The systemd units as systemd itself judges them, in a root that setup_pi.sh has made."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.firmware.gate_root import SCRIPTS, GateRoot

UNITS = SCRIPTS / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
MOSQUITTO = Path("/lib/systemd/system/mosquitto.service")
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is missing: apt install systemd")


def analyze(root: Path, *words: str) -> subprocess.CompletedProcess:
    command = [ANALYZE, f"--root={root}", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def system(tmp_path_factory):
    """Gate and central in one root, with the system's own units for what ours stand after."""
    made = GateRoot(tmp_path_factory.mktemp("units"))
    assert made.set_up().returncode == 0 and made.set_up("--central").returncode == 0
    made.lend_environment()
    root = made.root
    ours = root / "usr/lib/systemd/system"
    shutil.copytree("/lib/systemd/system", ours, symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    for program in ("/bin/rm", "/bin/kill", "/usr/sbin/mosquitto"):
        (root / program[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", root / program[1:])
    # the environment leads out of the root, where systemd-analyze does not follow
    python = root / "opt/parkmeter/current/.venv"
    python.unlink()
    (python / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", python / "bin/python")
    return root


@needs_systemd
@pytest.mark.parametrize("unit", [*SERVICES, "parkmeter-update.path", "mosquitto.service"])
def test_systemd_has_nothing_to_say_against_a_unit(system, unit):
    if unit == "mosquitto.service" and not MOSQUITTO.exists():
        pytest.skip("mosquitto.service is missing: apt install mosquitto")
    ran = analyze(system, "verify", unit)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("unit", [*SERVICES, "mosquitto.service"])
def test_a_service_s_exposure_is_at_most_4(system, unit):
    if unit == "mosquitto.service" and not MOSQUITTO.exists():
        pytest.skip("mosquitto.service is missing: apt install mosquitto")
    ran = analyze(system, "security", "--offline=true", unit)
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", ran.stdout)[1])
    assert exposure <= 4.0, ran.stdout


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit file's sections; a key may stand in it more than once."""
    parsed: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text().splitlines():
        if line.startswith("["):
            section = parsed.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return parsed


@pytest.mark.parametrize("name", ["parkmeter-gate.service", "parkmeter-safe-mode.service"])
def test_a_gate_still_reaches_its_pins_its_camera_and_the_kernel_s_word_about_the_clock(name):
    service = unit(name)["Service"]
    assert service["DevicePolicy"] == ["closed"] and "PrivateDevices" not in service
    for kind in ("char-gpiochip", "char-video4linux", "char-media", "char-dma_heap"):
        assert f"{kind} rw" in service["DeviceAllow"]
    assert service["SupplementaryGroups"] == ["gpio video"]
    # ProtectClock= would take adjtimex(2) away, and with it the label "synced"
    assert "ProtectClock" not in service and "adjtimex clock_adjtime" in service["SystemCallFilter"][0]
    assert "ProcSubset" not in service  # lgpio asks /proc which board this is
    # lgpio makes a pipe in its working folder, and the rest of the disk may be read-only
    assert service["WorkingDirectory"] == ["/run/parkmeter"] and "LG_WD=/run/parkmeter" in service["Environment"]
    assert service["ProtectSystem"] == ["strict"] and service["StateDirectory"] == ["parkmeter"]


def test_a_gate_that_crashes_again_and_again_is_held_in_safe_mode():
    gate, safe = unit("parkmeter-gate.service"), unit("parkmeter-safe-mode.service")
    assert gate["Unit"]["OnFailure"] == ["parkmeter-safe-mode.service"]
    assert gate["Service"]["Restart"] == ["always"] and gate["Unit"]["StartLimitBurst"] == ["5"]
    assert safe["Unit"]["Conflicts"] == ["parkmeter-gate.service"] and "OnFailure" not in safe["Unit"]
    assert safe["Unit"]["StartLimitIntervalSec"] == ["0"] and "Install" not in safe
    assert safe["Service"]["ExecStart"] == [gate["Service"]["ExecStart"][0] + " --safe-mode"]
    alike = {key: value for key, value in gate["Service"].items() if key not in ("ExecStart", "RestartSec")}
    assert alike == {key: value for key, value in safe["Service"].items() if key not in ("ExecStart", "RestartSec")}


def test_the_watchdog_s_time_is_longer_than_it_is_fed_apart():
    from edge.watchdog import EVERY_S, STALE_OF_S

    seconds = float(unit("parkmeter-gate.service")["Service"]["WatchdogSec"][0])
    assert seconds >= 3 * EVERY_S and seconds + STALE_OF_S["controller"] <= 40


@pytest.mark.parametrize("path", sorted((SCRIPTS / "system").glob("*.conf")), ids=lambda path: path.name)
def test_a_drop_in_is_well_formed(path):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read_string(path.read_text())
    assert parser.sections() in (["Journal"], ["Manager"])
