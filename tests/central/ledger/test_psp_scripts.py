"""Scripts of a provider's words, doubled and shuffled: the books sum to zero and end the same in every order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import select

from central.actions.ledger_check import balance
from central.payments import odd_captures, service
from central.rules import due as rules
from central.rules import ledger
from central.rules.due import Attempt, AttemptStatus, DueStatus, Effect, Refunded, Report, Reported
from central.rules.ledger import Fact, Posting, Split
from central.rules.ledger_accounts import Account
from central.rules.money import taxed
from central.rules.odd_capture import choices
from central.store.schema import Attempt as AttemptRow
from central.store.schema import Due, Receipt, Refund
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, leave, request

AT = datetime(2026, 11, 24, tzinfo=UTC)
PRICE = 17_000
RULE_SCRIPTS, DATABASE_SCRIPTS = 10_000, 120
# a bank that takes another amount than was asked does so whenever it is asked about that attempt
ODD = {"a3": PRICE - 100, "a4": PRICE + 3_000}
WORDS = (Report.CAPTURED, Report.CAPTURED, Report.FAILED, Report.UNKNOWN, Report.EXPIRED, Report.CANCELLED)


@dataclass(frozen=True)
class Credit:
    """A person gives so much of the one kept payment back."""

    refund_id: str
    attempt_id: str
    paise: int


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

    def credit(self, refund_id: str, attempt_id: str, paise: int) -> None:
        """A person gives a part of the invoice back, and the provider carries it out."""
        if refund_id not in self.due.refunds:
            self.lines += ledger.credited(split(paise))
            self.hear(Refunded(refund_id, attempt_id, paise))

    def decide(self) -> None:
        """A person decides about every capture of another amount, the kindest to the payer; what goes back is sent."""
        for attempt in [one for one in self.due.attempts.values() if one.status is AttemptStatus.MISMATCH]:
            unpaid = self.due.status in (DueStatus.OPEN, DueStatus.QUOTED)
            asked = {attempt.amount_paise, self.due.amount_paise}
            chosen = choices(attempt.captured_paise, asked, unpaid=unpaid, may_part=True)[0]
            if chosen.taken_paise:
                self.lines += ledger.postings(Fact.CREDIT_APPLIED, total=chosen.taken_paise)
                self.lines += ledger.paid(split(chosen.taken_paise), Fact.PAID_BY_UPI, self.owed)
                self.due = replace(self.due, status=DueStatus.PAID)
            if chosen.back_paise:
                self.lines += ledger.postings(Fact.REFUNDED_BY_UPI, total=chosen.back_paise)

    def end(self) -> tuple:
        """All that must not depend on the order; which of several captures was the kept one may."""
        books = frozenset((line.account, line.paise) for line in ledger.together(self.lines))
        return self.due.status, Counter(attempt.status for attempt in self.due.attempts.values()), books


def script(dice: Random) -> tuple[list[Attempt], list[Reported | Credit]]:
    attempts = [Attempt(f"a{number}", PRICE) for number in range(dice.randint(1, 5))]
    said = []
    for _ in range(dice.randint(1, 8)):
        attempt, word = dice.choice(attempts), dice.choice(WORDS)
        paise = ODD.get(attempt.id, PRICE)
        said.append(Reported(attempt.id, word, paise, AT) if word is Report.CAPTURED else Reported(attempt.id, word))
    kept = {one.attempt_id for one in said if one.report is Report.CAPTURED} - ODD.keys()
    if len(kept) == 1 and dice.random() < 0.5:
        said += [Credit("c1", *kept, dice.randint(100, 8_000)), Credit("c2", *kept, dice.randint(100, 8_000))]
    return attempts, said


def told(attempts: list[Attempt], said: list[Reported | Credit], left: bool) -> tuple:
    due = rules.Due("d", PRICE, DueStatus.QUOTED, AT, attempts={attempt.id: attempt for attempt in attempts})
    desk = Desk(due, ledger.charged(split(PRICE)) if left else ())
    for event in said:
        if isinstance(event, Credit):
            desk.credit(event.refund_id, event.attempt_id, event.paise)
        else:
            desk.hear(event)
        assert sum(line.paise for line in desk.lines) == 0
    desk.decide()
    owed = sum(line.paise for line in desk.lines if line.account is Account.CUSTOMER_CREDIT)
    assert owed == 0, "nothing of any payer's is kept"
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
        captured = any(isinstance(event, Reported) and event.report is Report.CAPTURED for event in said)
        assert (wanted[0] in (DueStatus.PAID, DueStatus.PART_REFUNDED)) == captured, f"seed {seed}"
        assert (wanted[0] is DueStatus.PART_REFUNDED) == any(isinstance(event, Credit) for event in said)


@pytest.mark.slow
def test_scripts_through_the_database_decided_about_by_people_leave_sound_books(sqlite, settings):
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
        # what a bank takes of a code is the same however often it says so
        takes = {reference: dice.choice([PRICE, PRICE, PRICE, 15_000, 20_000]) for reference in references}
        said = [
            psp.event(
                reference,
                dice.choice(["captured", "failed", "pending"]),
                minutes(at + 46),
                payment=payment,
                paise=takes[reference],
            )
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
        with sqlite.read() as session:
            odd = select(AttemptRow.id).where(AttemptRow.due_id == due_id, AttemptRow.state == "mismatch")
            waiting = list(session.scalars(odd))
        for attempt_id in waiting:
            with sqlite.begin() as session:
                best = odd_captures.choices(session, session.get_one(AttemptRow, attempt_id))[0]
                odd_captures.decide(session, attempt_id, best.way, minutes(at + 49), by="tests", reason="a script")
        captured = any(event.status == "captured" for event in said)
        kept += captured
        with sqlite.read() as session:
            assert (session.get_one(Due, due_id).state == "paid") == captured, f"seed {seed}"
    psp.give_back(sqlite, minutes(90_000))
    books = balances(sqlite)
    with sqlite.read() as session:
        owed = balance(session, Account.RECEIVABLE) / 100
        paid = sum(session.scalars(select(Receipt.total_paise))) / 100
        assert len(session.scalars(select(Receipt.id)).all()) == kept
        assert len(session.scalars(select(AttemptRow.id).where(AttemptRow.applied)).all()) == kept
        assert not session.scalars(select(Refund.id).where(Refund.state != "done")).all()
    assert books["psp_clearing"] == paid and books.get("receivable", 0) == owed
    assert books["revenue"] + books["cgst"] + books["sgst"] == pytest.approx(-paid - owed)
    assert "customer_credit" not in books
