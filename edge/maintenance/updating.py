"""Starting the installed updater, and telling after the restart what came of it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.maintenance.words import CannotDo, Outcome, Situation
from edge.protocol.maintenance import Args
from edge.protocol.messages import Command, Reply
from edge.rules.commands import Given

log = logging.getLogger(__name__)

MOST_SAID = 300


class Updating:
    """Who asked is kept in a file over the restart, which the update brings.

    command  the updater's words, () where none is installed. It must outlive this process
    """

    def __init__(self, command: Sequence[str], note: Path, version: str, tell: Callable[[object], None]) -> None:
        self._command, self._note, self._version, self._tell = tuple(command), note, version, tell
        self._running: subprocess.Popen | None = None

    def after_start(self) -> Outcome | None:
        """What became of an update that an earlier start was asked for; None where there was none."""
        try:
            asked = json.loads(self._note.read_text(encoding="utf-8"))
            cmd_id, by, before = str(asked["cmd_id"]), str(asked["by"]), str(asked["version"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            log.error("who asked for the update can't be told: %s", error)
            self._note.unlink(missing_ok=True)
            return None
        self._note.unlink(missing_ok=True)
        if before == self._version:
            reply = Reply(verdict="rejected", reason=f"the gate has restarted and is still version {before}")
        else:
            reply = Reply(verdict="done", result={"before": before, "version": self._version})
        return Outcome(cmd_id, "update", by, reply)

    def start(self, _args: Args, order: Command | Given, situation: Situation) -> Reply:
        """Starts it; "accepted". What it comes to is told by the restarted gate, or, where it fails, from here."""
        if not self._command:
            raise CannotDo("no updater is installed: maintenance.update_command is not set")
        if not situation.boom_down or not situation.quiet:
            raise CannotDo("not now: the boom must be down and nobody in the lane")
        if self._running is not None and self._running.poll() is None:
            raise CannotDo("an update is being made already")
        asked = {"cmd_id": order.cmd_id, "by": order.by, "version": self._version}
        unfinished = self._note.with_suffix(".part")
        unfinished.write_text(json.dumps(asked), encoding="utf-8")
        unfinished.replace(self._note)
        try:
            self._running = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | {"PARKMETER_UPDATE_ASKED": order.cmd_id},
            )
        except OSError as error:
            self._note.unlink(missing_ok=True)
            raise CannotDo(f"maintenance.update_command can't be run: {error}") from error
        threading.Thread(target=self._await, args=(self._running, order), name="update", daemon=True).start()
        return Reply(verdict="accepted", reason="the updater runs; the restarted gate tells what came of it")

    def _await(self, running: subprocess.Popen, order: Command | Given) -> None:
        said = b""
        with running:
            assert running.stdout
            for line in running.stdout:
                said = line.strip() or said
        if status := running.returncode:
            self._note.unlink(missing_ok=True)
            reason = f"the updater ended with status {status}: {said.decode(errors='replace')}"[:MOST_SAID]
            self._tell(Outcome(order.cmd_id, order.name, order.by, Reply(verdict="rejected", reason=reason)))
