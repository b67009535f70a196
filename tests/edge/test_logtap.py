"""The log on the line: what goes out, how much, and that it stands in nobody's way."""

from __future__ import annotations

import logging
import sys

import pytest

from edge.diagnostics.logtap import BURST, LogTap
from edge.protocol.messages import LogLine


class Tapped:
    """A tap on the root logger with a clock and a line of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[LogLine] = []
        self.tap = LogTap(self.say, lambda: self.now)
        self.log = logging.getLogger("parkmeter.test.tap")

    def say(self, payload: bytes) -> None:
        self.lines.append(LogLine.decode(payload))

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@pytest.fixture
def tapped():
    root = logging.getLogger()
    before, levels = root.level, [(handler, handler.level) for handler in root.handlers]
    root.setLevel(logging.INFO)
    tapped = Tapped()
    tapped.tap.install()
    yield tapped
    tapped.tap.remove()
    root.setLevel(before)
    for handler, level in levels:
        handler.setLevel(level)


def test_by_default_warnings_go_out_and_nothing_less(tapped):
    tapped.log.info("calm")
    tapped.log.warning("camera %s is dark", "north")
    [line] = tapped.lines
    assert (line.level, line.logger, line.text) == ("warning", "parkmeter.test.tap", "camera north is dark")


def test_more_is_told_for_as_long_as_it_was_asked_for_and_the_other_handlers_stay_as_they_were(tapped, capsys):
    other = logging.StreamHandler(sys.stderr)
    tapped.tap.remove()
    logging.getLogger().addHandler(other)
    tapped.tap.install()
    try:
        tapped.tap.set("debug", 60.0)
        tapped.log.debug("a detail")
        assert tapped.texts == ["a detail"] and "a detail" not in capsys.readouterr().err
        tapped.now = 59.0
        tapped.tap.tend()
        tapped.log.debug("another")
        tapped.now = 61.0
        tapped.tap.tend()
        tapped.log.debug("too late")
        tapped.log.warning("always")
        assert tapped.texts == ["a detail", "another", "always"]
        tapped.tap.set("off", 60.0)
        tapped.log.critical("silence")
        assert len(tapped.texts) == 3 and "silence" in capsys.readouterr().err
    finally:
        logging.getLogger().removeHandler(other)


def test_a_flood_is_bounded_and_counted(tapped):
    for n in range(1000):
        tapped.log.warning("line %d", n)
    assert len(tapped.lines) == BURST
    tapped.now = 1.0
    tapped.log.warning("later")
    assert tapped.texts[-1] == f"later ({1000 - int(BURST)} lines were left out before this)"


def test_what_the_line_itself_logs_does_not_come_back_to_it(tapped):
    say, told = tapped.say, []

    def chatty(payload: bytes) -> None:
        told.append(payload)
        tapped.log.warning("sending %d bytes", len(payload))
        say(payload)

    tapped.tap._say = chatty
    tapped.log.warning("once")
    assert len(told) == 1 and tapped.texts == ["once"]


def test_an_exception_is_told_in_one_line_and_odd_text_breaks_nothing(tapped):
    # given to the tap alone: a test run's own report could not be written with half a character in it
    try:
        raise ValueError("plate \ud800")
    except ValueError:
        tapped.tap.handle(tapped.log.makeRecord("a", logging.ERROR, "b", 1, "it failed", (), sys.exc_info()))
    tapped.tap.handle(tapped.log.makeRecord("a", logging.WARNING, "b", 1, "half a character: \ud800", (), None))
    assert len(tapped.lines) == 2 and tapped.texts[0].startswith("it failed (ValueError: ")
