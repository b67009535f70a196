"""The access list on the screen: one plate, a file tried and applied, and the list as a file."""

from __future__ import annotations

import csv
import io
import re

import pytest

from central.actions import access
from central.store.reads import access_lists as reads
from tests.central.car_park import SITE, minutes
from tests.central.web.people import body_of, send

HEAD = "plate,kind,class,from,until,note\n"


def load(visitor, text: str, **fields):
    """Chooses a file and sends it."""
    file = (io.BytesIO(text.encode()), "list.csv")
    return send(visitor, f"/lists/{SITE}/file", page="/lists", file=file, **fields)


def kept(html: str) -> str:
    """The file as the page that showed it carries it on."""
    return re.search(r'name="raw" value="([^"]*)"', html).group(1)


def test_one_plate_is_set_and_taken_off_again(park, sign_in):
    visitor = sign_in("manager")
    fields = {"plate": "dl 1 cab 1234", "kind": "denied", "until": "2027-01-01T10:00", "note": "<b>stolen</b>"}
    assert send(visitor, f"/lists/{SITE}", page="/lists", **fields).status_code == 303
    page = visitor.get("/lists").text
    assert "DL 1 CAB 1234" in page and "until 1 Jan 2027, 10:00" in page and "&lt;b&gt;stolen" in page
    assert send(visitor, f"/lists/{SITE}/DL1CAB1234/remove", page="/lists").status_code == 303
    assert "No plate is on the list" in visitor.get("/lists").text
    again = send(visitor, f"/lists/{SITE}/DL1CAB1234/remove", page="/lists")
    assert again.status_code == 422 and "is not on the access list" in again.text
    assert "expected a day or time" in send(visitor, f"/lists/{SITE}", page="/lists", **fields | {"until": "soon"}).text


def test_a_file_is_shown_first_and_applied_then(park, sign_in):
    visitor = sign_in("manager")
    shown = load(visitor, HEAD + "DL1,pass\nDL2,maybe\n")
    assert shown.status_code == 200 and "1 plate would be set" in shown.text and "1 line is wrong" in shown.text
    assert "expected pass or denied" in shown.text and "No plate is on the list" in shown.text
    action, raw = f"/lists/{SITE}/file", kept(shown.text)
    whole = send(visitor, action, page="/lists", step="do", raw=raw)
    assert whole.status_code == 422 and "Nothing was changed" in whole.text
    assert send(visitor, action, page="/lists", step="do", raw=raw, in_part="yes").status_code == 303
    page = visitor.get("/lists").text
    assert "1 plates are set as the file says. 1 lines were left out." in page and "DL 1" in page


@pytest.mark.parametrize("fields", [{}, {"raw": "%%%"}, {"raw": ""}])
def test_no_file_is_said_so(sign_in, fields):
    answer = send(sign_in("manager"), f"/lists/{SITE}/file", page="/lists", **fields)
    assert answer.status_code == 422 and "Choose a CSV file" in answer.text


def test_the_list_goes_out_safe_for_spreadsheets_and_comes_back_as_it_was(park, sign_in):
    with park.db.begin() as session:
        for plate, note in (("DL1", "=HYPERLINK(1)"), ("DL2", "resident")):
            access.set_rule(session, SITE, plate, "pass", minutes(0), "tests", valid_from=minutes(0.3), note=note)
    visitor = sign_in("manager")
    answer = visitor.get(f"/lists/{SITE}.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1] == ["DL1", "pass", "", "2026-11-24 10:00:18", "", "'=HYPERLINK(1)"]
    back = load(visitor, answer.data.decode())
    assert "0 plates would be set" in back.text and back.text.count("stands already") == 2
    assert visitor.get("/lists/nowhere.csv").status_code == 404


def test_a_supervisor_looks_and_an_attendant_does_not(park, sign_in):
    supervisor = sign_in("supervisor")
    page = supervisor.get("/lists")
    assert page.status_code == 200 and "<form" in body_of(page.text) and "Set this plate" not in page.text
    assert send(supervisor, f"/lists/{SITE}", page="/lanes", plate="DL1", kind="pass").status_code == 403
    assert sign_in().get("/lists").status_code == 403


def test_a_long_list_is_paged_by_plate(park, sign_in, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 2)
    with park.db.begin() as session:
        for number in range(5):
            access.set_rule(session, SITE, f"DL{number}", "pass", minutes(0), "tests")
        access.set_rule(session, SITE, "MH1", "denied", minutes(0), "tests")
    visitor, path, seen = sign_in("supervisor"), "/lists?plate=DL&kind=pass", []
    while path:
        page = body_of(visitor.get(path).text)
        seen += re.findall(r'<span class="plate[^"]*">([^<]+)', page)
        later = re.search(r'rel="next" href="([^"]+)"', page)
        path = later.group(1).replace("&amp;", "&") if later else None
    assert seen == [f"DL {number}" for number in range(5)]
    assert visitor.get("/lists?plate=<b>").status_code == 200 and visitor.get("/lists?site=nowhere").status_code == 404
