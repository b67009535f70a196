"""What the gate shows at the broker besides events: retained topics, the latest of each, and answers to commands."""

from __future__ import annotations

import threading
from collections import deque

from edge.protocol.messages import GateState, Reply
from edge.protocol.topics import GateTopics

MOST_REPLIES = 100
MOST_KEPT = 200
MOST_SAID = 200


class OutTray:
    """Filled by any thread, emptied by the uplink's. Time is an argument.

    state_every_s  least time between two states of the gate
    """

    def __init__(self, topics: GateTopics, state_every_s: float) -> None:
        self._topics = topics
        self._state_every_s = state_every_s
        self._state_at = float("-inf")
        self._lock = threading.Lock()
        self._kept: dict[str, bytes] = {}
        self._unsent: dict[str, bytes] = {}
        self._replies: deque[tuple[str, Reply]] = deque(maxlen=MOST_REPLIES)
        self._said: deque[tuple[str, bytes]] = deque(maxlen=MOST_SAID)

    def keep(self, topic: str, payload: bytes) -> None:
        """Publishes retained, and again on every connection; the latest of a topic wins."""
        with self._lock:
            if topic not in self._kept and len(self._kept) >= MOST_KEPT:
                raise ValueError(f"retained topic {topic!r}: expected at most {MOST_KEPT} of one gate")
            self._kept[topic] = self._unsent[topic] = payload

    def state(self, state: GateState) -> None:
        self.keep(self._topics.state, state.encode())

    def reply(self, cmd_id: str, reply: Reply) -> None:
        with self._lock:
            self._replies.append((cmd_id, reply))

    def say(self, topic: str, payload: bytes) -> None:
        """Publishes once, at most, and never retained; the oldest goes where too many wait."""
        with self._lock:
            self._said.append((topic, payload))

    def said(self) -> list[tuple[str, bytes]]:
        """Topic and payload of what was said; it waits no longer."""
        with self._lock:
            waiting = list(self._said)
            self._said.clear()
        return waiting

    def refill(self) -> None:
        """All that is kept is to be sent again: the connection is new."""
        with self._lock:
            self._unsent = dict(self._kept)

    def replies(self) -> list[tuple[str, bytes]]:
        """Topic and payload of the answers that wait; they wait no longer."""
        with self._lock:
            waiting = [(self._topics.reply(cmd_id), reply.encode()) for cmd_id, reply in self._replies]
            self._replies.clear()
        return waiting

    def due(self, now: float) -> list[tuple[str, bytes]]:
        """Topic and payload of what is to be published retained by now."""
        with self._lock:
            held_back = self._unsent.pop(self._topics.state, None) if now < self._state_at else None
            if self._topics.state in self._unsent:
                self._state_at = now + self._state_every_s
            ready = list(self._unsent.items())
            self._unsent = {} if held_back is None else {self._topics.state: held_back}
        return ready

    def wait_s(self, most_s: float) -> float:
        """Seconds until something may be due, at most `most_s`."""
        return min(most_s, self._state_every_s) if self._unsent else most_s
