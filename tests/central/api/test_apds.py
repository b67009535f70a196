"""The export in APDS's words: places with their occupancy, rate tables, sessions, quotes."""

from __future__ import annotations

from central.actions import tariffs
from central.api.resources.apds_rates import collections, not_told
from central.rules.tariff_text import tariff_from_toml
from central.store.schema import Site
from tests.central.api.test_the_door import is_problem
from tests.central.car_park import SITE, TARIFF
from tests.central.visits import PLATE, enter, leave


def test_a_place_tells_supply_and_demand(program, park):
    enter(park)
    with park.db.begin() as session:
        session.get_one(Site, SITE).capacity = 40
    place = program().get(f"/apds/places/{SITE}").json
    told = place["hierarchyElementReference"]
    assert (place["id"], place["type"], place["name"]) == (SITE, "place", [{"language": "en", "string": "Delhi"}])
    assert (told["supply"][0]["supplyQuantity"], told["demandTable"][0]["demandType"][0]["count"]) == (40, 1)
    assert program().get("/apds/places").json["data"][0]["id"] == SITE


def test_a_step_table_is_tiers_and_then_a_rate_that_goes_on(program):
    table = program().get("/apds/rates").json["data"][0]
    lines = table["rateLineCollections"][0]["rateLines"]
    told = [(line["rateLineType"], line["value"], line["durationStart"], line["durationEnd"]) for line in lines]
    assert told == [
        ("flatRateTier", 120.0, "00:00", "00:30"),
        ("flatRateTier", 50.0, "00:30", "01:00"),
        ("incrementingRate", 100.0, "01:00", None),
    ]
    assert [line["incrementPeriod"] for line in lines] == ["PT30M", "PT30M", "PT60M"]
    assert program().get(f"/apds/rates/{table['id']}").json == table


def test_what_rate_lines_cannot_say_is_said_in_words():
    prices = tariff_from_toml(TARIFF)
    assert collections(prices) and any("Caps" in text for text in not_told(prices))


def test_a_session_names_its_plate_and_needs_the_scope_for_it(program, park):
    stay, _ = enter(park)
    leave(park, 50, session=stay)
    made = program()
    session = made.get("/apds/sessions").json["data"][0]
    assert session["identifiedCredentials"][0]["identifier"]["id"] == PLATE
    assert (session["actualStart"], session["actualEnd"]) == ("2026-11-24T04:30:00Z", "2026-11-24T05:20:00Z")
    assert made.get(f"/apds/sessions/{stay}").json == session
    is_problem(program("stays:read").get("/apds/sessions"), 403)


def test_a_quote_is_the_price_of_the_tariff_in_force(program, park):
    query = f"place={SITE}&entered_at=2026-11-24T04:30:00Z&left_at=2026-12-03T07:30:00Z"
    quote = program().get(f"/apds/quotes?{query}").json
    assert (quote["value"], quote["currency"]) == (5770.0, "INR")
    with park.db.read() as session:
        assert quote["rateTable"]["id"] == tariffs.versions(session, SITE)[0].id
    is_problem(program().get(f"/apds/quotes?{query.replace('2026-11', '2020-11')}"), 404)
