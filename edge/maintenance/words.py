"""What the controller and the crew say to each other, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from edge.protocol.messages import Reply
from edge.rules.signals import Inputs


class CannotDo(Exception):
    """An order that can't be carried out: says why, in a sentence for whoever gave it."""


@dataclass(frozen=True, slots=True)
class Situation:
    """How the lane was when an order came.

    inputs     debounced
    boom       the boom's state, its word
    boom_down  it stands lowered and at rest
    quiet      it is at rest, and nobody is before it, under it or waiting to be let through
    unwritten  records the journal would not take yet
    """

    inputs: Inputs
    boom: str
    boom_down: bool
    quiet: bool
    unwritten: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order. "accepted": it goes on, and another outcome will come."""

    cmd_id: str
    name: str
    by: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Flash:
    """Flash lamp and buzzer for so long, as far as the boom is at rest and the lane is empty."""

    seconds: float
