"""Rate limits of pages that can be guessed at: log-in, ticket codes. Counted in each worker process by itself."""

from __future__ import annotations

from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")


def only_failures(response: Response) -> bool:
    """Guesses are counted, not people who know what they type: many drivers may share one address."""
    return response.status_code in (401, 404, 422)
