"""Reads of a running picture are grouped into visits."""

from __future__ import annotations

from edge.rules.plate.plate import PlateRead
from edge.vision.visits import Visits

BOX = ((0, 0), (100, 0), (100, 20), (0, 20))


def read(text: str, seen_at: float, probability: float = 0.95) -> PlateRead:
    shares = (0.95,) * len(text)
    return PlateRead(text, shares, BOX, seen_at, text, "civil", probability, False, 5.0, ((text, probability),))


def test_a_plate_seen_again_is_one_visit_until_it_has_gone():
    visits = Visits(gap_s=2.0)
    assert [visits.add(t, [read("MH12AB1234", t)]) for t in (0.0, 1.0, 2.5)] == [[], [], []]
    assert visits.add(4.0, []) == []
    (visit,) = visits.add(5.0, [])
    assert (visit.first_s, visit.last_s) == (0.0, 2.5) and visit.vote().accepted
    assert visits.finish() == []


def test_a_misread_character_stays_within_the_visit_and_is_outvoted():
    visits = Visits()
    for t, text in enumerate(["MH12AB1234", "MH12AB1284", "MH12AB1234"]):
        visits.add(t, [read(text, t)])
    (visit,) = visits.finish()
    assert visit.vote().text == "MH12AB1234" and visit.best.text == "MH12AB1234"


def test_two_vehicles_close_behind_one_another_are_two_visits():
    visits = Visits()
    for t, text in enumerate(["MH12AB1234", "MH12AB1234", "KA05HS4495", "KA05HS4495"]):
        visits.add(t / 10, [read(text, t / 10)])
    assert [visit.vote().text for visit in visits.finish()] == ["MH12AB1234", "KA05HS4495"]


def test_two_vehicles_in_view_at_once_are_two_visits():
    visits = Visits()
    for t in (0.0, 0.2):
        visits.add(t, [read("MH12AB1234", t), read("KA05HS4495", t)])
    assert [visit.vote().frames for visit in visits.finish()] == [2, 2]
