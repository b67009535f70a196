"""Errors as application/problem+json (RFC 9457): what was wrong and what is expected, in one line."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response
from pydantic import BaseModel, Field, ValidationError

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Why a question was not answered.

    title   the status in words
    detail  what was wrong and what is expected
    """

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str


def problem(status: int, detail: str, **headers: str) -> Response:
    """The answer for an error."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return Response(json.dumps(body.model_dump()), status, headers, mimetype=MEDIA_TYPE)


def first_wrong(error: ValidationError) -> str:
    """The first wrong field of a question and what is expected of it. The value is left out: it may be anything."""
    wrong = sorted(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")[0]
    where = ".".join(str(part) for part in wrong["loc"]) or "body"
    if wrong["type"] == "extra_forbidden":
        return f"{where}: unknown field"
    if wrong["type"] == "missing":
        return f"{where}: missing"
    message = wrong["msg"].removeprefix("Value error, ")
    return f"{where}: {message if message.startswith('expected') else f'expected: {message}'}"
