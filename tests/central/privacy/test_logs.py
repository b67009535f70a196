"""What central logs has no whole plate in it, whether a message, a person's word or the database's error brought it."""

from __future__ import annotations

import io
import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from central import logs
from central.actions.audit import audit
from tests.central.car_park import SITE, START, minutes
from tests.central.visits import enter, leave, request

PLATE = "MH12AB1234"


@pytest.fixture
def log():
    """Everything logged, from DEBUG on, as central's processes write it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.WithoutPlates("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_visit_and_messages_that_do_not_fit_are_logged_without_their_plates(park, log):
    stay, _ = enter(park, text=PLATE)
    asked = request(park, 45, PLATE, stay)
    leave(park, 46, PLATE, stay, request=asked)
    topic, payload = park.entry.report(_entered(park), minutes(50), stay)
    park.hear(
        (topic, payload.replace(b'"confidence":0.98', b'"confidence":"MH12AB1234"')),
        (topic, payload.replace(b'"text":"MH12AB1234"', b'"text":"MH 12 AB 1234 "')),
        (f"parking/v1/{SITE}/entry-1/event/money/{PLATE}", payload),
    )
    assert "put aside" in log.getvalue() or "not kept" in log.getvalue()
    assert PLATE not in log.getvalue() and "MH 12 AB 1234" not in log.getvalue()


def _entered(park):
    from edge.protocol.messages import Entered
    from tests.central.car_park import plate

    return Entered(plate=plate(PLATE), ticket=park.entry.new_ticket())


def test_a_database_error_tells_nothing_of_the_row(databases):
    with pytest.raises(DBAPIError) as failed, databases.begin() as session:
        session.execute(text("INSERT INTO stay (id, plate) VALUES ('x', :plate)"), {"plate": PLATE})
    assert "[SQL parameters hidden" in str(failed.value)


def test_a_traceback_is_logged_without_plates(log, databases):
    try:
        raise ValueError(f"plate {PLATE} is registered to another account, and so is 22 BH 1234 AA")
    except ValueError:
        logging.getLogger("central").exception("job failed for %s", PLATE.lower())
    said = log.getvalue()
    assert PLATE not in said and PLATE.lower() not in said and "22 BH" not in said
    assert "MH12****34" in said and "Traceback" in said
    with databases.begin() as session:
        audit(session, START, "tests", "wrote", "nothing")  # a log that is listened to holds nothing up


@given(st.from_regex(r"[A-Z]{2}[0-9]{1,2}[A-Z]{0,3}[0-9]{3,4}", fullmatch=True))
@example("DL1CAB1234")
def test_no_plate_of_these_formats_is_written_whole(plate):
    line = logs.WithoutPlates("%(message)s").format(
        logging.LogRecord("x", logging.INFO, "f", 1, "seen '%s', again", (plate,), None)
    )
    assert plate not in line and line.startswith("seen '")


@pytest.mark.parametrize("words", ["GET /api/v1/stays", "code U30, SAC 996743", "2026-11-24T04:30:00", "entry-1 v12"])
def test_other_words_are_left_alone(words):
    record = logging.LogRecord("x", logging.INFO, "f", 1, words, (), None)
    assert logs.WithoutPlates("%(message)s").format(record) == words
