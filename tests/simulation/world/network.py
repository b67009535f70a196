"""The broker and the lines to it: messages come late, doubled, out of order or not at all; connections break."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tests.simulation.world.timeline import Timeline


class Info(NamedTuple):
    """What paho says of a message it was given."""

    rc: int
    mid: int


@dataclass(slots=True)
class Weather:
    """How bad the lines are, as shares of messages.

    lost     never come
    doubled  come twice
    late     are seconds late, so that others overtake them
    late_s   at most
    """

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    late_s: float = 3.0


@dataclass(slots=True)
class Client:
    """One party at the broker.

    keeps   the broker keeps its messages while it is away (a persistent session)
    will    topic and payload to be published, retained, when its connection breaks
    """

    name: str
    keeps: bool
    on_message: Callable[[str, bytes, bool], None]
    on_confirmed: Callable[[int], None] = lambda mid: None
    on_lost: Callable[[], None] = lambda: None
    will: tuple[str, bytes] | None = None
    subscriptions: list[str] = field(default_factory=list)
    waiting: list[tuple[str, bytes]] = field(default_factory=list)


class Connection:
    """What a paho client is to the code that uses one."""

    def __init__(self, broker: Broker, client: Client) -> None:
        self._broker, self.client = broker, client
        self.alive = True
        self._mids = itertools.count(1)

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> Info:
        mid = next(self._mids)
        if self.alive:
            self._broker.on_sent(topic, payload)
            self._broker.carry_up(self, mid, topic, payload, qos, retain)
        return Info(0 if self.alive else 4, mid)

    def subscribe(self, topics: Iterable[tuple[str, int]]) -> None:
        self._broker.subscribed(self, [topic for topic, _ in topics])

    def want_write(self) -> bool:
        return False

    def broken(self) -> None:
        """The line is cut; both ends notice."""
        if self.alive:
            self._broker.lose(self)
            self.client.on_lost()


class Broker:
    """A broker that keeps what is retained, until it forgets."""

    def __init__(self, timeline: Timeline, dice: Random, weather: Weather) -> None:
        self.timeline, self.dice, self.weather = timeline, dice, weather
        self.up = True
        self.unreachable: set[str] = set()
        self.retained: dict[str, bytes] = {}
        self.on_sent: Callable[[str, bytes], None] = lambda topic, payload: None
        self._connections: dict[str, Connection] = {}
        self._sessions: dict[str, Client] = {}

    def connect(self, client: Client) -> Connection | None:
        """A connection, None when the broker can't be reached. Who connects again takes over its own name."""
        if not self.up or client.name in self.unreachable:
            return None
        if client.name in self._connections:
            self.lose(self._connections[client.name])
        before = self._sessions.get(client.name)
        if client.keeps and before is not None:
            client.subscriptions, client.waiting = before.subscriptions, before.waiting
        connection = self._connections[client.name] = Connection(self, client)
        if client.keeps:
            self._sessions[client.name] = client
            waiting, client.waiting = client.waiting, []
            for topic, payload in waiting:
                self._carry_down(client, topic, payload, False)
        return connection

    def stop(self, *, forget: bool) -> None:
        """The broker ends. forget: all it kept is gone with it."""
        self.up = False
        for connection in list(self._connections.values()):
            connection.client.will = None
            connection.broken()
        if forget:
            self.retained.clear()
            self._sessions.clear()

    def cut(self, name: str) -> None:
        """Breaks a party's line, if it has one."""
        if name in self._connections:
            self._connections[name].broken()

    def lose(self, connection: Connection) -> None:
        """The far end is gone: its will is published."""
        connection.alive = False
        if self._connections.get(connection.client.name) is connection:
            del self._connections[connection.client.name]
        if connection.client.will and self.up:
            topic, payload = connection.client.will
            self._publish(topic, payload, retain=True)

    def subscribed(self, connection: Connection, topics: list[str]) -> None:
        client = connection.client
        client.subscriptions = [*dict.fromkeys([*client.subscriptions, *topics])]
        for topic, payload in list(self.retained.items()):
            if any(matches(wanted, topic) for wanted in topics):
                self._carry_down(client, topic, payload, True)

    def carry_up(self, connection: Connection, mid: int, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        if qos == 0 and self.dice.random() < 0.8:
            return  # states are many, and any of them may be lost
        if self.dice.random() < self.weather.lost / 4:
            # TCP loses nothing on a line that holds: this one breaks
            self.timeline.after(self.dice.uniform(0.0, 20.0), connection.broken)
            return
        for _ in range(self._copies()):
            self.timeline.after(self._delay_s(), lambda: self._arrive(connection, mid, topic, payload, qos, retain))

    def _arrive(self, connection: Connection, mid: int, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        if not self.up or self._superseded(connection):
            return
        self._publish(topic, payload, retain)
        if qos and connection.alive:
            self.timeline.after(self._delay_s(), lambda: connection.alive and connection.client.on_confirmed(mid))

    def _superseded(self, connection: Connection) -> bool:
        """Its party has connected anew since, which made the broker close this one unread (MQTT 3.1.4-2)."""
        return self._connections.get(connection.client.name, connection) is not connection

    def _publish(self, topic: str, payload: bytes, retain: bool) -> None:
        if retain and payload:
            self.retained[topic] = payload
        elif retain:
            self.retained.pop(topic, None)
        here = [connection.client for connection in self._connections.values()]
        away = [client for name, client in self._sessions.items() if name not in self._connections]
        for client in [*here, *away]:
            if any(matches(wanted, topic) for wanted in client.subscriptions):
                self._carry_down(client, topic, payload, False)

    def _carry_down(self, client: Client, topic: str, payload: bytes, retained: bool) -> None:
        connection = self._connections.get(client.name)
        if connection is None:
            client.waiting.append((topic, payload))
            return
        if self.dice.random() < self.weather.lost / (1 if client.keeps else 4):
            if not client.keeps:  # only the long queue of a persistent session may run over on a line that holds
                self.timeline.after(self.dice.uniform(0.0, 20.0), connection.broken)
            return
        for _ in range(self._copies()):
            self.timeline.after(self._delay_s(), lambda: self._hand_over(connection, topic, payload, retained))

    def _hand_over(self, connection: Connection, topic: str, payload: bytes, retained: bool) -> None:
        client = connection.client
        if connection.alive:
            client.on_message(topic, payload, retained)
        elif heir := self._sessions.get(client.name):
            self._carry_down(heir, topic, payload, False)

    def _copies(self) -> int:
        return 2 if self.dice.random() < self.weather.doubled else 1

    def _delay_s(self) -> float:
        late = self.dice.random() < self.weather.late
        return self.dice.uniform(0.0, self.weather.late_s) if late else self.dice.uniform(0.002, 0.03)


def matches(wanted: str, topic: str) -> bool:
    """Whether a subscription takes in a topic."""
    ours, theirs = wanted.split("/"), topic.split("/")
    if ours[-1] == "#":
        ours, theirs = ours[:-1], theirs[: len(ours) - 1]
    return len(ours) == len(theirs) and all(one in ("+", other) for one, other in zip(ours, theirs, strict=True))
