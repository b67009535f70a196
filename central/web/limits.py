"""Rate limits of pages that can be guessed at: log-in, ticket codes. Counted in each worker process by itself."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")
