"""Who is let in to the API: by a good token alone, for its scopes, its sites, its time, so often a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from central.actions import api_tokens, gates
from central.api.operations import OPERATIONS
from central.settings import ApiSettings
from central.store.schema import ApiToken, Audit
from central.web import create_app
from tests.central.api.programs import PREFIX, Program
from tests.central.car_park import SITE, START
from tests.central.visits import enter

SOME_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def is_problem(answer, status: int) -> str:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    assert answer.json["status"] == status and answer.json["title"]
    return answer.json["detail"]


def ask(program: Program, operation, path: str | None = None):
    """The operation with everything an operation may need, all of it of the right form."""
    path = (path or operation.path).removeprefix(PREFIX)
    for part, value in {"{id}": SOME_ID, "{vehicle}": SOME_ID, "{delivery}": SOME_ID}.items():
        path = path.replace(part, value)
    path = path.replace("{site}", "nowhere").replace("{gate}", "none").replace("{plate}", "XX00")
    body = {"json": {}} if operation.takes_body else {}
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": "0123456789"}
    return program.client.open(PREFIX + path, method=operation.method, headers=headers, **body)


def test_without_a_token_nothing_is_told_and_how_to_show_one_is(app: Flask):
    for operation in OPERATIONS.values():
        answer = app.test_client().open(operation.path.replace("{", "").replace("}", ""), method=operation.method)
        assert "Bearer TOKEN" in is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_the_pages_is_no_token(sign_in):
    assert sign_in("administrator").get("/api/v1/sites").status_code == 401


@pytest.mark.parametrize("given", ["Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer", "", "bearer \x7f", "Token x"])
def test_anything_else_than_a_good_token_is_refused(app, given):
    is_problem(app.test_client().get("/api/v1/sites", headers={"Authorization": given}), 401)


def test_an_operation_needs_its_own_scope_and_no_other_will_do(program):
    own = {scope: program(scope, "plates:read") for scope in api_tokens.SCOPES}
    others = {scope: program(*(one for one in api_tokens.SCOPES if one != scope)) for scope in api_tokens.SCOPES}
    for operation in OPERATIONS.values():
        if operation.scope is None:
            continue
        answer = ask(others[operation.scope], operation)
        assert operation.scope in is_problem(answer, 403), operation
        assert f'scope="{operation.scope}"' in answer.headers["WWW-Authenticate"]
        assert ask(own[operation.scope], operation).status_code not in (401, 403), operation


def test_every_scope_opens_something():
    opened = {operation.scope for operation in OPERATIONS.values()} | {"plates:read"}
    assert set(api_tokens.SCOPES) <= opened


def test_a_token_ends_by_its_time_or_by_a_person(program, park):
    ended, live = program(), program(lasts=timedelta(days=1))
    over = program(lasts=timedelta(days=1), made_at=datetime.now(UTC) - timedelta(days=1, seconds=1))
    assert [one.get("/sites").status_code for one in (ended, live, over)] == [200, 200, 401]
    with park.db.begin() as session:
        api_tokens.end_token(session, ended.row.id, datetime.now(UTC), "asha")
    assert (ended.get("/sites").status_code, live.get("/sites").status_code) == (401, 200)


def test_a_token_is_kept_as_a_hash_and_its_use_is_on_record(program, park):
    made = program()
    made.get("/token")
    with park.db.read() as session:
        row = session.get_one(ApiToken, made.row.id)
    assert made.token not in str(vars(row)) and row.last_used_at is not None


def test_what_is_of_another_site_is_not_there(program, park):
    stay, _ = enter(park)
    with park.db.begin() as session:
        gates.add_site(session, "pune", START, "tests", name="Pune")
    of_pune, of_both = program(sites=("pune",)), program()
    assert of_both.get(f"/stays/{stay}").status_code == 200
    for path in (f"/stays/{stay}", f"/stays/{stay}/quote", f"/stays/{stay}/dues", f"/sites/{SITE}",
                 f"/sites/{SITE}/gates/entry-1", f"/stays?site={SITE}"):  # fmt: skip
        is_problem(of_pune.get(path), 404)
    assert of_pune.get("/stays").json["stays"] == [] and of_pune.get("/gates").json["gates"] == []
    assert [site["id"] for site in of_pune.get("/sites").json["sites"]] == ["pune"]
    is_problem(of_pune.post(f"/stays/{stay}/close", {"how": "gone", "reason": "not here"}), 404)
    is_problem(of_pune.put(f"/sites/{SITE}/access-rules/DL1", {"kind": "denied"}), 404)


def test_a_site_that_came_later_is_not_a_narrow_tokens(program, park):
    narrow = program(sites=(SITE,))
    with park.db.begin() as session:
        gates.add_site(session, "pune", START, "tests", name="Pune")
    assert [site["id"] for site in narrow.get("/sites").json["sites"]] == [SITE]


def test_more_than_so_many_requests_a_minute_wait(web_settings, program, park):
    made = program()
    few = create_app(web_settings.model_copy(update={"api": ApiSettings(requests_per_minute=3)}))
    made.client = few.test_client()
    left = [made.get("/token").headers["RateLimit"] for _ in range(3)]
    assert [words.split(";")[1] for words in left] == ["r=2", "r=1", "r=0"]
    refused = made.get("/token")
    assert "3 requests a minute" in is_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["RateLimit-Policy"] == '"token";q=3;w=60'
    few.extensions["parkmeter"].database.close()


def test_who_guesses_tokens_soon_waits(app):
    client = app.test_client()
    answers = [client.get("/api/v1/token", headers={"Authorization": f"Bearer pmk_{n}"}) for n in range(31)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_every_write_is_on_record_under_the_tokens_name(program, park):
    made = program()
    assert made.put(f"/sites/{SITE}/access-rules/DL%201%20AB", {"kind": "denied"}).status_code == 200
    with park.db.read() as session:
        lines = [line for line in session.query(Audit) if line.by == f"api:{made.row.name}"]
    assert {"access denied", "api: set access rule"} <= {line.what for line in lines}


def test_two_live_tokens_have_two_names_and_a_token_has_scopes_that_are(park):
    from central.actions.errors import Refused

    with park.db.begin() as session:
        api_tokens.make_token(session, "till", ["sites:read"], [], START, "tests", lasts=None)
        for name, scopes, sites, said in (
            ("till", ["sites:read"], [], "already"),
            ("x", ["sites:read"], [], "2 to 60"),
            ("other", ["sites:write"], [], "sites:write"),
            ("other", [], [], "one or more"),
            ("other", ["sites:read"], ["nowhere"], "nowhere"),
        ):
            with pytest.raises(Refused, match=said):
                api_tokens.make_token(session, name, scopes, sites, START, "tests", lasts=None)
