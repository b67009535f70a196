"""A mail server and a receiver of webhooks, really served on free ports of this machine; what a test looks at."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from sqlalchemy import select

from central import jobs
from central.jobs import Desk
from central.rules.telling import Channel
from central.settings import NotificationSettings, Settings
from central.store.database import Database
from central.store.schema import Notification
from edge.simulation.demo.processes import free_port


@dataclass
class Mailbox:
    """Takes every e-mail, or says what it is told to say instead of that."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    says: str = ""

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=parking@example.org&to={{to}}"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.says:
            return self.says
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    @contextmanager
    def open(self) -> Iterator[Mailbox]:
        served = Controller(self, hostname="127.0.0.1", port=self.port)
        served.start()
        try:
            yield self
        finally:
            served.stop()


@dataclass
class Receiver:
    """Takes webhooks and answers with a status."""

    status: int = 200
    got: list[tuple[str, dict]] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def open(self) -> Iterator[Receiver]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, json.loads(body)))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *args) -> None:
                """Nothing of it belongs into a test's output."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


def mailbox() -> Mailbox:
    return Mailbox(free_port())


def with_channels(settings: Settings, **urls: str) -> Settings:
    """The settings with these ways out."""
    made = NotificationSettings(**{f"{channel}_url": url for channel, url in urls.items()})
    return settings.model_copy(update={"notifications": made})


def deliver(db: Database, settings: Settings, now: datetime) -> None:
    """The job that sends does what is due."""
    while not jobs.KINDS[jobs.SEND](Desk(db, settings, None), {}, now):
        pass


def told(db: Database, **where: str) -> list[Notification]:
    """The rows of the outbox, the oldest first, those of one moment by their channels."""
    ways = list(Channel)
    with db.read() as session:
        rows = list(session.scalars(select(Notification).filter_by(**where)))
    return sorted(rows, key=lambda row: (row.created_at, row.event, row.recipient, ways.index(row.channel)))


def words(db: Database, **where: str) -> list[tuple[str, str, str]]:
    """(event, channel, state) of each."""
    return [(row.event, row.channel, row.state) for row in told(db, **where)]
