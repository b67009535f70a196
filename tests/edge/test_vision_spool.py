"""The spool's files: there as soon as they are named, the same whether made beforehand or not, lasting soon after."""

from __future__ import annotations

import hashlib
import os
import resource
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.vision.spool import SETTLE_S, Spool


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def spool(tmp_path, clock):
    spool = Spool(tmp_path / "spool", clock)
    yield spool
    spool.settle(all_of_them=True)


def frame(shade: int) -> np.ndarray:
    return np.full((48, 64, 3), shade, np.uint8)


def held_open(folder: Path) -> int:
    """How many files of the folder this process still holds: those that were not made to last yet."""
    links = [Path(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    return sum(link.exists() and Path(os.readlink(link)).parent == folder for link in links)


def test_a_picture_lies_whole_under_its_own_hash_as_soon_as_it_is_named(spool, tmp_path):
    sha256 = spool.keep(frame(40))
    content = (tmp_path / "spool" / f"{sha256}.jpg").read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR).shape == (48, 64, 3)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == [f"{sha256}.jpg"]


def test_a_picture_made_beforehand_is_the_same_as_one_made_when_asked_for(spool):
    one = frame(40)
    asked_for = spool.keep(one)
    spool.develop(one)
    assert spool.keep(one) == asked_for


def test_a_picture_made_beforehand_is_never_given_for_another_frame(spool):
    kept = spool.keep(frame(90))
    spool.develop(frame(40))
    assert spool.keep(frame(90)) == kept
    spool.develop(frame(40))
    spool.develop(frame(90))
    assert spool.keep(frame(40)) != kept


def test_a_picture_is_made_to_last_a_moment_after_it_was_named_and_not_before(spool, clock, tmp_path):
    folder = tmp_path / "spool"
    spool.keep(frame(40))
    spool.settle()
    assert held_open(folder) == 1, "the grant's own commit goes first"
    clock.now += SETTLE_S
    spool.settle()
    assert held_open(folder) == 0


def test_at_the_end_every_picture_is_made_to_last(spool, tmp_path):
    for shade in (10, 20, 30):
        spool.keep(frame(shade))
    spool.settle(all_of_them=True)
    assert held_open(tmp_path / "spool") == 0


def test_a_picture_that_was_sent_and_deleted_meanwhile_troubles_nobody(spool, tmp_path):
    sha256 = spool.keep(frame(40))
    (tmp_path / "spool" / f"{sha256}.jpg").unlink()
    spool.settle(all_of_them=True)
    assert not list((tmp_path / "spool").iterdir())


def test_a_folder_that_has_gone_is_an_error(spool, tmp_path):
    (tmp_path / "spool").rmdir()
    with pytest.raises(OSError, match="No such file"):
        spool.keep(frame(40))


def test_the_live_picture_is_replaced_and_nothing_is_held_for_it(spool, tmp_path):
    first, path = spool.show(frame(40))
    second, _ = spool.show(frame(90))
    assert first != second and hashlib.sha256(path.read_bytes()).hexdigest() == second
    assert held_open(tmp_path / "spool") == 0


def test_a_disk_that_takes_no_more_leaves_nothing_behind_and_the_next_picture_is_written(spool, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError):
            spool.keep(frame(90))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "spool").iterdir()) == []
    sha256 = spool.keep(frame(90))
    assert [path.name for path in (tmp_path / "spool").iterdir()] == [f"{sha256}.jpg"]
