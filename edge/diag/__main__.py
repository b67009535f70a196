"""`parkmeter diag`: a live table of gates, the page of one gate, and orders for those who hold a key."""

from __future__ import annotations

import argparse
import getpass
import json
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from edge.diag import order, pages
from edge.diag.line import Line
from edge.diag.order import OrderError
from edge.diag.site import Site, shown
from edge.protocol import faults
from edge.protocol.maintenance import COMMANDS
from edge.protocol.messages import Reply
from edge.protocol.topics import GateTopics, TopicError
from edge.uplink.broker import Broker, BrokerError

WELL, UNWELL, USAGE, UNANSWERED = 0, 1, 2, 3
DRAW_S = 0.25
KEPT_S = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the tool; its exit status: 0 well or done, 1 something is wrong or was refused, 2 usage, 3 no answer."""
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except (BrokerError, OrderError, TopicError) as error:
        print(f"parkmeter diag: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return WELL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="parkmeter diag",
        description="Shows the gates at a broker as they tell of themselves; with --gate one of them in full. "
        "With --once it prints what is so and ends: status 1 when a gate is away or has a fault.",
        epilog="more: send COMMAND (an order, with a key) | fault [CODE] (the catalogue) | keygen FILE",
    )
    _add_broker(parser)
    parser.add_argument("--once", action="store_true", help="print once and end")
    parser.add_argument("--json", action="store_true", help="with --once: one JSON object")
    parser.set_defaults(run=_watch)
    words = parser.add_subparsers(metavar="", required=False)
    send = words.add_parser("send", help="give a gate an order", epilog=_commands(),
                            formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    _add_broker(send, again=True)
    send.add_argument("command", choices=sorted(COMMANDS), metavar="COMMAND")
    send.add_argument("args", nargs="*", metavar="NAME=VALUE", help="what the command takes")
    send.add_argument("--reason", required=True, help="why, for the gate's journal")
    send.add_argument("--key", required=True, type=Path, metavar="FILE", help="private key the gate knows")
    send.add_argument("--timeout", type=float, default=15.0, metavar="S", help="wait so long for the answer")
    send.set_defaults(run=_send)
    fault = words.add_parser("fault", help="what a fault's code means and what to do")
    fault.add_argument("code", nargs="?", help="without one: all of them")
    fault.set_defaults(run=_fault)
    keygen = words.add_parser("keygen", help="make a key pair for giving orders")
    keygen.add_argument("file", type=Path, metavar="FILE", help="new file for the private key")
    keygen.set_defaults(run=_keygen)
    return parser


def _commands() -> str:
    return "commands:\n" + "\n".join(f"  {kind.name:<15} {kind.says}" for kind in COMMANDS.values())


def _add_broker(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """Where the gates are. again: after a word too, where what was said before it still holds."""
    unsaid = argparse.SUPPRESS if again else None
    address = argparse.SUPPRESS if again else "mqtt://127.0.0.1:1883"
    parser.add_argument("--broker", default=address, metavar="URL", help="mqtt://HOST or mqtts://HOST")
    parser.add_argument("--username", default=unsaid)
    for name in ("password-file", "ca-file", "cert-file", "key-file"):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", default=unsaid)
    parser.add_argument("--site", default=unsaid, help="only this car park")
    parser.add_argument("--gate", default=unsaid, help="only this gate, in full")


def _line(options: argparse.Namespace) -> Line:
    broker = Broker.at(
        options.broker,
        username=options.username or "",
        password_file=options.password_file,
        ca_file=options.ca_file,
        cert_file=options.cert_file,
        key_file=options.key_file,
    )
    GateTopics(options.site or "any", options.gate or "any")  # names that would be wildcards are refused here
    return Line(broker, options.site, options.gate)


def _watch(options: argparse.Namespace) -> int:
    site = Site()
    if options.json and not options.once:
        raise OrderError("--json needs --once")
    with closing(_line(options)) as line:
        for message in line.settled(KEPT_S):
            site.hear(*message, datetime.now(UTC))
        if options.once:
            return _print(site, options)
        with Live(_page(site, options), console=Console(), refresh_per_second=1 / DRAW_S, transient=False) as live:
            while True:
                for message in line.messages(DRAW_S):
                    site.hear(*message, datetime.now(UTC))
                live.update(_page(site, options))


def _print(site: Site, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"gates": [pages.as_json(view) for view in site.gates]}))
    else:
        Console().print(_page(site, options))
    return WELL if site.gates and all(view.well for view in site.gates) else UNWELL


def _page(site: Site, options: argparse.Namespace) -> RenderableType:
    now = datetime.now(UTC)
    if options.gate and len(site.gates) == 1:
        return pages.details(site.gates[0], now)
    return pages.overview(site.gates, now)


def _send(options: argparse.Namespace) -> int:
    if not (options.site and options.gate):
        raise OrderError("send: expected --site and --gate: an order goes to one gate")
    signer = order.read_key(options.key)
    args = order.arguments(options.args, options.reason)
    topics, site = GateTopics(options.site, options.gate), Site()
    with closing(_line(options)) as line:
        for message in line.settled(KEPT_S):
            site.hear(*message, datetime.now(UTC))
        status = site.gate(options.site, options.gate).status
        if status is None or status.state != "online":
            raise OrderError(f"gate {options.site}/{options.gate} is {status.state if status else 'not known there'}")
        by = f"{getpass.getuser()}@{socket.gethostname()}"
        cmd_id, topic, payload = order.signed(
            topics, status.boot, options.command, args, by, signer, datetime.now(UTC)
        )
        line.publish(topic, payload)
        return _await(line, site, cmd_id, time.monotonic() + options.timeout)


def _await(line: Line, site: Site, cmd_id: str, deadline: float) -> int:
    told = 0
    while time.monotonic() < deadline:
        for message in line.messages(DRAW_S):
            site.hear(*message, datetime.now(UTC))
        for _, reply in [answer for answer in site.replies[told:] if answer[0] == cmd_id]:
            _say(reply)
            if reply.verdict != "accepted":
                return WELL if reply.verdict == "done" else UNWELL
        told = len(site.replies)
    print("no answer: the gate may not know this key, or did not get the order", file=sys.stderr)
    return UNANSWERED


def _say(reply: Reply) -> None:
    print(f"{reply.verdict}{': ' + shown(reply.reason) if reply.reason else ''}")
    if reply.result is not None:
        print(json.dumps(reply.result, indent=2))


def _fault(options: argparse.Namespace) -> int:
    if options.code and options.code not in faults.CATALOGUE:
        raise OrderError(f"no fault {shown(options.code, 40)!r}: expected one of {', '.join(sorted(faults.CATALOGUE))}")
    console = Console()
    for code in [options.code] if options.code else faults.CATALOGUE:
        console.print(pages.fault_page(code))
    return WELL


def _keygen(options: argparse.Namespace) -> int:
    signer = order.make_key(options.file)
    print(f"private key: {options.file} (keep it; who has it can move booms)")
    print(f"for [maintenance] public_keys of each gate's settings: {signer.public}")
    return WELL


if __name__ == "__main__":
    sys.exit(main())
