"""The commands of the API: its document, and the tokens that programs show."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

from central import admin
from central.actions import api_tokens
from central.settings import Settings
from central.store.reads import api as reads
from central.store.schema import ApiToken


def add_commands(command: Callable, of_tokens: argparse._SubParsersAction) -> None:
    command("openapi", openapi, "print the OpenAPI document of /api/v1")
    made = command("add", token_add, "make a token for a program; it is printed this once", of_tokens)
    made.add_argument("name", metavar="NAME", help="what the program is called, in the audit log too")
    made.add_argument("scopes", metavar="SCOPE", nargs="+", help=f"of {', '.join(api_tokens.SCOPES)}; or all")
    made.add_argument("--site", dest="sites", action="append", default=[], help="only that site; may be repeated")
    made.add_argument("--days", type=int, metavar="N", help="how long it is good; default: until it is ended")
    made = command("list", token_list, "list the tokens", of_tokens)
    made.add_argument("--json", action="store_true", help="print one JSON list")
    made = command("end", token_end, "end a token: it lets nobody in any more", of_tokens)
    made.add_argument("name", metavar="NAME")


def openapi(args: argparse.Namespace, settings: Settings) -> None:
    from central.api import document  # the pages' packages are loaded by what needs them

    sys.stdout.write(document.text())


def token_add(args: argparse.Namespace, settings: Settings) -> None:
    scopes = list(api_tokens.SCOPES) if args.scopes == ["all"] else args.scopes
    lasts = None if args.days is None else timedelta(days=min(args.days, api_tokens.LONGEST.days + 1))
    with admin.ready(settings).begin() as session:
        _, text = api_tokens.make_token(
            session, args.name, scopes, args.sites, admin.now(), admin.who(), lasts=lasts
        )  # fmt: skip
    print(text)


def token_list(args: argparse.Namespace, settings: Settings) -> None:
    with admin.ready(settings).read() as session:
        known = [_told(row) for row in reads.tokens(session)]
    if args.json:
        print(json.dumps(known))
        return
    for one in known:
        sites = ", ".join(one["sites"]) or "every site"
        used = f"last used {one['last_used_at']}" if one["last_used_at"] else "never used"
        ends = f"ended {one['ended_at']}" if one["ended_at"] else f"good until {one['expires_at'] or 'ended'}"
        print(f"{one['name']}: {sites}; {ends}; {used}; {' '.join(one['scopes'])}")


def token_end(args: argparse.Namespace, settings: Settings) -> None:
    with admin.ready(settings).begin() as session:
        token = api_tokens.token_named(session, args.name)
        api_tokens.end_token(session, token.id, admin.now(), admin.who())
    print(f"{token.name}: ended")


def _told(row: ApiToken) -> dict[str, object]:
    times = ("created_at", "expires_at", "last_used_at", "ended_at")
    return {"name": row.name, "scopes": row.scopes, "sites": row.sites, "by": row.by} | {
        name: _iso(getattr(row, name)) for name in times
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
