"""The vehicle at the barrier is decided: not who queues behind, not what is held up beside the lane."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.plate.barrier import OFTEN_S, Barrier, foremost
from edge.rules.plate.places import Place, not_behind
from edge.vision.frame import Frame
from edge.vision.messages import Voted
from edge.vision.watch import AcceptRule, VisitWatch
from tests.edge.vision.approach.reads import read, shaky
from tests.edge.vision.approach.test_tracks import NEXT_OF_FLEET, OTHER, PLATE, SEEDS, approach

BLANK = np.zeros((480, 640, 3), np.uint8)
SIZE = (640, 480)


def decided(frames, step_s: float = 0.2) -> str | None:
    """What a visit decides of these frames' reads, None for nothing."""
    watch = VisitWatch("v1", "rapidocr", lambda image: "", AcceptRule())
    for number, reads in enumerate(frames):
        for told in watch.add(Frame(BLANK, number * step_s), reads):
            if isinstance(told, Voted):
                return told.text
    return None


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([OTHER, NEXT_OF_FLEET]), st.floats(0.0, 0.5))
def test_who_queues_behind_is_never_decided_however_badly_the_first_is_read(seed, behind, miss):
    dice = np.random.default_rng(seed)
    frames = []
    for number, reads in enumerate(approach(dice, PLATE, miss=0.0)):
        far = 7.5 + 8.0 * (1 - number / 9) ** 1.6
        seen = [shaky(dice, behind, number * 0.2, 320 + 200 / far, 100 + 700 / far, 600 / far)]
        frames.append(seen + (reads if number < 2 or dice.random() >= miss else []))
    assert decided(frames) in (PLATE, None)


def _where(one):
    place = Place.of(one.box)
    return place.x, place.y, place.width


def test_when_the_first_can_no_longer_be_read_the_one_behind_waits_until_it_has_come_forward():
    barrier = Barrier()
    for number in range(2):
        barrier.add([read(PLATE, number / 5, y=380, width=180, sure=0.5)], number / 5, SIZE)
    for number in range(2, 20):
        found = barrier.add([read(OTHER, number / 5, y=220, width=80)], number / 5, SIZE)
        assert found.track.text == PLATE
    late = 0.2 + OFTEN_S + 1.0
    assert barrier.add([read(OTHER, late, y=220, width=80)], late, SIZE).track.text == OTHER


def test_a_vehicle_that_takes_the_place_of_another_is_another_plate():
    barrier = Barrier()
    for number in range(3):
        barrier.add([read(PLATE, number / 5, y=380, width=180, sure=0.8)], number / 5, SIZE)
    for number in range(3, 6):
        found = barrier.add([read(OTHER, number / 5, y=380, width=185)], number / 5, SIZE)
    assert {r.text for r in found.track.reads} in ({OTHER}, {PLATE})


def test_a_plate_as_near_that_says_something_else_leaves_it_to_a_person():
    beside = [[read(PLATE, at, x=200), read(OTHER, at, x=440)] for at in (0.0, 0.2, 0.4, 0.6)]
    assert decided(beside) is None


def test_once_that_other_plate_has_gone_the_vehicle_is_decided():
    beside = [[read(PLATE, at / 5, x=200), read(OTHER, at / 5, x=440)] for at in range(3)]
    alone = [[read(PLATE, at / 5, x=200)] for at in range(3, 16)]
    assert decided(beside) is None
    assert decided(beside + alone) == PLATE


def test_a_sheet_held_up_higher_than_the_vehicles_plate_does_not_count():
    frames = [[read(PLATE, at, y=380), read(OTHER, at, x=450, y=240)] for at in (0.0, 0.2)]
    assert decided(frames) == PLATE


def test_the_same_number_painted_on_the_vehicle_again_is_no_doubt():
    frames = [[read(PLATE, at, x=200), read(PLATE, at, x=440)] for at in (0.0, 0.2)]
    assert decided(frames) == PLATE


def test_one_who_backs_out_is_not_decided_and_one_who_stands_is():
    backing = [[read(PLATE, at / 5, y=380 - 20 * at, width=180 * 0.88**at, sure=0.55)] for at in range(4)]
    backing += [[read(PLATE, at / 5, y=380 - 20 * at, width=180 * 0.88**at)] for at in range(4, 8)]
    assert decided(backing) is None
    place = backing[-1][0]
    standing = [[read(PLATE, at / 5, *_where(place))] for at in range(8, 18)]
    assert decided(backing + standing) == PLATE


def test_a_lorry_behind_with_a_larger_plate_is_not_before_the_scooter_in_front():
    scooter, lorry = Place(320, 380, 90, 30), Place(340, 250, 80, 45)
    assert not_behind([scooter, lorry]) in ([0], [0, 1])
    assert decided(
        [[read(PLATE, at, y=380, width=90), read(OTHER, at, y=250, width=80, rows=2)] for at in (0, 0.2, 0.4)]
    ) in (
        PLATE,
        None,
    )


@settings(max_examples=100)
@given(st.lists(st.tuples(*[st.floats(1, 600)] * 2, *[st.floats(5, 200)] * 2), min_size=1, max_size=6))
def test_of_any_plates_in_view_some_are_before_all_others_or_as_near(places):
    assert all(0 <= number < len(places) for number in not_behind([Place(*place) for place in places]))


def test_one_frame_alone_has_a_foremost_plate_too():
    near, far = read(PLATE, 0.0, y=380, width=180), read(OTHER, 0.0, y=220, width=80)
    assert foremost([far, near]) is near and foremost([]) is None


def test_the_decided_plate_is_locked_whatever_comes_after():
    watch = VisitWatch("v1", "rapidocr", lambda image: "", AcceptRule())
    for at in (0.0, 0.2):
        watch.add(Frame(BLANK, at), [read(PLATE, at)])
    assert watch.decided
    assert all(watch.add(Frame(BLANK, at), [read(OTHER, at, width=200)]) == [] for at in (0.4, 0.6, 0.8))
    assert watch.end() == []
