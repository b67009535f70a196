"""Coupons from the code a driver types to the receipt: held, used, given back, and never more than there are."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from central.actions import access, coupon_book, coupons, guest, upkeep
from central.actions.billing import lines_from_json
from central.actions.errors import Refused
from central.rules.invoice import recompute
from central.store.schema import Audit, Due, Receipt
from tests.central.accounts.coupons import bill, make, shop, take, uses, validate
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.books import balances
from tests.central.visits import PLATE, back_away, enter, leave, request, timeline


def receipts(park: CarPark) -> list[Receipt]:
    with park.db.read() as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.issued_at)))


def test_a_code_before_the_exit_lowers_the_price_which_is_paid_and_receipted_to_the_paisa(park):
    make(park, "FEST50", "amount", 5_000)
    stay_id, _ = enter(park)
    assert bill(park, stay_id, 45).amount_paise == 17_000
    take(park, stay_id, "fest-50", 45)
    shown = bill(park, stay_id, 46)
    assert shown.amount_paise == 12_000 and shown.due_id is not None
    assert [(line.text, line.amount_paise) for line in shown.lines][-1] == ("Coupon FEST50: ₹50 off", -5_000)
    assert uses(park) == [("FEST50", "held")]
    park.pay(shown.due_id, minutes(46))
    assert uses(park) == [("FEST50", "used")] and park.stay(stay_id).status == "paid"
    [paid] = receipts(park)
    lines = lines_from_json(paid.lines)
    totals = recompute(lines, paid.tax_rate_bp, paid.tax_included)
    assert (totals.total_paise, totals.taxable_paise) == (12_000, paid.taxable_paise)
    assert lines[-1].element == "FEST50" and paid.total_paise == sum(line.amount_paise for line in lines)
    assert balances(park.db)["revenue"] == -paid.taxable_paise / 100


@pytest.mark.parametrize(
    "kind, value, left",
    [("minutes", 60, 17_000), ("percent", 2_000, 21_600), ("free_until", 11 * 60, 17_000), ("amount", 100, 26_900)],
)
def test_each_kind_takes_off_what_it_says_of_two_hours(park, kind, value, left):
    make(park, "SOME", kind, value)
    stay_id, _ = enter(park)  # at ten in the morning at Delhi
    request(park, 120)
    take(park, stay_id, "SOME", 121)
    assert park.told(stay_id).quote.amount_paise == left


def test_a_code_at_the_exit_is_told_to_the_gate_at_once(park):
    make(park, "HALF", "percent", 5_000)
    stay_id, _ = enter(park)
    request(park, 45)
    before = park.told(stay_id)
    take(park, stay_id, "HALF", 46)
    after = park.told(stay_id)
    assert (before.quote.amount_paise, after.quote.amount_paise) == (17_000, 8_500)
    assert after.version > before.version


def test_a_code_that_pays_for_all_opens_the_exit_and_time_after_the_grace_is_still_owed(park):
    make(park, "FREE", "percent", 10_000)
    stay_id, _ = enter(park)
    take(park, stay_id, "FREE", 45)
    assert park.stay(stay_id).status == "paid" and uses(park) == [("FREE", "used")]
    assert not park.dues(stay_id) and "nothing due" in timeline(park, stay_id)
    make(park, "OTHER", "amount", 1_000, stackable=True)
    with pytest.raises(Refused, match="Nothing is to be paid"):
        take(park, stay_id, "OTHER", 46)
    request(park, 10 * 60)
    # the coupon is for the whole of it
    assert park.stay(stay_id).status == "paid"


def test_an_amount_of_the_whole_price_leaves_later_time_to_be_paid(park):
    make(park, "RS170", "amount", 17_000)
    stay_id, _ = enter(park)
    take(park, stay_id, "RS170", 45)
    assert park.stay(stay_id).status == "paid"
    request(park, 170)
    [due] = park.dues(stay_id)
    assert due.amount_paise == 37_000 - 17_000
    park.pay(due.id, minutes(171))
    assert uses(park) == [("RS170", "used")]


def test_an_unpaid_quote_gives_its_code_back_and_the_price_is_whole_again(park):
    make(park, "ONCE", "amount", 5_000, per_code=1)
    stay_id, _ = enter(park)
    take(park, stay_id, "ONCE", 45)
    [due] = park.dues(stay_id)
    with park.db.begin() as session:
        assert upkeep.expired_quotes(session, due.expires_at) == [due.id]
        upkeep.expire_quote(session, due.id, due.expires_at)
    assert uses(park) == [("ONCE", "returned")]
    assert bill(park, stay_id, 58).amount_paise == 17_000
    other, _ = enter(park, 20, "MH12AB1234")
    take(park, other, "ONCE", 60)
    with pytest.raises(Refused, match="Coupon ONCE has been used up"):
        take(park, stay_id, "ONCE", 61)


def test_who_still_stands_at_the_exit_when_the_quote_runs_out_keeps_the_code(park):
    make(park, "KEEP", "amount", 5_000)
    stay_id, _ = enter(park)
    asked = request(park, 45)
    take(park, stay_id, "KEEP", 45)
    [due] = park.dues(stay_id)
    with park.db.begin() as session:
        upkeep.expire_quote(session, due.id, due.expires_at)
    assert uses(park) == [("KEEP", "held")] and park.told(stay_id).quote.amount_paise == 12_000
    back_away(park, 55, asked)
    [due] = park.dues(stay_id)
    with park.db.begin() as session:
        upkeep.expire_quote(session, due.id, due.expires_at)
    assert uses(park) == [("KEEP", "returned")] and park.stay(stay_id).status == "open"


def test_money_that_comes_late_for_a_price_with_a_coupon_uses_that_coupon(park):
    make(park, "LATE", "amount", 5_000)
    stay_id, _ = enter(park)
    take(park, stay_id, "LATE", 45)
    [due] = park.dues(stay_id)
    with park.db.begin() as session:
        upkeep.expire_quote(session, due.id, due.expires_at)
    park.pay(due.id, minutes(58))
    assert uses(park) == [("LATE", "used")]
    [paid] = receipts(park)
    assert paid.total_paise == 12_000
    assert balances(park.db)["psp_clearing"] == 120


def test_a_stay_that_ends_gives_back_what_it_did_not_use(park):
    shop_id = shop(park)
    coupon_id = make(park, "SHOP60", "minutes", 60, shop_id=shop_id)
    with park.db.begin() as session:
        access.set_rule(session, SITE, PLATE, "pass", START, "manager")
    enter(park)
    with pytest.raises(Refused, match="it has a pass"):
        validate(park, shop_id, coupon_id, PLATE, 10)
    stay_id, _ = enter(park, 0, "MH12AB1234")
    validate(park, shop_id, coupon_id, "MH12AB1234", 10)
    with park.db.begin() as session:
        access.set_rule(session, SITE, "MH12AB1234", "pass", minutes(11), "manager")
    leave(park, 50, "MH12AB1234", stay_id)
    assert park.stay(stay_id).status == "closed" and uses(park) == [("SHOP60", "returned")]


def test_a_shop_validates_by_ticket_or_exact_plate_and_it_counts_at_the_exit(park):
    shop_id = shop(park)
    coupon_id = make(park, "SHOP60", "minutes", 60, shop_id=shop_id)
    stay_id, ticket = enter(park)
    validate(park, shop_id, coupon_id, f"{ticket[:10]} {ticket[10:].lower()}", 30)
    assert park.stay(stay_id).status == "open" and not park.dues(stay_id), "nothing is asked, nothing opens"
    request(park, 50)
    assert park.stay(stay_id).status == "paid" and uses(park) == [("SHOP60", "used")]
    other, _ = enter(park, 60, "MH12AB1234")
    for unlike in ("MH12AB1235", "MH12A81234", "NOBODY"):
        with pytest.raises(Refused, match="No vehicle of that ticket or plate"):
            validate(park, shop_id, coupon_id, unlike, 70)
    validate(park, shop_id, coupon_id, "mh 12 ab-1234", 70)
    request(park, 60 + 90, "MH12AB1234")
    assert park.told(other).quote.amount_paise == 12_000  # half an hour of an hour and a half
    with park.db.read() as session:
        audited = session.scalars(select(Audit.by).where(Audit.what == "coupon taken")).all()
    assert audited == ["Book shop"] * 2


def test_a_look_at_the_price_does_not_lose_what_a_shop_gave(park):
    shop_id = shop(park)
    coupon_id = make(park, "SHOP30", "minutes", 30, shop_id=shop_id)
    stay_id, ticket = enter(park)
    with park.db.begin() as session:
        guest.ask_price(session, stay_id, minutes(90))
    validate(park, shop_id, coupon_id, ticket, 91)
    [due] = park.dues(stay_id)
    assert due.amount_paise == 17_000, "what was being asked follows"
    with park.db.begin() as session:
        upkeep.expire_quote(session, due.id, due.expires_at)
    assert uses(park) == [("SHOP30", "held")]


def test_a_shop_gives_only_what_is_its_own_and_drivers_can_not_type_it(park):
    one, two = shop(park, "One"), shop(park, "Two")
    of_one = make(park, "ONE60", "minutes", 60, shop_id=one)
    stay_id, ticket = enter(park)
    with pytest.raises(Refused, match="not one of your validations"):
        validate(park, two, of_one, ticket, 10)
    with pytest.raises(Refused, match="Code ONE60 is not one of this car park's coupons"):
        take(park, stay_id, "ONE60", 45)
    with park.db.begin() as session:
        token = coupon_book.new_link(session, one, minutes(1), "manager")
        assert coupon_book.shop_with(session, token).id == one
        coupon_book.end_shop(session, one, minutes(2), "manager")
        assert coupon_book.shop_with(session, token) is None


@pytest.mark.parametrize(
    "terms, why",
    [
        ({"valid_to": minutes(10)}, "is over"),
        ({"valid_from": minutes(50)}, "is not valid yet"),
        ({"vehicle_classes": ["bike"]}, "is not for a car: it is for bike"),
    ],
)
def test_a_code_that_does_not_fit_is_refused_with_the_reason(park, terms, why):
    make(park, "ODD", "amount", 5_000, **terms)
    stay_id, _ = enter(park)
    with pytest.raises(Refused, match=f"Coupon ODD {why}"):
        take(park, stay_id, "ODD", 45)
    assert uses(park) == [] and bill(park, stay_id, 45).amount_paise == 17_000


def test_a_coupon_that_takes_nothing_off_is_not_spent(park):
    make(park, "MORNING", "free_until", 9 * 60)
    stay_id, _ = enter(park)  # at ten
    with pytest.raises(Refused, match="takes nothing off"):
        take(park, stay_id, "MORNING", 45)
    assert uses(park) == []


def test_coupons_go_together_only_where_both_may_and_one_is_taken_once(park):
    for code, stackable in (("AAA", True), ("BBB", True), ("CCC", False)):
        make(park, code, "amount", 2_000, stackable=stackable)
    stay_id, _ = enter(park)
    take(park, stay_id, "AAA", 45)
    take(park, stay_id, "BBB", 45)
    assert bill(park, stay_id, 46).amount_paise == 13_000
    for code, why in (("CCC", "together with AAA"), ("AAA", "on this parking already")):
        with pytest.raises(Refused, match=why):
            take(park, stay_id, code, 46)


def test_a_coupon_taken_off_can_be_taken_by_another(park):
    make(park, "ONCE", "amount", 5_000, per_code=1)
    stay_id, _ = enter(park)
    use_id = take(park, stay_id, "ONCE", 45)
    other, _ = enter(park, 0, "MH12AB1234")
    with pytest.raises(Refused, match="not on this parking"), park.db.begin() as session:
        coupons.take_off(session, other, use_id, minutes(46), by="driver")
    with park.db.begin() as session:
        coupons.take_off(session, stay_id, use_id, minutes(46), by="driver")
    assert bill(park, stay_id, 46).amount_paise == 17_000
    take(park, other, "ONCE", 47)
    assert uses(park) == [("ONCE", "returned"), ("ONCE", "held")]


def test_uses_a_day_begin_again_with_the_sites_next_day(park):
    make(park, "DAILY", "amount", 1_000, per_day=1)
    stays = [enter(park, 0, f"DL1CAB100{n}")[0] for n in range(3)]
    take(park, stays[0], "DAILY", 45)
    with pytest.raises(Refused, match="used up for today"):
        take(park, stays[1], "DAILY", 13 * 60)  # 23:00 at Delhi
    take(park, stays[1], "DAILY", 14 * 60)
    with pytest.raises(Refused, match="used up for today"):
        take(park, stays[2], "DAILY", 15 * 60)


def test_a_vehicle_that_left_without_paying_keeps_its_coupon_in_what_it_owes(park):
    make(park, "KEEP", "amount", 5_000)
    stay_id, _ = enter(park)
    request(park, 45)
    take(park, stay_id, "KEEP", 45)
    leave(park, 47, session=stay_id, how="open_and_bill")
    assert park.stay(stay_id).status == "left_owing" and balances(park.db)["receivable"] == 120
    [due] = park.dues(stay_id)
    with park.db.begin() as session:
        upkeep.expire_quote(session, due.id, due.expires_at)
    assert balances(park.db)["receivable"] == 120
    park.pay(due.id, minutes(90))
    assert uses(park) == [("KEEP", "used")] and balances(park.db).get("receivable") is None


def test_of_many_drivers_at_once_the_last_use_goes_to_one(park):
    make(park, "LAST", "amount", 5_000, per_code=1)
    stays = [enter(park, 0, f"DL1CAB{1000 + n}")[0] for n in range(8)]
    ready, said = threading.Barrier(len(stays)), []

    def take_one(stay_id: str) -> None:
        ready.wait(30)
        try:
            take(park, stay_id, "LAST", 45)
            said.append("taken")
        except Refused as error:
            said.append(str(error))

    threads = [threading.Thread(target=take_one, args=(stay_id,)) for stay_id in stays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["Coupon LAST has been used up."] * 7 + ["taken"]
    assert uses(park) == [("LAST", "held")]
    with park.db.read() as session:
        assert [due.amount_paise for due in session.scalars(select(Due))] == [12_000]


def test_the_same_key_does_it_once_and_another_request_under_it_is_refused(park):
    make(park, "KEYED", "amount", 5_000, per_stay=2)
    make(park, "OTHER", "amount", 5_000)
    stay_id, _ = enter(park)
    first = take(park, stay_id, "KEYED", 45, key="page-0001")
    assert take(park, stay_id, "keyed", 46, key="page-0001") == first
    with pytest.raises(Refused, match=r"^409 key 'page-0001' was used for another request"):
        take(park, stay_id, "OTHER", 46, key="page-0001")
    assert len(uses(park)) == 1
    made = make(park, "TWICE", "amount", 100, key="make-0001")
    assert make(park, "TWICE", "amount", 100, key="make-0001") == made
    with pytest.raises(Refused, match=r"^409"):
        make(park, "TWICE", "amount", 200, key="make-0001")


def test_making_coupons_refuses_what_can_not_be(park):
    make(park, "SAME", "amount", 100)
    for code, kind, value, more, why in (
        ("SAME", "amount", 100, {}, "code SAME is taken"),
        ("NEW", "gold", 100, {}, "coupon kind 'gold': expected one of amount, minutes, percent, free_until"),
        ("NEW", "percent", 20_000, {}, "percent 20000: expected 0.01 to 100 %"),
        ("NEW", "amount", 100, {"vehicle_classes": ["tank"]}, "vehicle class 'tank': expected one of"),
        ("NEW", "amount", 100, {"shop_id": "nobody"}, "there is no such shop"),
    ):
        with pytest.raises(Refused, match=why):
            make(park, code, kind, value, **more)
    stay_id, _ = enter(park)
    with park.db.begin() as session:
        made = coupon_book.make_coupon(session, SITE, "amount", 5_000, START, "manager")
        assert len(made.code) == coupon_book.CODE_LENGTH
        coupon_book.end_coupon(session, made.id, minutes(1), "manager")
        code = made.code
    with pytest.raises(Refused, match="is over"):
        take(park, stay_id, code, 45)
