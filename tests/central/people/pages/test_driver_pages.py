"""A driver's own pages: vehicles, security, taking data away, being erased."""

from __future__ import annotations

import io
import json
import re
import zipfile

from sqlalchemy import select

from central.store.schema import PlateClaim, User, UserSession
from tests.central.people.drivers import EMAIL, code
from tests.central.people.pages.meera import PASSWORD, PLATE, enter
from tests.central.web.people import send, token_on


def test_a_vehicle_is_added_with_its_ticket_and_its_parking_is_on_the_first_page(park, meera):
    stay, ticket = enter(park)
    added = send(meera, "/me/vehicles", plate="dl 1c ab 1234", ticket=f"http://127.0.0.1:8000/t/{ticket}")
    assert added.location == "/me/vehicles"
    page = meera.get("/me").text
    assert "DL 1 CAB 1234" in page and "₹" in page
    pay = re.search(r'href="(/p/[\w-]+)"', page).group(1)
    assert "Pay with UPI" in meera.get(pay).text
    assert stay


def test_the_link_of_the_exits_display_proves_it_too(park, meera, links):
    stay, _ = enter(park)
    assert send(meera, "/me/vehicles", plate=PLATE, ticket=links.pay(stay)).status_code == 303


def test_guessing_tickets_is_stopped(park, meera):
    enter(park)
    codes = [send(meera, "/me/vehicles", plate=PLATE, ticket=f"{n:026}").status_code for n in range(11)]
    assert codes == [422] * 10 + [429]


def test_the_office_is_asked_decides_and_the_driver_sees_it(park, meera, sign_in):
    answer = send(meera, "/me/vehicles/office", page="/me/vehicles", site="delhi", plate=PLATE, words="<b>RC</b> shown")
    assert answer.status_code == 303 and "waits for the office" in meera.get("/me/vehicles").text
    supervisor = sign_in("supervisor")
    queue = supervisor.get("/claims").text
    assert "&lt;b&gt;RC&lt;/b&gt; shown" in queue and "Meera Iyer" in queue
    with park.db.read() as session:
        claim = session.scalar(select(PlateClaim.id))
    refused = send(supervisor, f"/claims/{claim}", page="/claims", do="approve", reason="")
    assert refused.status_code == 422 and "say why" in refused.text
    assert send(supervisor, f"/claims/{claim}", page="/claims", do="approve", reason="RC seen").status_code == 303
    assert "yours" in meera.get("/me/vehicles").text
    send(meera, f"/me/vehicles/{claim}/let-go", page="/me/vehicles")
    assert "None yet" in meera.get("/me/vehicles").text


def test_a_device_is_logged_out_from_another(app, park, meera):
    other = app.test_client()
    send(other, "/login", email=EMAIL, password=PASSWORD)
    page = meera.get("/me/security").text
    assert "this one" in page and "Log out everywhere else" in page
    with park.db.read() as session:
        second = session.scalar(select(UserSession.id).order_by(UserSession.id.desc()).limit(1))
    send(meera, f"/me/security/sessions/{second}/end", page="/me/security")
    assert other.get("/me").status_code == 303 and meera.get("/me").status_code == 200


def test_logging_out_here_leaves_the_other_device_logged_in(app, meera):
    other = app.test_client()
    send(other, "/login", email=EMAIL, password=PASSWORD)
    send(meera, "/logout", page="/me")
    assert other.get("/me").status_code == 200 and meera.get("/me").status_code == 303


def test_the_password_is_asked_for_before_it_or_an_address_is_changed(app, park, meera):
    new = {"password": "monsoon in the hills", "again": "monsoon in the hills"}
    wrong = send(meera, "/me/security/password", current="not it at all", **new)
    assert wrong.status_code == 401 and "not your password" in wrong.text
    assert send(meera, "/me/security/password", current=PASSWORD, **new).status_code == 303
    assert send(meera, "/me/security/contact", contact="98100 12345", current=PASSWORD).status_code == 401
    send(meera, "/me/security/contact", contact="98100 12345", current=new["password"])
    answer = send(meera, "/me/security/contact/code", code=code(park.db, "+919810012345"))
    assert answer.location == "/me/security"
    visitor = app.test_client()
    assert send(visitor, "/login", email="+91 98100 12345", password=new["password"]).location == "/me"


def test_wrong_passwords_are_in_the_history_that_their_person_sees(app, meera):
    send(app.test_client(), "/login", email=EMAIL, password="wrong wrong wrong")
    assert "Wrong password" in meera.get("/me/security").text


def test_everything_is_taken_away_in_one_file(park, meera):
    _, ticket = enter(park)
    send(meera, "/me/vehicles", plate=PLATE, ticket=ticket)
    answer = send(meera, "/me/data.zip", page="/me/data")
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    held = json.loads(packed.read("data.json"))
    answer.close()
    assert held["profile"][0]["email"] == EMAIL and held["stays"][0]["plate"] == PLATE
    page = packed.read("data.html").decode()
    assert "Meera Iyer" in page and "<script" not in page


def test_erasing_asks_for_the_password_waits_for_what_is_parked_and_can_be_taken_back(park, meera):
    _, ticket = enter(park)
    send(meera, "/me/vehicles", plate=PLATE, ticket=ticket)
    assert "1 of your stays is not over" in meera.get("/me/data").text
    assert send(meera, "/me/data/erase", page="/me/data", current="wrong").status_code == 401
    assert send(meera, "/me/data/erase", page="/me/data", current=PASSWORD).location == "/me/data"
    assert "I stay after all" in meera.get("/me/data").text
    send(meera, "/me/data/stay", page="/me/data")
    assert "I stay after all" not in meera.get("/me/data").text


def test_an_erased_driver_is_gone_at_once(app, park, meera):
    assert send(meera, "/me/data/erase", page="/me/data", current=PASSWORD).location == "/login"
    assert "You are erased here" in meera.get("/login").text
    assert send(app.test_client(), "/login", email=EMAIL, password=PASSWORD).status_code == 401
    with park.db.read() as session:
        assert session.scalar(select(User.email)) is None


def test_a_session_of_a_driver_lasts_on_their_phone_and_staffs_does_not(meera, sign_in):
    assert meera.get_cookie("parkmeter").expires is not None
    assert sign_in().get_cookie("parkmeter").expires is None


def test_a_form_without_its_token_is_refused(meera):
    assert token_on(meera.get("/me/data").text)
    for path in ("/me/data/erase", "/me/vehicles", "/me/security/password", "/me/profile"):
        assert meera.post(path, data={"current": PASSWORD}).status_code == 400
