"""What holds for a lane whatever its loops, its readers, central and people do, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocol.messages import Entered, EntryHow, Exited, PassageEnded, SessionStatus
from edge.rules.access import Known
from edge.rules.lane.visit import Stage
from edge.rules.lane.words import Answer, Ordered, Read
from tests.edge.lane_scripts import CAR, NOON, OTHER, Script
from tests.edge.test_lane import COMMAND, Row, quote, stay

LEVELS = ("arming_loop", "closing_loop", "photocell", "exit_loop", "button", "stop", "fire", "valid")
ORDERS = ("open", "hold", "release", "close", "reset_fault")
PAID = stay(SessionStatus.PAID, permit_until=NOON + timedelta(days=1))

flips = st.tuples(st.just("flip"), st.sampled_from(LEVELS))
reads = st.tuples(st.just("read"), st.sampled_from([CAR, OTHER, None]))
orders = st.tuples(st.just("order"), st.sampled_from(ORDERS))
answers = st.tuples(st.just("answer"), st.sampled_from(["quoted", "paid", "unmatched", "closed"]))
disks = st.tuples(st.just("disk"), st.booleans())
waits = st.tuples(st.just("wait"), st.sampled_from([0.04, 0.3, 1.2, 2.0, 2.0, 7.0]))
scripts = st.lists(st.one_of(flips, flips, flips, reads, reads, waits, answers, orders, disks), max_size=40)
calm = st.lists(st.one_of(flips.filter(lambda step: step[1] not in ("stop", "valid")), reads, waits), max_size=40)


def play(lane: Script, script) -> None:
    for what, how in script:
        match what:
            case "flip":
                lane.set(0.06, **{how: not getattr(lane.inputs, how)})
            case "read" if lane.lane.visit is not None:
                lane.hear(Read(lane.lane.visit.id, how))
            case "order":
                lane.hear(Ordered(COMMAND, how, "anita"))
            case "answer":
                lane.hear(answer(lane, how))
            case "disk":
                lane.disk_full = how
            case "wait":
                lane.run(how)


def answer(lane: Script, word: str) -> Answer:
    request = lane.lane.visit.request if lane.lane.visit and lane.lane.visit.request else COMMAND
    return Answer(stay(SessionStatus(word), quote=quote(request, at=lane.wall)))


def emptied(lane: Script) -> Script:
    """Everything drives away and heals, and enough time passes for any wait to end."""
    quiet = dict.fromkeys(LEVELS, False) | {"valid": True}
    lane.set(40.0, **quiet)
    return lane


@settings(max_examples=60)
@given(st.sampled_from(["entry", "exit"]), scripts)
def test_every_grant_ends_exactly_once(direction, script):
    lane = Script(direction, Known(stays=(Row(PAID),)))
    play(lane, script)
    emptied(lane)
    assert len(lane.resolved) == len(set(lane.resolved))
    assert lane.committed <= set(lane.resolved) <= {grant.id for grant in lane.grants}
    assert lane.lane.visit is None and lane.lane.crossing is None


@settings(max_examples=60)
@given(st.sampled_from(["entry", "exit"]), scripts)
def test_every_crossing_ends_once_as_passed_or_gone_back_or_standing_there_again_or_nobody_s(direction, script):
    lane = Script(direction, Known(stays=(Row(PAID),)))
    watch, passed = lane.tick, 0

    def counting() -> None:
        nonlocal passed
        before, told = lane.lane.crossing, len(lane.records)
        watch()
        after, visit = lane.lane.crossing, lane.lane.visit
        if before is None or (after is not None and after.id == before.id):
            return
        facts = [fact.what for record in lane.records[told:] for fact in record.facts]
        through = sum(isinstance(what, (Entered, Exited)) for what in facts)
        back = any(isinstance(what, PassageEnded) and what.outcome in ("backed_out", "wrong_way") for what in facts)
        stands = visit is not None and visit.id == before.id
        nobody = before.grant is None and before.loopless and not (through or back)
        passed += through
        assert (through, back, stands, nobody).count(True) + (through > 1) == 1

    lane.tick = counting
    play(lane, script)
    emptied(lane)
    assert passed == len(lane.of(Entered)) + len(lane.of(Exited))


@settings(max_examples=60)
@given(st.sampled_from(["entry", "exit"]), scripts.map(lambda s: [step for step in s if step[0] != "order"]))
def test_without_a_person_no_grant_is_given_to_an_empty_loop(direction, script):
    lane = Script(direction, Known(stays=(Row(PAID),)))
    seen, watch = [], lane.tick

    def checking() -> None:
        given_before, before = len(lane.grants), lane.lane.visit
        watch()
        if len(lane.grants) > given_before:
            seen.append(before is not None and (before.clear_since is None or lane.now - before.clear_since <= 1.02))

    lane.tick = checking
    play(lane, script)
    assert all(seen)


@settings(max_examples=60)
@given(scripts)
def test_no_stay_is_opened_twice_by_one_grant(script):
    lane = Script("entry")
    play(lane, script)
    emptied(lane)
    sessions = [fact.session for r in lane.records for fact in r.facts if isinstance(fact.what, Entered)]
    assert len(sessions) == len(set(sessions))
    assert {grant.session for grant in lane.grants}.issuperset(
        fact.session
        for r in lane.records
        for fact in r.facts
        if isinstance(fact.what, Entered) and fact.what.how not in (EntryHow.TAILGATED, EntryHow.OPERATOR)
    )


@settings(max_examples=60)
@given(st.sampled_from(["entry", "exit"]), scripts)
def test_a_waiting_vehicle_can_always_be_let_through_by_a_person(direction, script):
    lane = Script(direction, Known(stays=(Row(stay()),)))
    play(lane, script)
    emptied(lane)
    lane.hear(Ordered(COMMAND, "release", "anita"))
    lane.arrive()
    lane.run(40.0)
    assert lane.lane.visit is not None
    lane.hear(Ordered(COMMAND, "open", "anita"))
    assert lane.lane.visit.stage is Stage.OPEN and lane.wish.grant


@settings(max_examples=60)
@given(calm)
def test_the_boom_is_never_wished_down_while_a_vehicle_is_let_through(script):
    lane = Script("entry")
    watch = lane.tick

    def checking() -> None:
        watch()
        assert not (lane.wish.close and (lane.wish.grant or lane.wish.hold or lane.lane.crossing is not None))

    lane.tick = checking
    play(lane, script)


def test_a_script_can_be_cut_anywhere_and_the_lane_is_plain_data():
    lane = Script("entry")
    lane.arrive()
    copy = replace(lane.lane)
    lane.read(CAR)
    assert copy.visit.stage is Stage.WATCHING
