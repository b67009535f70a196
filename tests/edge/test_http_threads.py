"""The pages' threads: a few at first, all of them once they are needed."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

from edge.http.server import FIRST_THREADS, MOST_OF_ONE, THREADS
from tests.edge.http_gate import serving
from tests.waiting import wait_for


def workers() -> int:
    return sum(thread.name.startswith("CP Server") for thread in threading.enumerate())


def test_a_gate_whose_pages_few_people_look_at_has_few_threads_for_them(tmp_path):
    before = workers()
    with serving(tmp_path) as gate:
        for _ in range(3 * FIRST_THREADS):
            assert gate.ask("/display").status == 200
        assert workers() - before == FIRST_THREADS


def test_one_more_visitor_than_threads_brings_all_the_others_and_none_waits(tmp_path):
    before = workers()
    with serving(tmp_path) as gate, ExitStack() as lines:
        for n in range(FIRST_THREADS):
            line = lines.enter_context(
                socket.create_connection(("127.0.0.1", gate.port), timeout=10, source_address=(f"127.0.0.{n + 2}", 0))
            )
            line.sendall(b"GET /display HTTP/1.1\r\n")  # and the rest does not come
        assert gate.ask("/display").status == 200
        wait_for(lambda: workers() - before == THREADS, "all threads")
    assert FIRST_THREADS <= MOST_OF_ONE < THREADS
    wait_for(lambda: workers() == before, "the threads to end")
