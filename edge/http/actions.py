"""Maintenance actions over HTTP: who ordered what and why goes into the journal before the gate acts on it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from pydantic import BaseModel
from werkzeug.exceptions import BadRequest, LengthRequired, UnsupportedMediaType

from edge.http.door import Caller
from edge.http.models import ActionDone
from edge.http.operations import ACTIONS, JSON
from edge.http.problem import problem
from edge.protocol.messages import Reply

__all__ = ["ACTIONS", "Give", "body", "taker"]

log = logging.getLogger(__name__)

WAIT_S = 5.0  # what takes longer is answered with "accepted"


# has an order carried out: its name, its arguments, by whom and why, how long to wait; see edge.orders.Orders.give
Give = Callable[[str, Mapping[str, Any], str, float], Reply]


def taker(give: Give | None, name: str) -> Callable[[Caller, BaseModel | None], Response]:
    """Takes orders of one name and answers what became of them."""

    def take(caller: Caller, asked: BaseModel | None) -> Response:
        if give is None:
            return problem(503, "this gate takes no orders over HTTP")
        assert asked is not None
        args = asked.model_dump(mode="json", exclude_unset=True)
        reply = give(name, args, f"http {caller.name}: {args['reason']}", WAIT_S)
        log.info("%s ordered %s (%s): %s %s", caller.name, name, args["reason"], reply.verdict, reply.reason)
        if reply.verdict == "rejected":
            return problem(409, f"{name} was refused: {reply.reason}")
        done = ActionDone(verdict=reply.verdict, reason=reply.reason, result=reply.result)
        return Response(done.model_dump_json(), 202 if reply.verdict == "accepted" else 200, mimetype=JSON)

    return take


def body() -> bytes:
    """The request's body, JSON by its own word: a form on a stranger's page can't say that of itself."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"expected the header Content-Type: {JSON}")
    if request.content_length is None:
        raise LengthRequired("expected a body with Content-Length, not in chunks")
    given = request.get_data(cache=False)
    if not given:
        raise BadRequest('expected a JSON body like {"reason": "why"}')
    return given
