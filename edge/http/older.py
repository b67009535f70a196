"""The three pages that were there before /api/v1, for who still asks them: same access, same masks."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, request, send_file

from edge.http.door import Caller, Door
from edge.http.keys import Scope
from edge.http.masking import shown
from edge.http.models import MOST_LINES
from edge.http.standing import Standing
from edge.journal.journal import JournalError, read_journal


def pages(door: Door, standing: Standing, journal: Path) -> Blueprint:
    """/status.json, /snapshot.jpg and /journal.json."""
    older = Blueprint("older", __name__)

    def caller(scope: Scope) -> Caller:
        return door.admit(request.environ, scope)

    @older.get("/status.json")
    def status() -> Response:
        return jsonify(standing.whole(caller(Scope.READ)))

    @older.get("/snapshot.jpg")
    def snapshot() -> Response:
        caller(Scope.LIVE)
        picture = standing.picture()
        if picture is None:
            abort(404, "there is no picture yet: the camera has not delivered one")
        return send_file(picture.resolve(), mimetype="image/jpeg", max_age=0)

    @older.get("/journal.json")
    def lines() -> Response:
        plates = caller(Scope.READ).may(Scope.PLATES)
        limit = _whole("limit", 100, MOST_LINES)
        before = _whole("before", None, 1 << 62)
        try:
            with read_journal(journal) as view:
                rows = view.log.recent(limit, before=before, type=request.args.get("type"))
        except JournalError as error:
            abort(503, str(error))
        told = [
            {"n": row.n, "waiting": row.waiting, "event": shown(row.event.model_dump(mode="json"), plates=plates)}
            for row in rows
        ]
        return jsonify(lines=told, next=rows[-1].n if len(rows) == limit else None)

    return older


def _whole(key: str, default: int | None, most: int) -> int | None:
    text = request.args.get(key)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 1 <= int(text) <= most:
        abort(400, f"{key}: expected a whole number from 1 to {most}")
    return int(text)
