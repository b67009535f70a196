"""What all pages share: how values are written, the headers that guard them, and the page that says what went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from central.rules.money import rupees

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def init_app(app: Flask) -> None:
    """Filters, headers and error pages."""
    app.jinja_env.filters.update(rupees=rupees, local=local, clock=clock, span=span, plate=plate_groups, zone=ZoneInfo)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_error_handler(HTTPException, problem)
    app.after_request(guard)


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant as the site's people write it: "24 Nov 2026, 14:05"."""
    return at.astimezone(zone).strftime("%-d %b %Y, %H:%M")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day alone: "14:05"."""
    return at.astimezone(zone).strftime("%H:%M")


def span(length: timedelta) -> str:
    """A length of time: "2 d 3 h", "1 h 4 min", "0 min"; parts of a minute are left out."""
    minutes = int(length.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def plate_groups(text: str | None) -> str:
    """A plate with its letters and digits apart, as it is painted: "MH12AB1234" is "MH 12 AB 1234"."""
    out = ""
    for before, here in zip(" " + (text or ""), text or "", strict=False):
        out += here if before == " " or before.isdigit() == here.isdigit() else f" {here}"
    return out or "unread"


def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint not in ("static", "bootstrap.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def problem(error: HTTPException):
    """Said as JSON to machines and as a page to people."""
    if request.path.startswith(("/api/", "/webhooks/")) or request.path.endswith(".json"):
        return jsonify(error=error.description), error.code
    return render_template("problem.html", error=error), error.code
