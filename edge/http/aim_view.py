"""The live view for aiming: a page with the picture and its verdict, behind an address that holds a secret."""

from __future__ import annotations

import hmac
import os
import threading
from pathlib import Path

from flask import Flask, Response, abort, jsonify, request

from edge.http.door import Caller
from edge.http.live import Live, LiveRules
from edge.http.live_view import answer
from edge.http.server import HttpServer

PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Aiming the camera</title><img src="live" alt="The camera\'s picture and what to change" width="100%">'
    '<p><a href="figures">Figures</a></p></html>'
)
POLICY = "default-src 'none'; img-src 'self'; frame-ancestors 'none'"
RULES = LiveRules(viewers=4, fps=5.0, limit_s=3600.0)


class LiveAim:
    """Serves the newest picture until `stop`. HttpError when the address is taken.

    token   the first part of every address: who does not know it gets 404
    folder  where the picture lies for as long as this runs
    """

    def __init__(self, host: str, port: int, token: str, folder: Path) -> None:
        self._token, self._path = token, folder / "aim.jpg"
        self._newest: dict | None = None
        self._lock = threading.Lock()
        self._live = Live(RULES, self._picture, None)
        self._server = HttpServer(self._app(), host, port)

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def show(self, jpeg: bytes, figures: dict) -> None:
        """The newest picture and what is told of it, in place of the last ones."""
        beside = self._path.with_suffix(".new")
        beside.write_bytes(jpeg)
        os.replace(beside, self._path)  # a viewer gets the old picture or the new one, never half
        with self._lock:
            self._newest = figures

    def _picture(self) -> Path | None:
        return self._path if self._path.exists() else None

    def _app(self) -> Flask:
        app = Flask("parkmeter.aim", static_folder=None)
        app.extensions["live"] = self._live

        @app.before_request
        def known() -> None:
            given = request.path.split("/")[1]
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                abort(404)

        @app.get("/<token>/")
        def page(token: str) -> Response:
            return Response(PAGE, mimetype="text/html")

        @app.get("/<token>/live")
        def live(token: str) -> Response:
            return answer(self._live, self._picture(), Caller("aiming", frozenset()), request)

        @app.get("/<token>/figures")
        def figures(token: str) -> Response:
            with self._lock:
                newest = self._newest
            return jsonify(newest or {"good": False, "verdict": ["no picture yet"]})

        @app.after_request
        def guarded(response: Response) -> Response:
            response.headers.setdefault("Content-Security-Policy", POLICY)
            response.headers["Cache-Control"] = "no-store"
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return app
