"""What strangers may try on the gate's port: the display goes on, nothing grows, and every refusal says why."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack, suppress

import pytest

from edge.http import line as http_line
from edge.http.server import BODY_BYTES, MOST_OF_ONE, THREADS
from edge.http.tls import TlsFiles
from tests.edge.http_gate import TOKENS, ServedGate, serving
from tests.edge.test_http_door import Authority, client

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("gate")) as served:
        yield served


def raw(gate: ServedGate, request: bytes) -> bytes:
    """What comes back for these bytes, until the gate has said all or hangs up."""
    with socket.create_connection(("127.0.0.1", gate.port), timeout=10) as line:
        with suppress(OSError):  # it may have hung up in the middle
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
        got = b""
        with suppress(ConnectionError):
            while more := line.recv(65536):
                got += more
        return got


def post(gate: ServedGate, body: bytes, headers: dict[str, str] = JSON, name: str = "open"):
    return gate.ask(f"/api/v1/actions/{name}", "mender", method="POST", body=body, headers=headers)


def order(length: str, body: bytes, *, more: str = "") -> bytes:
    head = f"POST /api/v1/actions/open HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['mender']}\r\n"
    return (head + f"Content-Type: application/json\r\n{length}{more}\r\n").encode() + body


def test_an_endless_header_is_cut_off(gate):
    with socket.create_connection(("127.0.0.1", gate.port), timeout=10) as line:
        with suppress(ConnectionError):
            line.sendall(b"GET /display HTTP/1.1\r\nHost: x\r\nX: ")
            for _ in range(64):
                line.sendall(b"a" * (64 << 10))
        with suppress(ConnectionError):
            assert line.recv(100).startswith(b"HTTP/1.1 413")


def test_a_flood_of_small_headers_is_cut_off_too(gate):
    flood = b"".join(b"X-%d: y\r\n" % n for n in range(100_000))
    got = raw(gate, b"GET /display HTTP/1.1\r\nHost: x\r\n" + flood + b"\r\n")
    assert got == b"" or got.startswith(b"HTTP/1.1 413")


def test_an_endless_path_is_cut_off(gate):
    got = raw(gate, b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got == b"" or got.startswith((b"HTTP/1.1 413", b"HTTP/1.1 414"))


def test_a_body_too_large_is_refused_before_it_is_read(gate):
    given = len(gate.given)
    got = raw(gate, order(f"Content-Length: {10 << 30}\r\n", b"{"))
    assert got.startswith(b"HTTP/1.1 413")
    assert post(gate, json.dumps({"reason": "x" * BODY_BYTES}).encode()).status == 413
    assert len(gate.given) == given


def test_a_body_in_chunks_is_refused_whatever_it_holds(gate):
    chunks = b"".join(b"1000\r\n" + b"a" * 0x1000 + b"\r\n" for _ in range(64)) + b"0\r\n\r\n"
    got = raw(gate, order("Transfer-Encoding: chunked\r\n", chunks))
    assert got == b"" or got.startswith((b"HTTP/1.1 411", b"HTTP/1.1 413"))


@pytest.mark.parametrize("length", ["-1", "-5", "x", "1e3", "٣", "9" * 5000])
def test_a_made_up_length_orders_nothing(gate, length):
    given = len(gate.given)
    got = raw(gate, order("", b'{"reason": "a made up one"}', more=f"Content-Length: {length}\r\n"))
    assert got.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5")) or got == b""
    assert len(gate.given) == given


@pytest.mark.parametrize(
    "body, told",
    [
        (b"", "expected a JSON body"),
        (b"{", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[" * 4000, "Invalid JSON"),
        (b'{"a":' * 800, "Invalid JSON"),
        (b"[]", "expected: Input should be an object"),
        (b"{}", "reason: missing"),
        (b'{"reason": null}', "reason"),
        (b'{"reason": 5}', "reason"),
        (b'{"reason": "no"}', "3 to 200 printable characters"),
        (b'{"reason": "      "}', "3 to 200 printable characters"),
        (b'{"reason": "forged\\n12:00 open by admin"}', "3 to 200 printable characters"),
        (json.dumps({"reason": "x" * 201}).encode(), "3 to 200 printable characters"),
        (b'{"reason": "all is well", "force": true}', "force: unknown field"),
    ],
)
def test_a_bad_order_is_refused_with_what_was_wrong(gate, body, told):
    given = len(gate.given)
    answer = post(gate, body)
    assert answer.status == 400 and told in answer.json["detail"], answer.body
    assert answer.media_type == "application/problem+json" and len(gate.given) == given


def test_an_argument_that_is_none_is_refused(gate):
    answer = post(gate, b'{"reason": "more to see", "level": "shout"}', name="log_level")
    assert answer.status == 400 and answer.json["detail"].startswith("level: expected")
    assert post(gate, b'{"reason": "more to see", "level": "debug", "minutes": 5}', name="log_level").status == 200
    assert gate.given[-1].args == {"reason": "more to see", "level": "debug", "minutes": 5}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_on_a_strange_page_can_send_orders_nothing(gate, kind):
    answer = post(gate, b'{"reason": "a strange page"}', {"Content-Type": kind})
    assert answer.status == 415 and "Content-Type: application/json" in answer.json["detail"]


@pytest.mark.parametrize("name", ["rotate_key", "update", "OPEN", "open/", "..", "%2e%2e/open", "open%00", "'"])
def test_an_action_that_is_none_is_not_found(gate, name):
    assert post(gate, b'{"reason": "what is this"}', name=name).status in (308, 404, 405)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_an_action_takes_no_other_method(gate, method):
    answer = gate.ask("/api/v1/actions/open?reason=look", "mender", method=method)
    assert answer.status == 405 and answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_is_for_looking_at_takes_no_other_method(gate, method):
    answer = gate.ask("/api/v1/status", "mender", method=method)
    assert answer.status == 405 and answer.media_type == "application/problem+json"


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"get", b"GET\x00", b"\xff\xff", b"G" * 10_000])
def test_a_strange_method_is_refused(gate, method):
    got = raw(gate, method + b" /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got == b"" or got.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b"boom" not in got


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/%2e%2e%2fapp.py",
        "/static//etc/passwd",
        "/static/..\\app.py",
        "/static/display.css%00.jpg",
        "/api/v1/../../display/../status.json",
        "//api/v1/status",
        "/api/v1/status/",
        "/api/v1/status;x",
        "/api/v1/snapshot/../../journal.db",
        "/" + "%2e" * 500,
    ],
)
def test_no_path_leads_out_of_the_pages(gate, path):
    got = raw(gate, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert got.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400", b"HTTP/1.1 308", b"HTTP/1.1 401")), got[:300]
    assert b"create_app" not in got and b"root:" not in got


def test_an_error_of_the_gate_s_own_tells_nothing_of_its_inside(tmp_path):
    with serving(tmp_path) as gate:
        gate.panel.figures = None  # what a programmer's mistake would leave
        answer = gate.ask("/api/v1/status", "reader")
        assert answer.status == 500 and answer.media_type == "application/problem+json"
        assert b"NoneType" not in answer.body and b"Traceback" not in answer.body


# -- strangers who hold on ----------------------------------------------------------------------------------------


def holding(gate: ServedGate, lines: ExitStack, source: str, times: int, first: bytes) -> list[socket.socket]:
    held = []
    for _ in range(times):
        there, here = ("127.0.0.1", gate.port), (source, 0)
        held.append(lines.enter_context(socket.create_connection(there, timeout=10, source_address=here)))
        with suppress(OSError):
            held[-1].sendall(first)
    return held


def test_one_stranger_can_not_have_every_thread(gate):
    with ExitStack() as lines:
        holding(gate, lines, "127.0.0.2", 4 * THREADS, b"GET /display HTTP/1.1\r\n")
        assert gate.ask("/display").status == 200  # at once: it waits for none of theirs to be cut off
        first = lines.enter_context(socket.create_connection(("127.0.0.1", gate.port), 10, ("127.0.0.2", 0)))
        with suppress(ConnectionError):
            assert first.recv(1) == b""  # one more of them is not even listened to
    assert MOST_OF_ONE < THREADS


def test_strangers_from_everywhere_who_drip_are_cut_off_and_the_display_goes_on(gate, monkeypatch):
    monkeypatch.setattr(http_line, "REQUEST_S", 0.5)
    gone = threading.Event()
    with ExitStack() as lines:
        strangers = [
            stranger
            for n in range(2, 6)
            for stranger in holding(gate, lines, f"127.0.0.{n}", THREADS // 4 + 1, b"GET /display HTTP/1.1\r\n")
        ]

        def drip() -> None:
            while not gone.wait(0.05):
                for stranger in strangers:
                    with suppress(OSError):
                        stranger.sendall(b"X-a: b\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert gate.ask("/display.json").json["screen"] == "welcome"
        finally:
            gone.set()
            dripping.join()


def test_who_does_not_take_an_answer_is_cut_off(gate, monkeypatch):
    monkeypatch.setattr(http_line, "REQUEST_S", 0.2)
    monkeypatch.setattr(http_line, "ANSWER_S", 0.2)
    gate.panel.snapshot.write_bytes(b"\xff\xd8" + bytes(16 << 20))
    with ExitStack() as lines:
        ask = f"GET /api/v1/snapshot HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKENS['viewer']}\r\n\r\n".encode()
        for n in range(2, 4):
            holding(gate, lines, f"127.0.0.{n}", MOST_OF_ONE, ask)
        assert gate.ask("/display").status == 200


def test_silent_strangers_do_not_keep_tls_from_the_others(tmp_path):
    site = Authority(tmp_path, "site")
    tls = TlsFiles(*site.issue("gate"))
    with serving(tmp_path, tls=tls, client=client(site)) as gate, ExitStack() as lines:
        for stranger in holding(gate, lines, "127.0.0.2", 2 * THREADS, b""):
            stranger.settimeout(0.01)
        assert gate.ask("/display").status == 200
        holding(gate, lines, "127.0.0.3", 4, b"GET /display HTTP/1.1\r\n\r\n")
        holding(gate, lines, "127.0.0.4", 4, b"\x16\x03\x01\xff\xff" + bytes(1000))
        assert gate.ask("/display").status == 200
