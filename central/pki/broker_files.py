"""Everything a mosquitto needs to serve our gates, in one folder, from what central knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from central import keys
from central.actions import certificates
from central.actions.errors import Refused
from central.pki import files, mosquitto
from central.pki.authority import pki_folder
from central.pki.mosquitto import FILES, Place
from central.pki.principals import CENTRAL, HOME_ASSISTANT, MAINTENANCE, BadPrincipal, Rights, discovery, rights
from central.settings import Settings
from central.store.database import Database
from central.store.schema import BrokerAccount, Gate, Site
from edge.protocol.enrolling import common_name

BROKER = "broker"
_CERTIFICATES = ("ca.pem", f"{BROKER}.pem", f"{BROKER}.key")


@dataclass
class Made:
    """What was written, and what is still lacking, each a line for a person."""

    written: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def everybody(gates: list[tuple[str, str]], sites: list[str], accounts: list[str]) -> list[Rights]:
    """Rights of all who may join: central, each site's Home Assistant and maintenance, the gates, further accounts."""
    _tell_apart(gates)
    usual = [CENTRAL]
    for site in sorted(sites):
        usual += [f"{HOME_ASSISTANT}@{site}", f"{MAINTENANCE}@{site}"]
        usual += [common_name(site, gate) for of_site, gate in sorted(gates) if of_site == site]
    return [rights(name) for name in dict.fromkeys([*usual, *sorted(accounts)])]


def write(settings: Settings, db: Database, folder: Path, place: Place) -> Made:
    """Writes the files into `folder`, each replaced whole."""
    with db.read() as session:
        gates = [(site, gate) for site, gate in session.execute(select(Gate.site_id, Gate.id))]
        sites = list(session.scalars(select(Site.id)))
        passwords = {row.username: row.password_hash for row in session.scalars(select(BrokerAccount))}
    passwords |= _centrals_own(settings)
    files.folder(folder)
    made = Made()
    people = everybody(gates, sites, list(passwords))
    _put(folder, "acl", mosquitto.access_list(people).encode(), files.PUBLIC, made)
    _put(folder, "passwd", mosquitto.password_list(passwords).encode(), files.SECRET, made)
    made.lacking += [
        f"{one.username} has no password yet (profiles 1 and 2)" for one in people if one.username not in passwords
    ]
    profiles = [1]
    if _certificates(settings, folder, made):
        profiles += [2, 3]
    for profile in profiles:
        _put(folder, FILES[profile], mosquitto.configuration(profile, place).encode(), files.PUBLIC, made)
    return made


def _certificates(settings: Settings, folder: Path, made: Made) -> bool:
    """Copies what TLS needs; False where it is not there yet."""
    ours = pki_folder(settings)
    if not (ours / "ca.pem").exists():
        made.lacking.append("no CA, so profile 1 alone: ./parkmeter central ca init")
        return False
    if not (ours / f"{BROKER}.pem").exists():
        how = f"./parkmeter central ca issue {BROKER} --host NAME"
        made.lacking.append(f"no certificate of the broker, so profile 1 alone: {how}")
        return False
    for name in (*_CERTIFICATES, certificates.CRL):
        mode = files.SECRET if name.endswith(".key") else files.PUBLIC
        _put(folder, name, files.read(ours / name, "expected a file of the CA"), mode, made)
    return True


def _centrals_own(settings: Settings) -> dict[str, str]:
    """Central's password as its settings have it."""
    password = keys.mqtt_password(settings)
    if password is None or not settings.mqtt.username:
        return {}
    try:
        rights(settings.mqtt.username)
    except BadPrincipal as error:
        raise Refused(f"mqtt.username {error}; for central it is {CENTRAL}") from error
    return {settings.mqtt.username: mosquitto.password_hash(password.splitlines()[0])}


def _tell_apart(gates: list[tuple[str, str]]) -> None:
    """Home Assistant's topic joins the two ids by '-', which ids may hold too: two gates on one topic are refused."""
    seen: dict[str, tuple[str, str]] = {}
    for site, gate in gates:
        other = seen.setdefault(discovery(site, gate), (site, gate))
        if other != (site, gate):
            raise Refused(
                f"gates {'/'.join(other)} and {site}/{gate} would share {discovery(site, gate)}: give one another id"
            )


def _put(folder: Path, name: str, content: bytes, mode: int, made: Made) -> None:
    files.replace(folder / name, content, mode)
    made.written.append(name)
