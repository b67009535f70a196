"""The demo's MQTT broker: mosquitto where it is installed, else amqtt embedded in a process of its own.

Both ask every client for its own password and keep a gate to its own topics, as a site's broker must.
`python -m edge.simulation.demo.brokers FILE` is the embedded broker's process.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import secrets
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from edge.protocol import topics
from edge.protocol.topics import GateTopics
from edge.simulation.demo.processes import Child, StartError, accepts, free_port, python_module

KINDS = ("mosquitto", "embedded")
SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")  # where Debian keeps it, often not on a person's PATH
HASH_ROUNDS = 101  # mosquitto's own "$7$" PBKDF2-SHA512 count; the passwords are random, not chosen


@dataclass(frozen=True, slots=True)
class Account:
    """One client of the broker and its topics, as MQTT filters."""

    username: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def central_account() -> Account:
    every = f"{topics.ROOT}/#"
    return Account("central", (every,), (every,))


def gate_account(site: str, gate: str) -> Account:
    """A gate writes only its own reports and reads only its own commands and ack and its site's stays and lists."""
    own = GateTopics(site, gate)
    writes = tuple(f"{own.prefix}/{leaf}" for leaf in ("status", "about", "state", "event/#", "reply/+", "diag/#"))
    reads = (own.commands, own.ack, topics.sessions(site), topics.access(site))
    return Account(gate, reads, (*writes, f"homeassistant/device/{site}-{gate}/config"))


def technician_account(site: str) -> Account:
    """Who looks after a site's gates: reads everything of it, writes commands, which gates obey if they are signed."""
    return Account("maintenance", (f"{topics.ROOT}/{site}/#",), (f"{topics.ROOT}/{site}/+/cmd/+",))


def mosquitto_path(everywhere: bool = False) -> str | None:
    """Where mosquitto is on PATH, None where it isn't; `everywhere` looks in the system's folders too."""
    path = os.environ.get("PATH", os.defpath)
    return shutil.which("mosquitto", path=os.pathsep.join([path, *SYSTEM_FOLDERS]) if everywhere else path)


def choose_kind(asked: str | None = None) -> str:
    """The broker to take: as asked, else as PARKMETER_BROKER says, else mosquitto where it is on PATH."""
    named = asked or os.environ.get("PARKMETER_BROKER")
    if named and named not in KINDS:
        raise ValueError(f"broker {named!r}: expected {' or '.join(KINDS)}")
    return named or ("mosquitto" if mosquitto_path() else "embedded")


class Broker:
    """A broker on a loopback port with a fresh password for each account, its files in `folder` (mode 0700).

    kind  "mosquitto" or "embedded", as `choose_kind` says
    """

    def __init__(self, folder: Path, accounts: list[Account], kind: str) -> None:
        self.kind = kind
        binary = mosquitto_path(everywhere=True)
        if kind == "mosquitto" and binary is None:
            raise StartError("mosquitto is not installed: apt install mosquitto, or take --broker embedded")
        self.port = free_port()
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for account in accounts:
            self._write(self.password_file(account.username).name, secrets.token_urlsafe(24))
        if kind == "mosquitto":
            command = [str(binary), "-c", str(self._mosquitto_files(accounts))]
        else:
            command = python_module("edge.simulation.demo.brokers", str(self._embedded_files(accounts)))
        self._child = Child("broker", command, folder)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def password_file(self, username: str) -> Path:
        return self._folder / f"{username}.password"

    def start(self) -> None:
        self._child.start()
        self._child.wait_until(lambda: accepts(self.port))

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        self._child.kill()

    @property
    def running(self) -> bool:
        return self._child.running

    @property
    def name(self) -> str:
        return self._child.name

    def last_words(self) -> str:
        return self._child.last_words()

    def _password(self, account: Account) -> str:
        return self.password_file(account.username).read_text()

    def _mosquitto_files(self, accounts: list[Account]) -> Path:
        users = "".join(f"{account.username}:{mosquitto_hash(self._password(account))}\n" for account in accounts)
        rights = "".join(
            f"user {account.username}\n"
            + "".join(f"topic read {topic}\n" for topic in account.reads)
            + "".join(f"topic write {topic}\n" for topic in account.writes)
            for account in accounts
        )
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {self._write('users', users)}",
            f"acl_file {self._write('acl', rights)}",
            "persistence true",
            f"persistence_location {self._folder}/",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
        ]
        if os.getuid() == 0:
            lines.append("user root")  # else it steps down to a user who can't read the run's folder
        return self._write("mosquitto.conf", "\n".join(lines) + "\n")

    def _embedded_files(self, accounts: list[Account]) -> Path:
        from pwdlib.hashers.argon2 import Argon2Hasher

        hasher = Argon2Hasher()
        users = "".join(f"{account.username}:{hasher.hash(self._password(account))}\n" for account in accounts)
        config = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
            "plugins": {
                "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(self._write("users", users))},
                "amqtt.plugins.topic_checking.TopicAccessControlListPlugin": {
                    "acl": {account.username: list(account.reads) for account in accounts},
                    "publish_acl": {account.username: list(account.writes) for account in accounts},
                },
            },
        }
        return self._write("embedded.json", json.dumps(config))

    def _write(self, name: str, text: str) -> Path:
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path


def mosquitto_hash(password: str) -> str:
    """The password as mosquitto's password file wants it (its "$7$" form: PBKDF2 over SHA-512)."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    return f"$7${HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


async def serve(config: dict) -> None:
    """Runs the embedded broker until SIGTERM or SIGINT."""
    from amqtt.broker import Broker as Amqtt

    over = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, over.set)
    broker = Amqtt(config)
    await broker.start()
    await over.wait()
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
