"""What is owed, and money that comes doubled, late and in any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.attempt import ATTEMPT_MOVES, Attempt, AttemptStatus, Report, hear
from central.rules.due import (
    DUE_MOVES,
    Do,
    Due,
    DueSignal,
    DueStatus,
    Effect,
    IllegalStep,
    Refunded,
    Reported,
    apply,
    expire_quote,
    quote,
    step,
    waive,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)


def asked(*attempts: str, amount: int = 120_00) -> Due:
    due = quote(Due("due", amount), amount, LATER)
    for attempt in attempts:
        due = replace(due, attempts={**due.attempts, attempt: Attempt(attempt, due.amount_paise)})
    return due


def captured(attempt="a", amount=120_00) -> Reported:
    return Reported(attempt, Report.CAPTURED, amount, NOON)


def told(due: Due, *events) -> tuple[Due, list[Do]]:
    done = []
    for event in events:
        due, effects = apply(due, event)
        done += effects
    return due, done


@pytest.mark.parametrize("status, signal", [pair for pair in product(DueStatus, DueSignal) if pair not in DUE_MOVES])
def test_a_step_the_table_does_not_have_is_refused(status, signal):
    with pytest.raises(IllegalStep, match=f"a due that is {status} can't take {signal}"):
        step(status, signal)


def test_a_quote_holds_until_it_expires_and_may_be_asked_anew():
    due = asked()
    assert (due.status, due.quote_expires_at) == (DueStatus.QUOTED, LATER)
    assert expire_quote(due, LATER - timedelta(seconds=1)) == due
    assert (expire_quote(due, LATER).status, expire_quote(due, LATER).quote_expires_at) == (DueStatus.OPEN, None)
    assert quote(due, 170_00, LATER).amount_paise == 170_00


def test_a_capture_settles_and_lets_out():
    due, done = told(asked("a"), captured())
    assert (due.status, due.paid_by) == (DueStatus.PAID, "a")
    assert done == [Do(Effect.PERMIT, "a", 120_00)]


def test_a_capture_told_twice_counts_once():
    due, done = told(asked("a"), captured(), captured())
    assert [do.effect for do in done] == [Effect.PERMIT]
    assert due.attempts["a"].status is AttemptStatus.CAPTURED


def test_a_second_capture_of_a_paid_due_is_given_back():
    due, done = told(asked("a", "b"), captured("a"), captured("b"))
    assert due.attempts["b"].status is AttemptStatus.DUPLICATE
    assert done[-1] == Do(Effect.REFUND_DUPLICATE, "b", 120_00)
    assert due.paid_by == "a"


def test_money_for_a_waived_due_is_given_back():
    due, done = told(waive(asked("a")), captured())
    assert due.status is DueStatus.WAIVED and done == [Do(Effect.REFUND_DUPLICATE, "a", 120_00)]


@pytest.mark.parametrize("end", [Report.FAILED, Report.EXPIRED, Report.CANCELLED, Report.UNKNOWN])
def test_money_that_comes_after_a_failure_still_counts(end):
    due, done = told(asked("a"), Reported("a", end), captured())
    assert due.status is DueStatus.PAID and done[0].effect is Effect.PERMIT


def test_an_unknown_attempt_is_not_given_up_by_a_timer():
    due, _ = told(asked("a"), Reported("a", Report.UNKNOWN, reason="RB"), Reported("a", Report.EXPIRED))
    assert due.attempts["a"].status is AttemptStatus.UNKNOWN and due.attempts["a"].reason == "RB"
    assert due.attempts["a"].pending


def test_a_driver_who_paid_what_was_asked_is_let_out_though_the_quote_has_changed():
    due = quote(asked("a"), 170_00, LATER)
    after, done = told(due, captured("a", 120_00))
    assert (after.status, after.amount_paise) == (DueStatus.PAID, 120_00)
    assert done[0] == Do(Effect.PERMIT, "a", 120_00)


def test_another_amount_than_asked_is_for_a_person():
    due, done = told(asked("a"), captured("a", 1_00))
    assert due.status is DueStatus.QUOTED and due.attempts["a"].status is AttemptStatus.MISMATCH
    assert done == [Do(Effect.REVIEW_AMOUNT, "a", 1_00)]


def test_refunds_add_up_to_the_whole():
    due, done = told(asked("a"), captured(), Refunded("r1", "a", 20_00), Refunded("r1", "a", 20_00))
    assert due.status is DueStatus.PART_REFUNDED
    assert (due.refunded_paise("a"), len(done)) == (20_00, 1)
    due, _ = told(due, Refunded("r2", "a", 100_00))
    assert due.status is DueStatus.REFUNDED


def test_a_refund_told_before_its_capture_is_not_forgotten():
    due, _ = told(asked("a"), Refunded("r1", "a", 20_00), captured())
    assert due.status is DueStatus.PART_REFUNDED


def test_giving_a_duplicate_back_leaves_the_due_paid():
    due, done = told(asked("a", "b"), captured("a"), captured("b"), Refunded("r", "b", 120_00))
    assert due.status is DueStatus.PAID and len(done) == 2


@pytest.mark.parametrize("amount", [0, -1, 120_01])
def test_no_more_is_refunded_than_was_captured(amount):
    due, _ = told(asked("a"), captured())
    with pytest.raises(IllegalStep, match=r"refund 'r' of -?\d+ paise: expected 1 to 12000 of attempt 'a'"):
        apply(due, Refunded("r", "a", amount))


def test_reports_about_attempts_nobody_began_are_refused():
    with pytest.raises(IllegalStep, match="due due has no attempt 'b'"):
        apply(asked("a"), captured("b"))


def test_a_capture_without_amount_or_instant_is_refused():
    for report in (Reported("a", Report.CAPTURED), Reported("a", Report.CAPTURED, 0, NOON)):
        with pytest.raises(IllegalStep, match="expected its amount"):
            apply(asked("a"), report)


def test_nothing_is_no_due():
    with pytest.raises(ValueError, match="expected more than 0"):
        Due("due", 0)


@given(st.lists(st.sampled_from(Report), min_size=1, max_size=8), st.randoms())
def test_an_attempt_ends_the_same_whatever_the_order_of_reports(reports, random):
    def end(order):
        attempt = Attempt("a", 1)
        for report in order:
            attempt = hear(attempt, report)
        return attempt.status

    shuffled = [*reports, *random.choices(reports, k=3)]
    random.shuffle(shuffled)
    assert end(shuffled) == end(reports)


def test_captured_money_is_never_forgotten():
    assert not [move for move in ATTEMPT_MOVES if move[0] is AttemptStatus.CAPTURED]
    assert all((status, Report.CAPTURED) in ATTEMPT_MOVES for status in set(AttemptStatus) - KEPT)


KEPT = {AttemptStatus.CAPTURED, AttemptStatus.DUPLICATE, AttemptStatus.MISMATCH}
reports = st.builds(
    lambda attempt, report: captured(attempt) if report is Report.CAPTURED else Reported(attempt, report),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([*Report, Report.CAPTURED]),
)


@given(st.lists(reports, min_size=1, max_size=10), st.randoms())
def test_a_due_ends_the_same_whatever_is_told_twice_or_late(script, random):
    """All but which of several captures came first, and so was kept."""

    def end(events):
        due, done = told(asked("a", "b", "c"), *events)
        ends = sorted("captured" if a.status in KEPT else a.status for a in due.attempts.values())
        return due.status, ends, sorted((do.effect, do.amount_paise) for do in done)

    shuffled = [*script, *random.choices(script, k=4)]
    random.shuffle(shuffled)
    assert end(shuffled) == end(script)
    due, done = told(asked("a", "b", "c"), *shuffled)
    came = {event.attempt_id for event in script if event.report is Report.CAPTURED}
    assert (due.status is DueStatus.PAID) == bool(came)
    assert len([do for do in done if do.effect is Effect.PERMIT]) == bool(came)
    assert len([do for do in done if do.effect is Effect.REFUND_DUPLICATE]) == max(0, len(came) - 1)
