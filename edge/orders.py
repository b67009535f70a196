"""Orders given at the gate itself, by its own pages: the same rules and the same record as central's commands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from datetime import datetime
from typing import Any

from edge.journal.recorder import Recorder
from edge.protocol.ids import uuid7
from edge.protocol.maintenance import check
from edge.protocol.messages import Reply
from edge.rules.commands import Given, TurnedAway

MOST_BY = 240


class Orders:
    """Gives orders to the controller and waits for what becomes of them, on the caller's thread.

    tell  puts news into the controller's queue
    wall  the gate's clock, aware
    """

    def __init__(self, recorder: Recorder, tell: Callable[[object], None], wall: Callable[[], datetime]) -> None:
        self._recorder, self._tell, self._wall = recorder, tell, wall
        self._lock = threading.Lock()
        self._waiting: dict[str, Future[Reply]] = {}

    def give(self, name: str, args: Mapping[str, Any], by: str, timeout_s: float = 5.0) -> Reply:
        """Has the order carried out; what became of it. Any thread but the controller's.

        The order is on record, under an id of its own, before anything acts on it. "accepted": it is still being done
        after `timeout_s`, and the journal's command.done will tell.
        """
        cmd_id, by = uuid7(), by[:MOST_BY]
        if wrong := check(name, args):
            self._tell(TurnedAway(cmd_id, name[:40], by, wrong))
            return Reply(verdict="rejected", reason=wrong)
        answer: Future[Reply] = Future()
        with self._lock:
            self._waiting[cmd_id] = answer
        noted = self._recorder.submit(lambda journal: journal.remember_command(cmd_id, name, by, at=self._wall()))
        # a disk that takes nothing more must not keep a person's word from the boom
        noted.add_done_callback(lambda _: self._tell(Given(cmd_id, name, dict(args), by)))
        try:
            return answer.result(timeout_s)
        except NotInTime:
            return Reply(verdict="accepted", reason=f"not done within {timeout_s:g} s; the journal will tell")
        finally:
            with self._lock:
                self._waiting.pop(cmd_id, None)

    def answered(self, cmd_id: str, reply: Reply) -> None:
        """What became of an order, told by the controller; nothing where nobody here waits for it."""
        with self._lock:
            answer = self._waiting.pop(cmd_id, None)
        if answer is not None:
            answer.set_result(reply)
