"""How a vehicle or a hand moves before the camera: where it is at each moment. Pure but for the dice given."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

BRAKING = 1.6  # how much quicker it comes at first than in the middle


@dataclass(frozen=True, slots=True)
class Drive:
    """One vehicle's way along its lane; metres, seconds.

    start_m   where its nose is at first; 0 is the stop line, less is further away
    wait_s    stands there so long
    arrive_s  then takes so long to the stop line
    stand_s   and stands there; then it drives on, or backs out
    leave_mps how fast it then goes: above 0 on past the camera, below 0 back, 0 stays
    stop_m    where its nose comes to rest
    aside_m   how far from the lane's middle
    turn      by which it comes askew at first, radians
    sway_m    how far it sways and bobs
    phase     of that, radians
    leader    who drives before it, gap_m: how close it comes to the leader's nose with its own
    """

    start_m: float
    arrive_s: float
    stand_s: float = 1.0
    leave_mps: float = 0.0
    wait_s: float = 0.0
    stop_m: float = 0.0
    aside_m: float = 0.0
    turn: float = 0.0
    sway_m: float = 0.01
    phase: float = 0.0
    leader: Drive | None = None
    gap_m: float = 0.0

    @property
    def stands_at_s(self) -> float:
        return self.wait_s + self.arrive_s

    @property
    def leaves_at_s(self) -> float:
        return self.stands_at_s + self.stand_s

    def nose_m(self, at_s: float) -> float:
        part = float(np.clip((at_s - self.wait_s) / self.arrive_s, 0, 1))
        nose = self.stop_m + (self.start_m - self.stop_m) * (1 - part) ** BRAKING
        gone_s = max(0.0, at_s - self.leaves_at_s)
        nose += self.leave_mps * min(gone_s, gone_s * gone_s)  # it gathers speed for a second
        return nose if self.leader is None else min(nose, self.leader.nose_m(at_s) - self.gap_m)

    def place(self, points: np.ndarray, at_s: float) -> np.ndarray:
        """Points of the vehicle (..., 3), its nose at 0, to where they are then."""
        left = float(np.clip((at_s - self.wait_s) / self.arrive_s, 0, 1))
        turn = self.turn * (1 - left)
        moving = 1.0 if self.wait_s < at_s < self.stands_at_s else 0.15
        sway = self.sway_m * moving
        turned = points @ np.array([
            (np.cos(turn), np.sin(turn), 0), (-np.sin(turn), np.cos(turn), 0), (0, 0, 1),
        ])  # fmt: skip
        swung = (np.sin(2.1 * at_s + self.phase), np.sin(9.0 * at_s + 2 * self.phase))
        return turned + np.array([self.nose_m(at_s), self.aside_m + sway * swung[0], sway * swung[1]])


def make_drive(dice: np.random.Generator, distance_m: float, leave_mps: float = 0.0, arrive_s: float = 0.0) -> Drive:
    """Somebody who drives up over that distance and stands for about a second; `arrive_s` 0 leaves the pace open."""
    return Drive(
        start_m=-distance_m,
        arrive_s=arrive_s or dice.uniform(1.6, 2.6),
        stand_s=dice.uniform(0.7, 1.1),
        leave_mps=leave_mps,
        aside_m=dice.normal(0, 0.12),
        turn=np.radians(dice.normal(0, 5)),
        sway_m=dice.uniform(0.004, 0.02),
        phase=dice.uniform(0, 6),
    )


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who holds a sheet up: raises it, and can't keep it quite still.

    x, y      where, metres, of the lane
    low, high heights between which it is raised, from `raise_s` for half a second
    shake_m   deviation of a hand that means to be still
    seed      of how it shakes
    """

    x: float
    y: float
    low: float
    high: float
    raise_s: float
    shake_m: float
    seed: int

    def place(self, points: np.ndarray, at_s: float) -> np.ndarray:
        """Points of the sheet (..., 3) about its middle, to where they are then."""
        dice = np.random.default_rng(self.seed)
        rate, phase = dice.uniform(2.0, 11.0, (6, 3)), dice.uniform(0, 6.3, (6, 3))
        shaken = np.sin(rate * at_s + phase).mean(axis=1)  # three of the translation, three of the turn
        part = float(np.clip((at_s - self.raise_s) / 0.5, 0, 1))
        up = self.low + (self.high - self.low) * part * part * (3 - 2 * part)
        turn = shaken[3] * 0.15
        tilted = points @ np.array([(1, 0, 0), (0, np.cos(turn), np.sin(turn)), (0, -np.sin(turn), np.cos(turn))])
        return tilted + np.array([self.x, self.y, up]) + shaken[:3] * self.shake_m * 2.5


def behind(dice: np.random.Generator, leader: Drive, gap_m: float) -> Drive:
    """Somebody who follows the leader closely, waits behind it, and comes to the stop line when it has gone."""
    drive = make_drive(dice, gap_m, arrive_s=dice.uniform(1.0, 1.4))
    return replace(drive, wait_s=leader.leaves_at_s + 0.3, turn=0.0, leader=leader, gap_m=gap_m)
