"""The launcher, really run, in copies of its own with a package of three files in place of the real requirements."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_ENSUREPIP = "import sys; sys.modules['ensurepip'] = None\n"  # quick too: pip of this interpreter fills the folder
NO_VENV = "import sys; sys.modules['venv'] = None; sys.modules['ensurepip'] = None\n"
# not in the environment under test, which a newer interpreter makes
OLD_PYTHON = """
import pathlib, sys
if pathlib.Path(__file__).parents[1] not in pathlib.Path(sys.prefix).parents:
    sys.version_info = (3, 9, 2, "final", 0)
"""
DISK_FULL = "import shutil; shutil.disk_usage = lambda path: shutil._ntuple_diskusage(1 << 30, 1 << 30, 5 << 20)\n"
MAIN = """
import os, sys
print("ran", *sys.argv[1:], os.getcwd())
sys.exit(7 if "seven" in sys.argv else 0)
"""


class Checkout:
    """A copy of the launcher beside an `edge` that says how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shims = folder / "shims"
        self.shims.mkdir(parents=True)
        (folder / "edge").mkdir()
        (folder / "edge" / "__init__.py").touch()
        (folder / "edge" / "__main__.py").write_text(MAIN)
        shutil.copy(ROOT / "parkmeter", folder)
        self.require("1.0")
        self.pretend(NO_ENSUREPIP)

    def require(self, version: str) -> None:
        wheel(self.folder / "wheels", version)
        lines = f"--no-index\n--find-links {self.folder / 'wheels'}\ntiny=={version}\n"
        (self.folder / "requirements.txt").write_text(lines)

    def require_for_training(self, build: str, code: str = "") -> None:
        """A package named torch whose module is `code`; `build` is what its version has after the release."""
        wheel(self.folder / "wheels", "2.0" + build, "torch", code)
        training = self.folder / "edge" / "vision" / "training"
        training.mkdir(parents=True)
        (training.parent / "__init__.py").touch()
        (training / "__init__.py").touch()
        (training / "__main__.py").write_text(MAIN)
        lines = f"-r ../../../requirements.txt\n--find-links {self.folder / 'wheels'}\ntorch==2.0\n"
        (training / "requirements.txt").write_text(lines)

    def pretend(self, code: str) -> None:
        """Has every interpreter started from here run `code` first, as another machine's would behave."""
        (self.shims / "sitecustomize.py").write_text(code)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PARKMETER", "PYTHON"))}
        pip = {"PIP_CONFIG_FILE": os.devnull}
        return {**kept, **pip, "PYTHONPATH": str(self.shims), "HOME": str(self.folder / "home"), **more}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(self.folder / "parkmeter"), *words]

    def run(self, *words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            capture_output=True,
            text=True,
            timeout=120,
            cwd=cwd or self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def installed(self, name: str = "tiny") -> str:
        """Version of that package in the environment."""
        found = list(self.folder.glob(f".venv/lib/python*/site-packages/{name}-*.dist-info"))
        return found[0].name.removeprefix(f"{name}-").removesuffix(".dist-info") if found else ""


def wheel(folder: Path, version: str, name: str = "tiny", code: str = "") -> None:
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n{code}")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


def refusal(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that a run ended on; no traceback, nothing on stdout."""
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    return ran.stderr.strip().splitlines()[-1]


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A checkout whose environment is made; to be copied, not changed."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "checkout")
    assert checkout.run("gate").returncode == 0
    return checkout


@pytest.fixture
def copy(made, tmp_path):
    """A changeable copy of a checkout whose environment is made."""
    again = Checkout.__new__(Checkout)
    again.folder = tmp_path / "checkout"
    again.shims = again.folder / "shims"
    shutil.copytree(made.folder, again.folder, symlinks=True)
    return again


@pytest.mark.slow
def test_the_first_start_makes_an_environment_of_its_own_and_becomes_the_command(checkout):
    checkout.pretend("")
    ran = checkout.run("read", "a photo.jpg", "--json")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"ran read a photo.jpg --json {checkout.folder}\n"
    assert "1 of 1 packages" in ran.stderr or "making ParkMeter's environment" in ran.stderr
    assert checkout.installed() == "1.0"


def test_a_second_start_makes_nothing(copy):
    ran = copy.run("gate")
    assert ran.returncode == 0
    assert ran.stderr == ""


def test_the_exit_status_and_the_working_folder_are_the_commands_own(copy, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "edge").mkdir(parents=True)
    (elsewhere / "edge" / "__init__.py").write_text("raise ImportError('a folder of the same name was taken for ours')")
    ran = copy.run("gate", "seven", cwd=elsewhere)
    assert ran.returncode == 7
    assert ran.stdout.endswith(f"{elsewhere}\n")


def test_new_requirements_renew_the_environment(copy):
    copy.require("2.0")
    assert copy.run("gate").returncode == 0
    assert copy.installed() == "2.0"


def test_requirements_that_are_met_already_are_not_installed_again(copy):
    with (copy.folder / "requirements.txt").open("a") as requirements:
        requirements.write("# a comment more\n")
    ran = copy.run("gate")
    assert ran.returncode == 0
    assert ran.stderr == ""


def test_training_adds_its_packages_and_what_was_there_stays_as_it_was(copy):
    copy.require_for_training("+cpu")
    ran = copy.run("train", "reader")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("ran reader")
    assert (copy.installed(), copy.installed("torch")) == ("1.0", "2.0+cpu")
    assert copy.run("train").stderr == copy.run("gate").stderr == ""
    assert {stamp.name for stamp in copy.folder.glob(".venv/*.stamp")} == {
        "parkmeter-run.stamp",
        "parkmeter-training.stamp",
    }


def test_another_build_of_the_same_release_of_torch_is_left_alone(copy):
    copy.require_for_training("+cu126")
    assert copy.run("train").returncode == 0
    with (copy.folder / "edge" / "vision" / "training" / "requirements.txt").open("a") as requirements:
        requirements.write("# a comment more\n")
    assert copy.run("train").stderr == ""


def test_a_torch_that_lacks_its_libraries_is_told_the_two_ways_out(copy):
    copy.require_for_training("", "raise ValueError('libcublas.so.*[0-9] not found in the system path')\n")
    for _ in range(2):
        said = refusal(copy.run("train"))
        assert said.startswith("parkmeter: torch does not load (ValueError: libcublas.so.*[0-9] not found")
        assert "-m pip install torch==2.0 adds CUDA's libraries" in said and "docs/training.md" in said
    assert copy.run("gate").returncode == 0


@pytest.mark.parametrize("harm", ["no interpreter", "interpreter gone", "half made"])
def test_a_broken_environment_is_made_afresh(copy, harm):
    python = copy.folder / ".venv" / "bin" / "python"
    if harm == "half made":
        (copy.folder / ".venv" / "parkmeter-unfinished").touch()
        next(copy.folder.glob(".venv/parkmeter-*.stamp")).unlink()
        (copy.folder / ".venv" / "rubbish").touch()
    else:
        python.unlink()
        if harm == "interpreter gone":
            python.symlink_to(copy.folder / "nowhere")
    ran = copy.run("gate")
    assert ran.returncode == 0, ran.stderr
    assert copy.installed() == "1.0"
    assert not (copy.folder / ".venv" / "rubbish").exists()


def test_two_at_once_make_one_environment(checkout):
    children = [
        subprocess.Popen(
            checkout.command("gate"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=checkout.folder,
            env=checkout.environment(),
        )
        for _ in range(2)
    ]
    spoken = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0], spoken
    assert sum("making" in line for _, errors in spoken for line in errors.splitlines() if "another" not in line) == 1


def test_an_old_python_takes_a_newer_one_from_path(checkout, tmp_path):
    checkout.pretend(OLD_PYTHON)
    newer = tmp_path / "bin" / "python3.12"
    newer.parent.mkdir()
    newer.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec "{sys.executable}" "$@"\n')
    newer.chmod(0o755)
    ran = checkout.run("gate", PATH=f"{newer.parent}:/usr/bin:/bin")
    assert ran.returncode == 0, ran.stderr


def test_an_old_python_alone_is_told_which_one_is_needed(checkout, tmp_path):
    checkout.pretend(OLD_PYTHON)
    said = refusal(checkout.run("demo", PATH=str(tmp_path)))
    assert said == (
        "parkmeter: needs Python 3.11+, this is 3.9 and PATH has no newer one: install Python 3.11 or later"
    )


def test_a_python_without_venv_is_told_the_package_to_install(checkout, tmp_path):
    checkout.pretend(NO_VENV)
    said = refusal(checkout.run("demo", PATH=str(tmp_path)))
    assert "has no venv support: sudo apt install python3-venv" in said


def test_without_network_one_line_says_so(checkout):
    (checkout.folder / "requirements.txt").write_text("tiny==1.0\n")
    said = refusal(checkout.run("demo", PIP_INDEX_URL="http://127.0.0.1:9/simple", NO_PROXY="*"))
    assert said.startswith("parkmeter: no network: the Python package index can't be reached")


def test_a_package_the_index_has_not_for_this_machine_is_named(checkout):
    checkout.require("1.0")
    with (checkout.folder / "requirements.txt").open("a") as requirements:
        requirements.write("huge==9.9\n")
    assert "has no huge==9.9 for this machine" in refusal(checkout.run("demo"))


def test_an_environment_that_worked_survives_a_failed_renewal(checkout):
    checkout.pretend("")
    assert checkout.run("gate").returncode == 0
    working = (checkout.folder / "requirements.txt").read_text()
    (checkout.folder / "requirements.txt").write_text(working.replace("1.0", "9.9"))
    refusal(checkout.run("gate"))
    assert checkout.installed() == "1.0"
    (checkout.folder / "requirements.txt").write_text(working)
    assert checkout.run("gate").stderr == ""


def test_a_full_disk_is_noticed_before_anything_is_written(checkout):
    checkout.pretend(NO_ENSUREPIP + DISK_FULL)
    said = refusal(checkout.run("demo"))
    assert "only 5 MB are free: make room" in said
    assert not (checkout.folder / ".venv").exists()


def test_a_read_only_checkout_keeps_its_environment_in_the_users_cache(checkout):
    refuse = (
        f"os.access = lambda path, mode: real(path, mode) and (mode, str(path)) != (os.W_OK, {str(checkout.folder)!r})"
    )
    checkout.pretend(f"{NO_ENSUREPIP}import os; real = os.access\n{refuse}\n")
    ran = checkout.run("gate", XDG_CACHE_HOME=str(checkout.folder / "cache"))
    assert ran.returncode == 0, ran.stderr
    assert not (checkout.folder / ".venv").exists()
    assert (checkout.folder / "cache" / "parkmeter" / "venv" / "pyvenv.cfg").exists()


def test_a_folder_named_in_the_environment_is_used(checkout, tmp_path):
    assert checkout.run("gate", PARKMETER_VENV=str(tmp_path / "mine")).returncode == 0
    assert (tmp_path / "mine" / "pyvenv.cfg").exists()


def test_a_folder_that_is_no_environment_is_left_alone(checkout, tmp_path):
    precious = tmp_path / "mine" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")
    said = refusal(checkout.run("gate", PARKMETER_VENV=str(precious.parent)))
    assert "is no Python environment" in said
    assert precious.read_text() == "years of work"


def test_ctrl_c_while_packages_come_is_quiet_and_leaves_nothing_half_made_in_use(checkout):
    with socket.create_server(("127.0.0.1", 0)) as silent_index:
        (checkout.folder / "requirements.txt").write_text("tiny==1.0\n")
        index = f"http://127.0.0.1:{silent_index.getsockname()[1]}/simple"
        child = subprocess.Popen(
            checkout.command("gate"),
            stderr=subprocess.PIPE,
            text=True,
            cwd=checkout.folder,
            env=checkout.environment(PIP_INDEX_URL=index, NO_PROXY="*"),
            # a runner that was started in the background hands on an ignored SIGINT
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        silent_index.settimeout(60)
        connection, _ = silent_index.accept()  # pip is asking now
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
        connection.close()
    assert child.returncode == 130
    assert "Traceback" not in said
    checkout.require("1.0")
    assert checkout.run("gate").returncode == 0
    assert checkout.installed() == "1.0"


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_help_needs_no_environment(checkout, words):
    ran = checkout.run(*words)
    assert ran.returncode == 0
    assert all(word in ran.stdout for word in ("demo", "test", "gate", "central", "read"))
    assert not (checkout.folder / ".venv").exists()


def test_help_with_a_command_asks_the_command(copy):
    assert copy.run("help", "read").stdout.startswith("ran read --help")


def test_an_unknown_command_is_told_the_nearest(checkout):
    ran = checkout.run("raed")
    assert ran.returncode == 2
    assert refusal(ran) == "parkmeter: no command 'raed': did you mean read?"


def test_a_taken_port_is_one_line_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, str(ROOT / "parkmeter"), "demo", "--port", str(port)]
        environment = {**os.environ, "PARKMETER_VENV": sys.prefix}
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert ran.returncode == 2
    assert refusal(ran).startswith(f"parkmeter demo: port {port} is taken: ./parkmeter demo --port ")
