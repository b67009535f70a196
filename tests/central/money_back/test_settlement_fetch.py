"""The provider's settlement file is fetched each morning until it is there, and once it is, never counted twice."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from cheroot.wsgi import Server
from sqlalchemy import select

from central import jobs
from central.actions import queue
from central.payments import settlement, settlement_fetch
from central.payments.mock_psp import behaviour
from central.payments.mock_psp.app import PspConfig, create_app
from central.payments.mock_psp.orders import Books
from central.payments.mock_psp.settlement import INDIA
from central.payments.mock_upi import MockUpi
from central.payments.provider import NotThereYet, ProviderUnavailable
from central.store.schema import Job, SettlementDay, SettlementFile
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances, settlement_csv
from tests.central.money_back.till import DAY, NEXT_DAY, ROOPA, waiting, waits

A_DAY = 24 * 60
EMPTY = settlement_csv(DAY, [])


@dataclass
class Files(Psp):
    """A provider that has some days' files. down: it answers nothing; asked: every day it was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def settlement(self, day: date) -> bytes:
        self.asked.append(day.isoformat())
        if self.down:
            raise ProviderUnavailable("the provider is down")
        if day.isoformat() not in self.files:
            raise NotThereYet("no such file")
        return self.files[day.isoformat()]


@pytest.fixture
def psp() -> Files:
    return Files()


def fetch(park: CarPark, psp: Files, at: float) -> list[str]:
    """The job runs then; what it asked for."""
    psp.asked.clear()
    settlement_fetch.fetch(park.db, psp, minutes(at))
    return list(psp.asked)


def days(park: CarPark) -> dict[str, str]:
    with park.db.read() as session:
        return {row.day: row.state for row in session.scalars(select(SettlementDay))}


def paid(park: CarPark, psp: Files) -> tuple:
    """The line of a payment of Rs 170 of the first day."""
    reference = psp.begin(park.db, waits(park)[1], minutes(45))
    psp.hear(park.db, psp.event(reference, "captured", minutes(46), payment="pay_1"), minutes(46))
    return ("payment", reference, "pay_1", "", 17_000, 50)


def test_each_morning_the_file_of_the_day_before_is_fetched_and_booked_once(park, psp):
    psp.files[DAY] = settlement_csv(DAY, [paid(park, psp)])
    # 06:00 in Delhi is 00:30 UTC, twenty hours after the start
    assert fetch(park, psp, 1_199) == ["2026-11-23"]
    assert fetch(park, psp, 1_200) == ["2026-11-23", DAY]
    assert days(park) == {"2026-11-23": "waiting", DAY: "taken"}
    after = balances(park.db)
    assert (after["bank"], after["psp_fees"]) == (169.4, 0.5) and waiting(park) == []
    assert fetch(park, psp, 1_230) == ["2026-11-23"], "what is there is not asked for again"
    with park.db.read() as session:
        assert session.scalars(select(SettlementFile.by)).all() == ["central"]


def test_the_same_file_uploaded_by_hand_before_or_after_changes_nothing(park, psp):
    psp.files[DAY] = settlement_csv(DAY, [paid(park, psp)])
    assert not settlement.take_in(park.db, psp.name, psp.files[DAY], SITE, minutes(1_100), by=ROOPA).known
    before = balances(park.db)
    fetch(park, psp, 1_200)
    assert days(park)[DAY] == "taken" and balances(park.db) == before
    assert settlement.take_in(park.db, psp.name, psp.files[DAY], SITE, minutes(1_300), by=ROOPA).known
    assert balances(park.db) == before


def test_a_file_of_columns_alone_is_there_and_what_it_lacks_is_queued(park, psp):
    paid(park, psp)
    psp.files[DAY] = EMPTY
    fetch(park, psp, 1_200)
    assert days(park)[DAY] == "empty"
    [item] = waiting(park)
    assert (item.kind, item.payment_ref) == ("missing_with_them", "pay_1")


def test_an_outage_is_waited_out_without_asking_for_every_day(park, psp):
    for day in range(1, 4):
        fetch(park, psp, 1_200 + day * A_DAY)
    psp.down = True
    assert len(fetch(park, psp, 1_230 + 3 * A_DAY)) == 1
    with park.db.read() as session:
        problems = {row.day: row.problem for row in session.scalars(select(SettlementDay))}
    assert "the provider is down" in problems[min(problems)]
    psp.down, psp.files = False, dict.fromkeys(problems, EMPTY)
    fetch(park, psp, 1_260 + 3 * A_DAY)
    assert set(days(park).values()) == {"empty"}


def test_after_ten_mornings_it_is_a_note_for_staff_until_somebody_brings_the_file(park, psp):
    row = paid(park, psp)
    for day in range(10):
        assert DAY in fetch(park, psp, 1_200 + day * A_DAY) and waiting(park) == []
    assert DAY not in fetch(park, psp, 1_200 + 10 * A_DAY)
    [item] = [item for item in waiting(park) if item.kind == "file_missing"]
    assert (item.payment_ref, item.site_id) == (DAY, SITE)
    assert fetch(park, psp, 1_230 + 10 * A_DAY) and len(waiting(park)) == 1, "said once"
    settlement.take_in(park.db, psp.name, settlement_csv(DAY, [row]), SITE, minutes(12 * A_DAY), by=ROOPA)
    assert waiting(park) == []


def test_days_of_a_long_silence_of_our_own_are_made_up_for_ten_at_most(park, psp):
    fetch(park, psp, 1_200)
    assert fetch(park, psp, 1_200 + 3 * A_DAY) == [DAY, NEXT_DAY, "2026-11-26", "2026-11-27"]
    late = fetch(park, psp, 1_200 + 40 * A_DAY)
    assert len(late) == 10 and late[-1] == "2027-01-03"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"<html>maintenance", "expected the columns"),
        (b"\xff\xfe", "expected CSV in UTF-8"),
        (settlement_csv(NEXT_DAY, [("payment", "a", "p", "", 100, 0)]), "expected that of 2026-11-24"),
    ],
)
def test_what_is_no_file_of_that_day_is_said_and_asked_for_again(park, psp, raw, says):
    psp.files[DAY] = raw
    for at in (1_200, 1_230):
        fetch(park, psp, at)
    with park.db.read() as session:
        row = session.get_one(SettlementDay, (psp.name, DAY))
    assert (row.state, row.tries) == ("waiting", 2) and says in row.problem
    assert balances(park.db) == {}


def test_without_a_site_nothing_is_asked(sqlite, psp):
    settlement_fetch.fetch(sqlite, psp, minutes(1_200))
    assert psp.asked == []


def test_it_is_a_standing_job_of_the_provider(park, psp):
    jobs.queue_standing(park.db, minutes(1_200))
    with park.db.begin() as session:
        for job in session.scalars(select(Job).where(Job.kind != settlement_fetch.FETCH)):
            session.delete(job)
    desk = jobs.Desk(park.db, park.settings, psp)
    assert jobs.run_one(desk, minutes(1_200), only=jobs.OF_THE_PROVIDER) and psp.asked == [DAY]
    with park.db.read() as session:
        assert session.scalars(select(Job.run_at)).one() == minutes(1_230)
    assert settlement_fetch.FETCH in jobs.STANDING and timedelta(seconds=50) < queue.CLAIM_LASTS


KEY = {"Authorization": "Basic " + base64.b64encode(b"merchant:made for this test").decode()}


@pytest.fixture
def mock(tmp_path):
    """The mock provider's own service over HTTP, with one payment of yesterday: its client, and its books."""
    books = Books(tmp_path / "psp.db")
    config = PspConfig(
        tmp_path / "psp.db", "merchant", "made for this test", "http://127.0.0.1:9/hook", "x", "shop@mock", "Shop",
        "http://127.0.0.1",
    )  # fmt: skip
    server = Server(("127.0.0.1", 0), create_app(config, books), numthreads=2)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    url = f"http://127.0.0.1:{server.bind_addr[1]}"
    yield MockUpi(url, "merchant", "made for this test", "x", timeout_s=0.5), books
    server.stop()
    thread.join()
    books.close()


def test_the_mock_provider_has_the_file_says_when_it_has_not_and_can_be_out_of_order_or_slow(mock):
    client, books = mock
    yesterday = datetime.now(INDIA) - timedelta(days=1)
    order, _ = books.place("a" * 32, 17_000, "parking", "http://r", time.time() + 600, yesterday.timestamp())
    books.pay(order["id"], "success@mock", behaviour.answer("success@mock", True), yesterday.timestamp())
    statement = settlement.read(client.settlement(yesterday.date()))
    assert [line.amount_paise for line in statement.lines] == [17_000]
    with pytest.raises(NotThereYet, match="not made yet"):
        client.settlement(datetime.now(INDIA).date() + timedelta(days=1))
    for kind, says in (("down", "out of order"), ("slow", "ReadTimeout")):
        client._ask("POST", "/v1/trouble", {"kind": kind, "for_s": 60, "delay_s": 1})
        with pytest.raises(ProviderUnavailable, match=says):
            client.settlement(yesterday.date())
