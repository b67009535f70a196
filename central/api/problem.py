"""What went wrong, as RFC 9457 has it: application/problem+json for every error under /api/v1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, request
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/v1/"

#   status  what it is here
TITLES: dict[int, str] = {
    400: "The request can't be read",
    401: "A token is needed",
    403: "The token may not do this",
    404: "There is no such thing",
    405: "This can't be done here",
    406: "Nothing else than JSON is answered",
    409: "It can't be done as things are",
    412: "It has changed since",
    413: "The request is too large",
    415: "JSON is expected",
    422: "A value is wrong",
    429: "Too many requests",
    500: "An error of our own",
    503: "The payment provider can't be asked now",
}


class Wrong(BaseModel):
    """One value that is wrong. where: "body.reason", "query.limit"."""

    where: str
    what: str


class Problem(BaseModel):
    """What went wrong. type: about:blank, the status says it all; detail: a sentence for whoever reads the log."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = Field(None, description="The values that are wrong, of status 422.")


class Failed(Exception):
    """Ends a request with a problem, and what it had begun with it."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def answer(status: int, detail: str, errors: Sequence[Wrong] = ()) -> Response:
    told = Problem(
        title=TITLES.get(status, "It could not be done"), status=status, detail=detail, errors=list(errors) or None
    )
    return Response(told.model_dump_json(exclude_none=True), status, mimetype=MEDIA_TYPE)


def not_valid(error: ValidationError) -> Response:
    """What a model refuses, each value named."""
    found = [
        Wrong(where=".".join(str(one) for one in wrong["loc"]) or "request", what=_said(wrong["msg"]))
        for wrong in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]
    return answer(422, f"{found[0].where}: {found[0].what}", found)


def serve_at(app: Flask, otherwise: Callable[[HTTPException], Any]) -> None:
    """Every error of a path under /api/v1 is a problem, but for what gates ask; any other is told as before."""

    def told(error: HTTPException) -> Any:
        code = error.code or 500
        if code < 400 or not request.path.startswith(PREFIX) or (request.endpoint or "").startswith("machines."):
            return otherwise(error)
        detail = "Nothing was half done. Try again in a moment." if code == 500 else error.description or error.name
        made = answer(code, detail)
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                made.headers[name] = value
        return made

    app.register_error_handler(HTTPException, told)
    app.register_error_handler(Failed, lambda error: answer(error.status, error.detail))
    app.validation_error_callback = not_valid


def _said(text: str) -> str:
    return text.removeprefix("Value error, ").encode("utf-8", "replace").decode()
