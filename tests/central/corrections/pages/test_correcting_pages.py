"""Corrections on the screen: each form shows what will change, does it only then, and the stay's page undoes it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from central.actions import disputes
from central.actions.corrections import Who
from central.rules.corrections import TABLE
from central.store.schema import Stay
from tests.central.car_park import minutes
from tests.central.corrections.desk import corrections
from tests.central.visits import enter, request
from tests.central.web.fields import wrong
from tests.central.web.people import send
from tests.central.web.town import now

REASON = "seen on the camera"


def correct(visitor, stay: str, kind: str, step: str = "do", **fields: str):
    return send(visitor, f"/stays/{stay}/correct/{kind}", step=step, **{"reason": REASON, **fields})


def test_a_form_shows_what_will_change_and_changes_nothing_before_it_is_done(park, sign_in):
    stay, _ = enter(park, text="DL1CAB1Z34")
    visitor = sign_in()
    shown = correct(visitor, stay, "plate", "preview", plate="dl 1 cab 1234")
    assert "This will change" in shown.text and "DL1CAB1Z34" in shown.text and "DL1CAB1234" in shown.text
    assert park.stay(stay).plate == "DL1CAB1Z34" and corrections(park) == []
    assert correct(visitor, stay, "plate", plate="dl 1 cab 1234").status_code == 303
    assert park.stay(stay).plate == "DL1CAB1234"
    page = visitor.get(f"/stays/{stay}").text
    assert "Plate corrected" in page and REASON in page
    path = re.search(r"/corrections/[^\"]+/undo", page).group(0)
    assert "This is put back" in visitor.get(path).text
    assert send(visitor, path, reason="the first was right").status_code == 303
    assert park.stay(stay).plate == "DL1CAB1Z34" and ">undone<" in visitor.get(f"/stays/{stay}").text


def test_money_that_is_no_longer_asked_for_is_shown_before(park, sign_in):
    stay, _ = enter(park)
    request(park, 45, session=stay)
    shown = correct(sign_in("supervisor"), stay, "void", "preview").text
    assert "Asked for" in shown and "Given up" in shown and "Struck out" in shown


@pytest.mark.parametrize("kind", list(TABLE))
def test_every_form_opens_for_whoever_may_use_it_and_no_one_else(park, sign_in, kind):
    stay, _ = enter(park)
    assert sign_in("supervisor").get(f"/stays/{stay}/correct/{kind}").status_code == 200
    answer = sign_in().get(f"/stays/{stay}/correct/{kind}")
    assert answer.status_code == (200 if TABLE[kind][0] == "attendant" else 403)


def test_the_menu_offers_what_fits_the_stay_and_the_role(park, sign_in):
    stay, _ = enter(park)
    page = sign_in().get(f"/stays/{stay}").text
    assert "Correct the plate" in page and "It was seen leaving" in page
    assert "Strike out" not in page and "It never left" not in page and "Decide the dispute" not in page
    assert "Strike out" in sign_in("supervisor").get(f"/stays/{stay}").text


@pytest.mark.parametrize(
    ("kind", "field", "typed", "said"),
    [
        ("plate", "plate", "<script>", "expected 1 to 16 letters"),
        ("split_exit", "plate", "?", "expected 1 to 16 letters"),
        ("exit", "at", "yesterday", "expected one such as"),
        ("exit", "at", "2199-01-01T00:00", "expected a time that is past"),
        ("split_visit", "at", "2020-01-01T00:00", "expected it to have come back after"),
        ("class", "class", "boat", "expected one of"),
        ("merge", "other", "", "Choose the other stay"),
        ("resolve", "owed", "perhaps", "Choose whether"),
        ("void", "reason", "x", "say why"),
    ],
)
def test_a_field_that_is_wrong_is_named_beside_it(park, sign_in, kind, field, typed, said):
    stay, _ = enter(park)
    enter(park, 1, "DL1CAB1Z35")
    answer = correct(sign_in("supervisor"), stay, kind, "preview", **{field: typed})
    [found] = wrong(answer.text)
    assert answer.status_code == 422 and found.field == field and said in found.said
    assert "<script>" not in answer.text.split("<main")[1] and 'role="alert"' not in answer.text


def test_what_is_wrong_with_the_whole_is_said_above(park, sign_in):
    stay, _ = enter(park)
    answer = correct(sign_in("supervisor"), stay, "merge", "preview", other="no-such")
    assert answer.status_code == 422 and wrong(answer.text) == [] and "no such stay" in answer.text


def test_a_reason_that_says_nothing_is_refused_there_too_where_something_is_undone(park, sign_in):
    stay, _ = enter(park)
    visitor = sign_in()
    answer = send(visitor, f"/stays/{stay}/correct/plate", step="do", plate="MH12AB1234", reason="x")
    assert answer.status_code == 422 and wrong(answer.text)[0][:2] == ("reason", "x")
    assert correct(visitor, stay, "plate", plate="MH12AB1234").status_code == 303
    path = re.search(r"/corrections/[^\"]+/undo", visitor.get(f"/stays/{stay}").text).group(0)
    refused = send(visitor, path, reason="no")
    assert wrong(refused.text)[0][:2] == ("reason", "no") and "can't be undone" not in refused.text
    assert send(visitor, path, reason="the first was right").status_code == 303


def test_two_stays_are_merged_by_choosing_the_likeliest(park, sign_in):
    stay, _ = enter(park)
    enter(park, 1, "KA05XY9999")
    other, _ = enter(park, 2, "DL1CAB1Z34")
    visitor = sign_in("supervisor")
    page = visitor.get(f"/stays/{stay}/correct/merge").text
    assert page.index("DL 1 CAB 1 Z 34") < page.index("KA 05 XY 9999")
    assert "KA 05" not in visitor.get(f"/stays/{stay}/correct/merge?find=DL").text
    assert "Part of another stay" in correct(visitor, stay, "merge", "preview", other=other).text
    assert correct(visitor, stay, "merge", other=other).status_code == 303
    assert park.stay(other).joined_to == stay


def test_a_vehicle_is_entered_by_hand(park, sign_in):
    visitor, at = sign_in(), now() - timedelta(minutes=30)
    typed = {
        "plate": "mh 12 ab 1234", "class": "bike", "reason": REASON, "gate": "entry-1",
        "at": (at + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M"),
    }  # fmt: skip
    shown = send(visitor, "/stays/enter", step="preview", **typed)
    assert "This will be recorded" in shown.text and park.stays() == []
    done = send(visitor, "/stays/enter", step="do", **typed)
    [stay] = park.stays()
    assert done.location.endswith(stay.id) and (stay.plate, stay.vehicle_class) == ("MH12AB1234", "bike")
    assert stay.entered_at == at.replace(second=0, microsecond=0) and stay.entry_gate == "entry-1"
    assert "has another stay" in send(visitor, "/stays/enter", step="do", **typed).text


def test_what_can_not_be_undone_any_more_says_why(park, sign_in):
    stay, _ = enter(park)
    visitor = sign_in()
    for kind, fields in (("class", {"class": "bike"}), ("plate", {"plate": "MH12AB1234"})):
        correct(visitor, stay, kind, **fields)
    first = corrections(park)[0].id
    page = visitor.get(f"/corrections/{first}/undo").text
    assert "undo that first" in page and 'name="reason"' not in page
    assert visitor.get("/corrections/nothing/undo").status_code == 404


def test_a_driver_says_that_something_is_wrong_and_staff_decide(town):
    stay, _ = town.enter(timedelta(minutes=50))
    client = town.app.test_client()
    page = town.pay_page(stay).removeprefix(town.url)
    short = send(client, f"{page}/wrong", reason="x")
    [field] = wrong(short.text)
    assert short.status_code == 422 and field[:2] == ("reason", "x") and "expected 3 to 200" in field.said
    assert send(client, f"{page}/wrong", reason="I was charged <b>twice</b>").status_code == 303
    with town.park.db.read() as session:
        row = session.get_one(Stay, stay)
    assert row.disputed_at is not None and "disputed: I was charged <b>twice</b>" in row.review
    told = client.get(page).text
    assert "The people who run this car park look at it" in told and "<b>twice" not in told
    # no field is to blame for that
    again = send(client, f"{page}/wrong", reason="and twice")
    assert again.status_code == 422 and wrong(again.text) == [] and "disputed already" in again.text
    with town.park.db.begin() as session:
        disputes.resolve(session, stay, Who("ravi@example.org", "supervisor"), "it was right", now(), owed=True)
    assert town.park.stay(stay).disputed_at is None and town.park.stay(stay).status == "open"


def test_guests_and_strangers_can_not_correct(client_of, park):
    stay, _ = enter(park)
    for path in (f"/stays/{stay}/correct/plate", "/stays/enter", "/corrections/x/undo"):
        assert client_of.get(path).status_code == 303 and "/login" in client_of.get(path).location
    assert park.stay(stay).version == 1 and park.stay(stay).entered_at == minutes(0)


@pytest.fixture
def client_of(app):
    return app.test_client()
