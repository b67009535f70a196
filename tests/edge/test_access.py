"""Who may pass: every reason to admit, refuse, ask, open or request, one by one, and what must never open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.protocol.messages import (
    AccessEntry,
    AccessList,
    EntryHow,
    ExitHow,
    OpeningHours,
    PlateSeen,
    Quote,
    SessionState,
    SessionStatus,
)
from edge.rules.access import (
    Admit,
    Ask,
    Known,
    Open,
    Reason,
    Refuse,
    Request,
    SiteRules,
    decide_entry,
    decide_exit,
    is_open,
    permitted,
    without_answer,
)

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # a Tuesday, 12:00 in India
INDIA = ZoneInfo("Asia/Kolkata")
CAR = PlateSeen(text="MH12AB1234")
STAY = "11111111-0000-7000-8000-000000000001"
REQUEST = "22222222-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Row:
    state: SessionState
    passed: bool = False


def stay(status: SessionStatus = SessionStatus.OPEN, session: str = STAY, **more) -> SessionState:
    entered = NOON - timedelta(hours=1)
    return SessionState(session=session, version=1, plate=CAR.text, entered_at=entered, status=status, **more)


def lists(*entries: AccessEntry, hours: tuple[OpeningHours, ...] = ()) -> AccessList:
    return AccessList(site="main", version=1, entries=entries, hours=hours)


def a_pass(**more) -> AccessEntry:
    return AccessEntry(plate=CAR.text, kind="pass", **more)


CLOSED_TODAY = (OpeningHours(weekdays=(0,), opens="08:00", closes="20:00"),)


def test_a_read_plate_is_admitted():
    assert decide_entry(CAR, Known(), SiteRules(), NOON) == Admit(EntryHow.PLATE, "car")


def test_a_pass_gives_the_vehicle_its_class():
    known = Known(lists=lists(a_pass(vehicle_class="bike")))
    assert decide_entry(CAR, known, SiteRules(), NOON) == Admit(EntryHow.PLATE, "bike")


def test_a_denied_plate_is_refused_even_with_a_pass():
    known = Known(lists=lists(a_pass(), AccessEntry(plate=CAR.text, kind="denied")))
    assert decide_entry(CAR, known, SiteRules(), NOON) == Refuse(Reason.DENIED)


def test_a_denial_holds_only_in_its_time():
    over = AccessEntry(plate=CAR.text, kind="denied", valid_until=NOON)
    assert isinstance(decide_entry(CAR, Known(lists=lists(over)), SiteRules(), NOON), Admit)


def test_outside_opening_hours_only_pass_holders_enter():
    closed = Known(lists=lists(hours=CLOSED_TODAY), zone=INDIA)
    assert decide_entry(CAR, closed, SiteRules(), NOON) == Refuse(Reason.OUTSIDE_HOURS)
    with_pass = Known(lists=lists(a_pass(), hours=CLOSED_TODAY), zone=INDIA)
    assert isinstance(decide_entry(CAR, with_pass, SiteRules(), NOON), Admit)


def test_opening_hours_in_a_zone_nobody_knows_shut_nobody_out():
    unknown = Known(lists=lists(hours=CLOSED_TODAY), zone=None)
    assert isinstance(decide_entry(CAR, unknown, SiteRules(), NOON), Admit)


def test_a_site_for_pass_holders_refuses_others_and_asks_about_unread_plates():
    rules = SiteRules(passes_only=True, unread="admit")
    assert decide_entry(CAR, Known(), rules, NOON) == Refuse(Reason.NO_PASS)
    assert decide_entry(None, Known(), rules, NOON) == Ask(Reason.NO_PASS)


@pytest.mark.parametrize("when_full, decision", [("refuse", Refuse(Reason.FULL)), ("ask", Ask(Reason.FULL))])
@pytest.mark.parametrize("unread", ["ask", "admit"])
def test_a_full_car_park_takes_no_vehicle_for_hiding_its_plate(when_full, decision, unread):
    rules = SiteRules(unread=unread, capacity=5, when_full=when_full)
    assert decide_entry(None, Known(inside=5), rules, NOON) == decision


@pytest.mark.parametrize(
    "when_full, decision",
    [("refuse", Refuse(Reason.FULL)), ("ask", Ask(Reason.FULL)), ("admit", Admit(EntryHow.PLATE, "car"))],
)
def test_a_full_car_park_does_what_the_site_chose(when_full, decision):
    rules = SiteRules(capacity=5, when_full=when_full)
    assert decide_entry(CAR, Known(inside=5), rules, NOON) == decision
    assert isinstance(decide_entry(CAR, Known(inside=4), rules, NOON), Admit)


def test_a_pass_holder_enters_a_full_car_park():
    assert isinstance(decide_entry(CAR, Known(inside=5, lists=lists(a_pass())), SiteRules(capacity=5), NOON), Admit)


@pytest.mark.parametrize("unread, decision", [("ask", Ask(Reason.UNREAD)), ("admit", Admit(EntryHow.UNREAD, "car"))])
def test_an_unread_plate_does_what_the_site_chose(unread, decision):
    assert decide_entry(None, Known(), SiteRules(unread=unread), NOON) == decision


def test_a_plate_already_inside_is_let_in_and_flagged():
    known = Known(stays=(Row(stay()),))
    assert decide_entry(CAR, known, SiteRules(), NOON) == Admit(EntryHow.PLATE, "car", ("already_inside",))


def test_a_plate_that_has_left_is_not_flagged():
    known = Known(stays=(Row(stay(), passed=True), Row(stay(SessionStatus.UNMATCHED))))
    assert decide_entry(CAR, known, SiteRules(), NOON) == Admit(EntryHow.PLATE, "car")


def test_nobody_enters_when_it_can_not_be_recorded():
    assert decide_entry(CAR, Known(can_record=False), SiteRules(), NOON) == Refuse(Reason.CANT_RECORD)


@pytest.mark.parametrize(
    "time, opens, closes, expected",
    [
        ("06:29", "12:00", "20:00", False),
        ("06:30", "12:00", "20:00", True),
        ("14:29", "12:00", "20:00", True),
        ("14:30", "12:00", "20:00", False),
        ("18:29", "12:00", "24:00", True),
        ("18:30", "12:00", "24:00", False),
    ],
)
def test_opening_hours_are_in_the_site_s_own_time(time, opens, closes, expected):
    hours = (OpeningHours(weekdays=(1,), opens=opens, closes=closes),)
    now = datetime.fromisoformat(f"2026-11-24T{time}:00+00:00")
    assert is_open(lists(hours=hours), INDIA, now) is expected


def test_hours_past_midnight_belong_to_the_day_they_began_on():
    night = lists(hours=(OpeningHours(weekdays=(1,), opens="20:00", closes="04:00"),))
    assert is_open(night, INDIA, datetime(2026, 11, 24, 20, 0, tzinfo=UTC))  # Wednesday 01:30 in India
    assert not is_open(night, INDIA, datetime(2026, 11, 23, 20, 0, tzinfo=UTC))  # Tuesday 01:30


def test_a_permit_opens_until_its_last_second():
    state = stay(SessionStatus.PAID, permit_until=NOON)
    assert decide_exit(CAR, Known(stays=(Row(state),)), NOON) == Open(STAY, ExitHow.PERMIT)
    late = NOON + timedelta(seconds=1)
    assert decide_exit(CAR, Known(stays=(Row(state),)), late) == Request(STAY, Reason.UNPAID)


def test_grace_after_entry_and_an_exempt_stay_open_too():
    grace = stay(SessionStatus.OPEN, permit_until=NOON + timedelta(minutes=5))
    assert isinstance(decide_exit(CAR, Known(stays=(Row(grace),)), NOON), Open)
    assert isinstance(decide_exit(CAR, Known(stays=(Row(stay(SessionStatus.EXEMPT)),)), NOON), Open)


def test_an_open_stay_asks_central():
    assert decide_exit(CAR, Known(stays=(Row(stay()),)), NOON) == Request(STAY, Reason.UNPAID)


def test_an_unknown_plate_asks_central_which_may_know_better():
    assert decide_exit(CAR, Known(), NOON) == Request(None, Reason.NO_STAY)


def test_an_unread_plate_needs_help():
    assert decide_exit(None, Known(), NOON) == Ask(Reason.UNREAD)


def test_of_two_stays_of_a_plate_the_later_entry_counts():
    later = stay(SessionStatus.OPEN, session="33333333-0000-7000-8000-000000000001")
    rows = (Row(later), Row(stay(SessionStatus.EXEMPT)))
    assert decide_exit(CAR, Known(stays=rows), NOON) == Request(later.session, Reason.UNPAID)


def test_a_payment_that_answers_the_waiting_vehicle_opens_whatever_the_gate_s_clock_says():
    quote = Quote(
        request=REQUEST,
        gate="exit-1",
        amount_paise=1,
        stopped_at=NOON,
        expires_at=NOON,
        pay_url="https://p.example/t/x",
    )
    state = stay(SessionStatus.PAID, permit_until=NOON - timedelta(days=1), quote=quote)
    assert permitted(state, NOON, REQUEST)
    assert not permitted(state, NOON, STAY)
    assert not permitted(state, NOON)


def test_without_an_answer_only_a_known_stay_is_billed_later():
    bill = SiteRules(exit_without_permit="open_and_bill")
    assert without_answer(STAY, bill) == Open(STAY, ExitHow.OPEN_AND_BILL)
    assert without_answer(None, bill) == Ask(Reason.NO_ANSWER)
    assert without_answer(STAY, SiteRules()) == Ask(Reason.NO_ANSWER)


rows = st.builds(
    Row,
    st.builds(
        stay,
        st.sampled_from(SessionStatus),
        permit_until=st.one_of(st.none(), st.timedeltas(timedelta(-9), timedelta(9)).map(lambda d: NOON + d)),
    ),
    st.booleans(),
)


@given(st.lists(rows, max_size=4))
def test_an_exit_opens_only_for_a_live_stay_that_has_not_left_and_may_leave(stays):
    decision = decide_exit(CAR, Known(stays=tuple(stays)), NOON)
    if isinstance(decision, Open):
        row = next(row for row in stays if not row.passed and row.state.status is not SessionStatus.UNMATCHED)
        assert decision.session == row.state.session
        assert row.state.permit_until is None or row.state.permit_until >= NOON
        assert row.state.permit_until is not None or row.state.status is SessionStatus.EXEMPT


@given(st.lists(rows, max_size=3), st.booleans(), st.integers(0, 9), st.sampled_from([None, CAR]))
def test_nobody_is_admitted_while_denied_or_unrecordable(stays, can_record, inside, plate):
    denied = lists(AccessEntry(plate=CAR.text, kind="denied"))
    known = Known(tuple(stays), inside, denied, can_record)
    decision = decide_entry(plate, known, SiteRules(unread="admit"), NOON)
    assert isinstance(decision, Admit) is (plate is None and can_record)
