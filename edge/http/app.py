"""The gate over HTTP, put together: the lane display, open to who stands there, and the API for who has a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from edge.http import api, display, older, records
from edge.http.actions import Give
from edge.http.display import qr
from edge.http.door import Door
from edge.http.keys import OLD_NAME, OLD_SCOPES, Key
from edge.http.live import Live, LiveRules
from edge.http.metrics import Metrics
from edge.http.server import THREADS, HttpError, HttpServer
from edge.http.standing import Standing
from edge.journal.journal import JournalError
from edge.panel import Panel
from edge.rules.display import Screen

__all__ = ["THREADS", "HttpError", "HttpServer", "HttpSettings", "create_app", "qr"]

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What the pages need to know.

    public_url  base of a ticket's address, None: no ticket QR
    languages   of the display, the first one large
    token       opens what is for reading and live pictures; None: no such one
    keys        tokens with names and scopes
    live        how much of the live picture is given away
    """

    gate: str
    site: str
    name: str
    lane: str
    journal: Path
    public_url: str | None
    languages: tuple[str, ...]
    display: bool = True
    token: str | None = None
    keys: tuple[Key, ...] = ()
    live: LiveRules = field(default_factory=LiveRules)


def create_app(
    settings: HttpSettings,
    panel: Panel,
    facts: Callable[[], dict],
    give: Give | None = None,
    look: Callable[[], None] | None = None,
) -> Flask:
    """The pages.

    facts   what the rest of the process adds to the status at the moment of asking
    give    carries a maintenance action out, see edge.orders.Orders.give; None: none are taken
    look    asks vision for a newer picture and does not wait; None: viewers see those the gate takes by itself
    """
    app = Flask(__name__)
    keys = settings.keys
    if settings.token is not None:
        keys = (*keys, Key.of(OLD_NAME, OLD_SCOPES, settings.token))
    who = {"gate": settings.gate, "site": settings.site, "name": settings.name, "lane": settings.lane}
    door, standing = Door(keys), Standing(who, panel, facts)
    live = Live(settings.live, standing.picture, _when_free(look, panel))
    figures = Metrics(
        {key: who[key] for key in ("site", "gate", "lane")},
        panel,
        facts,
        lambda: _inside(settings.journal),
        lambda: live.viewers,
    )
    app.extensions["live"] = live
    app.register_blueprint(api.blueprint(api.Parts(door, standing, settings.journal, live, figures, give)))
    app.register_blueprint(older.pages(door, standing, settings.journal))
    app.register_blueprint(
        display.pages(
            lambda: panel.display,
            name=settings.name,
            languages=settings.languages,
            public_url=settings.public_url,
            on=settings.display,
        )
    )
    app.after_request(_harden)
    app.register_error_handler(HTTPException, _failed)
    return app


def _when_free(look: Callable[[], None] | None, panel: Panel) -> Callable[[], None] | None:
    """`look`, but not while a plate is being read: a driver who waits comes before a viewer."""
    if look is None:
        return None
    return lambda: None if panel.display.screen is Screen.READING else look()


def _inside(journal: Path) -> int | None:
    try:
        return records.inside(journal)
    except JournalError:
        return None  # a scrape goes on without it


def _harden(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _failed(error: HTTPException) -> Response:
    if request.path.startswith("/api/"):
        return api.failed(error)
    response = jsonify(error=error.description)
    response.status_code = error.code
    if error.code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="gate"'
    return response
