"""The real vision child under its real supervisor, on photos drawn by the test."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.vision.messages import Beat, Fault, Read, Ready, Taken, Voted
from edge.vision.supervisor import SOURCE_VARIABLE, VisionSupervisor, worker_command
from tests.edge.vision_pictures import empty_picture, plate_picture, save
from tests.waiting import wait_for

TEXTS = ("MH12AB1234", "KA05HS4495")


class Heard:
    """What the supervisor handed on, as the gate's queue would hold it."""

    def __init__(self) -> None:
        self._lock, self._events = threading.Lock(), []

    def __call__(self, event) -> None:
        with self._lock:
            self._events.append(event)

    def of(self, kind: type) -> list:
        with self._lock:
            return [event for event in self._events if isinstance(event, kind)]

    def wait(self, kind: type, count: int = 1) -> list:
        wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)


@pytest.fixture
def folder(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, text in enumerate(TEXTS):
        save(plate_picture(text), photos / f"{number}.png")
    save(empty_picture(), photos / "9.png")
    return photos


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def vision(folder, tmp_path, heard):
    command = worker_command("rapidocr", ["in"], tmp_path / "spool")
    supervisor = VisionSupervisor(command, heard, first_wait_s=0.05, source=f"folder:{folder}")
    supervisor.start()
    yield supervisor
    supervisor.close()


def test_each_visit_is_read_voted_once_and_its_best_picture_kept_by_its_hash(vision, heard, tmp_path):
    assert heard.wait(Ready)[0].engine == "rapidocr"
    for number, text in enumerate(TEXTS, 1):
        vision.watch(f"visit-{number}")
        vote = heard.wait(Voted, number)[-1]
        assert (vote.visit, vote.text, vote.accepted, vote.frames) == (f"visit-{number}", text, True, 2)
        picture = tmp_path / "spool" / f"{vote.image}.jpg"
        assert hashlib.sha256(picture.read_bytes()).hexdigest() == vote.image
        vision.rest()
    vision.snapshot()
    heard.wait(Taken)  # the child has obeyed everything before it
    assert [vote.visit for vote in heard.of(Voted)] == ["visit-1", "visit-2"]
    reads = heard.of(Read)
    assert {read.visit for read in reads} == {"visit-1", "visit-2"} and len(reads) == 4
    assert all(len(read.per_char) == len(read.text) and len(read.box) == 4 for read in reads)
    assert not heard.of(Fault)


def test_a_visit_without_a_plate_ends_with_an_empty_vote_and_a_picture(vision, heard, tmp_path):
    for visit in ("one", "two"):
        vision.watch(visit)
        heard.wait(Voted, 1 if visit == "one" else 2)
        vision.rest()
    vision.watch("nobody")
    wait_for(lambda: any(beat.watching == "nobody" for beat in heard.of(Beat)))
    vision.rest()
    vote = heard.wait(Voted, 3)[-1]
    assert (vote.visit, vote.text, vote.accepted) == ("nobody", "", False)
    assert (tmp_path / "spool" / f"{vote.image}.jpg").is_file()
    assert not [read for read in heard.of(Read) if read.visit == "nobody"]


def test_a_site_may_ask_for_more_frames_that_agree(folder, tmp_path, heard):
    command = worker_command("rapidocr", ["in"], tmp_path / "spool", accept=0.95, agree=4)
    vision = VisionSupervisor(command, heard, source=f"folder:{folder}")
    vision.start()
    try:
        vision.watch("visit-1")
        vote = heard.wait(Voted)[0]
        assert vote.accepted and vote.frames == 4 and vote.confidence >= 0.95
    finally:
        vision.close()


def test_a_snapshot_is_written_whole_over_the_last_one(vision, heard, tmp_path):
    heard.wait(Ready)
    vision.snapshot()
    first = heard.wait(Taken)[0]
    assert first.path == str(tmp_path / "spool" / "live.jpg")
    assert hashlib.sha256(Path(first.path).read_bytes()).hexdigest() == first.sha256


def test_a_child_that_is_killed_comes_back_and_takes_the_visit_up_again(vision, heard):
    heard.wait(Ready)
    first = vision.pid
    os.kill(first, signal.SIGSTOP)  # so that it can't finish the visit before it dies
    vision.watch("visit-1")
    os.kill(first, signal.SIGKILL)
    assert heard.wait(Fault)[0].code == "vision_lost"
    assert heard.wait(Voted)[0].visit == "visit-1"
    assert vision.ready and vision.pid != first


def test_a_child_that_hangs_is_killed_and_replaced(folder, tmp_path, heard):
    command = worker_command("rapidocr", ["in"], tmp_path / "spool")
    vision = VisionSupervisor(command, heard, hang_s=3.0, first_wait_s=0.05, source=f"folder:{folder}")
    vision.start()
    try:
        heard.wait(Ready)
        hung = vision.pid
        os.kill(hung, signal.SIGSTOP)
        assert heard.wait(Fault)[0].code == "vision_hung"
        heard.wait(Ready, 2)
        assert vision.pid != hung and not _alive(hung)
    finally:
        vision.close()


def test_a_camera_that_is_missing_is_a_fault_until_it_is_there(folder, tmp_path, heard):
    away = folder.rename(tmp_path / "away")
    command = worker_command("rapidocr", ["in"], tmp_path / "spool")
    vision = VisionSupervisor(command, heard, source=f"folder:{folder}")
    vision.start()
    try:
        fault = heard.wait(Fault)[0]
        assert fault.code == "camera_failed" and "there is no such folder" in fault.detail and not vision.ready
        away.rename(folder)
        heard.wait(Ready)
        assert vision.ready and vision.pid
    finally:
        vision.close()


def test_closing_ends_the_child_and_silences_it(vision, heard):
    heard.wait(Ready)
    child = vision.pid
    vision.close()
    count = len(heard.of(object))
    assert not _alive(child) and vision.pid is None and len(heard.of(object)) == count


def test_an_engine_that_does_not_exist_is_a_fault_that_names_the_choices(tmp_path, heard):
    vision = VisionSupervisor(worker_command("abacus", ["in"], tmp_path), heard, first_wait_s=60.0, source="folder:/x")
    vision.start()
    try:
        fault = heard.wait(Fault)[0]
        assert fault.code == "engine_missing" and "expected one of rapidocr" in fault.detail
    finally:
        vision.close()


def test_a_child_ends_by_itself_when_its_gate_has_gone(folder, tmp_path):
    command = [*worker_command("rapidocr", ["in"], tmp_path / "spool"), f"--source=folder:{folder}"]
    ended = subprocess.run(command, input=b'{"dance": {}}\n', capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0 and b"'dance' is none of watch, rest, snapshot" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_program_that_can_not_be_started_is_a_fault_and_tried_again(heard):
    vision = VisionSupervisor(["/nonexistent/python"], heard, first_wait_s=0.01)
    vision.start()
    try:
        faults = heard.wait(Fault, 2)
        assert {fault.code for fault in faults} == {"vision_lost"} and "can't be started" in faults[0].detail
    finally:
        vision.close()


def test_a_password_of_a_camera_s_address_is_on_no_command_line(heard):
    said = (
        'import os, json; print(json.dumps({"ready": {"engine": "x", "source": os.environ[V]}}), flush=True); input()'
    )
    command = [sys.executable, "-c", f"V = {SOURCE_VARIABLE!r}; {said}"]
    vision = VisionSupervisor(command, heard, source="rtsp://cam:hunter2@10.0.0.9/1")
    vision.start()
    try:
        assert heard.wait(Ready)[0].source == "rtsp://cam:hunter2@10.0.0.9/1"
        assert b"hunter2" not in Path(f"/proc/{vision.pid}/cmdline").read_bytes()
    finally:
        vision.close()


def test_a_child_that_says_strange_things_is_borne(heard):
    ready = '{"ready": {"engine": "x", "source": "y"}}'
    babble = f"import sys; print('hello'); print('{ready}', flush=True); sys.stdin.read()"
    vision = VisionSupervisor([sys.executable, "-c", babble], heard)
    vision.start()
    try:
        assert heard.wait(Ready)[0].engine == "x"
    finally:
        vision.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
