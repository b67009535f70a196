"""Who may join the broker, by name, and which topics each may read and write. Pure.

A client is what its user name says; with client certificates that is the certificate's CN:
  SITE.GATE                       a gate
  central, central@LABEL          the central service; one name for each ingest process
  home-assistant@SITE             a site's Home Assistant
  maintenance@SITE                the diagnosis tool; maintenance.RAVI@SITE for one person's own
No site's or gate's id holds '.' or '@', so no two of them share a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.protocol import topics
from edge.protocol.enrolling import common_name
from edge.protocol.topics import ROOT, GateTopics, TopicError

CENTRAL = "central"
HOME_ASSISTANT = "home-assistant"
MAINTENANCE = "maintenance"
EXPECTED = "SITE/GATE, central, home-assistant@SITE or maintenance@SITE"


class BadPrincipal(ValueError):
    """A name that nobody at the broker has: says what is expected."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What one client may do, as MQTT filters. A subscription to more is taken, but only what is named here arrives."""

    username: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def rights(username: str) -> Rights:
    """The rights that come with a name; BadPrincipal on any other name."""
    try:
        if username == CENTRAL:
            return _central(username)
        kind, at, place = username.partition("@")
        if at:
            kind, dot, label = kind.partition(".")
            topics.name(place, "site" if kind != CENTRAL else "label")
            if dot:
                topics.name(label, "label")
            if kind == CENTRAL and not dot:
                return _central(username)
            if kind == HOME_ASSISTANT:
                return _home_assistant(username, place)
            if kind == MAINTENANCE:
                return _maintenance(username, place)
        else:
            site, dot, gate = username.partition(".")
            if dot:
                return gate_rights(site, gate)
    except TopicError as error:
        raise BadPrincipal(f"{username[:80]!r}: {error}") from error
    raise BadPrincipal(f"{username[:80]!r}: expected {EXPECTED}")


def from_words(text: str) -> str:
    """The user name of what a person types: SITE/GATE for a gate, any other as it is."""
    if "/" in text:
        site, _, gate = text.partition("/")
        try:
            return common_name(site, gate)
        except TopicError as error:
            raise BadPrincipal(f"{text[:80]!r}: {error}") from error
    return rights(text).username


def gate_rights(site: str, gate: str) -> Rights:
    """A gate reports of itself, and hears its own orders and its site's stays and lists."""
    own = GateTopics(site, gate)
    leaves = ("status", "about", "state", "event/#", "reply/+", "diag/#")
    return Rights(
        common_name(site, gate),
        reads=(f"{own.prefix}/cmd/#", own.ack, topics.sessions(site), topics.access(site)),
        writes=(*(f"{own.prefix}/{leaf}" for leaf in leaves), discovery(site, gate)),
    )


def discovery(site: str, gate: str) -> str:
    """Where Home Assistant looks for a gate."""
    return f"homeassistant/device/{site}-{gate}/config"


def _central(username: str) -> Rights:
    heard = ("status", "about", "state", "event/#", "reply/+", "diag/#", "ask/+")
    return Rights(
        username,
        reads=tuple(f"{ROOT}/+/+/{leaf}" for leaf in heard),
        writes=(f"{ROOT}/+/+/ack", f"{ROOT}/+/+/cmd/+", f"{ROOT}/+/session/+", f"{ROOT}/+/access"),
    )


def _home_assistant(username: str, site: str) -> Rights:
    seen = ("state", "status", "about", "diag/#")
    return Rights(
        username,
        reads=(*(f"{ROOT}/{site}/+/{leaf}" for leaf in seen), "homeassistant/#"),
        writes=(f"{ROOT}/{site}/+/ask/+",),
    )


def _maintenance(username: str, site: str) -> Rights:
    return Rights(username, reads=(f"{ROOT}/{site}/#",), writes=(f"{ROOT}/{site}/+/cmd/+",))
