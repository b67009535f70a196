"""Every page at a million stays, beside the same page at ten thousand: walked in turns, held to a ratio."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.routing import Rule

from central import keys
from central.bench import million, opened
from central.bench.page_arguments import Arguments
from central.settings import LoginSettings, Settings
from central.store import migrations
from central.store.database import Database
from central.web import create_app
from central.web.limits import limiter

FEW, MANY = 10_000, 1_000_000
RUNS, MORE, AGAIN = 7, 4, 3
MOST_GROWTH = 1.5
# the bench has no phone to show codes
ONE_FACTOR = LoginSettings(totp_required_for=())
# downloads of all that is asked for: their length is what was asked for
DOWNLOADS = ("/audit/log.csv",)
# not pages of people: machines' interfaces, and files that are the same whatever the database holds
NOT_PAGES = ("api", "api_document", "machines", "static", "bootstrap")
NOT_OPEN = {"/setup/<token>": "makes the first administrator, and there is one"}


@dataclass
class Park:
    """The pages over one database, and visitors of theirs: staff who see everything, a driver who logs in, a guest."""

    db: Database
    app: Flask
    staff: FlaskClient
    driver: FlaskClient
    guest: FlaskClient
    arguments: Arguments
    times: dict[str, list[float]] = field(default_factory=dict)


def figures(
    folder: Path, *, stays: int = MANY, few: int = FEW, keep: Path | None = None, url: str = "", runs: int = RUNS
) -> list[dict[str, Any]]:
    """A figure for each page; those that nothing in the data leads to are named on stderr.

    folder  gone afterwards; keep: where the databases stay for the next time
    runs    of each page in turns, and more of those that seem too slow
    url     a PostgreSQL server whose user may make databases, "postgresql://USER@HOST/{name}"; "" for SQLite
    """
    where = keep or folder
    where.mkdir(parents=True, exist_ok=True)
    limiter.enabled = False  # a bench asks oftener than a person
    try:
        parks = [_park(where / str(count), count, url) for count in (few, stays)]
        try:
            return _walk(*parks, few, stays, runs)
        finally:
            for park in parks:
                park.app.extensions["parkmeter"].database.close()
                park.db.close()
    finally:
        limiter.enabled = True


def _walk(few: Park, many: Park, least: int, most: int, runs: int) -> list[dict[str, Any]]:
    walked, left_out, broken = [], [], []
    for rule in sorted(many.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in rule.methods or rule.endpoint.split(".")[0] in NOT_PAGES or rule.rule in NOT_OPEN:
            continue
        visits = [(park, park.arguments.path(rule)) for park in (few, many)]
        answers = [400 if path is None else _get(park, rule, path) for park, path in visits]
        if max(answers) >= 500:
            broken.append(_broken(rule, max(answers)))
            continue
        if max(answers) >= 400:
            left_out.append(rule.rule)
            continue
        _time(rule, visits, 1 if rule.rule in DOWNLOADS else runs)
        walked.append((rule, visits))
    for _again in range(AGAIN):
        # a neighbour on the machine, more often than not: measured anew, and oftener, when it may have gone
        for rule, visits in walked:
            if _growth(few, many, rule) > MOST_GROWTH and rule.rule not in DOWNLOADS:
                _time(rule, visits, MORE * runs)
    for rule, why in NOT_OPEN.items():
        print(f"not walked: {rule} {why}", file=sys.stderr)
    if left_out:
        print(f"not walked, as nothing in the data leads there: {', '.join(left_out)}", file=sys.stderr)
    return [*(_figure(few, many, rule, least, most) for rule, _ in walked), *broken]


def _get(park: Park, rule: Rule, path: str) -> int:
    """The page, read to its end; its status."""
    with _visitor(park, rule).get(path) as answer:
        answer.get_data()
        return answer.status_code


def _time(rule: Rule, visits: list[tuple[Park, str]], runs: int) -> None:
    """In turns; what was measured of the page before is forgotten."""
    for park, _ in visits:
        park.times[rule.rule] = []
    for _run in range(runs):
        for park, path in visits:
            began = perf_counter()
            _get(park, rule, path)
            park.times[rule.rule].append((perf_counter() - began) * 1e3)


def _visitor(park: Park, rule: Rule) -> FlaskClient:
    """A driver's own pages by one who is logged in, others by their link; all the rest by who may see everything."""
    if rule.rule.split("/")[1] == "me":
        return park.driver
    return park.guest if "token" in rule.arguments or "ticket" in rule.arguments else park.staff


def _growth(few: Park, many: Park, rule: Rule) -> float:
    return median(many.times[rule.rule]) / median(few.times[rule.rule])


def _figure(few: Park, many: Park, rule: Rule, least: int, most: int) -> dict[str, Any]:
    ratio = _growth(few, many, rule)
    return {
        "what": f"{rule.rule} at {most:,} stays",
        "value": round(median(many.times[rule.rule]), 1),
        "unit": "ms",
        "baseline": f"at {least:,}: {median(few.times[rule.rule]):.1f} ms",
        "ratio": round(ratio, 2),
        "bar": "" if rule.rule in DOWNLOADS else f"ratio <= {MOST_GROWTH:g}",
        "holds": rule.rule in DOWNLOADS or ratio <= MOST_GROWTH,
    }


def _broken(rule: Rule, status: int) -> dict[str, Any]:
    """A page that can't be shown is quick, and yet holds nothing."""
    said = {"what": rule.rule, "value": status, "unit": "status", "baseline": "", "ratio": "", "bar": "< 500"}
    return said | {"holds": False}


def _park(folder: Path, stays: int, url: str) -> Park:
    folder.mkdir(exist_ok=True)
    unfinished = folder / "unfinished"
    settings = _settings(folder, f"parkmeter_bench_{stays}", url, anew=unfinished.exists())
    Path(settings.images).mkdir(parents=True, exist_ok=True)
    keys.make(settings)
    db = Database(settings.database)
    migrations.upgrade(db.engine)
    unfinished.touch()
    million.ready(db, stays, datetime.now(UTC), Path(settings.images))
    unfinished.unlink()
    app = create_app(settings)
    visitors = opened.staff(db, app), opened.driver(db, app), app.test_client()
    links = app.extensions["parkmeter"].links
    return Park(db, app, *visitors, Arguments(db, links, opened.links(db, links.public_url)))


def _settings(folder: Path, name: str, url: str, *, anew: bool) -> Settings:
    """anew: what an earlier run left half filled is thrown away."""
    if not url:
        if anew:
            for part in folder.glob("central.db*"):
                part.unlink()
        return Settings(data_dir=folder, login=ONE_FACTOR)
    server = Database(url.format(name="postgres"))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if anew:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}):
            connection.execute(text(f"CREATE DATABASE {name}"))
    server.close()
    return Settings(data_dir=folder, database_url=url.format(name=name), login=ONE_FACTOR)
