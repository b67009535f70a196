"""Cursors of lists: where a page ended, packed so that nobody is tempted to make one up."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from central.api.problem import Failed


def cursor(place: Any) -> str:
    """Packs a place: a string, number, or object of them."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def place(text: str | None, kind: type) -> Any:
    """What `cursor` packed, None for the first page. Failed (404) where it is none of ours."""
    if text is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        found = None
    if type(found) is not kind or (kind is str and not (found.isascii() and found.isprintable())):
        raise Failed(404, "cursor: expected the next_cursor of an earlier page of this list")
    return found


def link(answer: Response, next_cursor: str | None) -> None:
    """Says by header too where the next page is (RFC 8288)."""
    if next_cursor is not None:
        asked = {**request.args.to_dict(), "cursor": next_cursor}
        answer.headers["Link"] = f'<{request.path}?{urlencode(asked)}>; rel="next"'
