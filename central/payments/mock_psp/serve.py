"""Runs the mock PSP as a process of its own."""

from __future__ import annotations

from cheroot.wsgi import Server

from central.payments.mock_psp.app import PspConfig, create_app
from central.payments.mock_psp.orders import Books
from central.payments.mock_psp.webhooks import Courier


class Psp:
    """The PSP's server and courier. `run` serves until `stop`; OSError when the port is taken."""

    def __init__(self, config: PspConfig, host: str, port: int) -> None:
        self._books = Books(config.books_path)
        self._server = Server((host, port), create_app(config, self._books), numthreads=8, server_name="mock-psp")
        self._courier = Courier(self._books, config.webhook_url, config.webhook_secret.encode())

    def run(self) -> None:
        self._server.prepare()
        self._courier.start()
        try:
            self._server.serve()
        finally:
            self._courier.stop()
            self._books.close()

    def stop(self) -> None:
        self._server.stop()
