"""The lane's rules driven by scripts of inputs and news: what each kind of vehicle comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest

from edge.protocol.messages import (
    AccessEntry,
    AccessList,
    Entered,
    EntryHow,
    EntryRefused,
    Exited,
    ExitHow,
    ExitRequested,
    ExitWithdrawn,
    GateNotice,
    PassageEnded,
    Quote,
    SessionState,
    SessionStatus,
)
from edge.rules.access import Known, Reason, SiteRules
from edge.rules.lane.visit import MOVES, LaneError, Stage, Turn, Visit, diagram, move
from edge.rules.lane.words import Answer, Carried, Ordered, Read
from edge.rules.records import Grant
from tests.edge.lane_scripts import CAR, NOON, OTHER, Script

STAY = "11111111-0000-7000-8000-000000000001"
COMMAND = "22222222-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Row:
    state: SessionState
    passed: bool = False


def stay(status=SessionStatus.OPEN, **more) -> SessionState:
    return SessionState(
        session=STAY, version=2, plate=CAR.text, entered_at=NOON - timedelta(hours=2), status=status, **more
    )


def quote(request: str, lasts_s: float = 600.0, at=NOON) -> Quote:
    return Quote(
        request=request,
        gate="exit-1",
        amount_paise=17000,
        stopped_at=at,
        expires_at=at + timedelta(seconds=lasts_s),
        pay_url="https://park.example.org/t/x",
    )


def order(name: str) -> Ordered:
    return Ordered(COMMAND, name, "anita")


def exit_with(*rows: Row, **rules) -> Script:
    return Script("exit", Known(stays=rows), **rules)


# -- entry ----------------------------------------------------------------------------------------------------------


def test_a_vehicle_whose_plate_is_read_enters_once_it_has_passed():
    lane = Script()
    lane.arrive()
    assert lane.watched == 1
    lane.read(CAR)
    assert lane.wish.grant
    assert lane.of(Entered) == []
    lane.drive_through()
    [entered] = lane.of(Entered)
    assert entered.plate == CAR
    assert entered.how is EntryHow.PLATE
    assert entered.image == "a" * 64
    assert lane.resolved == [lane.grants[0].id]
    assert lane.session_of(Entered) == lane.grants[0].session
    assert not lane.wish.grant and lane.lane.visit is None


def test_the_boom_is_asked_down_only_behind_the_vehicle():
    lane = Script()
    lane.arrive()
    lane.read()
    lane.drive_under()
    assert not lane.wish.close
    lane.set(0.5, exit_loop=True)
    assert not lane.wish.close
    lane.boom_down = False
    lane.set(0.04, closing_loop=False, photocell=False)
    assert lane.wish.close


def test_a_plate_once_decided_is_not_flipped_by_a_later_reading():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.read(OTHER)
    lane.drive_through()
    assert [entered.plate.text for entered in lane.of(Entered)] == [CAR.text]


def test_news_of_a_visit_that_is_over_is_ignored():
    lane = Script()
    lane.arrive()
    gone = lane.lane.visit.id
    lane.leave()
    lane.arrive()
    lane.hear(Read(gone, OTHER))
    assert lane.lane.visit.stage is Stage.WATCHING


def test_an_unread_vehicle_gets_a_ticket_by_the_button():
    lane = Script()
    lane.arrive()
    lane.run(8.0)
    assert lane.lane.visit.stage is Stage.ASKING
    assert lane.lane.visit.reason is Reason.UNREAD
    lane.press()
    lane.drive_through()
    [entered] = lane.of(Entered)
    assert entered.how is EntryHow.BUTTON and entered.plate is None


def test_an_unread_vehicle_that_stays_is_read_again_until_it_can_be():
    lane = Script()
    lane.arrive()
    lane.run(20.0)
    assert lane.watched >= 2
    lane.read(CAR)
    assert lane.wish.grant


def test_a_site_may_let_unread_vehicles_in_with_their_picture():
    lane = Script(site=SiteRules(unread="admit"))
    lane.arrive()
    lane.run(6.2)
    lane.read(None, image="b" * 64)
    assert lane.wish.grant
    lane.drive_through()
    [entered] = lane.of(Entered)
    assert entered.how is EntryHow.UNREAD and entered.image == "b" * 64


def test_the_button_calls_a_person_where_the_site_says_so_and_a_person_opens():
    lane = Script(button="help")
    lane.arrive()
    lane.run(8.0)
    lane.press()
    assert not lane.wish.grant
    assert "help_called" in [notice.code for notice in lane.of(GateNotice)]
    lane.hear(order("open"))
    lane.drive_through()
    assert lane.of(Entered)[0].how is EntryHow.OPERATOR
    assert [a.order.name for a in lane.actions if isinstance(a, Carried)] == ["open"]


def test_a_denied_vehicle_is_refused_once_and_a_person_can_still_open():
    lists = AccessList(site="main", version=1, entries=(AccessEntry(plate=CAR.text, kind="denied"),))
    lane = Script(known=Known(lists=lists))
    lane.arrive()
    lane.read(CAR)
    lane.run(30.0)
    assert [refused.reason for refused in lane.of(EntryRefused)] == [Reason.DENIED]
    assert not lane.wish.grant
    lane.hear(order("open"))
    assert lane.wish.grant


def test_a_full_car_park_lets_the_waiting_vehicle_in_when_another_leaves():
    lane = Script(known=Known(inside=10), site=SiteRules(capacity=10))
    lane.arrive()
    lane.read(CAR)
    lane.run(25.0)
    assert len(lane.of(EntryRefused)) == 1
    lane.known = Known(inside=9)
    lane.run(11.0)
    assert lane.wish.grant


def test_hiding_the_plate_from_a_full_car_park_gets_nobody_a_ticket():
    for when_full, reason in (("refuse", Stage.REFUSED), ("ask", Stage.ASKING)):
        lane = Script(known=Known(inside=10), site=SiteRules(capacity=10, when_full=when_full))
        lane.arrive()
        lane.run(8.0)
        assert (lane.lane.visit.stage, lane.lane.visit.reason) == (reason, Reason.FULL)
        lane.press()
        assert lane.grants == [] and "help_called" in lane.codes


def test_hiding_the_plate_from_a_site_for_pass_holders_calls_a_person():
    lane = Script(site=SiteRules(passes_only=True))
    lane.arrive()
    lane.run(8.0)
    assert (lane.lane.visit.stage, lane.lane.visit.reason) == (Stage.ASKING, Reason.NO_PASS)
    lane.press()
    assert lane.grants == [] and "help_called" in lane.codes


def test_a_pass_holder_refused_while_unread_enters_once_the_plate_is_read():
    passes = AccessList(site="main", version=1, entries=(AccessEntry(plate=CAR.text, kind="pass"),))
    lane = Script(known=Known(inside=10, lists=passes), site=SiteRules(capacity=10))
    lane.arrive()
    lane.run(8.0)
    assert lane.lane.visit.stage is Stage.REFUSED
    lane.run(12.0)
    assert lane.watched >= 2 and len(lane.of(EntryRefused)) == 1
    lane.read(CAR)
    assert lane.wish.grant


def test_a_full_disk_lets_nobody_in_unrecorded():
    lane = Script()
    lane.disk_full = True
    lane.arrive()
    lane.read(CAR)
    assert not lane.wish.grant
    assert lane.of(EntryRefused)[0].reason == Reason.CANT_RECORD


def test_a_vehicle_that_does_not_drive_loses_its_grant_and_gets_it_back_by_the_button():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.run(30.5)
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["no_show"]
    assert lane.resolved == [lane.grants[0].id]
    assert not lane.wish.grant
    lane.press()
    assert lane.wish.grant
    lane.drive_through()
    assert len(lane.of(Entered)) == 1
    assert lane.resolved == [grant.id for grant in lane.grants]


def test_a_vehicle_that_backs_away_before_the_boom_has_not_entered():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.leave()
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["backed_out"]
    assert lane.of(Entered) == []
    assert lane.resolved == [lane.grants[0].id]


def test_a_vehicle_that_backs_out_from_under_the_boom_has_not_entered():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.set(0.5, closing_loop=True)
    lane.set(2.0, closing_loop=False)
    lane.leave()
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["backed_out"]
    assert lane.of(Entered) == []


def test_a_short_vehicle_is_followed_through_the_gap_between_the_loops():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.set(0.3, arming_loop=False)
    lane.set(0.3, closing_loop=True)
    lane.set(0.8, closing_loop=False)
    lane.set(0.3, exit_loop=True)
    assert len(lane.of(Entered)) == 1


def test_a_dead_exit_loop_loses_no_vehicle():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.drive_under()
    lane.set(3.0, closing_loop=False, photocell=False)
    assert len(lane.of(Entered)) == 1


def test_a_second_vehicle_right_behind_is_a_visit_of_its_own():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.set(0.5, closing_loop=True)
    lane.set(0.5, exit_loop=True)
    lane.set(0.2, closing_loop=False)
    assert len(lane.of(Entered)) == 1
    assert lane.lane.visit is not None
    lane.set(1.0, exit_loop=False)
    lane.read(OTHER)
    lane.drive_through()
    assert [entered.plate.text for entered in lane.of(Entered)] == [CAR.text, OTHER.text]


def test_the_rear_plate_of_the_vehicle_just_passed_admits_nobody():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.drive_through()
    lane.arrive()
    lane.read(CAR)
    assert not lane.wish.grant
    assert lane.lane.visit.stage is Stage.WATCHING


def test_a_vehicle_that_follows_another_one_closely_is_recorded_as_tailgating():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.drive_under()
    lane.set(0.5, exit_loop=True)
    lane.set(0.6, exit_loop=False)
    lane.set(0.5, exit_loop=True)
    lane.set(0.5, closing_loop=False, photocell=False)
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.PLATE, EntryHow.TAILGATED]
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["tailgated"]


def test_a_vehicle_coming_the_wrong_way_is_flagged_and_not_let_in():
    lane = Script()
    lane.boom_down = False
    lane.set(0.5, exit_loop=True)
    lane.set(0.5, closing_loop=True)
    lane.set(0.5, exit_loop=False)
    lane.set(0.5, arming_loop=True)
    lane.set(2.0, closing_loop=False)
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["wrong_way"]
    assert lane.lane.visit is None
    lane.set(arming_loop=False)
    lane.arrive()
    assert lane.lane.visit is not None


def test_a_boom_held_open_by_a_person_still_records_who_passes():
    lane = Script()
    lane.hear(order("hold"))
    assert lane.wish.hold
    lane.arrive()
    lane.drive_through()
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.OPERATOR]
    assert lane.of(PassageEnded) == []
    lane.boom_down = False
    lane.news.append(order("release"))
    lane.tick()
    assert not lane.wish.hold and lane.wish.close


def test_a_person_may_open_for_a_vehicle_that_no_loop_sees():
    lane = Script()
    lane.hear(order("open"))
    assert lane.wish.grant
    lane.run(10.0)
    assert lane.wish.grant
    lane.run(21.0)
    assert not lane.wish.grant
    assert [ended.outcome for ended in lane.of(PassageEnded)] == ["no_show"]
    lane.run(2.0)
    assert lane.lane.visit is None


def test_an_emergency_stop_ends_the_grant_and_the_button_gives_it_again():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.set(stop=True)
    assert not lane.wish.grant
    lane.set(stop=False)
    assert not lane.wish.grant
    lane.press()
    assert lane.wish.grant


def test_a_command_to_close_ends_the_grant_and_asks_the_boom_afresh():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.boom_down = False
    lane.news.append(order("close"))
    lane.tick()
    assert not lane.wish.grant and not lane.wish.close
    lane.tick()
    assert lane.wish.close


def test_a_fault_reset_is_wished_for_one_tick():
    lane = Script()
    lane.news.append(order("reset_fault"))
    lane.tick()
    assert lane.wish.reset
    lane.tick()
    assert not lane.wish.reset


def test_a_lowered_boom_is_not_asked_down_for_ever():
    lane = Script()
    lane.run(1.0)
    assert not lane.wish.close


# -- exit -----------------------------------------------------------------------------------------------------------


def test_a_paid_vehicle_leaves_unasked():
    lane = exit_with(Row(stay(SessionStatus.PAID, permit_until=NOON + timedelta(minutes=15))))
    lane.arrive()
    lane.read(CAR)
    assert lane.wish.grant
    lane.drive_through()
    [exited] = lane.of(Exited)
    assert exited.how is ExitHow.PERMIT
    assert lane.session_of(Exited) == STAY
    assert lane.of(ExitRequested) == []


def test_an_unpaid_vehicle_asks_sees_the_amount_pays_and_leaves():
    lane = exit_with(Row(stay()))
    lane.arrive()
    lane.read(CAR)
    [requested] = lane.of(ExitRequested)
    assert lane.session_of(ExitRequested) == STAY
    asked = quote(requested.request)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=asked)))
    assert lane.lane.visit.stage is Stage.QUOTED
    assert lane.lane.visit.quote.amount_paise == 17000
    assert not lane.wish.grant
    lane.hear(Answer(stay(SessionStatus.PAID, quote=asked)))
    assert lane.wish.grant
    lane.drive_through()
    [exited] = lane.of(Exited)
    assert exited.request == requested.request


def test_a_quote_for_another_gate_or_stay_shows_and_opens_nothing():
    lane = exit_with(Row(stay()))
    lane.arrive()
    lane.read(CAR)
    other = stay(SessionStatus.PAID, quote=quote("33333333-0000-7000-8000-000000000009"))
    lane.hear(Answer(other.model_copy(update={"session": COMMAND})))
    assert lane.lane.visit.stage is Stage.REQUESTING


def test_a_payment_made_elsewhere_while_the_vehicle_waits_opens():
    lane = exit_with(Row(stay()))
    lane.arrive()
    lane.read(CAR)
    lane.hear(Answer(stay(SessionStatus.PAID, permit_until=NOON + timedelta(minutes=15))))
    assert lane.wish.grant


def test_a_stay_that_central_finds_by_a_near_plate_is_quoted():
    lane = exit_with()
    lane.arrive()
    lane.read(CAR)
    [requested] = lane.of(ExitRequested)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(requested.request))))
    assert lane.lane.visit.stage is Stage.QUOTED
    assert lane.lane.visit.session == STAY


def test_a_vehicle_no_entry_fits_waits_for_a_person_who_opens():
    lane = exit_with()
    lane.arrive()
    lane.read(CAR)
    [requested] = lane.of(ExitRequested)
    lane.hear(Answer(stay(SessionStatus.UNMATCHED, quote=quote(requested.request))))
    assert lane.lane.visit.stage is Stage.ASKING
    lane.run(120.0)
    assert not lane.wish.grant
    lane.hear(order("open"))
    lane.drive_through()
    assert lane.of(Exited)[0].how is ExitHow.OPERATOR


def test_an_exit_that_lost_its_answer_asks_again_by_the_same_request():
    lane = exit_with(Row(stay()), central_wait_s=1000.0)
    lane.arrive()
    lane.read(CAR)
    lane.run(60.0)
    requests = [requested.request for requested in lane.of(ExitRequested)]
    assert len(requests) == 3
    assert len(set(requests)) == 1


def test_an_expired_quote_is_asked_for_again_and_never_times_the_vehicle_away():
    lane = exit_with(Row(stay()), central_wait_s=1000.0)
    lane.arrive()
    lane.read(CAR)
    request = lane.of(ExitRequested)[0].request
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(request, lasts_s=10.0))))
    lane.run(10.0)
    assert lane.lane.visit.stage is Stage.REQUESTING
    again = quote(request, at=lane.wall)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=again)))
    lane.run(300.0)
    assert lane.lane.visit.stage is Stage.QUOTED


@pytest.mark.parametrize("off_s", [1200.0, 86400.0, -86400.0])
def test_a_quote_is_shown_and_lasts_whatever_the_gate_s_clock_thinks_of_it(off_s):
    lane = exit_with(Row(stay()), central_wait_s=1000.0)
    lane.arrive()
    lane.read(CAR)
    request = lane.of(ExitRequested)[0].request
    of_central = quote(request, at=lane.wall - timedelta(seconds=off_s))
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=of_central)))
    lane.run(200.0)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=of_central)))  # said again, it lasts no longer
    lane.run(90.0)
    assert lane.lane.visit.stage is Stage.QUOTED
    lane.run(20.0)
    assert lane.lane.visit.stage is Stage.REQUESTING


def test_an_answer_to_the_unread_vehicle_does_not_hold_back_the_plate_just_read():
    lane = exit_with(Row(stay(SessionStatus.EXEMPT)))
    lane.arrive()
    lane.run(8.0)
    lane.read(None)
    visit = lane.lane.visit
    unmatched = SessionState(
        session=COMMAND,
        version=1,
        plate=None,
        entered_at=None,
        status=SessionStatus.UNMATCHED,
        quote=quote(visit.request, at=lane.wall),
    )
    lane.news.append(Read(visit.id, CAR, "a" * 64))
    lane.tick()
    assert lane.lane.visit.stage is Stage.DECIDING
    lane.news.insert(0, Answer(unmatched))
    lane.run(0.1)
    assert lane.wish.grant


def test_a_permit_that_comes_while_the_journal_is_asked_opens():
    lane = exit_with(Row(stay()))
    lane.arrive()
    lane.run(8.0)
    visit = lane.lane.visit
    lane.news.append(Read(visit.id, CAR, "a" * 64))
    lane.tick()
    lane.news.insert(0, Answer(stay(SessionStatus.PAID, quote=quote(visit.request, at=lane.wall))))
    lane.run(0.1)
    assert lane.wish.grant


def test_a_vehicle_that_backs_away_before_paying_has_withdrawn():
    lane = exit_with(Row(stay()))
    lane.arrive()
    lane.read(CAR)
    request = lane.of(ExitRequested)[0].request
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(request))))
    lane.leave(2.0)
    assert [withdrawn.request for withdrawn in lane.of(ExitWithdrawn)] == [request]
    assert lane.session_of(ExitWithdrawn) == STAY
    assert lane.of(Exited) == []


def test_cut_off_from_central_a_known_stay_leaves_and_is_billed_where_the_site_says_so():
    lane = exit_with(Row(stay()), site=SiteRules(exit_without_permit="open_and_bill"))
    lane.arrive()
    lane.read(CAR)
    lane.run(19.0)
    assert not lane.wish.grant
    lane.run(2.0)
    assert lane.wish.grant
    lane.drive_through()
    assert lane.of(Exited)[0].how is ExitHow.OPEN_AND_BILL


@pytest.mark.parametrize("policy, rows", [("hold", (Row(stay()),)), ("open_and_bill", ())])
def test_cut_off_from_central_the_others_wait_for_a_person(policy, rows):
    lane = exit_with(*rows, site=SiteRules(exit_without_permit=policy))
    lane.arrive()
    lane.read(CAR)
    lane.run(25.0)
    assert lane.lane.visit.stage is Stage.ASKING
    assert lane.lane.visit.reason is Reason.NO_ANSWER
    assert not lane.wish.grant


def test_a_plate_whose_stay_has_left_already_opens_nothing_even_if_paid():
    paid = stay(SessionStatus.PAID, permit_until=NOON + timedelta(hours=1))
    lane = exit_with(Row(paid, passed=True))
    lane.arrive()
    lane.read(CAR)
    assert lane.lane.visit.reason is Reason.ALREADY_LEFT
    assert not lane.wish.grant


def test_an_unread_vehicle_at_the_exit_is_told_to_central_and_leaves_once_central_has_found_its_stay():
    lane = exit_with()
    lane.arrive()
    lane.run(8.0)
    [requested] = lane.of(ExitRequested)
    assert requested.plate is None
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(requested.request))))
    lane.hear(Answer(stay(SessionStatus.PAID, quote=quote(requested.request))))
    lane.drive_through()
    assert lane.session_of(Exited) == STAY


def test_an_unread_vehicle_at_the_exit_that_is_read_later_leaves_on_its_permit():
    lane = exit_with()
    lane.arrive()
    lane.run(8.0)
    lane.known = Known(stays=(Row(stay(SessionStatus.EXEMPT)),))
    lane.read(CAR)
    assert lane.wish.grant


def test_a_full_disk_still_lets_paid_vehicles_out():
    lane = exit_with(Row(stay(SessionStatus.EXEMPT)))
    lane.disk_full = True
    lane.arrive()
    lane.read(CAR)
    assert lane.wish.grant
    assert "grant_unrecorded" in [notice.code for notice in lane.of(GateNotice)]


def test_an_exit_that_is_open_without_its_vehicle_driving_may_be_called_again_by_the_button():
    lane = exit_with(Row(stay(SessionStatus.EXEMPT)))
    lane.arrive()
    lane.read(CAR)
    lane.run(31.0)
    assert not lane.wish.grant
    lane.press()
    lane.drive_through()
    assert [exited.how for exited in lane.of(Exited)] == [ExitHow.PERMIT]


# -- after a crash ----------------------------------------------------------------------------------------------------


def left_open(direction: str = "entry") -> Grant:
    return Grant(
        id="44444444-0000-7000-8000-000000000001",
        lane=direction,
        granted_at=NOON,
        session=STAY,
        ticket="ABCDEFGHJKMNPQRSTUVWXYZ234" if direction == "entry" else None,
        plate=CAR,
        how="plate" if direction == "entry" else "permit",
    )


def restarted() -> Script:
    """A gate that has just started and has not had its first trusted look."""
    lane = Script()
    lane.lane = replace(lane.lane, settled=False, began=lane.now, carried=left_open())
    return lane


def test_a_grant_left_by_a_crash_is_assumed_passed_when_nobody_is_there():
    lane = Script(carried=left_open())
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.ASSUMED]
    assert lane.resolved == [left_open().id]


def test_the_vehicle_of_such_a_grant_that_still_stands_there_gets_the_same_grant():
    lane = restarted()
    lane.arrive()
    lane.run(0.6)
    assert lane.facts == []
    lane.read(CAR)
    assert lane.wish.grant
    lane.drive_through()
    assert [(entered.how, entered.ticket) for entered in lane.of(Entered)] == [(EntryHow.PLATE, left_open().ticket)]
    assert lane.session_of(Entered) == STAY
    assert lane.resolved == [left_open().id]


def test_another_vehicle_there_leaves_the_grant_to_be_assumed():
    lane = restarted()
    lane.arrive()
    lane.run(0.6)
    lane.read(OTHER)
    lane.drive_through()
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.ASSUMED, EntryHow.PLATE]


def test_a_vehicle_under_the_boom_at_the_restart_is_the_one_with_the_grant():
    lane = restarted()
    lane.boom_down = False
    lane.set(closing_loop=True)
    lane.run(1.0)
    lane.drive_out()
    assert [entered.how for entered in lane.of(Entered)] == [EntryHow.PLATE]
    assert lane.session_of(Entered) == STAY


# -- the table --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage, turn", list(product(Stage, Turn)))
def test_a_step_the_table_lacks_raises_and_changes_nothing(stage, turn):
    visit = Visit("v", 0.0, stage, 0.0, "car")
    if (stage, turn) in MOVES:
        assert move(visit, turn, 1.0).stage is MOVES[stage, turn]
    else:
        with pytest.raises(LaneError, match=turn.name):
            move(visit, turn, 1.0)


def test_from_every_stage_before_the_boom_a_person_can_let_the_vehicle_through():
    standing = set(Stage) - {Stage.PASSING, Stage.PASSED, Stage.GONE, Stage.GRANTING, Stage.OPEN}
    assert {stage for (stage, turn) in MOVES if turn is Turn.PERSON} == standing


def test_the_diagram_is_drawn_from_the_table():
    assert "    quoted --> granting: permit came" in diagram()


def test_a_vehicle_let_through_by_a_person_before_it_was_read_still_has_its_picture_on_record():
    for late in ("before it drives", "while it crosses"):
        lane = Script()
        lane.arrive()
        visit = lane.lane.visit.id
        lane.hear(order("open"))
        if late == "while it crosses":
            lane.drive_under()
        lane.hear(Read(visit, None, "c" * 64))
        if late == "before it drives":
            lane.drive_under()
        lane.drive_out()
        [entered] = lane.of(Entered)
        assert (entered.how, entered.image) == (EntryHow.OPERATOR, "c" * 64)
