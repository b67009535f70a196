"""The pages on which money goes back, odd captures are decided about, and card payouts are recorded."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from central.actions import ledger, shifts
from central.actions.ledger_check import CARD
from central.actions.settlement_days import State
from central.rules.odd_capture import Way
from central.store.schema import Attempt, CardPayout, OddDecision, Receipt, Refund, SettlementDay
from central.web import money_words
from tests.central.car_park import SITE, CarPark
from tests.central.ledger.books import Psp
from tests.central.ledger.pages.test_money_pages import parked, sound
from tests.central.web.people import send
from tests.central.web.town import now


def paid_by_card(park: CarPark, who: str = "asha@example.org") -> Receipt:
    stay_id = parked(park)
    with park.db.begin() as session:
        shifts.open_shift(session, SITE, who, 0, now())
    with park.db.begin() as session:
        return shifts.take_payment(session, who, park.dues(stay_id)[0].id, 17_000, now(), by=CARD, slip="004711<b>")


def came(park: CarPark, paise: int) -> str:
    psp, stay_id = Psp(), parked(park)
    reference = psp.begin(park.db, park.dues(stay_id)[0].id, now())
    psp.hear(park.db, psp.event(reference, "captured", now(), paise=paise), now())
    with park.db.read() as session:
        return session.scalars(select(Attempt.id)).one()


def key_on(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page).group(1)


def test_a_card_is_given_back_with_the_number_of_the_terminals_slip(park, sign_in):
    receipt, visitor = paid_by_card(park), sign_in("supervisor")
    here = f"/money/refunds?receipt={receipt.serial}"
    page = visitor.get(here).text
    assert "Card, slip 004711&lt;b&gt;" in page and "RRN on the terminal" in page
    action = f"/money/refunds/{receipt.id}"
    wrong = send(visitor, action, page=here, amount="70", reason="waited", rrn="12")
    assert wrong.status_code == 422 and "expected the 12 digits" in wrong.text
    twice = {"amount": "70", "reason": "waited", "rrn": "612345678901", "key": key_on(page)}
    first, second = (send(visitor, action, page=here, **twice) for _ in range(2))
    assert first.location == second.location and "/C00001" in visitor.get(first.location).text
    with park.db.read() as session:
        assert session.scalars(select(Refund.amount_paise)).all() == [7_000]
    assert sound(park)


def test_a_card_payout_is_recorded_once_seen_by_day_and_struck_out_by_a_manager(park, sign_in):
    paid_by_card(park)
    visitor, here = sign_in("manager"), "/money/cards"
    page = visitor.get(here).text
    with park.db.read() as session:
        today = ledger.site_day(session, SITE, now())
    assert "asha@example.org: ₹170" in page and "not yet" in page
    advice = {
        "site": SITE, "day": today, "batch": "17", "gross": "160", "fee": "2.00", "fee_gst": "0.36", "paid_on": today,
        "bank_ref": "<i>UTR", "key": key_on(page),
    }  # fmt: skip
    wrong = send(visitor, here, **advice | {"gross": "a lot"})
    assert wrong.status_code == 422 and "expected rupees such as 170" in wrong.text and 'value="17"' in wrong.text
    assert [send(visitor, here, **advice).status_code for _ in range(2)] == [303, 303]
    page = visitor.get(here).text
    assert "-₹10" in page and "<i>UTR" not in page
    queue = visitor.get("/money/reconciliation").text
    assert "Card payout differs" in queue and today in queue and "₹160" in queue
    with park.db.read() as session:
        [payout] = session.scalars(select(CardPayout))
    strike = f"/money/cards/{payout.id}/strike-out"
    assert send(sign_in("supervisor"), strike, page=here, reason="x").status_code == 403
    assert "say why" in send(visitor, strike, page=here, reason=" ").text
    assert send(visitor, strike, page=here, reason="misread").status_code == 303
    assert "Struck out by manager@example.org: misread" in visitor.get(here).text
    taken_off = advice | {"gross": "5", "fee": "", "fee_gst": "", "taken_off": "1", "key": "another-form"}
    assert send(visitor, here, **taken_off).status_code == 303
    assert "-₹5" in visitor.get(here).text and sound(park)


@pytest.mark.parametrize(
    ("paise", "way", "button", "done"),
    [
        (15_000, "part", "Take ₹150 as a part, ask for the rest", "The rest is asked for"),
        (20_000, "taken", "Take ₹170, give ₹30 back", "What was too much goes back"),
    ],
)
def test_another_amount_is_taken_by_a_supervisor_with_a_reason(park, sign_in, paise, way, button, done):
    attempt_id, visitor, here = came(park, paise), sign_in("supervisor"), "/money/odd"
    page = visitor.get(here).text
    assert button in page and "a****a@bank" in page and "DL 1 CAB 1234" in page
    action = f"{here}/{attempt_id}"
    assert "say why" in send(visitor, action, page=here, way=way, reason=" ").text
    assert "expected one of" in send(visitor, action, page=here, way="keep", reason="x").text
    sent = {"way": way, "reason": "<b>rang</b>", "key": key_on(page)}
    first = send(visitor, action, page=here, **sent)
    assert done in visitor.get(first.location).text and "None waits" in visitor.get(here).text
    assert send(visitor, action, page=here, **sent).status_code == 303, "a doubled click is no error"
    settled = visitor.get(f"{here}?decided=1").text
    assert "supervisor@example.org" in settled and "<b>rang" not in settled
    assert sound(park)


def test_what_goes_back_is_held_back_until_it_is_sent(park, sign_in):
    attempt_id, visitor, here = came(park, 15_000), sign_in("supervisor"), "/money/odd"
    sent = send(visitor, f"{here}/{attempt_id}", page=here, way="back", reason="a mistake of the bank")
    page = visitor.get(sent.location).text
    assert "not sent yet" in page and "Undo: hold it back" in page
    undo = f"{here}/{attempt_id}/hold-back"
    assert "say why" in send(visitor, undo, page=f"{here}?decided=1", reason="").text
    assert send(visitor, undo, page=f"{here}?decided=1", reason="the wrong one").location == here
    assert "Give all ₹150 back" in visitor.get(here).text and sound(park)
    with park.db.read() as session:
        assert session.scalars(select(OddDecision)).all() == []


@pytest.mark.parametrize("page", ["cards", "odd"])
def test_these_pages_are_the_offices(sign_in, app, page):
    path = f"/money/{page}"
    assert sign_in().get(path).status_code == 403
    assert app.test_client().get(path).status_code == 303
    assert sign_in("supervisor").get(path).status_code == 200


def test_every_way_has_its_words():
    assert {str(way) for way in Way} == set(money_words.ODD_WAY)
    assert {str(state) for state in State} == set(money_words.FETCHED)


def test_the_days_whose_files_are_fetched_are_seen_with_what_is_wrong(park, sign_in):
    with park.db.begin() as session:
        session.add(
            SettlementDay(
                provider="mock_upi", day="2026-11-24", site_id=SITE, state="waiting", tries=3, asked_at=now(),
                problem="the <b>provider</b> is down",
            )
        )  # fmt: skip
    page = sign_in("supervisor").get("/money/reconciliation").text
    assert "not there yet" in page and "the &lt;b&gt;provider" in page and "3 times" in page
