"""What guests come to do, on a phone and at a desk: pay, and be told; without an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser
ANOTHER = "TS09EA"


def to_the_provider(visitor: Visitor, town, ticket: str) -> str:
    """From the ticket code to the provider's page; the page of the parking."""
    visitor.open("/ticket").send("/ticket", ticket=f"{ticket[:13].lower()} {ticket[13:]}")
    pay_page = visitor.page.url
    visitor.press("Pay with UPI").follow("Pay in the browser instead")
    return pay_page


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_guest_is_declined_once_then_pays_and_gets_a_receipt(town, someone, car, scripts):
    _, ticket = town.enter(timedelta(minutes=50), car)
    guest = someone(java_script_enabled=scripts)
    pay_page = to_the_provider(guest, town, ticket)
    guest.press("Decline").sees("Not paid").open(pay_page).sees("₹170", "No money was taken")
    guest.press("Try again")
    expect(guest.page.locator("svg.qr")).to_be_visible()
    assert guest.page.get_by_role("link", name="Open my UPI app").get_attribute("href").startswith("upi://pay?pa=")
    guest.follow("Pay in the browser instead").press("Approve").follow("Back to the car park")
    # the page looks again by itself, should the news not have come yet
    guest.sees("Paid. Thank you.").follow("Receipt").sees("SAC 996743")
    expect(guest.page.get_by_role("button", name="Print")).to_have_count(1 if scripts else 0)


@pytest.mark.parametrize(
    ("payer", "told"),
    [
        ("success@mock", "Paid. Thank you."),
        ("failure@mock", "No money was taken"),
        ("poor@mock", "not enough money"),
        ("unknown@mock", "Do not pay again."),
    ],
)
def test_a_guest_pays_by_a_upi_id_and_reads_what_became_of_it(town, guest, car, payer, told):
    _, ticket = town.enter(timedelta(minutes=50), car)
    pay_page = to_the_provider(guest, town, ticket)
    guest.page.get_by_label("Simulated payer's UPI ID").fill(payer)
    guest.press("Approve").open(pay_page).sees(told)


def test_a_guest_books_ahead_pays_and_is_let_in_by_the_booking(guest, car):
    guest.open("/book").send("", plate=car, hours="4").sees("Pay with UPI")
    booked = guest.page.url
    guest.press("Pay with UPI").follow("Pay in the browser instead").press("Approve")
    guest.open(booked).reads_again("Paid ahead. Thank you.").follow("Receipt").sees("SAC 996743")


def test_a_guest_who_is_inside_pays_for_a_longer_time(town, guest, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(town.pay_page(stay_id)).follow("Pay for a longer time").press("Pay with UPI")
    guest.follow("Pay in the browser instead").press("Approve")
    guest.open(town.pay_page(stay_id)).sees("Paid. Thank you.", "The exit opens for you until")


def test_a_guest_says_that_something_is_wrong_and_staff_read_it(town, guest, member, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(town.pay_page(stay_id)).follow("Something is wrong")
    guest.send("", reason="I came by bike, not by car").sees("It was said that something is wrong")
    supervisor = member("supervisor").open(f"/stays/{stay_id}").sees("I came by bike, not by car")
    supervisor.follow("Decide the dispute").send("", owed="yes", reason="a car on the picture")
    supervisor.sees("This will change").press("Decide the dispute").sees("a car on the picture")


def test_a_guest_whose_plate_fits_no_entry_finds_their_parking_by_the_ticket(town, guest, car, number):
    _, ticket = town.enter(timedelta(minutes=50), car)
    asked = town.ask_to_leave(f"{ANOTHER}{number:04d}")
    guest.open(town.pay_page(asked)).sees("We can't tell when you came in")
    guest.send("/ticket", ticket=ticket).sees("₹170")


def test_a_guest_has_the_receipt_sent_to_them(town, guest, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(town.pay_page(stay_id))
    guest.open(f"{guest.page.url}/receipt-to").send("", email="guest@example.org", more=True)
    guest.sees("The receipt goes there once it is paid.").follow("The receipt is sent to you")
    guest.sees("It goes to g")


def test_a_guest_reads_what_is_kept_of_them_and_in_hindi(guest):
    guest.open("/ticket").follow("Privacy: what we keep, and why")
    expect(guest.page.locator("html")).to_have_attribute("lang", "en")
    guest.press("हिन्दी", "footer")
    expect(guest.page.locator("html")).to_have_attribute("lang", "hi")
    assert guest.page.url.endswith("/privacy")
    guest.sees("हम आपके बारे में क्या रखते हैं")
