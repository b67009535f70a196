"""What managers and administrators come to do, and the firms and shops that they deal with."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from central.actions import corporate_invoices
from central.store.schema import Account
from edge.protocol.messages import Exited
from tests.browser.test_drivers import link_of, pay
from tests.browser.visitor import Visitor
from tests.central.car_park import SITE, plate
from tests.central.corporate.firms import GSTIN
from tests.central.ledger.books import settlement_csv
from tests.central.web.people import PASSWORD
from tests.central.web.town import now

pytestmark = pytest.mark.browser


def the_day(days: int) -> str:
    """The car park's date so many days from now."""
    return (now().astimezone(ZoneInfo("Asia/Kolkata")) + timedelta(days=days)).date().isoformat()


def test_a_manager_tries_a_dearer_tariff_and_puts_it_in_force(town, member, number):
    manager = member("manager").open("/tariffs").send(f"/sites/{SITE}/drafts").sees("This tariff is sound.")
    draft = manager.page.get_by_label("The tariff, in TOML")
    draft.fill(draft.input_value().replace("120_00", "150_00"))
    manager.press("Try without saving").send("/try", entered="2026-11-24T10:00", left="2026-11-24T12:30").sees("₹")
    manager.open("/tariffs").follow("Draft", "main")
    draft.fill(draft.input_value().replace("120_00", "150_00"))
    manager.page.get_by_label("From the start of").fill(the_day(30 + 10 * number))
    manager.page.get_by_label("Last day (if it ends)").fill(the_day(35 + 10 * number))
    manager.press("Save and schedule").sees("is scheduled", "150_00").follow("All tariffs", "main").sees("Scheduled")
    manager.press("Withdraw", "main").sees("Delhi")
    expect(manager.page.get_by_role("button", name="Withdraw")).to_have_count(0)


def test_a_manager_makes_a_coupon_and_a_guest_uses_it(town, member, someone, car, number):
    manager = member("manager").open("/coupons")
    manager.send("/coupons", kind="amount", value="50", code=f"FIFTY{number}").sees(f"FIFTY{number}")
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest = someone().open(town.pay_page(stay_id)).follow("I have a coupon").send("/coupon", code=f"fifty{number}")
    guest.open(town.pay_page(stay_id)).sees("₹120")
    manager.open("/coupons").follow(f"FIFTY{number}", "main").sees(f"FIFTY{number}")


def test_a_manager_settles_what_a_settlement_file_has_and_we_have_not(member, number):
    manager = member("manager").open("/money/reconciliation")
    day, ref = the_day(-number), f"pay_stranger{number}"
    raw = settlement_csv(day, [("payment", "gone", ref, "", 5_000, 0)], utr=f"UTR{number}")
    sent = {"name": "day.csv", "mimeType": "text/csv", "buffer": raw}
    manager.page.get_by_label("The provider's file of a day (CSV)").set_input_files(sent)
    manager.press("Take it in").sees("Not ours", ref)
    manager.send("", "Settle", resolution="goes_back", reason="the provider knows")
    manager.open("/money/reconciliation?settled=1").sees("the provider knows", ref)


def test_a_manager_reads_today_and_the_reports_and_takes_figures_away(town, member, car):
    town.enter(timedelta(minutes=50), car)
    manager = member("manager").open("/dashboard").send("/capacity", places="400").sees("400")
    manager.open("/reports").sees("Arrivals and exits")
    assert "," in manager.downloads("CSV")
    manager.open("/money/books").sees("Trial balance").open("/money/days")


def test_a_manager_holds_a_vehicles_data_back_and_looks_through_the_log(member, car):
    manager = member("manager").open("/retention").send("/holds", of="plate", subject=car, reason="the police asks")
    manager.sees("the police asks").open("/audit").press("Look through it now").sees("The log was looked through.")
    manager.open(f"/audit?subject={car}")
    manager.open("/retention").send("/lift", "Lift", reason="the police is done")


def test_a_manager_changes_what_a_violation_costs(member):
    manager = member("manager").open("/violations/rules")
    manager.send("/rules?site=delhi", amount="750")
    expect(manager.page.get_by_label("Amount, ₹, tax in it").first).to_have_value("750.00")


def test_an_administrator_invites_a_supervisor_who_joins_and_is_given_another_role(member, someone, number):
    email = f"new{number}@example.org"
    boss = (
        member("administrator").open("/people").send("/invitations", email=email, role="supervisor").sees("is invited")
    )
    joined = someone().open(boss.text("#invitation")).sees("You are to work here as Supervisor")
    joined.send("", name="Nila Das", password=PASSWORD, again=PASSWORD)
    joined.open("/dashboard").sees("Today")
    boss.open(f"/people?name={email}").follow("Nila Das").send("/post", role="attendant").sees("Attendant")
    # another role logs out everywhere
    joined.open("/lanes").sees("Log in").log_in(email).open("/dashboard").sees("Forbidden")


def test_an_administrator_makes_an_api_token_and_a_webhook_and_ends_them(member, number):
    boss = member("administrator").open("/integrations")
    boss.send("/tokens", name=f"till {number}", scope=True, days="30").sees("It is shown this once.")
    assert boss.text("#secret")
    boss.follow("I have kept it").press(f"End till {number}").sees("ended")


def test_a_manager_needs_the_second_factor_from_the_second_log_in_on(member, someone, number):
    member("manager").sees("Today")
    manager = someone().log_in(f"manager{number}@example.org").sees("Set up a second factor")
    secret = pyotp.TOTP(manager.text("code"))
    manager.send("", code=secret.at(now() - timedelta(seconds=30))).follow("I have them")
    again = someone().log_in(f"manager{number}@example.org").send("", code="123 456").sees("code")
    again.send("", code=secret.now()).open("/dashboard").sees("Today")


def test_a_firm_parks_on_account_and_pays_its_invoice(town, member, someone, car, number):
    manager = member("manager").open("/corporate")
    manager.send(
        "/corporate?site=delhi", name=f"Acme {number}", legal_name=f"Acme {number} Private Limited", gstin=GSTIN,
        address="1 Ring Road", state_code="27", supply="site", limit="10,000", invoice_day="1", payment_days="15",
    )  # fmt: skip
    firm = manager.page.url
    manager.send("/members", plates=f"Plate,Driver\n{car},Asha")
    stay_id, _ = town.enter(timedelta(minutes=45), car)
    town.ask_to_leave(car)
    left = now()
    town.park.hear(town.park.exit.report(Exited(plate=plate(car)), left, stay_id), now=left)
    with town.park.db.begin() as session:
        account = session.scalar(select(Account.id).where(Account.name == f"Acme {number}"))
        [bill] = corporate_invoices.make_due(session, account, left + timedelta(days=32))
        bill_id = bill.id
    manager.open(f"/corporate/invoices/{bill_id}").sees("Tax invoice", GSTIN, "₹170")
    holder = someone().open(link_of(manager, "invoice")).sees("To be paid")
    here = holder.page.url
    pay(holder.press("Pay with UPI"))
    holder.open(here).reads_again("Settled. Thank you.")
    manager.open(firm).sees("₹0")
    someone().open(link_of(manager, "firm")).sees("Firm paid by UPI")
    manager.follow("Statement", "main").sees("₹170")


def test_a_shop_validates_its_visitors_ticket(town, member, someone, car, number):
    manager: Visitor = member("manager").open("/coupons").send("/coupons/shops", name=f"Book shop {number}")
    link = manager.page.locator("main").inner_text().split("/shop/")[1].split()[0]
    manager.page.locator("summary", has_text="Make a coupon").click()
    manager.page.get_by_label("Given by").select_option(label=f"Book shop {number}")
    manager.send("/coupons", kind="minutes", value="60", code=f"BOOKS{number}", name="Readers")
    _, ticket = town.enter(timedelta(minutes=50), car)
    shop = someone().open(f"/shop/{link}").send("", what=ticket).sees(f"…{car[-4:]}")
    assert car not in shop.page.content()
