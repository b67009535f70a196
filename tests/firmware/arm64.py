"""`./parkmeter test --arm64`: the Pi's set-up, the gate's imports and a read of one rendered plate, in an arm64 Debian.

Makes that Debian in a private folder with mmdebstrap, its programs run by QEMU where this machine is no arm64 itself,
runs setup_pi.sh in it as on a Pi, twice, and throws it away. Ten to twenty minutes, 4 GB, root and a network are
needed; what is lacking is said and nothing is tested then. What it can't show: pins, a camera, systemd, the Pi's own
packages.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from edge.protocol.signing import Signer  # noqa: E402
from edge.simulation.scene.plates import draw_plate  # noqa: E402

PLATE = "MH12AB1234"
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
BINFMT = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
PROGRAM = ("parkmeter", "edge", "central", "config", "docs", "firmware_scripts", "requirements.txt", "README.md")
NEEDED_GB = 4
NOTHING_TESTED, FAILED = 3, 1
# older QEMUs show the host's /proc/cpuinfo, in which onnxruntime looks for an ARM and crashes: this is a Pi 4's
CPU = """processor\t: {number}
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

"""
# wheels that pip takes for the Pi's processor, from the newest C library on down
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_26", "manylinux_2_17", "manylinux2014")


def lacking(folder: Path) -> list[str]:
    """What stands against it on this machine, each with its remedy."""
    found = []
    if os.getuid() != 0:
        found.append("root: a chroot needs it")
    for program, package in (("mmdebstrap", "mmdebstrap"), ("arch-test", "arch-test"), ("unshare", "util-linux")):
        if shutil.which(program) is None:
            found.append(f"{program}: apt install {package}")
    if os.uname().machine != "aarch64":
        if not BINFMT.exists():
            found.append("programs of arm64: apt install qemu-user-static binfmt-support, and binfmt_misc mounted")
        elif "flags:" in (told := BINFMT.read_text()) and "F" not in told.split("flags:")[1].split()[0]:
            found.append("binfmt qemu-aarch64 with the flag F, which keeps the interpreter open in a chroot")
    free_gb = shutil.disk_usage(folder).free >> 30
    if free_gb < NEEDED_GB:
        found.append(f"room: {NEEDED_GB} GB in {folder}, {free_gb} GB are free (--in names another folder)")
    return found


class Arm64:
    """A Debian for arm64 below `root`."""

    def __init__(self, root: Path, release: str) -> None:
        self.root, self._release = root, release

    def make(self, mirror: str) -> None:
        include = "--include=python3,python3-venv,ca-certificates"
        source = f"deb {mirror} {self._release} main"
        call(
            "mmdebstrap", "-q", "--variant=minbase", "--architectures=arm64", include, self._release, self.root, source
        )
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")

    def fetch_wheels(self) -> None:
        """By this machine's pip, which knows its way to the package index."""
        wheels = self.root / "srv/wheels"
        platforms = [f"--platform={name}_aarch64" for name in PLATFORMS]
        call(sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary=:all:", *platforms,
             f"--python-version={PYTHONS[self._release]}", "-d", wheels, "-r", ROOT / "requirements.txt")  # fmt: skip

    def copy_program(self) -> None:
        place = self.root / "srv/parkmeter"
        place.mkdir(parents=True)
        for name in PROGRAM:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(ROOT / name, place / name)

    def run(self, *command: str, limit_s: float = 1800.0) -> str:
        """Its output. In mounts of its own, which end with it."""
        mounts = "mount -t proc proc proc && mount --rbind /dev dev && mount -t sysfs -o ro sys sys"
        if os.uname().machine != "aarch64":
            (self.root / "srv/cpuinfo").write_text("".join(CPU.format(number=number) for number in range(2)))
            mounts += " && mount --bind srv/cpuinfo proc/cpuinfo"
        inside = 'exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 chroot . "$@"'
        # not a process namespace too: its first process does not die of a signal of its own, so a crash would hang
        unshared = ["unshare", "--mount", "--fork", "--kill-child", "--propagation", "private"]
        ran = subprocess.run(
            [*unshared, "sh", "-ec", f"{mounts}; {inside}", "sh", *command],
            cwd=self.root, stdout=subprocess.PIPE, text=True, timeout=limit_s, check=False,
        )  # fmt: skip
        if ran.returncode:
            sys.stderr.write(ran.stdout[-4000:])
            raise Failed(f"{' '.join(command[:4])} ended with status {ran.returncode}")
        return ran.stdout


class Failed(Exception):
    """Something that must work in an arm64 Debian does not."""


def call(*command: object) -> None:
    if subprocess.call(["nice", "-n", "10", *map(str, command)]):
        raise Failed(f"{command[0]} failed, see above")


def check(system: Arm64) -> None:
    setup = ("/srv/parkmeter/firmware_scripts/setup_pi.sh", "--any-debian", "--wheels", "/srv/wheels", "--no-compile")
    with Step("setup_pi.sh"):
        system.run(*setup)
    with Step("setup_pi.sh once more changes nothing"):
        before = fingerprint(system.root)
        again = system.run(*setup, "--skip-packages")
        if "is kept as it is" not in again or fingerprint(system.root) != before:
            raise Failed("the second run changed settings, services or versions")
    python, here = "/opt/parkmeter/current/.venv/bin/python", "PYTHONPATH=/opt/parkmeter/current"
    with Step("the machine is an arm64"):
        told = system.run(python, "-c", "import os, sys; print(os.uname().machine, sys.version_info[:2])")
        if not told.startswith("aarch64"):
            raise Failed(f"this is {told}: expected aarch64")
    with Step("the gate's imports and its settings"):
        settings(system.root / "etc/parkmeter")
        told = system.run("env", here, python, "-m", "edge", "gate", "--config", "/etc/parkmeter/trial.toml", "--check")
        if not told.startswith("OK: "):
            raise Failed(f"--check said {told!r}: expected OK")
    with Step("the adapter of the pins, on gpiozero's mock pins"):
        system.run("env", here, "GPIOZERO_PIN_FACTORY=mock", python, "-c", "import edge.devices.gpio, gpiozero")
    with Step("a read of one rendered plate"):
        picture(system.root / "srv/plate.png")
        told = system.run("env", here, python, "-m", "edge", "read", "/srv/plate.png", "--region", "in", "--json")
        [found] = json.loads(told)["plates"]
        if (found["text"], found["accepted"]) != (PLATE, True):
            raise Failed(f"read {found['text']!r}, accepted {found['accepted']}: expected {PLATE}")
        say(f"  {found['text']}, confidence {found['confidence']}")


def fingerprint(root: Path) -> dict[str, tuple]:
    """What setup_pi.sh makes: links by their target, files by size and time."""
    found = {}
    for folder in ("etc/parkmeter", "etc/systemd", "opt/parkmeter"):
        for path in sorted((root / folder).glob("*") if folder.startswith("opt") else (root / folder).rglob("*")):
            kind = path.lstat()
            if path.is_symlink():
                found[str(path)] = (os.readlink(path),)
            else:
                found[str(path)] = (kind.st_mode, kind.st_mtime_ns if path.is_file() else 0)
    return found


def settings(folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Signer(Ed25519PrivateKey.generate()).public
    text = (ROOT / "config/edge.toml").read_text(encoding="utf-8")
    (folder / "trial.toml").write_text(text.replace("PASTE central's key here", key), encoding="utf-8")


def picture(path: Path) -> None:
    """A rendered plate on a grey wall, 640 x 480."""
    scene = np.full((480, 640, 3), 96, np.uint8)
    art = draw_plate(PLATE, px_per_mm=0.8)
    top, left = (480 - art.shape[0]) // 2, (640 - art.shape[1]) // 2
    scene[top : top + art.shape[0], left : left + art.shape[1]] = art
    cv2.imwrite(str(path), scene)


class Step:
    """Says what is done, and how long it took."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        self._since = time.monotonic()
        say(f"{self._what} ...")

    def __exit__(self, kind: object, *_: object) -> None:
        say(f"  {'FAILED' if kind else 'ok'} after {time.monotonic() - self._since:.0f} s")


def say(text: str) -> None:
    print(f"arm64: {text}", flush=True)


def this_machines_mirror() -> str:
    """Where this machine's own apt has Debian from, "" where that can't be told."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    told = "\n".join(path.read_text() for path in files if path.is_file())
    found = re.search(r"^(?:deb|URIs:)\s+(?:\[.*?\]\s+)?(https?://\S+/debian)/?(?:\s|$)", told, re.M)
    return found.group(1) if found else ""


def main(argv: Sequence[str] | None = None) -> int:
    """0: all of it works; 1: something does not; 3: this machine can't try."""
    parser = argparse.ArgumentParser(prog="parkmeter test --arm64", description=__doc__)
    parser.add_argument("--release", choices=sorted(PYTHONS), default="bookworm")
    parser.add_argument("--mirror", default=this_machines_mirror(), help="where Debian comes from (default: as here)")
    parser.add_argument("--in", dest="place", type=Path, default=Path("/var/tmp"), metavar="DIR")
    options = parser.parse_args(argv)
    missing = lacking(options.place) or ([] if options.mirror else ["an apt source of Debian: name one with --mirror"])
    if missing:
        for what in missing:
            say(f"NOT TESTED, this machine lacks {what}")
        return NOTHING_TESTED
    folder = Path(tempfile.mkdtemp(prefix="parkmeter-arm64-", dir=options.place))
    system = Arm64(folder / "root", options.release)
    try:
        with Step(f"an arm64 Debian {options.release}"):
            system.make(options.mirror)
        with Step("Python packages for it"):
            system.fetch_wheels()
        system.copy_program()
        check(system)
    except (Failed, subprocess.TimeoutExpired) as failed:
        say(str(failed))
        return FAILED
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("all of it works; pins, a camera, systemd and the Pi's own packages were not tried")
    return 0


if __name__ == "__main__":
    sys.exit(main())
