"""A tariff that is wrong is refused with a sentence that names the place."""

from pathlib import Path

import pytest

from central.rules.tariff import TariffError
from central.rules.tariff_text import tariff_from_dict, tariff_from_toml

TARIFFS = sorted((Path(__file__).parents[3] / "config" / "tariffs").glob("*.toml"))
HOUR = [{"kind": "time", "price_paise": 20_00, "block_minutes": 60}]
NIGHT = {"name": "Night", "components": HOUR, "when": {"from": "22:00", "to": "06:00"}}
NIGHT_FEE = [{"kind": "window_flat", "price_paise": 60_00}]
DAY = {"name": "Day", "components": HOUR}


def tariff(*elements, **keys):
    return {
        "id": "test",
        "site": "test",
        "version": 1,
        "timezone": "Asia/Kolkata",
        "valid_from": "2026-04-01",
        "tax_included": True,
        "tax_rate_bp": 1800,
        "elements": list(elements or [DAY]),
        **keys,
    }


def element(components=HOUR, name="Odd", **when):
    return {"name": name, "components": components, "when": when}


def steps(*pairs, **rest):
    table = [{"up_to_minutes": limit, "price_paise": price} for limit, price in pairs]
    return element([{"kind": "step_table", "steps": table, **rest}])


@pytest.mark.parametrize("path", TARIFFS, ids=lambda path: path.stem)
def test_every_example_tariff_is_sound(path):
    loaded = tariff_from_toml(path.read_text())
    assert loaded.id == path.stem and loaded.elements


def test_there_are_five_example_tariffs():
    assert {path.stem for path in TARIFFS} >= {"delhi-example", "college", "hospital", "mall", "airport"}


CASES = {
    # overlap
    "crossing windows": (
        tariff(element(name="Late", **{"from": "20:00", "to": "02:00"}), NIGHT, DAY),
        "element 'Night': overlap with element 'Late'",
    ),
    "crossing weekdays": (
        tariff(element(name="A", weekdays=["fri", "sat"]), element(name="B", weekdays=["sat", "sun"]), DAY),
        "element 'B': overlap with element 'A'",
    ),
    "crossing dates": (
        tariff(
            element(name="A", from_date="2026-08-01", to_date="2026-08-10"),
            element(name="B", from_date="2026-08-05"),
            DAY,
        ),
        "element 'B': overlap with element 'A'",
    ),
    "crossing durations": (
        tariff(element(name="A", max_minutes=60), element(name="B", min_minutes=30)),
        "element 'B': overlap with element 'A'",
    ),
    "unknown key of a component": (
        tariff(steps((60, 100), then=HOUR[0])),
        "element 'Odd': components\\[1\\]: then: unknown key 'kind'",
    ),
    "overlapping steps": (
        tariff(steps((60, 100), (60, 200), then={"price_paise": 1, "block_minutes": 60})),
        "element 'Odd': step_table: step up to 60 min overlaps the one up to 60 min",
    ),
    # gap
    "no daytime element": (
        tariff(NIGHT),
        "element 'Night': gap: nothing up to it prices a car on Wed 2026-04-01 at 06:00",
    ),
    "no element on Sundays": (
        tariff(element(weekdays=["mon", "tue", "wed", "thu", "fri", "sat"])),
        "element 'Odd': gap: nothing up to it prices a car on Sun",
    ),
    "no element on holidays": (
        tariff(element(not_holidays="feast"), holiday_sets={"feast": ["2026-08-15"]}),
        "element 'Odd': gap: nothing up to it prices a car on Sat 2026-08-15",
    ),
    "no element for bikes": (
        tariff(element(vehicle_classes=["car"]), vehicle_classes=["car", "bike"]),
        "element 'Odd': gap: nothing up to it prices a bike",
    ),
    "no element after two hours": (tariff(element(max_minutes=120)), "element 'Odd': gap: .* from 120 min on"),
    "only for passes": (tariff(element(passes=["staff"])), "element 'Odd': gap: nothing up to it prices a car on"),
    "steps that end": (tariff(steps((30, 100))), "element 'Odd': step_table: gap after 30 min"),
    "steps that end before the longest local day": (
        tariff(steps((1440, 100)), restart="midnight"),
        "element 'Odd': step_table: gap after 1440 min: expected 'then', or steps up to 1500",
    ),
    # negative
    "negative price": (
        tariff(element([{"kind": "flat", "price_paise": -1}])),
        "element 'Odd': components\\[1\\]: price_paise: -1: expected a whole number, 0 or more",
    ),
    "negative cap": (tariff(limits=[{"session_paise": -5}]), "limits\\[1\\]: session_paise: -5"),
    "negative minutes": (tariff(free={"minutes": -5}), "free: minutes: -5"),
    "falling steps": (
        tariff(steps((30, 200), (60, 100), then={"price_paise": 1, "block_minutes": 60})),
        "element 'Odd': step_table: step up to 60 min costs 100 paise: expected 200 or more",
    ),
    # unreachable
    "an element after one that always fits": (tariff(DAY, NIGHT), "element 'Night': unreachable"),
    "an element within an earlier one": (
        tariff(NIGHT, element(**{"from": "23:00", "to": "01:00"}), DAY),
        "element 'Odd': unreachable",
    ),
    "an element that was over before": (
        tariff(element(from_date="2025-01-01", to_date="2025-12-31"), DAY),
        "element 'Odd': unreachable",
    ),
    "a duration no day reaches": (tariff(element(min_minutes=1500), DAY, restart="24h"), "element 'Odd': unreachable"),
    "limits nobody is left for": (tariff(limits=[{}, {"session_paise": 5}]), "limits\\[2\\]: unreachable"),
    # surcharges
    "a surcharge by the hour": (
        tariff({**element(), "adds": True}, DAY),
        "element 'Odd': adds: expected components of kind window_flat alone",
    ),
    "a surcharge of nothing": (tariff({**element([]), "adds": True}, DAY), "element 'Odd': adds: expected components"),
    "a surcharge by duration": (
        tariff({**element(NIGHT_FEE, **NIGHT["when"], max_minutes=60), "adds": True}, DAY),
        "element 'Odd': adds: expected no min_minutes and no max_minutes",
    ),
    "a surcharge that is over": (
        tariff({**element(NIGHT_FEE, from_date="2025-01-01", to_date="2025-02-01"), "adds": True}, DAY),
        "element 'Odd': unreachable",
    ),
    "nothing but a surcharge": (
        tariff({**element(NIGHT_FEE, **NIGHT["when"]), "adds": True}),
        "element 'Odd': gap: nothing up to it prices a car",
    ),
    # unknown
    "unknown zone": (tariff(timezone="Mars/Olympus"), "timezone: unknown zone 'Mars/Olympus': expected a name like"),
    "zone that leaves the folder": (tariff(timezone="../etc/passwd"), "timezone: unknown zone"),
    "unknown key": (tariff(grace=5), "tariff: unknown key 'grace': expected one of elements, exit_grace_minutes"),
    "unknown key of an element": (tariff(element(form="20:00")), "element 'Odd': when: unknown key 'form'"),
    "unknown component": (
        tariff(element([{"kind": "hourly"}])),
        "element 'Odd': components\\[1\\]: kind: 'hourly': expected one of flat, time",
    ),
    "unknown vehicle class": (
        tariff(element(vehicle_classes=["tank"])),
        "vehicle_classes\\[1\\]: 'tank': expected one of",
    ),
    "class the tariff leaves out": (
        tariff(element(vehicle_classes=["bus"]), DAY, vehicle_classes=["car"]),
        "element 'Odd': when: the tariff does not price 'bus'",
    ),
    "unknown holiday set": (
        tariff(element(holidays="diwali"), DAY),
        "element 'Odd': when: unknown holiday set 'diwali'",
    ),
    "unknown weekday": (tariff(element(weekdays=["someday"]), DAY), "weekdays\\[1\\]: 'someday': expected one of mon"),
    # shape
    "missing key": ({"id": "x"}, "tariff: site is missing"),
    "not a table": (tariff("Day"), "elements\\[1\\]: expected a table, got 'Day'"),
    "no element": (tariff(elements=[]), "elements: \\[\\]: expected a list with at least one item"),
    "half a window": (tariff(element(**{"from": "20:00"}), DAY), "element 'Odd': when: from and to belong together"),
    "empty window": (
        tariff(element(**{"from": "20:00", "to": "20:00"}), DAY),
        "element 'Odd': when: from and to are the",
    ),
    "bad time": (tariff(element(**{"from": "25:00", "to": "20:00"}), DAY), "from: '25:00': expected a local time"),
    "bad date": (tariff(valid_from="1 April"), "valid_from: '1 April': expected a date like 2026-04-01"),
    "ends before it begins": (tariff(valid_to="2026-01-01"), "valid_to 2026-01-01 is before valid_from"),
    "true for a number": (tariff(tax_rate_bp=True), "tax_rate_bp: True: expected a whole number"),
    "half a paise": (
        tariff(element([{"kind": "flat", "price_paise": 0.5}])),
        "price_paise: 0.5: expected a whole number",
    ),
    "tax above the whole": (
        tariff(tax_rate_bp=18_00_00),
        "tax_rate_bp: 180000: expected a whole number, 10000 or less",
    ),
    "block of no time": (
        tariff(element([{"kind": "time", "price_paise": 1, "block_minutes": 0}])),
        "block_minutes: 0: expected a whole number, 1 or more",
    ),
    "two time prices": (tariff(element(HOUR * 2)), "element 'Odd': expected at most one of time and step_table"),
    "window price without a window": (
        tariff(element([{"kind": "window_flat", "price_paise": 1}])),
        "element 'Odd': window_flat needs a window",
    ),
    "two day caps": (
        tariff(limits=[{"rolling_24h_paise": 5, "calendar_day_paise": 5}]),
        "limits\\[1\\]: rolling_24h_paise and calendar_day_paise: expected at most one",
    ),
    "floor above the cap": (
        tariff(limits=[{"minimum_paise": 9, "session_paise": 5}]),
        "limits\\[1\\]: minimum_paise 9 is more",
    ),
    "name used twice": (tariff(DAY, DAY), "element 'Day': the name is used twice"),
    "durations the wrong way round": (
        tariff(element(min_minutes=60, max_minutes=30), DAY),
        "element 'Odd': when: max_minutes 30: expected more than min_minutes 60",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_tariff_is_refused_and_the_place_named(case):
    table, message = CASES[case]
    with pytest.raises(TariffError, match=message):
        tariff_from_dict(table)


def test_text_that_is_not_toml_is_refused():
    with pytest.raises(TariffError, match="tariff is not TOML: Invalid value"):
        tariff_from_toml("id = ")


@pytest.mark.parametrize("value", ["x", 5, [], None])
def test_every_message_is_one_line(value):
    for key in tariff():
        with pytest.raises(TariffError) as refused:
            tariff_from_dict(tariff(**{key: {"deep": value}}))
        assert "\n" not in str(refused.value)


def test_an_exception_within_its_rule_and_other_kinds_of_restriction_are_no_overlap():
    lunch = element(name="Lunch", **{"from": "12:00", "to": "14:00"})
    shop = element(name="Shop", **{"from": "08:00", "to": "20:00"})
    weekend = element(name="Weekend", weekdays=["sat", "sun"])
    assert tariff_from_dict(tariff(lunch, weekend, shop, NIGHT, DAY)).elements[0].name == "Lunch"


def test_surcharges_may_cross_one_another_and_what_prices_the_hours():
    late = {**element(NIGHT_FEE, name="Late", **{"from": "20:00", "to": "02:00"}), "adds": True}
    night = {**element(NIGHT_FEE, name="Fee", **NIGHT["when"]), "adds": True}
    assert len(tariff_from_dict(tariff(late, night, NIGHT, DAY)).elements) == 4
    assert len(tariff_from_dict(tariff(NIGHT, DAY, late)).elements) == 3


def test_toml_dates_and_times_are_as_good_as_texts():
    text = """
        id = "t"
        site = "s"
        version = 1
        timezone = "Asia/Kolkata"
        valid_from = 2026-04-01
        tax_included = true
        tax_rate_bp = 1800
        [[elements]]
        name = "Night"
        components = []
        when = { from = 22:00:00, to = 06:00:00 }
        [[elements]]
        name = "Day"
        components = []
    """
    assert tariff_from_toml(text).elements[0].when.from_minute == 22 * 60
