"""The live picture's answer: takes the connection from the server's threads and gives it to `live`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Request, Response

from edge.http.door import Caller
from edge.http.live import MEDIA_TYPE, Live
from edge.http.problem import problem
from edge.http.server import CONNECTION

HEAD = (
    "HTTP/1.1 200 OK\r\n"
    f"Content-Type: {MEDIA_TYPE}\r\n"
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n"
)


def answer(live: Live, picture: Path | None, caller: Caller, request: Request) -> Response:
    """A response whose body, once it is asked for, hands the connection over; problems are answered as ever."""
    if picture is None:
        return problem(404, "there is no picture yet: the camera has not delivered one")
    served = request.environ.get(CONNECTION)
    if served is None:
        return problem(503, "live pictures are only there through the gate's own server")
    if request.method == "HEAD":
        return Response(mimetype=MEDIA_TYPE)
    if not live.reserve():
        full = "every place before the live picture is taken: expected a try later"
        return problem(503, full, **{"Retry-After": "30"})
    name, used = f"{caller.name} at {request.remote_addr}", []

    def hand_over() -> Iterator[bytes]:
        # the server asks for the body before it sends the head, and leaves alone what says it was sent
        served.sent_headers, served.close_connection = True, True
        used.append(True)
        live.show(served.conn.hand_over(), name, HEAD.encode())
        yield b""

    response = Response(hand_over(), content_type=MEDIA_TYPE, direct_passthrough=True)
    response.call_on_close(lambda: None if used else live.leave())
    return response
