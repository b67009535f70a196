"""One enrolment: code in, credentials and settings out. The key is made here and never leaves."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from edge.enrol import credentials, folder
from edge.enrol.door import Door
from edge.enrol.errors import EnrolError
from edge.enrol.settings_text import with_values
from edge.protocol.enrolling import Enrolled, EnrolRequest, Sealed, common_name, is_sealed, no_proof, prove
from edge.protocol.messages import BadMessage

TEMPLATE = Path(__file__).resolve().parents[2] / "config" / "edge.toml"


@dataclass(frozen=True, slots=True)
class Out:
    """Where the outcome goes.

    settings  the edge.toml
    keys      the folder with keys and passwords; where the gate may write, so that it can change its key
    replace   what is there may be replaced; other values of that edge.toml stay
    """

    settings: Path
    keys: Path
    replace: bool = False

    def check(self) -> None:
        """EnrolError where something is in the way: found before a code is spent."""
        for path in (self.settings, self.keys):
            if path.exists() and not self.replace:
                raise EnrolError(f"{path}: is there already; --replace sets the new values in it and keeps all others")
            near = next(parent for parent in path.absolute().parents if parent.exists())
            if not near.is_dir() or not os.access(near, os.W_OK):
                raise EnrolError(f"{path}: {near} can't be written; expected a folder of yours (sudo?)")
        self.text()

    def text(self) -> str:
        """The edge.toml that the values are set in: the one there, else the example."""
        path = self.settings if self.settings.exists() else TEMPLATE
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EnrolError(f"{path}: can't be read; expected an edge.toml to begin with") from error


def enrol(door: Door, site: str, gate: str, code: str, ca_pem: str) -> tuple[Enrolled, credentials.Key]:
    """What central gives for the code, checked, and the key it is for. ca_pem: as `door.ca` showed it."""
    key, name = credentials.new_key(), common_name(site, gate)
    ca = credentials.load_certificate(ca_pem, f"central {door.url}: its CA")
    asked = prove(
        code,
        EnrolRequest(
            site=site,
            gate=gate,
            nonce=secrets.token_hex(16),
            ca=credentials.fingerprint(ca),
            csr=credentials.signing_request(key, name),
            proof=no_proof(),
        ),
    )
    answer = door.trusting(ca_pem).post("/api/v1/enrol", asked.encode())
    try:
        sealed = Sealed.decode(answer)
        if not is_sealed(code, asked, sealed):
            raise EnrolError(f"central {door.url}: its answer is not from the central that made this code")
        given = Enrolled.decode(sealed.body)
    except BadMessage as error:
        raise EnrolError(f"central {door.url}: {error}; is it ParkMeter's central?") from error
    if (given.site, given.gate) != (site, gate):
        raise EnrolError(f"central {door.url}: answered for {given.site}/{given.gate}, asked for {site}/{gate}")
    credentials.check(credentials.load_certificate(given.certificate, "central's certificate"), key, name, ca)
    return given, key


def keep(out: Out, given: Enrolled, key: credentials.Key, door: Door, *, insecure_http: bool) -> None:
    """Writes keys and settings, each whole or not at all."""
    record = folder.Record(site=given.site, gate=given.gate, central=door.url, insecure_http=insecure_http)
    files = {
        folder.RECORD: record.model_dump_json() + "\n",
        folder.CA: given.ca,
        folder.TOKEN: f"{given.token}\n",
    }
    if given.password is not None:
        files[folder.PASSWORD] = f"{given.password}\n"
    text = with_values(out.text(), values(given, _as_seen(out)))
    folder.make(out.keys, files, key, given.certificate)
    try:
        out.settings.parent.mkdir(parents=True, exist_ok=True)
        folder.write_settings(out.settings, text)
    except OSError as error:
        raise EnrolError(f"{out.settings}: {error.strerror}; expected a folder that can be written") from error


def values(given: Enrolled, keys: str) -> dict[tuple[str, str], str | list[str] | None]:
    """What this gate's edge.toml says of it. keys: the folder's path as the file writes it."""
    by_password, by_certificate, tls = given.profile < 3, given.profile == 3, given.profile > 1
    pair = f"{keys}/{folder.CURRENT}"
    return {
        ("gate", "site"): given.site,
        ("gate", "id"): given.gate,
        ("gate", "lane"): given.lane,
        ("gate", "name"): given.name,
        ("mqtt", "url"): given.broker_url,
        ("mqtt", "username"): given.username if by_password else None,
        ("mqtt", "password_file"): f"{keys}/{folder.PASSWORD}" if by_password else None,
        ("mqtt", "ca_file"): f"{keys}/{folder.CA}" if tls else None,
        ("mqtt", "cert_file"): f"{pair}/{folder.CERTIFICATE}" if by_certificate else None,
        ("mqtt", "key_file"): f"{pair}/{folder.KEY}" if by_certificate else None,
        ("central", "public_keys"): list(given.public_keys),
        ("central", "images_url"): given.url,
        ("central", "token_file"): f"{keys}/{folder.TOKEN}",
    }


def _as_seen(out: Out) -> str:
    """The keys' folder as the settings file names it: beside it by its name, elsewhere in full."""
    keys, beside = out.keys.absolute(), out.settings.absolute().parent
    return str(keys.relative_to(beside)) if keys.is_relative_to(beside) else str(keys)
