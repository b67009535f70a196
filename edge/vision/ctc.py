"""What a network that reads a line step by step (CTC) says, as slots: one per place where a character stands. Pure."""

from __future__ import annotations

import numpy as np

from edge.rules.plate.formats import ALPHABET

BLANK, FIRST_CHARACTER = 0, 1  # columns of a step: nothing here, then 0-9 and A-Z
PAST_CHARACTERS = FIRST_CHARACTER + len(ALPHABET)  # any further column is a symbol that is none of these
DOUBT = 0.15  # share of a blank step that makes a weak place
LEAST = 1e-5  # a share of a slot below this is not kept
SMALLEST = 1e-9


def softened(steps: np.ndarray, exponent: float) -> np.ndarray:
    """Probabilities (..., columns) raised to `exponent`, summing to 1 again: below 1 they doubt more, above 1 less."""
    if exponent == 1.0:
        return steps
    soft = np.maximum(steps, SMALLEST) ** exponent
    return soft / soft.sum(axis=-1, keepdims=True)


def slots_of(steps: np.ndarray, exponent: float = 1.0) -> list[dict[str, float]]:
    """One slot per character place along a line, from its probabilities per step.

    steps     float32 (steps, 37 or more): blank, 0-9 and A-Z, then what is neither; each row sums to 1
    exponent  the slots are softened by it, see `softened`; where the places are is seen before

    A run of steps that agree on one symbol is one place; a step where the network leans to nothing but doubts it is a
    weak place of its own, unless it touches a run of its own character (CTC lets a character fade in and out).
    """
    places = []
    tops = steps.argmax(axis=1)
    seen = steps[:, FIRST_CHARACTER:]
    shares = seen.sum(axis=1)
    step, count = 0, len(steps)
    while step < count:
        end = step + 1
        while end < count and tops[end] == tops[step]:
            end += 1
        if tops[step] != BLANK:
            places.append(step + int(steps[step:end, tops[step]].argmax()))
        else:
            places.extend(_weak(seen, shares, step, end))
        step = end
    return [_slot(step) for step in softened(steps[places], exponent)]


def _weak(seen: np.ndarray, shares: np.ndarray, start: int, end: int) -> list[int]:
    """Steps within a run of blanks where some character still has a fair share."""
    places = []
    for step in start + np.flatnonzero(shares[start:end] >= DOUBT):
        near = [other for other in (step - 1, step + 1) if 0 <= other < len(seen)]
        beside = [seen[other].argmax() for other in near if shares[other] > DOUBT]
        if seen[step].argmax() not in beside:
            places.append(int(step))
    return places


def _slot(step: np.ndarray) -> dict[str, float]:
    characters = step[FIRST_CHARACTER:PAST_CHARACTERS]
    slot = {ALPHABET[i]: float(characters[i]) for i in np.flatnonzero(characters > LEAST)}
    return slot | {"": float(step[BLANK])}
