"""Vehicles in a lane behind real pins: contacts -> GpioBarrier -> controller -> relays -> boom, the whole way round."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.protocol.ids import uuid7
from edge.protocol.messages import SessionState, SessionStatus
from edge.rules.access import SiteRules
from edge.rules.boom_words import Timing
from edge.rules.display import Screen
from edge.rules.signals import Drive
from edge.simulation.world.plant import Spec
from tests.edge.pins.lane import PLATE, PinLane

OPEN, CLOSE, OFF = Drive.OPEN, Drive.CLOSE, Drive.OFF
PULSED = {"spec": Spec(pulsed=True), "timing": Timing(pulse_s=0.5)}


@pytest.fixture
def make(tmp_path):
    lanes = []

    def lane(direction: str = "entry", **how) -> PinLane:
        lanes.append(PinLane(tmp_path, direction, **how))
        return lanes[-1]

    yield lane
    for lane in lanes:
        lane.close()
        assert lane.plant.violations == []


def stay(status: SessionStatus = SessionStatus.PAID, **more) -> SessionState:
    now = datetime.now(UTC)
    entered, until = now - timedelta(hours=2), now + timedelta(minutes=15)
    until = until if status is SessionStatus.PAID else None
    return SessionState(
        session=uuid7(), version=1, plate=PLATE, entered_at=entered, status=status, permit_until=until, **more
    )


def drives(lane: PinLane) -> list[Drive]:
    return [drive for drive, _ in lane.drives]


def test_a_vehicle_is_read_let_in_and_recorded_and_the_boom_comes_down_behind_it(make):
    lane = make()
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.run(3.0)
    [entered] = lane.events("vehicle.entered")
    assert entered.data["plate"]["text"] == PLATE
    assert drives(lane) == [OFF, OPEN, OFF, CLOSE, OFF] and lane.state == "closed"


def test_held_relays_stay_on_from_limit_to_limit_and_no_longer(make):
    lane = make()
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    off_after = [angle for drive, angle in lane.drives[1:] if drive is OFF]
    assert off_after[0] >= 86 and off_after[1] <= 4


def test_pulsed_relays_are_on_for_the_pulse_and_the_operator_travels_on_by_itself(make):
    lane = make(**PULSED)
    lane.arrive()
    lane.until(lambda: lane.outputs().drive is OPEN)
    began = lane.now
    lane.until(lambda: lane.outputs().drive is OFF)
    assert lane.now - began == pytest.approx(0.5, abs=0.03)
    lane.until(lambda: lane.is_up)
    lane.until(lambda: lane.world.passed and lane.is_down)
    assert len(lane.events("vehicle.entered")) == 1
    assert drives(lane) == [OFF, OPEN, OFF, CLOSE, OFF]


def test_between_two_directions_both_relays_are_off_for_the_dead_time(make):
    lane = make()
    lane.order("open")
    lane.until(lambda: lane.is_up)
    lane.order("close")
    lane.until(lambda: lane.outputs().drive is CLOSE)
    lane.until(lambda: lane.plant.angle_deg < 60)
    lane.world.extra = lane.world.extra._replace(photocell=True)
    lane.until(lambda: lane.outputs().drive is OFF)
    off_at = lane.now
    lane.until(lambda: lane.outputs().drive is OPEN)
    assert lane.now - off_at >= 0.3 - 0.001
    lane.until(lambda: lane.is_up)


def test_a_vehicle_that_backs_away_before_the_boom_has_not_entered(make):
    lane = make()
    lane.arrive()
    lane.until(lambda: lane.outputs().drive is OPEN)
    lane.world.leave("v1")
    lane.until(lambda: lane.world.left)
    lane.until(lambda: lane.is_down)
    lane.run(5.0)
    assert lane.events("vehicle.entered") == [] and lane.outcomes() == ["backed_out"]


def test_a_vehicle_that_backs_out_from_under_the_boom_has_not_entered_and_nothing_comes_down_on_it(make):
    lane = make()
    lane.arrive()
    lane.until(lambda: lane.world.inputs().closing_loop)
    lane.world.leave("v1")
    lane.until(lambda: lane.world.left)
    lane.until(lambda: lane.is_down)
    lane.run(5.0)
    assert lane.events("vehicle.entered") == [] and lane.outcomes() == ["backed_out"]


def test_a_vehicle_that_stops_under_the_boom_keeps_it_up_for_as_long(make):
    lane = make()
    lane.arrive()
    lane.until(lambda: lane.world.inputs().photocell)
    lane.world.stall("v1", True)
    lane.run(90.0)
    assert lane.is_up
    lane.world.stall("v1", False)
    lane.until(lambda: lane.world.passed and lane.is_down)
    assert len(lane.events("vehicle.entered")) == 1


def test_a_second_vehicle_that_tailgates_is_recorded_as_such(make):
    lane = make()
    lane.arrive("v1")
    lane.arrive("v2", "KA05MC7788", tailgates=True)
    lane.until(lambda: len(lane.world.passed) == 2)
    lane.until(lambda: lane.is_down)
    lane.run(5.0)
    granted, follower = lane.events("vehicle.entered")
    assert granted.data["plate"]["text"] == PLATE and follower.data["plate"] is None
    assert lane.outcomes() == ["tailgated"]


def test_who_comes_the_wrong_way_is_flagged_and_gets_no_ticket(make):
    lane = make()
    lane.order("hold")
    lane.until(lambda: lane.is_up)
    lane.touch(1.0, exit=True)
    lane.touch(0.6, closing=True, photocell=True)
    lane.touch(0.6, exit=False, arming=True)
    lane.touch(1.0, closing=False, photocell=False)
    lane.touch(3.0, arming=False)
    assert lane.outcomes() == ["wrong_way"] and lane.events("vehicle.entered") == []


def test_a_plate_that_is_inside_already_is_let_in_and_flagged(make):
    lane = make()
    lane.mirror(stay(SessionStatus.OPEN))
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.run(5.0)
    [entered] = lane.events("vehicle.entered")
    assert "already_inside" in lane.codes() and entered.data["plate"]["text"] == PLATE


def test_a_permit_lets_out_one_vehicle_once(make):
    lane = make("exit")
    lane.mirror(stay())
    lane.arrive("v1")
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.arrive("v2")
    lane.until(lambda: lane.world.vehicles[-1].at_line)
    lane.run(30.0)
    assert lane.is_down and len(lane.events("vehicle.exited")) == 1


def test_an_exit_stays_down_for_an_unpaid_vehicle_until_it_has_paid(make):
    lane = make("exit")
    unpaid = stay(SessionStatus.OPEN)
    lane.mirror(unpaid)
    lane.arrive()
    lane.stands()
    lane.run(2.0)
    assert lane.is_down and len(lane.events("exit.requested")) == 1
    until = datetime.now(UTC) + timedelta(minutes=15)
    lane.mirror(unpaid.model_copy(update={"version": 2, "status": SessionStatus.PAID, "permit_until": until}))
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.run(1.0)
    assert len(lane.events("vehicle.exited")) == 1


def test_an_unread_vehicle_gets_its_ticket_by_the_button(make):
    lane = make(site=SiteRules(unread="ask"))
    lane.arrive(plate=None)
    lane.until(lambda: lane.panel.display.screen is Screen.BUTTON)
    assert lane.is_down
    lane.world.press("button")
    lane.until(lambda: lane.world.passed)
    lane.run(1.0)
    [entered] = lane.events("vehicle.entered")
    assert entered.data["plate"] is None and entered.data["ticket"]


@pytest.mark.parametrize("kind", ["bike", "bus"])
def test_short_and_long_vehicles_are_let_through_whole(make, kind):
    lane = make()
    lane.arrive(kind=kind)
    lane.until(lambda: lane.world.passed)
    lane.until(lambda: lane.is_down)
    lane.run(3.0)
    assert len(lane.events("vehicle.entered")) == 1


def test_a_boom_held_open_by_a_person_stays_up_lets_all_pass_and_comes_down_on_release(make):
    lane = make()
    assert lane.order("hold").verdict == "done"
    lane.until(lambda: lane.is_up)
    lane.arrive()
    lane.until(lambda: lane.world.passed)
    lane.run(60.0)
    assert lane.is_up
    lane.order("release")
    lane.until(lambda: lane.is_down)
    [entered] = lane.events("vehicle.entered")
    assert entered.data["plate"]["text"] == PLATE


def test_a_person_opens_for_a_vehicle_that_is_refused(make):
    lane = make(site=SiteRules(passes_only=True))
    lane.arrive()
    lane.stands()
    lane.run(3.0)
    assert lane.is_down
    assert lane.order("open").verdict == "done"
    lane.until(lambda: lane.world.passed)
    lane.run(1.0)
    [entered] = lane.events("vehicle.entered")
    assert entered.data["how"] == "operator"
