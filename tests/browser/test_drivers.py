"""What drivers with an account, and holders of passes, wallets and notices, come to do."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from central.rules.violations import Kind
from tests.browser.visitor import Visitor
from tests.central.people.drivers import code
from tests.central.people.pages.meera import anew
from tests.central.violations.notices import watch
from tests.central.web.town import Town

pytestmark = pytest.mark.browser
PASSWORD = "rain on tin roofs"


def register(town: Town, visitor: Visitor, number: int) -> str:
    """From the log-in page to the driver's own; the address."""
    email = f"meera{number}@example.org"
    visitor.open("/login").follow("Register as a driver")
    visitor.send("", name="Meera Iyer", contact=email, password=PASSWORD, again=PASSWORD)
    visitor.sees("six digits").send("", code=code(town.park.db, email)).sees("Welcome, Meera Iyer")
    return email


def link_of(visitor: Visitor, kind: str) -> str:
    """The holder's link on a page of the office."""
    return visitor.page.locator(f'a[href*="/{kind}/"]').first.get_attribute("href")


def pay(visitor: Visitor) -> Visitor:
    """What is asked for, at the provider."""
    return visitor.follow("Pay in the browser instead").press("Approve")


def test_a_driver_registers_by_the_code_that_was_sent_and_claims_a_vehicle(town, guest, car, number):
    register(town, guest, number)
    _, ticket = town.enter(timedelta(minutes=50), car)
    guest.follow("Add a vehicle").send("/me/vehicles", plate=car, ticket=ticket).sees("yours")
    guest.open("/me").sees("₹170").follow("Pay", "main")
    parking = guest.page.url
    pay(guest.press("Pay with UPI")).open(parking).reads_again("Paid. Thank you.")
    guest.open("/me/stays").sees("Parked before")


def test_a_driver_who_forgot_the_password_sets_it_anew(town, guest, someone, number):
    email = register(town, guest, number)
    anew(town.park)
    other = someone().open("/login").follow("Password forgotten?").send("", contact=email)
    new = "monsoon in the hills"
    other.send("", code=code(town.park.db, email), password=new, again=new)
    other.log_in(email, new).sees("Log out")


def test_a_driver_sets_up_a_second_factor_and_logs_in_with_it(town, guest, someone, number):
    email = register(town, guest, number)
    guest.open("/me/security").follow("Set it up with an authenticator app")
    totp = pyotp.TOTP(guest.text("code"))
    guest.send("", code=totp.now()).sees("Write these down")
    spare = guest.page.locator("main ul:not(nav ul) li").first.inner_text()
    other = someone().log_in(email, PASSWORD).sees("second factor")
    other.send("", code="000000").sees("code").send("", code=spare).sees("Log out")
    other.open("/me/security").sees("On since")


def test_a_driver_takes_their_data_away_and_is_erased(town, guest, number):
    email = register(town, guest, number)
    guest.open("/me/data")
    with guest.page.expect_download() as waiting:
        guest.page.locator('form[action$="/me/data.zip"] button').click()
    assert waiting.value.suggested_filename.endswith(".zip")
    guest.send("/me/data/erase", current=PASSWORD).sees("You are erased here")
    guest.log_in(email, PASSWORD).sees("Log in")
    assert guest.page.url.endswith("/login")


def test_a_driver_asks_the_office_for_a_vehicle_and_a_supervisor_decides(town, guest, member, car, number):
    register(town, guest, number)
    guest.follow("Add a vehicle").send("/me/vehicles/office", plate=car, words="I show the registration")
    guest.sees("waits for the office")
    office = member("supervisor").follow("Claims").sees("I show the registration")
    office.send("", "The vehicle is theirs", reason="RC seen")
    guest.open("/me/vehicles").sees("yours")


def test_a_pass_is_sold_paid_by_its_holder_and_renewed(town, member, someone, car, number):
    manager = member("manager").open("/accounts/passes")
    sold = {"name": f"Monthly {number}", "price": "2360", "days": "30", "plates": "2", "tax": "18", "class": True}
    manager.send("/accounts/passes/products", **sold)
    bought = next(text for text in manager.page.locator("#product option").all_inner_texts() if f"y {number}," in text)
    manager.page.locator("#product").select_option(label=bought)
    manager.send("/accounts/passes?site=delhi", holder="Asha Rao", plates=car).sees("to be paid")
    holder = someone().open(link_of(manager, "pass")).sees("Pay ₹2,360 with UPI")
    here = holder.page.url
    pay(holder.press("Pay ₹2,360 with UPI"))
    holder.open(here).reads_again("The barrier knows your plates.").follow("Receipt").sees("SAC 996743")
    holder.open(here).press("Renew").sees("Pay ₹2,360 with UPI")


def test_a_wallet_is_topped_up_by_its_holder_and_pays_at_the_exit_by_itself(town, member, someone, car, number):
    office = member("supervisor").open("/accounts").send("/accounts", name=f"Ravi {number}", phone="98100 00000")
    account = office.page.url
    office.send("/vehicles", plate=car)
    holder = someone().open(link_of(office, "wallet")).sees("you are asked at the exit")
    here = holder.page.url
    pay(holder.send("/top-up", "UPI", amount="500"))
    holder.open(here).reads_again("₹500\n")
    holder.page.locator('form[action*="/vehicles/"] button').first.click()
    holder.sees("pays at the exit by itself")
    town.enter(timedelta(minutes=50), car)
    town.ask_to_leave(car)
    office.open(account).sees("₹330")
    holder.open(here).follow("Choose what you are told").send("", language="hi")
    expect(holder.page.get_by_label("Language of messages")).to_have_value("hi")


def overstay(town: Town, car: str) -> str:
    """A vehicle has a notice for staying too long; its stay."""
    watch(town.park, Kind.OVERSTAY)
    stay_id, _ = town.enter(timedelta(minutes=100), car)
    town.ask_to_leave(car)
    return stay_id


def test_a_driver_appeals_a_notice_and_a_supervisor_takes_it_back(town, guest, member, car):
    stay_id = overstay(town, car)
    guest.open(town.pay_page(stay_id)).page.locator('a[href*="/v/"]').first.click()
    guest.sees("₹500").send("/appeal", text="The barrier stood open and nobody came.", contact="asha@example.org")
    guest.sees("Until then you need not pay")
    notice = guest.page.url
    office = member("supervisor").open("/violations").follow(" ".join(("DL", "3", "CX", car[-4:])))
    office.sees("nobody came").send("/waive", reason="the log shows it").sees("Waived: the log shows it")
    guest.open(notice).sees("the log shows it")


def test_a_driver_pays_a_notice_and_gets_its_receipt(town, guest, car):
    stay_id = overstay(town, car)
    guest.open(town.pay_page(stay_id)).page.locator('a[href*="/v/"]').first.click()
    notice = guest.page.url
    pay(guest.press("Pay with UPI")).open(notice).reads_again("Paid")
    guest.follow("Receipt").sees("₹500")
    expect(guest.page.locator("main")).to_contain_text("Penalty")
