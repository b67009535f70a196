"""What pages read, on each kind of database."""

from __future__ import annotations

import pytest

from central.store.reads import lanes, quarantine, sites
from central.store.reads import stays as reads
from central.store.reads.stays import StayFilter
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested
from tests.central.car_park import SITE, CarPark, minutes, plate


@pytest.fixture
def park(databases, settings) -> CarPark:
    return CarPark(databases, settings)


def test_every_filter_finds_its_stay_and_no_other(park):
    stay, asked = uuid7(int(minutes(0).timestamp() * 1000)), uuid7(int(minutes(30).timestamp() * 1000))
    facts = Entered(plate=plate("MH12AB1234"), ticket=park.entry.new_ticket())
    park.hear(park.entry.report(facts, minutes(0), stay), now=minutes(0))
    park.hear(park.exit.report(ExitRequested(request=asked, plate=None), minutes(30)), now=minutes(30))
    here, day = {"sites": (SITE,)}, {"begin": minutes(-60), "end": minutes(60)}
    for wanted, found in (
        (StayFilter(), [asked, stay]),
        (StayFilter(**here, **day), [asked, stay]),
        (StayFilter(**here, begin=minutes(0), end=minutes(1)), [stay]),
        (StayFilter(**here, begin=minutes(30), end=minutes(31)), [asked]),
        (StayFilter(**here, begin=minutes(1), end=minutes(30)), []),
        (StayFilter(sites=("elsewhere",), **day), []),
        (StayFilter(**here, plate="MH12"), [stay]),
        (StayFilter(**here, plate="MH13"), []),
        (StayFilter(**here, status="unmatched"), [asked]),
        (StayFilter(**here, gate="exit-1"), [asked]),
        (StayFilter(**here, review=True), [asked]),
        (StayFilter(**here, before=asked), [stay]),
    ):
        with park.db.read() as session:
            assert [row.stay.id for row in reads.stays(session, wanted).rows] == found, wanted


def test_one_stay_a_lane_and_the_quarantine_can_be_read(park):
    stay = uuid7()
    facts = Entered(plate=plate("MH12AB1234"), ticket=park.entry.new_ticket(), image="0" * 64)
    park.hear(park.entry.report(facts, minutes(0), stay), ("parking/v1/delhi/entry-1/x", b"?"), now=minutes(0))
    with park.db.read() as session:
        detail = reads.stay(session, stay)
        entry, exit_gate = lanes.lanes(session)
        assert (entry.plate, entry.image, exit_gate.plate) == ("MH12AB1234", None, None)
        assert [line.kind for line in detail.timeline] == ["vehicle.entered"]
        assert (quarantine.unseen(session), len(quarantine.quarantine(session, seen=True).rows)) == (1, 0)
        assert [gate.id for gate in sites.gates(session)] == ["entry-1", "exit-1"]
        assert reads.stay(session, uuid7()) is None
