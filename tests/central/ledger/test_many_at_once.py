"""Many captures of one due at the same moment: one is kept, the rest go back, and the books balance."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy import func, select

from central.payments import service
from central.store.schema import Attempt, Due, LedgerEntry, Receipt, Refund, StayEvent
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.visits import enter, request

MANY = 32


def test_of_32_captures_at_once_one_is_applied_and_all_others_go_back(park: CarPark):
    psp, (session_id, _) = Psp(), enter(park)
    request(park, 45)
    due_id = park.dues(session_id)[0].id
    references = []
    for _ in range(MANY):
        references.append(psp.begin(park.db, due_id, minutes(45)))
        declined = psp.event(references[-1], "failed", minutes(45), payment=f"declined_{references[-1]}")
        psp.hear(park.db, declined, minutes(45))
    events = [psp.event(reference, "captured", minutes(46), payment=f"pay_{reference}") for reference in references]
    ready, outcomes = threading.Barrier(MANY), []

    def hear(event) -> None:
        ready.wait(30)
        outcomes.append(psp.hear(park.db, event, minutes(46)))

    threads = [threading.Thread(target=hear, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["captured"] + ["duplicate"] * (MANY - 1)
    assert balances(park.db)["customer_credit"] == -170 * (MANY - 1)
    psp.give_back(park.db, minutes(47))
    assert len(psp.refunds) == MANY - 1
    assert balances(park.db) == {"psp_clearing": 170.0, "revenue": -144.06, "cgst": -12.97, "sgst": -12.97}
    with park.db.read() as session:

        def count(table, *where) -> int:
            return session.scalar(select(func.count()).select_from(table).where(*where))

        assert session.get_one(Due, due_id).state == "paid"
        assert count(Attempt, Attempt.applied) == count(Receipt) == 1
        assert count(StayEvent, StayEvent.kind == "paid") == 1, "the driver is told once"
        assert count(Refund, Refund.state == "done") == MANY - 1
        assert count(LedgerEntry, LedgerEntry.kind == "paid_by_upi") == 1


def test_one_capture_told_by_32_at_once_is_applied_once(park: CarPark):
    psp, (session_id, _) = Psp(), enter(park)
    request(park, 45)
    event = psp.event(psp.begin(park.db, park.dues(session_id)[0].id, minutes(45)), "captured", minutes(46))
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(psp.hear(park.db, event, minutes(46)))) for _ in range(MANY)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["captured"] + ["known already"] * (MANY - 1)
    assert balances(park.db)["psp_clearing"] == 170
    with park.db.begin() as session:
        assert service.apply_event(session, psp.name, event, minutes(46) + timedelta(days=1)) == "known already"
