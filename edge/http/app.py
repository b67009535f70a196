"""The gate over HTTP: the lane display, open to who stands there, and its state for who has the token."""

from __future__ import annotations

import hashlib
import hmac
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import segno
from cheroot import wsgi
from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import HTTPException

from edge.http import words as display_words
from edge.http.line import TimedConnection
from edge.journal.journal import JournalError, read_journal
from edge.panel import Panel
from edge.protocol.messages import Event
from edge.rules.display import Display, Screen

log = logging.getLogger(__name__)

MOST_LINES = 500
THREADS, MOST_QUEUED = 16, 64
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class HttpError(Exception):
    """The pages can't be served: says where and why."""


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What the pages need to know.

    token       opens all but the display; None: the rest is shut
    public_url  base of a ticket's address, None: no ticket QR
    languages   of the display, the first one large
    """

    gate: str
    site: str
    name: str
    lane: str
    journal: Path
    token: str | None
    public_url: str | None
    languages: tuple[str, ...]
    display: bool = True


def create_app(settings: HttpSettings, panel: Panel, facts: Callable[[], dict]) -> Flask:
    """The pages. facts: what the rest of the process adds to /status.json at the moment of asking."""
    app = Flask(__name__)
    app.jinja_env.globals.update(words=display_words, Screen=Screen)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def plain(error: HTTPException) -> Response:
        response = jsonify(error=error.description)
        response.status_code = error.code
        if error.code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="gate"'
        return response

    def for_staff() -> None:
        if settings.token is None:
            abort(403, "this page needs http.token_file in the gate's settings")
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), settings.token.encode()):
            abort(401, "expected the header Authorization: Bearer TOKEN with the token of http.token_file")

    def for_drivers() -> Display:
        if not settings.display:
            abort(404, "this gate serves no display (http.display is false)")
        return panel.display

    @app.get("/")
    def home() -> Response:
        return redirect(url_for("display_page"))

    @app.get("/display")
    def display_page() -> str:
        return render_template("display.html", **_screen(for_drivers(), settings))

    @app.get("/display/screen")
    def display_screen() -> str:
        return render_template("screen.html", **_screen(for_drivers(), settings))

    @app.get("/display.json")
    def display_json() -> Response:
        shown = for_drivers()
        response = jsonify(
            screen=shown.screen,
            plate=shown.plate,
            ticket_url=ticket_url(shown, settings.public_url),
            pay_url=shown.pay_url,
            amount_paise=shown.amount_paise,
            stayed=display_words.stayed(shown.entered_at, shown.stopped_at),
            text={language: display_words.lines(shown, language) for language in settings.languages},
        )
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        return response.make_conditional(request)

    @app.get("/status.json")
    def status() -> Response:
        for_staff()
        state = panel.state.model_dump(mode="json") if panel.state else {}
        who = {"gate": settings.gate, "site": settings.site, "lane": settings.lane, "name": settings.name}
        return jsonify(who | state | panel.figures | facts())

    @app.get("/snapshot.jpg")
    def snapshot() -> Response:
        for_staff()
        if panel.snapshot is None or not Path(panel.snapshot).is_file():
            abort(404, "there is no picture yet: the camera has not delivered one")
        return send_file(Path(panel.snapshot).resolve(), mimetype="image/jpeg", max_age=0)

    @app.get("/journal.json")
    def journal() -> Response:
        for_staff()
        limit = _whole("limit", 100, MOST_LINES)
        before = _whole("before", None, 1 << 62)
        try:
            with read_journal(settings.journal) as view:
                rows = view.log.recent(limit, before=before, type=request.args.get("type"))
        except JournalError as error:
            abort(503, str(error))
        lines = [{"n": row.n, "waiting": row.waiting, "event": _masked(row.event)} for row in rows]
        return jsonify(lines=lines, next=rows[-1].n if len(rows) == limit else None)

    return app


def ticket_url(shown: Display, public_url: str | None) -> str | None:
    """The address of a stay's page for a driver's phone; None when there is no ticket to show."""
    return f"{public_url}/t/{shown.ticket}" if public_url and shown.ticket else None


def _screen(shown: Display, settings: HttpSettings) -> dict:
    link = ticket_url(shown, settings.public_url) or shown.pay_url
    return {
        "shown": shown,
        "name": settings.name,
        "languages": settings.languages,
        "qr": qr(link) if link else None,
    }


def qr(text: str) -> str | None:
    """An inline SVG of a QR code, dark on white with its quiet zone, sized by the page's style; None: it won't fit."""
    try:
        code = segno.make(text, error="m", micro=False)
    except segno.DataOverflowError:
        log.error("no QR code holds an address of %d characters", len(text))
        return None
    return code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)


def _masked(event: Event) -> dict:
    """An event for staff to read. A ticket opens its stay's page to who has it: only its beginning is shown."""
    told = event.model_dump(mode="json")
    if ticket := told["data"].get("ticket"):
        told["data"]["ticket"] = f"{ticket[:4]}…"
    return told


def _whole(key: str, default: int | None, most: int) -> int | None:
    text = request.args.get(key)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 1 <= int(text) <= most:
        abort(400, f"{key}: expected a whole number from 1 to {most}")
    return int(text)


class HttpServer:
    """Serves an app in threads of its own until `stop`. HttpError when the address is taken."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._server = wsgi.Server(
            (host, port), app, numthreads=THREADS, server_name="parkmeter", timeout=5, accepted_queue_size=MOST_QUEUED
        )
        self._server.ConnectionClass = TimedConnection
        self._server.shutdown_timeout = 1
        self._server.max_request_header_size = 16 << 10
        self._server.max_request_body_size = 1024
        try:
            # cheroot leaves a socket open when it can't bind, so one of our own asks first
            socket.create_server((host, port)).close()
            self._server.prepare()
        except OSError as error:
            raise HttpError(
                f"http: port {port} on {host} can't be used ({error}): stop what holds it or set another http.port"
            ) from error
        self._thread = threading.Thread(target=self._server.serve, name="http", daemon=True)

    @property
    def port(self) -> int:
        return self._server.bind_addr[1]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the threads and frees the port. Safe to call twice."""
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join(5.0)
