"""The command line of central: its processes, and the commands that administer it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import get_args

from sqlalchemy.exc import OperationalError

from central import admin, audit_commands, keys, ledger_commands, logs, settings
from central.actions.errors import Refused
from central.api import commands as api_commands
from central.images import BadImage
from central.pki import broker_commands, ca_commands, gate_commands
from central.settings import Settings, SettingsError
from central.store.database import DatabaseError
from central.supervisor import Child, end_with_supervisor, supervise
from edge.protocol.messages import VehicleClass

COULD_NOT = 2


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    logs.set_up()
    end_with_supervisor()
    try:
        args.run(args, settings.load(args.config, args.data))
    except (SettingsError, DatabaseError, Refused, BadImage) as error:
        print(f"central: {error}", file=sys.stderr)
        return COULD_NOT
    except OperationalError as error:
        print(f"central: database: {' '.join(str(error.orig).split())}", file=sys.stderr)
        return COULD_NOT
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def web(args: argparse.Namespace, ours: Settings) -> None:
    admin.ready(ours).close()
    from central.serve import serve  # the pages' packages are loaded by the process that serves them

    serve(ours)


def ingest(args: argparse.Namespace, ours: Settings) -> None:
    from central.gates import Ingest

    Ingest(ours, admin.ready(ours)).run(_stop_on_signal())


def jobs(args: argparse.Namespace, ours: Settings) -> None:
    from central import jobs as work

    work.run(ours, admin.ready(ours), _stop_on_signal())


def mock_psp(args: argparse.Namespace, ours: Settings) -> None:
    from central.payments.choose import mock_psp as made

    psp, stop = made(ours), _stop_on_signal()
    threading.Thread(target=lambda: (stop.wait(), psp.stop()), name="stop", daemon=True).start()
    try:
        psp.run()
    except OSError as error:
        raise SettingsError(f"payments.psp_url {ours.payments.psp_url}: {error}") from error


def everything(args: argparse.Namespace, ours: Settings) -> None:
    from central.serve import check_port

    # what can't work is said once, here, and not by children that come and go
    admin.ready(ours).close()
    keys.signer(ours)
    keys.mqtt_password(ours)
    check_port(ours.http.host, ours.http.port)
    common = [
        *(["--config", str(args.config)] if args.config else []),
        *(["--data", str(args.data)] if args.data else []),
    ]
    supervise([Child(name, [name, *common]) for name in ("web", "ingest", "jobs")], _stop_on_signal())


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()

    def asked(_signum: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    return stop


def _parser() -> argparse.ArgumentParser:
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument(
        "--config", type=Path, metavar="FILE", help="central.toml (default: $PARKMETER_CONFIG, else none)"
    )
    where.add_argument(
        "--data", type=Path, metavar="DIR", help="where central keeps everything (default: data/central)"
    )
    parser = argparse.ArgumentParser(
        prog="parkmeter central",
        description="ParkMeter's central service: prices, payments, pages, and what gates must know.",
        epilog="First `init`, then `site add`, `tariff load`, `gate add` for each barrier, and `all`.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(words: str, run: Callable, about: str, under: argparse._SubParsersAction = commands):
        made = under.add_parser(words, parents=[where], help=about, description=about)
        made.set_defaults(run=run)
        return made

    def group(word: str, about: str) -> argparse._SubParsersAction:
        return commands.add_parser(word, help=about, description=about).add_subparsers(required=True, metavar="COMMAND")

    made = command("init", admin.init, "make keys, database and folders, or bring them up to this version")
    made.add_argument(
        "--setup-link", action="store_true", help="also print the one-time link for the first administrator"
    )
    command("all", everything, "run web, ingest and jobs, and start again what dies")
    command("web", web, "serve the pages")
    command("ingest", ingest, "take what gates report, and tell them what they must know")
    command("jobs", jobs, "do what is due: quotes that run out, payments to ask after, refunds")
    command("mock-psp", mock_psp, "serve the mock payment provider, which moves no money")
    command("setup-link", admin.setup_link, "print a new one-time link for the first administrator")

    sites = group("site", "car parks")
    made = command("add", admin.site_add, "add a car park", sites)
    made.add_argument("site", metavar="SITE", help="its id: a-z, 0-9 and '-'")
    made.add_argument("--name", help="as drivers know it")
    made.add_argument("--timezone", default="Asia/Kolkata", help="default: %(default)s")
    made.add_argument("--capacity", type=int, help="vehicles it holds")
    made.add_argument("--gstin", help="for receipts")
    made.add_argument("--legal-name", help="for receipts")
    made.add_argument("--address", help="for receipts")

    of_gates = group("gate", "barriers")
    made = command("add", gate_commands.gate_add, "add a barrier; its token is printed this once", of_gates)
    made.add_argument("site", metavar="SITE", help="or SITE/GATE in one word")
    made.add_argument("gate", metavar="GATE", nargs="?", help="its id: a-z, 0-9 and '-'")
    made.add_argument("--lane", choices=("entry", "exit"), help="of a new gate")
    made.add_argument("--name", help="as people know it")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    made.add_argument(
        "--code", action="store_true", help="print a one-time code for `./parkmeter enroll` instead of a token"
    )
    made.add_argument("--broker", metavar="URL", help="with --code: as the gate reaches it; default: central's own")
    made.add_argument(
        "--profile", type=int, choices=(1, 2, 3), help="with --code: 1 password, 2 TLS and password, 3 certificate"
    )
    command("list", admin.gate_list, "list the barriers", of_gates).add_argument("--json", action="store_true")

    ca_commands.add_commands(command, group("ca", "the site's certificate authority"))
    broker_commands.add_commands(command)
    api_commands.add_commands(command, group("token", "what programs show to use the API"))

    lists = group("access", "passes and denied plates")
    for word, run, about in (
        ("allow", admin.access_allow, "give a plate a pass"),
        ("deny", admin.access_deny, "never let a plate in"),
    ):
        made = command(word, run, about, lists)
        made.add_argument("plate", metavar="PLATE")
        made.add_argument("--site", help="needed where there are several")
        made.add_argument("--class", dest="vehicle_class", choices=get_args(VehicleClass), help="only for that class")
        made.add_argument("--from", dest="valid_from", type=_instant, metavar="TIME", help="ISO 8601 with zone")
        made.add_argument("--until", dest="valid_until", type=_instant, metavar="TIME", help="ISO 8601 with zone")
        made.add_argument("--note", default="")
    made = command("remove", admin.access_remove, "take a plate off the list", lists)
    made.add_argument("plate", metavar="PLATE")
    made.add_argument("--site", help="needed where there are several")

    made = command("stays", admin.stays, "list stays")
    made.add_argument("--json", action="store_true", help="print one JSON list")
    made.add_argument("--since", type=_instant, metavar="TIME", help="only those begun since then, ISO 8601 with zone")
    made = command("quarantine", admin.quarantine, "list messages that could not be applied")
    made.add_argument("--json", action="store_true", help="print one JSON list")
    made.add_argument("--seen", action="store_true", help="do not list these again")
    made = command("figures-rebuild", admin.figures_rebuild, "count the figures of dashboard and reports anew")
    made.add_argument("--site", help="this one alone (default: every site, one after another)")
    made = command("audit-check", audit_commands.check, "whether anybody touched the audit log; exit status 1 where so")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    about = "book what happened before there were books; never twice"
    made = command("ledger-catch-up", ledger_commands.ledger_catch_up, about)
    made.add_argument("--dry-run", action="store_true", help="only say what would be booked")
    of_tariffs = group("tariff", "prices")
    made = command("load", admin.tariff_load, "take a tariff for a site", of_tariffs)
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--site", required=True)
    return parser


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a time such as 2026-11-24T10:00+05:30") from error
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a time zone too, such as +05:30")
    return at.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
