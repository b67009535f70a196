"""How an operation is declared and done: its scope, its transaction, its idempotency key, its answer.

A view is given `at` (the request), and `path`, `query` and `body` as its annotations say; it returns an answer's model.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel

from central.actions import api_answers
from central.actions.audit import audit
from central.actions.errors import Refused
from central.api import paging, tokens
from central.api.desk import Asked, desk
from central.api.problem import Failed
from central.api.words import IdempotencyKey, Page
from central.payments.provider import ProviderUnavailable

JSON = "application/json"
LONGEST_BODY = 64 * 1024
View = Callable[..., Any]
api = APIBlueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as the document and the tests know it.

    scope       of the token, None where any token will do
    takes_body  what is sent has to be JSON
    """

    name: str
    method: str
    path: str
    scope: str | None
    takes_body: bool


OPERATIONS: dict[str, Operation] = {}


def get(rule: str, scope: str | None, answer: type[BaseModel], tag: str) -> Callable[[View], View]:
    """An operation that reads, in a transaction that can't write. Single things carry an ETag."""

    def declared(view: View) -> View:
        def done(**given: Any) -> Response:
            with desk().database.read() as session:
                return _found(view(at=_asked(session), **given))

        return _declare("GET", rule, scope, answer, tag, view, done)

    return declared


def post(
    rule: str, scope: str, answer: type[BaseModel], tag: str, *, status: int = 201, outside: bool = False
) -> Callable[[View], View]:
    """An operation that changes something, once for its idempotency key.

    outside  the view only looks, and returns what is to be done outside any transaction, as what asks the payment
             provider must be; that has to come to the same when it is repeated
    """

    def declared(view: View) -> View:
        def done(header: IdempotencyKey, **given: Any) -> Response:
            return (_outside if outside else _once)(view, header.key, status, given)

        return _declare("POST", rule, scope, answer, tag, view, done, status=status, keyed=True)

    return declared


def put(rule: str, scope: str, answer: type[BaseModel], tag: str) -> Callable[[View], View]:
    """An operation that sets something: the same again changes nothing."""

    def declared(view: View) -> View:
        def done(**given: Any) -> Response:
            with _writing() as at:
                told = _told(view(at=at, **given), 200)
                _write_down(at)
            return told

        return _declare("PUT", rule, scope, answer, tag, view, done)

    return declared


def delete(rule: str, scope: str, tag: str) -> Callable[[View], View]:
    """An operation that ends something."""

    def declared(view: View) -> View:
        def done(**given: Any) -> Response:
            with _writing() as at:
                view(at=at, **given)
                _write_down(at)
            return Response(status=204)

        return _declare("DELETE", rule, scope, None, tag, view, done, status=204)

    return declared


def _declare(
    method: str,
    rule: str,
    scope: str | None,
    answer: type[BaseModel] | None,
    tag: str,
    view: View,
    done: Callable[..., Response],
    *,
    status: int = 200,
    keyed: bool = False,
) -> View:
    takes = inspect.get_annotations(view, eval_str=True)
    done.__name__, done.__doc__ = view.__name__, view.__doc__
    done.__annotations__ = {part: takes[part] for part in ("path", "query", "body") if part in takes}
    if keyed:
        done.__annotations__["header"] = IdempotencyKey
    made = getattr(api, method.lower())(
        rule, operation_id=view.__name__, tags=[Tag(name=tag)], responses={status: answer},
    )  # fmt: skip
    made(done)
    path = "/api/v1" + rule.replace("<", "{").replace(">", "}")
    OPERATIONS[f"api.{view.__name__}"] = Operation(view.__name__, method, path, scope, "body" in takes)
    return view


def _asked(session: Any) -> Asked:
    return Asked(session, tokens.token(), desk().now())


@contextmanager
def _writing() -> Iterator[Asked]:
    """A transaction whose refusals are problems."""
    try:
        with desk().database.begin() as session:
            yield _asked(session)
    except Refused as error:
        raise Failed(409, str(error)) from error


def _write_down(at: Asked) -> None:
    """In the audit log, under the token's name."""
    what = OPERATIONS[request.endpoint].name.replace("_", " ")
    audit(at.session, at.now, at.by, f"api: {what}"[:40], f"api-token/{at.token.id}", path=request.path[:200])


def _once(view: View, key: str, status: int, given: dict[str, Any]) -> Response:
    body = api_answers.fingerprint(request.method, request.path, request.get_json(silent=True))
    with _writing() as at:
        known = api_answers.begin(at.session, at.token.id, key, body, at.now)
        if known is not None:
            return _replayed(known.status, known.answer)
        answer = view(at=at, **given)
        _write_down(at)
        api_answers.keep(at.session, at.token.id, key, status, answer.kept().model_dump_json(by_alias=True))
        return _told(answer, status)


def _outside(view: View, key: str, status: int, given: dict[str, Any]) -> Response:
    body = api_answers.fingerprint(request.method, request.path, request.get_json(silent=True))
    try:
        with desk().database.read() as session:
            at = _asked(session)
            known = api_answers.known(session, at.token.id, key, body)
            act = None if known is not None else view(at=at, **given)
        answer = None if act is None else act()
    except Refused as error:
        raise Failed(409, str(error)) from error
    except ProviderUnavailable as error:
        raise Failed(503, "the payment provider can't be asked now: send the same again in a moment") from error
    if answer is None:
        return _replayed(known.status, known.answer)
    with _writing() as at:
        # where the same was sent twice at once, the first answer is the one that is kept
        if api_answers.begin(at.session, at.token.id, key, body, at.now) is None:
            _write_down(at)
            api_answers.keep(at.session, at.token.id, key, status, answer.kept().model_dump_json(by_alias=True))
    return _told(answer, status)


def _told(answer: BaseModel | None, status: int) -> Response:
    return Response("" if answer is None else answer.model_dump_json(by_alias=True), status, mimetype=JSON)


def _replayed(status: int, answer: str) -> Response:
    told = Response(answer, status, mimetype=JSON)
    told.headers["Idempotent-Replayed"] = "true"
    return told


def _found(answer: BaseModel) -> Response:
    told = _told(answer, 200)
    if isinstance(answer, Page):
        paging.link(told, answer.next_cursor)
        return told
    told.add_etag()
    return told.make_conditional(request)
