"""The administration commands: each opens the database, does one action, and prints what came of it."""

from __future__ import annotations

import argparse
import json
import os
import pwd
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central import keys
from central.actions import access, day_figures, gates, staff, tariffs
from central.actions.billing import PAID
from central.actions.errors import Refused
from central.rules.stay_table import Status
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Due, Gate, Quarantine, Site, Stay


def init(args: argparse.Namespace, settings: Settings) -> None:
    """Makes what is missing: folders, keys, tables. Safe to run again, and after every update."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.images.mkdir(parents=True, exist_ok=True)
    made = keys.make(settings)
    db = Database(settings.database)
    migrations.upgrade(db.engine)
    db.close()
    print(f"{settings.data_dir}: {'keys made, ' if made else ''}database ready")
    if args.setup_link:
        setup_link(args, settings)


def setup_link(args: argparse.Namespace, settings: Settings) -> None:
    with _open(settings).begin() as session:
        token = staff.make_setup_link(session, now(), who())
    print(f"{settings.public_url}/setup/{token}")


def site_add(args: argparse.Namespace, settings: Settings) -> None:
    with _open(settings).begin() as session:
        site = gates.add_site(
            session,
            args.site,
            now(),
            who(),
            name=args.name or "",
            timezone=args.timezone,
            capacity=args.capacity,
            gstin=args.gstin,
            legal_name=args.legal_name,
            address=args.address,
        )
        access.publish_access(session, site, now())
        print(f"site {site.id} added; give it prices with: tariff load FILE --site {site.id}")


def gate_list(args: argparse.Namespace, settings: Settings) -> None:
    with _open(settings).read() as session:
        rows = list(session.scalars(select(Gate).order_by(Gate.site_id, Gate.id)))
    listed = [
        {"site": row.site_id, "gate": row.id, "lane": row.lane, "name": row.name, "status": row.status,
         "last_event_at": _iso(row.last_event_at)} for row in rows
    ]  # fmt: skip
    _print(listed, args.json, "{site}/{gate}  {lane}  {name}  {status}  last event {last_event_at}")


def access_allow(args: argparse.Namespace, settings: Settings) -> None:
    _set_access(args, settings, "pass")


def access_deny(args: argparse.Namespace, settings: Settings) -> None:
    _set_access(args, settings, "denied")


def access_remove(args: argparse.Namespace, settings: Settings) -> None:
    with _open(settings).begin() as session:
        access.remove_rule(session, _site(session, args.site), args.plate, now(), who())
    print(f"{access.normal_plate(args.plate)} removed")


def stays(args: argparse.Namespace, settings: Settings) -> None:
    """Stays by entry, or by exit where the entry is unknown. Those joined into another are left out."""
    owed = select(func.sum(Due.amount_paise)).where(Due.stay_id == Stay.id, Due.state != "waived")
    paid = select(func.sum(Due.amount_paise)).where(Due.stay_id == Stay.id, Due.state.in_(PAID))
    when = func.coalesce(Stay.entered_at, Stay.requested_at, Stay.exited_at)
    wanted = select(Stay, owed.scalar_subquery(), paid.scalar_subquery()).where(Stay.status != str(Status.VOID))
    if args.since:
        wanted = wanted.where(when >= args.since)
    with _open(settings).read() as session:
        rows = list(session.execute(wanted.order_by(when, Stay.id)))
    listed = [
        {
            "id": row.id,
            "site": row.site_id,
            "plate": row.plate,
            "status": row.status,
            "entered_at": _iso(row.entered_at),
            "entry_gate": row.entry_gate,
            "entry_how": row.entry_how,
            "exited_at": _iso(row.exited_at),
            "exit_gate": row.exit_gate,
            "exit_how": row.exit_how,
            "amount_paise": owed_paise or 0,
            "paid_paise": paid_paise or 0,
            "review": row.review,
        }
        for row, owed_paise, paid_paise in rows
    ]
    _print(
        listed, args.json, "{plate}  {status}  in {entered_at}  out {exited_at}  paid {paid_paise} of {amount_paise}"
    )


def quarantine(args: argparse.Namespace, settings: Settings) -> None:
    """Messages that could not be applied and nobody has seen to."""
    with _open(settings).begin() as session:
        rows = list(session.scalars(select(Quarantine).where(~Quarantine.seen).order_by(Quarantine.id)))
        listed = [
            {"id": row.id, "received_at": _iso(row.received_at), "topic": row.topic, "reason": row.reason,
             "payload": row.payload.decode(errors="replace")} for row in rows
        ]  # fmt: skip
        for row in rows:
            row.seen = row.seen or args.seen
    _print(listed, args.json, "{id}  {received_at}  {topic!r}  {reason}")


def figures_rebuild(args: argparse.Namespace, settings: Settings) -> None:
    """Figures are kept with every change; this is for doubt. A site's gates and pages wait while it is counted."""
    db = _open(settings)
    with db.read() as session:
        known = list(session.scalars(select(Site.id).order_by(Site.id)))
    if args.site is not None and args.site not in known:
        raise Refused(f"site {args.site!r} is not known: expected one of {', '.join(known) or 'none'}")
    for site_id in known if args.site is None else [args.site]:
        with db.begin() as session:
            count = day_figures.rebuild(session, site_id, now())
        print(f"site {site_id}: {count} figures counted anew")


def tariff_load(args: argparse.Namespace, settings: Settings) -> None:
    try:
        toml = args.file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{args.file}: {error}: expected a tariff in TOML") from error
    with _open(settings).begin() as session:
        row = tariffs.load_tariff(session, args.site, toml, now(), who())
    print(f"tariff version {row.version} of {args.site}, for entries from {row.valid_from.isoformat()}")


def ready(settings: Settings) -> Database:
    """The database, for a process that serves: made by `init` and of this version, or Refused."""
    return _open(settings)


def _open(settings: Settings) -> Database:
    db = Database(settings.database)
    if db.is_sqlite and not Path(db.url.database).exists():
        raise Refused(f"database {db.url.database} is not there; make it with `python -m central init`")
    db.check()
    if not migrations.is_current(db.engine):
        raise Refused("the database is of another version; bring it up to this one with `python -m central init`")
    return db


def _set_access(args: argparse.Namespace, settings: Settings, kind: str) -> None:
    with _open(settings).begin() as session:
        rule = access.set_rule(
            session,
            _site(session, args.site),
            args.plate,
            kind,
            now(),
            who(),
            vehicle_class=args.vehicle_class,
            valid_from=args.valid_from,
            valid_until=args.valid_until,
            note=args.note,
        )
    print(f"{rule.plate} {rule.kind} at {rule.site_id}")


def _site(session: Session, site: str | None) -> str:
    """The site named, or the only one there is."""
    if site is not None:
        return site
    known = list(session.scalars(select(Site.id).limit(2)))
    if len(known) != 1:
        raise Refused("say which site with --site")
    return known[0]


def _print(listed: list[dict], as_json: bool, line: str) -> None:
    if as_json:
        json.dump(listed, sys.stdout, ensure_ascii=False)
        print()
        return
    for row in listed:
        print(line.format(**{key: "-" if value is None else value for key, value in row.items()}))
    if not listed:
        print("none")


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def now() -> datetime:
    return datetime.now(UTC)


def who() -> str:
    """The account of this machine that gave the command, for the audit log."""
    try:
        return f"command line ({pwd.getpwuid(os.getuid()).pw_name})"
    except KeyError:
        return f"command line ({os.getuid()})"
