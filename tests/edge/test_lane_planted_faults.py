"""Mistakes planted in the lane's rules: for each, the test that guards against it is named, and does notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from edge.rules import access
from edge.rules.lane import beneath, doubt, news, orders, passage, vehicles
from edge.rules.lane import step as lane_step
from edge.rules.lane.tick import Tick
from edge.rules.lane.visit import LaneError
from tests.edge import (
    test_lane,
    test_lane_boom_down,
    test_lane_doubt,
    test_lane_orders,
    test_lane_passage,
    test_lane_restart,
)

Patch = pytest.MonkeyPatch


def record_when_admitted(patch: Patch) -> None:
    grant = Tick.grant

    def also_record(tick, turn, how) -> None:
        grant(tick, turn, how)
        tick.record([tick.lane.visit.grant.passed()], tick.lane.visit.session)

    patch.setattr(Tick, "grant", also_record)


def open_before_the_grant_is_committed(patch: Patch) -> None:
    committed = news._committed
    patch.setattr(news, "_committed", lambda tick, visit, item: committed(tick, visit, replace(item, done=True)))


def never_give_up_a_vehicle_that_does_not_drive(patch: Patch) -> None:
    patch.setattr(Tick, "lapse", lambda tick, reason: None)


def keep_a_grant_over_an_emergency_stop(patch: Patch) -> None:
    patch.setattr(vehicles, "_stop", lambda tick: None)


def take_everybody_for_the_one_with_the_grant(patch: Patch) -> None:
    patch.setattr(Tick, "carried_is_here", lambda tick, *_, **__: tick.lane.carried is not None)


def take_who_stands_there_for_the_one_that_may_have_passed(patch: Patch) -> None:
    is_here = Tick.carried_is_here
    patch.setattr(Tick, "carried_is_here", lambda *args, drives=True: is_here(*args, drives=True))


def never_doubt_who_rolls_on(patch: Patch) -> None:
    patch.setattr(doubt, "begin", lambda tick, visit: None)


def take_a_misread_plate_for_another_vehicle(patch: Patch) -> None:
    patch.setattr(doubt, "MISREAD_CHARS", 0)


def believe_every_permit(patch: Patch) -> None:
    patch.setattr(access, "permitted", lambda *_: True)


def let_a_later_reading_flip_the_plate(patch: Patch) -> None:
    read = news._read
    patch.setattr(news, "_read", lambda tick, visit, item: read(tick, replace(visit, plate=None), item))
    patch.setattr(news, "_READABLE", tuple(news.Stage))


def ask_the_boom_down_on_the_vehicle(patch: Patch) -> None:
    wish = lane_step._wish
    patch.setattr(lane_step, "_wish", lambda tick: replace(wish(tick), close=tick.lane.crossing is not None))


def let_a_failed_photocell_hide_everybody(patch: Patch) -> None:
    patch.setattr(passage, "STUCK_S", float("inf"))


def take_a_failed_sensor_for_a_nose(patch: Patch) -> None:
    patch.setattr(beneath, "reaches_under", lambda tick, visit: tick.lane.beneath.since is not None)


def count_backing_out_as_passing(patch: Patch) -> None:
    patch.setattr(passage, "_clear", partial(_passing, passage._clear))


BACK = (passage.Way.BACKED_OUT, passage.Way.STOOD)


def _passing(clear, *line) -> tuple:
    after, ways = clear(*line)
    return after, tuple(passage.Way.PASSED if way in BACK else way for way in ways)


def open_twice_for_one_order(patch: Patch) -> None:
    patch.setitem(orders._DO, "open", lambda tick: "")


ENTRY, EXIT = "entry", "exit"
#   planted                                              and the test that must notice
PLANTED: list[tuple[Callable[[Patch], None], Callable[[], None]]] = [
    (record_when_admitted, test_lane.test_a_vehicle_whose_plate_is_read_enters_once_it_has_passed),
    (open_before_the_grant_is_committed, test_lane.test_a_full_disk_lets_nobody_in_unrecorded),
    (
        never_give_up_a_vehicle_that_does_not_drive,
        test_lane.test_a_vehicle_that_does_not_drive_loses_its_grant_and_gets_it_back_by_the_button,
    ),
    (
        keep_a_grant_over_an_emergency_stop,
        test_lane.test_an_emergency_stop_ends_the_grant_and_the_button_gives_it_again,
    ),
    (
        take_everybody_for_the_one_with_the_grant,
        test_lane_restart.test_a_vehicle_of_another_plate_leaves_the_grant_to_be_assumed_and_is_judged_by_itself,
    ),
    (
        take_who_stands_there_for_the_one_that_may_have_passed,
        partial(test_lane_restart.test_an_unread_vehicle_before_an_open_boom_is_not_the_one_that_had_the_grant, ENTRY),
    ),
    (never_doubt_who_rolls_on, test_lane_doubt.test_the_next_enters_under_its_own_plate),
    (
        take_a_misread_plate_for_another_vehicle,
        partial(test_lane_doubt.test_the_one_that_comes_back_keeps_what_it_was_given, test_lane_doubt.NEARLY),
    ),
    (believe_every_permit, test_lane.test_an_unpaid_vehicle_asks_sees_the_amount_pays_and_leaves),
    (let_a_later_reading_flip_the_plate, test_lane.test_a_plate_once_decided_is_not_flipped_by_a_later_reading),
    (ask_the_boom_down_on_the_vehicle, test_lane.test_the_boom_is_asked_down_only_behind_the_vehicle),
    (
        let_a_failed_photocell_hide_everybody,
        test_lane_boom_down.test_a_photocell_that_fails_behind_somebody_beyond_shuts_the_lane_for_half_a_minute_at_most,
    ),
    (
        take_a_failed_sensor_for_a_nose,
        test_lane_boom_down.test_a_sensor_that_failed_before_a_vehicle_came_does_not_keep_its_visit,
    ),
    (count_backing_out_as_passing, test_lane.test_a_vehicle_that_backs_out_from_under_the_boom_has_not_entered),
    (
        count_backing_out_as_passing,
        test_lane_passage.test_a_vehicle_that_noses_onto_the_exit_loop_and_backs_out_has_not_passed,
    ),
    (open_twice_for_one_order, test_lane_orders.test_opening_twice_for_a_vehicle_is_refused_once_the_boom_is_up),
]


@pytest.mark.parametrize("plant, guard", PLANTED, ids=lambda of: getattr(of, "__name__", ""))
def test_a_planted_fault_is_noticed(plant, guard, monkeypatch):
    guard()
    plant(monkeypatch)
    # a ValueError: not the one fact that was to be there; a LaneError: the table of stages has refused it
    with pytest.raises((AssertionError, ValueError, LaneError)):
        guard()
