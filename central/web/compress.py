"""Style sheets, scripts and drawings travel as gzip: a quarter of their size.

Pages do not. They carry form tokens and links that are keys, beside what a visitor typed: the length of the two
compressed together would tell of the one to whoever can choose the other (BREACH, CVE-2013-3587). They are small.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_FILES = ("static", "bootstrap.static")
_TEXTS = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")
# a smaller one fits a packet as it is
_WORTH_BYTES = 1000


def init_app(app: Flask) -> None:
    app.after_request(compress)


def compress(response: Response) -> Response:
    """The answer as gzip, where it is one of our files that a browser takes so; any other as it was."""
    if request.endpoint not in _FILES or response.mimetype not in _TEXTS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or request.accept_encodings.best_match(("gzip",)) is None:
        return response
    response.direct_passthrough = False
    plain = response.get_data()
    if len(plain) < _WORTH_BYTES:
        return response
    response.set_data(_packed(plain))
    response.content_encoding = "gzip"
    # the same file in other bytes: equal in what it says, which is all that If-None-Match asks
    if tag := response.get_etag()[0]:
        response.set_etag(tag, weak=True)
    return response


@lru_cache(maxsize=64)
def _packed(plain: bytes) -> bytes:
    """Packed once for each worker process; without a time, so that the same file is always the same bytes."""
    return gzip.compress(plain, compresslevel=9, mtime=0)
