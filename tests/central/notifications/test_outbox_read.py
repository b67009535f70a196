"""The outbox as staff read it: each state of the sites they ask for, and counted, however much was sent before."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from central.store.reads import notifications as reads
from central.store.schema import Notification, Site
from tests.central.car_park import START
from tests.central.plans import plans

SITES = ("agra", "delhi", None)
CHANNELS = ("inbox", "email")
AGES = (timedelta(hours=1), timedelta(days=2))
ASKED = (["agra", "delhi"], ["delhi"], [])


@pytest.fixture
def sent(databases):
    """Two of each state, site, channel and age, in an order of their own; the database."""
    rows = [
        Notification(
            id=f"{number * 37 % 127:08d}-0000-7000-8000-000000000000", key=str(number), event="paid", site_id=site,
            recipient="account/x", channel=channel, facts={}, state=state, due_at=START - age, created_at=START,
        )
        for number, (state, site, channel, age, _twice) in enumerate(
            product(reads.STATES, SITES, CHANNELS, AGES, (1, 2))
        )
    ]  # fmt: skip
    with databases.begin() as session:
        session.add_all(Site(id=site, name=site, invoice_prefix=site[0], created_at=START) for site in SITES[:2])
        session.flush()
        session.add_all(rows)
    return databases


def test_counts_are_of_these_sites_and_of_none_and_of_what_ended_lately(sent):
    for sites in ASKED:
        with sent.read() as session:
            counts = reads.counts(session, sites, START)
        of_each = 2 * (len(sites) + 1)
        ended = dict.fromkeys(("sent", "dropped"), of_each)
        assert counts == dict.fromkeys(("dead", "waiting", "sending"), 2 * of_each) | ended, sites


def test_all_pages_together_are_all_of_a_state_the_newest_first(sent, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 3)
    for sites, state in product(ASKED, ("dead", "sent")):
        found, before = [], None
        with sent.read() as session:
            while True:
                rows, before = reads.outbox(session, sites, state, before)
                found += rows
                if before is None:
                    break
        ids = [row.id for row in found]
        assert ids == sorted(set(ids), reverse=True) and len(ids) == 4 * (len(sites) + 1), (sites, state)
        assert all(row.state == state and row.channel == "email" and row.site_id in (*sites, None) for row in found)


def test_the_outbox_is_read_from_its_newest_end_and_counted_without_what_ended_before(sqlite):
    with plans(sqlite) as steps, sqlite.read() as session:
        reads.outbox(session, ["delhi"], "dead")
        reads.counts(session, ["delhi"], START)
    assert "SEARCH notification USING INDEX ix_notification_site_id_state_id (site_id=? AND state=?)" in steps
    ended = "ix_notification_site_id_state_due_at (site_id=? AND state=? AND due_at>?)"
    assert f"SEARCH notification USING INDEX {ended}" in steps
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]
