"""What comes of holding payouts against our books, and what each way to settle a difference does to them. Pure."""

from __future__ import annotations

from enum import StrEnum

from central.rules.ledger import Fact, Postings, postings


class Outcome(StrEnum):
    """What came of a payout or its lack; those that do not fit are queued under the same word."""

    MATCHED = "matched"
    LATE = "late"  # captured, and we had not heard of it until now
    AMOUNT_DIFFERS = "amount_differs"
    DUPLICATE = "duplicate"  # paid out, or given up, before
    MISSING_WITH_US = "missing_with_us"  # no payment, or refund, of ours
    MISSING_WITH_THEM = "missing_with_them"  # captured, and in no file; never of a line
    KNOWN = "known"  # the very line of an earlier file
    FILE_MISSING = "file_missing"  # the provider had no file of that day for as long as we asked
    CARD_DIFFERS = "card_differs"  # a day's card payouts are not what its shifts took
    CARD_MISSING = "card_missing"  # a day's card takings were paid out by nothing


class Resolution(StrEnum):
    """What a person made of something queued."""

    NOTED = "noted"  # nothing is booked
    GOES_BACK = "goes_back"  # who paid out too much takes it back
    GIVEN_UP = "given_up"  # what was never paid out is written off
    CAME_LATER = "came_later"  # by itself: a later file or payout has it


MAY_BE = {
    Outcome.AMOUNT_DIFFERS:    (Resolution.NOTED, Resolution.GIVEN_UP),
    Outcome.DUPLICATE:         (Resolution.NOTED, Resolution.GOES_BACK),
    Outcome.MISSING_WITH_US:   (Resolution.NOTED, Resolution.GOES_BACK),
    Outcome.MISSING_WITH_THEM: (Resolution.NOTED, Resolution.GIVEN_UP),
    Outcome.FILE_MISSING:      (Resolution.NOTED,),
    Outcome.CARD_DIFFERS:      (Resolution.NOTED, Resolution.GIVEN_UP, Resolution.GOES_BACK),
    Outcome.CARD_MISSING:      (Resolution.NOTED, Resolution.GIVEN_UP),
}  # fmt: skip
OF_CARDS = (Outcome.CARD_DIFFERS, Outcome.CARD_MISSING)


def given_up(kind: Outcome, ours_paise: int, theirs_paise: int) -> tuple[Fact, Postings]:
    """What was taken and never paid out is lost; ValueError where nothing was."""
    lost = ours_paise - theirs_paise
    if lost <= 0:
        raise ValueError("more was paid out than was taken: there is nothing to give up")
    fact = Fact.CARD_GIVEN_UP if kind in OF_CARDS else Fact.NEVER_SETTLED
    return fact, postings(fact, total=lost)


def card_goes_back(ours_paise: int, theirs_paise: int) -> tuple[Fact, Postings]:
    """The terminal's bank takes back what it paid out too much; ValueError where it did not."""
    over = theirs_paise - ours_paise
    if over <= 0:
        raise ValueError("less was paid out than was taken: there is nothing to take back")
    return Fact.CARD_TAKEN_OFF, postings(Fact.CARD_TAKEN_OFF, total=over)
