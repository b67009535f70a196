"""Cut off and killed, on the real processes: vehicles get in, nothing is lost or doubled, all comes in order."""

from __future__ import annotations

import pytest

from edge.simulation.demo.carpark import world_of
from edge.simulation.demo.plans import Pays
from edge.simulation.demo.reckoning import reckon

pytestmark = [pytest.mark.slow, pytest.mark.broker]

#   killed when the vehicle             is seen so
MOMENTS = {
    "has just stopped at the line": lambda seen, look: seen.get("phase") == "at_line",
    "sees the boom begin to rise": lambda seen, look: seen and look["drive"] == "open",
    "stands before an open boom": lambda seen, look: seen.get("phase") == "at_line" and look["boom_deg"] > 80,
    "is under the boom": lambda seen, look: seen.get("phase") == "passing",
    "has just passed": lambda seen, look: seen.get("phase") == "passed",
}


@pytest.fixture(scope="module")
def here(town):
    """One car park for all of this file: each test leaves it whole and running."""
    return town(seed=2)


@pytest.fixture(autouse=True)
def whole_again(here):
    """After every test: truth and claims agree, and central took every event of both gates once."""
    yield
    here.wait_for(lambda: not any(here.waiting(gate) for gate in here.park.gates), "the outboxes to drain")
    with world_of(here.park.entry) as entry, world_of(here.park.exit) as exit_lane:
        reckoning = reckon(entry.look(), exit_lane.look(), here.park.stays())
    assert reckoning.clean, reckoning
    for gate in here.park.gates:
        for stream, taken in here.events(gate).items():
            assert sorted(taken) == list(range(1, len(taken) + 1)), f"{gate.id} {stream}: {taken}"


def assert_in_order(here) -> None:
    """What queued while cut off came in the order in which it happened."""
    for stream, taken in here.events(here.park.entry).items():
        assert taken == sorted(taken), f"{stream}: {taken}"


def assert_one_stay_each(stays: dict[str, list[dict]]) -> None:
    assert {plate: len(found) for plate, found in stays.items()} == dict.fromkeys(stays, 1)


def test_with_the_broker_down_vehicles_get_in_and_central_learns_of_all_of_them_afterwards(here):
    plans = [here.next_plan() for _ in range(2)]
    here.park.broker.kill()
    here.enter(*plans)
    here.wait_for(lambda: here.waiting(here.park.entry) >= 2, "events to queue")
    here.park.broker.start()
    assert_one_stay_each(here.wait_known(*plans))
    assert_in_order(here)


def test_with_central_down_vehicles_get_in_and_central_learns_of_all_of_them_afterwards(here):
    plans = [here.next_plan() for _ in range(2)]
    here.park.central.kill()
    here.enter(*plans)
    here.wait_for(lambda: here.waiting(here.park.entry) >= 2, "events to queue")
    here.park.central.start()
    assert_one_stay_each(here.wait_known(*plans))
    assert_in_order(here)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_gate_killed_when_a_vehicle_is_known_to_lose_and_double_nothing(here, moment):
    plan = here.next_plan()
    here.arrive(here.park.entry, plan)

    def is_so(look: dict) -> bool:
        seen = next((seen for seen in look["vehicles"] if seen["vehicle"] == plan.vehicle), {})
        return bool(MOMENTS[moment](seen, look))

    with world_of(here.park.entry) as world:
        world.wait_until(is_so, 60.0, f"the vehicle that {moment}")
    here.park.entry.process.kill()
    here.park.entry.process.start()
    here.park.entry.process.wait_until(here.park.entry.healthy)
    here.wait_passed(here.park.entry, plan)
    assert_one_stay_each(here.wait_known(plan))


def test_on_a_day_of_power_cuts_everybody_gets_out_and_has_paid_once(here):
    """The broker is killed as the first comes in, central under those behind him, and the exit as he pays."""
    first, *others = [here.next_plan(Pays.AT_EXIT), *(here.next_plan() for _ in range(3))]
    park = here.park
    park.broker.kill()
    drivers = here.drive(first)
    here.wait_passed(park.entry, first)
    park.broker.start()
    drivers += here.drive(*others)
    here.wait_passed(park.entry, others[0])
    park.central.kill()
    here.wait_passed(park.entry, *others)
    park.central.start()
    park.central.wait_until(park.central_healthy)
    here.wait_for(lambda: park.exit.shown().get("pay_url"), "an amount on the exit's display")
    park.exit.process.kill()
    park.exit.process.start()
    park.exit.process.wait_until(park.exit.healthy)
    here.finished(drivers)
    here.wait_for(lambda: all(found[0]["exited_at"] for found in here.wait_known(first, *others).values()), "all out")
    stays = here.stays(first, *others)
    assert_one_stay_each(stays)
    assert all(found[0]["paid_paise"] == found[0]["amount_paise"] > 0 for found in stays.values()), stays
