"""A private folder for each test, short enough for the address of a Unix socket."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.firmware.gate_root import GateRoot


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="pm-"))
    yield path
    log = path / "log"
    if log.exists():
        print(log.read_text())
    shutil.rmtree(path)


@pytest.fixture
def gate_root(folder):
    made = GateRoot(folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def pattern():
    """A system that was set up, with the environment these tests run in: others are copied from it."""
    place = Path(tempfile.mkdtemp(prefix="pm-"))
    made = GateRoot(place)
    ran = made.set_up()
    assert ran.returncode == 0, ran.stderr
    made.lend_environment()
    yield made
    shutil.rmtree(place)
