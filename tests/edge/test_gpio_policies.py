"""What a site may choose, and what a failed sensor must not change, behind real pins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edge.protocol.ids import uuid7
from edge.protocol.messages import SessionState, SessionStatus
from edge.rules.access import SiteRules
from edge.rules.display import Screen
from edge.rules.signals import Light
from tests.edge.pins.lane import PLATE, PinLane


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


@pytest.mark.parametrize("wire", ["photocell", "closing_loop"])
def test_a_sensor_that_failed_before_keeps_nobody_at_red_and_loses_no_passage(make, wire):
    lane = make()
    lane.world.fault("broken_wire", wire)
    lane.run(2.0)
    for count, plate in enumerate((PLATE, "KA05MC7788"), 1):
        lane.arrive(f"v{count}", plate)
        lane.until(lambda: lane.is_up and lane.outputs().light is Light.GREEN)
        lane.until(lambda count=count: len(lane.world.passed) == count)
        lane.run(3.0)
        assert len(lane.events("vehicle.entered")) == count
    lane.world.fault("broken_wire", wire, on=False)
    lane.until(lambda: lane.is_down)


def test_where_the_site_says_so_a_lane_without_mains_opens_while_its_battery_lasts_and_closes_afterwards(make):
    lane = make(mains_failed="hold_open")
    lane.world.fault("power_cut")
    lane.run(9.0)
    assert lane.is_down
    lane.until(lambda: lane.is_up, 6.0)
    lane.run(60.0)
    assert lane.is_up
    lane.world.fault("power_cut", on=False)
    lane.until(lambda: lane.is_down, 10.0)


def test_a_short_failure_of_the_mains_moves_nothing(make):
    lane = make(mains_failed="hold_open")
    lane.world.fault("power_cut")
    lane.run(5.0)
    lane.world.fault("power_cut", on=False)
    lane.run(20.0)
    assert lane.is_down


def test_where_the_site_says_so_a_plate_that_is_inside_waits_for_a_person(make):
    lane = make(site=SiteRules(anti_passback="ask"))
    entered = datetime.now(UTC) - timedelta(hours=2)
    lane.mirror(
        SessionState(session=uuid7(), version=1, plate=PLATE, entered_at=entered, status=SessionStatus.OPEN)
    )
    lane.arrive()
    lane.until(lambda: lane.panel.display.screen is Screen.HELP)
    lane.run(5.0)
    assert lane.is_down
    lane.order("open")
    lane.until(lambda: lane.world.passed)
