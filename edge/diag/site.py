"""What the gates at a broker say of themselves, as one picture. No I/O: messages in, views out."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from edge.protocol import topics
from edge.protocol.messages import About, BadMessage, Event, FaultState, GateHealth, GateState, LogLine, Reply, Status
from edge.protocol.topics import FromGate, TopicError

LATEST = 12
# what a terminal would obey instead of showing
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\uffff]")


def shown(text: str, most: int = 200) -> str:
    """A stranger's text, fit for a terminal: without control characters, cut where it is long."""
    clean = _UNPRINTABLE.sub("?", text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


@dataclass(slots=True)
class GateView:
    """One gate as it has told of itself. None: not yet.

    faults  by code, while they last;  seen_at: when anything of it came that was not kept by the broker
    """

    site: str
    gate: str
    status: Status | None = None
    about: About | None = None
    state: GateState | None = None
    health: GateHealth | None = None
    faults: dict[str, FaultState] = field(default_factory=dict)
    log: deque[LogLine] = field(default_factory=lambda: deque(maxlen=LATEST))
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=LATEST))
    seen_at: datetime | None = None

    @property
    def word(self) -> str:
        """online, lost, stopped or unheard."""
        return self.status.state if self.status is not None else "unheard"

    @property
    def codes(self) -> list[str]:
        """Codes of what is wrong now, of its fault topics and its state."""
        return sorted(self.faults.keys() | set(self.state.faults if self.state is not None else ()))

    @property
    def well(self) -> bool:
        return self.word == "online" and not self.codes


class Site:
    """Every gate heard of.

    replies  answers to commands, in the order they came;  strange: messages that nobody could understand
    """

    def __init__(self) -> None:
        self._gates: dict[tuple[str, str], GateView] = {}
        self.replies: list[tuple[str, Reply]] = []
        self.strange = 0

    @property
    def gates(self) -> list[GateView]:
        return [self._gates[key] for key in sorted(self._gates)]

    def gate(self, site: str, gate: str) -> GateView:
        return self._gates.setdefault((site, gate), GateView(site, gate))

    def hear(self, topic: str, payload: bytes, retained: bool, now: datetime) -> None:
        """Takes in one message; one that can't be understood changes nothing."""
        try:
            self._hear(topics.parse(topic), payload, retained, now)
        except (TopicError, BadMessage):
            self.strange += 1

    def _hear(self, where: FromGate, payload: bytes, retained: bool, now: datetime) -> None:
        view = self.gate(where.site, where.gate)
        if where.kind == "fault" and not payload:
            view.faults.pop(where.leaf, None)
            return
        match where.kind:
            case "status":
                view.status = Status.decode(payload)
            case "about":
                view.about = About.decode(payload)
            case "state":
                view.state = GateState.decode(payload)
            case "health":
                view.health = GateHealth.decode(payload)
            case "fault":
                view.faults[where.leaf] = FaultState.decode(payload)
            case "log":
                view.log.append(LogLine.decode(payload))
            case "event":
                view.events.append(Event.decode(payload))
            case "reply":
                self.replies.append((where.leaf, Reply.decode(payload)))
        if not retained:
            view.seen_at = now
