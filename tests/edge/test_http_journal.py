"""The journal asked over HTTP: by what its lines are about, page by page, as JSON and for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import quote

import pytest

from edge.http import records
from edge.http.masking import masked, shown
from edge.http.models import JournalQuestion
from edge.http.table import safe, table
from edge.journal.journal import JournalError
from edge.protocol.messages import GateNotice
from edge.rules.records import Fact
from tests.edge.http_gate import serving
from tests.edge.journal_makers import NOON, at, entered, exited, refused, state

FIRST, SECOND = "0193c000-0000-7000-8000-00000000000a", "0193c000-0000-7000-8000-00000000000b"
SECRET = entered()


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("gate")) as served:

        def write(journal):
            journal.record_all([Fact(SECRET, FIRST)], at=at(0))
            journal.record_all([Fact(entered("KA05MN6789"), SECOND)], at=at(60))
            journal.record_all([Fact(refused())], at=at(120))
            journal.record_all([Fact(GateNotice(code="stuck", detail='=HYPERLINK("http://x")'))], at=at(180))
            journal.record_all([Fact(exited(), FIRST)], at=at(240))
            for n in range(5):
                session = f"0193c000-0000-7000-8000-0000000001{n:02d}"
                journal.mirror.apply_session(state(session, 1, plate=f"DL01AB000{n}"), at().wall)

        served.recorder.submit(write).result(10)
        yield served


def lines(gate, query: str, who: str = "police") -> list[dict]:
    answer = gate.ask(f"/api/v1/journal?{query}", who)
    assert answer.status == 200, answer.body
    return answer.json["lines"]


def types(found: list[dict]) -> list[str]:
    return [line["type"] for line in found]


def test_lines_are_found_by_type_session_and_plate(gate):
    assert types(lines(gate, "type=entry.refused")) == ["entry.refused"]
    assert types(lines(gate, f"session={FIRST}")) == ["vehicle.exited", "vehicle.entered"]
    assert [line["session"] for line in lines(gate, "plate=KA05MN6789")] == [SECOND]


def test_lines_are_found_by_when_they_happened(gate):
    since, until = (quote((NOON + timedelta(seconds=s)).isoformat()) for s in (60, 180))
    assert types(lines(gate, f"since={since}&until={until}")) == ["entry.refused", "vehicle.entered"]
    assert types(lines(gate, f"until={since}")) == ["vehicle.entered"]


def test_pages_follow_one_another_without_a_gap_or_a_repeat(gate):
    seen, before = [], ""
    for _ in range(5):
        page = gate.ask(f"/api/v1/journal?limit=2{before}", "reader").json
        seen += [line["n"] for line in page["lines"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == [5, 4, 3, 2, 1]


def test_stays_come_page_by_page_though_they_entered_at_one_instant(gate):
    seen, before = [], ""
    while True:
        page = gate.ask(f"/api/v1/sessions?limit=2{before}", "police").json
        seen += [stay["plate"] for stay in page["stays"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == ["KA05MN6789", *(f"DL01AB000{n}" for n in (4, 3, 2, 1, 0)), "MH12AB1234"]
    assert page["inside"] == 6  # the one that left here is told, as passed, until central has closed it


def test_a_stay_shows_its_plate_only_to_who_may_see_plates(gate):
    assert all("•" in stay["plate"] for stay in gate.ask("/api/v1/sessions", "reader").json["stays"])
    [stay] = gate.ask("/api/v1/sessions?plate=KA05MN6789", "police").json["stays"]
    assert stay["plate"] == "KA05MN6789" and stay["local"] is True and stay["status"] == "open"


@pytest.mark.parametrize("path", ["journal", "sessions"])
def test_who_may_not_see_plates_may_not_try_them_either(gate, path):
    answer = gate.ask(f"/api/v1/{path}?plate=KA05MN6789", "reader")
    assert answer.status == 403 and "scope plates" in answer.json["detail"]


def test_neither_plates_nor_tickets_leave_the_journal_for_a_reader(gate):
    for query in ("", "?form=csv"):
        told = gate.ask(f"/api/v1/journal{query}", "reader").body.decode()
        assert "MH••••••34" in told and "12AB12" not in told and SECRET.ticket not in told
    assert SECRET.ticket not in gate.ask("/api/v1/journal", "police").body.decode()


def test_a_spreadsheet_gets_every_line_and_no_formula(gate):
    answer = gate.ask("/api/v1/journal?form=csv&limit=3", "police")
    assert answer.media_type == "text/csv" and 'rel="next"' in answer.headers["Link"]
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert [row["type"] for row in rows] == ["vehicle.exited", "gate.notice", "entry.refused"]
    assert rows[0]["plate"] == "MH12AB1234" and "HYPERLINK" in rows[1]["data"]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_begins_a_formula(hostile):
    assert safe(hostile) == f"'{hostile}"


def test_an_empty_table_has_its_head():
    assert table([]) == "n,wall,clock,type,session,plate,waiting,data\r\n"


def test_plates_are_masked_wherever_they_stand_in_an_event():
    data = {"plate": {"text": "MH12AB1234", "raw": "MHI2AB1234", "per_char": [0.5]}, "deep": [{"plate": "KA05MN6789"}]}
    assert shown(data, plates=False) == {"plate": {"text": "MH••••••34"}, "deep": [{"plate": "KA••••••89"}]}
    assert shown(data, plates=True) == data
    assert masked("AB1") == "•••" and masked("") == ""


@pytest.mark.parametrize(
    "query, told",
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        (f"limit={'1' * 5000}", "limit"),
        ("before=-1", "before"),
        (f"before={1 << 63}", "before"),
        ("type=vehicle.entered'--", "type"),
        ("plate=mh12", "plate"),
        ("session=1", "session"),
        ("since=yesterday", "since"),
        ("since=2026-11-02T06:30:00", "since"),
        ("since=2026-11-02T06:30:00Z&until=2026-11-02T06:30:00Z", "until after since"),
        ("form=xml", "form"),
        ("colour=red", "colour: unknown"),
        ("limit=1&limit=2", "limit: expected once"),
        ("token=hush", "token: unknown"),
    ],
)
def test_a_bad_question_is_refused_with_what_was_wrong(gate, query, told):
    answer = gate.ask(f"/api/v1/journal?{query}", "police")
    assert answer.status == 400 and told in answer.json["detail"], answer.body
    assert answer.media_type == "application/problem+json" and len(answer.body) < 1000


@pytest.mark.parametrize("before", ["x", "1.2", "٣.0193c000-0000-7000-8000-00000000000a", f"{'9' * 19}.{FIRST}"])
def test_a_made_up_page_of_stays_is_refused(gate, before):
    assert gate.ask(f"/api/v1/sessions?before={quote(before)}", "reader").status == 400


def test_the_first_and_the_last_instant_there_is_can_be_asked_for(gate):
    assert lines(gate, "since=0001-01-01T00:00:00%2B14:00&until=9999-12-31T23:59:59-14:00&limit=1")


def test_a_search_that_takes_too_long_is_given_up(gate, monkeypatch):
    monkeypatch.setattr(records, "LOOK_S", -1.0)
    monkeypatch.setattr(records, "_OPS", 1)
    with pytest.raises(JournalError, match="narrower question"):
        records.lines(gate.journal, JournalQuestion(plate="KA05MN6789"))


def test_a_journal_that_is_not_there_is_said(gate, tmp_path):
    with serving(tmp_path) as other:
        journal = other.journal
        other.recorder.stop()
        journal.unlink()
        for path in ("journal", "sessions"):
            answer = other.ask(f"/api/v1/{path}", "reader")
            assert answer.status == 503 and "can't be read" in answer.json["detail"]
        assert other.ask("/api/v1/metrics", "reader").status == 200
