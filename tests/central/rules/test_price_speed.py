"""Prices are worked out by the day, not by the minute."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.rules.pricing import price
from central.rules.quote import PricedStay
from central.rules.tariff_text import tariff_from_toml

TARIFFS = sorted((Path(__file__).parents[3] / "config" / "tariffs").glob("*.toml"))


@pytest.mark.parametrize("path", TARIFFS, ids=lambda path: path.stem)
def test_thirty_days_are_priced_in_a_few_milliseconds_at_most(path):
    tariff = tariff_from_toml(path.read_text())
    entered = datetime(2026, 9, 1, 4, 31, 7, tzinfo=UTC)
    stay, spent = PricedStay(entered), []
    for number in range(40):
        now = entered + timedelta(days=30, minutes=number)
        began = time.perf_counter()
        price(tariff, stay, now)
        spent.append(time.perf_counter() - began)
    assert statistics.median(spent) < 0.003  # about 0.2 ms on an idle machine; minute by minute would be over 20 ms
