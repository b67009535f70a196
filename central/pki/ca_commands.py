"""The commands of the site's certificate authority."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from central import admin
from central.actions import certificates
from central.actions.audit import audit
from central.actions.errors import Refused
from central.pki import files
from central.pki.authority import (
    CA_LASTS,
    LASTS,
    Authority,
    Use,
    fingerprint_of,
    hosts_of,
    load_certificate,
    pki_folder,
)
from central.pki.files import PkiError
from central.pki.key_pairs import key_pem, load_key, new_key
from central.pki.principals import BadPrincipal, from_words
from central.settings import Settings
from central.store.schema import Certificate

SERVERS = ("broker", "web")
LONGEST_DAYS = CA_LASTS.days


def ca_init(args: argparse.Namespace, settings: Settings) -> None:
    """The CA and an empty CRL."""
    db = admin.ready(settings)
    made = Authority.make(pki_folder(settings), args.name, admin.now())
    certificates.publish_revocations(db, settings, made, admin.now())
    with db.begin() as session:
        audit(session, admin.now(), admin.who(), "CA made", args.name, fingerprint=made.fingerprint)
    print(f"{pki_folder(settings)}: CA {args.name!r} made, good until {made.certificate.not_valid_after_utc:%d %b %Y}")
    print(f"SHA-256 {colons(made.fingerprint)}")
    print("Keep a copy of ca.key where no network reaches it: whoever has it can make gates.")


def ca_issue(args: argparse.Namespace, settings: Settings) -> None:
    """A key and its certificate, in the CA's folder or --out."""
    name, use = _named(args.name, args.host)
    out = files.folder(args.out or pki_folder(settings))
    key_path, certificate_path = out / f"{name}.key", out / f"{name}.pem"
    db, authority = admin.ready(settings), Authority.load(pki_folder(settings))
    if certificate_path.exists():
        raise PkiError(f"{certificate_path}: is there already; renew it with `ca renew {args.name}`")
    if key_path.exists():  # an earlier try was cut off in between
        key = load_key(key_path, "expected a key")
    else:
        key = new_key()
        files.create(key_path, key_pem(key))
    with db.begin() as session:
        row = _issue(session, authority, key, name, use, args, args.host)
        files.create(certificate_path, row.pem.encode(), files.PUBLIC)
    print(f"{certificate_path} and {key_path.name}: good until {row.not_after:%d %b %Y}, serial {row.serial}")


def ca_renew(args: argparse.Namespace, settings: Settings) -> None:
    """A new certificate for the key that is there, with the names it had unless others are given."""
    name, use = _named(args.name, args.host, renewed=True)
    out = args.out or pki_folder(settings)
    hint = f"expected the key of {args.name} here; a gate renews its own (command rotate_key)"
    key = load_key(out / f"{name}.key", hint)
    db, authority = admin.ready(settings), Authority.load(pki_folder(settings))
    hosts = args.host or hosts_of(files.read(out / f"{name}.pem", "expected the certificate to renew"))
    with db.begin() as session:
        row = _issue(session, authority, key, name, use, args, hosts)
        files.replace(out / f"{name}.pem", row.pem.encode())
    print(f"{out / f'{name}.pem'}: good until {row.not_after:%d %b %Y}, serial {row.serial}")


def ca_revoke(args: argparse.Namespace, settings: Settings) -> None:
    db, authority = admin.ready(settings), Authority.load(pki_folder(settings))
    which = username_of(args.which) if "/" in args.which else args.which
    with db.begin() as session:
        ended = [row.serial for row in certificates.revoke(session, which, args.why, admin.now(), admin.who())]
    certificates.publish_revocations(db, settings, authority, admin.now())
    print(f"revoked {', '.join(ended)}; give the broker its new CRL: broker-files, then reload mosquitto")


def ca_show(args: argparse.Namespace, settings: Settings) -> None:
    authority = load_certificate(pki_folder(settings))
    fingerprint = fingerprint_of(authority)
    now = admin.now()
    with admin.ready(settings).read() as session:
        if args.ending is None:
            rows = list(session.scalars(select(Certificate).order_by(Certificate.common_name, Certificate.issued_at)))
        else:
            rows = certificates.ending(session, now, timedelta(days=args.ending))
    listed = [
        {
            "name": row.common_name,
            "serial": row.serial,
            "until": row.not_after.isoformat(),
            "status": "revoked" if row.revoked_at else "expired" if row.not_after <= now else "good",
            "why": row.revoked_why,
        }
        for row in rows
    ]
    until = authority.not_valid_after_utc
    if args.json:
        print(json.dumps({"fingerprint": fingerprint, "until": until.isoformat(), "certificates": listed}))
        return
    print(f"CA {authority.subject.rfc4514_string()}, good until {until:%d %b %Y}\nSHA-256 {colons(fingerprint)}")
    for row in listed:
        print("{name}  {status}  until {until}  serial {serial}  {why}".format(**row).rstrip())


def colons(digest: str) -> str:
    """A fingerprint as people compare it."""
    return ":".join(digest[start : start + 2] for start in range(0, len(digest), 2)).upper()


def add_commands(command: Callable, ca: argparse._SubParsersAction) -> None:
    """The words of the command line, under `ca`."""
    made = command("init", ca_init, "make the CA; never made over", ca)
    made.add_argument("--name", default="ParkMeter site CA", help="as its certificate says, default: %(default)s")
    for word, run, about in (
        ("issue", ca_issue, "make a key and certificate: broker, web, central, home-assistant@SITE, maintenance@SITE"),
        ("renew", ca_renew, "a new certificate for a key that is there"),
    ):
        made = command(word, run, about, ca)
        made.add_argument("name", metavar="NAME")
        made.add_argument("--host", action="append", default=[], help="name or address of the server; may be repeated")
        made.add_argument("--out", type=Path, metavar="DIR", help="where the files go, default: data_dir/pki")
        made.add_argument("--days", type=int, default=LASTS.days, help="how long it is good, default: %(default)s")
    made = command("revoke", ca_revoke, "end a certificate by serial, or all of a name", ca)
    made.add_argument("which", metavar="NAME|SERIAL")
    made.add_argument("--why", default="by hand")
    made = command("show", ca_show, "the CA's fingerprint and every certificate", ca)
    made.add_argument("--ending", type=int, metavar="DAYS", help="only names whose last certificate ends within DAYS")
    made.add_argument("--json", action="store_true", help="print one JSON object")


def _named(text: str, hosts: list[str], *, renewed: bool = False) -> tuple[str, Use]:
    """The certificate's name and use."""
    if text in SERVERS:
        if not hosts and not renewed:
            raise Refused(f"{text}: expected --host NAME, as those who connect write it; repeat it for each")
        return text, "server"
    if hosts:
        raise Refused(f"{text}: --host is for {' and '.join(SERVERS)}")
    return username_of(text), "client"


def username_of(text: str) -> str:
    try:
        return from_words(text)
    except BadPrincipal as error:
        raise Refused(str(error)) from error


def _days(args: argparse.Namespace) -> timedelta:
    if not 1 <= args.days <= LONGEST_DAYS:
        raise Refused(f"--days {args.days}: expected 1 to {LONGEST_DAYS}")
    return timedelta(days=args.days)


def _issue(
    session: Session,
    authority: Authority,
    key: EllipticCurvePrivateKey,
    name: str,
    use: Use,
    args: argparse.Namespace,
    hosts: list[str],
) -> Certificate:
    public, lasts = key.public_key(), _days(args)
    return certificates.issue(session, authority, public, name, use, admin.now(), admin.who(), hosts=hosts, lasts=lasts)
