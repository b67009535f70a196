"""A granted vehicle backs out and the next rolls on while the boom is still open: each keeps to its own plate."""

from __future__ import annotations

import pytest

from edge.protocol.messages import Entered, EntryHow, Exited, ExitHow, PassageEnded, PlateSeen, SessionStatus
from edge.rules.access import Known
from edge.rules.lane.words import Read, StartWatching
from tests.edge.lane_scripts import CAR, NOON, OTHER, Script
from tests.edge.test_lane import Row, stay

NEARLY = PlateSeen(text="MH12AB1284", confidence=0.95, frames=2)


def open_for(plate: PlateSeen, direction: str = "entry", known: Known | None = None) -> Script:
    lane = Script(direction, known)
    lane.arrive()
    lane.read(plate)
    lane.run(0.2)
    assert lane.wish.grant
    return lane


def away_for(lane: Script, seconds: float) -> None:
    """The loop is clear for so long, then something stands there."""
    lane.set(seconds, arming_loop=False)
    lane.set(0.1, arming_loop=True)


def test_the_next_enters_under_its_own_plate():
    lane = open_for(CAR)
    away_for(lane, 1.5)
    lane.read(OTHER)
    lane.run(0.2)
    assert [(ended.plate, ended.outcome) for ended in lane.of(PassageEnded)] == [(CAR, "backed_out")]
    lane.drive_through()
    assert [(entered.plate, entered.how) for entered in lane.of(Entered)] == [(OTHER, EntryHow.PLATE)]
    assert len(lane.grants) == 2 and len(lane.resolved) == 2


@pytest.mark.parametrize("seen", [CAR, NEARLY, None], ids=["the same", "misread", "unread"])
def test_the_one_that_comes_back_keeps_what_it_was_given(seen):
    lane = open_for(CAR)
    away_for(lane, 1.5)
    lane.hear(Read(lane.lane.visit.id, seen, None))
    lane.run(0.2)
    lane.drive_through()
    assert [entered.plate for entered in lane.of(Entered)] == [CAR]
    assert lane.of(PassageEnded) == []


def test_a_loop_that_flickers_raises_no_doubt():
    lane = open_for(CAR)
    watched = [action for action in lane.actions if isinstance(action, StartWatching)]
    away_for(lane, 0.5)
    assert [action for action in lane.actions if isinstance(action, StartWatching)] == watched


def test_one_that_drives_before_its_plate_is_read_is_no_longer_taken_for_the_first():
    lane = open_for(CAR)
    away_for(lane, 1.5)
    second = lane.lane.visit.id
    lane.set(0.1, closing_loop=True)
    lane.hear(Read(second, OTHER, None))  # vision's last word, of frames from before
    lane.set(1.0, arming_loop=False)
    lane.set(1.0, exit_loop=True, closing_loop=False)
    lane.set(2.0, exit_loop=False)
    assert [(ended.plate, ended.outcome) for ended in lane.of(PassageEnded)] == [
        (CAR, "backed_out"),
        (OTHER, "tailgated"),
    ]
    assert [(entered.plate, entered.how) for entered in lane.of(Entered)] == [(OTHER, EntryHow.TAILGATED)]


def test_at_the_exit_the_next_does_not_leave_on_the_first_ones_payment():
    paid = stay(SessionStatus.PAID, permit_until=NOON.replace(year=2027))
    lane = open_for(CAR, "exit", Known(stays=(Row(paid),)))
    away_for(lane, 1.5)
    lane.known = Known()
    lane.read(OTHER)
    lane.run(3.0)
    assert not lane.wish.grant and lane.of(Exited) == []
    lane.leave()
    lane.known = Known(stays=(Row(paid),))
    lane.arrive()
    lane.read(CAR)
    lane.drive_through()
    assert [(exited.plate, exited.how) for exited in lane.of(Exited)] == [(CAR, ExitHow.PERMIT)]
