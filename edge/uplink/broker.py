"""Where the broker is, how to get in and how a gate talks to it: checked settings, the password read from its file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from edge.protocol.messages import About
from edge.protocol.topics import GateTopics

PORTS = {"mqtt": 1883, "mqtts": 8883}


class BrokerError(ValueError):
    """An address or secret that can't be used: says what was wrong and what is expected."""


@dataclass(frozen=True, slots=True)
class Broker:
    """One MQTT broker.

    host, port  where it listens
    tls         True for mqtts
    username    "" for none; with a client certificate the broker may take the name from that
    password    None for none
    ca_file     certificates it is trusted by; None: the system's
    cert_file, key_file  this gate's own certificate, both or neither
    version     of MQTT
    """

    host: str
    port: int
    tls: bool = False
    username: str = ""
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"

    @classmethod
    def at(
        cls,
        url: str,
        *,
        username: str = "",
        password_file: Path | None = None,
        ca_file: Path | None = None,
        cert_file: Path | None = None,
        key_file: Path | None = None,
        version: Literal["3.1.1", "5"] = "3.1.1",
    ) -> Broker:
        """The broker of an address like mqtt://user:password@host:port or mqtts://host.

        A username or password given apart goes before the address's own. The password is the file's first line.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            # the error's own words may be a piece of the password
            raise BrokerError("broker address: not one: expected mqtt://host:port or mqtts://host:port") from error
        if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            where = f"{parts.scheme}://{parts.hostname or ''}"  # never the password
            raise BrokerError(f"broker address {where!r}: expected mqtt://host:port or mqtts://host:port")
        tls = parts.scheme == "mqtts"
        if not tls and (ca_file or cert_file or key_file):
            raise BrokerError("broker address: certificates need mqtts://, it says mqtt://")
        if (cert_file is None) != (key_file is None):
            raise BrokerError("broker: expected cert_file and key_file together, or neither")
        username = username or unquote(parts.username or "")
        password = _first_line(password_file) if password_file else parts.password and unquote(parts.password)
        if password and not username:
            raise BrokerError("broker: a password needs a username")
        return cls(
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            tls=tls,
            username=username,
            password=password or None,
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
            version=version,
        )

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """How a gate talks to its broker.

    topics         of this gate
    boot           UUID of this start of the process
    about          who this gate is, retained; None to leave it out
    keepalive_s    after 1.5 times this much silence the broker publishes the last will
    window         events that may wait for central's ack
    resend_s       seconds without an ack before they are sent again
    state_every_s  least time between two states
    settle_s       quiet seconds after which all that is retained has come
    retry_s        first and longest pause between two tries to connect
    """

    broker: Broker
    topics: GateTopics
    boot: str
    about: About | None = None
    keepalive_s: int = 15
    window: int = 64
    resend_s: float = 20.0
    state_every_s: float = 0.2
    settle_s: float = 20.0
    retry_s: tuple[float, float] = (0.5, 30.0)


def tls_context(broker: Broker) -> ssl.SSLContext:
    """What a client of this broker trusts and shows; OSError or ValueError when a file can't be used."""
    context = ssl.create_default_context(cafile=broker.ca_file)
    if broker.cert_file:
        context.load_cert_chain(broker.cert_file, broker.key_file)
    return context


def _first_line(path: Path) -> str:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokerError(f"broker: password file {path} can't be read ({error})") from error
    password = text.split("\n", 1)[0].rstrip("\r")
    if not password:
        raise BrokerError(f"broker: password file {path} is empty: expected the password in its first line")
    return password
