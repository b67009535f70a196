"""The pages of passes and wallets as the office and their holders use them, against a real payment provider."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import requests
from sqlalchemy import select

from central import jobs
from central.actions import pass_products, pass_sales
from central.store.schema import AccessRule, Account, Attempt, Pass, PassProduct
from tests.central.car_park import SITE, CarPark
from tests.central.web.people import send, token_on
from tests.central.web.town import Town, now, until

MONTHLY = {
    "site": SITE,
    "name": "Monthly car",
    "price": "2360",
    "days": "30",
    "plates": "2",
    "tax": "18",
    "class": "car",
}


def only(park: CarPark, table):
    with park.db.read() as session:
        return session.scalars(select(table).order_by(table.id.desc())).first()


def path_of(page: str, kind: str) -> str:
    """The holder's link on a page of the office."""
    return re.search(rf'href="http://[^"/]+(/{kind}/[\w-]+)"', page).group(1)


def approve(park: CarPark) -> None:
    """The payer says yes at the provider."""
    with park.db.read() as session:
        page = session.scalar(select(Attempt.page_url).order_by(Attempt.created_at.desc()).limit(1))
    assert requests.post(page, data={"action": "approve", "vpa": "success@mock"}, timeout=10).ok


def press(phone: requests.Session, page: requests.Response, action: str, **fields: str) -> requests.Response:
    return phone.post(action, data={"csrf_token": token_on(page.text), **fields})


def test_the_office_sells_a_pass_its_holder_pays_renews_and_the_office_gives_it_up(park, town: Town, sign_in):
    manager = sign_in("manager")
    made = send(manager, "/accounts/passes/products", page="/accounts/passes", **MONTHLY)
    assert made.status_code == 303
    product = only(park, PassProduct)
    sold = send(
        manager, "/accounts/passes", product=product.id, holder="Asha Rao", plates="dl 1c ab 1234, MH12AB1234",
        **{"class": "car"},
    )  # fmt: skip
    shown = manager.get(sold.location).text
    assert "to be paid" in shown and "DL 1 CAB 1234" in shown
    link = town.url + path_of(shown, "pass")
    with requests.Session() as phone:
        page = phone.get(link)
        assert "Pay ₹2,360 with UPI" in page.text and "Monthly car" in page.text
        code = press(phone, page, f"{link}/pay")
        assert code.url.endswith("/upi") and "upi://pay?" in code.text
        approve(park)
        until(lambda: "The barrier knows your plates." in phone.get(link).text)
        receipt = phone.get(f"{link}/receipt")
        for words in ("Tax invoice", "SAC 996743", "₹2,000", "₹180", "₹2,360", "Asha Rao"):
            assert words in receipt.text
        renewal = press(phone, phone.get(link), f"{link}/renew")
        assert renewal.url != link and "Pay ₹2,360 with UPI" in renewal.text
        assert "To its renewal" in phone.get(link).text
    with park.db.read() as session:
        assert set(session.scalars(select(AccessRule.plate))) == {"DL1CAB1234", "MH12AB1234"}
    given_up = send(manager, f"{sold.location}/give-up", page=sold.location, reason="moved away")
    assert "Credit note" in manager.get(given_up.location).text
    with park.db.read() as session:
        assert session.scalars(select(AccessRule.plate)).all() == []


def test_a_wallet_is_topped_up_by_its_link_and_switched_on_for_a_vehicle(park, town: Town, sign_in):
    supervisor = sign_in("supervisor")
    opened = send(supervisor, "/accounts", site=SITE, name="Ravi", phone="98100 00000")
    account_page = opened.location
    send(supervisor, f"{account_page}/vehicles", page=account_page, plate="dl 1c ab 1234")
    link = town.url + path_of(supervisor.get(account_page).text, "wallet")
    with requests.Session() as phone:
        page = phone.get(link)
        assert "₹0" in page.text and "you are asked at the exit" in page.text
        wrong = press(phone, page, f"{link}/top-up", amount="50")
        assert wrong.status_code == 422 and "expected ₹100 to ₹20,000" in wrong.text
        code = press(phone, page, f"{link}/top-up", amount="500")
        assert "upi://pay?" in code.text
        approve(park)
        until(lambda: 'amount mb-3">₹500<' in phone.get(link).text)
        page = phone.get(link)
        switch = re.search(r'action="(/wallet/[\w-]+/vehicles/[\w-]+)"', page.text).group(1)
        on = press(phone, page, town.url + switch, on="yes")
        assert "pays at the exit by itself" in on.text and "Wallet filled" in on.text
    town.enter(timedelta(minutes=50), "DL1CAB1234")
    town.ask_to_leave("DL1CAB1234")
    assert "₹330" in supervisor.get(account_page).text
    refused = send(supervisor, f"{account_page}/pay-out", page=account_page, amount="400", reason="moved")
    assert refused.status_code == 422 and "the wallet holds ₹330" in refused.text
    paid = send(supervisor, f"{account_page}/pay-out", page=account_page, amount="330", reason="moved")
    assert paid.status_code == 303 and 'amount mb-1">₹0<' in supervisor.get(account_page).text


def test_a_holder_saves_chooses_and_removes_upi_ids_that_are_shown_masked(park, client, sign_in, links):
    send(sign_in("supervisor"), "/accounts", site=SITE, name="Ravi")
    page = f"/wallet/{links.wallet_token(only(park, Account).id)}"
    for typed in ("ravi.k@okaxis", "ravi@ybl", "no id"):
        send(client, f"{page}/upi-ids", page=page, upi_id=typed)
    shown = client.get(page).text
    assert "r****k@okaxis" in shown and "r****i@ybl" in shown and "ravi" not in shown.replace("Ravi", "")
    assert "expected a UPI ID such as" in shown
    second = re.findall(r'action="(/wallet/[\w-]+/upi-ids/[\w-]+)"', shown)[1]
    send(client, second, page=page, do="default")
    send(client, second, page=page, do="remove")
    shown = client.get(page).text
    assert "removed for good" in shown and "@ybl" not in shown and "default" in shown
    assert send(client, "/wallet/nonsense/upi-ids", page=page, upi_id="a.b@upi").status_code == 404


def test_links_that_are_not_ours_open_nothing_and_one_kind_is_not_another(park, client, sign_in, links):
    supervisor = sign_in("supervisor")
    send(supervisor, "/accounts", site=SITE, name="Ravi")
    account_id = only(park, Account).id
    assert client.get(f"/wallet/{links.wallet_token(account_id)}").status_code == 200
    for path in (f"/pass/{links.wallet_token(account_id)}", f"/wallet/{links.pay_token(account_id)}", "/pass/nonsense"):
        assert client.get(path).status_code == 404


def test_only_staff_of_the_role_sell_set_up_and_give_back(park, client, sign_in):
    assert client.get("/accounts").status_code == 303
    attendant = sign_in()
    assert attendant.get("/accounts").status_code == attendant.get("/accounts/passes").status_code == 200
    token = {"csrf_token": token_on(attendant.get("/accounts/passes").text)}
    for path in ("/accounts", "/accounts/passes/products", "/accounts/passes/nobody/give-up", "/accounts/x/pay-out"):
        assert attendant.post(path, data=token).status_code == 403, path


def test_what_is_typed_wrong_is_named(park, sign_in):
    manager = sign_in("manager")
    for wrong, said in (
        ({"price": "lots"}, "Price lots: expected rupees"),
        ({"days": "x"}, "Days x: expected a whole number"),
        ({"tax": "much"}, "Per cent much: expected"),
        ({"name": "A"}, "name 1: expected 2 to 80"),
        ({"site": "nowhere"}, "site 'nowhere' is not known"),
    ):
        answer = send(manager, "/accounts/passes/products", page="/accounts/passes", **MONTHLY | wrong)
        assert answer.status_code == 422 and said in html.unescape(answer.text), wrong
    assert "Choose a pass." in send(manager, "/accounts/passes", product="none").text
    assert manager.get("/accounts/nobody").status_code == manager.get("/accounts/passes/nobody").status_code == 404


def test_the_jobs_end_passes_and_write_down_whom_to_remind(park, settings):
    with park.db.begin() as session:
        product = pass_products.make_product(
            session, SITE, "Day", 236_00, now(), "m", vehicle_classes=["car"], days=1
        )  # fmt: skip
        sold = pass_sales.sell(session, product.id, "Asha", [("DL1CAB1234", "car")], now(), now(), "office")
    assert "end_passes" in jobs.STANDING
    desk = jobs.Desk(park.db, settings, None)
    assert jobs.KINDS["end_passes"](desk, {}, now() + timedelta(days=4)) == timedelta(minutes=5)
    with park.db.read() as session:
        assert session.get_one(Pass, sold.id).state == "dropped"
