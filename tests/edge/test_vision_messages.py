"""What the gate and its vision child say to each other survives the pipe."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.messages import (
    BadLine,
    Beat,
    Fault,
    Read,
    Ready,
    Rest,
    Taken,
    TakeSnapshot,
    Voted,
    Watch,
    decode_command,
    decode_event,
    encode,
)

BOX = ((0.0, 0.0), (10.0, 0.0), (10.0, 5.0), (0.0, 5.0))
READ = Read("v1", "MH12AB1234", "MHI2AB1234", "civil", 0.9, (0.9, 0.8), BOX, "rapidocr", 12.5)
VOTED = Voted("v1", "MH12AB1234", "raw", "civil", 0.99, (0.9,), BOX, "rapidocr", 2, True, 12.5, "ab" * 32)


@pytest.mark.parametrize(
    "event", [Ready("rapidocr", "video:x"), Beat(""), READ, VOTED, Taken("ab", "/x"), Fault("a", "b\n")]
)
def test_an_event_comes_out_as_it_went_in(event):
    line = encode(event)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode_event(line) == event


@pytest.mark.parametrize("command", [Watch("v1"), Rest(), TakeSnapshot()])
def test_a_command_comes_out_as_it_went_in(command):
    assert decode_command(encode(command)) == command


def test_keys_of_a_later_version_are_passed_over():
    assert decode_command('{"watch": {"visit": "v1", "hurry": true}}') == Watch("v1")


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", '{"dance": {}}', '{"watch": {}}', '{"watch": 1}', '{"rest": {}, "watch": {}}']
)
def test_a_line_that_is_no_command_is_refused(line):
    with pytest.raises(BadLine):
        decode_command(line)


def test_an_event_is_no_command():
    with pytest.raises(BadLine, match="'beat' is none of watch, rest, snapshot"):
        decode_command(encode(Beat("")))


@given(st.binary() | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps))
def test_no_line_whatever_does_more_than_be_refused(line):
    with pytest.raises(BadLine):
        decode_event(line)
