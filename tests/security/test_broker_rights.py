"""Who may read and write what at the broker: the whole table, on a real mosquitto, judged by what arrives."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import brokers
from tests.brokers import RunningBroker
from tests.security.secure_broker import Client, folder_of, running

pytestmark = pytest.mark.broker

SESSION = "11111111-1111-4111-8111-111111111111"
CMD_ID = "22222222-2222-4222-8222-222222222222"

PRINCIPALS = (
    "central",
    "north.entry-1",
    "north.exit-1",
    "south.entry-1",
    "home-assistant@north",
    "maintenance@north",
    "maintenance.ravi@south",
)
# r reads, w writes, - neither; the columns are PRINCIPALS
TABLE = {
    # of a gate                              central entry exit  south  HA    maint. maint. south
    "parking/v1/north/entry-1/status":                    "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/about":                     "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/state":                     "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/event/money/vehicle.entered": "r  w  -  -  -  r  -",
    "parking/v1/north/entry-1/event/ops/gate.started":    "r  w  -  -  -  r  -",
    "parking/v1/north/entry-1/event/diag/gate.health":    "r  w  -  -  -  r  -",
    f"parking/v1/north/entry-1/reply/{CMD_ID}":           "r  w  -  -  -  r  -",
    "parking/v1/north/entry-1/diag/health":               "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/diag/fault/stuck":          "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/diag/log":                  "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/diag/vehicle":              "r  w  -  -  r  r  -",
    "parking/v1/north/entry-1/ack":                       "w  r  -  -  -  r  -",
    "parking/v1/north/entry-1/cmd/open":                  "w  r  -  -  -  rw -",
    "parking/v1/north/entry-1/ask/open":                  "r  -  -  -  w  r  -",
    "parking/v1/north/entry-1/other":                     "-  -  -  -  -  r  -",
    # of the other gate, and of the other site's gate of the same id
    "parking/v1/north/exit-1/status":                     "r  -  w  -  r  r  -",
    "parking/v1/north/exit-1/event/money/vehicle.exited": "r  -  w  -  -  r  -",
    "parking/v1/north/exit-1/ack":                        "w  -  r  -  -  r  -",
    "parking/v1/north/exit-1/cmd/open":                   "w  -  r  -  -  rw -",
    "parking/v1/north/exit-1/ask/open":                   "r  -  -  -  w  r  -",
    "parking/v1/south/entry-1/status":                    "r  -  -  w  -  -  r",
    "parking/v1/south/entry-1/event/money/vehicle.entered": "r  -  -  w  -  -  r",
    "parking/v1/south/entry-1/ack":                       "w  -  -  r  -  -  r",
    "parking/v1/south/entry-1/cmd/open":                  "w  -  -  r  -  -  rw",
    "parking/v1/south/entry-1/ask/open":                  "r  -  -  -  -  -  r",
    # of the site
    f"parking/v1/north/session/{SESSION}":                "w  r  r  -  -  r  -",
    "parking/v1/north/access":                            "w  r  r  -  -  r  -",
    f"parking/v1/south/session/{SESSION}":                "w  -  -  r  -  -  r",
    "parking/v1/south/access":                            "w  -  -  r  -  -  r",
    # Home Assistant's own, and nobody's
    "homeassistant/device/north-entry-1/config":          "-  w  -  -  r  -  -",
    "homeassistant/device/north-exit-1/config":           "-  -  w  -  r  -  -",
    "homeassistant/device/south-entry-1/config":          "-  -  -  w  r  -  -",
    "homeassistant/status":                               "-  -  -  -  r  -  -",
    "parking/v2/north/entry-1/cmd/open":                  "-  -  -  -  -  -  -",
    "parking/v1":                                         "-  -  -  -  -  -  -",
    "elsewhere":                                          "-  -  -  -  -  -  -",
    "$SYS/broker/version":                                "-  -  -  -  -  -  -",
}  # fmt: skip
WILDCARDS = ("#", "parking/#", "parking/v1/+/+/#", "parking/v1/+/+/cmd/+", "+/+/+/+/+", "homeassistant/#", "$SYS/#")
# a broker publishes its own there, whoever watches
PUBLISHED = [topic for topic in TABLE if not topic.startswith("$")]


def allowed(principal: str, right: str) -> set[str]:
    column = PRINCIPALS.index(principal)
    return {topic for topic, cells in TABLE.items() if right in cells.split()[column]}


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[RunningBroker]:
    """Profile 1 as central makes it, and a watcher who sees all, and whom everyone hears at the end."""
    port = brokers.free_port()
    folder = tmp_path_factory.mktemp("rights") / "broker"
    passwords = {name: f"password of {name}" for name in (*PRINCIPALS, "central@watcher")}
    path = folder_of(folder, 1, passwords, port=port)
    acl = folder / "acl"
    text = acl.read_text().replace("user central@watcher\n", "user central@watcher\ntopic readwrite #\n")
    acl.write_text(text + "\npattern read end/%u\n")
    with running(path, port) as made:
        yield made


def joined(broker: RunningBroker, name: str) -> Client:
    client = Client(broker.port, name, f"password of {name}")
    assert client.welcome, f"{name}: {client.said}"
    return client


@pytest.mark.parametrize("principal", PRINCIPALS)
def test_what_a_client_writes_arrives_only_where_it_may_write(broker, principal):
    with joined(broker, "central@watcher") as watcher, joined(broker, principal) as client:
        watcher.subscribe("#")
        client.publish(*PUBLISHED)
        watcher.publish("end/of it")
        watcher.wait_for("end/of it")
        assert set(watcher.arrived) - {"end/of it"} == allowed(principal, "w")


@pytest.mark.parametrize("principal", PRINCIPALS)
@pytest.mark.parametrize("filters", [tuple(PUBLISHED), WILDCARDS], ids=["each by name", "wildcards"])
def test_only_what_a_client_may_read_reaches_it_whatever_it_subscribes_to(broker, principal, filters):
    with joined(broker, "central@watcher") as watcher, joined(broker, principal) as client:
        client.subscribe(*filters, f"end/{principal}")
        watcher.publish(*PUBLISHED, f"end/{principal}")
        client.wait_for(f"end/{principal}")
        assert set(client.arrived) - {f"end/{principal}"} == allowed(principal, "r")


@pytest.mark.parametrize("principal", ["north.exit-1", "south.entry-1", "home-assistant@north"])
def test_what_is_retained_reaches_only_who_may_read_it(broker, principal):
    with joined(broker, "central@watcher") as watcher, joined(broker, principal) as client:
        watcher.publish(*PUBLISHED, f"end/{principal}", retain=True)
        try:
            client.subscribe("#")
            client.subscribe(f"end/{principal}")
            client.wait_for(f"end/{principal}")
            assert set(client.arrived) - {f"end/{principal}"} == allowed(principal, "r")
        finally:
            watcher.clear(*PUBLISHED, f"end/{principal}")


def test_a_will_is_published_only_where_its_client_may_write(broker):
    with joined(broker, "central@watcher") as watcher:
        watcher.subscribe("#")
        for topic in ("parking/v1/north/exit-1/status", "parking/v1/north/entry-1/status"):
            client = Client(broker.port, "north.entry-1", "password of north.entry-1", will=topic)
            client.drop()
        watcher.wait_for("parking/v1/north/entry-1/status")
        assert "parking/v1/north/exit-1/status" not in watcher.arrived


def test_nobody_takes_over_anothers_session_by_its_client_id(broker):
    with joined(broker, "central") as central:
        central.subscribe("parking/v1/+/+/status")
        thief = Client(broker.port, "north.exit-1", "password of north.exit-1", client_id="central")
        with thief, joined(broker, "north.entry-1") as gate:
            gate.publish("parking/v1/north/entry-1/status")
            central.wait_for("parking/v1/north/entry-1/status")
            assert central.welcome and thief.arrived == []
