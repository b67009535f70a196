"""Who asks: the bearer token of a request, its scopes, its sites, and how often it may ask."""

from __future__ import annotations

import time

from flask import Response, current_app, g, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from limits.util import WindowStats

from central.actions import api_tokens
from central.api import problem
from central.api.desk import desk
from central.store.schema import ApiToken

EXTENSION = "parkmeter.api.limiter"
_WRONG_TOKENS = RateLimitItemPerMinute(30)


def limiter() -> FixedWindowRateLimiter:
    """Counts in this process alone."""
    return FixedWindowRateLimiter(MemoryStorage())


def let_in(scope: str | None) -> Response | None:
    """Lets the request's token in, into `g.api_token`, or answers why not. scope: None where any token will do."""
    counts: FixedWindowRateLimiter = current_app.extensions[EXTENSION]
    address, now = request.remote_addr or "", desk().now()
    if not counts.test(_WRONG_TOKENS, "wrong", address):
        return _later(counts.get_window_stats(_WRONG_TOKENS, "wrong", address), "Too many wrong tokens.")
    given = request.authorization
    text = given.token if given is not None and given.type == "bearer" else None
    with desk().database.read() as session:
        token = api_tokens.token_with(session, text, now) if text else None
    if token is None:
        if text:
            counts.hit(_WRONG_TOKENS, "wrong", address)
        refused = problem.answer(401, "expected a good token: Authorization: Bearer TOKEN")
        refused.headers["WWW-Authenticate"] = 'Bearer realm="ParkMeter"'
        return refused
    most = RateLimitItemPerMinute(desk().settings.api.requests_per_minute)
    within = counts.hit(most, "token", token.id)
    g.api_window, g.api_most = counts.get_window_stats(most, "token", token.id), most.amount
    if not within:
        return _later(g.api_window, f"expected at most {most.amount} requests a minute")
    if scope is not None and scope not in token.scopes:
        refused = problem.answer(403, f"expected a token with the scope {scope}")
        refused.headers["WWW-Authenticate"] = f'Bearer realm="ParkMeter", error="insufficient_scope", scope="{scope}"'
        return refused
    if api_tokens.to_be_noted(token, now):
        with desk().database.begin() as session:
            api_tokens.note_use(session, token.id, now)
    g.api_token = token
    return None


def tell_limits(answer: Response) -> Response:
    """How much is left, as the IETF's draft of RateLimit headers has it."""
    window: WindowStats | None = g.get("api_window")
    if window is not None:
        answer.headers["RateLimit-Policy"] = f'"token";q={g.api_most};w=60'
        answer.headers["RateLimit"] = f'"token";r={window.remaining};t={_wait(window)}'
    return answer


def token() -> ApiToken:
    return g.api_token


def _later(window: WindowStats, why: str) -> Response:
    refused = problem.answer(429, why)
    refused.headers["Retry-After"] = str(_wait(window))
    return refused


def _wait(window: WindowStats) -> int:
    return max(1, int(window.reset_time - time.time()) + 1)
