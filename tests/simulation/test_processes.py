from __future__ import annotations

import os
import sys

import pytest

from edge.simulation.demo.processes import Child, StartError, free_port, port_is_free
from tests.waiting import wait_for

SLEEPER = "import signal; print('up', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = (
    f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]).pid, flush=True); {SLEEPER}"
)


def child(tmp_path, code: str) -> Child:
    return Child("part", [sys.executable, "-c", code], tmp_path)


def up(part: Child) -> bool:
    return "up" in part.log.read_text()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(") ")[-1][0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_child_is_stopped_by_its_own_handle(tmp_path):
    part = child(tmp_path, SLEEPER)
    part.start()
    part.wait_until(lambda: up(part))
    assert part.running
    part.stop()
    assert not part.running
    part.stop()


def test_what_a_killed_child_started_goes_with_it(tmp_path):
    part = child(tmp_path, PARENT)
    part.start()
    part.wait_until(lambda: part.log.read_text().count("up") == 2)
    grandchild = next(int(word) for word in part.log.read_text().split() if word.isdecimal())
    assert alive(grandchild)
    part.kill()
    wait_for(lambda: not alive(grandchild), "the kernel ends it too")


def test_a_child_that_will_not_end_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("edge.simulation.demo.processes.PATIENCE_S", 0.2)
    part = child(tmp_path, STUBBORN)
    part.start()
    part.wait_until(lambda: up(part))
    part.stop()
    assert not part.running


def test_a_child_that_ends_at_once_is_reported_with_its_last_words(tmp_path):
    part = child(tmp_path, "import sys; sys.exit('no such setting')")
    part.start()
    with pytest.raises(StartError, match=r"part ended at once(.|\n)*no such setting"):
        part.wait_until(lambda: False)


def test_a_child_that_never_gets_ready_is_reported(tmp_path):
    part = child(tmp_path, SLEEPER)
    part.start()
    try:
        with pytest.raises(StartError, match="part is not ready after 0 s"):
            part.wait_until(lambda: False, deadline_s=0.3)
    finally:
        part.stop()


def test_a_program_that_is_not_there_is_reported(tmp_path):
    with pytest.raises(StartError, match="part can't be started"):
        Child("part", [str(tmp_path / "nothing")], tmp_path).start()


def test_a_free_port_is_free():
    assert port_is_free(free_port())
