"""What systemd is told, over a real notify socket: ready once all have begun, well only while all are."""

from __future__ import annotations

import socket
import time

import pytest

from edge import watchdog
from edge.watchdog import STALE_OF_S, STALE_S, Watchdog


class Systemd:
    """The other end of the notify socket."""

    def __init__(self, address: str) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind("\0" + address[1:] if address.startswith("@") else address)

    def hears(self, limit_s: float = 10.0) -> str:
        self._line.settimeout(limit_s)
        return self._line.recv(500).decode()

    def hears_nothing(self, for_s: float) -> bool:
        try:
            self.hears(for_s)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self._line.close()


class Threads:
    """Signs of life, given by hand."""

    def __init__(self) -> None:
        self.last = {"controller": 0.0, "recorder": 0.0}

    @property
    def beats(self):
        return {name: (lambda name=name: self.last[name]) for name in self.last}

    def beat(self, *names: str) -> None:
        self.last.update(dict.fromkeys(names or self.last, time.monotonic()))


@pytest.fixture
def systemd(tmp_path):
    made = Systemd(str(tmp_path / "notify"))
    made.address = str(tmp_path / "notify")
    yield made
    made.close()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(watchdog, "EVERY_S", 0.05)


def test_the_gate_is_ready_only_when_every_thread_has_given_a_sign_of_life(systemd):
    threads = Threads()
    dog = Watchdog(threads.beats, systemd.address)
    dog.start()
    try:
        assert dog.waiting() == ["controller", "recorder"]
        threads.beat("controller")
        assert systemd.hears_nothing(0.4)
        assert dog.waiting() == ["recorder"]
        threads.beat("recorder")
        assert systemd.hears() == "READY=1"
    finally:
        dog.stop()
    assert systemd.hears() == "STOPPING=1"


def test_a_gate_stopped_before_it_was_ready_says_only_that_it_stops(systemd):
    dog = Watchdog(Threads().beats, systemd.address)
    dog.start()
    dog.stop()
    assert systemd.hears() == "STOPPING=1"


def test_the_watchdog_is_fed_only_while_every_thread_is_fresh_and_the_silent_one_is_named(systemd, quick):
    threads = Threads()
    dog = Watchdog(threads.beats, systemd.address)
    dog.start()
    try:
        threads.beat()
        assert systemd.hears() == "READY=1"
        assert systemd.hears() == "WATCHDOG=1"
        threads.last["controller"] = time.monotonic() - STALE_OF_S["controller"] - 1
        while (heard := systemd.hears()) == "WATCHDOG=1":
            pass
        assert heard == "STATUS=no sign of life from: controller"
        assert systemd.hears_nothing(0.4)
        threads.beat()
        assert [systemd.hears(), systemd.hears()] == ["STATUS=", "WATCHDOG=1"]
    finally:
        dog.stop()


@pytest.mark.parametrize("name, patience_s", [("controller", 10.0), ("recorder", STALE_S), ("uplink", STALE_S)])
def test_the_thread_that_moves_the_boom_may_be_silent_for_a_moment_only_the_others_for_longer(name, patience_s):
    dog = Watchdog({name: lambda: 1000.0}, "")
    assert dog.stale(1000.0 + patience_s) == []
    assert dog.stale(1000.1 + patience_s) == [name]


def test_an_address_in_the_abstract_namespace_is_reached_too():
    systemd = Systemd("@parkmeter-test-watchdog")
    threads = Threads()
    dog = Watchdog(threads.beats, "@parkmeter-test-watchdog")
    try:
        dog.start()
        threads.beat()
        assert systemd.hears() == "READY=1"
        dog.stop()
    finally:
        systemd.close()


def test_without_systemd_it_does_nothing(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    dog = Watchdog(Threads().beats)
    dog.start()
    dog.stop()


def test_a_systemd_that_has_gone_is_borne(tmp_path, caplog):
    threads = Threads()
    dog = Watchdog(threads.beats, str(tmp_path / "nobody"))
    dog.start()
    threads.beat()
    dog.stop()
    assert "systemd can't be told" in caplog.text
