"""The pages of violations: staff from the list to a decision, drivers from the link to a receipt or an appeal."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from central import images
from central.actions import violations as actions
from central.rules.violations import Kind, Status
from central.store.schema import Attempt, Gate, Violation
from central.web import violation_words
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from tests.central.car_park import SITE, CarPark, plate
from tests.central.violations.notices import raised, watch
from tests.central.web.people import body_of, send, token_on
from tests.central.web.pictures import JPEG, JPEG_NAME
from tests.central.web.town import PLATE, now, until

WHY = "The barrier stood open <b>and</b> nobody came."


def overstay(park: CarPark, text: str = PLATE, ago: timedelta = timedelta(minutes=100)) -> Violation:
    """A vehicle that stayed longer than an hour stands at the exit, and has a notice."""
    watch(park, Kind.OVERSTAY)
    stay_id, at = uuid7(), now() - ago
    facts = Entered(plate=plate(text), ticket=park.entry.new_ticket(), image=JPEG_NAME)
    park.hear(
        park.entry.report(facts, at, stay_id),
        park.exit.report(ExitRequested(request=uuid7(), plate=plate(text)), now(), stay_id),
        now=now(),
    )
    return raised(park)[-1]


def picture(park: CarPark, settings) -> None:
    """The entry's picture has come from its gate."""
    Path(settings.images).mkdir(parents=True, exist_ok=True)
    images.keep(settings.images, JPEG_NAME, JPEG)
    with park.db.begin() as session:
        images.remember(session, session.get_one(Gate, (SITE, "entry-1")), JPEG_NAME, len(JPEG), now())


def test_the_list_has_filters_and_pages(park, sign_in):
    for number in range(52):
        overstay(park, f"MH12AB{number:04d}")
    visitor = sign_in()
    first = visitor.get("/violations").text
    assert "MH 12 AB 0051" in first and "MH 12 AB 0001" not in first and "Stayed too long" in first and "₹500" in first
    older = re.search(r'rel="next" href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = visitor.get(older).text
    assert "MH 12 AB 0001" in second and "MH 12 AB 0051" not in second and 'rel="next"' not in second
    assert "MH 12 AB 0007" in visitor.get("/violations?plate=mh12ab0007&status=live&kind=overstay&site=delhi").text
    assert "No violation fits" in visitor.get("/violations?status=paid").text


@pytest.mark.parametrize("query", ["kind=theft", "status=gone", "site=goa", "plate=%3Cb%3E"])
def test_a_filter_that_is_none_is_said_so(sign_in, query):
    answer = sign_in().get(f"/violations?{query}")
    assert answer.status_code == 422 and ("is not known" in answer.text or "expected" in answer.text)


def test_staff_see_the_evidence_side_by_side_and_tell_the_driver(park, sign_in, web_settings):
    notice = overstay(park)
    picture(park, web_settings)
    visitor, here = sign_in(), f"/violations/{notice.id}"
    page = visitor.get(here).text
    assert f"/images/{JPEG_NAME}" in page and "Before that" in page and "What was seen" in page and "98 %" in page
    assert "1 h 40 min; 1 h are allowed" in page and "Waive" not in page
    assert send(visitor, f"{here}/tell", page=here, how="windscreen").status_code == 303
    page = visitor.get(here).text
    assert "Driver told" in page and "on the windscreen" in page and "Pay by" in page
    assert send(visitor, f"{here}/tell", page=here, how="shouting").status_code == 422
    assert visitor.get("/violations/none").status_code == 404


def test_a_supervisor_decides_with_a_reason_and_an_attendant_may_not(park, sign_in):
    notice = overstay(park)
    here = f"/violations/{notice.id}"
    assert send(sign_in(), f"{here}/waive", page=here, reason="a friend").status_code == 403
    visitor = sign_in("supervisor")
    assert "a reason of 3 to 200" in send(visitor, f"{here}/waive", page=here, reason=" ").text
    assert "raised already" in send(visitor, f"{here}/uphold", page=here, reason="was seen").text
    assert send(visitor, f"{here}/forgive", page=here, reason="was seen").status_code == 404
    assert send(visitor, f"{here}/waive", page=here, reason="first time").status_code == 303
    assert "Waived: first time" in visitor.get(here).text and raised(park)[0].status == "waived"


def test_a_driver_reads_the_notice_looks_at_the_picture_and_appeals(park, client, links, web_settings, sign_in):
    notice = overstay(park)
    picture(park, web_settings)
    here = f"/v/{links.notice_token(notice.id)}"
    page = client.get(here).text
    assert "DL 1 CAB 1234" in page and "₹500" in page and "to be paid by" in page and "<svg" in page
    assert "1 h 40 min" in page and f"{here}/picture/beside" in page
    with client.get(f"{here}/picture/beside") as sent:
        assert sent.data == JPEG
    assert client.get(f"{here}/picture/seen").status_code == 404, "no picture was taken at the exit"
    short = send(client, f"{here}/appeal", page=here, text="no", contact="asha@example.org")
    assert short.status_code == 422 and "10 to 2000 characters" in short.text and "asha@example.org" in short.text
    assert send(client, f"{here}/appeal", page=here, text=WHY, contact="asha@example.org").status_code == 303
    page = client.get(here).text
    assert "Until then you need not pay" in page and "<b>and</b>" not in page and "This is not right" not in page
    visitor, staff_page = sign_in("supervisor"), f"/violations/{notice.id}"
    assert "asha@example.org" in visitor.get(staff_page).text
    assert send(visitor, f"{staff_page}/uphold", page=staff_page, reason="on the picture").status_code == 303
    page = client.get(here).text
    assert "It was turned down" in page and "on the picture" in page and "Pay with UPI" in page


def test_a_link_that_we_never_made_tells_nothing(park, client, links):
    notice = overstay(park)
    for token in ("x", "A" * 43, links.pay_token(notice.id), links.notice_token(uuid7())):
        answer = client.get(f"/v/{token}")
        assert answer.status_code == 404 and "not one of ours" in answer.text


def test_a_notices_link_opens_no_stay_and_a_stays_link_no_notice(park, client, links):
    notice = overstay(park)
    assert client.get(f"/p/{links.notice_token(notice.stay_id)}").status_code == 404
    assert client.get(f"/v/{links.pay_token(notice.id)}").status_code == 404


def test_a_notice_that_is_waived_asks_for_nothing(park, client, links):
    notice = overstay(park)
    with park.db.begin() as session:
        actions.waive(session, notice.id, "the barrier was broken", now(), "vera")
    here = f"/v/{links.notice_token(notice.id)}"
    page = client.get(here).text
    assert "taken back" in page and "the barrier was broken" in page and "<form" not in body_of(page)
    assert client.post(f"{here}/pay").status_code == 400, "a form is sent from our page alone"


def test_the_drivers_pay_page_and_the_stays_page_lead_to_the_notice(park, client, links, sign_in):
    notice = overstay(park)
    assert f"/v/{links.notice_token(notice.id)}" in client.get(f"/p/{links.pay_token(notice.stay_id)}").text
    assert f"/violations/{notice.id}" in sign_in().get(f"/stays/{notice.stay_id}").text


def test_a_supervisor_raises_one_from_the_stays_page(park, sign_in):
    notice = overstay(park)
    watch(park, Kind.WRONG_CLASS)
    visitor, here = sign_in("supervisor"), f"/stays/{notice.stay_id}"
    assert "Raise a violation" in visitor.get(here).text
    made = send(visitor, "/violations/raise", page=here, stay=notice.stay_id, kind="wrong_class", reason="a bus")
    assert "looked at by a person" in visitor.get(made.location).text
    again = send(visitor, "/violations/raise", page=here, stay=notice.stay_id, kind="wrong_class", reason="a bus")
    assert again.location == here and "before" in visitor.get(here).text


def test_a_manager_says_what_is_asked_for(park, sign_in):
    visitor, here = sign_in("manager"), "/violations/rules"
    given = {"site": SITE, "kind": "overstay", "do": "on", "amount": "750", "tax": "18", "wait": "120"}
    assert send(visitor, here, **given, days="7", sure="95").status_code == 303
    page = visitor.get(here).text
    assert 'value="750.00"' in page and 'value="18"' in page and 'value="120"' in page
    for fields, says in (
        ({"wait": "x"}, "expected a whole number"), ({"amount": "-5"}, "expected rupees"), ({"wait": "0"}, "how long"),
        ({"kind": "theft"}, "expected one of"), ({"site": "goa"}, "is not known"),
    ):  # fmt: skip
        answer = send(visitor, here, **{**given, "days": "7", "sure": "95", **fields})
        assert answer.status_code == 422 and says in answer.text
    assert send(visitor, here, site=SITE, kind="overstay", do="off").status_code == 303
    assert 'value="750.00"' not in visitor.get(here).text
    assert sign_in("supervisor").get(here).status_code == 403


def test_a_driver_pays_a_notice_at_the_provider_and_gets_a_receipt(town):
    notice = overstay(town.park)
    here = f"{town.url}/v/{town.links.notice_token(notice.id)}"
    with requests.Session() as phone:
        code = phone.post(f"{here}/pay", data={"csrf_token": token_on(phone.get(here).text)})
        assert code.url.endswith("/upi") and "upi://pay?" in code.text and "₹500" in code.text
        with town.park.db.read() as session:
            provider = session.scalar(select(Attempt.page_url).where(Attempt.due_id == notice.due_id))
        assert requests.post(provider, data={"action": "approve", "vpa": "success@mock"}, timeout=10).ok
        until(lambda: "Paid. Thank you." in phone.get(here).text)
        receipt = phone.get(f"{here}/receipt").text
        assert "Penalty: stayed longer than allowed" in receipt and "₹500" in receipt and "DELH/" in receipt
        assert "Back to the notice" in receipt
        # its parking is paid apart
        assert "₹270" in phone.get(town.pay_page(notice.stay_id)).text
    assert town.park.stay(notice.stay_id).status == "quoted" and raised(town.park)[0].status == "paid"


def test_every_word_has_one_for_people():
    assert set(violation_words.KIND) == {str(kind) for kind in Kind}
    assert set(violation_words.STATUS) == {str(status) for status in Status} | {"live"}
    assert set(violation_words.COLOUR) == {str(status) for status in Status}
    assert set(violation_words.TOLD) == set(actions.TOLD)
