"""A tariff goes out as text and comes back the same; bad texts are refused in one line, whatever is wrong with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.rules.pricing import price
from central.rules.quote import PricedStay
from central.rules.tariff import Tariff, TariffError
from central.rules.tariff_check import MOST_ELEMENTS, check
from central.rules.tariff_curve import alike, curves
from central.rules.tariff_text import tariff_from_dict, tariff_from_toml
from central.rules.tariff_toml import tariff_to_toml, with_keys
from tests.central.rules.test_price_properties import tariffs
from tests.central.rules.test_tariff_refusals import TARIFFS, element, tariff

EXAMPLES = {path.stem: path.read_text() for path in TARIFFS}
START = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)


def sound(drawn: Tariff) -> bool:
    try:
        check(drawn)
    except TariffError:
        return False
    return True


@given(tariffs().filter(sound))
def test_a_tariff_written_as_text_is_read_as_the_same_tariff(drawn):
    assert tariff_from_toml(tariff_to_toml(drawn)) == drawn


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_written_and_read_as_the_same_tariff(name):
    whole = tariff_from_toml(EXAMPLES[name])
    assert tariff_from_toml(tariff_to_toml(whole)) == whole


words = st.text(min_size=1).map(str.strip).filter(lambda word: word and word != "Odd")


@given(words, words)
def test_any_name_can_be_written(name, holiday):
    sets = {holiday: ["2026-08-15"]}
    made = tariff_from_dict(tariff(element(name=name, holidays=holiday), element(), holiday_sets=sets, id=name))
    assert tariff_from_toml(tariff_to_toml(made)) == made


@pytest.mark.parametrize("name", EXAMPLES)
def test_setting_a_key_leaves_every_other_line_as_it_was(name):
    before = EXAMPLES[name].splitlines()
    after = with_keys(EXAMPLES[name], version=42, valid_from=date(2026, 8, 1), valid_to=date(2027, 3, 31)).splitlines()
    changed = [line for line in after if line not in before]
    assert changed == ["version = 42", "valid_from = 2026-08-01", "valid_to = 2027-03-31"]
    assert [line for line in before if line not in after and line] == [
        line for line in before if line.startswith(("version", "valid_from"))
    ]
    assert tariff_from_toml("\n".join(after)).valid_to == date(2027, 3, 31)
    assert "valid_to" not in with_keys("\n".join(after), valid_to=None)


def test_keys_are_set_also_where_a_text_writes_them_in_its_own_way():
    text = EXAMPLES["delhi-example"].replace("version = 1", '"version" = 1').replace("2026-04-01", "2026-04-01 # soon")
    made = tariff_from_toml(with_keys(text, version=3, valid_from=date(2026, 5, 1), valid_to=date(2026, 6, 1)))
    assert (made.version, made.valid_from, made.valid_to) == (3, date(2026, 5, 1), date(2026, 6, 1))
    assert "# soon" in with_keys(text, valid_from=date(2026, 5, 1))


def test_a_key_that_makes_the_tariff_unsound_is_refused():
    with pytest.raises(TariffError, match='element "New Year\'s Eve": unreachable'):
        with_keys(EXAMPLES["mall"], valid_from=date(2027, 2, 1))


LINES = st.sampled_from([line for text in EXAMPLES.values() for line in text.splitlines()])


spoils = st.lists(st.tuples(st.integers(0, 80), st.one_of(st.none(), LINES, st.text())), max_size=4)


@given(st.sampled_from(sorted(EXAMPLES)), spoils)
def test_a_spoilt_text_is_refused_in_one_line_or_prices_every_stay(name, spoilt):
    lines = EXAMPLES[name].splitlines()
    for number, instead in spoilt:
        at = number % len(lines)
        lines[at : at + 1] = [] if instead is None else [instead]
    try:
        made = tariff_from_toml("\n".join(lines))
    except TariffError as error:
        assert str(error) and "\n" not in str(error)
        return
    for vehicle in made.vehicle_classes:
        for minutes in (0, 1, 61, 1_441, 5 * 1_440):
            assert price(made, PricedStay(START, vehicle), START + timedelta(minutes=minutes)).total_paise >= 0


def test_more_elements_than_a_board_has_room_for_are_refused():
    many = [element(name=str(number), min_minutes=number, max_minutes=number + 1) for number in range(MOST_ELEMENTS)]
    with pytest.raises(TariffError, match=f"{MOST_ELEMENTS + 1} elements: expected at most {MOST_ELEMENTS}"):
        tariff_from_dict(tariff(*many, element(name="Rest")))


@given(tariffs())
def test_classes_that_are_told_alike_cost_the_same(drawn):
    lengths = [30, 61, 600, 3_000]
    for group, curve in zip(alike(drawn), curves(drawn, START, lengths), strict=True):
        assert curve.vehicle_classes == group
        for name in group:
            stays = [price(drawn, PricedStay(START, name), START + timedelta(minutes=length)) for length in lengths]
            assert tuple(quote.total_paise for quote in stays) == curve.paise
    assert sorted(name for group in alike(drawn) for name in group) == sorted(drawn.vehicle_classes)


def test_the_examples_are_where_the_pages_look_for_them():
    assert set(EXAMPLES) == {path.stem for path in (Path("config") / "tariffs").glob("*.toml")}


def test_the_guides_example_is_sound():
    guide = Path("docs/tariffs.md").read_text()
    [example] = [part.split("```")[0] for part in guide.split("```toml")[1:]]
    assert tariff_from_toml(example).id == "market"
