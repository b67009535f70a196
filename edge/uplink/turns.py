"""One exchange with the recorder at a time: news of central into the journal, the next events out of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, wait
from datetime import datetime

from edge.journal.recorder import Recorder
from edge.protocol.messages import Ack, Clock, Event, Reply, Wire
from edge.uplink.batch import Applied, Batch, apply
from edge.uplink.inbox import Inbox
from edge.uplink.inflight import InFlight

log = logging.getLogger(__name__)

RETRY_S = 1.0
SETTLE_S = 5.0


class Turns:
    """Moves the inbox's batch into the journal and the outbox's next events into the window.

    nudge       called on the recorder's thread when a turn has an answer
    on_message  told what came, once it is on record, or can't be: a payment must not wait for a disk. Also of each
                command that was turned away
    reply       answers a command
    clock       how far `wall` can be believed, which commands expire by
    """

    def __init__(
        self,
        recorder: Recorder,
        inbox: Inbox,
        inflight: InFlight,
        *,
        boot: str,
        wall: Callable[[], datetime],
        nudge: Callable[[], None],
        on_message: Callable[[Wire], None],
        reply: Callable[[str, Reply], None],
        clock: Callable[[], Clock] = lambda: Clock.SYNCED,
    ) -> None:
        self._recorder = recorder
        self._inbox = inbox
        self._inflight = inflight
        self._boot = boot
        self._wall = wall
        self._clock = clock
        self._nudge = nudge
        self._on_message = on_message
        self._reply = reply
        self._asked: tuple[Batch, Future[Applied]] | None = None
        self._retry_at = 0.0
        self._seen: set[str] = set()
        self._trouble = ""
        self._journal = ""
        self._more = True

    def grown(self) -> None:
        """There are events that were not fetched yet. Any thread."""
        self._more = True

    def begin(self, now: float) -> None:
        """Asks the recorder for a turn, unless one is on its way or there is nothing to do."""
        room = max(0, self._inflight.room())
        if self._asked or now < self._retry_at or not (self._inbox.batch or (self._more and room)):
            return
        self._more = False
        batch, beyond = self._inbox.take(), self._inflight.beyond()
        asked = self._recorder.submit(
            lambda journal: apply(
                journal,
                batch,
                now=self._wall(),
                boot=self._boot,
                room=room,
                beyond=beyond,
                clock=self._clock(),
                seen=self._seen,
            )
        )
        self._asked = (batch, asked)
        asked.add_done_callback(lambda _: self._nudge())

    def finish(self, now: float) -> list[Event]:
        """What to send by the answer of the turn, if it has come."""
        if not self._asked or not self._asked[1].done():
            return []
        (batch, asked), self._asked = self._asked, None
        if error := asked.exception():
            self._reject(batch, "the gate can't write its journal")
            self._take_back(batch, now, error)
            return []
        done = asked.result()
        if done.trouble:
            self._take_back(batch, now, done.trouble)
        else:
            self._trouble = ""
        if self._journal not in ("", done.journal):
            self._inflight.clear()
        self._journal = done.journal
        for cmd_id, reply in done.replies:
            self._reply(cmd_id, reply)
        for news in done.news:
            if isinstance(news, Ack) and news.journal == done.journal:
                self._inflight.acknowledge(news, now)
                self._more = True
            self._on_message(news)
        return self._inflight.add(done.events, now)

    def settle(self, now: float) -> None:
        """Ends with a connection: what it brought is put on record, what it would have sent stays in the outbox."""
        if self._asked:
            batch, asked = self._asked
            wait([asked], timeout=SETTLE_S)
            if asked.done():
                self.finish(now)
            else:  # a disk that has hung; to apply it again later does no harm
                self._asked = None
                self._inbox.batch.absorb(batch)
                self._reject(batch, "the gate's disk does not answer")
        self._inflight.clear()
        self._more = True

    def _take_back(self, batch: Batch, now: float, error: BaseException) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            log.error("what central sent could not be put on record, trying again: %s", error)
        self._inbox.batch.absorb(batch)
        self._more = True
        self._retry_at = now + RETRY_S

    def _reject(self, batch: Batch, reason: str) -> None:
        for command in batch.commands:
            self._reply(command.cmd_id, Reply(verdict="rejected", reason=reason))
