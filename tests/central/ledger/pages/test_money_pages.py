"""The pages of money as people of each kind use them, from a float to a closed day."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from central.actions import ledger, shifts
from central.actions.settlement import Outcome, Resolution
from central.rules.ledger import Fact
from central.rules.ledger_accounts import Account, Kind
from central.store.schema import LedgerDay, Receipt, Shift, Unreconciled
from central.web import money_words
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from tests.central.car_park import SITE, CarPark, plate
from tests.central.ledger.books import Psp, settlement_csv
from tests.central.web.people import send, token_on
from tests.central.web.town import now

PLATE = "DL1CAB1234"


def parked(park: CarPark, text: str = PLATE, ago: timedelta = timedelta(minutes=45)) -> str:
    """A vehicle stands at the exit and owes Rs 170."""
    stay_id, at = uuid7(), now() - ago
    park.hear(
        park.entry.report(Entered(plate=plate(text), ticket=park.entry.new_ticket()), at, stay_id),
        park.exit.report(ExitRequested(request=uuid7(), plate=plate(text)), now(), stay_id),
        now=now(),
    )
    return stay_id


def paid(park: CarPark) -> Receipt:
    psp, stay_id = Psp(), parked(park)
    psp.hear(park.db, psp.event(psp.begin(park.db, park.dues(stay_id)[0].id, now()), "captured", now()), now())
    with park.db.read() as session:
        return session.scalars(select(Receipt)).one()


def with_shift(visitor: FlaskClient, amount: str = "500") -> FlaskClient:
    assert send(visitor, "/money/shift/open", page="/money/shift", site=SITE, float=amount).status_code == 303
    return visitor


def sound(park: CarPark) -> bool:
    with park.db.read() as session:
        return ledger.check(session) == []


def test_an_attendant_opens_a_shift_takes_cash_prints_drops_and_cashes_up(park, sign_in):
    stay_id = parked(park)
    visitor = with_shift(sign_in(), "1,000.50")
    found = visitor.get("/money/shift?plate=dl 1c").text
    assert "DL 1 CAB 1234" in found and f"/money/shift/ask/{stay_id}" in found
    asked = send(visitor, f"/money/shift/ask/{stay_id}", page="/money/shift")
    page = visitor.get(asked.location)
    assert "₹170" in page.text and "of ₹200 give back ₹30" in page.text
    taken = send(visitor, asked.location, amount="170.00", by="cash")
    after = visitor.get(taken.location).text
    assert "₹170 taken. The exit opens." in after and "Print the receipt" in after
    assert park.stay(stay_id).status == "paid"
    assert "Paid" in visitor.get(asked.location).text
    assert send(visitor, "/money/shift/drop", page="/money/shift", amount="1000").status_code == 303
    with park.db.read() as session:
        shift = session.scalars(select(Shift)).one()
    close = f"/money/shift/{shift.id}/close"
    short = send(visitor, close, page="/money/shift", counted="170")
    assert short.status_code == 422 and "say why" in short.text
    sheet = visitor.get(send(visitor, close, page="/money/shift", counted="170", reason="a torn note").location).text
    assert "a torn note" in sheet and "-₹0.50" in sheet and "DELH/" in sheet
    assert sound(park)


def test_a_card_needs_its_slip_and_an_old_price_is_not_taken(park, sign_in):
    stay_id = parked(park)
    visitor = with_shift(sign_in(), "0")
    where = send(visitor, f"/money/shift/ask/{stay_id}", page="/money/shift").location
    for fields, says in (
        ({"amount": "170", "by": "card_terminal"}, "number on the terminal"),
        ({"amount": "120", "by": "cash"}, "the price has changed to ₹170"),
        ({"amount": "-1", "by": "cash"}, "expected rupees such as 170"),
        ({"amount": "170", "by": "gold"}, "expected one of cash, card_terminal"),
    ):
        answer = send(visitor, where, **fields)
        assert answer.status_code == 422 and says in answer.text
    assert send(visitor, where, amount="170", by="card_terminal", slip="004711").status_code == 303
    assert "Paid by card" in visitor.get("/money/shift").text


@pytest.mark.parametrize(
    ("action", "fields", "says"),
    [
        ("/money/shift/open", {"site": "x", "float": "1"}, "is not known"),
        ("/money/shift/open", {"site": SITE, "float": "a lot"}, "expected rupees such as 170 or 170.50"),
        ("/money/shift/drop", {"amount": "1"}, "open your shift first"),
        ("/money/shift/ask/none", {}, "open your shift first"),
        ("/money/shift/none/close", {"counted": "1"}, "not your shift"),
    ],
)
def test_what_can_not_be_done_is_said_on_the_same_page(sign_in, action, fields, says):
    answer = send(sign_in(), action, page="/money/shift", **fields)
    assert answer.status_code == 422 and says in answer.text


def test_another_attendants_shift_is_closed_by_a_supervisor_only(park, sign_in):
    with park.db.begin() as session:
        shift_id = shifts.open_shift(session, SITE, "gone@example.org", 500_00, now()).id
    attendant = sign_in()
    assert attendant.get(f"/money/shifts/{shift_id}").status_code == 404
    assert send(attendant, f"/money/shift/{shift_id}/close", page="/money/shift", counted="500").status_code == 422
    supervisor, sheet = sign_in("supervisor"), f"/money/shifts/{shift_id}"
    wrong = send(supervisor, f"/money/shift/{shift_id}/close", page=sheet, counted="400")
    assert "say why" in supervisor.get(wrong.location).text
    assert send(supervisor, f"/money/shift/{shift_id}/close", page=sheet, counted="500").location == sheet
    assert "gone@example.org" in supervisor.get("/money/shifts").text and sound(park)


def test_a_manager_banks_cash_and_a_supervisor_only_sees_the_safe(park, sign_in):
    manager, here = sign_in("manager"), "/money/shifts"
    for way, amount, says in (("from_bank", "500", "Booked"), ("to_bank", "501", "expected an amount up to ₹500")):
        sent = send(manager, "/money/safe", page=here, site=SITE, way=way, amount=amount, slip="CDM 4711")
        assert says in manager.get(sent.location).text
    supervisor = sign_in("supervisor")
    assert "In the safe: ₹500" in supervisor.get(here).text
    assert send(supervisor, "/money/safe", page="/money/refunds", site=SITE).status_code in (400, 403)
    assert sound(park)


@pytest.mark.parametrize("page", ["books", "days", "accounts/bank", "reconciliation", "refunds", "shifts"])
def test_the_office_pages_are_the_offices(sign_in, app, page):
    path = f"/money/{page}"
    assert sign_in().get(path).status_code == 403
    assert app.test_client().get(path).status_code == 303
    assert sign_in("supervisor").get(path).status_code == 200


def test_who_comes_to_money_lands_where_they_work(sign_in):
    assert sign_in().get("/money").location == "/money/shift"
    assert sign_in("manager").get("/money").location == "/money/books"


def test_the_trial_balance_and_each_account_tell_of_a_payment(park, sign_in):
    receipt, visitor = paid(park), sign_in("supervisor")
    books = visitor.get("/money/books").text
    assert "With the payment provider" in books and "₹144.06" in books and "₹12.97" in books
    total = re.findall(r"<tfoot.*?</tfoot>", books, re.S)[0]
    assert total.count("₹170") == 4, "debits and credits, for desk and phone"
    assert receipt.serial in visitor.get("/money/accounts/psp_clearing").text
    assert visitor.get("/money/accounts/gold").status_code == 404
    assert visitor.get("/money/accounts/bank?before=x").status_code == 400
    assert visitor.get("/money/books?site=x").status_code == 404
    assert visitor.get("/money/books?day=2026-13-45").status_code == 422


def test_a_day_is_closed_once_it_is_over_and_not_before(park, sign_in):
    paid(park)
    visitor = sign_in("manager")
    with park.db.read() as session:
        today = ledger.site_day(session, SITE, now())
        yesterday = ledger.site_day(session, SITE, now() - timedelta(days=1))
    assert "runs" in visitor.get("/money/days").text
    early = send(visitor, f"/money/days/{today}/close", page="/money/shift", site=SITE)
    assert "is not over" in visitor.get(early.location).text
    assert (
        "expected one such as"
        in visitor.get(send(visitor, "/money/days/never/close", page="/money/shift", site=SITE).location).text
    )
    done = send(visitor, f"/money/days/{yesterday}/close", page="/money/shift", site=SITE)
    assert f"{date.fromisoformat(yesterday):%-d %b %Y} is closed" in visitor.get(done.location).text
    again = send(visitor, f"/money/days/{yesterday}/close", page="/money/shift", site=SITE)
    assert "is closed: all up to" in visitor.get(again.location).text
    with park.db.read() as session:
        assert session.get(LedgerDay, (SITE, yesterday)).by == "manager@example.org"


def test_a_supervisor_may_look_at_days_and_not_close_them(sign_in):
    visitor = sign_in("supervisor")
    assert send(visitor, "/money/days/2026-11-01/close", page="/money/shift", site=SITE).status_code == 403


def test_a_settlement_file_is_taken_in_and_what_does_not_fit_is_settled_by_a_manager(park, sign_in):
    paid(park)
    visitor = sign_in("manager")

    def upload(raw: bytes):
        token = token_on(visitor.get("/money/reconciliation").text)
        sent = {"csrf_token": token, "site": SITE, "file": (io.BytesIO(raw), "day.csv")}
        return visitor.post("/money/reconciliation/file", data=sent, content_type="multipart/form-data")

    bad = upload(b"not,a,file")
    assert bad.status_code == 422 and "expected the columns" in bad.text
    raw = settlement_csv(now().date().isoformat(), [("payment", "<b>", "pay_x", "", 5_000, 0)])
    assert upload(raw).status_code == 303
    assert "taken in before" in visitor.get(upload(raw).location).text
    page = visitor.get("/money/reconciliation").text
    assert "Not ours" in page and "pay_x" in page and "<b>" not in page
    with park.db.read() as session:
        number = session.scalars(select(Unreconciled.id)).one()
    resolve, here = f"/money/reconciliation/{number}", "/money/reconciliation"
    assert send(visitor, resolve, page=here, resolution="goes_back", reason=" ").status_code == 422
    assert send(visitor, resolve, page=here, resolution="goes_back", reason="theirs, told us").status_code == 303
    assert "All fits" in visitor.get(here).text and "theirs, told us" in visitor.get(f"{here}?settled=1").text
    assert send(sign_in("supervisor"), resolve, page=here, resolution="noted", reason="x").status_code == 403
    assert sound(park)


def test_money_is_given_back_with_a_credit_note_to_print(park, sign_in):
    receipt, visitor = paid(park), sign_in("supervisor")
    here = f"/money/refunds?receipt={receipt.serial.lower()}"
    assert "₹170" in visitor.get(here).text
    assert visitor.get("/money/refunds?receipt=nothing").status_code == 404
    action = f"/money/refunds/{receipt.id}"
    assert "expected ₹1 to ₹170" in send(visitor, action, page=here, amount="171", reason="x").text
    assert "say why" in send(visitor, action, page=here, amount="70", reason="").text
    made = send(visitor, action, page=here, amount="70", reason="<script>waited</script>")
    note = visitor.get(made.location).text
    assert "/C00001" in note and receipt.serial in note and "<script>waited" not in note and "₹70" in note
    assert "₹100" in visitor.get(here).text and sound(park)


def test_every_word_of_the_books_has_one_for_people():
    words = {
        Account: money_words.ACCOUNT, Kind: money_words.KIND_OF_ACCOUNT, Outcome: money_words.OUTCOME,
        Resolution: money_words.RESOLUTION,
    }  # fmt: skip
    for known, table in words.items():
        assert {str(word) for word in known} == set(table)
    parts = {"charged", "penalty_charged", "penalty_credited"}  # of what is booked under another name
    turned_round = {"owed", "account_off", "account_changed", "account_taken_back"}  # made of other entries
    assert {str(fact) for fact in Fact} - parts | turned_round == set(money_words.BOOKED)


@pytest.mark.parametrize(("typed", "paise"), [("170", 17_000), ("₹1,250.5", 125_050), (" Rs. 0.05 ", 5)])
def test_amounts_are_read_as_people_write_them(app, typed, paise):
    with app.test_request_context():
        assert money_words.paise(typed, "x") == paise
