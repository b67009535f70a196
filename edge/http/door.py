"""Who may come in: a token in the Authorization header or a client certificate, and how often one may guess."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized

from edge.http.keys import Key, Scope, digest

log = logging.getLogger(__name__)

MOST_WRONG, WRONG_S = 10, 60.0  # so many wrong tokens from one address in so many seconds, then it waits
MOST_ADDRESSES = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by the name of the token or certificate, and what that opens."""

    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


class Door:
    """Lets in who has one of the keys, or a certificate of the site's own authority."""

    def __init__(self, keys: Iterable[Key], clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = tuple(keys)
        self._guesses = Guesses(clock)

    def admit(self, environ: Mapping[str, object], scope: Scope) -> Caller:
        """Who asks, when that opens `scope`; else Unauthorized, Forbidden or TooManyRequests says what is expected."""
        caller = self._caller(environ)
        if not caller.may(scope):
            raise Forbidden(f"expected a token or certificate with the scope {scope}; {caller.name!r} has none of it")
        return caller

    def _caller(self, environ: Mapping[str, object]) -> Caller:
        if environ.get("SSL_CLIENT_VERIFY") == "SUCCESS":
            return _of_certificate(environ)
        kind, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        if not self._keys:
            raise Forbidden("this page needs http.token_file in the gate's settings, or a client certificate")
        if kind.lower() != "bearer" or not token.strip():
            raise Unauthorized("expected the header Authorization: Bearer TOKEN with a token of http.token_file")
        address = str(environ.get("REMOTE_ADDR", ""))
        if wait_s := self._guesses.wait_s(address):
            raise TooManyRequests(
                f"too many wrong tokens from {address}: expected a wait of {wait_s:.0f} s",
                retry_after=math.ceil(wait_s),
            )
        given, found = digest(token.strip()), None
        for key in self._keys:  # every one, so that the time taken tells nothing
            if hmac.compare_digest(given, key.digest):
                found = key
        if found is None:
            self._guesses.note(address)
            log.warning("a wrong token from %s", address)
            raise Unauthorized("expected the header Authorization: Bearer TOKEN with a token of http.token_file")
        return Caller(found.name, found.scopes)


def _of_certificate(environ: Mapping[str, object]) -> Caller:
    """The certificate was checked against http.client_ca_file by TLS; CN names its owner, OU what it opens."""
    name = "".join(char for char in str(environ.get("SSL_CLIENT_S_DN_CN", "")) if char.isprintable())[:32]
    units = str(environ.get("SSL_CLIENT_S_DN_OU", "")).replace(" ", "").split(",")
    return Caller(name or "a nameless certificate", frozenset(scope for scope in Scope if scope in units))


class Guesses:
    """Wrong tokens per address, of a bounded number of addresses. Any thread may ask."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._wrong)

    def note(self, address: str) -> None:
        who = _network(address)
        with self._lock:
            self._wrong[who] = [*self._recent(who), self._clock()]
            self._wrong.move_to_end(who)
            if len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)

    def wait_s(self, address: str) -> float:
        """How long this address has to wait before its token is looked at; 0.0 for not at all."""
        with self._lock:
            recent = self._recent(_network(address))
            return recent[-MOST_WRONG] + WRONG_S - self._clock() if len(recent) >= MOST_WRONG else 0.0

    def _recent(self, who: str) -> list[float]:
        return [at for at in self._wrong.get(who, []) if self._clock() - at < WRONG_S]


def _network(address: str) -> str:
    """What guesses are counted by: an IPv4 address, or the /64 that one IPv6 host has to itself."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
