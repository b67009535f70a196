"""Whatever people correct and take back on whatever stays: the books balance, nobody is here twice, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from central.actions import disputes, stay_joins, undoing
from central.actions import stay_fixes as fixes
from central.actions.errors import Refused
from central.actions.records import as_rule
from central.rules import corrections as rules
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Due
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.conftest import emptied
from tests.central.corrections.desk import REASON, SUPERVISOR, corrections, everything, sound, told_newer, versions
from tests.central.visits import back_away, enter, leave, request

PLATES = ("DL1CAB1234", "DL1CAB1Z34", "MH12DE5678")
HAPPENS = ("enter", "request", "back_away", "pay", "leave", "leave_owing")
CORRECTED = (
    "plate", "class", "gone", "left", "reopen", "void", "lost", "dispute", "stands", "dropped",
    "entry", "new_entry", "merge", "split_exit", "split_visit",
)  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(HAPPENS + CORRECTED * 2 + ("undo",) * 4), st.integers(0, 9), st.integers(0, 9)),
    min_size=4,
    max_size=14,
)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('corrected')}/central.db")
    migrations.upgrade(db.engine)
    yield db
    db.close()


def happen(park: CarPark, what: str, which: int, at: float) -> None:
    """What gates and drivers do."""
    text = PLATES[which % len(PLATES)]
    match what:
        case "enter":
            enter(park, at, text)
        case "request":
            request(park, at, text)
        case "back_away":
            waiting = [stay for stay in park.stays() if as_rule(stay).waiting and stay.exit_request]
            if waiting:
                back_away(park, at, waiting[which % len(waiting)].exit_request)
        case "pay":
            with park.db.read() as session:
                asked = [due.id for due in session.query(Due).filter(Due.state == "quoted").order_by(Due.id)]
            if asked:
                park.pay(asked[which % len(asked)], minutes(at))
        case "leave" | "leave_owing":
            leave(park, at, text, how=ExitHow.PERMIT if what == "leave" else ExitHow.OPEN_AND_BILL)


def by_supervisor(at: float) -> dict:
    return {"who": SUPERVISOR, "reason": REASON, "now": minutes(at)}


def correction(session, what: str, stay: str, other: str, which: int, at: float) -> None:
    """What a supervisor does to a stay; Refused where it can't be."""
    told, past = by_supervisor(at), minutes(at * which / 10)
    match what:
        case "plate":
            fixes.plate(session, stay, PLATES[which % len(PLATES)], **told)
        case "class":
            fixes.vehicle_class(session, stay, ("bike", "van", "car")[which % 3], **told)
        case "gone":
            fixes.gone(session, stay, **told)
        case "left":
            fixes.leave(session, stay, past, **told)
        case "reopen":
            fixes.reopen(session, stay, **told)
        case "void":
            fixes.strike_out(session, stay, **told)
        case "lost":
            fixes.lost_ticket(session, stay, **told)
        case "dispute":
            disputes.dispute(session, stay, **told)
        case "stands" | "dropped":
            disputes.resolve(session, stay, owed=what == "stands", **told)
        case "entry":
            fixes.enter_unmatched(session, stay, past, **told)
        case "new_entry":
            fixes.enter(session, SITE, PLATES[which % len(PLATES)], "car", past, **told)
        case "merge":
            stay_joins.merge(session, stay, other, **told)
        case "split_exit":
            stay_joins.split_exit(session, stay, PLATES[which % len(PLATES)], **told)
        case "split_visit":
            stay_joins.split_visit(session, stay, past, **told)


def nobody_is_here_twice(park: CarPark) -> None:
    stays = [as_rule(stay) for stay in park.stays() if stay.status != "void" and stay.plate]
    for one, other in combinations(stays, 2):
        assert one.plate != other.plate or rules.clash(one, [other]) is None, (one, other)


def at_most_one_price_is_asked(park: CarPark) -> None:
    for stay in park.stays():
        assert len([due for due in park.dues(stay.id) if due.state in ("open", "quoted")]) <= 1


def try_to(park: CarPark, act) -> bool:
    """True where it was done; where it was refused, nothing has changed."""
    before, told = everything(park), versions(park)
    try:
        with park.db.begin() as session:
            act(session)
    except Refused:
        assert everything(park) == before
        return False
    after, now_told = everything(park), versions(park)
    for stay_id in told:
        if after[stay_id] != before[stay_id]:
            assert now_told[stay_id] > told[stay_id], stay_id
    told_newer(park, told)
    return True


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_any_corrections_and_their_undoing_keep_the_books_and_the_car_park_true(database, tmp_path_factory, steps):
    park = CarPark(emptied(database), Settings(data_dir=tmp_path_factory.getbasetemp()))
    for at, (what, which, pick) in enumerate([("enter", 0, 0), ("enter", 2, 0), *steps], 1):
        at *= 25
        if what in HAPPENS:
            happen(park, what, which, at)
            sound(park)
            continue
        stays = sorted(stay.id for stay in park.stays())
        stay, other = stays[pick % len(stays)], stays[which % len(stays)]
        if what == "undo":
            done = corrections(park)
            if done:
                try_to(park, partial(undoing.undo, correction_id=done[-1 - pick % len(done)].id, **by_supervisor(at)))
        else:
            there_and_back(park, what, stay, other, which, at)
        sound(park)
        nobody_is_here_twice(park)
        at_most_one_price_is_asked(park)


def there_and_back(park: CarPark, what: str, stay: str, other: str, which: int, at: float) -> None:
    """Done, undone exactly, and done again."""
    before = everything(park)
    act = partial(correction, what=what, stay=stay, other=other, which=which, at=at)
    if not try_to(park, act):
        return
    sound(park)
    assert try_to(park, partial(undoing.undo, correction_id=corrections(park)[-1].id, **by_supervisor(at)))
    after = everything(park)
    assert {key: row for key, row in after.items() if key in before} == before
    made = [row for key, row in after.items() if key not in before]
    assert all(row.get("status") == "void" or row.get("state") == "waived" for row in made)
    assert try_to(park, act)
