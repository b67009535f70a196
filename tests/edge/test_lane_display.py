"""What the lane's display shows at each point of a visit, and what it never shows to the next driver."""

from __future__ import annotations

from datetime import timedelta

from edge.protocol.messages import SessionStatus
from edge.rules.access import Known, Reason, SiteRules
from edge.rules.display import FAREWELL_S, Screen, display
from edge.rules.lane.words import Answer, Ordered
from tests.edge.lane_scripts import CAR, NOON, OTHER, Script
from tests.edge.test_lane import COMMAND, Row, order, quote, stay


def shown(lane: Script, **alarms: bool):
    return display(lane.lane, lane.rules, lane.now, **alarms)


def test_an_entry_shows_its_ticket_from_the_grant_until_a_moment_after_the_passage():
    lane = Script()
    assert shown(lane).screen is Screen.WELCOME
    lane.arrive()
    assert shown(lane).screen is Screen.READING
    lane.read(CAR)
    ticket = lane.grants[0].ticket
    assert (shown(lane).screen, shown(lane).ticket, shown(lane).plate) == (Screen.TICKET, ticket, CAR.text)
    lane.drive_under()
    assert shown(lane).ticket == ticket
    lane.drive_out()
    assert shown(lane).ticket == ticket
    lane.run(FAREWELL_S)
    assert shown(lane).screen is Screen.WELCOME and shown(lane).ticket is None


def test_the_next_driver_never_sees_the_ticket_of_the_one_before():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    lane.drive_under()
    lane.arrive()
    assert shown(lane).ticket is None
    lane.drive_out()
    assert shown(lane).ticket is None and shown(lane).plate is None
    lane.read(OTHER)
    assert shown(lane).ticket == lane.grants[1].ticket


def test_an_exit_shows_the_amount_then_that_it_may_go():
    lane = Script("exit", Known(stays=(Row(stay()),)))
    lane.arrive()
    lane.read(CAR)
    assert shown(lane).screen is Screen.WAIT
    asked = quote(lane.lane.visit.request)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=asked)))
    screen = shown(lane)
    assert (screen.screen, screen.amount_paise, screen.pay_url) == (Screen.PAY, 17000, asked.pay_url)
    assert screen.entered_at == NOON - timedelta(hours=2)
    lane.hear(Answer(stay(SessionStatus.PAID, quote=asked)))
    assert (shown(lane).screen, shown(lane).pay_url, shown(lane).paid) == (Screen.GO, None, True)
    lane.drive_through()
    assert shown(lane).screen is Screen.FAREWELL


def test_an_exit_that_a_person_opens_does_not_say_that_it_was_paid():
    lane = Script("exit", Known(stays=(Row(stay()),)))
    lane.arrive()
    lane.read(CAR)
    lane.hear(Answer(stay(SessionStatus.QUOTED, quote=quote(lane.lane.visit.request))))
    lane.hear(order("open"))
    assert (shown(lane).screen, shown(lane).paid) == (Screen.GO, False)


def test_a_vehicle_nobody_knows_sees_that_it_will_be_helped_and_where_to_type_its_ticket():
    lane = Script("exit")
    lane.arrive()
    lane.read(CAR)
    asked = quote(lane.lane.visit.request)
    lane.hear(Answer(stay(SessionStatus.UNMATCHED, quote=asked)))
    assert (shown(lane).screen, shown(lane).pay_url) == (Screen.HELP, asked.pay_url)
    assert not shown(lane).called
    lane.press()
    assert shown(lane).called


def test_an_unread_vehicle_is_told_to_press_the_button_or_that_help_comes():
    for button, screen in (("admit", Screen.BUTTON), ("help", Screen.HELP)):
        lane = Script(button=button)
        lane.arrive()
        lane.run(8.0)
        assert (shown(lane).screen, shown(lane).reason) == (screen, Reason.UNREAD)


def test_a_refused_vehicle_sees_why():
    lane = Script(known=Known(inside=1), site=SiteRules(capacity=1))
    lane.arrive()
    lane.read(CAR)
    assert (shown(lane).screen, shown(lane).reason) == (Screen.REFUSED, Reason.FULL)


def test_a_boom_held_open_says_drive_on():
    lane = Script()
    lane.hear(Ordered(COMMAND, "hold"))
    assert shown(lane).screen is Screen.HELD
    lane.arrive()
    assert shown(lane).screen is Screen.HELD


def test_fire_and_stop_come_before_everything():
    lane = Script()
    lane.arrive()
    lane.read(CAR)
    assert shown(lane, fire=True).screen is Screen.FIRE
    assert shown(lane, stopped=True).screen is Screen.STOPPED
    assert shown(lane, out_of_order=True).screen is Screen.OUT_OF_ORDER
    assert shown(lane, fire=True).ticket is None
