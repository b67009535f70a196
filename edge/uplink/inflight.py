"""Events that were sent and wait for central's ack: how many may be, and when to send them again. No clock, no I/O."""

from __future__ import annotations

from edge.protocol.messages import Ack, Event
from edge.protocol.topics import Stream

# what central is slow to take must not keep money back, so the lesser streams have smaller shares of their own
SHARE = {Stream.MONEY: 1.0, Stream.OPS: 0.5, Stream.DIAG: 0.25}
LONGEST_RESEND_S = 300.0


class InFlight:
    """The bounded window of one connection, over the outbox.

    window    events that may wait for an ack at once
    resend_s  seconds without an ack before all that wait is sent again; doubles up to five minutes while central
              stays silent, so that a broker that keeps messages for it is not filled up
    """

    def __init__(self, window: int, resend_s: float) -> None:
        self._caps = {stream: max(1, int(window * share)) for stream, share in SHARE.items()}
        self._first_resend_s = resend_s
        self.clear()

    def clear(self) -> None:
        """Forgets everything: the next connection begins from the outbox again."""
        self._sent: dict[Stream, dict[int, Event]] = {stream: {} for stream in Stream}
        self._resend_s = self._first_resend_s
        self._resend_at: float | None = None

    def room(self) -> int:
        """How many more events to fetch: as many as money alone may take."""
        return self._caps[Stream.MONEY] - len(self._sent[Stream.MONEY])

    def beyond(self) -> dict[Stream, int]:
        """Per stream, the highest seq in flight."""
        return {stream: max(sent) for stream, sent in self._sent.items() if sent}

    def lowest(self, stream: Stream) -> int | None:
        """The lowest seq of the stream in flight, which is the lowest the outbox has: it is sent from the bottom."""
        return min(self._sent[stream], default=None)

    def add(self, events: list[Event], now: float) -> list[Event]:
        """Takes what fits of `events`, which follow those in flight; returns what to send."""
        taken = []
        for event in events:
            sent = self._sent[event.stream]
            if len(sent) >= self._caps[event.stream]:
                break  # a lesser stream must not overtake this one
            sent[event.seq] = event
            taken.append(event)
        if taken and self._resend_at is None:
            self._resend_at = now + self._resend_s
        return taken

    def acknowledge(self, ack: Ack, now: float) -> None:
        """Takes out what central has committed."""
        dropped = 0
        for stream, through in ack.through.items():
            kept = {seq: event for seq, event in self._sent[stream].items() if seq > through}
            dropped += len(self._sent[stream]) - len(kept)
            self._sent[stream] = kept
        if dropped:
            self._resend_s = self._first_resend_s
            self._resend_at = now + self._resend_s if any(self._sent.values()) else None

    def due(self, now: float) -> list[Event]:
        """What to send again by now, in order; mostly nothing."""
        if self._resend_at is None or now < self._resend_at:
            return []
        self._resend_s = min(self._resend_s * 2, LONGEST_RESEND_S)
        self._resend_at = now + self._resend_s
        return [event for stream in Stream for event in self._sent[stream].values()]

    def wait_s(self, now: float, most_s: float) -> float:
        """Seconds until something is due again, at most `most_s`."""
        return most_s if self._resend_at is None else min(most_s, max(0.0, self._resend_at - now))
