"""The pages of integrations: an administrator makes tokens and webhooks, sees what was sent, and sends it again."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest

from central import webhooks
from central.store.schema import ApiToken, WebhookDelivery, WebhookEndpoint
from tests.central.api.receivers import receiving
from tests.central.car_park import SITE
from tests.central.visits import enter
from tests.central.web.people import send


def shown(answer) -> str:
    """The secret that a page shows once."""
    return html.unescape(re.search(r'id="secret">([^<]+)<', answer.text).group(1))


def test_a_token_is_made_shown_once_used_and_ended(sign_in, app, park):
    admin = sign_in("administrator")
    made = send(admin, "/integrations/tokens", "/integrations", name="till", scope="sites:read", days="30")
    text = shown(made)
    assert made.status_code == 200 and text not in admin.get("/integrations").text
    ask = {"Authorization": f"Bearer {text}"}
    assert app.test_client().get("/api/v1/sites", headers=ask).status_code == 200
    with park.db.read() as session:
        token = session.query(ApiToken).one()
    assert (token.name, token.scopes, token.by) == ("till", ["sites:read"], "administrator@example.org")
    assert send(admin, f"/integrations/tokens/{token.id}/end", "/integrations").status_code == 303
    assert app.test_client().get("/api/v1/sites", headers=ask).status_code == 401
    assert "ended" in admin.get("/integrations").text


@pytest.mark.parametrize("role", ["attendant", "supervisor", "manager"])
def test_nobody_below_an_administrator_comes_here(sign_in, role):
    assert sign_in(role).get("/integrations").status_code == 403


def test_what_was_wrong_is_said_and_what_was_typed_stays(sign_in):
    admin = sign_in("administrator")
    for wrong, said in (({"days": "x"}, "whole number"), ({"days": "9999"}, "3660"), ({"scope": "all"}, "all")):
        typed = {"name": "<b>till</b>", "scope": "stays:read", "days": "7"} | wrong
        answer = send(admin, "/integrations/tokens", "/integrations", **typed)
        assert answer.status_code == 422 and said in answer.text
        assert "&lt;b&gt;till&lt;/b&gt;" in answer.text and "<b>till" not in answer.text
    answer = send(admin, "/integrations/webhooks", "/integrations", url="http://10.0.0.1/", event="stay.entered")
    assert answer.status_code == 422 and "https://HOST/PATH" in answer.text


def test_a_webhook_is_added_tested_seen_and_sent_again(sign_in, park, web_settings):
    admin = sign_in("administrator")
    with receiving() as receiver:
        made = send(admin, "/integrations/webhooks", "/integrations", url=receiver.url, event="stay.entered")
        secret = shown(made)
        with park.db.read() as session:
            page = f"/integrations/webhooks/{session.query(WebhookEndpoint).one().id}"
        assert send(admin, f"{page}/test", page, site=SITE).status_code == 303
        webhooks.send_due(park.db, web_settings, datetime.now(UTC))
        assert receiver.signed(secret) and b'"type":"test"' in receiver.got[-1][1]
        receiver.answers = [500]
        enter(park)
        webhooks.send_due(park.db, web_settings, datetime.now(UTC))
        text = admin.get(page).text
        assert "answered 500: expected 200 to 299" in text and "waiting" in text and "taken" in text
        with park.db.begin() as session:
            late = session.query(WebhookDelivery).filter_by(state="waiting").one()
            late.state = "dead"
        assert "1 given up" in admin.get("/integrations").text
        receiver.answers = [200]
        assert send(admin, f"{page}/deliveries/{late.id}/again", page).status_code == 303
        webhooks.send_due(park.db, web_settings, datetime.now(UTC))
        assert admin.get(page).text.count("taken") == 2
        renewed = shown(send(admin, f"{page}/secret", page))
        assert renewed.startswith("whsec_") and renewed != secret
    assert send(admin, f"{page}/end", page).status_code == 303
    assert admin.get(page).status_code == 404


def test_a_hostile_word_in_a_deliverys_reason_is_only_text(sign_in, park, web_settings):
    admin = sign_in("administrator")
    send(admin, "/integrations/webhooks", "/integrations", url="https://example.org/x", event="stay.entered")
    enter(park)
    with park.db.begin() as session:
        one = session.query(WebhookDelivery).one()
        one.last_error, one.state = "<script>alert(1)</script>", "dead"
    assert "<script>alert" not in admin.get(f"/integrations/webhooks/{one.endpoint_id}").text
