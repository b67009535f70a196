"""The audit log's, retention's and the privacy notice's pages, and the note of who looked at which picture."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from central.actions import audit_chain, holds
from central.actions.audit import audit
from central.store.schema import LegalHold, PictureLook
from central.web import office as offices
from tests.central.car_park import START
from tests.central.ledger.unguarded import unguarded
from tests.central.visits import enter
from tests.central.web.people import send, token_on
from tests.central.web.pictures import JPEG, JPEG_NAME

PLATE = "MH12AB1234"


@pytest.fixture
def log(park) -> None:
    with park.db.begin() as session:
        for number in range(60):
            at, by = START + timedelta(days=number), f"person{number % 2}"
            audit(session, at, by, "thing done", f"thing/{number}", n=number)
        audit(session, START, "asha", "=cmd()", "<script>", plate=PLATE, why='"><img src=x>')


def test_the_log_is_shown_a_page_at_a_time_and_filtered(log, park, sign_in):
    manager = sign_in("manager")
    first = manager.get("/audit?what=thing+done").text
    assert "thing/59" in first and "thing/9<" not in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "thing/9<" in manager.get(older).text
    assert "thing/3<" in manager.get("/audit?by=person1&subject=thing/3").text
    assert "thing/3<" not in manager.get("/audit?by=person0&subject=thing/3").text
    assert "thing/2<" in manager.get("/audit?from=2026-11-26&to=2026-11-26").text
    assert "thing/3<" not in manager.get("/audit?from=2026-11-26&to=2026-11-26").text
    assert "thing/1<" not in manager.get("/audit?plate=mh+12+ab+1234").text


def test_what_people_typed_harms_no_page_and_no_spreadsheet(log, sign_in):
    manager = sign_in("manager")
    page = manager.get("/audit?by=asha").text
    assert "<script>" not in page.split("</head>")[1] and "<img src=x" not in page and PLATE in page
    answer = manager.get("/audit/log.csv?by=asha")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    head, row = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert len(head) == len(row) == 6 and row[3] == "'=cmd()" and PLATE in row[5]


@pytest.mark.parametrize("query", ["before=x", "from=yesterday", "to=2026-13-01", "plate=!"])
def test_a_filter_that_makes_no_sense_is_said(sign_in, query):
    manager = sign_in("manager")
    assert "expected" in manager.get(f"/audit?{query}").text or "no such day" in manager.get(f"/audit?{query}").text
    assert manager.get(f"/audit?{query}").status_code == 422
    assert manager.get(f"/audit/log.csv?{query}").status_code == 422


def test_the_page_says_whether_the_log_is_sound(log, park, sign_in):
    manager = sign_in("manager")
    assert "Not looked through yet" in manager.get("/audit").text
    send(manager, "/audit/check", "/audit")
    page = manager.get("/audit").text
    assert "rows, sound." in page and "alert-success" in page
    with park.db.begin() as session:
        victim = session.scalar(text("SELECT id FROM audit WHERE subject = 'thing/7'"))
        with unguarded(session):
            session.execute(text(f"UPDATE audit SET subject = 'thing/8' WHERE id = {victim}"))
    send(manager, "/audit/check", "/audit")
    page = manager.get("/audit").text
    assert "A row was changed after it was written." in page and f"/audit/{victim}" in page
    shown = manager.get(f"/audit/{victim}").text
    assert "Hash of this row" in shown and "thing/8" in shown
    assert manager.get("/audit/99999999").status_code == 404


def test_a_file_of_heads_that_is_spoilt_is_said_and_nothing_breaks(log, sign_in, web_settings):
    (web_settings.data_dir / audit_chain.HEADS).write_text("?\n")
    manager = sign_in("manager")
    assert send(manager, "/audit/check", "/audit").status_code == 303
    assert "expected a day, a position and a hash" in manager.get("/audit").text


@pytest.mark.parametrize(
    "path", ["/audit", "/audit/1", "/audit/log.csv", "/audit/pictures", "/retention", "/retention/runs"]
)
def test_only_managers_see_it(client, sign_in, path):
    assert client.get(path).status_code == 303
    assert sign_in("supervisor").get(path).status_code == 403


def looks(park) -> list[PictureLook]:
    with park.db.read() as session:
        return list(session.scalars(select(PictureLook).order_by(PictureLook.id)))


def test_every_picture_shown_to_staff_is_noted_once_in_ten_minutes(client, park, sign_in, monkeypatch):
    put = {"data": JPEG, "headers": {"Authorization": f"Bearer {park.entry_token}"}}
    assert client.put(f"/api/v1/images/{JPEG_NAME}", **put).status_code == 201
    stay, _ = enter(park, text=PLATE, image=JPEG_NAME)
    visitor = sign_in()
    page = {"Referer": f"http://localhost/stays/{stay}?x=1"}
    began = offices.Office.now()
    for later in (0, 5, 9, 11, 15):
        monkeypatch.setattr(offices.Office, "now", staticmethod(lambda at=began + timedelta(minutes=later): at))
        with visitor.get(f"/images/{JPEG_NAME}", headers=page) as shown:
            assert shown.status_code == 200
            assert "immutable" not in shown.headers["Cache-Control"] and "max-age=600" in shown.headers["Cache-Control"]
            assert "Cookie" in shown.headers["Vary"]
    assert [(one.by, one.sha256, one.page) for one in looks(park)] == [
        ("asha@example.org", JPEG_NAME, f"/stays/{stay}")
    ] * 2
    manager = sign_in("manager")
    with manager.get(f"/images/{JPEG_NAME}", headers={"Referer": "http://elsewhere.example/x"}):
        pass
    assert looks(park)[-1].page == ""
    assert "asha@example.org" in manager.get("/audit/pictures").text
    assert "asha@example.org" not in manager.get("/audit/pictures?by=manager@example.org").text
    assert "Who looked at its pictures" in manager.get(f"/stays/{stay}").text
    assert "Who looked at its pictures" not in visitor.get(f"/stays/{stay}").text


def test_a_picture_that_is_not_shown_is_not_noted(park, sign_in):
    assert sign_in().get(f"/images/{JPEG_NAME}").status_code == 404
    assert looks(park) == []


def test_a_manager_holds_a_plate_and_lifts_that_with_a_reason(park, sign_in):
    manager = sign_in("manager")
    refused = send(manager, "/retention/holds", "/retention", of="stay", subject="x", reason="police")
    assert refused.status_code == 422 and "no such stay" in refused.text
    placed = send(manager, "/retention/holds", "/retention", of="plate", subject="mh 12", reason="police")
    assert placed.status_code == 303
    page = manager.get("/retention").text
    assert "MH 12" in page and "manager@example.org" in page
    with park.db.read() as session:
        held = session.scalars(select(LegalHold)).one()
    token = {"csrf_token": token_on(page)}
    assert manager.post(f"/retention/holds/{held.id}/lift", data={**token, "reason": ""}).status_code == 422
    assert manager.post(f"/retention/holds/{held.id}/lift", data={**token, "reason": "over"}).status_code == 303
    with park.db.read() as session:
        assert session.scalars(holds.held_plates()).all() == []


def test_the_retention_page_names_every_class_with_its_days(sign_in):
    page = sign_in("manager").get("/retention").text
    for said in ("Pictures from gates", "30 days", "Plates of ended stays", "365 days", "The audit log", "CGST Act"):
        assert said in page


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_privacy_notice_tells_the_settings_times_and_whom_to_ask(web_settings, park, language):
    from central.web import create_app

    kept = web_settings.retention.model_copy(update={"pictures_days": 17})
    who = web_settings.privacy.model_copy(update={"email": "privacy@example.org"})
    app = create_app(web_settings.model_copy(update={"retention": kept, "privacy": who}))
    page = app.test_client().get(f"/privacy?lang={language}").text
    assert "17" in page and "privacy@example.org" in page and f'lang="{language}"' in page
    app.extensions["parkmeter"].database.close()


def test_every_page_of_a_driver_leads_to_the_privacy_notice(client, park, links):
    stay, _ticket = enter(park, text=PLATE)
    for path in ("/ticket", "/book", f"/p/{links.pay_token(stay)}", f"/t/{'0' * 26}", "/nowhere", "/privacy"):
        assert 'href="/privacy"' in client.get(path, follow_redirects=True).text, path
    assert client.get("/privacy?lang=xx").status_code == 200
