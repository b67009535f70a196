"""Whether a stranger who types a plate can tell by the clock that its vehicle is here: each form, by turns."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from central import keys
from central.actions import access, accounts, gates, tariffs
from central.links import Links
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Stay
from central.web import create_app
from central.web.limits import limiter
from edge.protocol.ids import uuid7

SITE = "office"
TARIFF = Path(__file__).parents[2] / "config" / "tariffs" / "delhi-example.toml"
INSIDE = 2_000
PAIRS = 300
MOST = 1.1

# a visitor types a plate into a form; what is answered
Form = Callable[["_Visitor", str], object]


def figures(folder: Path) -> list[dict[str, Any]]:
    """One for each form: the median time with plates that are here, beside plates that are not; ratio: of the pairs."""
    settings = Settings(data_dir=folder)
    keys.make(settings)
    db = Database(settings.database)
    migrations.upgrade(db.engine)
    here = _fill(db)
    app = create_app(settings)
    limiter.enabled = False
    try:
        forms = _forms(db, Links.of(settings))
        return [_figure(name, _Visitor(app.test_client()), form, here) for name, form in forms.items()]
    finally:
        limiter.enabled = True
        app.extensions["parkmeter"].database.close()
        db.close()


def _fill(db: Database) -> list[str]:
    """A site with vehicles inside, some with a pass, some denied, some an account's; their plates."""
    now = datetime.now(UTC)
    plates = [f"DL{1 + number % 9}C{chr(65 + number % 26)}{1000 + number}" for number in range(INSIDE)]
    with db.begin() as session:
        site = gates.add_site(session, SITE, now, "bench", name="Office")
        tariffs.load_tariff(session, SITE, TARIFF.read_text("utf-8"), now - timedelta(days=9), "bench")
        for number, plate in enumerate(plates):
            came = now - timedelta(minutes=number)
            session.add(
                Stay(id=uuid7(), site_id=SITE, plate=plate, status="open", entered_at=came, created_at=came, version=1)
            )
        session.flush()
        for number, plate in enumerate(plates[:60]):
            if number % 3 == 0:
                access.set_rule(session, SITE, plate, "denied" if number % 2 else "pass", now, "bench")
            elif number % 3 == 1:
                account = accounts.open_account(session, site.id, f"Driver {number}", now, "bench")
                accounts.register(session, account.id, plate, now, "bench")
    return plates


def _forms(db: Database, links: Links) -> dict[str, Form]:
    with db.begin() as session:
        now = datetime.now(UTC)
        unmatched = Stay(id=uuid7(), site_id=SITE, status="unmatched", requested_at=now, created_at=now, version=1)
        session.add(unmatched)
    pay = f"/p/{links.pay_token(unmatched.id)}"

    def book(visitor: _Visitor, plate: str) -> object:
        at = datetime.now(UTC) + timedelta(hours=30)
        return visitor.send("/book", plate=plate, at=at.strftime("%Y-%m-%dT%H:%M"), hours="4", **{"class": "car"})

    return {
        "booking ahead": book,
        "ticket code": lambda visitor, plate: visitor.send("/ticket", ticket=plate),
        "link with a ticket": lambda visitor, plate: visitor.get(f"/t/{plate}"),
        "ticket code of an exit": lambda visitor, plate: visitor.send(f"{pay}/ticket", page=pay, ticket=plate),
    }


class _Visitor:
    """A browser: a form's page is loaded once, and the form sent as often as is wished."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._tokens: dict[str, str] = {}
        self.get = client.get

    def send(self, path: str, page: str = "", **typed: str) -> object:
        if path not in self._tokens:
            html = self.get(page or path).text
            self._tokens[path] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html).group(1)
        return self._client.post(path, data={"csrf_token": self._tokens[path], **typed})


def _figure(name: str, visitor: _Visitor, form: Form, here: list[str]) -> dict[str, Any]:
    form(visitor, here[0])  # what is made once is made now
    spent: tuple[list[float], list[float]] = ([], [])
    for pair in range(PAIRS):
        plate = here[pair % 60]
        typed = [plate, plate[:-4] + "0" + plate[-3:]]
        # who goes first takes turns: the second may find things warm
        for which in (0, 1) if pair % 2 else (1, 0):
            began = perf_counter()
            form(visitor, typed[which])
            spent[which].append((perf_counter() - began) * 1e3)
    value, base = median(spent[0]), median(spent[1])
    # pair by pair, so that a machine that is busy for a while tips no scale
    ratio = median(one / other for one, other in zip(*spent, strict=True))
    return {
        "what": f"{name}, a plate that is here",
        "value": round(value, 2),
        "unit": "ms",
        "baseline": f"a plate that is not: {base:.2f} ms",
        "ratio": round(ratio, 3),
        "bar": f"{1 / MOST:.2f} <= ratio <= {MOST:g}",
        "holds": 1 / MOST <= ratio <= MOST,
    }
