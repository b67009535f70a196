"""Pages that renew themselves: who asks with the tag of what they have is told 304, and no page is drawn.

The tag is made of the values a page is drawn from, and not of its bytes: each drawing holds a form token of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from flask import Response, g, make_response, request
from flask_babel import get_locale
from werkzeug.http import quote_etag

from central.store.base import Base
from central.web import account


def unless_known(shows: Any, draw: Callable[[], str]) -> Response:
    """The page, or 304 where the visitor has it. shows: whatever it is drawn from; of the time, what it says."""
    if request.method != "GET":
        return make_response(draw())
    made = tag(shows)
    g.news_tag = quote_etag(made, weak=True)  # for the script on the page, which asks with it
    known = request.if_none_match.contains_weak(made)
    answer = Response(status=304) if known else make_response(draw())
    answer.set_etag(made, weak=True)
    return answer


def as_header(shows: Any) -> str:
    """The tag of what a page holds of another that lives, as its script asks with it."""
    return quote_etag(tag(shows), weak=True)


def tag(shows: Any) -> str:
    """What a page is known by, to one visitor in one language."""
    who = account.current()
    seen = repr((str(get_locale()), who and (who.id, who.role), _plain(shows)))
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """The same as built-in values, whose `repr` is the same in every worker process."""
    if isinstance(value, Base):
        return {name: _plain(held) for name, held in sorted(vars(value).items()) if not name.startswith("_")}
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(_plain(key), _plain(held)) for key, held in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
