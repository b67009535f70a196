"""Complaints about figures: a receipt that does not add up, a fee by a wrong clock or another zone's time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from central.actions import access
from edge.protocol.ids import uuid7
from edge.protocol.messages import Clock, Entered, ExitRequested
from edge.rules.access import Open
from tests.central.car_park import SITE, Message, plate
from tests.central.web.town import PLATE, Town, now
from tests.complaints.people import Driver

IST = timezone(timedelta(hours=5, minutes=30))
ZONES = [UTC, IST, timezone(timedelta(hours=-8)), timezone(timedelta(hours=14))]


def in_paise(text: str) -> int:
    whole, _, part = text.replace(",", "").replace("₹", "").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 100 + int(part.ljust(2, "0") or 0))


def figures(receipt: str) -> tuple[list[int], dict[str, int]]:
    """The priced lines of a printed receipt, and its sums by name, in paise."""
    lines, sums = re.findall(r"<table.*?</table>", receipt, re.S)
    row = re.compile(r"<td>(.*?)</td><td[^>]*>(-?₹[0-9,.]+)</td>")
    return [in_paise(amount) for _, amount in row.findall(lines)], {
        name: in_paise(amount) for name, amount in row.findall(sums)
    }


def entry(town: Town, at: datetime, **envelope: object) -> tuple[str, Message]:
    stay_id = uuid7()
    facts = Entered(plate=plate(PLATE), ticket=town.park.entry.new_ticket())
    return stay_id, town.park.entry.report(facts, at, stay_id, **envelope)


def leaving(town: Town, at: datetime, stay_id: str, **envelope: object) -> Message:
    return town.park.exit.report(ExitRequested(request=uuid7(), plate=plate(PLATE)), at, stay_id, **envelope)


@pytest.mark.parametrize("minutes", [1, 31, 61, 45 * 60, 9 * 24 * 60 + 180])
def test_every_receipt_recomputes_to_the_paisa_from_what_is_printed_on_it(town, minutes):
    stay_id, came = entry(town, now() - timedelta(minutes=minutes))
    town.park.hear(came, leaving(town, now(), stay_id), now=now())
    with Driver(town, stay_id) as driver:
        asked = in_paise(re.search(r'class="amount[^>]*>(₹[0-9,.]+)<', driver.page()).group(1))
        driver.pay()
        driver.sees("Paid. Thank you.")
        [receipt] = driver.receipts()
    lines, sums = figures(receipt)
    total = sums["Total paid"]
    tax = sums["CGST 9 %"] + sums["SGST 9 %"]
    assert sum(lines) == total == asked
    assert sums["Taxable value"] + tax + sums.get("Rounding", 0) == total
    assert sums["CGST 9 %"] == sums["SGST 9 %"] == (2 * total * 900 + 11_800) // (2 * 11_800), "9 of 118 parts, half up"


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_a_gate_that_writes_another_zones_time_changes_no_fee(town, zone):
    entered_at = (now() - timedelta(minutes=50)).astimezone(zone)
    stay_id, came = entry(town, entered_at)
    town.park.hear(came, leaving(town, now().astimezone(zone), stay_id), now=now())
    with Driver(town, stay_id) as driver:
        page = driver.page()
    shown = entered_at.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%-d %b %Y, %H:%M")
    assert "₹170" in page and shown in page and "50 min" in page


def test_a_gate_whose_clock_is_ahead_sells_no_time_that_has_not_come(town):
    stay_id, came = entry(town, now() - timedelta(minutes=50))
    ahead = leaving(town, now() + timedelta(days=3), stay_id)
    town.park.hear(came, ahead, now=now())
    with Driver(town, stay_id) as driver:
        assert "₹170" in driver.page()


def test_an_entry_gate_that_starts_in_1970_charges_nobody_for_half_a_century(town):
    stay_id, came = entry(town, datetime(1970, 1, 1, 0, 5, tzinfo=UTC), clock=Clock.UNTRUSTED)
    heard = now() - timedelta(minutes=50)
    town.park.hear(came, now=heard)
    town.park.hear(leaving(town, now(), stay_id), now=now())
    with Driver(town, stay_id) as driver:
        assert "₹170" in driver.page()


def test_an_exit_gate_that_starts_in_1970_charges_no_more_than_there_was(town):
    stay_id, came = entry(town, now() - timedelta(minutes=50))
    out = leaving(town, datetime(1970, 1, 1, 0, 5, tzinfo=UTC), stay_id, clock=Clock.UNTRUSTED)
    town.park.hear(came, out, now=now())
    with Driver(town, stay_id) as driver:
        price = re.search(r'class="amount[^>]*>(₹[0-9,.]+)<', driver.page())
    assert price is None or in_paise(price.group(1)) <= 17_000


def test_a_pass_ends_at_the_sites_midnight_and_not_at_another_zones(town, gate):
    ends = datetime.combine(now().astimezone(IST).date() + timedelta(days=1), datetime.min.time(), IST)
    with town.park.db.begin() as session:
        access.set_rule(session, SITE, PLATE, "pass", now(), "tests", valid_until=ends)
    stay_id, came = entry(town, now() - timedelta(minutes=50))
    town.park.hear(came, now=now())
    assert gate.decides(PLATE, ends - timedelta(seconds=1)) == Open(stay_id, "permit")
    assert not isinstance(gate.decides(PLATE, ends + timedelta(seconds=1)), Open)
