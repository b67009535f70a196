"""A thread that dies is told of, so that the gate does not go on without it."""

from __future__ import annotations

import threading

from edge.threads import tell_of_deaths


def test_a_thread_that_dies_of_an_exception_is_told_and_one_that_ends_is_not():
    told: list[BaseException] = []
    put_back = tell_of_deaths(told.append)
    error = RuntimeError("a programmer's mistake")

    def fail() -> None:
        raise error

    def leave() -> None:
        raise SystemExit

    try:
        for work in (fail, leave, lambda: None):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
    finally:
        put_back()
    assert told == [error]


def test_it_ends_with_the_gate():
    before = threading.excepthook
    tell_of_deaths(print)()
    assert threading.excepthook is before
