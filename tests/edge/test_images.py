"""Pictures on their way to central: sent by content hash, kept while cut off, bounded, and never sent for ever."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edge.clock import GateClock
from edge.journal.journal import Journal
from edge.journal.recorder import Recorder
from edge.pictures.uploader import ImageSettings, ImageUploader
from edge.protocol.ids import uuid7
from edge.scribe import Scribe
from tests.waiting import wait_for


class Central:
    """Takes pictures over HTTP. answer: the status it gives."""

    def __init__(self) -> None:
        self.answer = 201
        self.taken: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.path, self.headers["Authorization"], self.headers["Content-Type"]))
                if outer.answer == 201:
                    outer.taken[self.path.rpartition("/")[2]] = body
                self.send_response(outer.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Bench:
    def __init__(self, folder: Path, url: str | None, max_bytes: int = 1 << 20, spool_bytes: int = 1 << 20) -> None:
        self.free_bytes = 1 << 40
        self.clock = GateClock(uuid7())
        self.recorder = Recorder(Journal.open(folder / "journal.db", gate="entry-1", at=self.clock.moment()))
        self.recorder.start()
        self.spool = folder / "spool"
        self.spool.mkdir(exist_ok=True)
        self.scribe = Scribe(self.recorder, self.clock, self.spool, lambda item: None)
        self.notices: list = []
        self.settings = ImageSettings(url, "token" if url else None, self.spool, max_bytes, spool_bytes)
        self.uploader = ImageUploader(self.settings, self.recorder, self.notices.append, lambda: self.free_bytes)
        self.scribe.pictures.on_queued(self.uploader.wake)

    def take(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        (self.spool / f"{sha256}.jpg").write_bytes(content)
        self.scribe.pictures.keep(sha256)
        return sha256

    def waiting(self) -> list[str]:
        return [image.sha256 for image in self.recorder.submit(lambda j: j.images.oldest(100)).result()]

    def close(self) -> None:
        self.uploader.stop()
        self.recorder.stop()


@pytest.fixture
def central():
    central = Central()
    yield central
    central.close()


@pytest.fixture
def benches():
    made: list[Bench] = []
    yield lambda *args, **more: made.append(Bench(*args, **more)) or made[-1]
    for bench in made:
        bench.close()


def test_a_picture_is_put_under_its_hash_with_the_gate_s_token(tmp_path, central, benches):
    bench = benches(tmp_path, central.url)
    bench.uploader.start()
    sha256 = bench.take(b"\xff\xd8one")
    wait_for(lambda: central.taken, "the picture arrives")
    assert central.taken == {sha256: b"\xff\xd8one"}
    assert central.asked == [(f"/api/v1/images/{sha256}", "Bearer token", "image/jpeg")]
    wait_for(lambda: not bench.waiting(), "it is off the queue")


def test_a_picture_waits_for_a_central_that_is_away_also_over_a_restart(tmp_path, central, benches):
    first = benches(tmp_path, "http://127.0.0.1:9")
    first.uploader.start()
    sha256 = first.take(b"\xff\xd8one")
    wait_for(lambda: first.waiting() == [sha256], "it waits")
    first.close()
    again = benches(tmp_path, central.url)
    again.uploader.start()
    wait_for(lambda: central.taken, "it arrives")


def test_a_central_in_trouble_is_asked_again_and_loses_nothing(tmp_path, central, benches):
    central.answer = 503
    bench = benches(tmp_path, central.url)
    bench.uploader.start()
    sha256 = bench.take(b"\xff\xd8one")
    wait_for(lambda: central.asked, "it is tried")
    assert bench.waiting() == [sha256]
    central.answer = 201
    wait_for(lambda: central.taken, "it arrives")


def test_a_picture_central_refuses_for_good_is_dropped_with_a_notice(tmp_path, central, benches):
    central.answer = 422
    bench = benches(tmp_path, central.url)
    bench.uploader.start()
    bench.take(b"not a picture")
    wait_for(lambda: bench.notices, "it is told")
    assert bench.notices[0].code == "image_refused"
    assert bench.waiting() == []


def test_beyond_the_bound_the_oldest_picture_goes_with_a_notice(tmp_path, benches):
    bench = benches(tmp_path, None, max_bytes=250)
    shas = [bench.take(bytes([n]) * 100) for n in range(4)]
    bench.uploader.start()
    wait_for(lambda: bench.notices, "it is told")
    assert bench.waiting() == shas[2:]
    [notice] = bench.notices
    assert notice.code == "images_dropped" and "the 2 oldest" in notice.detail
    assert sorted(path.stem for path in bench.spool.glob("*.jpg")) == sorted(shas[2:])


def test_a_picture_whose_file_is_gone_does_not_stop_the_others(tmp_path, central, benches):
    bench = benches(tmp_path, central.url)
    lost = bench.take(b"\xff\xd8lost")
    kept = bench.take(b"\xff\xd8kept")
    assert bench.waiting() == [lost, kept]
    (bench.spool / f"{lost}.jpg").unlink()
    bench.uploader.start()
    wait_for(lambda: central.taken, "the other arrives")
    assert list(central.taken) == [kept]
    assert bench.notices[0].code == "image_lost"


def test_old_pictures_nobody_waits_for_make_room(tmp_path, central, benches):
    bench = benches(tmp_path, None, spool_bytes=250)
    waiting = bench.take(b"w" * 100)
    assert bench.waiting() == [waiting]
    for n in range(4):
        path = bench.spool / f"{n:064x}.jpg"
        path.write_bytes(bytes(100))
        os.utime(path, (1_000_000 + n, 1_000_000 + n))
    bench.uploader.start()
    wait_for(lambda: len(list(bench.spool.glob("*.jpg"))) == 2, "the oldest are gone")
    assert sorted(path.stem for path in bench.spool.glob("*.jpg")) == sorted([f"{3:064x}", waiting])


def test_on_a_card_that_fills_up_pictures_go_the_oldest_first_until_there_is_room_again(tmp_path, central, benches):
    bench = benches(tmp_path, None)
    spare = bench.spool / f"{7:064x}.jpg"
    spare.write_bytes(bytes(100))
    os.utime(spare, (1_000_000, 1_000_000))
    shas = [bench.take(bytes([n]) * 100) for n in range(4)]
    assert bench.waiting() == shas
    looks = iter([40 << 20, 40 << 20, 1 << 40])  # after the spare one, the first and the second that wait
    bench.uploader = ImageUploader(bench.settings, bench.recorder, bench.notices.append, lambda: next(looks))
    bench.recorder.submit(lambda journal: journal.notice_free(40 << 20)).result()
    bench.uploader.start()
    wait_for(lambda: bench.notices, "it is told")
    assert bench.waiting() == shas[2:]
    assert sorted(path.stem for path in bench.spool.glob("*.jpg")) == sorted(shas[2:])


@pytest.mark.parametrize("url, token", [("http://127.0.0.1:9", "t₹k"), (f"http://{'a' * 70}.example", "token")])
def test_an_address_or_a_token_that_can_not_be_used_leaves_the_uploader_alive(tmp_path, benches, caplog, url, token):
    bench = benches(tmp_path, url)
    settings = replace(bench.settings, token=token)
    bench.uploader = ImageUploader(settings, bench.recorder, bench.notices.append, lambda: 1 << 40)
    sha256 = bench.take(b"\xff\xd8one")
    bench.uploader.start()
    wait_for(lambda: "can't be reached" in caplog.text, "the trouble is logged")
    assert bench.uploader.alive and bench.waiting() == [sha256]


def test_a_file_that_can_not_be_deleted_leaves_the_uploader_alive(tmp_path, benches, caplog):
    bench = benches(tmp_path, None, max_bytes=1)
    sha256 = bench.take(b"\xff\xd8one")
    assert bench.waiting() == [sha256]
    (bench.spool / f"{sha256}.jpg").unlink()
    (bench.spool / f"{sha256}.jpg").mkdir()
    bench.uploader.start()
    wait_for(lambda: "pictures: " in caplog.text, "the trouble is logged")
    assert bench.uploader.alive
