"""Prices of a site over time, on both databases: stays keep the version of their entry, and no version changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from central.actions import tariff_drafts, tariffs
from central.actions.errors import Refused
from central.store.schema import TariffVersion
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered
from tests.central.car_park import SITE, START, TARIFF, minutes, plate

DEARER = TARIFF.replace("120_00", "150_00")
IN_A_WEEK = date(2026, 12, 1)


def scheduled(park, day: date = IN_A_WEEK, toml: str = DEARER) -> TariffVersion:
    with park.db.begin() as session:
        draft = tariff_drafts.new_draft(session, SITE, toml, START, "asha")
        session.flush()
        return tariff_drafts.schedule(session, draft.id, day, None, START, "asha")


def enter(park, at, now) -> str:
    stay = uuid7()
    facts = Entered(plate=plate(f"DL1CAB{now.day:04d}"), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, at, stay), now=now)
    return stay


def version_of(park, stay: str) -> int:
    with park.db.read() as session:
        return session.get_one(TariffVersion, park.stay(stay).tariff_id).version


def test_a_stay_is_priced_by_the_version_of_its_entry_also_when_it_is_heard_of_late(park):
    begin = scheduled(park).valid_from
    before, after = begin - timedelta(minutes=1), begin + timedelta(minutes=1)
    assert version_of(park, enter(park, before, begin + timedelta(hours=3))) == 1
    assert version_of(park, enter(park, after, begin + timedelta(days=1))) == 2


def test_a_quote_names_the_version_by_the_sites_own_count(park):
    row = scheduled(park, toml=DEARER.replace("version = 1", "version = 77"))
    assert tariffs.read_tariff(row).version == 2


def test_a_version_that_has_begun_or_prices_a_stay_is_not_withdrawn(park):
    row = scheduled(park)
    enter(park, row.valid_from, row.valid_from)
    for version, said in ((1, "version 1 has begun"), (2, "version 2 prices a stay"), (3, "no tariff version 3")):
        with pytest.raises(Refused, match=said), park.db.begin() as session:
            tariff_drafts.withdraw(session, SITE, version, START, "asha")


def test_a_withdrawn_version_lets_the_one_before_go_on_to_the_next(park):
    scheduled(park, date(2026, 12, 20))
    with park.db.begin() as session:
        draft = tariff_drafts.new_draft(session, SITE, DEARER, START, "asha")
        session.flush()
        made = tariff_drafts.schedule(session, draft.id, IN_A_WEEK, date(2026, 12, 19), START, "asha")
        assert made.version == 3
    with park.db.begin() as session:
        back = tariff_drafts.withdraw(session, SITE, 3, START, "asha")
        assert "valid_to = 2026-12-19" in back.toml
        second, first = tariffs.versions(session, SITE)
        assert (first.version, first.valid_to) == (1, second.valid_from)


@pytest.mark.parametrize("column", ["toml", "version", "site_id", "valid_from"])
def test_the_database_itself_refuses_to_change_a_version(park, column):
    with pytest.raises(IntegrityError, match="a version never changes"), park.db.begin() as session:
        session.execute(text(f"UPDATE tariff_version SET {column} = {column}"))


def test_a_first_version_holds_from_its_date_and_a_later_one_from_now(park):
    with park.db.begin() as session:
        row = tariffs.load_tariff(session, SITE, DEARER, minutes(90), "asha")
        assert row.valid_from == minutes(90), "nobody is charged by prices that came after they did"
        assert tariffs.tariff_at(session, SITE, minutes(89)).version == 1
        assert tariffs.tariff_at(session, SITE, minutes(90)).version == 2


@pytest.mark.parametrize("toml", ["x" * (tariff_drafts.LONGEST + 1), "id = 1\0"])
def test_a_text_that_cannot_be_kept_is_refused(park, toml):
    with pytest.raises(Refused, match="the tariff's text has"), park.db.begin() as session:
        tariff_drafts.new_draft(session, SITE, toml, START, "asha")
