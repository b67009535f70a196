"""The review queue on the screen: who sees what, decisions, and taking them back."""

from __future__ import annotations

import re

from central.actions import lanes
from central.store.reads import review as reads
from edge.protocol.ids import uuid7
from tests.central.car_park import minutes
from tests.central.desk.test_review import ask_to_leave, enter
from tests.central.web.people import body_of, send


def decide(visitor, stay: str, do: str, **fields):
    page = visitor.get("/review").text
    seen = re.search(r'name="seen" value="([^"]+)"', page.split(f'/review/{stay}"', 1)[1]).group(1)
    told = {"reason": "seen on the pictures"} | fields
    return send(visitor, f"/review/{stay}", page="/review", do=do, seen=seen, **told)


def test_the_queue_shows_each_stay_with_what_may_be_done(park, sign_in):
    enter(park, None, 0)
    ask_to_leave(park, "MH12AB1234", 30)
    attendants, supervisors = (body_of(sign_in(role).get("/review").text) for role in ("attendant", "supervisor"))
    for page in (attendants, supervisors):
        assert page.index("plate not read at the entry") < page.index("an exit that no entry fits")
        assert "one of the two was not read" in page and "Enter it by hand" in page
        assert "<kbd>j</kbd>" in page and "the button with that number" in page
    assert "The same" in supervisors and "The same" not in attendants


def test_a_decision_leads_on_with_a_way_back(park, sign_in):
    stay = enter(park, "MH12AB1234", 0, how="tailgated")
    visitor = sign_in()
    answer = decide(visitor, stay, "let_be")
    page = visitor.get(answer.location)
    assert answer.status_code == 303 and "Left as it is" in page.text and "Nothing waits" in page.text
    assert send(visitor, f"/review/{stay}/again", page=answer.location).status_code == 303
    assert "entered tailgated" in body_of(visitor.get("/review").text)
    again = send(visitor, f"/review/{stay}/again", page="/review")
    assert again.status_code == 422 and "taken back already" in again.text


def test_a_correction_is_undone_through_its_own_page(park, sign_in):
    unread, strange = enter(park, None, 0), ask_to_leave(park, "MH12AB1234", 30)
    visitor = sign_in("supervisor")
    page = visitor.get(decide(visitor, unread, f"same:{strange}").location).text
    undo = re.search(r'data-undo href="([^"]+)"', page).group(1)
    assert "Undo: Merge with another stay" in visitor.get(undo).text
    assert send(visitor, undo, reason="another vehicle").status_code == 303
    assert park.stay(strange).status == "unmatched"


def test_the_second_of_two_people_is_told(park, sign_in):
    stay = enter(park, None, 0)
    first, second = sign_in(), sign_in("supervisor")
    form = {"do": "plate", "plate": "MH12AB1234", "reason": "seen", "seen": "plate not read at the entry"}
    assert decide(first, stay, "plate", plate="MH12AB1234").status_code == 303
    answer = send(second, f"/review/{stay}", page="/review", **form | {"plate": "MH12AB7777"})
    assert answer.status_code == 422 and "in the meantime: plate corrected, by asha@example.org" in answer.text
    assert park.stay(stay).plate == "MH12AB1234"


def test_a_bad_decision_says_what_was_expected(park, sign_in):
    stay = enter(park, None, 0)
    visitor = sign_in()
    assert "Choose one of the buttons" in decide(visitor, stay, "explode").text
    assert "say why: expected 3 to 200" in decide(visitor, stay, "let_be", reason=" ").text
    assert "expected 1 to 16 letters" in decide(visitor, stay, "plate", plate="<b>").text
    assert send(visitor, f"/review/{uuid7()}", page="/review", do="let_be", seen="x").status_code == 422
    assert park.stay(stay).review


def test_an_address_that_is_no_place_in_the_queue_is_refused(sign_in):
    visitor = sign_in()
    beyond = "ffffffff-ffff-7000-8000-000000000000"
    for query in ("after=x", f"after={beyond}", "what=elephants", "what=claim"):  # claims are the supervisor's
        assert visitor.get(f"/review?{query}").status_code == 400, query
    assert visitor.get("/review?site=nowhere").status_code == 404


def test_later_ones_are_a_page_away_and_the_way_stays(park, sign_in, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 1)
    stays = [enter(park, f"MH12AB{number}", number, how="tailgated") for number in range(2)]
    visitor = sign_in()
    page = visitor.get("/review?what=stay").text
    later = re.search(r'rel="next" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert stays[1] in visitor.get(later).text and "From the beginning" in visitor.get(later).text
    answer = send(visitor, f"/review/{stays[1]}", page=later, do="let_be", seen="entered tailgated", reason="seen",
                  after=stays[0], what="stay")  # fmt: skip
    assert f"after={stays[0]}" in answer.location


def test_claims_messages_and_odd_money_stand_in_it_for_those_who_decide(park, sign_in):
    park.hear(("parking/v1/delhi/entry-1/<b>", b"<script>alert(1)</script>"), now=minutes(1))
    page = sign_in("supervisor").get("/review").text
    assert "A message of a gate did not fit" in page and "I have looked" in page and "/&lt;b&gt;" in page
    assert "Claims of plates" in page and "Odd money" in page
    page = body_of(sign_in().get("/review").text)
    assert "I have looked" not in page and "Odd money" not in page.split("</nav>")[-1]


def test_the_orders_picture_is_the_one_of_that_moment(park, sign_in):
    """What a gate showed when its barrier was opened stays with the order."""
    park.online(park.entry)
    with park.db.begin() as session:
        lanes.operator_open(session, "delhi", "entry-1", minutes(0), by="asha@example.org", reason="x")
    page = sign_in().get("/lanes/delhi/entry-1").text
    assert "Orders given" in page and "no picture from then" in page
