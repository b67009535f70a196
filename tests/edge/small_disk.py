"""Runs a script on a disk of its own, of a few megabytes, so that it may really fill up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PREPARED = """
import os
from pathlib import Path
disk = Path(os.environ["DISK"])

def fill():
    with open(disk / "filler", "ab", buffering=0) as filler:
        try:
            while True:
                filler.write(bytes(4096))
        except OSError:
            pass
"""


def run_on_small_disk(tmp_path: Path, script: str) -> None:
    """The script finds `disk`, a folder, and `fill`; it must end by printing "held"."""
    disk = tmp_path / "disk"
    disk.mkdir()
    shell = 'mount -t tmpfs -o size=8m tmpfs "$DISK" && exec "$0" -c "$1"'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", shell, sys.executable, PREPARED + script]
    done = subprocess.run(command, env={**os.environ, "DISK": str(disk)}, capture_output=True, text=True)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine lets nobody mount a small disk of its own")
    assert done.stdout == "held\n", done.stderr
