"""How the API behaves whatever is asked: keys, problems, pages, entity tags, hostile input; on both databases."""

from __future__ import annotations

import threading
import uuid
from urllib.parse import quote

import pytest

from central.actions.access import set_rule
from central.store.schema import Account, ApiAnswer, Audit
from tests.central.api.programs import PREFIX
from tests.central.api.test_the_door import SOME_ID, is_problem
from tests.central.car_park import SITE, minutes
from tests.central.visits import enter

ACCOUNT = {"site": SITE, "name": "Asha Rao"}


@pytest.fixture
def database(databases):
    return databases


def accounts(park) -> int:
    with park.db.read() as session:
        return session.query(Account).count()


def test_the_same_request_under_its_key_is_done_once_and_answered_the_same(program, park):
    made = program()
    first, again = (made.post("/accounts", ACCOUNT, key="order-0001") for _ in range(2))
    assert (first.status_code, first.headers.get("Idempotent-Replayed")) == (201, None)
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    assert accounts(park) == 1
    with park.db.read() as session:
        assert session.query(Audit).filter_by(what="api: open account").count() == 1


def test_another_request_under_the_key_is_refused_and_another_tokens_key_is_its_own(program, park):
    one, other = program(), program()
    one.post("/accounts", ACCOUNT, key="order-0001")
    assert "another request" in is_problem(one.post("/accounts", ACCOUNT | {"name": "Ravi"}, key="order-0001"), 409)
    assert "another request" in is_problem(one.post("/webhooks", HOOK, key="order-0001"), 409)
    assert other.post("/accounts", ACCOUNT, key="order-0001").headers.get("Idempotent-Replayed") is None
    assert accounts(park) == 2


def test_a_secret_is_not_kept_for_a_request_sent_again(program, park):
    made = program()
    first, again = (made.post("/webhooks", HOOK, key="hook-0001").json for _ in range(2))
    assert first["secret"].startswith("whsec_") and again == first | {"secret": None}
    with park.db.read() as session:
        assert "whsec_" not in session.query(ApiAnswer).one().answer


def test_what_was_refused_leaves_its_key_free(program, park):
    made, body = program(), {"site": SITE, "plate": "DL1", "entered_at": "2026-11-24T04:30:00Z", "reason": "by hand"}
    is_problem(made.post("/stays", body | {"gate": "entry-9"}, key="order-0001"), 409)
    with park.db.read() as session:
        assert session.query(ApiAnswer).count() == 0
    assert made.post("/stays", body, key="order-0001").status_code == 201


def test_eight_at_once_under_one_key_do_it_once(program, park, app):
    made = program()
    headers = {"Authorization": f"Bearer {made.token}", "Idempotency-Key": "order-0001"}
    answers = []

    def send() -> None:
        answers.append(app.test_client().post(f"{PREFIX}/accounts", json=ACCOUNT, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201} and len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
    assert accounts(park) == 1


def test_a_key_that_is_none_is_refused(program):
    made = program()
    for key in ("short", "x" * 81, "with blank", "", "ümlaut-key"):
        headers = {"Authorization": f"Bearer {made.token}", "Idempotency-Key": key}
        answer = made.client.post(f"{PREFIX}/accounts", json=ACCOUNT, headers=headers)
        assert "Idempotency-Key" in is_problem(answer, 422)


def test_a_post_without_a_key_is_refused(program):
    made = program()
    headers = {"Authorization": f"Bearer {made.token}"}
    is_problem(made.client.post(f"{PREFIX}/accounts", json=ACCOUNT, headers=headers), 422)


def test_every_page_comes_once_whatever_its_length_and_the_link_leads_on(program, park):
    made = program()
    ids = [enter(park, at, text=f"DL1CAB{at:04}")[0] for at in range(7)]
    seen, path = [], f"/stays?limit=3&site={SITE}"
    while path:
        answer = made.get(path)
        seen += [one["id"] for one in answer.json["stays"]]
        link = answer.headers.get("Link")
        assert (link is None) == (answer.json["next_cursor"] is None)
        path = link and link.split(">")[0].removeprefix(f"<{PREFIX}")
    assert seen == ids[::-1]


def test_a_page_is_from_1_to_200_long(program):
    made = program()
    for limit in ("0", "201", "-1", "x", "1e1"):
        assert "limit" in is_problem(made.get(f"/stays?limit={limit}"), 422)


def test_a_cursor_that_is_none_of_ours_is_not_found(program):
    made = program()
    for cursor in ("x", "bm8", "WzFd", "IlwwIg", "bnVsbA", "IsOpIg", "eyJkZWxoaSI6IngifQ"):
        for path in ("/stays", "/events", "/receipts"):
            is_problem(made.get(f"{path}?cursor={cursor}"), 404)


def test_what_has_not_changed_is_not_sent_again(program, park):
    made, (stay, _) = program(), enter(park)
    first = made.get(f"/stays/{stay}")
    same = made.get(f"/stays/{stay}", If_None_Match=first.headers["ETag"])
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    made.post(f"/stays/{stay}/close", {"how": "gone", "reason": "not here"})
    changed = made.get(f"/stays/{stay}", If_None_Match=first.headers["ETag"])
    assert (changed.status_code, changed.json["status"]) == (200, "closed_by_system")


def test_nothing_is_kept_by_anything_between(program):
    assert program().get("/sites").headers["Cache-Control"] == "no-store"


HOOK = {"url": "https://example.org/hook", "events": ["stay.entered"]}


def test_every_error_is_a_problem(program, app):
    made = program()
    sent = {"Authorization": f"Bearer {made.token}", "Idempotency-Key": str(uuid.uuid4())}
    is_problem(made.get("/nowhere"), 404)
    is_problem(app.test_client().get("/api/v1/nowhere"), 404)
    wrong_method = made.delete("/sites")
    assert "GET" in wrong_method.headers["Allow"] and is_problem(wrong_method, 405)
    form = made.client.post(f"{PREFIX}/accounts", data={"site": SITE}, headers=sent)
    assert "application/json" in is_problem(form, 415)
    as_json = {"Content-Type": "application/json"}
    for body in ("{", "", "nul", '{"a":' * 2000):
        is_problem(made.client.post(f"{PREFIX}/accounts", data=body, headers=sent | as_json), 400)
    for body in ("[]", '"x"', "1", "null"):
        is_problem(made.client.post(f"{PREFIX}/accounts", data=body, headers=sent | as_json), 422)
    is_problem(made.post("/accounts", {"name": "x" * 70_000, "site": SITE}), 413)
    several = made.post("/accounts", {"site": "!", "name": "x", "colour": "red"})
    assert {wrong["where"] for wrong in several.json["errors"]} == {"site", "name", "colour"}
    is_problem(several, 422)


def test_an_error_of_our_own_is_a_problem_that_tells_nothing(program, app, park):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with park.db.begin() as session:
        rule = set_rule(session, SITE, "DL1", "pass", minutes(0), "tests")
        rule.kind = "secret"  # nothing of ours can have written that
    answer = program().get("/access-rules")
    assert is_problem(answer, 500) and "secret" not in answer.text and answer.headers["RateLimit"]


HOSTILE = (
    "' OR 1=1 --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202eevil", "\ud800", "\x00", "a\nb", "𝕏" * 60,
)  # fmt: skip


def test_hostile_words_are_refused_or_kept_as_they_are(program):
    made = program()
    for text in HOSTILE:
        answer = made.post("/accounts", ACCOUNT | {"name": text})
        assert answer.status_code in (201, 422) and answer.mimetype.endswith("json"), answer.text
        if answer.status_code == 201:
            assert made.get(f"/accounts/{answer.json['id']}").json["name"] == text
        inside = quote(text.encode("utf-8", "surrogatepass"), safe="")
        for path in (
            "/stays/{}",
            "/sites/{}",
            "/stays?site={}",
            "/stays?plate={}",
            "/events?type={}",
            "/stays?cursor={}",
        ):
            assert made.get(path.format(inside)).status_code in (404, 422)


def test_an_unknown_word_is_refused_and_named(program):
    made = program()
    assert "colour" in is_problem(made.get("/stays?colour=red"), 422)
    assert "colour" in is_problem(made.put(f"/sites/{SITE}/access-rules/DL1", {"kind": "pass", "colour": 1}), 422)
    is_problem(made.get(f"/stays/{SOME_ID.upper()}"), 422)
    is_problem(made.get(f"/stays/{SOME_ID}"), 404)


NO_INSTANTS = (
    "2026-11-24", "1764000000", "2026-11-24T10:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "x"
)  # fmt: skip


def test_an_instant_has_a_zone_and_is_one(program):
    made = program()
    for at in NO_INSTANTS:
        wanted = {"site": SITE, "plate": "DL1", "entered_at": at, "reason": "by hand"}
        assert "entered_at" in is_problem(made.post("/stays", wanted), 422)


def test_a_number_is_no_word_and_a_word_is_no_number(program):
    made = program()
    refund = f"/receipts/{SOME_ID}/refunds"
    for amount in ("100", 1.5, True, None, [], 0, -1, 10**30):
        is_problem(made.post(refund, {"amount_paise": amount, "reason": "because"}), 422)


def test_events_come_in_order_once_and_go_on_from_the_cursor(program, park):
    made, narrow = program(), program("events:read", sites=(SITE,))
    first = [enter(park, at, text=f"DL1CAB{at:04}")[0] for at in range(5)]
    page = made.get("/events?limit=2&type=stay.entered").json
    rest = made.get(f"/events?type=stay.entered&cursor={page['next_cursor']}").json
    assert [one["subject"] for one in page["events"] + rest["events"]] == first
    assert narrow.get(f"/events?cursor={rest['next_cursor']}").json["events"] == []
    stay, _ = enter(park, 9, text="DL2CAB7777")
    new = made.get(f"/events?cursor={rest['next_cursor']}").json["events"]
    assert [(one["type"], one["subject"], one["site"]) for one in new] == [("stay.entered", stay, SITE)]
    assert new[0]["data"]["plate_masked"] == "******7777" and "DL2CAB" not in str(new)
    assert minutes(9).isoformat()[:16] in new[0]["timestamp"]
