"""The web server inside the gate: bounded in threads, connections, headers and bodies, with TLS where wanted."""

from __future__ import annotations

import logging
import queue
import socket
import threading
from collections import Counter

from cheroot import wsgi
from flask import Flask

from edge.http.line import TimedConnection
from edge.http.tls import LateHandshake, TlsFiles

log = logging.getLogger(__name__)

THREADS, MOST_QUEUED = 16, 64
FIRST_THREADS = 4  # the others come once these are all busy
MOST_OF_ONE = 10  # requests of one address at once, so that no stranger has all threads
HEADER_BYTES, BODY_BYTES = 16 << 10, 4 << 10
CONNECTION = "parkmeter.request"  # in a request's environment: the server's own request, for who takes its connection


class HttpError(Exception):
    """The pages can't be served: says where and why."""


class HttpServer:
    """Serves an app in threads of its own until `stop`. HttpError when the address is taken.

    tls  certificate and key; None: plain HTTP
    """

    def __init__(self, app: Flask, host: str, port: int, tls: TlsFiles | None = None) -> None:
        self._app = app
        self._server = _Server(
            (host, port),
            app,
            numthreads=FIRST_THREADS,
            max=THREADS,
            server_name="parkmeter",
            timeout=5,
            request_queue_size=MOST_QUEUED,
            accepted_queue_size=MOST_QUEUED,
            accepted_queue_timeout=0.05,  # one thread accepts: a flood is turned away, not waited for
        )
        self._server.shutdown_timeout = 1
        self._server.max_request_header_size = HEADER_BYTES
        self._server.max_request_body_size = BODY_BYTES
        if tls is not None:
            self._server.ssl_adapter = LateHandshake(tls)
        try:
            # cheroot leaves a socket open when it can't bind, so one of our own asks first
            socket.create_server((host, port)).close()
            self._server.prepare()
        except OSError as error:
            raise HttpError(
                f"http: port {port} on {host} can't be used ({error}): stop what holds it or set another http.port"
            ) from error
        self._thread = threading.Thread(target=self._server.serve, name="http", daemon=True)

    @property
    def port(self) -> int:
        return self._server.bind_addr[1]

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the threads and frees the port. Safe to call twice."""
        self._app.extensions["live"].close()
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join(5.0)


class _Gateway(wsgi.Gateway_10):
    """Tells the app which of the server's requests it answers, so that it may take its connection over."""

    def get_environ(self):
        return super().get_environ() | {CONNECTION: self.req}

    def respond(self) -> None:
        # cheroot takes a negative length for "to the end", which a stranger decides
        if not self.req.inheaders.get(b"Content-Length", b"0").isdigit():
            self.req.close_connection = self.req.sent_headers = True
            self.req.simple_response("400 Bad Request", "Content-Length: expected a whole number")
            return
        super().respond()


class _Server(wsgi.Server):
    ConnectionClass = TimedConnection

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.gateway = _Gateway
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()

    def process_conn(self, conn) -> None:
        """A connection has something to say; on the accepting thread, which must not wait."""
        address = conn.remote_addr
        with self._lock:
            turned_away = self._busy[address] >= MOST_OF_ONE
            if not turned_away:
                self._busy[address] += 1
        if turned_away:
            conn.close()
            return
        if self.requests.qsize >= self.requests.idle:
            self.requests.grow(THREADS)  # all that there may be: this thread waits for them once and never again
        try:
            self.requests.put(conn)
        except queue.Full:
            self.done_with(conn)
            conn.close()

    def done_with(self, conn) -> None:
        """The connection's request is over, or will not be heard."""
        with self._lock:
            self._busy[conn.remote_addr] -= 1
            if self._busy[conn.remote_addr] <= 0:
                del self._busy[conn.remote_addr]

    def error_log(self, msg="", level=logging.INFO, traceback=False) -> None:
        log.log(min(level, logging.WARNING), "%s", msg, exc_info=traceback)
