"""The list of stays: filters beside the plate's, and pages both ways."""

from __future__ import annotations

import re

import pytest

from central.store.reads import stays as reads
from tests.central.web.test_stays_pages import enter, plates


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("class=bike", ["MH 1"]),
        ("class=car", ["MH 2", "MH 0"]),
        ("site=delhi", ["MH 2", "MH 1", "MH 0"]),
        ("from=2026-11-25", ["MH 2", "MH 1"]),
        ("until=2026-11-25", ["MH 1", "MH 0"]),
        ("from=2026-11-25&until=2026-11-25", ["MH 1"]),
        ("from=2026-11-24&until=2026-12-24&class=car", ["MH 2", "MH 0"]),
        ("site=delhi&gate=delhi/entry-1&class=bike", ["MH 1"]),
    ],
)
def test_the_list_is_filtered_by_class_site_and_days(park, sign_in, query, wanted):
    for day, kind in enumerate(("car", "bike", "car")):
        enter(park, f"MH{day}", day * 24 * 60, vehicle_class=kind)
    assert plates(sign_in().get(f"/stays?{query}").text) == wanted


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("class=ship", "Class ship is not known"),
        ("site=nowhere", "There is no such site"),
        ("site=delhi&gate=mumbai/entry-1", "That gate is of another site"),
        ("from=2026-11-25&until=2026-11-24", "expected the later day last, and at most 31 days"),
        ("from=2026-01-01&until=2026-11-24", "at most 31 days"),
        ("from=then", "expected one such as"),
    ],
)
def test_a_bad_filter_says_what_was_expected(sign_in, query, said):
    answer = sign_in().get(f"/stays?{query}")
    assert answer.status_code == 422 and said in answer.text


def test_pages_lead_back_as_they_led_on(park, sign_in, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 2)
    for number in range(5):
        enter(park, f"MH{number}", number)
    visitor, there, back, path = sign_in(), [], [], "/stays?plate=MH&status=open"

    def step(way: str, page: str) -> str | None:
        found = re.search(rf'rel="{way}" href="([^"]+)"', page)
        return found.group(1).replace("&amp;", "&") if found else None

    while path:
        page = visitor.get(path).text
        there.append(plates(page))
        path = step("next", page)
    while path := step("prev", page):
        page = visitor.get(path).text
        back.insert(0, plates(page))
    assert there == [["MH 4", "MH 3"], ["MH 2", "MH 1"], ["MH 0"]]
    assert back == there[:-1]
