"""Paying from an account's pages: asked in the app, over the counter, booked; against a real provider."""

from __future__ import annotations

import re
from datetime import timedelta

import requests
from sqlalchemy import select

from central.actions import accounts, saved_upi, shifts, violation_rules
from central.store.schema import Account, Attempt, Due, Receipt
from central.web import create_app
from tests.central.accounts.test_passes_sold import product, sell
from tests.central.car_park import SITE, START, CarPark
from tests.central.on_account.test_penalties import overstay, pay
from tests.central.web.people import EMAIL, send, token_on
from tests.central.web.town import Town, now, until

PLATE = "DL1CAB1234"
ASK = "Ask for it in my app"


def account(park: CarPark, upi_id: str = "success@mock") -> str:
    with park.db.begin() as session:
        made = accounts.open_account(session, SITE, "Ravi", START, "office").id
        accounts.register(session, made, PLATE, START, "office")
        if upi_id:
            saved_upi.save(session, made, upi_id, START, "holder")
        return made


def press(phone: requests.Session, town: Town, page: requests.Response, words: str, **fields: str) -> requests.Response:
    """The form of a page whose button, or action, says so."""
    form = next(one for one in re.findall(r"<form.*?</form>", page.text, re.S) if words in one)
    action = re.search(r'action="([^"]+)"', form).group(1)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return phone.post(town.url + action, data=hidden | {"csrf_token": token_on(page.text)} | fields)


def last(park: CarPark, table):
    with park.db.read() as session:
        return session.scalars(select(table).order_by(table.id.desc())).first()


def test_a_top_up_is_asked_for_in_the_app_and_approved_there(park, town: Town):
    link = f"{town.url}/wallet/{town.links.wallet_token(account(park))}"
    with requests.Session() as phone:
        page = phone.get(link)
        assert f"{ASK}: s****s@mock" in page.text and "success@mock" not in page.text
        press(phone, town, page, "top-up", amount="500", do="ask")
        # this payer says yes at once
        until(lambda: 'amount mb-3">₹500<' in phone.get(link).text)
        slip = re.search(r'href="(/wallet/[\w-]+/top-ups/[\w-]+)"', phone.get(link).text).group(1)
        printed = phone.get(town.url + slip).text
        assert "Paid into the wallet" in printed and "₹500" in printed and "no tax invoice" in printed
        assert phone.get(f"{link}/top-ups/nothing").status_code == 404


def test_who_must_approve_sees_whom_was_asked_and_the_code_as_ever(park, town: Town):
    link = f"{town.url}/wallet/{town.links.wallet_token(account(park, 'ravi.k@okaxis'))}"
    with requests.Session() as phone:
        code = press(phone, town, phone.get(link), "top-up", amount="500", do="ask")
        assert "Asked in the app of r****k@okaxis." in code.text and "upi://pay?" in code.text
        assert "ravi" not in code.text
        provider = requests.get(last(park, Attempt).page_url, timeout=10).text
        assert "ravi.k@okaxis was asked for it in the UPI app." in provider
        approved = {"action": "approve", "vpa": "ravi.k@okaxis"}
        assert requests.post(last(park, Attempt).page_url, data=approved, timeout=10).ok
        until(lambda: 'amount mb-3">₹500<' in phone.get(link).text)


def test_a_payer_who_takes_no_requests_is_told_so_and_pays_with_the_code(park, town: Town):
    link = f"{town.url}/wallet/{town.links.wallet_token(account(park, 'nocollect@mock'))}"
    with requests.Session() as phone:
        code = press(phone, town, phone.get(link), "top-up", amount="500", do="ask")
        assert "n****t@mock can&#39;t be asked in its app. Nothing was taken" in code.text
        assert "upi://pay?" in code.text and "Asked in the app" not in code.text


def test_the_parking_of_an_own_vehicle_is_asked_for_on_the_wallets_page(park, town: Town):
    account_id = account(park)
    link = f"{town.url}/wallet/{town.links.wallet_token(account_id)}"
    stay, _ = town.enter(timedelta(minutes=50), PLATE)
    other, _ = town.enter(timedelta(minutes=50), "MH12DE5678")
    with requests.Session() as phone:
        page = phone.get(link)
        assert "DL 1 CAB 1234" in page.text and "₹170" in page.text and "MH 12" not in page.text
        press(phone, town, page, "/ask")
        until(lambda: park.stay(stay).status == "paid")
        theirs = phone.post(f"{link}/stays/{other}/ask", data={"csrf_token": token_on(page.text)})
        assert theirs.status_code == 404 and park.dues(other) == []
    # the pay page that anybody at the exit may open offers nothing of the account's
    assert "mock" not in requests.get(town.pay_page(other), timeout=10).text


def test_an_account_books_and_the_app_is_asked_for_it(park, town: Town):
    link = f"{town.url}/wallet/{town.links.wallet_token(account(park))}"
    with requests.Session() as phone:
        form = phone.get(f"{link}/book")
        assert f'value="{PLATE}"' in form.text
        at = (now() + timedelta(hours=6, minutes=30)).strftime("%Y-%m-%dT%H:%M")
        fields = {"plate": PLATE, "class": "car", "at": at, "hours": "2", "site": SITE}
        listed = phone.post(f"{link}/book", data={"csrf_token": token_on(form.text), **fields})
        assert listed.url == link and "₹270" in listed.text
        press(phone, town, listed, "/ask")
        until(lambda: last(park, Receipt) is not None)
        assert last(park, Receipt).total_paise == 270_00


def test_a_pass_is_asked_for_in_the_app(park, town: Town):
    sold = sell(park, product(park), "DL1CAB1234", account_id=account(park))
    link = f"{town.url}/pass/{town.links.pass_token(sold.id)}"
    with requests.Session() as phone:
        page = phone.get(link)
        assert "s****s@mock" in page.text
        press(phone, town, page, ASK)
        until(lambda: "Paid." in phone.get(link).text)


def test_an_attendant_takes_a_top_up_and_a_pass_over_the_counter(park, sign_in):
    attendant, account_id = sign_in("attendant"), account(park, "")
    one = f"/accounts/{account_id}"
    take = send(attendant, f"{one}/top-up", page=one, top_up="500").location
    assert "Open your shift at Delhi first" in attendant.get(take).text
    with park.db.begin() as session:
        shifts.open_shift(session, SITE, EMAIL, 100_00, now())
    slip = send(attendant, take, amount="500.00", by="cash")
    assert slip.status_code == 303
    printed = attendant.get(slip.location).text
    assert "Wallet filled in cash" in printed and EMAIL in printed and "₹500" in printed
    sold = sell(park, product(park), "MH12AB1234")
    page = f"/accounts/passes/{sold.id}"
    assert f"/accounts/take/{sold.due_id}" in attendant.get(page).text
    wrong = send(attendant, f"/accounts/take/{sold.due_id}", amount="2360.00", by="card_terminal", slip="")
    assert wrong.status_code == 422 and "the number on the terminal&#39;s slip" in wrong.get_data(as_text=True)
    taken = send(attendant, f"/accounts/take/{sold.due_id}", amount="2360.00", by="card_terminal", slip="004711")
    assert taken.location == page and "Print the receipt" in attendant.get(page).text
    shift = attendant.get("/money/shift").text
    assert "₹500" in shift and "₹2,360" in shift


def test_a_holder_says_when_to_be_told_and_no_longer(park, client, links):
    account_id = account(park, "")
    page = f"/wallet/{links.wallet_token(account_id)}"
    assert ASK not in client.get(page).text, "no UPI ID is saved"
    assert send(client, f"{page}/told-below", page=page, below="300").status_code == 303
    assert last(park, Account).low_wallet_paise == 300_00 and 'value="300"' in client.get(page).text
    wrong = send(client, f"{page}/told-below", page=page, below="3")
    assert wrong.status_code == 422 and "expected ₹100 to ₹50,000" in wrong.get_data(as_text=True)
    send(client, f"{page}/told-below", page=page, below="")
    assert last(park, Account).low_wallet_paise is None


def test_a_penaltys_receipt_says_what_it_is_and_an_old_one_what_it_said(park, client, links, sign_in):
    notice = overstay(park)
    receipt = pay(park, notice.due_id, 200)
    here = f"/v/{links.notice_token(notice.id)}/receipt"
    page = client.get(here).text
    assert "Penalty, outside GST" in page and "SAC" not in page and "Tax invoice" not in page
    with park.db.begin() as session:
        session.get_one(Receipt, receipt.id).sac = "996743"
    assert "Parking, SAC 996743" in client.get(here).text
    manager = sign_in("manager")
    typed = {"site": SITE, "kind": "overstay", "amount": "500", "tax": "18", "sac": "99979x", "wait": "60", "do": "on"}
    wrong = send(manager, "/violations/rules", **typed, days="15", sure="90")
    assert wrong.status_code == 422 and "expected 6 digits that begin with 99" in wrong.get_data(as_text=True)
    send(manager, "/violations/rules", **typed | {"sac": "999799"}, days="15", sure="90")
    with park.db.read() as session:
        assert violation_rules.rule_of(session, SITE, "overstay").sac == "999799"
        assert session.get_one(Due, notice.due_id).state == "paid"


def test_where_the_provider_asks_in_no_app_any_more_no_page_offers_it(park, web_settings, links):
    payments = web_settings.payments.model_copy(update={"collect": False})
    app = create_app(web_settings.model_copy(update={"payments": payments}))
    page = app.test_client().get(f"/wallet/{links.wallet_token(account(park))}").text
    assert "s****s@mock" in page and ASK not in page
    app.extensions["parkmeter"].database.close()
