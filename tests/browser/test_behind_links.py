"""Pages that lead on from others: behind a message's link, a line of a table, a code that was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from central.actions import accounts, corporate_invoices, staff, told_choices, webhook_endpoints
from central.actions.recipients import ACCOUNT, GUEST
from central.notifications.doors import Doors
from central.rules.telling import Event
from central.store.schema import Attempt, CorporateLine, Due
from edge.protocol.messages import Exited
from tests.browser.looks import Looks
from tests.browser.test_drivers import PASSWORD, pay, register
from tests.central.car_park import SITE, plate
from tests.central.corporate.firms import firm
from tests.central.people.drivers import code
from tests.central.people.pages.meera import anew
from tests.central.web.town import Town, now

pytestmark = pytest.mark.browser


def holder_of(town: Town, car: str) -> tuple[str, str]:
    """Somebody with a wallet and that vehicle: the account, and its page."""
    with town.park.db.begin() as session:
        made = accounts.open_account(session, SITE, f"Ravi {car}", now(), "tests", email=f"{car}@example.org")
        accounts.register(session, made.id, car, now(), "tests")
        return made.id, f"/wallet/{town.links.wallet_token(made.id)}"


def test_a_holder_books_on_the_wallets_page_reads_the_messages_and_keeps_the_slip(town, someone, car):
    account, wallet = holder_of(town, car)
    holder = someone().open(wallet)
    pay(holder.send("/top-up", "UPI", amount="500"))
    holder.open(wallet).reads_again("₹500\n").follow("Wallet filled", "main table").sees("Paid into the wallet")
    holder.open(f"{wallet}/book").send("", hours="4").sees("Booked")
    holder.open(f"/inbox/{Doors.beside(town.links).inbox_token(f'{ACCOUNT}/{account}')}").sees("Messages")


def test_a_holder_pays_a_vehicles_parking_by_the_code_on_the_wallets_page(town, guest, car):
    _, wallet = holder_of(town, car)
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(wallet).follow("Price, other ways to pay, receipts").press("Pay with UPI")
    pay(guest.open(f"{wallet}/stays/{stay_id}/upi").sees("₹170"))
    guest.open(wallet).reads_again("Paid, inside")


def test_a_guest_ends_the_messages_from_the_link_in_one(town, guest, car):
    stay_id, _ = town.enter(timedelta(minutes=5), car)
    with town.park.db.begin() as session:
        given = told_choices.give_contact(session, stay_id, f"{car}@example.org", "", "en", True, now())
        link = Doors.beside(town.links).stop(f"{GUEST}/{given.id}")
    guest.open(link).send("/stop")
    expect(guest.page.locator("main form")).to_have_count(0)


def test_a_driver_moves_to_another_address_by_the_code_sent_there(town, guest, number):
    register(town, guest, number)
    anew(town.park)
    to = f"moved{number}@example.org"
    guest.open("/me/security/contact").send("", contact=to, current=PASSWORD).sees("six digits")
    guest.send("", code=code(town.park.db, to)).sees("That is yours now")


def test_an_attendant_fills_a_wallet_at_the_counter_and_prints_its_slip(town, member, car):
    account, _ = holder_of(town, car)
    attendant = member("attendant").open("/money/shift").send("", "Open", float="0")
    attendant.open(f"/accounts/{account}").send("/top-up", top_up="500").sees("₹500")
    attendant.send("", "cash").sees("Paid into the wallet", "₹500")


def test_a_firm_and_the_office_read_the_same_credit_note(town, someone, member, car):
    came = now() - timedelta(minutes=60)
    account = firm(town.park, car, now=came)
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    town.ask_to_leave(car)
    town.park.hear(town.park.exit.report(Exited(plate=plate(car)), now(), stay_id), now=now())
    with town.park.db.begin() as session:
        then = now() + timedelta(days=32)
        [bill] = corporate_invoices.make_due(session, account, then)
        line = session.scalar(select(CorporateLine.id).where(CorporateLine.account_id == account))
        note = corporate_invoices.credit_stay(session, line, then, "tests", "guest of the house")
        at_office, token = f"/corporate/invoices/{bill.id}", town.links.invoice_token(bill.id)
        path = f"credit-notes/{note.id}"
    member("supervisor").open(f"{at_office}/{path}").sees("guest of the house")
    someone().open(f"/invoice/{token}/{path}").sees("guest of the house")


def test_a_supervisor_reads_a_message_as_it_is_sent(member):
    supervisor = member("supervisor")
    for language in ("en", "hi"):
        supervisor.open(f"/notifications/templates/{Event.PAID}/{language}")
        expect(supervisor.page.locator("html")).to_have_attribute("lang", language)


def test_an_administrator_answers_in_a_payers_place_and_looks_at_a_webhook(town, member, guest, car):
    stay_id, _ = town.enter(timedelta(minutes=50), car)
    guest.open(town.pay_page(stay_id)).press("Pay with UPI")
    with town.park.db.begin() as session:
        url = f"https://shop.example.org/{car}"
        endpoint = webhook_endpoints.add_endpoint(session, url, ["stay.entered"], [], now(), "tests").id
        attempt = session.scalar(select(Attempt.id).join(Due).where(Due.stay_id == stay_id))
    boss = member("administrator").open(f"/integrations/webhooks/{endpoint}").sees(url)
    boss.open(f"/mock-payments/{attempt}").send("", "Approve", payer="success").sees("Answered.")
    guest.open(town.pay_page(stay_id)).reads_again("Paid. Thank you.")


def test_the_set_up_page_is_as_every_page(new_town, visit, size, run_folder):
    page = visit(size)
    with new_town.park.db.begin() as session:
        token = staff.make_setup_link(session, now(), "tests")
    page.goto(f"{new_town.url}/setup/{token}")
    assert Looks(new_town.app, run_folder / "looked-at", new_town.url).at(page) == []
