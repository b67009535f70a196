"""mosquitto's own files, as text: configuration for each profile, access list, passwords. Pure but for salts."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from central.pki.principals import Rights

# mosquitto's own count; our passwords are random, so nothing is gained by making a guess dear
HASH_ROUNDS = 101
FILES = {1: "mosquitto-1-password.conf", 2: "mosquitto-2-tls.conf", 3: "mosquitto-3-certificate.conf"}
DEBIANS_DATA = PurePosixPath("/var/lib/mosquitto")
PORTS = {1: 1883, 2: 8883, 3: 8883}
_ABOUT = {
    1: "Profile 1, password: for a lab. Nothing is encrypted; keep it on a network of your own.",
    2: "Profile 2, TLS and password.",
    3: "Profile 3, TLS and client certificate: the certificate's CN is the user name. For a site.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files stand on the broker's machine.

    folder   of the files that are made
    data     where mosquitto keeps queues and retained messages
    bind     address it listens on; "" for every one
    port     None: 1883, with TLS 8883
    """

    folder: PurePosixPath
    data: PurePosixPath = DEBIANS_DATA
    bind: str = ""
    port: int | None = None


def configuration(profile: int, place: Place) -> str:
    """mosquitto.conf of a profile (man mosquitto.conf 5, of 2.0)."""
    lines = [
        f"# {_ABOUT[profile]}",
        "# Made by `./parkmeter central broker-files`. It stands alone: mosquitto -c FILE",
        "",
        f"listener {place.port or PORTS[profile]} {place.bind}".rstrip(),
        "allow_anonymous false",
        f"acl_file {place.folder}/acl",
    ]
    if profile < 3:
        lines.append(f"password_file {place.folder}/passwd")
    if profile > 1:
        lines += [
            "",
            f"cafile {place.folder}/ca.pem",
            f"certfile {place.folder}/broker.pem",
            f"keyfile {place.folder}/broker.key",
            "tls_version tlsv1.2",
        ]
    if profile == 3:
        lines += [f"crlfile {place.folder}/crl.pem", "require_certificate true", "use_identity_as_username true"]
    lines += [
        "",
        "# a client's session is bound to its name: nobody can take over another's, or push it out",
        "use_username_as_clientid true",
        "allow_zero_length_clientid false",
        "",
        "# for central while it is away; a gate keeps its events itself until central has acknowledged them",
        "persistence true",
        f"persistence_location {place.data}/",
        "max_queued_messages 20000",
        "max_inflight_messages 100",
        "max_packet_size 4194304",
        "max_keepalive 600",
        "persistent_client_expiration 14d",
        "",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_type notice",
    ]
    return "\n".join(lines) + "\n"


def access_list(everybody: Iterable[Rights]) -> str:
    """The acl file: what is not named is refused."""
    blocks = ["# Made by `./parkmeter central broker-files`: what is not named here is refused.\n"]
    for one in everybody:
        lines = [f"user {one.username}"]
        lines += [f"topic read {topic}" for topic in one.reads]
        lines += [f"topic write {topic}" for topic in one.writes]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def password_list(hashes: Mapping[str, str]) -> str:
    return "".join(f"{username}:{hashed}\n" for username, hashed in sorted(hashes.items()))


def password_hash(password: str, salt: bytes | None = None) -> str:
    """The "$7$" form that mosquitto_passwd makes: PBKDF2 over HMAC-SHA-512."""
    salt = secrets.token_bytes(12) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    return f"$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
