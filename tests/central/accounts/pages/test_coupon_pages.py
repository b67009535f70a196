"""The pages of coupons as a manager, a driver, an attendant and a shop use them."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from central.store.schema import Coupon, Shop
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from tests.central.accounts.coupons import make, shop, uses
from tests.central.car_park import SITE, CarPark, plate
from tests.central.web.fields import wrong
from tests.central.web.people import send, token_on
from tests.central.web.town import now

PLATE = "DL1CAB1234"


def parked(park: CarPark, text: str = PLATE, *, asks: bool = False) -> tuple[str, str]:
    """A vehicle that came in 45 minutes ago and owes Rs 170; its stay's id and ticket."""
    stay_id, at, ticket = uuid7(), now() - timedelta(minutes=45), park.entry.new_ticket()
    park.hear(park.entry.report(Entered(plate=plate(text), ticket=ticket), at, stay_id), now=at)
    if asks:
        park.hear(park.exit.report(ExitRequested(request=uuid7(), plate=plate(text)), now(), stay_id), now=now())
    return stay_id, ticket


def made(page: str) -> str:
    """The link that a page shows once."""
    return re.search(r"http://[^\s<]+(/shop/[\w-]+)", html.unescape(page)).group(1)


def test_a_manager_makes_a_coupon_and_a_driver_takes_it_without_javascript(park, sign_in, client, links):
    manager = sign_in("manager")
    form = {"site": SITE, "kind": "percent", "value": "50", "code": "half price", "name": "Winter", "per_code": "10"}
    answer = send(manager, "/coupons", **form)
    assert answer.status_code == 303
    listed = manager.get("/coupons").text
    assert "HALFPRICE" in listed and "50 % off" in listed and "used 0, held 0" in listed
    stay_id, _ = parked(park)
    page = f"/p/{links.pay_token(stay_id)}"
    assert "I have a coupon" in client.get(page).text and f"{page}/coupon" in client.get(page).text
    taken = send(client, f"{page}/coupon", code="Half-Price")
    assert taken.status_code == 303 and taken.location.endswith(page)
    paying = client.get(page).text
    assert "Coupon HALFPRICE: 50 % off" in paying and "₹85" in paying and "holds until" in paying
    coupon_page = client.get(f"{page}/coupon").text
    off = re.search(rf'action="({page}/coupon/[\w-]+/off)"', coupon_page).group(1)
    assert client.post(off, data={"csrf_token": token_on(coupon_page)}).status_code == 303
    assert "₹170" in client.get(page).text and uses(park) == [("HALFPRICE", "returned")]
    with park.db.read() as session:
        coupon_id = session.query(Coupon.id).scalar()
    assert "taken off by driver" in manager.get(f"/coupons/{coupon_id}").text


def test_a_wrong_code_says_so_and_guessing_is_slowed_down(park, client, links):
    make(park, "RIGHT", "amount", 1_000)
    stay_id, _ = parked(park)
    page = f"/p/{links.pay_token(stay_id)}/coupon"
    for _ in range(10):
        answer = send(client, page, code="<b>WRONG")
        [field] = wrong(answer.text)
        assert answer.status_code == 422 and "<b>WRONG" not in answer.text
        assert field[:2] == ("code", "<b>WRONG") and "is not one of this car park" in field.said
    assert send(client, page, code="RIGHT").status_code == 429
    assert client.get("/p/nonsense/coupon").status_code == 404


def test_a_form_sent_twice_takes_one_coupon(park, client, links):
    make(park, "TWO", "amount", 1_000, per_stay=2)
    stay_id, _ = parked(park)
    page = f"/p/{links.pay_token(stay_id)}/coupon"
    shown = client.get(page).text
    key = re.search(r'name="key" value="([^"]+)"', shown).group(1)
    for _ in range(2):
        sent = client.post(page, data={"csrf_token": token_on(shown), "key": key, "code": "TWO"})
        assert sent.status_code == 303
    assert uses(park) == [("TWO", "held")]


def test_an_attendant_takes_a_code_off_at_the_till(park, sign_in):
    make(park, "TILL20", "amount", 2_000)
    make(park, "ALL", "percent", 10_000)
    visitor = sign_in()
    assert send(visitor, "/money/shift/open", page="/money/shift", site=SITE, float="500").status_code == 303
    stay_id, _ = parked(park, asks=True)
    [due] = park.dues(stay_id)
    page = f"/money/shift/pay/{due.id}"
    assert "The driver has a coupon" in visitor.get(page).text
    refused = send(visitor, f"/coupons/till/{due.id}", page=page, code="NONE")
    assert "is not one of this car park" in html.unescape(visitor.get(refused.location).text)
    right = send(visitor, f"/coupons/till/{due.id}", page=page, code="till20")
    shown = visitor.get(right.location).text
    assert "₹150 is left to pay" in shown and "Coupon TILL20: ₹20 off" in shown
    other, _ = parked(park, "MH12AB1234", asks=True)
    [due] = park.dues(other)
    all_of_it = send(visitor, f"/coupons/till/{due.id}", page=f"/money/shift/pay/{due.id}", code="ALL")
    assert "The coupon pays for all of it" in visitor.get(all_of_it.location).text
    assert park.stay(other).status == "paid"


def test_a_shop_validates_its_visitors_on_a_page_behind_its_own_link(park, sign_in, client):
    manager = sign_in("manager")
    send(manager, "/coupons/shops", page="/coupons", site=SITE, name="Book shop")
    link = made(manager.get("/coupons").text)
    assert "has set nothing up" in client.get(link).text
    with park.db.read() as session:
        shop_id = session.query(Shop.id).scalar()
    coupon_id = make(park, "BOOKS", "minutes", 60, shop_id=shop_id)
    stay_id, ticket = parked(park)
    page = client.get(link).text
    assert "Give 1 h free" in page
    refused = send(client, link, coupon=coupon_id, what="MH12XY9999")
    assert refused.status_code == 422 and "No vehicle of that ticket or plate is inside now" in refused.text
    right = send(client, link, coupon=coupon_id, what=ticket)
    shown = client.get(right.location).text
    assert "Validated: 1 h free" in shown and "…1234" in shown and PLATE not in shown
    assert uses(park) == [("BOOKS", "held")] and park.stay(stay_id).status == "open"
    send(manager, f"/coupons/shops/{shop_id}/link", page="/coupons", site=SITE)
    assert client.get(link).status_code == 404
    new = made(manager.get("/coupons").text)
    assert client.get(new).status_code == 200


def test_only_the_office_sees_coupons_and_only_managers_make_them(park, sign_in, client):
    make(park, "SOME", "amount", 1_000)
    shop(park)
    assert client.get("/coupons").status_code == 303
    assert sign_in().get("/coupons").status_code == 403
    supervisor = sign_in("supervisor")
    shown = supervisor.get("/coupons")
    assert shown.status_code == 200 and "Make a coupon" not in shown.text
    page = supervisor.get("/coupons").text
    refused = supervisor.post("/coupons", data={"csrf_token": token_on(page), "site": SITE})
    assert refused.status_code == 403


def test_what_a_manager_types_wrong_is_named_and_kept_on_the_page(park, sign_in):
    manager = sign_in("manager")
    for typed, said in (
        ({"kind": "percent", "value": "half"}, "Per cent half: expected one such as 25 or 12.5."),
        ({"kind": "free_until", "value": "25:00"}, "Free until 25:00: expected a time such as 14:00."),
        ({"kind": "amount", "value": "ten"}, "Amount ten: expected rupees"),
        ({"kind": "minutes", "value": "60", "per_day": "x"}, "Uses a day x: expected a whole number."),
        ({"kind": "minutes", "value": "60", "valid_to": "soon"}, "Valid until soon: expected a date and time"),
        ({"kind": "minutes", "value": "60", "code": "!!"}, "expected 3 to 24 of A-Z and 0-9"),
        ({"kind": "", "value": "60"}, "Choose what the coupon gives."),
    ):
        answer = send(manager, "/coupons", site=SITE, name="Kept", **typed)
        assert answer.status_code == 422 and said in html.unescape(answer.text), typed
        assert 'value="Kept"' in answer.text
    assert send(manager, "/coupons", site="nowhere", kind="amount", value="5").status_code == 422
