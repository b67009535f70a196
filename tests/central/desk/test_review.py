"""The review queue: what is in it, and decisions about it, taken back and taken twice."""

from __future__ import annotations

import pytest

from central.actions import review, undoing
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.store.reads import review as reads
from central.store.reads.review import What
from edge.protocol.ids import uuid7
from edge.protocol.messages import Entered, ExitRequested, PlateSeen
from tests.central.car_park import CarPark, minutes, plate
from tests.central.corrections.desk import ATTENDANT, REASON, SUPERVISOR, sound

RAVI, ASHA = SUPERVISOR, ATTENDANT


def enter(park: CarPark, text: str | None, at: float, confidence: float = 0.98, **more) -> str:
    stay = uuid7(int(minutes(at).timestamp() * 1000))
    seen = PlateSeen(text=text, raw=text, confidence=confidence) if text else None
    park.hear(park.entry.report(Entered(plate=seen, ticket=park.entry.new_ticket(), **more), minutes(at), stay))
    return stay


def ask_to_leave(park: CarPark, text: str | None, at: float) -> str:
    """An exit that no entry fits; the id of the stay made for it."""
    asked = uuid7(int(minutes(at).timestamp() * 1000))
    park.hear(park.exit.report(ExitRequested(request=asked, plate=plate(text) if text else None), minutes(at)))
    return asked


def decide(park: CarPark, act, *args, who: Who = RAVI, **more):
    with park.db.begin() as session:
        found = act(session, *args, who=who, reason=REASON, now=minutes(60), **more)
    sound(park)
    return found


def queue(park: CarPark, *kinds: What, after: str = "") -> reads.ReviewPage:
    with park.db.read() as session:
        return reads.queue(session, kinds or list(What), after=after)


def test_an_unread_a_doubtful_and_an_unmatched_plate_wait_the_oldest_first(park):
    enter(park, "MH12AB1234", 0)
    unread, doubtful = enter(park, None, 1), enter(park, "MH12AB1235", 2, 0.7)
    strange = ask_to_leave(park, "KA01ZZ1111", 10)
    items = queue(park).items
    assert [item.stay.id for item in items] == [unread, doubtful, strange]
    assert [item.stay.review for item in items] == [
        "plate not read at the entry", "plate read with 70% only", "an exit that no entry fits",
    ]  # fmt: skip


def test_an_exit_is_shown_with_the_stays_it_may_be_of_and_they_with_it(park):
    likely, unread = enter(park, "DL1CAB1234", 0), enter(park, None, 1)
    enter(park, "MH12XY9876", 2)
    strange = ask_to_leave(park, "OL1CA81234", 10)
    enter(park, "OL1CA81234", 11)  # came later: it can't have been that one
    found = {item.stay.id: item for item in queue(park).items}
    assert [other.id for _candidate, other in found[strange].candidates] == [likely, unread]
    assert [other.id for _candidate, other in found[unread].candidates] == [strange]


def test_pages_follow_one_another_without_a_gap_across_kinds(park, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 2)
    for at in range(3):
        enter(park, None, at)
        for number in range(2):  # two messages of one moment
            park.hear((f"parking/v1/delhi/entry-1/x{at}{number}", b"?"), now=minutes(at))
    seen, after, pages = [], "", 0
    while after is not None:
        page = queue(park, after=after)
        seen += [item.key for item in page.items]
        after, pages = page.later, pages + 1
    assert len(seen) == len(set(seen)) == 9 and seen == sorted(seen) and pages == 5


def test_what_waits_is_counted_by_kind(park):
    enter(park, None, 0)
    park.hear(("parking/v1/delhi/entry-1/x", b"?"), now=minutes(1))
    with park.db.read() as session:
        assert reads.waiting(session, list(What)) == {
            What.STAY: 1, What.CLAIM: 0, What.MONEY: 0, What.MESSAGE: 1,
        }  # fmt: skip


def test_what_is_right_as_it_is_waits_no_more_and_can_be_asked_again(park):
    stay = enter(park, "MH12AB1234", 0, how="tailgated")
    decide(park, review.let_be, stay, "entered tailgated", who=ASHA)
    assert park.stay(stay).review is None and not queue(park).items
    with park.db.begin() as session:
        review.look_again(session, stay, ASHA, minutes(61))
    assert park.stay(stay).review == "entered tailgated"
    with park.db.begin() as session, pytest.raises(Refused, match="taken back already"):
        review.look_again(session, stay, ASHA, minutes(62))


def test_the_second_of_two_is_told_who_was_first(park):
    stay = enter(park, "MH12AB1234", 0, how="tailgated")
    decide(park, review.let_be, stay, "entered tailgated", who=ASHA)
    for act, more in ((review.let_be, ()), (review.right_plate, ("MH12AB1235",)), (review.same_visit, (uuid7(),))):
        with pytest.raises(Refused, match=r"in the meantime: looked at, by asha@example\.org"):
            decide(park, act, stay, *more, "entered tailgated")
    assert park.stay(stay).plate == "MH12AB1234"


def test_what_was_added_since_is_not_decided_unseen(park):
    stay = enter(park, None, 0, how="tailgated")
    with pytest.raises(Refused, match="more to look at since you saw it: plate not read at the entry; entered"):
        decide(park, review.let_be, stay, "plate not read at the entry")
    assert park.stay(stay).review


def test_the_right_plate_is_a_correction_that_can_be_undone(park):
    stay = enter(park, "MH12AB1234", 0, 0.6)
    made = decide(park, review.right_plate, stay, "mh 12 ab 7234", "plate read with 60% only", who=ASHA)
    assert (park.stay(stay).plate, park.stay(stay).review) == ("MH12AB7234", None)
    decide(park, undoing.undo, made.id, who=ASHA)
    assert park.stay(stay).plate == "MH12AB1234"


def test_a_plate_that_was_read_rightly_is_let_be(park):
    stay = enter(park, "MH12AB1234", 0, 0.6)
    assert decide(park, review.right_plate, stay, "MH12AB1234", "plate read with 60% only") is None
    assert park.stay(stay).review is None


@pytest.mark.parametrize("looked_at", ["entry", "exit"])
def test_two_stays_that_were_one_keep_the_plate_that_was_read(park, looked_at):
    unread = enter(park, None, 0)
    strange = ask_to_leave(park, "MH12AB1234", 30)
    seen, other = (unread, strange) if looked_at == "entry" else (strange, unread)
    made = decide(park, review.same_visit, seen, other, park.stay(seen).review)
    kept = park.stay(made.stay_id)
    assert (kept.plate, kept.status, kept.entered_at) == ("MH12AB1234", "quoted", minutes(0))
    assert park.dues(kept.id)[0].amount_paise == 12000 and not queue(park).items
    decide(park, undoing.undo, made.id)
    assert (park.stay(unread).plate, park.stay(strange).status) == (None, "unmatched")


def test_an_attendant_may_not_merge(park):
    unread, strange = enter(park, None, 0), ask_to_leave(park, "MH12AB1234", 30)
    with pytest.raises(Refused, match="ask a supervisor"):
        decide(park, review.same_visit, unread, strange, park.stay(unread).review, who=ASHA)


def test_a_message_is_in_the_queue_in_the_order_of_time(park):
    park.hear(("parking/v1/delhi/entry-1/x", b"?"), now=minutes(5))
    first, last = enter(park, None, 4), enter(park, None, 6)
    keys = [item.stay.id if item.stay else item.message.topic for item in queue(park).items]
    assert keys == [first, "parking/v1/delhi/entry-1/x", last]
