"""Serves the pages with gunicorn: worker processes of threads, which many open event streams do not exhaust."""

from __future__ import annotations

import socket
from collections.abc import Callable

from gunicorn.app.base import BaseApplication

from central.settings import Settings, SettingsError
from central.web import create_app


class Pages(BaseApplication):
    """gunicorn with our settings and no command line of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        http = self._settings.http
        for name, value in {
            "bind": [f"{http.host}:{http.port}"],
            "workers": http.workers,
            "threads": http.threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "limit_request_line": 4094,
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Callable:
        """The pages, as WSGI."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serves until it is told to stop; SettingsError when the port can't be had."""
    check_port(settings.http.host, settings.http.port)
    Pages(settings).run()


def check_port(host: str, port: int) -> None:
    """SettingsError unless we could listen there."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise SettingsError(f"{host}:{port}: {error.strerror}; choose another port, or stop what has it") from error
