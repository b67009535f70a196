"""Reports: their sums are those of the books, and their files are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from central.rules.periods import Period, Span
from central.store.schema import LedgerDaySum
from central.web.csv_answer import BOM, amount, csv_answer
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, START, minutes
from tests.central.visits import enter, leave, request

DAY = "2026-11-24"


@pytest.fixture
def busy(park):
    """A vehicle that paid, and one that left without."""
    stay_id, _ = enter(park, 0)
    request(park, 100)
    [due] = park.dues(stay_id)
    park.pay(due.id, minutes(101))
    leave(park, 102)
    enter(park, 110, "MH12DE5678")
    request(park, 150, "MH12DE5678")
    leave(park, 151, "MH12DE5678", how=ExitHow.OPEN_AND_BILL)
    return park


def rows_of(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    text = answer.get_data().decode()
    assert text.startswith(BOM) and answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(text.removeprefix(BOM))))


def test_gst_of_a_report_is_that_of_the_books(busy, sign_in):
    answer = sign_in("supervisor").get(f"/reports/gst.csv?period=month&day={DAY}")
    [_, supplies] = rows_of(answer)
    assert supplies[0] == "Parking, SAC 996743"
    with busy.db.read() as session:
        sums = {row.account: row.credit_paise - row.debit_paise for row in session.scalars(select(LedgerDaySum))}
    accounts = ("revenue", "cgst", "sgst", "igst", "rounding")
    assert supplies[1:-1] == [str(amount(sums.get(account, 0))) for account in accounts]
    assert supplies[-1] == str(amount(sum(sums.get(account, 0) for account in accounts)))


@pytest.mark.parametrize("period", ["day", "week", "month"])
@pytest.mark.parametrize("table", ["class", "gate", "tariff", "charge"])
def test_every_table_of_what_was_charged_has_the_same_sum(busy, sign_in, period, table):
    visitor = sign_in("supervisor")
    days = rows_of(visitor.get(f"/reports/days.csv?period={period}&day={DAY}"))
    rows = rows_of(visitor.get(f"/reports/{table}.csv?period={period}&day={DAY}"))

    def charged(of):
        column = of[0].index("Charged")
        return sum(round(float(row[column]) * 100) for row in of[1:])

    assert charged(rows) == charged(days) > 0


def test_the_page_shows_pictures_with_their_tables(busy, sign_in):
    page = sign_in("supervisor").get(f"/reports?period=day&day={DAY}").text
    assert page.count('role="img"') == 4
    assert "Arrivals: 2, Exits: 2" in page and "Busiest: Tue from 10:00 (1)." in page
    assert "UPI" in page and "1 h 11 min" in page  # mean of 102 and 41 minutes


def test_a_day_without_anything_has_a_page_too(park, sign_in):
    page = sign_in("supervisor").get(f"/reports?period=week&day={DAY}")
    assert page.status_code == 200 and "Nothing yet." in page.text


@pytest.mark.parametrize(
    "query, words",
    [
        ("day=24.11.2026", "expected one such as 2026-11-24"),
        ("period=year", "expected day, week or month"),
    ],
)
def test_what_is_no_day_or_period_is_refused_in_words(park, sign_in, query, words):
    answer = sign_in("supervisor").get(f"/reports?{query}")
    assert answer.status_code == 400 and words in answer.text


def test_a_table_that_is_not_there_is_named_with_those_that_are(park, sign_in):
    answer = sign_in("supervisor").get("/reports/secrets.csv")
    assert answer.status_code == 404 and "expected one of days, class" in answer.text


def test_no_cell_of_a_file_is_taken_for_a_formula(app):
    with app.app_context():
        text = csv_answer("x.csv", ["=1+1"], [["@SUM(A1)", amount(-12_345)], ["-2", "plain"]]).get_data().decode()
    assert text == BOM + "'=1+1\r\n'@SUM(A1),-123.45\r\n'-2,plain\r\n"


def test_a_week_begins_on_monday_and_a_month_ends_on_its_last_day():
    week, month = Period.around(Span.WEEK, START.date()), Period.around(Span.MONTH, START.date().replace(month=2))
    assert week.days[0] == "2026-11-23" and len(week.days) == 7
    assert (
        month.days[-1] == "2026-02-28" and month.after.days[0] == "2026-03-01" and month.before.days[0] == "2026-01-01"
    )


def test_a_strange_site_has_no_report(park, sign_in):
    assert sign_in("supervisor").get("/reports?site=nowhere").status_code == 404
    assert SITE in sign_in("manager").get("/reports").text
