"""A database from before the books is brought into them, once."""

from __future__ import annotations

from central.actions.ledger_catch_up import catch_up
from edge.protocol.messages import ExitHow
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.ledger.unguarded import forget_books
from tests.central.visits import enter, leave, request


def test_what_happened_before_the_books_is_booked_once(park: CarPark):
    psp = Psp()
    for number, payments in enumerate((["p1"], ["p2", "p3"], [])):
        text = f"DL1CA{number:04}"
        stay_id, _ = enter(park, 0, text)
        request(park, 45, text, stay_id)
        reference = psp.begin(park.db, park.dues(stay_id)[0].id, minutes(45))
        for payment in payments:
            psp.hear(park.db, psp.event(reference, "captured", minutes(46), payment=payment), minutes(46))
        leave(park, 47, text, stay_id, how=ExitHow.OPEN_AND_BILL)
    psp.give_back(park.db, minutes(50))
    before = balances(park.db)
    assert before["psp_clearing"] == 340 and before["receivable"] == 170
    with park.db.begin() as session:
        forget_books(session)
    with park.db.begin() as session:
        assert catch_up(session, SITE, minutes(60)) == 5
    assert balances(park.db) == before
    with park.db.begin() as session:
        assert catch_up(session, SITE, minutes(70)) == 0
