"""Puts the API into the application: its operations, its problems, its document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response
from werkzeug.exceptions import HTTPException

import central.api.door
import central.api.resources.every  # noqa: F401  declares every operation
from central.api import desk, document, problem, tokens
from central.api.desk import Desk
from central.api.operations import JSON, api

described = Blueprint("api_document", __name__, url_prefix="/api/v1")


def serve_at(app: Flask, ours: Desk, otherwise: Callable[[HTTPException], Any]) -> tuple[Blueprint, ...]:
    """Registers the API; the blueprints, which need no CSRF token: no cookie lets anybody in here.

    otherwise  tells of errors elsewhere
    """
    app.extensions[desk.EXTENSION] = ours
    app.extensions[tokens.EXTENSION] = tokens.limiter()
    app.register_blueprint(api)
    app.register_blueprint(described)
    problem.serve_at(app, otherwise)
    return api, described


@described.get("/openapi.json")
def openapi() -> Response:
    return Response(document.text(), mimetype=JSON)
