"""Scripts of a provider's words, doubled and shuffled: the books sum to zero and end the same in every order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import select

from central.actions.ledger_check import balance
from central.payments import service
from central.rules import due as rules
from central.rules import ledger
from central.rules.due import Attempt, DueStatus, Effect, Refunded, Report, Reported
from central.rules.ledger import Fact, Posting, Split
from central.rules.ledger_accounts import Account
from central.rules.money import taxed
from central.store.schema import Attempt as AttemptRow
from central.store.schema import Due, Receipt, Refund
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, leave, request

AT = datetime(2026, 11, 24, tzinfo=UTC)
PRICE = 17_000
RULE_SCRIPTS, DATABASE_SCRIPTS = 10_000, 200
WORDS = (Report.CAPTURED, Report.CAPTURED, Report.FAILED, Report.UNKNOWN, Report.EXPIRED, Report.CANCELLED)


def split(paise: int) -> Split:
    parts = taxed(paise, 1800, included=True)
    return Split(parts.taxable_paise, parts.tax_paise // 2, parts.tax_paise // 2)


@dataclass
class Desk:
    """A due and the books about it, driven by the rules alone, as the payment service drives them."""

    due: rules.Due
    owed: tuple[Posting, ...]
    lines: list[Posting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines += self.owed

    def hear(self, event: Reported | Refunded) -> None:
        before = self.due
        self.due, effects = rules.apply(before, event)
        for do in effects:
            if do.effect is Effect.PERMIT:
                self.lines += ledger.paid(split(do.amount_paise), Fact.PAID_BY_UPI, self.owed)
                continue
            self.lines += ledger.postings(Fact.CAPTURED_FOR_NOTHING, total=do.amount_paise)
            if do.effect is Effect.REFUND_DUPLICATE:
                self.hear(Refunded(f"r-{do.attempt_id}", do.attempt_id, do.amount_paise))
        if isinstance(event, Refunded) and event.refund_id not in before.refunds:
            self.lines += ledger.postings(Fact.REFUNDED_BY_UPI, total=event.amount_paise)

    def end(self) -> tuple:
        """All that must not depend on the order; which of several captures was the kept one may."""
        books = frozenset((line.account, line.paise) for line in ledger.together(self.lines))
        return self.due.status, Counter(attempt.status for attempt in self.due.attempts.values()), books


def script(dice: Random) -> tuple[list[Attempt], list[Reported]]:
    attempts = [Attempt(f"a{number}", PRICE) for number in range(dice.randint(1, 4))]
    said = []
    for _ in range(dice.randint(1, 8)):
        attempt, word = dice.choice(attempts), dice.choice(WORDS)
        # a bank that takes another amount than was asked does so whenever it is asked about that attempt
        paise = PRICE - 100 if attempt.id == "a3" else PRICE
        said.append(Reported(attempt.id, word, paise, AT) if word is Report.CAPTURED else Reported(attempt.id, word))
    return attempts, said


def told(attempts: list[Attempt], said: list[Reported], left: bool) -> tuple:
    due = rules.Due("d", PRICE, DueStatus.QUOTED, AT, attempts={attempt.id: attempt for attempt in attempts})
    desk = Desk(due, ledger.charged(split(PRICE)) if left else ())
    for event in said:
        desk.hear(event)
        assert sum(line.paise for line in desk.lines) == 0
    return desk.end()


def test_ten_thousand_shuffled_and_doubled_scripts_end_the_same_and_sum_to_zero():
    for seed in range(RULE_SCRIPTS):
        dice = Random(seed)
        attempts, said = script(dice)
        left = dice.random() < 0.3
        wanted = told(attempts, said, left)
        again = said + dice.choices(said, k=dice.randint(0, 6))
        dice.shuffle(again)
        assert told(attempts, again, left) == wanted, f"seed {seed}"
        captured = any(event.report is Report.CAPTURED and event.attempt_id != "a3" for event in said)
        assert (wanted[0] is DueStatus.PAID) == captured, f"seed {seed}"


@pytest.mark.slow
def test_two_hundred_scripts_through_the_database_leave_sound_books(sqlite, settings):
    park, psp, kept = CarPark(sqlite, settings), Psp(), 0
    for seed in range(DATABASE_SCRIPTS):
        dice = Random(seed)
        plate, at = f"DL1CA{seed:04}", seed * 100
        stay_id, _ = enter(park, at, plate)
        request(park, at + 45, plate, stay_id)
        due_id = park.dues(stay_id)[0].id
        references = []
        for _ in range(dice.randint(1, 3)):
            references.append(psp.begin(sqlite, due_id, minutes(at + 45)))
            first = psp.event(references[-1], "failed", minutes(at + 45), payment=f"first{references[-1]}")
            psp.hear(sqlite, first, minutes(at + 45))
        said = [
            psp.event(reference, dice.choice(["captured", "failed", "pending"]), minutes(at + 46), payment=payment)
            for reference in references
            for payment in dice.choices([f"p1{reference}", f"p2{reference}"], k=dice.randint(0, 3))
        ]
        said = said + dice.choices(said, k=4) if said else said
        dice.shuffle(said)
        leaves_at = dice.randint(0, len(said))
        for number, event in enumerate(said):
            if number == leaves_at:
                leave(park, at + 47, plate, stay_id)
            with sqlite.begin() as session:
                service.apply_event(session, psp.name, event, minutes(at + 48))
        captured = any(event.status == "captured" for event in said)
        kept += captured
        with sqlite.read() as session:
            assert (session.get_one(Due, due_id).state == "paid") == captured, f"seed {seed}"
    psp.give_back(sqlite, minutes(90_000))
    books = balances(sqlite)
    with sqlite.read() as session:
        owed = balance(session, Account.RECEIVABLE) / 100
        assert len(session.scalars(select(Receipt.id)).all()) == kept
        assert len(session.scalars(select(AttemptRow.id).where(AttemptRow.applied)).all()) == kept
        assert not session.scalars(select(Refund.id).where(Refund.state != "done")).all()
    assert books["psp_clearing"] == 170 * kept and books.get("receivable", 0) == owed
    assert books["revenue"] + books["cgst"] + books["sgst"] == pytest.approx(-170 * kept - owed)
    assert "customer_credit" not in books
