"""Sends webhooks: a signed POST to an address that was checked just before, no redirect followed, all of it bounded."""

from __future__ import annotations

import ipaddress
import socket
import time
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

import urllib3

from central import keys
from central.actions import webhook_endpoints
from central.actions.errors import Refused
from central.settings import Settings, WebhookSettings
from central.store.database import Database

TIMEOUT_S = 5.0
AT_ONCE = 50
LONGEST_RUN_S = 60.0  # well within what a job's claim lasts
_LONGEST_ANSWER = 4096


def checked(url: str, ours: WebhookSettings) -> str:
    """The address of an endpoint, where it may be one; Refused says what is expected. Where it leads is asked later."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Refused("webhook address: expected https://HOST/PATH") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > 500 or not host or port == 0:
        raise Refused("webhook address: expected https://HOST/PATH")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("webhook address: expected no user name, password or #fragment in it")
    if parts.scheme != "https" and not (parts.scheme == "http" and ours.http_on_loopback and _loopback(host)):
        raise Refused("webhook address: expected https://HOST/PATH, so that nobody reads along")
    return url


def send_due(db: Database, settings: Settings, now: datetime) -> timedelta:
    """Sends what waits; how long until there may be more. An endpoint that fails is left alone until the next time."""
    key = keys.read(settings, keys.LINKS)
    with db.read() as session:
        waiting = webhook_endpoints.due(session, now, AT_ONCE)
    failing: set[str] = set()
    enough = time.monotonic() + LONGEST_RUN_S
    for delivery, endpoint, event in waiting:
        if endpoint.id in failing:
            continue
        if time.monotonic() > enough:
            break
        body = webhook_endpoints.body_of(event)
        status, problem = post(
            endpoint.url, body, webhook_endpoints.headers_of(key, endpoint, delivery.id, body, now), settings.webhooks
        )
        if problem:
            failing.add(endpoint.id)
        with db.begin() as session:
            webhook_endpoints.tried(session, delivery.id, status, problem, now)
    return timedelta(0) if len(waiting) == AT_ONCE and not failing else timedelta(seconds=2)


def post(url: str, body: bytes, headers: dict[str, str], ours: WebhookSettings) -> tuple[int | None, str]:
    """One try: the endpoint's status, None where there was none, and why it counts as failed, "" where it does not."""
    try:
        checked(url, ours)
        parts = urlsplit(url)
        # connected to by the very number that was checked: a name may lead elsewhere a moment later
        address = _address(parts, ours)
    except Refused as error:
        return None, str(error)
    common = {"Host": parts.netloc, "Content-Type": "application/json", "User-Agent": "ParkMeter-Webhooks/1"}
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    pool = _pool(parts, address)
    try:
        answer = pool.urlopen(
            "POST", target, body=body, headers={**common, **headers}, redirect=False, retries=False,
            preload_content=False, assert_same_host=False,
        )  # fmt: skip
        answer.read(_LONGEST_ANSWER, decode_content=False)
        answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return None, _why(error)
    finally:
        pool.close()
    if 200 <= answer.status < 300:
        return answer.status, ""
    if 300 <= answer.status < 400:
        return answer.status, f"answered {answer.status}: a redirect is not followed, give the address it leads to"
    return answer.status, f"answered {answer.status}: expected 200 to 299"


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(total=TIMEOUT_S)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, parts.port or 80, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        address, parts.port or 443, timeout=timeout, server_hostname=parts.hostname, assert_hostname=parts.hostname
    )


def _address(parts: SplitResult, ours: WebhookSettings) -> str:
    """The number to connect to. Refused where the name leads to an address that is not a public one."""
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Refused(f"the name {host[:80]} leads nowhere") from None
    # IPv4 first: it is what a half-finished network has
    numbers = sorted(dict.fromkeys(str(one[4][0]) for one in found), key=lambda number: ":" in number)
    for number in numbers:
        # any one of them is enough to refuse: which is taken would be by lot
        if not _public(number) and not ours.private_addresses and not (ours.http_on_loopback and _loopback(number)):
            raise Refused(f"{host[:80]} leads to {number}, which is not a public address (webhooks.private_addresses)")
    return numbers[0]


def _public(number: str) -> bool:
    address = ipaddress.ip_address(number.split("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    inner = mapped if mapped is not None else address
    return inner.is_global and address.is_global and not inner.is_multicast and not address.is_multicast


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return f"no answer within {TIMEOUT_S:.0f} s"
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate was not accepted: {str(error)[:160]}"
    return f"could not be reached: {type(error).__name__}"
