"""What all pages share: how values are written, the headers that guard them, and the page that says what went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, jsonify, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from central.actions.billing import lines_from_json
from central.rules.money import rupees
from central.web import account, sentences, words

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# what can be done about it, by status code
_WHAT_TO_DO = {
    403: _l("Another person may have the right; the page itself is not broken."),
    405: _l("Go back and use the buttons of the page."),
    413: _l("Send less at once."),
    429: _l("Wait a minute, then try again."),
    500: _l("Nothing was half done. Try again in a moment; if it stays so, tell the people who run this car park."),
}
_MACHINES = ("/api/", "/webhooks/", "/healthz")


def init_app(app: Flask, *, secure: bool) -> None:
    """Filters, headers and error pages. secure: people reach us by https."""
    app.jinja_env.filters.update(
        rupees=rupees, local=local, exact=exact, clock=clock, span=span, plate=plate_groups, zone=ZoneInfo
    )
    app.jinja_env.filters["quote_lines"] = quote_lines
    app.jinja_env.globals.update(words=words, sentences=sentences, may=account.may, get_locale=get_locale)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: {"account": account.current()})
    app.register_error_handler(HTTPException, problem)
    app.after_request(guard)
    if secure:
        app.after_request(only_https)


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the site's people write it: "24 Nov 2026, 14:05"."""
    return at.astimezone(zone).strftime("%-d %b %Y, %H:%M")


def exact(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the second, for what follows closely: "24 Nov, 14:05:09"."""
    return at.astimezone(zone).strftime("%-d %b, %H:%M:%S")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day alone: "14:05"."""
    return at.astimezone(zone).strftime("%H:%M")


def span(length: timedelta) -> str:
    """A length of time: "2 d 3 h", "1 h 4 min", "under 1 min"; parts of a minute are left out."""
    minutes = int(length.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else "under 1 min"


def plate_groups(text: str | None) -> str:
    """A plate with its letters and digits apart, as it is painted: "MH12AB1234" is "MH 12 AB 1234"."""
    out = ""
    for before, here in zip(" " + (text or ""), text or "", strict=False):
        out += here if before == " " or before.isdigit() == here.isdigit() else f" {here}"
    return out or "unread"


def quote_lines(quote: dict[str, Any]) -> tuple:
    """The lines of a stored quote, none where it has not been priced."""
    return lines_from_json(quote["lines"]) if quote else ()


def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint not in ("static", "bootstrap.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def only_https(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return response


def problem(error: HTTPException):
    """Said as JSON to machines and as a page to people; with what can be done about it."""
    code = error.code or 500
    if code == 500:
        g.account = None  # what failed may be the database, and this page must come all the same
    if code < 400:
        return error
    name, what, todo = error.name, error.description, _WHAT_TO_DO.get(code, "")
    if isinstance(error, CSRFError):
        name = _("This form has expired")
        what, todo = (
            _("It was open too long, or not sent from our page."),
            _("Go back, load the page again, and send it."),
        )
    elif code == 429:
        what = _("That was too many tries in a short time.")
    if request.path.startswith(_MACHINES):
        return jsonify(error=str(what)), code
    return render_template("problem.html", name=name, what=what, todo=todo), code
