"""The pages and the mock payment provider really served, each from a thread of this process, on free ports."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from cheroot.wsgi import Server
from flask import Flask

from central.links import Links
from central.payments.choose import mock_psp
from central.settings import Settings
from central.web import create_app
from central.web.limits import limiter
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from edge.simulation.demo.processes import free_port
from tests.central.car_park import CarPark, plate

PLATE = "DL1CAB1234"


@dataclass
class Town:
    """A car park with its pages at `url`. Vehicles come and go at the true time, or as long ago as is said."""

    park: CarPark
    app: Flask
    settings: Settings
    links: Links
    url: str

    def enter(self, ago: timedelta = timedelta(), text: str | None = PLATE) -> tuple[str, str]:
        """A vehicle came in that long ago; its stay's id and ticket."""
        session, ticket, at = uuid7(), self.park.entry.new_ticket(), now() - ago
        seen = None if text is None else plate(text)
        self.park.hear(self.park.entry.report(Entered(plate=seen, ticket=ticket), at, session), now=at)
        return session, ticket

    def ask_to_leave(self, text: str | None = PLATE, session: str | None = None) -> str:
        """A vehicle stands at the exit; the visit's id, which names its stay where no entry fits."""
        asked = uuid7()
        facts = ExitRequested(request=asked, plate=None if text is None else plate(text))
        self.park.hear(self.park.exit.report(facts, now(), session), now=now())
        return asked

    def pay_page(self, stay_id: str) -> str:
        return f"{self.url}/p/{self.links.pay_token(stay_id)}"


@contextmanager
def serving(park: CarPark, settings: Settings) -> Iterator[Town]:
    web_port, psp_port = free_port(), free_port()
    url, psp_url = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{psp_port}"
    settings = settings.model_copy(
        update={
            "public_url": url,
            "http": settings.http.model_copy(update={"port": web_port}),
            "payments": settings.payments.model_copy(update={"psp_url": psp_url, "merchant_name": "City Car Park"}),
        }
    )
    app = create_app(settings)
    pages, psp = Server(("127.0.0.1", web_port), app, numthreads=6), mock_psp(settings)
    threads = [threading.Thread(target=target) for target in (pages.safe_start, psp.run)]
    for thread in threads:
        thread.start()
    try:
        for address in (url, psp_url):
            until(lambda address=address: answers(address))
        yield Town(park, app, settings, Links.of(settings), url)
    finally:
        psp.stop()
        pages.stop()
        for thread in threads:
            thread.join()
        limiter.reset()
        app.extensions["parkmeter"].database.close()


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/healthz", timeout=2).ok
    except requests.ConnectionError:
        return False


def until(holds: Callable[[], Any], seconds: float = 15.0) -> Any:
    """Waits for the condition; what it returned."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, "waited in vain"
        threading.Event().wait(0.05)
    return value


def now() -> datetime:
    return datetime.now(UTC)
