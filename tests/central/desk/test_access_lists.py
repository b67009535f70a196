"""The access list from a CSV file: checked line by line, tried, applied whole or in part."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from central.actions import access, access_lists
from central.actions.access_lists import ADD, CHANGE, SAME
from central.actions.errors import Refused
from central.store.schema import AccessRule, MqttOutbox, Site
from edge.protocol import topics
from tests.central.car_park import SITE, minutes

DELHI = ZoneInfo("Asia/Kolkata")
HEAD = b"plate,kind,class,from,until,note\n"


def read(park, raw: bytes) -> list[access_lists.Line]:
    with park.db.read() as session:
        return access_lists.read(session, SITE, raw, DELHI)


def apply(park, raw: bytes, in_part: bool = False) -> list[access_lists.Line]:
    with park.db.begin() as session:
        return access_lists.apply(session, SITE, raw, DELHI, minutes(0), "ravi@example.org", in_part=in_part)


def listed(park) -> dict[str, str]:
    with park.db.read() as session:
        return {rule.plate: rule.kind for rule in session.scalars(select(AccessRule).order_by(AccessRule.plate))}


def test_a_file_is_tried_without_doing_anything(park):
    (line,) = read(park, HEAD + b"dl 1 c ab-1234,Pass,car,2026-11-24,2026-12-24 18:30,resident\n")
    assert (line.plate, line.kind, line.vehicle_class, line.does) == ("DL1CAB1234", "pass", "car", ADD)
    assert line.valid_from == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    assert line.valid_until == datetime(2026, 12, 24, 13, 0, tzinfo=UTC)
    assert listed(park) == {}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"no plate!,pass", "plate 'no plate!': expected 1 to 16 letters"),
        (b"DL1,vip", "kind 'vip': expected pass or denied"),
        (b"DL1,pass,ship", "class 'ship': expected one of"),
        (b"DL1,pass,,tomorrow", "'tomorrow': expected a day or time such as"),
        (b"DL1,pass,,2026-11-24T10:00+05:30", "expected a day or time such as"),
        (b"DL1,pass,,2026-11-24,2026-11-24", "expected a time after from"),
        (b"DL1,pass,,,," + b"n" * 201, "note: expected at most 200"),
        (b"DL1,pass,,,,note,more", "more cells than the heading has"),
    ],
)
def test_a_wrong_line_says_what_was_expected_and_nothing_is_half_applied(park, line, why):
    raw = HEAD + b"DL0,pass\n" + line + b"\n"
    good, wrong = read(park, raw)
    assert good.does == ADD and wrong.number == 3 and why in wrong.wrong
    with pytest.raises(Refused, match=r"line 3: .*Nothing was changed"):
        apply(park, raw)
    assert listed(park) == {}
    apply(park, raw, in_part=True)
    assert listed(park) == {"DL0": "pass"}


def test_a_plate_twice_in_a_file_is_wrong_the_second_time(park):
    assert read(park, HEAD + b"DL1,pass\nD L-1,denied\n")[1].wrong == "plate DL1 stands in line 2 already"


def test_many_plates_are_one_message_to_the_gates(park):
    with park.db.read() as session:
        before = session.get(Site, SITE).access_version
    apply(park, HEAD + b"".join(b"DL%d,pass\n" % number for number in range(50)))
    with park.db.read() as session:
        assert session.get(Site, SITE).access_version == before + 1
        body = session.scalar(select(MqttOutbox.body).where(MqttOutbox.topic == topics.access(SITE)))
    assert len(listed(park)) == 50 and "DL49" in body


def test_what_stands_already_is_left_and_what_differs_is_changed(park):
    apply(park, HEAD + b"DL1,pass\nDL2,pass\n")
    lines = apply(park, HEAD + b"DL1,pass\nDL2,denied\n")
    assert [line.does for line in lines] == [SAME, CHANGE] and listed(park) == {"DL1": "pass", "DL2": "denied"}


def test_a_pass_that_was_sold_is_not_overwritten_by_a_file(park):
    with park.db.begin() as session:
        access.set_rule(session, SITE, "DL1", "pass", minutes(0), "pass sale", note="sold to somebody")
    assert "give that up first" in read(park, HEAD + b"DL1,denied\n")[0].wrong


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "the file is empty"),
        (HEAD, "no line below its heading"),
        (b"plate;kind;colour\nDL1;pass;red\n", "heading 'plate, kind, colour': expected the columns"),
        (b"plate\nDL1\n", "of which plate and kind are needed"),
        (b"plate,plate,kind\n1,2,pass\n", "expected the columns"),
        (b"\xff\xfeplate", "not UTF-8 text"),
        (b"plate,kind\nDL1,\0\n", "not text"),
        (b'plate,kind\n"DL1,pass\n', "line 2: "),
        (b"plate,kind\n" + b"DL1,pass\n" * 5_001, "5001 lines: expected at most 5000"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(park, raw, why):
    with pytest.raises(Refused, match=why):
        read(park, raw)


def test_a_spreadsheets_file_with_semicolons_and_apostrophes_is_taken(park):
    apply(park, "\ufeffPlate; Kind; note\r\nDL1; pass; '=1+1\r\n".encode())
    with park.db.read() as session:
        assert session.scalar(select(AccessRule.note)) == "=1+1"
        assert session.scalar(select(func.count(AccessRule.id))) == 1
