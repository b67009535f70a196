"""Whatever people correct and take back on members' stays: the books and the firm's account stay true."""

from __future__ import annotations

from functools import partial

from hypothesis import HealthCheck, Phase, given, settings

from central.actions import corporate_invoices, undoing
from central.settings import Settings
from tests.central.car_park import CarPark
from tests.central.conftest import emptied
from tests.central.corporate.firms import NEXT_MONTH, firm, sound
from tests.central.corrections.desk import corrections
from tests.central.corrections.test_any_corrections import (
    HAPPENS,
    PLATES,
    by_supervisor,
    happen,
    steps,
    there_and_back,
    try_to,
)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_any_corrections_of_members_stays_keep_books_and_accounts_true(sqlite, tmp_path_factory, steps):
    park = CarPark(emptied(sqlite), Settings(data_dir=tmp_path_factory.getbasetemp()))
    # the second plate is like the first, and nobody's
    acme = firm(park, PLATES[0], PLATES[2], limit=2_000_00)
    for at, (what, which, pick) in enumerate([("enter", 0, 0), ("enter", 2, 0), *steps], 1):
        at *= 25
        if what in HAPPENS:
            happen(park, what, which, at)
        elif what == "undo":
            done = corrections(park)
            if done:
                try_to(park, partial(undoing.undo, correction_id=done[-1 - pick % len(done)].id, **by_supervisor(at)))
        else:
            stays = sorted(stay.id for stay in park.stays())
            there_and_back(park, what, stays[pick % len(stays)], stays[which % len(stays)], which, at)
        sound(park)
        if at == 150:
            with park.db.begin() as session:
                corporate_invoices.make_due(session, acme, NEXT_MONTH)
            sound(park)
