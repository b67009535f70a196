"""A central with a CA, two gates and codes for them, really served over HTTPS."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from central import keys
from central.actions import enrolment
from central.actions.gates import add_gate, add_site
from central.pki.authority import Authority, pem, pki_folder
from central.pki.key_pairs import key_pem, new_key
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Gate
from central.web import create_app
from central.web.limits import limiter


@dataclass
class Town:
    """A central with a CA and two gates, and where it answers."""

    url: str
    db: Database
    settings: Settings
    authority: Authority

    def code(self, gate: str = "entry-1", profile: int = 3) -> str:
        broker = "mqtt://127.0.0.1:1883" if profile == 1 else "mqtts://broker.example.org:8883"
        with self.db.begin() as session:
            row = session.get_one(Gate, ("main", gate))
            return enrolment.make_code(session, self.settings, row, now(), "tests", profile=profile, broker_url=broker)


def now() -> datetime:
    return datetime.now(UTC)


def central(tmp_path: Path) -> Town:
    settings = Settings(data_dir=tmp_path / "central")
    keys.make(settings)
    db = Database(settings.database)
    migrations.upgrade(db.engine)
    with db.begin() as session:
        add_site(session, "main", now(), "tests", name="Main")
        for gate, lane in (("entry-1", "entry"), ("exit-1", "exit")):
            add_gate(session, "main", gate, now(), "tests", lane=lane, name=f'The "{lane}", north')
    return Town("", db, settings, Authority.make(pki_folder(settings), "CA", now()))


@contextmanager
def served(town: Town, tls: Authority | None) -> Iterator[Town]:
    """Its pages on a free port; tls: who has signed the server's certificate, None for plain http."""
    app = create_app(town.settings)
    server = Server(("127.0.0.1", 0), app, numthreads=3)
    if tls:
        key, folder_ = new_key(), town.settings.data_dir
        made = tls.issue(key.public_key(), "web", "server", now(), hosts=["127.0.0.1"])
        (folder_ / "web.pem").write_text(pem(made))
        (folder_ / "web.key").write_bytes(key_pem(key))
        server.ssl_adapter = BuiltinSSLAdapter(str(folder_ / "web.pem"), str(folder_ / "web.key"))
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        town.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.bind_addr[1]}"
        yield town
    finally:
        server.stop()
        thread.join()
        limiter.reset()
        app.extensions["parkmeter"].database.close()
        town.db.close()
