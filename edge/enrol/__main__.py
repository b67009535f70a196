"""`./parkmeter enroll`: asks for the one-time code, and makes this machine one of the site's gates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from edge.enrol import credentials
from edge.enrol.door import Door
from edge.enrol.enrol import Out, enrol, keep
from edge.enrol.errors import EnrolError
from edge.protocol.enrolling import BadCode, read_code
from edge.protocol.topics import GateTopics, TopicError
from edge.settings.file import SettingsError, load

COULD_NOT = 2


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        _enrol(args)
    except (EnrolError, BadCode) as error:
        print(f"parkmeter enroll: {error}", file=sys.stderr)
        return COULD_NOT
    except (KeyboardInterrupt, EOFError):
        print("parkmeter enroll: stopped; nothing was changed here", file=sys.stderr)
        return COULD_NOT
    return 0


def _enrol(args: argparse.Namespace) -> None:
    topics = _gate(args.gate)
    out = Out(args.config_out / "edge.toml", args.keys_out or args.config_out / "keys", args.replace)
    out.check()
    door = Door(args.central, insecure_http=args.insecure_http)
    ca_pem = door.ca()
    seen = credentials.fingerprint(credentials.load_certificate(ca_pem, f"central {door.url}: its CA"))
    wanted = args.fingerprint.replace(":", "").strip().lower() if args.fingerprint else None
    if wanted is not None and wanted != seen:
        raise EnrolError(f"central {door.url}: its CA has SHA-256 {seen}, expected {wanted}: this is another central")
    print(f"central CA  SHA-256 {seen}\n            must be what central printed with the code", file=sys.stderr)
    code = read_code(_typed())
    given, key = enrol(door, topics.site, topics.gate, code, ca_pem)
    keep(out, given, key, door, insecure_http=args.insecure_http)
    print(f"{given.site}/{given.gate} is enrolled: settings in {out.settings}, keys in {out.keys}")
    if given.password is not None:
        print("Its password is new to the broker: on central's machine, make broker-files again and reload mosquitto")
    try:
        load(out.settings)
        print(f"Start it with: ./parkmeter gate --config {out.settings}")
    except SettingsError as error:
        print(f"Before it can start: {error}")


def _typed() -> str:
    """The code, asked for where a person sits, else the first line that comes in."""
    if sys.stdin.isatty():
        return input("code: ")
    return sys.stdin.readline()


def _gate(text: str) -> GateTopics:
    site, _, gate = text.partition("/")
    try:
        return GateTopics(site, gate)
    except TopicError as error:
        raise EnrolError(f"--gate {text!r}: expected SITE/GATE; {error}") from error


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="parkmeter enroll",
        description="Makes this machine one of the site's gates. The one-time code is asked for; central prints it with"
        " `./parkmeter central gate add SITE/GATE --code`. The gate's key is made here and never leaves.",
    )
    made.add_argument("--central", required=True, metavar="URL", help="https://HOST[:PORT], as central printed it")
    made.add_argument("--gate", required=True, metavar="SITE/GATE")
    made.add_argument("--fingerprint", metavar="SHA256", help="of central's CA; any other is refused before you type")
    made.add_argument("--config-out", type=Path, default=Path(), metavar="DIR", help="gets edge.toml, default: here")
    made.add_argument("--keys-out", type=Path, metavar="DIR", help="gets the keys, default: keys beside edge.toml")
    made.add_argument("--replace", action="store_true", help="set the new values in an edge.toml that is there")
    made.add_argument("--insecure-http", action="store_true", help="take http:// to this very machine, for a trial")
    return made


if __name__ == "__main__":
    sys.exit(main())
