"""Vision's child is started anew when its memory grows: between two visits, or at once when it is far too much."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from edge.vision.messages import Beat, Fault, Ready
from edge.vision.supervisor import VisionSupervisor, rss_mb
from tests.waiting import wait_for

# a child that takes as many megabytes as it is told, writes to them, and then beats
BLOATED = """
import sys, time
from edge.vision.messages import Beat, Ready, encode
held = bytearray(int(sys.argv[1]) << 20)
for page in range(0, len(held), 4096):
    held[page] = 1
def tell(event):
    sys.stdout.buffer.write(encode(event)); sys.stdout.buffer.flush()
tell(Ready("bloated", "none"))
import selectors
with selectors.DefaultSelector() as selector:
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        if selector.select(0.05) and not sys.stdin.buffer.read1(4096):
            break
        tell(Beat(""))
"""


class Heard:
    def __init__(self) -> None:
        self._lock, self._events = threading.Lock(), []

    def __call__(self, event) -> None:
        with self._lock:
            self._events.append(event)

    def of(self, kind: type) -> list:
        with self._lock:
            return [event for event in self._events if isinstance(event, kind)]


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def vision_of(heard):
    made = []

    def make(megabytes: int, max_mb: int) -> VisionSupervisor:
        command = [sys.executable, "-c", BLOATED, str(megabytes)]
        vision = VisionSupervisor(command, heard, first_wait_s=0.05, max_mb=max_mb, weigh_s=0.1)
        made.append(vision)
        return vision

    yield make
    for vision in made:
        vision.close()


def test_a_process_is_weighed_and_one_that_has_gone_weighs_nothing():
    assert rss_mb(os.getpid()) > 5
    assert rss_mb(1 << 30) == 0.0


def test_a_child_that_uses_too_much_is_started_anew_and_that_is_told(vision_of, heard):
    vision = vision_of(80, max_mb=60)
    vision.start()
    wait_for(lambda: len(heard.of(Ready)) >= 2, "the child came back")
    assert heard.of(Fault)[0].code == "vision_memory"
    assert "more than the 60 it may" in heard.of(Fault)[0].detail


def test_a_child_that_is_reading_a_plate_may_end_its_visit_first(vision_of, heard):
    vision = vision_of(80, max_mb=90)  # with Python itself that is a little over 90 MB and far below 135
    vision.watch("visit-1")
    vision.start()
    wait_for(lambda: heard.of(Ready), "the child is up")
    wait_for(lambda: vision.pid is not None and rss_mb(vision.pid) > 90, "the child is too big")
    beats = len(heard.of(Beat))
    wait_for(lambda: len(heard.of(Beat)) > beats + 20, "it was weighed several times")
    assert not heard.of(Fault)
    vision.rest()
    wait_for(lambda: heard.of(Fault), "the visit is over, so it goes")
    assert heard.of(Fault)[0].code == "vision_memory"


def test_a_child_that_is_far_too_big_goes_at_once(vision_of, heard):
    vision = vision_of(150, max_mb=60)
    vision.watch("visit-1")
    vision.start()
    wait_for(lambda: heard.of(Fault), "it went")
    assert heard.of(Fault)[0].code == "vision_memory"


def test_a_child_within_its_bounds_stays(vision_of, heard):
    vision = vision_of(10, max_mb=200)
    vision.start()
    wait_for(lambda: len(heard.of(Beat)) > 20, "it was weighed several times")
    assert not heard.of(Fault) and len(heard.of(Ready)) == 1
