"""What is asked of every request before its operation: who asks, whether they may, whether what they sent is JSON."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import BadRequest

from central.api import problem, tokens
from central.api.operations import JSON, LONGEST_BODY, OPERATIONS, api


@api.before_request
def at_the_door() -> Response | None:
    """First who asks, then whether they may, then whether what they sent is JSON."""
    operation = OPERATIONS.get(request.endpoint or "")
    if operation is None:
        return None
    refused = tokens.let_in(operation.scope)
    if refused is None and operation.takes_body:
        refused = _not_json()
    return refused


def _not_json() -> Response | None:
    request.max_content_length = LONGEST_BODY
    if request.mimetype != JSON:
        return problem.answer(415, f"expected Content-Type: {JSON}")
    try:
        sent = request.get_json()
    except (BadRequest, RecursionError):
        return problem.answer(400, "the body is no JSON")
    return None if isinstance(sent, dict) else problem.answer(422, "body: expected a JSON object")


api.after_request(tokens.tell_limits)
