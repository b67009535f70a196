"""The thread that carries out what maintenance orders, one after another, and looks around in between.

Whatever it waits for, the controller does not: it is told everything as news.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping

from edge.diagnostics.surroundings import Lookout
from edge.journal.journal import JournalError
from edge.maintenance.words import CannotDo, Outcome, Situation
from edge.protocol.maintenance import Args, parsed
from edge.protocol.messages import Command, Reply
from edge.rules.commands import Given

log = logging.getLogger(__name__)

LOOK_S = 10.0
MOST_WAITING = 8

# carries an order out: the result it was asked for, or CannotDo. None: the outcome comes later, by itself
Do = Callable[[Args, Command | Given, Situation], Reply | None]


class Crew:
    """Takes orders from the controller.

    tell   puts news into the controller's queue
    does   what it can do, by the command's name
    tend   called at each look around, for what has a time of its own
    """

    def __init__(
        self,
        tell: Callable[[object], None],
        lookout: Lookout,
        does: Mapping[str, Do],
        tend: Callable[[], None] = lambda: None,
    ) -> None:
        self._tell, self._lookout, self._does, self._tend = tell, lookout, does, tend
        self._orders: queue.Queue[tuple[Command | Given, Situation] | None] = queue.Queue(MOST_WAITING)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="crew", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the order at hand. Safe to call twice."""
        self._stopping = True
        if self._orders.empty():
            self._orders.put_nowait(None)
        if self._thread.is_alive():
            self._thread.join(LOOK_S)

    def take(self, order: Command | Given, situation: Situation) -> None:
        """Takes an order; its outcome comes as news. Returns at once."""
        if order.name not in self._does:
            self._answer(order, Reply(verdict="rejected", reason=f"{order.name}: this gate can't do that"))
            return
        try:
            self._orders.put_nowait((order, situation))
        except queue.Full:
            self._answer(order, Reply(verdict="rejected", reason=f"{MOST_WAITING} orders wait already"))

    def _run(self) -> None:
        look_at = time.monotonic()
        while not self._stopping:
            if (left_s := look_at - time.monotonic()) <= 0:
                look_at = time.monotonic() + LOOK_S
                self._tell(self._lookout.look())
                self._tend()
                continue
            try:
                order = self._orders.get(timeout=left_s)
            except queue.Empty:
                continue
            if order is not None:
                self._carry_out(*order)

    def _carry_out(self, order: Command | Given, situation: Situation) -> None:
        try:
            reply = self._does[order.name](parsed(order.name, order.args), order, situation)
        except CannotDo as error:
            reply = Reply(verdict="rejected", reason=str(error))
        except (OSError, JournalError, TimeoutError) as error:
            log.error("%s could not be carried out: %s", order.name, error)
            reply = Reply(verdict="rejected", reason=f"{order.name}: {error}"[:300])
        if reply is not None:
            self._answer(order, reply)

    def _answer(self, order: Command | Given, reply: Reply) -> None:
        self._tell(Outcome(order.cmd_id, order.name, order.by, reply))
