"""How visitors of tests use pages: a form is loaded before it is sent, as a browser does."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

EMAIL = "asha@example.org"
PASSWORD = "three green parrots"


def token_on(html: str) -> str:
    """The CSRF token of a page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html).group(1)


def body_of(html: str) -> str:
    """What a page itself says, without the head and foot that all pages have."""
    return html.split('<main id="main"', 1)[1].split("</main>", 1)[0]


def send(visitor: FlaskClient, action: str, page: str | None = None, **fields: str) -> TestResponse:
    """Loads `page` (default: the action itself), fills in its form and sends it to `action`."""
    return visitor.post(action, data={"csrf_token": token_on(visitor.get(page or action).text), **fields})
