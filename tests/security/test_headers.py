"""The pages behind https, graded as MDN's HTTP Observatory would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from central import keys
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.web import create_app
from central.web.limits import limiter
from tests.central.web.people import token_on
from tests.security import observatory as by

HOST = "parking.example.org"
BASE = f"https://{HOST}"
PAGES = ("/login", "/ticket", "/register", "/forgot", "/privacy", "/", "/lanes", "/nowhere", "/static/parkmeter.css")


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("https")
    address = f"sqlite:///{folder / 'central.db'}"
    db = Database(address)
    migrations.upgrade(db.engine)
    settings = Settings(data_dir=folder, database_url=address, public_url=BASE, http={"trusted_proxies": 1})
    keys.make(settings)
    Path(settings.images).mkdir(parents=True, exist_ok=True)
    yield create_app(settings)
    limiter.reset()
    db.close()


@pytest.fixture
def browser(app):
    """A visitor who came by https to the proxy before us."""
    made = app.test_client()
    made.environ_base |= {
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": HOST,
        "HTTP_X_FORWARDED_FOR": "::1",
    }
    return made


def looked_at(browser, path: str):
    with browser.get(path, base_url=BASE) as answer:
        answer.get_data()
        return answer


def redirected(app, path: str) -> str | None:
    """Where the proxy's visitor by plain http is sent."""
    came = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": HOST, "X-Forwarded-For": "::1"}
    return app.test_client().get(path, headers=came).headers.get("Location")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_graded_a_plus(app, browser, path):
    answer = looked_at(browser, path)
    headers = dict(answer.headers)
    html = answer.text if answer.mimetype == "text/html" else ""
    scores = {
        "content-security-policy": by.csp(headers),
        "cookies": by.cookies(answer.headers.getlist("Set-Cookie")),
        "cross-origin-resource-sharing": by.cors(headers),
        "redirection": by.redirection(redirected(app, path), HOST),
        "strict-transport-security": by.hsts(headers),
        "referrer-policy": by.referrer(headers),
        "subresource-integrity": by.integrity(html),
        "x-content-type-options": by.nosniff(headers),
        "x-frame-options": by.framing(headers),
        "cross-origin-resource-policy": by.resources(headers),
    }
    assert min(scores.values()) >= 0, scores
    points, grade = by.graded(scores.values())
    assert grade == "A+" and points >= 130, scores


def test_the_cookies_of_a_log_in_and_of_a_language_keep_to_https(browser):
    page = browser.get("/login", base_url=BASE)
    spoken = browser.post("/language/hi", data={"csrf_token": token_on(page.text), "back": "/login"}, base_url=BASE,
                          headers={"Referer": f"{BASE}/login"})  # fmt: skip
    assert spoken.status_code == 303
    for answer in (page, spoken):
        lines = answer.headers.getlist("Set-Cookie")
        assert lines and by.cookies(lines) == 5, lines
    assert page.headers["Set-Cookie"].startswith("__Host-parkmeter=")


def test_who_comes_by_http_is_sent_to_https_on_the_same_page_but_forms_and_machines_are_not_led_about(app):
    assert redirected(app, "/ticket?a=1") == f"{BASE}/ticket?a=1"
    assert redirected(app, "//evil.example.org/x").startswith(f"{BASE}/")
    for path in ("/healthz", "/api/v1/openapi.json"):
        assert redirected(app, path) is None, path
    assert app.test_client().get("/ticket").status_code == 200, "who asks us without a proxy, as gates do, is answered"


@pytest.mark.parametrize(
    ("scores", "grade"), [([10, 5, 5], "A+"), ([-5, 10], "A+"), ([-20, 10, 10], "B+"), ([-25, -50], "F")]
)
def test_bonuses_count_only_for_a_site_that_is_good_without_them(scores, grade):
    assert by.graded(scores)[1] == grade


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>1</script>", ["<script>"]),
        ('<p style="color:red">', ["<p style>"]),
        ('<a href="javascript:x">', ["<a href=javascript:>"]),
        ('<b onclick="x">', ["<b onclick>"]),
        ('<script src="/a.js"></script>', []),
    ],
)
def test_what_stands_inline_is_seen(html, found):
    assert by.Tags(html).inline == found
