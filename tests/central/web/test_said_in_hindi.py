"""What is worked out, not written down, follows the language of the page: dates, lengths, the lines of a price."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale

from central.rules.lines import duration
from central.web import moments
from central.web.pages import plate_groups, vehicle
from central.web.price_lines import price_line

AT = datetime(2026, 11, 24, 8, 35, 9, tzinfo=UTC)
DELHI = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def in_hindi(app):
    with app.test_request_context(), force_locale("hi"):
        yield


@pytest.fixture
def in_english(app):
    with app.test_request_context(), force_locale("en"):
        yield


def test_a_date_has_its_month_in_hindi_and_its_digits_in_latin(in_hindi):
    assert moments.local(AT, DELHI) == "24 नव॰ 2026, 14:05"
    assert moments.exact(AT, DELHI) == "24 नव॰, 14:05:09"
    assert (moments.clock(AT, DELHI), moments.day(date(2026, 4, 1))) == ("14:05", "1 अप्रैल 2026")


def test_every_month_is_written_in_english_as_it_always_was(in_english):
    for month in range(1, 13):
        at = AT.replace(month=month)
        assert moments.local(at, DELHI) == at.astimezone(DELHI).strftime("%-d %b %Y, %H:%M")


@pytest.mark.parametrize(
    "minutes, said",
    [(0, "1 मिनट से कम"), (5, "5 मिनट"), (65, "1 घंटा 5 मिनट"), (1440 * 2 + 180, "2 दिन 3 घंटे")],
)
def test_a_length_is_said_in_hindi(in_hindi, minutes, said):
    assert moments.span(timedelta(minutes=minutes)) == said


def test_a_length_of_a_price_is_said_as_the_rules_say_it(in_english):
    for minutes in (0, 1, 59, 60, 125, 1440, 1501, 2880, 4500):
        assert moments.length(minutes) == duration(minutes)


@pytest.mark.parametrize(
    "line, said",
    [
        ("10 min parked: free", "10 मिनट पार्क: मुफ़्त"),
        ("2 days at the day's maximum of ₹1,00,000", "2 दिन, दिन की अधिकतम ₹1,00,000 पर"),
        ("Day rate: 3 × 1 h at ₹40", "Day rate: 3 × 1 घंटा, ₹40 की दर से"),
        ("Parking: 1 day 3 h 5 min", "Parking: 1 दिन 3 घंटे 5 मिनट"),
        ("GST 18 % of ₹100.50", "₹100.50 पर GST 18 %"),
        ("Coupon SHOP: 12.5 % off", "कूपन SHOP: 12.5 % छूट"),
        ("Penalty: stayed longer than allowed (2 h)", "जुर्माना: तय समय से ज़्यादा रुकी (2 घंटे)"),
        ("Night %(amount)s: special", "Night %(amount)s: special"),
    ],
)
def test_a_line_of_a_price_is_said_in_hindi_with_its_figures(in_hindi, line, said):
    assert price_line(line) == said


def test_a_line_of_a_price_is_as_it_was_made_in_english(in_english):
    assert price_line("Parking: 3 h 5 min") == "Parking: 3 h 5 min"


def test_a_vehicle_and_a_plate_that_was_not_read_are_called_by_hindi_words(in_hindi):
    assert (vehicle("car"), plate_groups(None), plate_groups("DL1CAB1234")) == ("कार", "नहीं पढ़ा", "DL 1 CAB 1234")


def test_a_page_that_is_not_there_says_so_in_hindi(client):
    assert "ऐसा कोई पेज नहीं है।" in client.get("/nowhere", headers={"Accept-Language": "hi"}).text
