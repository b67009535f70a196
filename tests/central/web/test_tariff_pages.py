"""Tariffs for staff: versions and drafts, scheduling, the simulator and its chart."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from central.store.schema import Audit, TariffDraft, TariffVersion
from tests.central.car_park import SITE, TARIFF
from tests.central.web.people import send, token_on
from tests.central.web.town import now

DEARER = TARIFF.replace("120_00", "150_00")


def versions(park) -> list[TariffVersion]:
    with park.db.read() as session:
        return list(session.scalars(select(TariffVersion).order_by(TariffVersion.version)))


def draft(visitor, source: str = "version:1") -> str:
    """A new draft's page."""
    answer = send(visitor, f"/tariffs/sites/{SITE}/drafts", page="/tariffs", source=source)
    assert answer.status_code == 303, answer.text
    return answer.location


def day(days: int) -> str:
    """The site's date so many days from now."""
    return (now().astimezone(ZoneInfo("Asia/Kolkata")) + timedelta(days=days)).date().isoformat()


def try_(visitor, **fields: str):
    typed = {"entered": "2026-11-24T10:00", "left": "2026-11-24T12:30", "class": "car", **fields}
    return send(visitor, "/tariffs/try", **typed)


def test_each_sites_versions_are_listed_with_when_they_hold(sign_in):
    page = sign_in().get("/tariffs").text
    assert "Version 1" in page and "In force" in page and "until the next one" in page
    assert "Make a draft" not in page, "an attendant may look"


def test_a_draft_is_written_scheduled_and_ends_the_version_before(park, sign_in):
    visitor = sign_in("manager")
    path = draft(visitor)
    page = visitor.get(path).text
    assert "This tariff is sound" in page and "120_00" in page
    assert send(visitor, path, toml=DEARER, do="save").status_code == 303
    answer = send(visitor, path, toml=DEARER, do="schedule", valid_from=day(7))
    assert answer.status_code == 303, answer.text
    first, second = versions(park)
    assert second.version == 2 and first.valid_to == second.valid_from > now()
    assert "version = 2\n" in second.toml and f"valid_from = {day(7)}\n" in second.toml
    assert "# the step table begins again every 24 hours" in second.toml
    listed = visitor.get("/tariffs").text
    assert "Scheduled" in listed and "Withdraw" in listed
    assert visitor.get(path).status_code == 404
    with park.db.read() as session:
        told = session.scalars(select(Audit).where(Audit.subject == SITE).order_by(Audit.id)).all()
        assert not session.scalar(select(TariffDraft.id))
    assert {("tariff ended", 1), ("tariff loaded", 2)} <= {(line.what, line.detail.get("version")) for line in told}
    assert told[-1].by == "manager@example.org"


def test_a_draft_scheduled_for_today_holds_from_now(park, sign_in):
    visitor = sign_in("manager")
    path = draft(visitor)
    before = now()
    assert send(visitor, path, toml=DEARER, do="schedule", valid_from=day(0)).status_code == 303
    first, second = versions(park)
    assert before <= second.valid_from == first.valid_to <= now()


@pytest.mark.parametrize(
    ("change", "dates", "said"),
    [
        ({}, {"valid_from": ""}, "valid_from: &#39;&#39;: expected a date"),
        ({}, {"valid_from": "soon"}, "expected a date"),
        ({}, {"valid_from": "2020-01-01"}, "valid_from 2020-01-01 is past"),
        ({}, {"valid_from": day(9), "valid_to": day(8)}, "is before valid_from"),
        (
            {"120_00": "-5"},
            {"valid_from": day(9)},
            "element &#39;Parking&#39;: components[1]: steps[1]: price_paise: -5",
        ),
        ({"Asia/Kolkata": "Asia/Dubai"}, {"valid_from": day(9)}, "is in &#39;Asia/Kolkata&#39;"),
        ({"Asia/Kolkata": "Mars/Base"}, {"valid_from": day(9)}, "unknown zone &#39;Mars/Base&#39;"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_and_what_was_typed_is_kept(park, sign_in, change, dates, said):
    visitor = sign_in("manager")
    path, text = draft(visitor), DEARER + "# mine\n"
    for old, new in change.items():
        text = text.replace(old, new).replace("150_00", new if old == "120_00" else "150_00")
    answer = send(visitor, path, toml=text, do="schedule", **dates)
    assert answer.status_code == 422 and said in answer.text, answer.text[-6000:]
    assert "# mine" in visitor.get(path).text and len(versions(park)) == 1


def test_two_versions_may_not_be_scheduled_over_one_another(park, sign_in):
    visitor = sign_in("manager")
    for days, expected in ((20, 303), (10, 422)):
        path = draft(visitor)
        answer = send(visitor, path, toml=DEARER, do="schedule", valid_from=day(days))
        assert answer.status_code == expected
    assert "overlap: version 2 is scheduled from" in answer.text
    fits = send(visitor, path, toml=DEARER, do="schedule", valid_from=day(10), valid_to=day(15))
    assert fits.status_code == 303
    assert "Nothing has a price from" in visitor.get("/tariffs").text, "the days between are pointed out"


def test_a_scheduled_version_can_be_withdrawn_and_the_one_before_goes_on(park, sign_in):
    visitor = sign_in("manager")
    send(visitor, draft(visitor), toml=DEARER, do="schedule", valid_from=day(20))
    answer = send(visitor, f"/tariffs/sites/{SITE}/2/withdraw", page="/tariffs")
    assert answer.status_code == 303 and "150_00" in visitor.get(answer.location).text
    [left] = versions(park)
    assert left.valid_to is None
    send(visitor, f"/tariffs/sites/{SITE}/1/withdraw", page="/tariffs")
    assert "version 1 has begun" in visitor.get("/tariffs").text and len(versions(park)) == 1


def test_a_draft_that_is_wrong_is_kept_and_told_so(sign_in):
    visitor = sign_in("manager")
    path = draft(visitor)
    assert send(visitor, path, toml="id = ", do="save").status_code == 303
    page = visitor.get(path).text
    assert "can&#39;t be used yet" in page and "tariff is not TOML" in page
    assert send(visitor, path, toml="", do="drop").location == "/tariffs"


def test_two_who_write_at_one_draft_do_not_overwrite_each_other_unawares(sign_in):
    visitor = sign_in("manager")
    path = draft(visitor)
    old = re.search(r'name="seen" value="([^"]+)"', visitor.get(path).text).group(1)
    assert send(visitor, path, toml=DEARER, do="save", seen=old).status_code == 303
    late = send(visitor, path, toml=TARIFF + "# late", do="save", seen=old)
    assert late.status_code == 422 and "has changed this draft meanwhile" in late.text and "# late" in late.text
    assert "# late" not in visitor.get(path).text


def test_a_file_comes_in_and_goes_out_byte_for_byte(sign_in):
    visitor = sign_in("manager")
    text = TARIFF.replace("# the step", "# चरण: the step").replace("\n", "\r\n")
    data = {
        "csrf_token": token_on(visitor.get("/tariffs").text),
        "source": "file:",
        "file": (io.BytesIO(text.encode()), "prices.toml"),
    }
    path = visitor.post(f"/tariffs/sites/{SITE}/drafts", data=data, content_type="multipart/form-data").location
    out = visitor.get(f"{path}.toml")
    assert out.data == text.encode() and "attachment" in out.headers["Content-Disposition"]
    assert visitor.get(f"/tariffs/sites/{SITE}/1.toml").data == TARIFF.encode()
    assert visitor.get(f"/tariffs/sites/{SITE}/9.toml").status_code == 404


@pytest.mark.parametrize("source", ["", "file:", "version:99", "example:../../secret", "example:none"])
def test_a_draft_of_nothing_is_refused(sign_in, source):
    visitor = sign_in("manager")
    assert send(visitor, f"/tariffs/sites/{SITE}/drafts", page="/tariffs", source=source).location == "/tariffs"
    assert "expected a" in visitor.get("/tariffs").text


def test_an_example_becomes_the_sites_own(sign_in):
    visitor = sign_in("manager")
    page = visitor.get(draft(visitor, "example:airport")).text
    assert "site = &#34;delhi&#34;" in page and "This tariff is sound" in page


@pytest.mark.parametrize("role", ["attendant", "supervisor"])
def test_only_managers_change_prices(park, sign_in, role):
    manager = sign_in("manager")
    path = draft(manager)
    visitor = sign_in(role)
    assert "Save and schedule" not in visitor.get(path).text
    assert send(visitor, path, page="/tariffs/try", toml=DEARER, do="save").status_code == 403
    assert send(visitor, f"/tariffs/sites/{SITE}/drafts", page="/tariffs/try").status_code == 403
    assert send(visitor, f"/tariffs/sites/{SITE}/1/withdraw", page="/tariffs/try").status_code == 403


def test_guests_are_sent_to_log_in(client):
    assert client.get("/tariffs").status_code == client.get("/tariffs/try").status_code == 303


def test_the_simulator_opens_with_a_stay_under_what_is_in_force(sign_in):
    page = sign_in().get("/tariffs/try").text
    assert "Parking: 3 h" in page and page.count('<svg class="price-chart"') == 2
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', page.split("</head>")[1])
    assert [Path(src).name for src in scripts] == ["menus.js"], "nothing on it but the menu of all pages has a script"


def test_every_line_of_the_quote_is_shown(sign_in):
    fields = {"coupon": "amount", "worth": "20", "paid": "50", "lost": "1"}
    page = try_(sign_in(), **fields).text
    for line in ("Parking: 2 h 30 min", "Lost ticket: at least ₹600", "Coupon TRIAL: ₹20 off", "Paid before: ₹50"):
        assert line in page
    assert '<span class="amount">₹530</span>' in page and "₹80.84" in page


@pytest.mark.parametrize(
    ("fields", "total"),
    [
        ({"coupon": "minutes", "worth": "90"}, "₹170"),
        ({"coupon": "percent", "worth": "50"}, "₹185"),
        ({"coupon": "free_until", "worth": "2026-11-24T12:00"}, "₹120"),
        ({"pass": "monthly", "pass_percent": "25"}, "₹278"),
        ({"left": "2026-12-03T13:00"}, "₹5,770"),
    ],
)
def test_coupons_and_passes_are_tried(sign_in, fields, total):
    assert f'<span class="amount">{total}</span>' in try_(sign_in(), **fields).text


def test_a_text_that_nobody_saved_is_tried(park, sign_in):
    page = try_(sign_in(), tariff="text", toml=DEARER, left="2026-11-24T10:20")
    assert '<span class="amount">₹150</span>' in page.text and len(versions(park)) == 1


def test_the_chart_has_its_numbers_in_a_table_for_each_group_of_classes(sign_in):
    text = TARIFF.replace(
        '[[elements]]\nname = "Parking"',
        '[[elements]]\nname = "Two"\nwhen = { vehicle_classes = ["bike", "scooty"] }\n'
        'components = [{ kind = "flat", price_paise = 10_00 }]\n[[elements]]\nname = "Parking"',
        1,
    )
    page = try_(sign_in(), tariff="text", toml=text).text
    heads = re.findall(r'<th scope="col" class="text-end">([^<]+)', page)
    assert heads[1] == "Motorcycle, Scooter" and heads[0].startswith("Car, Auto-rickshaw")
    row = re.search(r'<th scope="row"[^>]*>7 days</th>(.*?)</tr>', page).group(1)
    assert re.findall("₹[0-9,]+", row) == ["₹4,200", "₹70"]
    assert page.count('class="price price-2"') == 3, "in both drawings and in the legend"


def test_a_plates_earlier_stay_is_looked_up(park, sign_in):
    text = TARIFF.replace("[rounding]", '[re_entry]\nminutes = 60\nmode = "continue"\n[rounding]')
    page = try_(sign_in(), tariff="text", toml=text, plate="dl 1c ab 1234").text
    assert "none within the time for coming back" in page
    fields = {"earlier_left": "2026-11-24T09:50", "earlier_minutes": "120", "earlier_paid": "270"}
    page = try_(sign_in("manager"), tariff="text", toml=text, **fields).text
    assert "Paid before: ₹270" in page and '<span class="amount">₹300</span>' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"entered": "now"}, "Comes in: now: expected a time"),
        ({"left": ""}, "Leaves: : expected a time"),
        ({"left": "2026-11-24T09:59"}, "before it comes in"),
        ({"left": "2028-11-24T09:59"}, "at most 366 days"),
        ({"class": "tank"}, "Vehicle: expected one this tariff prices"),
        ({"coupon": "amount", "worth": "-5"}, "Coupon: -5: expected rupees"),
        ({"coupon": "amount"}, "its worth is missing"),
        ({"coupon": "gift", "worth": "5"}, "gift is not a kind"),
        ({"coupon": "percent", "worth": "101"}, "expected per cent from 0 to 100"),
        ({"coupon": "minutes", "worth": "1.5"}, "expected whole minutes"),
        ({"coupon": "free_until", "worth": "noon"}, "Coupon: noon: expected a time"),
        ({"plate": "<b>"}, "expected 1 to 16 letters"),
        ({"earlier_left": "2026-11-24T11:00", "earlier_minutes": "5"}, "after this stay comes in"),
        ({"paid": "1e3"}, "Paid before: 1e3: expected rupees"),
        (
            {"tariff": "text", "toml": TARIFF.replace("170_00", "1")},
            "element &#39;Parking&#39;: step_table: step up to 60",
        ),
        ({"tariff": "text", "toml": "x = ["}, "tariff is not TOML"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(sign_in, fields, said):
    answer = try_(sign_in(), **fields)
    assert answer.status_code == 422 and said in answer.text and "<b>" not in answer.text
    assert 'value="2026-11-24T12:30"' in answer.text or "left" in fields
