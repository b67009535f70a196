"""Seeing that something arrives, in small grey pictures."""

from __future__ import annotations

import numpy as np
import pytest

from edge.vision.motion import Motion, MotionRule

SIZE = (180, 320)


def lane(seed: int = 0, noise: float = 3.0, brightness: float = 0.0) -> np.ndarray:
    """An empty lane: a gradient with the sensor's noise."""
    rows = np.linspace(60, 140, SIZE[0])[:, None] + np.zeros(SIZE)
    seen = rows + brightness + np.random.default_rng(seed).normal(0.0, noise, SIZE)
    return np.clip(seen, 0, 255).astype(np.uint8)


def with_thing(plane: np.ndarray, left: float, width: float, height: float, shade: int = 200) -> np.ndarray:
    """Something standing in it; measures are shares of the picture."""
    plane = plane.copy()
    bottom, right = int(0.9 * SIZE[0]), int((left + width) * SIZE[1])
    plane[bottom - int(height * SIZE[0]) : bottom, int(left * SIZE[1]) : right] = shade
    return plane


@pytest.fixture
def motion():
    motion = Motion()
    for seed in range(5):
        assert not motion.motion(lane(seed))
    return motion


def test_an_empty_lane_is_still_however_noisy_its_picture(motion):
    assert not any(motion.motion(lane(seed, noise=8.0)) for seed in range(100))


def test_a_vehicle_is_seen_in_its_second_picture(motion):
    assert not motion.motion(with_thing(lane(7), 0.2, 0.4, 0.4))
    assert motion.motion(with_thing(lane(8), 0.22, 0.4, 0.4))


@pytest.mark.parametrize("shade", [30, 175, 240])
def test_dark_and_light_vehicles_are_seen(motion, shade):
    assert [motion.motion(with_thing(lane(seed), 0.2, 0.4, 0.4, shade)) for seed in (7, 8)] == [False, True]


def test_a_cat_is_no_vehicle(motion):
    assert not any(motion.motion(with_thing(lane(seed), 0.1 + seed / 60, 0.1, 0.1)) for seed in range(30))


def test_a_cloud_and_the_camera_s_own_exposure_are_no_vehicle(motion):
    assert not any(motion.motion(lane(seed, brightness=-seed)) for seed in range(50))
    assert not any(motion.motion(lane(seed, brightness=20)) for seed in range(10))


def test_a_vehicle_that_waits_for_minutes_is_still_seen_and_an_empty_lane_is_still_again_when_it_has_left(motion):
    five_a_second_for_three_minutes = 900
    seen = [motion.motion(with_thing(lane(seed), 0.2, 0.4, 0.4)) for seed in range(five_a_second_for_three_minutes)]
    assert all(seen[1:])
    assert not any(motion.motion(lane(seed)) for seed in range(20))


def test_what_has_stood_there_for_long_belongs_to_the_lane():
    motion = Motion(MotionRule(scenery=50))
    motion.motion(lane())
    seen = [motion.motion(with_thing(lane(seed), 0.2, 0.4, 0.4)) for seed in range(60)]
    assert all(seen[1:50]) and not any(seen[50:])


def test_what_moves_outside_the_view_does_not_count():
    motion = Motion(MotionRule(view=(0.5, 0.0, 1.0, 1.0)))
    assert not any(motion.motion(lane(seed)) for seed in range(3))
    assert not any(motion.motion(with_thing(lane(seed), 0.05, 0.4, 0.5)) for seed in range(5))
    assert [motion.motion(with_thing(lane(seed), 0.55, 0.4, 0.5)) for seed in range(2)] == [False, True]


@pytest.mark.parametrize(
    "picture", [np.zeros((180, 320, 3), np.uint8), np.zeros((180, 320)), np.zeros((4, 4), np.uint8)]
)
def test_a_picture_that_can_not_be_looked_at_is_refused(picture):
    with pytest.raises(ValueError, match="motion: "):
        Motion().motion(picture)
