"""What Indian airports, stations, streets, malls and hospitals charge, to the paisa."""

from __future__ import annotations

import pytest

from central.rules.pricing import price
from central.rules.quote import PricedStay
from tests.central.rules.published_tariffs import Case
from tests.central.rules.published_tariffs_airports import AIRPORTS, DELHI_MLCP
from tests.central.rules.published_tariffs_city import CITY

CASES = [*AIRPORTS, *CITY]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_stay_costs_what_was_published(case: Case):
    stay = PricedStay(case.entered_at, case.vehicle_class, **case.facts)
    quote = price(case.board.tariff, stay, case.left_at)
    assert quote.total_paise == case.rupees * 100
    assert sum(line.amount_paise for line in quote.lines) == quote.total_paise


def test_the_delhi_receipt_is_split_as_it_was_printed():
    case = next(case for case in AIRPORTS if case.board is DELHI_MLCP and case.rupees == 5770)
    quote = price(case.board.tariff, PricedStay(case.entered_at), case.left_at)
    assert (quote.subtotal_paise // 100, quote.tax_paise // 100) == (4889, 880)


def test_at_least_forty_stays_of_twenty_places_each_with_its_source():
    stated = [case for case in CASES if case.stated]
    assert len(stated) >= 40 and len({case.board.place for case in stated}) >= 20
    assert all(len(case.board.source) > 10 for case in CASES)
    assert len({str(case) + case.entered for case in CASES}) == len(CASES)
