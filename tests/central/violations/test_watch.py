"""What gates report, and whether anybody is accused of it: on both databases, through the messages' own door."""

from __future__ import annotations

import pytest

from central import jobs
from central.actions import access, stay_fixes, violation_watch
from central.actions.corrections import Who
from central.jobs import Desk
from central.payments import service
from central.rules.violations import Kind
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, EntryHow, EntryRefused, Exited, ExitHow, ExitRequested, PlateSeen
from tests.central.car_park import SITE, START, CarPark, minutes, plate
from tests.central.ledger.books import Psp
from tests.central.violations.notices import FINE, kinds, raised, watch
from tests.central.visits import PLATE, enter, leave, request

IMAGE, OTHER = "a" * 64, "b" * 64


def unsure(text: str = PLATE) -> PlateSeen:
    return PlateSeen(text=text, raw=text, confidence=0.7)


def let_out(park: CarPark, at: float, session: str, seen: PlateSeen | None = None, how=ExitHow.OPEN_AND_BILL) -> None:
    facts = Exited(plate=seen or plate(PLATE), how=how, image=IMAGE)
    park.hear(park.exit.report(facts, minutes(at), session), now=minutes(at))


def deny(park: CarPark, text: str = PLATE, at: float = -10) -> None:
    with park.db.begin() as session:
        access.set_rule(session, SITE, text, "denied", minutes(at), "tests")


def work(park: CarPark, at: float) -> None:
    desk = Desk(park.db, park.settings, Psp())
    while jobs.run_one(desk, minutes(at), only=(violation_watch.UNPAID,)):
        pass


def test_nothing_is_raised_at_a_site_that_has_set_nothing(park):
    deny(park)
    session, _ = enter(park)
    enter(park, 5)
    let_out(park, 5000, session)
    work(park, 90_000)
    assert raised(park) == [] and park.stay(session).review is None


def test_who_is_let_out_to_be_billed_and_does_not_pay_in_time_gets_one_notice(park):
    watch(park, Kind.UNPAID_EXIT)
    session, _ = enter(park)
    let_out(park, 45, session)
    work(park, 104)
    assert raised(park) == [], "there is an hour to pay"
    work(park, 105)
    work(park, 500)
    [notice] = raised(park)
    assert (notice.kind, notice.plate, notice.image, notice.amount_paise) == ("unpaid_exit", PLATE, IMAGE, FINE)
    assert (notice.happened_at, notice.since, notice.confidence) == (minutes(45), START, 0.98)
    assert [(due.kind, due.amount_paise) for due in park.dues(session)] == [("stay", 17_000), ("violation", FINE)]


def test_who_pays_in_time_gets_none(park):
    watch(park, Kind.UNPAID_EXIT)
    session, _ = enter(park)
    let_out(park, 45, session)
    park.pay(park.dues(session)[0].id, minutes(90))
    work(park, 200)
    assert park.stay(session).status == "closed" and raised(park) == []


def test_money_the_bank_took_in_time_and_told_late_takes_the_notice_back(park):
    watch(park, Kind.UNPAID_EXIT)
    session, _ = enter(park)
    let_out(park, 45, session)
    psp = Psp()
    order = psp.begin(park.db, park.dues(session)[0].id, minutes(50))
    work(park, 200)
    assert kinds(park) == ["unpaid_exit"]
    psp.hear(park.db, psp.event(order, "captured", minutes(52)), minutes(300))
    [notice] = raised(park)
    assert (notice.status, notice.decided_by) == ("waived", "central")
    assert [due.state for due in park.dues(session)] == ["paid", "waived"]


@pytest.mark.parametrize("seen", [unsure(), plate("DL1CAB1284"), None])
def test_a_read_that_is_unsure_other_or_missing_accuses_nobody_but_is_looked_at(park, seen):
    watch(park, Kind.UNPAID_EXIT)
    session, _ = enter(park)
    facts = Exited(plate=seen, how=ExitHow.OPEN_AND_BILL)
    park.hear(park.exit.report(facts, minutes(45), session), now=minutes(45))
    work(park, 200)
    assert raised(park) == [] and "unpaid exit?" in park.stay(session).review


def test_a_near_match_at_the_exit_accuses_nobody(park):
    watch(park)
    session, _ = enter(park)
    request(park, 301, "DLICAB1234")
    row = park.stay(session)
    assert row.exit_alike and raised(park) == [] and "overstay?" in row.review


def test_whom_a_person_lets_out_did_not_sneak_out(park):
    watch(park)
    session, _ = enter(park)
    let_out(park, 45, session, how=ExitHow.OPERATOR)
    work(park, 500)
    assert raised(park) == []


def test_a_longer_stay_than_allowed_is_one_overstay_however_often_it_is_seen(park):
    watch(park, Kind.OVERSTAY)
    session = uuid7()
    facts = Entered(plate=plate(PLATE), ticket=park.entry.new_ticket(), image=OTHER)
    park.hear(park.entry.report(facts, START, session), now=START)
    asked = request(park, 61, session=session)
    facts = ExitRequested(request=asked, plate=plate(PLATE))
    park.hear(park.exit.report(facts, minutes(62), session), now=minutes(62))
    leave(park, 63, session=session, how=ExitHow.OPERATOR)
    [notice] = raised(park)
    assert (notice.kind, notice.since, notice.other_image, notice.facts) == ("overstay", START, OTHER, {"allowed": 60})


def test_the_queue_at_the_exit_makes_no_overstay(park):
    watch(park, Kind.OVERSTAY)
    session, _ = enter(park)
    request(park, 59, session=session)
    leave(park, 90, session=session, how=ExitHow.OPERATOR)
    assert raised(park) == []


def test_an_entry_that_was_read_unsurely_makes_no_overstay(park):
    watch(park, Kind.OVERSTAY)
    session, facts = uuid7(), Entered(plate=unsure(), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, START, session), now=START)
    request(park, 300, session=session)
    assert raised(park) == [] and "only 70 % sure" in park.stay(session).review


def test_a_denied_plate_that_came_in_all_the_same_is_raised_once(park):
    watch(park, Kind.BLOCKLISTED)
    deny(park)
    session, _ = enter(park, how=EntryHow.OPERATOR)
    request(park, 40, session=session)
    [notice] = raised(park)
    assert (notice.kind, notice.stay_id, notice.happened_at) == ("blocklisted", session, START)


def test_who_was_denied_while_inside_did_not_know(park):
    watch(park, Kind.BLOCKLISTED)
    session, _ = enter(park)
    deny(park, at=10)
    request(park, 40, session=session)
    assert raised(park) == []


def test_a_denied_plate_at_the_entry_is_noted_once_a_day_without_an_amount(park):
    watch(park, Kind.BLOCKLISTED)
    deny(park)
    for at in (0, 1, 24 * 60):
        facts = EntryRefused(reason="denied", plate=plate(PLATE), image=IMAGE)
        park.hear(park.entry.report(facts, minutes(at)), now=minutes(at))
    facts = EntryRefused(reason="denied", plate=unsure())
    park.hear(park.entry.report(facts, minutes(3 * 24 * 60)), now=minutes(3 * 24 * 60))
    assert [(one.kind, one.stay_id, one.amount_paise, one.image) for one in raised(park)] == [
        ("blocklisted", None, 0, IMAGE)
    ] * 2


def test_a_gate_that_refuses_by_an_old_list_accuses_nobody(park):
    watch(park, Kind.BLOCKLISTED)
    facts = EntryRefused(reason="denied", plate=plate(PLATE))
    park.hear(park.entry.report(facts, minutes(1)), now=minutes(1))
    assert raised(park) == []


def test_a_plate_that_comes_in_twice_passes_back(park):
    watch(park, Kind.ANTI_PASSBACK)
    first, _ = enter(park)
    second, _ = enter(park, 30)
    [notice] = raised(park)
    assert (notice.kind, notice.stay_id, notice.other_stay_id) == ("anti_passback", second, first)


def test_an_exit_that_is_told_late_takes_it_back(park):
    watch(park, Kind.ANTI_PASSBACK)
    first, _ = enter(park)
    enter(park, 30)
    message = park.exit.report(Exited(plate=plate(PLATE), how=ExitHow.OPERATOR), minutes(20), first)
    park.hear(message, now=minutes(100))
    [notice] = raised(park)
    assert (notice.status, notice.decided_by) == ("waived", "central") and "told later" in notice.decision


def test_who_was_at_an_exit_in_between_may_have_left_unseen(park):
    watch(park, Kind.ANTI_PASSBACK)
    first, _ = enter(park)
    request(park, 20, session=first)
    second, _ = enter(park, 30)
    assert raised(park) == [] and "anti passback?" in park.stay(second).review


def test_a_lane_alone_tells_no_class_but_a_person_does(park):
    watch(park, Kind.WRONG_CLASS)
    with park.db.begin() as session:
        access.set_rule(session, SITE, PLATE, "pass", minutes(-10), "tests", vehicle_class="bike")
    stay_id, _ = enter(park)
    assert raised(park) == [] and "wrong class?" in park.stay(stay_id).review
    asha = Who("asha@example.org", "attendant")
    for word, status in (("van", "raised"), ("bike", "waived")):
        with park.db.begin() as session:
            stay_fixes.vehicle_class(session, stay_id, word, asha, "as on the picture", minutes(5))
        [notice] = raised(park)
        assert notice.status == status
        assert notice.facts == {"pass": "bike", "vehicle": "van", "seen_by": "asha@example.org"}


def test_a_clock_that_was_not_set_accuses_nobody(park):
    watch(park, Kind.OVERSTAY)
    session, _ = enter(park)
    asked = ExitRequested(request=uuid7(), plate=plate(PLATE))
    message = park.exit.report(asked, minutes(300), session, clock="untrusted")
    park.hear(message, now=minutes(300))
    assert raised(park) == []


def test_events_told_twice_raise_once(park):
    watch(park, Kind.OVERSTAY, Kind.ANTI_PASSBACK)
    session, ticket = uuid7(), park.entry.new_ticket()
    entry = park.entry.report(Entered(plate=plate(PLATE), ticket=ticket), START, session)
    out = park.exit.report(Exited(plate=plate(PLATE), how=ExitHow.OPERATOR), minutes(90), session)
    park.hear(entry, entry, out, out, now=minutes(100))
    assert kinds(park) == ["overstay"]


def test_a_notice_beside_a_stay_changes_nothing_of_its_price(park):
    watch(park, Kind.OVERSTAY)
    session, _ = enter(park)
    request(park, 100, session=session)
    told = park.told(session)
    assert told.quote.amount_paise == 27_000
    with park.db.read() as db:
        due = next(due for due in park.dues(session) if due.kind == "stay")
        assert service.current_offer(db, due.id, minutes(100)) is None
    park.pay(due.id, minutes(101))
    assert park.told(session).permit_until == minutes(116)
