"""A stranger who knows a plate learns nothing: present or absent, every public form gives the same status and bytes."""

from __future__ import annotations

import re

import pytest

from central.actions import access, accounts
from tests.central.car_park import SITE, minutes
from tests.central.visits import enter, leave, request
from tests.central.web.people import token_on

HERE, DENIED, GONE, NOWHERE = "MH12AB1234", "KA05MN4321", "DL1CAB1234", "TN07QX9876"


@pytest.fixture
def vehicles(park) -> None:
    """One inside with an account and a pass, one denied, one that has left and owes money."""
    enter(park, text=HERE)
    stay, _ = enter(park, 1, text=GONE)
    leave(park, 45, GONE, stay, how="open_and_bill")
    with park.db.begin() as session:
        access.set_rule(session, SITE, HERE, "pass", minutes(2), "tests")
        access.set_rule(session, SITE, DENIED, "denied", minutes(2), "tests")
        account = accounts.open_account(session, SITE, "Asha", minutes(2), "tests")
        accounts.register(session, account.id, HERE, minutes(2), "tests")


def book(client, links, park, plate):
    page = client.get("/book").text
    at = re.search(r'name="at"[^>]*value="([^"]+)"', page).group(1)
    typed = {"plate": plate, "class": "car", "at": at, "hours": "4"}
    booked = client.post("/book", data={"csrf_token": token_on(page), **typed})
    assert booked.status_code == 303
    return client.get(booked.headers["Location"])


def refused_booking(client, links, park, plate):
    page = client.get("/book").text
    typed = {"plate": plate, "hours": "4", "at": "2020-01-01T10:00"}
    return client.post("/book", data={"csrf_token": token_on(page), **typed})


def ticket(client, links, park, plate):
    return client.post("/ticket", data={"csrf_token": token_on(client.get("/ticket").text), "ticket": plate})


def ticket_link(client, links, park, plate):
    return client.get(f"/t/{plate}")


def ticket_of_an_exit(client, links, park, plate):
    """Somebody waits at an exit and types another's plate."""
    stay = request(park, 50, None)
    page = f"/p/{links.pay_token(stay)}"
    return client.post(f"{page}/ticket", data={"csrf_token": token_on(client.get(page).text), "ticket": plate})


def pay_link(client, links, park, plate):
    return client.get(f"/p/{plate}")


def notice_link(client, links, park, plate):
    return client.get(f"/v/{plate}")


def pass_link(client, links, park, plate):
    return client.get(f"/pass/{plate}")


def wallet_link(client, links, park, plate):
    return client.get(f"/wallet/{plate}")


def shop_link(client, links, park, plate):
    return client.get(f"/shop/{plate}")


def staff_list(client, links, park, plate):
    return client.get(f"/stays?plate={plate}")


FORMS = (book, refused_booking, ticket, ticket_link, ticket_of_an_exit, pay_link, notice_link, pass_link, wallet_link,
         shop_link, staff_list)  # fmt: skip


def same(answer, plate: str) -> tuple[int, str, bytes]:
    """An answer without what differs for everybody: the form's random values, the own link, what was typed."""
    words = answer.text.replace(plate, "PLATE").replace(re.sub(r"(\d)(?=\D)|(\D)(?=\d)", r"\1\2 ", plate), "PLATE")
    words = re.sub(r'(name="(?:csrf_token|key)"[^>]*value=)"[^"]+"', r"\1", words)
    words = re.sub(r"/p/[A-Za-z0-9_-]{20,}", "/p/TOKEN", words)
    return answer.status_code, answer.headers.get("Location", "").replace(plate, "PLATE"), words.encode()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("known", [HERE, DENIED, GONE])
def test_a_plate_that_is_known_and_one_that_is_not_give_the_same_bytes(app, park, links, vehicles, form, known):
    answers = [same(form(app.test_client(), links, park, plate), plate) for plate in (known, NOWHERE)]
    assert answers[0] == answers[1]


def test_no_public_form_is_forgotten(app):
    """Every page without a log-in that takes a word from its visitor, or whose address has one."""
    client, public = app.test_client(), set()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:[^>]*>", "1", str(rule))
        path = re.sub(r"<[^>]*>", "x", path)
        if "GET" not in rule.methods or rule.endpoint in ("static", "bootstrap.static"):
            continue
        if client.get(path).status_code not in (303, 401):
            public.add(rule.endpoint)
    fields = set()
    for endpoint in sorted(public):
        rule = next(one for one in app.url_map.iter_rules(endpoint) if "GET" in one.methods)
        page = client.get(re.sub(r"<[^>]*>", "x", str(rule))).text
        fields |= {(endpoint, name) for name in re.findall(r'name="(plate|ticket|what)"', page)}
    # a shop's form stands behind its link, and its attendants must know whether they helped: docs/privacy.md
    assert fields == {("paid_ahead.book", "plate"), ("driver.enter_ticket", "ticket")}
