"""The commands that make the broker's files, and passwords of its clients."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from central import admin
from central.actions import certificates
from central.actions.audit import audit
from central.actions.errors import Refused
from central.pki import broker_files, files, mosquitto
from central.pki.authority import Authority, pki_folder
from central.pki.ca_commands import username_of
from central.pki.mosquitto import Place
from central.settings import Settings
from central.store.schema import BrokerAccount


def write_broker_files(args: argparse.Namespace, settings: Settings) -> None:
    db = admin.ready(settings)
    if (pki_folder(settings) / "ca.key").exists():
        certificates.publish_revocations(db, settings, Authority.load(pki_folder(settings)), admin.now())
    where = args.stand_in or PurePosixPath(args.folder.absolute())
    place = Place(where, data=args.broker_data or mosquitto.DEBIANS_DATA, bind=args.bind, port=args.port)
    made = broker_files.write(settings, db, args.folder, place)
    print(f"{args.folder}: {', '.join(made.written)}")
    for line in made.lacking:
        print(f"  {line}")


def broker_account(args: argparse.Namespace, settings: Settings) -> None:
    """A new password for a client that joins by one, or none any more."""
    username, password = username_of(args.name), secrets.token_urlsafe(24)
    db = admin.ready(settings)
    if args.remove:
        with db.begin() as session:
            row = session.get(BrokerAccount, username)
            if row is None:
                raise Refused(f"{username}: has no broker password")
            session.delete(row)
            audit(session, admin.now(), admin.who(), "broker password removed", username)
        print(f"{username} has no password any more once the broker has its new files: broker-files, then reload")
        return
    if args.out:
        files.create(args.out, f"{password}\n".encode())
    with db.begin() as session:
        row = BrokerAccount(username=username, password_hash=mosquitto.password_hash(password), made_at=admin.now())
        session.merge(row)
        audit(session, admin.now(), admin.who(), "broker password made", username)
    print(f"{username}: password in {args.out}" if args.out else f"{username}  {password}")
    print("Make the broker's files again: broker-files, then reload mosquitto")


def add_commands(command: Callable) -> None:
    """The words of the command line."""
    made = command("broker-files", write_broker_files, "write mosquitto's configuration, access list and passwords")
    made.add_argument("folder", type=Path, metavar="FOLDER")
    made.add_argument(
        "--stand-in", type=PurePosixPath, metavar="DIR", help="where they will stand on the broker, default: FOLDER"
    )
    made.add_argument("--broker-data", type=PurePosixPath, metavar="DIR", help="default: /var/lib/mosquitto")
    made.add_argument("--bind", default="", metavar="ADDRESS", help="the broker listens there, default: everywhere")
    made.add_argument("--port", type=int, help="default: 1883, with TLS 8883")
    made = command("broker-account", broker_account, "a new broker password, printed this once")
    made.add_argument("name", metavar="NAME", help="central, home-assistant@SITE, maintenance@SITE, SITE/GATE")
    made.add_argument("--out", type=Path, metavar="FILE", help="into a new file (0600) instead of on the screen")
    made.add_argument("--remove", action="store_true", help="take its password away instead")
