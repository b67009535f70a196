"""The live picture: bounded in viewers, pace and time, and never in the way of the display."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager

import pytest

from edge.http import live as live_pictures
from edge.http.live import BOUNDARY, LiveRules
from edge.http.server import THREADS
from edge.http.tls import TlsFiles
from edge.rules.display import Display, Screen
from tests.edge.http_gate import JPEG, TOKENS, ServedGate, serving
from tests.edge.test_http_door import Authority, client
from tests.waiting import wait_for

FAST = LiveRules(viewers=2, fps=20.0, limit_s=60.0)


@contextmanager
def looking(gate: ServedGate, *, small: bool = False):
    """A viewer's connection, its question asked."""
    with socket.socket() as line:
        if small:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect(("127.0.0.1", gate.port))
        plain = line if gate.tls is None else gate.tls.wrap_socket(line)
        with plain:
            ask = f"GET /api/v1/live HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {TOKENS['viewer']}\r\n\r\n"
            plain.sendall(ask.encode())
            yield plain


def read_until(line: socket.socket, enough: Callable[[bytes], bool]) -> bytes:
    got = b""
    while not enough(got):
        more = line.recv(65536)
        assert more, f"the line ended after {got[-200:]!r}"
        got += more
    return got


def ended(line: socket.socket) -> bool:
    """Reads to the end of what is sent; the socket's own timeout says where there is none."""
    try:
        while line.recv(65536):
            pass
    except ConnectionError:
        pass
    return True


def renew(gate: ServedGate, jpeg: bytes) -> None:
    """A new picture, put in the old one's place as vision does."""
    beside = gate.panel.snapshot.with_name("new.jpg")
    beside.write_bytes(jpeg)
    os.replace(beside, gate.panel.snapshot)


def viewers(gate: ServedGate) -> float:
    text = gate.ask("/api/v1/metrics", "reader").body.decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("parkmeter_live_viewers "))


def test_a_viewer_sees_one_picture_after_another(tmp_path):
    with serving(tmp_path, live=FAST) as gate, looking(gate) as line:
        head = read_until(line, lambda got: JPEG in got)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"multipart/x-mixed-replace" in head
        assert f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(JPEG)}\r\n\r\n".encode() in head
        renew(gate, b"\xff\xd8 another one \xff\xd9")
        read_until(line, lambda got: b"another one" in got)


def test_a_viewer_over_tls_sees_the_same(tmp_path):
    site = Authority(tmp_path, "site")
    tls = TlsFiles(*site.issue("gate"))
    with serving(tmp_path, live=FAST, tls=tls, client=client(site)) as gate, looking(gate) as line:
        read_until(line, lambda got: JPEG in got)
        big = b"\xff\xd8" + bytes(600_000) + b"\xff\xd9"
        renew(gate, big)
        read_until(line, lambda got: big in got)


def test_newer_pictures_are_asked_for_at_the_rules_pace_and_only_while_somebody_looks(tmp_path):
    with serving(tmp_path, live=LiveRules(fps=10.0)) as gate:
        assert gate.looks == []
        with looking(gate) as line:
            read_until(line, lambda got: JPEG in got)
            began = time.monotonic()
            for n in range(6):
                asked = len(gate.looks)
                renew(gate, b"\xff\xd8 %d \xff\xd9" % n)
                wait_for(lambda asked=asked: len(gate.looks) > asked, "a newer picture is asked for")
            assert time.monotonic() - began >= 0.45
        wait_for(lambda: viewers(gate) == 0, "the viewer is gone")
        asked = len(gate.looks)
        renew(gate, JPEG)
        assert len(gate.looks) == asked


def test_no_picture_is_asked_for_while_a_plate_is_read(tmp_path):
    with serving(tmp_path, live=FAST) as gate:
        gate.panel.display = Display(Screen.READING)
        with looking(gate) as line:
            read_until(line, lambda got: got.count(JPEG) == 1)
            assert gate.looks == []


def test_a_viewer_more_than_there_are_places_is_told_so_and_a_place_comes_free(tmp_path):
    with serving(tmp_path, live=FAST) as gate:
        with looking(gate) as one, looking(gate) as two:
            for line in (one, two):
                read_until(line, lambda got: JPEG in got)
            full = gate.ask("/api/v1/live", "viewer")
            assert full.status == 503 and "every place" in full.json["detail"] and full.headers["Retry-After"]
        wait_for(lambda: viewers(gate) == 0, "both viewers are gone")
        with looking(gate) as line:
            read_until(line, lambda got: JPEG in got)


def test_a_question_for_the_head_alone_takes_no_place(tmp_path):
    with serving(tmp_path, live=FAST) as gate:
        for _ in range(5):
            assert gate.ask("/api/v1/live", "viewer", method="HEAD").status == 200
        assert viewers(gate) == 0


def test_a_viewer_s_time_ends(tmp_path):
    with serving(tmp_path, live=LiveRules(fps=20.0, limit_s=0.3)) as gate, looking(gate) as line:
        assert ended(line)


def test_a_viewer_that_talks_is_sent_away(tmp_path):
    with serving(tmp_path, live=FAST) as gate, looking(gate) as line:
        read_until(line, lambda got: JPEG in got)
        line.sendall(b"GET /display HTTP/1.1\r\n\r\n")
        assert ended(line)


def test_a_viewer_that_never_reads_piles_up_nothing_and_loses_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(live_pictures, "STALL_S", 0.5)
    with serving(tmp_path, live=FAST) as gate:
        renew(gate, b"\xff\xd8" + bytes(7 << 20) + b"\xff\xd9")
        with looking(gate, small=True), looking(gate) as reader:
            for n in range(3):
                renew(gate, b"\xff\xd8" + bytes([n]) * (7 << 20) + b"\xff\xd9")
                read_until(reader, lambda got, n=n: bytes([n]) * 1000 in got)
            wait_for(lambda: viewers(gate) == 1, "only who reads is left")


def test_a_file_too_large_for_a_picture_is_not_sent(tmp_path, monkeypatch):
    monkeypatch.setattr(live_pictures, "MOST_BYTES", 1000)
    with serving(tmp_path, live=FAST) as gate, looking(gate) as line:
        read_until(line, lambda got: JPEG in got)
        renew(gate, b"\xff\xd8" + bytes(1001))
        renew(gate, b"\xff\xd8 small again \xff\xd9")
        got = read_until(line, lambda got: b"small again" in got)
        assert bytes(1001) not in got


def test_viewers_hold_no_thread_the_display_needs(tmp_path):
    with serving(tmp_path, live=LiveRules(viewers=3 * THREADS, fps=20.0)) as gate, ExitStack() as lines:
        for _ in range(2 * THREADS):
            line = lines.enter_context(looking(gate))
            read_until(line, lambda got: JPEG in got)
        assert gate.ask("/display").status == 200
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("live") == 1


def test_a_stopping_gate_ends_its_viewers(tmp_path):
    with ExitStack() as later:
        with serving(tmp_path, live=FAST) as gate:
            line = later.enter_context(looking(gate))
            read_until(line, lambda got: JPEG in got)
        assert ended(line)
        assert "live" not in [thread.name for thread in threading.enumerate()]


def test_before_the_first_picture_there_is_nothing_to_look_at(tmp_path):
    with serving(tmp_path, live=FAST) as gate:
        gate.panel.snapshot = None
        answer = gate.ask("/api/v1/live", "viewer")
        assert answer.status == 404 and "no picture yet" in answer.json["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_looking_is_all_one_can_do(tmp_path, method):
    with serving(tmp_path, live=FAST) as gate:
        answer = gate.ask("/api/v1/live", "viewer", method=method)
        assert answer.status == 405 and "GET" in answer.headers["Allow"]
