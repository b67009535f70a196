"""One vehicle's stay as central sees it: told by its gates, priced, paid and closed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from central.actions import settling, stays, upkeep
from central.actions.errors import Refused
from central.rules.money import rupees
from central.store.schema import Due, Receipt, Stay
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, EntryHow, ExitHow, SessionStatus
from tests.central.car_park import SITE, TARIFF, CarPark, minutes, plate
from tests.central.visits import PLATE, back_away, enter, leave, request, timeline

AIRPORT = Path("config/tariffs/airport.toml").read_text()


def test_a_stay_is_quoted_at_the_exit_paid_and_closed_with_a_receipt(park):
    session, _ = enter(park)
    asked = request(park, 45)
    told = park.told(session)
    assert told.status is SessionStatus.QUOTED
    assert (told.quote.request, told.quote.gate, rupees(told.quote.amount_paise)) == (asked, "exit-1", "₹170")
    [due] = park.dues(session)
    park.pay(due.id, minutes(50))
    told = park.told(session)
    assert told.status is SessionStatus.PAID
    assert told.permit_until == minutes(65)
    assert told.quote.request == asked, "the exit must know that the payment is its vehicle's"
    leave(park, 51, session=session, request=asked)
    told = park.told(session)
    assert (told.status, told.quote) == (SessionStatus.CLOSED, None)
    stay = park.stay(session)
    assert (stay.status, stay.closed_reason, stay.exit_how, stay.review) == ("closed", "left", "permit", None)
    with park.db.read() as db:
        [receipt] = db.query(Receipt)
    assert (receipt.serial, receipt.total_paise) == ("DELH/2627/000001", 17_000)
    assert receipt.taxable_paise + receipt.cgst_paise + receipt.sgst_paise == receipt.total_paise
    assert timeline(park, session) == ["entered", "exit requested", "quoted", "paid", "exited"]


def test_queueing_at_the_exit_is_not_billed(park):
    session, _ = enter(park)
    asked = request(park, 29)
    request(park, 95, asked=asked)
    [due] = park.dues(session)
    assert rupees(due.amount_paise) == "₹120"


def test_an_exit_that_lost_its_answer_asks_again_and_is_told_again(park):
    session, _ = enter(park)
    asked = request(park, 45)
    version = park.told(session).version
    request(park, 46, asked=asked)
    told = park.told(session)
    assert told.version > version
    assert told.quote.request == asked
    assert len(park.dues(session)) == 1


def test_a_guest_pays_on_the_phone_and_leaves_within_the_grace(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(45))
    assert rupees(due.amount_paise) == "₹170"
    park.pay(due.id, minutes(46))
    leave(park, 60, session=session)
    assert park.stay(session).status == "closed"
    assert len(park.dues(session)) == 1


def test_who_overstays_the_grace_owes_only_the_difference(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(45))
    park.pay(due.id, minutes(46))
    request(park, 100, session=session)
    assert [rupees(due.amount_paise) for due in park.dues(session)] == ["₹170", "₹100"]
    told = park.told(session)
    assert (told.status, rupees(told.quote.amount_paise)) == (SessionStatus.QUOTED, "₹100")
    park.pay(park.dues(session)[1].id, minutes(101))
    leave(park, 102, session=session)
    assert park.stay(session).status == "closed"
    with park.db.read() as db:
        assert sorted(receipt.total_paise for receipt in db.query(Receipt)) == [10_000, 17_000]


def test_an_amount_shown_on_the_phone_holds_until_it_runs_out(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        first = settling.pay_quote(db, db.get_one(Stay, session), minutes(29))
        again = settling.pay_quote(db, db.get_one(Stay, session), minutes(31))
        later = settling.pay_quote(db, db.get_one(Stay, session), minutes(40))
        assert first.id == again.id == later.id
        assert (later.amount_paise, [quote["total_paise"] for quote in later.earlier_quotes]) == (17_000, [12_000])


def test_a_capture_at_an_earlier_amount_gets_the_receipt_of_that_amount(park):
    session, _ = enter(park)
    with park.db.begin() as db:
        settling.pay_quote(db, db.get_one(Stay, session), minutes(29))
        due = settling.pay_quote(db, db.get_one(Stay, session), minutes(40))
        due.amount_paise = 12_000
        settling.mark_paid(db, due, minutes(41))
    with park.db.read() as db:
        [receipt] = db.query(Receipt)
    assert receipt.total_paise == 12_000 == sum(line["amount_paise"] for line in receipt.lines)


def test_nothing_is_asked_of_who_leaves_within_the_free_minutes(databases, settings):
    free = TARIFF.replace("[rounding]", '[free]\nminutes = 10\nmode = "cliff"\n\n[rounding]')
    park = CarPark(databases, settings, free)
    session, _ = enter(park)
    assert park.told(session).permit_until == minutes(10)
    with park.db.begin() as db:
        assert settling.pay_quote(db, db.get_one(Stay, session), minutes(5)) is None
    request(park, 6, session=session)
    assert park.told(session).status is SessionStatus.PAID
    leave(park, 7, session=session)
    assert (park.stay(session).status, park.dues(session)) == ("closed", [])


def test_a_vehicle_that_backs_away_pays_for_the_time_it_stays_on(park):
    session, _ = enter(park)
    asked = request(park, 25)
    [due] = park.dues(session)
    back_away(park, 26, asked)
    assert park.told(session).quote is None, "no exit shows an amount to nobody"
    with park.db.begin() as db:
        upkeep.expire_quote(db, due.id, minutes(26))
    assert park.stay(session).status == "quoted", "the amount still holds"
    with park.db.begin() as db:
        assert upkeep.expired_quotes(db, minutes(40)) == [due.id]
        upkeep.expire_quote(db, due.id, minutes(40))
    assert (park.stay(session).status, park.stay(session).stopped_at) == ("open", None)
    request(park, 45)
    assert [rupees(due.amount_paise) for due in park.dues(session)] == ["₹170"]


def test_a_quote_that_runs_out_at_the_exit_is_made_again_at_the_same_amount(park):
    session, _ = enter(park)
    request(park, 45)
    before = park.told(session)
    with park.db.begin() as db:
        [due_id] = upkeep.expired_quotes(db, minutes(90))
        upkeep.expire_quote(db, due_id, minutes(90))
    after = park.told(session)
    assert after.quote.amount_paise == before.quote.amount_paise
    assert after.quote.expires_at > minutes(90)
    assert after.version == before.version, "the exit asks by itself, and nothing else has changed"


def test_a_plate_that_comes_in_again_closes_its_old_stay_uncharged(park):
    first, _ = enter(park)
    with park.db.begin() as db:
        settling.pay_quote(db, db.get_one(Stay, first), minutes(45))
    second, _ = enter(park, 300)
    stay = park.stay(first)
    assert (stay.status, stay.closed_reason) == ("closed_by_system", "closed by system")
    assert [due.state for due in park.dues(first)] == ["waived"]
    assert park.told(first).status is SessionStatus.CLOSED
    request(park, 310)
    assert rupees(park.dues(second)[0].amount_paise) == "₹120"


def test_an_exit_whose_entry_is_told_late_is_joined_to_it(park):
    asked = request(park, 45)
    assert park.told(asked).status is SessionStatus.UNMATCHED
    assert park.told(asked).quote.request == asked
    assert "ticket" in park.told(asked).quote.note
    session, _ = enter(park, 0)
    assert (park.stay(asked).status, park.stay(asked).joined_to) == ("void", session)
    assert park.told(asked).status is SessionStatus.CLOSED
    told = park.told(session)
    assert (told.status, told.quote.request, rupees(told.quote.amount_paise)) == (SessionStatus.QUOTED, asked, "₹170")


def test_an_unread_vehicle_is_found_by_its_ticket_code(park):
    session, ticket = enter(park, text=None, how=EntryHow.UNREAD)
    asked = request(park, 45)
    with park.db.begin() as db:
        stays.link_unmatched(db, asked, f" {ticket[:10]}-{ticket[10:].lower()}", minutes(46))
    told = park.told(session)
    assert (told.status, told.quote.request, told.quote.gate) == (SessionStatus.QUOTED, asked, "exit-1")
    assert rupees(told.quote.amount_paise) == "₹170", "the clock stopped when it asked to leave"
    assert "joined" in park.stay(session).review
    park.pay(park.dues(session)[0].id, minutes(47))
    leave(park, 48, session=asked, request=asked)
    assert park.stay(session).status == "closed", "the exit may still call it by its first name"


def test_a_ticket_code_of_nobody_inside_is_refused(park):
    session, ticket = enter(park)
    asked = request(park, 45, text="HR26ZZ0001")
    for code in ("WRONG", park.entry.new_ticket()):
        with pytest.raises(Refused, match="not of a vehicle that is inside"), park.db.begin() as db:
            stays.link_unmatched(db, asked, code, minutes(46))
    leave(park, 46, session=session)
    with pytest.raises(Refused), park.db.begin() as db:
        stays.link_unmatched(db, asked, ticket, minutes(47))
    assert park.stay(asked).status == "unmatched"


def test_two_stays_that_fit_equally_are_left_to_a_person(park):
    enter(park, text="DL1CAB1234")
    enter(park, text="DL1CA31234")
    asked = request(park, 45, text="DL1CA81234")
    assert (park.stay(asked).status, park.dues(asked)) == ("unmatched", [])
    assert park.stay(asked).review == "plate DL1CA81234 at the exit fits 2 stays"


@pytest.mark.parametrize("how", [ExitHow.OPERATOR, ExitHow.ASSUMED, ExitHow.TAILGATED])
def test_who_leaves_without_paying_owes_and_is_looked_at(park, how):
    session, _ = enter(park)
    leave(park, 45, session=session, how=how)
    stay = park.stay(session)
    assert (stay.status, [rupees(due.amount_paise) for due in park.dues(session)]) == ("left_owing", ["₹170"])
    assert "left without paying" in stay.review
    assert park.told(session).status is SessionStatus.CLOSED
    park.pay(park.dues(session)[0].id, minutes(500))
    assert park.stay(session).status == "closed"


def test_a_vehicle_let_out_while_central_was_away_is_billed_up_to_its_request(park):
    session, _ = enter(park)
    leave(park, 65, session=session, how=ExitHow.OPEN_AND_BILL)
    request(park, 55, session=session)
    [due] = park.dues(session)
    assert (rupees(due.amount_paise), park.stay(session).review) == ("₹170", None)


def test_a_plate_seen_leaving_twice_is_looked_at_and_changes_nothing(park):
    session, _ = enter(park)
    leave(park, 45, session=session, how=ExitHow.OPERATOR)
    leave(park, 50, session=session, how=ExitHow.OPERATOR)
    stay = park.stay(session)
    assert stay.exited_at == minutes(45)
    assert "seen leaving twice" in stay.review


def test_without_prices_the_driver_is_told_to_ask_for_help(databases, settings):
    park = CarPark(databases, settings, tariff=None)
    session, _ = enter(park)
    request(park, 45)
    assert "help" in park.told(session).quote.note
    assert "no price" in park.stay(session).review


def test_a_stay_keeps_the_prices_of_its_entry(park):
    from central.actions.tariffs import load_tariff

    session, _ = enter(park)
    with park.db.begin() as db:
        dearer = TARIFF.replace("version = 1", "version = 2").replace("170_00", "999_00").replace("600_00", "9999_00")
        load_tariff(db, SITE, dearer, minutes(10), "tests")
    request(park, 45)
    assert rupees(park.dues(session)[0].amount_paise) == "₹170"


def test_a_gate_whose_clock_is_ahead_is_not_believed(park):
    session = uuid7()
    facts = Entered(plate=plate(PLATE), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, minutes(600), session), now=minutes(0))
    assert park.stay(session).entered_at == minutes(0)
    assert "clock" in park.stay(session).review


def test_who_comes_straight_back_has_had_its_free_minutes(databases, settings):
    park = CarPark(databases, settings, AIRPORT)
    first, _ = enter(park)
    leave(park, 8, session=first)
    assert park.stay(first).status == "closed"
    second, _ = enter(park, 9)
    assert park.told(second).permit_until is None
    leave(park, 16, session=second)
    assert (park.stay(second).status, len(park.dues(second))) == ("left_owing", 1)


def test_a_stay_that_waits_at_the_exit_for_hours_leaves_no_trail_of_quotes(park):
    session, _ = enter(park)
    request(park, 20)
    version, told = park.told(session).version, timeline(park, session)
    for hour in range(1, 11):
        now = minutes(20 + hour * 60)
        with park.db.begin() as db:
            [due_id] = upkeep.expired_quotes(db, now)
            upkeep.expire_quote(db, due_id, now)
    [due] = park.dues(session)
    assert (rupees(due.amount_paise), due.expires_at > minutes(620)) == ("₹120", True)
    assert (park.told(session).version, timeline(park, session)) == (version, told)


def test_who_backed_away_before_the_ticket_code_was_typed_waits_nowhere(park):
    session, ticket = enter(park)
    asked = request(park, 20, text=None)
    back_away(park, 21, asked)
    with park.db.begin() as db:
        stays.link_unmatched(db, asked, ticket, minutes(620))
    stay = park.stay(session)
    assert (stay.status, stay.stopped_at, stay.withdrawn_at, stay.exit_request) == ("open", None, minutes(21), None)
    assert (park.stay(asked).status, park.dues(session)) == ("void", [])
    request(park, 625)
    assert [rupees(due.amount_paise) for due in park.dues(session)] == ["₹600"]


def test_a_visit_no_entry_fits_ends_a_day_after_its_vehicle_backed_away(park):
    asked, standing = request(park, 0, "XX01ZZ9999"), request(park, 0, "XX02ZZ9999")
    back_away(park, 1, asked)
    for hours, over in ((23, []), (25, [asked])):
        with park.db.begin() as db:
            assert upkeep.given_up(db, minutes(hours * 60)) == over
            for stay_id in over:
                upkeep.end_unmatched(db, stay_id, minutes(hours * 60))
    assert (park.stay(asked).status, park.stay(asked).closed_reason) == ("closed", "backed away")
    assert park.stay(asked).closed_at == minutes(25 * 60), "so that it leaves the broker in its time"
    assert park.stay(standing).status == "unmatched"


def test_what_is_told_late_of_a_stay_off_the_broker_is_taken_off_again(park):
    session, _ = enter(park)
    leave(park, 45, session=session)
    week = timedelta(days=7)
    with park.db.begin() as db:
        assert upkeep.clear_closed(db, minutes(0) + week * 2, week) == 1
    request(park, 44, session=session, now=minutes(0) + week * 2)
    with park.db.begin() as db:
        assert upkeep.clear_closed(db, minutes(0) + week * 3, week) == 1
        assert upkeep.clear_closed(db, minutes(0) + week * 3, week) == 0


def test_receipts_are_numbered_without_a_gap_in_their_year(park):
    for number, text in enumerate(("DL1CAB0001", "DL1CAB0002", "DL1CAB0003")):
        session, _ = enter(park, number, text=text)
        request(park, 45 + number, text=text)
        park.pay(park.dues(session)[0].id, minutes(50))
    with park.db.read() as db:
        serials = sorted(receipt.serial for receipt in db.query(Receipt))
    assert serials == ["DELH/2627/000001", "DELH/2627/000002", "DELH/2627/000003"]


def test_a_closed_stay_leaves_the_broker_after_a_week(park):
    session, _ = enter(park)
    leave(park, 45, session=session)
    with park.db.begin() as db:
        assert upkeep.clear_closed(db, minutes(60), timedelta(days=7)) == 0
        assert upkeep.clear_closed(db, minutes(60 * 24 * 8), timedelta(days=7)) == 1
        assert upkeep.clear_closed(db, minutes(60 * 24 * 8), timedelta(days=7)) == 0
    with park.db.read() as db:
        assert db.query(Due).filter_by(state="quoted").count() == 1
