"""What a price costs to work out: a month's stay under the airport tariff, and that old versions make it no dearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from central.actions.tariffs import read_tariff, tariff_at
from central.rules.pricing import price
from central.rules.quote import PercentCoupon, PricedStay
from central.rules.tariff_text import tariff_from_toml
from central.store import migrations
from central.store.database import Database
from central.store.schema import Site, TariffVersion
from edge.protocol.ids import uuid7

AIRPORT = Path(__file__).parents[2] / "config" / "tariffs" / "airport.toml"
ENTERED = datetime(2026, 9, 1, 4, 31, 7, tzinfo=UTC)
MONTH, HOUR = timedelta(days=30), timedelta(hours=1)
VERSIONS = 500
RUNS, CALLS = 9, 60
MOST_US, MOST_GROWTH = 200.0, 1.5

Work = Callable[[int], object]  # given the number of the call


def figures(folder: Path) -> list[dict[str, Any]]:
    """The figures, each {what, value, unit, baseline, ratio, bar, holds}. folder: for a database, emptied by others."""
    tariff = tariff_from_toml(AIRPORT.read_text(encoding="utf-8"))
    versions = [replace(tariff, version=number + 1) for number in range(VERSIONS)]
    car = PricedStay(ENTERED)
    coupon = replace(car, coupons=(PercentCoupon("HALF", 5_000),))

    def month(number: int) -> object:
        return price(tariff, car, ENTERED + MONTH + timedelta(minutes=number))

    made = [
        _figure("price() of a car, airport, 30 days", month, "the same car, one hour",
                lambda number: price(tariff, car, ENTERED + HOUR + timedelta(minutes=number)), most_us=MOST_US),
        _figure("price() of a bus, 30 days", lambda number: price(tariff, PricedStay(ENTERED, "bus"), ENTERED + MONTH),
                "a car, 30 days", month, most_us=MOST_US),
        _figure("price() of a car with a coupon, 30 days", lambda number: price(tariff, coupon, ENTERED + MONTH),
                "a car, 30 days", month, most_us=MOST_US),
        _figure(f"price() by {VERSIONS} versions in turn, 30 days",
                lambda number: price(versions[number * 7 % VERSIONS], car, ENTERED + MONTH),
                "by one version", month, most_growth=MOST_GROWTH),
    ]  # fmt: skip
    few, many = _Park(folder / "few.db", 1), _Park(folder / "many.db", VERSIONS)
    try:
        made.append(
            _figure(f"finding and pricing by the version in force of {VERSIONS}", many.work, "of 1", few.work,
                    most_growth=MOST_GROWTH)
        )  # fmt: skip
    finally:
        few.db.close()
        many.db.close()
    return made


class _Park:
    """A site with so many versions, each ended by the next, on a database of its own."""

    def __init__(self, path: Path, count: int) -> None:
        self.db = Database(f"sqlite:///{path}")
        migrations.upgrade(self.db.engine)
        text = AIRPORT.read_text(encoding="utf-8")
        with self.db.begin() as session:
            session.add(Site(id="airport", name="Airport", invoice_prefix="A", created_at=ENTERED))
            session.flush()
            for number in range(1, count + 1):
                begin = ENTERED - timedelta(days=count - number + 1)
                end = None if number == count else begin + timedelta(days=1)
                session.add(
                    TariffVersion(
                        id=uuid7(), site_id="airport", version=number, valid_from=begin, valid_to=end, toml=text,
                        loaded_at=begin,
                    )
                )  # fmt: skip

    def work(self, number: int) -> object:
        now = ENTERED + MONTH + timedelta(minutes=number)
        with self.db.read() as session:
            return price(read_tariff(tariff_at(session, "airport", ENTERED)), PricedStay(ENTERED), now)


def _figure(
    what: str, work: Work, baseline: str, beside: Work, *, most_us: float = 0.0, most_growth: float = 0.0
) -> dict[str, Any]:
    """Both run by turns; the figure is the median run's time for one call."""
    spent: dict[Work, list[float]] = {work: [], beside: []}
    for one in (work, beside):
        _run(one)  # what is made once is made now
    for _turn in range(RUNS):
        for one, times in spent.items():
            times.append(_run(one))
    value, base = median(spent[work]), median(spent[beside])
    ratio = value / base
    bar = f"<= {most_us:g}" if most_us else f"ratio <= {most_growth:g}"
    holds = value <= most_us if most_us else ratio <= most_growth
    return {
        "what": what,
        "value": round(value, 1),
        "unit": "us",
        "baseline": f"{baseline}: {base:.1f} us",
        "ratio": round(ratio, 2),
        "bar": bar,
        "holds": holds,
    }


def _run(work: Work) -> float:
    """The median time of one call of a run, microseconds."""
    times = []
    for number in range(CALLS):
        began = perf_counter()
        work(number)
        times.append((perf_counter() - began) * 1e6)
    return median(times)
