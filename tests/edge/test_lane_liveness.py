"""Nobody is trapped: whatever has happened, the boom is raised in seconds for who stands there and may pass."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocol.messages import Exited, SessionStatus
from edge.rules.access import Known
from edge.rules.boom_words import BoomState
from edge.rules.lane.visit import Stage
from edge.rules.lane.words import Answer, Ordered
from tests.edge.lane_scripts import CAR, NOON, BoomScript
from tests.edge.test_lane import COMMAND, Row, quote, stay
from tests.edge.test_lane_properties import play, scripts

SECONDS = 8.0  # to finish closing, reverse and rise: what stands between a right and a raised boom
PAID = stay(SessionStatus.PAID, permit_until=NOON + timedelta(days=1))

walks = st.lists(st.tuples(st.sampled_from(["photocell", "closing_loop"]), st.floats(0.04, 1.5)), max_size=6)


def mended(lane: BoomScript) -> None:
    """What keeps any boom from moving is over: alarms, sensors that can't be read, a fault; and nobody holds it."""
    lane.set(0.2, stop=False, fire=False, valid=True, button=False)
    lane.disk_full = False
    for name in ("release", "reset_fault"):
        lane.hear(Ordered(COMMAND, name, "anita"))


def stands(lane: BoomScript) -> None:
    """A vehicle comes to stand before the lowered boom, nothing in the line: those before it are gone.

    After an emergency stop the boom comes down again only when a person says so.
    """
    lane.set(0.5, arming_loop=False, closing_loop=False, photocell=False, exit_loop=False)
    lane.hear(Ordered(COMMAND, "close", "anita"))
    lane.set(45.0)
    lane.set(1.0, arming_loop=True)


def is_raised(lane: BoomScript, while_doing) -> bool:
    """Whether the boom is up at some moment while this vehicle stands there and others walk through the beam."""
    seen, watch = [lane.boom.state is BoomState.OPEN], lane.tick

    def looking() -> None:
        watch()
        seen.append(lane.boom.state is BoomState.OPEN)

    lane.tick = looking
    left = SECONDS
    for sensor, seconds in while_doing:
        lane.set(min(seconds, left), **{sensor: True})
        lane.set(0.1, **{sensor: False})
        left -= min(seconds, left)
    lane.run(max(left, 0.02))
    lane.tick = watch
    return any(seen)


@settings(max_examples=500)
@given(st.sampled_from(["entry", "exit"]), scripts, walks)
def test_whatever_has_happened_a_person_can_raise_the_boom_for_who_stands_there_now(direction, script, walking):
    """Without waiting for anybody to go: the vehicle may stand anywhere, also half under the boom."""
    lane = BoomScript(direction, Known(stays=(Row(stay()),)))
    play(lane, script)
    mended(lane)
    lane.set(0.5, arming_loop=True)
    lane.hear(Ordered(COMMAND, "open", "anita"))
    assert is_raised(lane, walking)


@settings(max_examples=500)
@given(scripts, walks, walks, st.booleans())
def test_a_vehicle_that_pays_at_the_exit_gets_out_however_it_creeps_and_whoever_walks_by(script, before, after, creeps):
    lane = BoomScript("exit", Known(stays=(Row(stay()),)))
    play(lane, script)
    mended(lane)
    stands(lane)
    visit = lane.lane.visit
    if visit.plate is None:
        lane.read(CAR)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(lane.lane.visit.request, at=lane.wall))))
    assert lane.lane.visit.stage is Stage.QUOTED and lane.boom.state is BoomState.CLOSED
    for sensor, seconds in before:
        lane.set(seconds, **{sensor: True})
        lane.set(0.3, **{sensor: False})
    if creeps:
        lane.set(1.0, closing_loop=True)
    exits = len(lane.of(Exited))
    lane.hear(Answer(stay(SessionStatus.PAID, quote=quote(lane.lane.visit.request, at=lane.wall))))
    assert is_raised(lane, after if not creeps else ())
    lane.drive_through()
    assert len(lane.of(Exited)) == exits + 1


@settings(max_examples=500)
@given(scripts, walks)
def test_a_vehicle_that_has_paid_before_gets_out_once_its_plate_is_read(script, walking):
    lane = BoomScript("exit", Known(stays=(Row(PAID),)))
    play(lane, script)
    mended(lane)
    stands(lane)
    if lane.lane.visit.plate is None:
        lane.read(CAR)
    assert is_raised(lane, walking)
