"""`./parkmeter test`: the checks (ruff, shellcheck, import-linter), then pytest, with every program the tests need."""

from __future__ import annotations

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# where Debian keeps programs that are not on everybody's PATH
MORE_FOLDERS = ("/usr/sbin", "/usr/local/sbin", *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True))
MEMORY, MEMORY_MB = Path("/dev/shm"), 4096
MOST_AT_ONCE = 4  # each may have a browser and a database of its own
LONG = "slow or browser or broker or postgres"


@dataclass(frozen=True, slots=True)
class Program:
    """Something of the system's that tests run. package: Debian's name of it; lost: what can't be tested without."""

    name: str
    package: str
    lost: str

    @property
    def there(self) -> bool:
        return shutil.which(self.name) is not None


PROGRAMS = (
    Program("mosquitto", "mosquitto", "every test over the real MQTT broker"),
    Program("chromium", "chromium", "every test in a browser"),
    Program("initdb", "postgresql", "every test of the store on PostgreSQL"),
    Program("shellcheck", "shellcheck", "the check of the shell scripts"),
    Program("systemd-analyze", "systemd", "the check of the systemd units"),
    Program("openssl", "openssl", "every test of signed updates"),
)
NEEDING_TORCH = (
    "tests/edge/test_easyocr_torch.py",
    "tests/edge/training/learning",
    "tests/edge/training/test_easyocr_training.py",
)


class NothingLeftOut:
    """Fails a run that skipped a test: in CI a skip is a hole nobody sees."""

    def __init__(self) -> None:
        self._skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._skipped += report.skipped and not hasattr(report, "wasxfail")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._skipped and session.exitstatus == pytest.ExitCode.OK:
            say(f"{self._skipped} tests were skipped: in CI none may be")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def main(argv: list[str]) -> int:
    options, for_pytest = parser().parse_known_args(argv)
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    os.chdir(ROOT)
    if options.arm64:
        from tests.firmware import arm64

        return arm64.main(for_pytest)
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), *MORE_FOLDERS])
    if not options.fast:
        install_missing()
    missing = [program for program in PROGRAMS if not program.there]
    for program in missing:
        say(f"NOT TESTED: {program.lost}; {program.name} is missing (apt install {program.package})")
    torch = torch_loads()
    if not torch:
        say("NOT TESTED: training, and the engine easyocr; torch does not load here (docs/training.md, Torch)")
    if in_ci and (missing or not torch):
        say("in CI nothing may be left out")
        return 1
    sound = all([ruff(), shellcheck(), import_linter()]) if options.all or not for_pytest else True
    if not sound:
        say("a check above has failed; the tests run all the same")
    if not for_pytest:
        for_pytest = at_once()
    if options.fast:
        for_pytest = ["-m", f"not ({LONG})", *for_pytest]
    if not torch:
        for_pytest = [*(f"--ignore={path}" for path in NEEDING_TORCH), *for_pytest]
    with files_in_memory():
        status = int(pytest.main(for_pytest, plugins=[NothingLeftOut()] if in_ci and not options.fast else []))
    return status or (0 if sound else 1)


@contextmanager
def files_in_memory() -> Iterator[None]:
    """The tests' own files in memory where there is room: their logs and databases wait for the disk at each commit."""
    if "TMPDIR" in os.environ or not roomy(MEMORY):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pm-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        yield


def roomy(folder: Path) -> bool:
    """It takes files that may be run, and many of them."""
    try:
        held = os.statvfs(folder)
    except OSError:
        return False
    runs = not held.f_flag & os.ST_NOEXEC
    return runs and os.access(folder, os.W_OK) and held.f_bavail * held.f_frsize >> 20 >= MEMORY_MB


def torch_loads() -> bool:
    """For x86-64 the package index has torch built for CUDA, and the launcher leaves CUDA's libraries out."""
    if "+" in version("torch") or find_spec("nvidia"):
        return True  # its vendor's build for this machine, or with what it needs
    return subprocess.call([sys.executable, "-c", "import torch"], stderr=subprocess.DEVNULL) == 0


def at_once() -> list[str]:
    """How everything is run: as many files at a time as there are processors, each file's tests in their order."""
    processors = min(MOST_AT_ONCE, len(os.sched_getaffinity(0)))
    return ["-n", str(processors), "--dist", "loadfile"] if processors > 1 else []


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="parkmeter test",
        description="Runs the checks and every test that this machine can run; what is missing it installs through apt"
        " where it may, and otherwise names. Anything else goes to pytest, alone: ./parkmeter test tests/edge -k boom",
    )
    made.add_argument("--all", action="store_true", help="checks and tests, whatever else is given to pytest")
    made.add_argument("--fast", action="store_true", help="only tests that need no other program and take no time")
    made.add_argument("--arm64", action="store_true", help="the Pi's set-up in an emulated arm64 Debian, 20 minutes")
    return made


def install_missing() -> None:
    """Through apt, when we are root or may become root without being asked for a password."""
    packages = [program.package for program in PROGRAMS if not program.there]
    apt = shutil.which("apt-get")
    if not packages or apt is None:
        return
    become = [] if os.getuid() == 0 else ["sudo", "-n"]
    if become and (shutil.which("sudo") is None or subprocess.call(["sudo", "-n", "true"], stderr=subprocess.DEVNULL)):
        return
    say(f"installing {', '.join(packages)} through apt")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    quietly([*become, apt, "update", "-q"])
    quietly([*become, *environment, apt, "install", "-y", "-q", "--no-install-recommends", *packages])


def ruff() -> bool:
    say("ruff")
    return subprocess.call([sys.executable, "-m", "ruff", "check", "--quiet", ".", "parkmeter"]) == 0


def shellcheck() -> bool:
    scripts = [str(path) for path in shell_scripts()]
    if not scripts or shutil.which("shellcheck") is None:
        return True
    say(f"shellcheck of {len(scripts)} scripts")
    return subprocess.call(["shellcheck", *scripts]) == 0


def shell_scripts() -> list[Path]:
    """Every file of ours that a shell runs, by its first line."""
    folders = [ROOT / ".ci", ROOT / "firmware_scripts", ROOT / "config"]
    files = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if path.read_bytes()[:64].split(b"\n")[0].endswith((b"bash", b"/sh"))]


def import_linter() -> bool:
    say("import-linter")
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return quietly([sys.executable, "-c", command], lines=60) == 0


def quietly(command: list[str], lines: int = 5) -> int:
    """Runs it and shows the end of its output only where it fails; its exit status."""
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ran.returncode:
        tail = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-lines:])
        say(f"{command[0]} failed with status {ran.returncode}:\n{tail}")
    return ran.returncode


def say(text: str) -> None:
    print(f"parkmeter test: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
