"""A gate's pages on a real port, with a journal, tokens and orders behind them, and a plain client to ask with."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.http.app import HttpServer, HttpSettings, create_app
from edge.http.keys import Key, Scope
from edge.http.live import LiveRules
from edge.http.tls import TlsFiles
from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.orders import Orders
from edge.panel import Panel
from edge.protocol.messages import GateState, PlateSeen, Reply
from edge.rules.commands import Given
from edge.rules.signals import Inputs
from tests.edge.journal_makers import at

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
JPEG = b"\xff\xd8 a picture \xff\xd9"
TOKENS = {"reader": "r" * 43, "viewer": "v" * 43, "mender": "m" * 43, "police": "p" * 43}
KEYS = (
    Key.of("reader", frozenset({Scope.READ}), TOKENS["reader"]),
    Key.of("viewer", frozenset({Scope.LIVE}), TOKENS["viewer"]),
    Key.of("mender", frozenset({Scope.READ, Scope.LIVE, Scope.MAINTAIN}), TOKENS["mender"]),
    Key.of("police", frozenset({Scope.READ, Scope.PLATES}), TOKENS["police"]),
)
LEVELS = dict.fromkeys(Inputs.__slots__, False) | {"valid": True, "arming_loop": True, "limit_closed": True}
STATE = GateState(
    boom="closed",
    mode="normal",
    inputs=LEVELS,
    faults=("mains_failed",),
    outbox=7,
    visit="0193c000-0000-7000-8000-000000000001",
    plate=PlateSeen(text="MH12AB1234", raw="MHI2AB1234", confidence=0.98, per_char=(0.9,)),
    message="reading",
    wall=NOW,
)


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]


@dataclass(slots=True)
class ServedGate:
    """replies  what the lane makes of an order, by its name; "done" where nothing is said."""

    port: int
    panel: Panel
    journal: Path
    recorder: Recorder
    replies: dict[str, Reply]
    given: list[Given]
    looks: list[None]
    tls: ssl.SSLContext | None = None

    def ask(
        self,
        path: str,
        who: str | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        there = ("127.0.0.1", self.port)
        if self.tls is None:
            line = http.client.HTTPConnection(*there, timeout=10, source_address=(source, 0))
        else:
            line = http.client.HTTPSConnection(*there, timeout=10, context=self.tls)
        known = {"Authorization": f"Bearer {TOKENS.get(who, who)}"} if who else {}
        try:
            line.request(method, path, body=body, headers=known | (headers or {}))
            got = line.getresponse()
            return Answer(got.status, dict(got.getheaders()), got.read())
        finally:
            line.close()

    def order(self, name: str, who: str = "mender", **body: Any) -> Answer:
        kind = {"Content-Type": "application/json"}
        return self.ask(f"/api/v1/actions/{name}", who, method="POST", body=json.dumps(body).encode(), headers=kind)


@contextmanager
def serving(
    folder: Path,
    *,
    live: LiveRules | None = None,
    tls: TlsFiles | None = None,
    client: ssl.SSLContext | None = None,
    **changes: Any,
) -> Iterator[ServedGate]:
    """A gate whose lane answers every order at once."""
    settings = HttpSettings(
        gate="exit-1",
        site="main",
        name="South exit",
        lane="exit",
        journal=folder / "journal.db",
        token="hush",
        public_url="https://park.example.org",
        languages=("en", "hi"),
        keys=KEYS,
        live=live or LiveRules(),
    )
    panel = Panel()
    panel.state = STATE
    panel.figures = {"reads": 7, "read_ms": 180.5, "uptime_s": 12.5, "disk_free_bytes": 1 << 30}
    panel.snapshot = folder / "live.jpg"
    panel.snapshot.write_bytes(JPEG)
    recorder = Recorder(Journal.open(settings.journal, gate="exit-1", at=at()))
    recorder.start()
    replies: dict[str, Reply] = {}
    given: list[Given] = []
    looks: list[None] = []

    def lane(item: object) -> None:
        if isinstance(item, Given):
            given.append(item)
            orders.answered(item.cmd_id, replies.get(item.name, Reply(verdict="done")))

    orders = Orders(recorder, lane, lambda: NOW)
    app = create_app(replace(settings, **changes), panel, facts, orders.give, lambda: looks.append(None))
    server = HttpServer(app, "127.0.0.1", 0, tls)
    server.start()
    try:
        yield ServedGate(server.port, panel, settings.journal, recorder, replies, given, looks, client)
    finally:
        server.stop()
        recorder.stop()


def facts() -> dict[str, object]:
    return {"version": "0.1.0", "connected": True, "vision": "ready", "temperature_c": None, "complaints": ("too_hot",)}
