"""The command that brings a database from before the books into them."""

from __future__ import annotations

import argparse
from datetime import datetime

from sqlalchemy.orm import Session

from central.actions import ledger
from central.actions.errors import Refused
from central.actions.ledger_catch_up import booked_so_far, catch_up
from central.admin import now, ready
from central.settings import Settings
from central.store.reads import sites

_WORDS = {"owed": "left without paying", "captured_for_nothing": "paid twice, or another amount"}


class _Enough(Exception):
    """Ends a trial, and takes back what it wrote."""


def ledger_catch_up(args: argparse.Namespace, settings: Settings) -> None:
    """Books what is not booked yet, of every site in one transaction, and says whether the books are sound."""
    database, problems = ready(settings), []
    try:
        with database.begin() as session:
            known = sites.sites(session)
            for site in known:
                _report(session, site.id, now(), "would be booked" if args.dry_run else "booked")
            problems = ledger.check(session)
            if args.dry_run:
                raise _Enough
    except _Enough:
        pass
    finally:
        database.close()
    if not known:
        raise Refused("there is no site yet: `site add` makes one")
    if args.dry_run:
        print("nothing is written: leave --dry-run out to book it")
    for problem in problems:
        print(f"not sound: {problem}")
    if problems:
        raise Refused(f"the books are not sound: see the {len(problems)} above")
    print("the books are sound")


def _report(session: Session, site_id: str, at: datetime, done: str) -> None:
    before = booked_so_far(session, site_id)
    if not catch_up(session, site_id, at):
        print(f"{site_id}: the books know everything")
    for kind, count in sorted((booked_so_far(session, site_id) - before).items()):
        entries = "1 entry" if count == 1 else f"{count} entries"
        print(f"{site_id}: {entries} {done}: {_WORDS.get(kind, kind.replace('_', ' '))}")
