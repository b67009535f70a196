"""Answers what `operations` lists: each operation's scope, question and errors are checked in one place."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException

from edge.http import actions, journal, live_view, openapi
from edge.http.door import Caller, Door
from edge.http.live import Live
from edge.http.metrics import MEDIA_TYPE as METRICS
from edge.http.metrics import Metrics
from edge.http.operations import JSON, OPERATIONS, PREFIX, Operation
from edge.http.problem import first_wrong, problem
from edge.http.standing import Standing
from edge.journal.journal import JournalError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API answers from.

    give     carries orders out; None where the gate takes none over HTTP
    metrics  the figures for Prometheus
    """

    door: Door
    standing: Standing
    journal: Path
    live: Live
    metrics: Metrics
    give: actions.Give | None


def blueprint(parts: Parts) -> Blueprint:
    """The API's routes."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    answers = _answers(parts)
    for operation in OPERATIONS:
        view = _guarded(operation, answers[operation.id], parts.door)
        path, methods = operation.path, [operation.method]
        api.add_url_rule(path, operation.id, view, methods=methods, provide_automatic_options=False)
    return api


def _answers(parts: Parts) -> dict[str, Callable[[Caller, BaseModel | None], Response | BaseModel]]:
    standing = parts.standing
    return {
        "status": lambda caller, _: standing.status(caller),
        "inputs": lambda caller, _: standing.inputs(),
        "snapshot": lambda caller, _: _snapshot(standing),
        "live": lambda caller, _: live_view.answer(parts.live, standing.picture(), caller, request),
        "journal": lambda caller, asked: journal.lines(parts.journal, asked, caller),
        "sessions": lambda caller, asked: journal.sessions(parts.journal, asked, caller),
        "metrics": lambda caller, _: Response(parts.metrics.text(), content_type=METRICS),
        "openapi": lambda caller, _: Response(json.dumps(openapi.document()), mimetype=JSON),
        **{f"action_{name}": actions.taker(parts.give, name) for name in actions.ACTIONS},
    }


def _guarded(operation: Operation, answer: Callable, door: Door) -> Callable[[], Response]:
    def view() -> Response:
        caller = door.admit(request.environ, operation.scope)
        try:
            asked = _asked(operation)
        except ValidationError as error:
            return problem(400, first_wrong(error))
        try:
            said = answer(caller, asked)
        except JournalError as error:
            return problem(503, str(error))
        return said if isinstance(said, Response) else Response(said.model_dump_json(), mimetype=JSON)

    return view


def _asked(operation: Operation) -> BaseModel | None:
    if operation.body is not None:
        if request.args:
            raise BadRequest(f"{next(iter(request.args))}: unknown parameter; expected what is asked in the body")
        return operation.body.model_validate_json(actions.body())
    twice = next((name for name, values in request.args.lists() if len(values) > 1), None)
    if twice is not None:
        raise BadRequest(f"{twice[:40]}: expected once")
    if operation.query is not None:
        return operation.query.model_validate(request.args.to_dict())
    if request.args:
        raise BadRequest(f"{next(iter(request.args))[:40]}: unknown parameter; expected none")
    return None


def _snapshot(standing: Standing) -> Response:
    picture = standing.picture()
    if picture is None:
        return problem(404, "there is no picture yet: the camera has not delivered one")
    return send_file(picture.resolve(), mimetype="image/jpeg", max_age=0)


def failed(error: HTTPException) -> Response:
    """An error of the API as a problem."""
    headers = {"WWW-Authenticate": 'Bearer realm="gate"'} if error.code == 401 else {}
    allowed = error.get_headers()
    headers |= {name: value for name, value in allowed if name in ("Allow", "Retry-After")}
    return problem(error.code or 500, str(error.description), **headers)
