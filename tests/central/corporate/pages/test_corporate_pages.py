"""The pages of firms as the office and the firms use them, against a real payment provider."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from central.actions import corporate_invoices
from central.store.schema import Account, Attempt, CorporateInvoice, CorporateLine
from edge.protocol.messages import Exited
from tests.central.car_park import SITE, CarPark, plate
from tests.central.corporate.firms import GSTIN, NEXT_MONTH, firm, invoice, owes, sound, transfer, visit
from tests.central.web.people import send, token_on
from tests.central.web.town import PLATE, Town, now, until

TERMS = {
    "site": SITE, "name": "Acme", "legal_name": "Acme Private Limited", "address": "1 Ring Road", "gstin": GSTIN,
    "state_code": "27", "supply": "site", "limit": "10,000", "invoice_day": "1", "payment_days": "15",
}  # fmt: skip


def link_on(page: str, kind: str) -> str:
    """The firm's link on a page of the office."""
    return re.search(rf'href="http://[^"/]+(/{kind}/[\w-]+)"', page).group(1)


def approve(park: CarPark) -> None:
    """The payer says yes at the provider."""
    with park.db.read() as session:
        page = session.scalar(select(Attempt.page_url).order_by(Attempt.created_at.desc()).limit(1))
    assert requests.post(page, data={"action": "approve", "vpa": "success@mock"}, timeout=10).ok


def press(phone: requests.Session, page: requests.Response, action: str, **fields: str) -> requests.Response:
    return phone.post(action, data={"csrf_token": token_on(page.text), **fields})


def test_from_the_gates_messages_to_the_invoice_that_its_firm_has_paid(park, town: Town, sign_in):
    manager = sign_in("manager")
    opened = send(manager, "/corporate", **TERMS)
    assert opened.status_code == 303
    page = opened.location
    pasted = "Plate,Driver\ndl 1c ab 1234,Asha\nMH-12-DE-5678;Ravi\nno plate!,\n"
    added = send(manager, f"{page}/members", page=page, plates=pasted)
    assert added.status_code == 422
    assert "2 plates go on account from now on." in added.text
    assert "line 4" in added.text and "no plate!" in added.text and "expected 1 to 16 letters" in added.text
    stay_id, _ = town.enter(timedelta(minutes=45))
    town.ask_to_leave(PLATE)
    assert park.told(stay_id).status == "paid", "the boom opens without asking"
    left = now()
    park.hear(park.exit.report(Exited(plate=plate(PLATE)), left, stay_id), now=left)
    assert park.stay(stay_id).status == "closed"
    shown = manager.get(page).text
    assert "₹170" in shown and "1 stays, newest first" in shown
    early = send(manager, f"{page}/invoice-now", page=page)
    assert early.status_code == 422 and "nothing to invoice up to" in early.text
    with park.db.begin() as session:
        account_id = session.scalar(select(Account.id))
        [bill] = corporate_invoices.make_due(session, account_id, left + timedelta(days=32))
    shown = manager.get(f"/corporate/invoices/{bill.id}").text
    for words in ("Tax invoice", GSTIN, "DL 1 CAB 1234", "SAC 996743", "₹144.06", "₹12.97", "₹170"):
        assert words in shown
    firm_link, bill_link = town.url + link_on(manager.get(page).text, "firm"), town.url + link_on(shown, "invoice")
    with requests.Session() as phone:
        first = phone.get(bill_link)
        assert "To be paid" in first.text and 'value="170.00"' in first.text
        part = press(phone, first, f"{bill_link}/pay", amount="100")
        assert "upi://pay?" in part.text and "₹100" in part.text
        approve(park)
        until(lambda: owes(park, account_id) == 70_00)
        rest = press(phone, phone.get(firm_link), f"{firm_link}/pay", amount="70")
        assert "upi://pay?" in rest.text
        approve(park)
        until(lambda: owes(park, account_id) == 0)
        assert "Settled. Thank you." in phone.get(bill_link).text
        assert "Firm paid by UPI" in phone.get(firm_link).text
        refused = press(phone, phone.get(firm_link), f"{firm_link}/pay", amount="0")
        assert refused.status_code == 422 and "expected ₹1 to ₹1,00,000 by UPI" in refused.text
    sound(park)


def test_an_invoices_lines_come_as_csv_that_no_spreadsheet_calculates(park, client, links, sign_in):
    acme = firm(park, "DL1CAB1234")
    visit(park)
    with park.db.begin() as session:
        session.query(CorporateLine).one().plate = "=1+1"
    bill_id = invoice(park, acme)
    manager = sign_in("manager")
    shared = client.get(f"/invoice/{links.invoice_token(bill_id)}/lines.csv")
    assert shared.text == manager.get(f"/corporate/invoices/{bill_id}/lines.csv").text
    head, line = shared.text.splitlines()
    assert head.endswith("total,credit_note")
    assert "'=1+1,car,2026-11-24 10:00+05:30,2026-11-24 10:45+05:30,45,144.06,12.97,12.97,0.00,0.00,170.00," in line
    assert "attachment" in shared.headers["Content-Disposition"]


def test_the_office_records_takes_back_and_gives_up_what_a_firm_owes(park, sign_in, client, links):
    acme = firm(park, "DL1CAB1234")
    visit(park)
    bill_id = invoice(park, acme)
    manager, page, bill = sign_in("manager"), f"/corporate/{acme}", f"/corporate/invoices/{bill_id}"
    wrong = send(manager, f"{page}/payments", page=page, amount="50", how="transfer", reference="x")
    assert wrong.status_code == 422 and "expected the bank" in html.unescape(wrong.text)
    send(manager, f"{page}/payments", page=page, amount="50", how="cheque", reference="000123", invoice=bill_id)
    assert "000123" in manager.get(page).text and "₹120 open" in manager.get(page).text
    back = re.search(rf'action="({page}/payments/[\w-]+/take-back)"', manager.get(page).text).group(1)
    send(manager, back, page=page, reason="returned by the bank")
    assert "taken back: returned by the bank" in manager.get(page).text and owes(park, acme) == 170_00
    send(manager, f"{bill}/write-off", page=bill, amount="20", reason="agreed")
    assert "₹150" in manager.get(bill).text
    line = re.search(rf'action="({bill}/lines/[\w-]+/credit)"', manager.get(bill).text).group(1)
    send(manager, line, page=bill, reason="guest of the house")
    shown = manager.get(bill).text
    note = re.search(rf'href="({bill}/credit-notes/([\w-]+))"', shown)
    assert "DELH/2627/C00001" in shown and "guest of the house" in manager.get(note.group(1)).text
    token = links.invoice_token(bill_id)
    assert "DELH/2627/C00001" in client.get(f"/invoice/{token}/credit-notes/{note.group(2)}").text
    assert owes(park, acme) == 0
    sound(park)


def test_terms_members_and_standing_are_changed_on_the_firms_page(park, sign_in):
    acme = firm(park, "DL1CAB1234")
    manager, page = sign_in("manager"), f"/corporate/{acme}"
    changed = send(manager, f"{page}/terms", page=page, **TERMS | {"limit": "5000", "payment_days": "7"})
    assert changed.status_code == 303 and "of a limit of ₹5,000" in manager.get(page).text
    for wrong, says in (({"gstin": "27AAPFU0939F1ZX"}, "GSTIN '27AAPFU0939F1ZX': expected 15 characters"),
                        ({"limit": "much"}, "Credit limit much: expected rupees"),
                        ({"invoice_day": "x"}, "Invoice day x: expected a whole number"),
                        ({"supply": "moon"}, "Choose where the parking is supplied.")):  # fmt: skip
        answer = send(manager, f"{page}/terms", page=page, **TERMS | wrong)
        assert answer.status_code == 422 and says in html.unescape(answer.text)
        assert 'value="Acme Private Limited"' in answer.text
    send(manager, f"{page}/suspend", page=page, reason="contract ended")
    assert "contract ended" in manager.get(page).text
    send(manager, f"{page}/lift", page=page, until=now().date().isoformat(), reason="signed again")
    assert "Suspended since" not in manager.get(page).text
    off = re.search(rf'action="({page}/members/[\w-]+/off)"', manager.get(page).text).group(1)
    send(manager, off, page=page)
    assert "DL 1 CAB 1234" not in manager.get(page).text


def test_a_statement_runs_over_pages_with_what_was_owed_after_each_line(park, sign_in, client, links):
    acme = firm(park, limit=1_00_000_00)
    for number in range(60):
        transfer(park, acme, 100 + number, NEXT_MONTH, f"UTR{number:04d}")
    first = client.get(f"/firm/{links.firm_token(acme)}").text
    assert "UTR0059" in first and "UTR0009" not in first and "-₹77.70" in first
    older = html.unescape(re.search(r'href="(/firm/[^"]+before=\d+)"', first).group(1))
    second = client.get(older).text
    assert "UTR0009" in second and "UTR0010" not in second and 'rel="next"' not in second
    staff = sign_in("supervisor")
    assert "UTR0059" in staff.get(f"/corporate/{acme}/statement").text
    assert staff.get(f"/corporate/{acme}/statement?before=x").status_code == 400
    listed = staff.get("/corporate").text
    assert "₹77.70 paid ahead" in listed


def test_what_is_overdue_is_shown_to_the_office_and_to_the_firm(park, sign_in, client, links):
    acme = firm(park, "DL1CAB1234")
    visit(park)
    bill_id = invoice(park, acme)
    with park.db.begin() as session:
        session.get_one(CorporateInvoice, bill_id).due_on = "2026-01-01"
    assert "₹170 overdue" in sign_in("supervisor").get("/corporate").text
    assert "₹170 is overdue." in client.get(f"/firm/{links.firm_token(acme)}").text
    page = f"/invoice/{links.invoice_token(bill_id)}"
    assert "Overdue since 1 Jan 2026." in client.get(page).text
    assert "1 जन॰ 2026" in client.get(page, headers={"Accept-Language": "hi"}).text
    assert "overdue since 1 Jan 2026" in sign_in("manager").get(f"/corporate/{acme}").text


def test_only_the_office_sees_firms_and_only_managers_change_what_is_agreed(park, sign_in, client, links):
    acme = firm(park)
    assert client.get("/corporate").status_code == 303 and sign_in().get("/corporate").status_code == 403
    supervisor, page = sign_in("supervisor"), f"/corporate/{acme}"
    shown = supervisor.get(page)
    assert shown.status_code == 200 and "Suspend" not in shown.text
    for action in ("terms", "suspend", "lift", "invoice-now"):
        refused = supervisor.post(f"{page}/{action}", data={"csrf_token": token_on(shown.text)})
        assert refused.status_code == 403
    for lost in ("/firm/nonsense", f"/firm/{links.wallet_token(acme)}", f"/invoice/{links.firm_token(acme)}"):
        assert client.get(lost).status_code == 404
    for gone in ("/corporate/nobody", "/corporate/invoices/none", "/corporate/nobody/statement"):
        assert supervisor.get(gone).status_code == 404


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "{{7*7}}"])
def test_what_people_type_is_only_text_on_every_page(park, sign_in, client, links, hostile):
    acme = firm(park, "DL1CAB1234", legal_name=hostile, address=hostile)
    visit(park)
    bill_id = invoice(park, acme)
    pages = (f"/firm/{links.firm_token(acme)}", f"/invoice/{links.invoice_token(bill_id)}")
    manager = sign_in("manager")
    shown = [client.get(one).text for one in pages]
    shown += [manager.get(one).text for one in ("/corporate", f"/corporate/{acme}", f"/corporate/invoices/{bill_id}")]
    for text in shown:
        assert "<script>alert" not in text and html.escape(hostile, quote=False) in text
