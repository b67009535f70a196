"""When a wallet pays by itself, and how a balance goes back to where it came from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

LEAST_PAISE, MOST_PAISE = 100_00, 20_000_00  # of one top-up
MOST_HELD_PAISE = 50_000_00  # a closed-system wallet is for parking, not for keeping money


@dataclass(frozen=True, slots=True)
class AtExit:
    """What is known when a vehicle asks to leave and owes.

    plate        the stay's; None: entered unread
    read         what the exit read, None: nothing
    alike        the two are but alike
    switched_on  the plate is registered and its owner lets the wallet pay
    under_way    another payment of the same amount has begun and its end is not known
    """

    plate: str | None
    read: str | None
    alike: bool
    switched_on: bool
    under_way: bool
    due_paise: int
    balance_paise: int


def pays_itself(at: AtExit) -> bool:
    """Whether the wallet pays: only for exactly the plate that was read, whole, and never below nothing."""
    exact = at.plate is not None and at.read == at.plate and not at.alike
    return exact and at.switched_on and not at.under_way and 0 < at.due_paise <= at.balance_paise


def low_since(before: datetime | None, holds_paise: int, below_paise: int | None, now: datetime) -> datetime | None:
    """Since when a wallet has held less than its holder wants to be told of; None where it does not.

    before  since when it did until now
    """
    if below_paise is None or holds_paise >= below_paise:
        return None
    return before or now


def shares(paise: int, top_ups: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """How an amount goes back over top-ups, (id, what is left of it) in the order to be used. ValueError beyond."""
    left, given = paise, []
    for top_up, of_it in top_ups:
        part = min(left, of_it)
        if part > 0:
            given.append((top_up, part))
            left -= part
    if left > 0 or paise <= 0:
        raise ValueError(f"{paise} paise to go back: expected 1 to {paise - left}")
    return given
