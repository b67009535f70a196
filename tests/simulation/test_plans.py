from __future__ import annotations

from itertools import islice

from edge.rules.plate.plate import normalise
from edge.simulation.demo.plans import Pays, plans


def test_one_seed_is_one_day_at_the_car_park():
    assert list(islice(plans(7), 50)) == list(islice(plans(7), 50))
    assert list(islice(plans(7), 50)) != list(islice(plans(8), 50))


def test_no_plate_and_no_vehicle_comes_twice():
    day = list(islice(plans(1), 500))
    assert len({plan.plate for plan in day}) == len({plan.vehicle for plan in day}) == 500


def test_any_three_in_a_row_pay_in_all_three_ways():
    day = list(islice(plans(3), 30))
    assert all({plan.pays for plan in day[at : at + 3]} == set(Pays) for at in range(0, 30, 3))


def test_only_those_who_are_declined_first_try_in_vain():
    assert all(bool(plan.refusals) == (plan.pays is Pays.DECLINED) for plan in islice(plans(5), 200))


def test_plates_are_painted_in_the_normal_form():
    assert all(normalise(plan.plate) == plan.plate for plan in islice(plans(9), 200))
