"""What all pages share: how values are written, the headers that guard them, and the page that says what went wrong."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, jsonify, redirect, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from central.actions.billing import lines_from_json
from central.rules.money import rupees
from central.web import account, sentences, words
from central.web.figure_words import CLASS
from central.web.moments import clock, day, exact, local, month, span
from central.web.office import office
from central.web.price_lines import price_line
from central.web.reasons import reasons

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


# what it is called, by status code, and what is said where nobody said more
_NAMES = {
    400: _l("Bad Request"),
    403: _l("Forbidden"),
    404: _l("Not Found"),
    405: _l("Method Not Allowed"),
    409: _l("Conflict"),
    413: _l("Request Entity Too Large"),
    429: _l("Too Many Requests"),
    500: _l("Internal Server Error"),
    503: _l("Service Unavailable"),
}
_SAID = {
    403: _l("Your account may not do this."),
    404: _l("There is no such page."),
    405: _l("This page can't be asked in that way."),
    413: _l("That is more than is taken at once."),
    500: _l("The fault is ours, and is written down."),
}
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
        rupees=rupees, local=local, exact=exact, clock=clock, day=day, month=month, span=span, zone=ZoneInfo
    )
    app.jinja_env.filters.update(
        plate=plate_groups, quote_lines=quote_lines, price_line=price_line, vehicle=vehicle, reasons=reasons
    )
    app.jinja_env.globals.update(words=words, sentences=sentences, may=account.may, get_locale=get_locale)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(lambda: {"account": account.current()})
    app.register_error_handler(HTTPException, problem)
    app.after_request(guard)
    if secure:
        app.before_request(to_https)
        app.after_request(only_https)


def plate_groups(text: str | None) -> str:
    """A plate with its letters and digits apart, as it is painted: "MH12AB1234" is "MH 12 AB 1234"."""
    out = ""
    for before, here in zip(" " + (text or ""), text or "", strict=False):
        out += here if before == " " or before.isdigit() == here.isdigit() else f" {here}"
    return out or _("unread")


def vehicle(vehicle_class: str | None) -> str:
    """A class of vehicle as people call it: "scooty" is "Scooter"."""
    return words.say(CLASS, vehicle_class)


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


def to_https():
    """Sends a person whom a proxy let in by plain http to the same page by https. Who asks us without one, as gates
    and monitors on the premises do, is answered as they came."""
    by_http = request.headers.get("X-Forwarded-Proto") is not None and not request.is_secure
    if office().settings.http.trusted_proxies and by_http and not request.path.startswith(_MACHINES):
        where = request.full_path.removesuffix("?").lstrip("/")
        return redirect(f"{office().settings.public_url.rstrip('/')}/{where}", 308)
    return None


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
    name, what, todo = _NAMES.get(code, error.name), error.description, _WHAT_TO_DO.get(code, "")
    if what == type(error).description:
        what = _SAID.get(code, what)
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
