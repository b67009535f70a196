"""Sites, gates, lists, orders and the first administrator: what staff may do and what is refused, all written down."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import access, gates, lanes, staff, tariffs
from central.actions.errors import Refused
from central.store.schema import Audit, Site
from edge.protocol.messages import AccessList
from tests.central.car_park import SITE, START, TARIFF, minutes


def audited(park) -> list[str]:
    with park.db.read() as session:
        return list(session.scalars(select(Audit.what).order_by(Audit.id)))


def test_a_gate_is_found_by_the_token_it_was_given_once(park):
    with park.db.read() as session:
        assert gates.gate_with_token(session, park.entry_token).id == "entry-1"
        assert gates.gate_with_token(session, park.entry_token + "x") is None
        assert park.entry_token not in str(vars(gates.gate_with_token(session, park.entry_token)))


@pytest.mark.parametrize(
    "site, gate, lane, said",
    [
        (SITE, "entry-1", "entry", "exists already"),
        (SITE, "Entry 2", "entry", "a-z"),
        (SITE, "session", "entry", "taken"),
        (SITE, "entry-2", "sideways", "entry or exit"),
        ("nowhere", "entry-2", "entry", "not known"),
    ],
)
def test_a_gate_that_can_not_be_is_refused(park, site, gate, lane, said):
    with pytest.raises(Refused, match=said), park.db.begin() as session:
        gates.add_gate(session, site, gate, START, "tests", lane=lane)


def test_sites_of_alike_names_number_their_invoices_apart(park):
    with park.db.begin() as session:
        prefixes = [
            gates.add_site(session, name, START, "tests").invoice_prefix for name in ("delhi-2", "delhi-3", "d", "9")
        ]
    assert prefixes == ["DEL2", "DEL3", "D", "9"]


def test_the_access_list_grows_a_version_with_each_change(park):
    with park.db.begin() as session:
        access.set_rule(session, SITE, "mh 12-ab 1234", "pass", START, "asha", vehicle_class="car")
        access.set_rule(session, SITE, "MH12AB1234", "denied", START, "asha", note="unpaid")
        access.set_rule(session, SITE, "DL1CAB0001", "pass", START, "asha", valid_until=minutes(5))
        access.remove_rule(session, SITE, "DL1CAB0001", START, "asha")
        told = access.access_list(session, session.get_one(Site, SITE))
    assert [(entry.plate, entry.kind) for entry in told.entries] == [("MH12AB1234", "denied")]
    assert told.version == 4
    assert AccessList.decode(told.encode()) == told
    assert audited(park)[-4:] == ["access pass", "access denied", "access pass", "access removed"]


@pytest.mark.parametrize("text", ["", "<script>", "MH12AB1234" * 2, "मह12", "=1+1"])
def test_what_is_no_plate_is_not_put_on_a_list(park, text):
    with pytest.raises(Refused, match="expected 1 to 16"), park.db.begin() as session:
        access.set_rule(session, SITE, text, "denied", START, "asha")


def test_an_order_needs_a_reason_and_a_gate_that_hears_it(park):
    for gate, reason, said in (
        ("exit-1", " ", "say why"),
        ("exit-1", "stuck", "is new"),
        ("exit-9", "stuck", "not known"),
    ):
        with pytest.raises(Refused, match=said), park.db.begin() as session:
            lanes.operator_open(session, SITE, gate, START, by="asha", reason=reason)
    park.online(park.exit)
    with park.db.begin() as session:
        lanes.operator_open(session, SITE, "exit-1", START, by="asha", reason="stuck")
    assert audited(park)[-1] == "order open"


def in_force(park, at) -> int:
    with park.db.read() as session:
        return tariffs.tariff_at(session, SITE, at).version


def test_an_older_tariff_loaded_again_is_in_force_again(park):
    dearer = TARIFF.replace("600_00", "900_00")
    with park.db.begin() as session:
        # what is so already makes no version
        for minute, text, version in ((1, TARIFF, 1), (2, dearer, 2), (3, dearer, 2), (4, TARIFF, 3)):
            assert tariffs.load_tariff(session, SITE, text, minutes(minute), "asha").version == version
    assert in_force(park, minutes(5)) == 3


def test_a_tariff_that_begins_later_is_the_same_when_it_is_loaded_again(park):
    later = TARIFF.replace("valid_from = 2026-04-01", "valid_from = 2027-04-01").replace("600_00", "900_00")
    with park.db.begin() as session:
        for text, version in ((later, 2), (later, 2), (TARIFF, 1)):
            assert tariffs.load_tariff(session, SITE, text, minutes(1), "asha").version == version
    assert in_force(park, minutes(5)) == 1


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("Asia/Kolkata", "Asia/Dubai", "'Asia/Dubai'.*'delhi'.*'Asia/Kolkata'"),
        ('site = "delhi"', 'site = "mall"', "'mall'.*'delhi'"),
    ],
)
def test_a_tariff_of_another_place_is_refused(park, old, new, said):
    with park.db.begin() as session:
        gates.add_site(session, "mall", START, "tests")
    with pytest.raises(Refused, match=said), park.db.begin() as session:
        tariffs.load_tariff(session, SITE, TARIFF.replace(old, new), START, "asha")


def test_the_setup_link_makes_one_administrator_once_within_a_day(park):
    given = {"email": "Asha@Example.org", "name": "Asha", "password_hash": "argon2"}
    with park.db.begin() as session:
        stale = staff.make_setup_link(session, START, "tests")
        fresh = staff.make_setup_link(session, START, "tests")
        assert not staff.setup_link_valid(session, stale, START), "a newer link ends an older one"
        assert not staff.setup_link_valid(session, fresh, minutes(24 * 60 + 1))
        user = staff.use_setup_link(session, fresh, minutes(1), **given)
        assert (user.email, user.role) == ("asha@example.org", "administrator")
    for attempt in (
        lambda session: staff.use_setup_link(session, fresh, minutes(2), **given),
        lambda session: staff.make_setup_link(session, minutes(2), "tests"),
    ):
        with pytest.raises(Refused), park.db.begin() as session:
            attempt(session)
